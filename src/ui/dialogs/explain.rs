//! The page of a rule, beside the plan it is about.

use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use super::{Dialog, DialogScope, Fate};
use crate::check;
use crate::ui::lang::{said_text, tr};

/// What `plantweave explain CODE` prints.
pub struct Explain {
    code: &'static str,
    cache: CommonMarkCache,
}

impl Explain {
    /// The page of this rule.
    pub fn new(code: &'static str) -> Self {
        Self { code, cache: CommonMarkCache::default() }
    }
}

impl Dialog for Explain {
    fn title(&self) -> String {
        match check::find(self.code) {
            Some(rule) => format!("{} · {}", self.code, said_text(rule.title())),
            None => self.code.to_owned(),
        }
    }

    fn width(&self) -> f32 {
        640.0
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut DialogScope<'_>) -> Fate {
        let page = check::find(self.code).map(|rule| rule.page()).unwrap_or_default();
        // The title stands above already.
        let body = page.split_once('\n').map_or("", |(_, body)| body);
        let height = ui.ctx().content_rect().height() - 180.0;
        egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
            CommonMarkViewer::new().show(ui, &mut self.cache, body);
        });
        ui.add_space(8.0);
        if ui.button(tr("button.close")).clicked() { Fate::Closed } else { Fate::Open }
    }
}
