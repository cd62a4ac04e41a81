//! Choosing files and folders inside the window, for systems without a dialog of their own.

use std::path::{Path, PathBuf};

use super::{Dialog, DialogScope, Fate, buttons};
use crate::ui::action::Action;
use crate::ui::desktop::Purpose;
use crate::ui::icon::{Icon, icon};
use crate::ui::lang::tr;
use crate::ui::theme::SMALL;

/// Entries shown of a folder; more are reached by typing.
const MOST_ENTRIES: usize = 400;

/// A field for the path, and what stands in its folder.
pub struct PathDialog {
    purpose: Purpose,
    text: String,
    /// The folder that was listed, and what is in it: folders first.
    listed: Option<(PathBuf, Vec<(String, bool)>)>,
    is_new: bool,
}

impl PathDialog {
    /// Begins in the folder given, with the name the purpose proposes.
    pub fn new(purpose: Purpose, folder: &Path, proposed: &str) -> Self {
        Self { purpose, text: folder.join(proposed).display().to_string(), listed: None, is_new: true }
    }

    fn folder(&self) -> PathBuf {
        let path = Path::new(&self.text);
        if self.text.ends_with(std::path::MAIN_SEPARATOR) || (path.is_dir() && !self.purpose.takes(path)) {
            return path.to_owned();
        }
        path.parent().map(Path::to_owned).unwrap_or_default()
    }

    fn list(&mut self) {
        let folder = self.folder();
        if self.listed.as_ref().is_some_and(|(listed, _)| *listed == folder) {
            return;
        }
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.path().is_dir();
            if !name.starts_with('.') && (is_folder || self.purpose.takes(&entry.path())) {
                entries.push((name, is_folder));
            }
        }
        entries.sort_by(|one, other| (!one.1, &one.0).cmp(&(!other.1, &other.0)));
        entries.truncate(MOST_ENTRIES);
        self.listed = Some((folder, entries));
    }
}

impl Dialog for PathDialog {
    fn title(&self) -> String {
        self.purpose.title().to_owned()
    }

    fn width(&self) -> f32 {
        560.0
    }

    fn ui(&mut self, ui: &mut egui::Ui, scope: &mut DialogScope<'_>) -> Fate {
        let label = ui.label(tr("path.label"));
        let field =
            ui.add(egui::TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY)).labelled_by(label.id);
        if std::mem::take(&mut self.is_new) {
            field.request_focus();
        }
        self.list();
        let mut entered = None;
        if let Some((folder, entries)) = &self.listed {
            ui.add_space(4.0);
            egui::ScrollArea::vertical().max_height(280.0).min_scrolled_height(160.0).show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                if let Some(parent) = folder.parent()
                    && entry(ui, "..", true)
                {
                    entered = Some(parent.join(""));
                }
                for (name, is_folder) in entries {
                    if entry(ui, name, *is_folder) {
                        let path = folder.join(name);
                        entered = Some(if *is_folder && !self.purpose.takes(&path) { path.join("") } else { path });
                    }
                }
            });
        }
        if let Some(path) = entered {
            self.text = path.display().to_string();
        }
        let path = PathBuf::from(self.text.trim());
        if self.purpose.is_save() && path.exists() && !path.is_dir() {
            ui.label(egui::RichText::new(tr("path.replaces")).color(scope.theme.warning).size(SMALL));
        }
        let fits = !self.text.trim().is_empty() && (self.purpose.is_save() || path.exists());
        match buttons(ui, self.purpose.verb(), fits) {
            Some(Fate::Open) => {
                scope.actions.push(Action::Picked(self.purpose.clone(), vec![path]));
                Fate::Closed
            }
            Some(Fate::Closed) => Fate::Closed,
            None => Fate::Open,
        }
    }
}

fn entry(ui: &mut egui::Ui, name: &str, is_folder: bool) -> bool {
    ui.horizontal(|ui| {
        ui.label(icon(if is_folder { Icon::Folder } else { Icon::File }, 13.0));
        ui.add(egui::Button::new(name).frame(false)).clicked()
    })
    .inner
}
