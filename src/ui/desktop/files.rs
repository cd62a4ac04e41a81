//! Projects opened, saved and left; descriptions imported; files written for others.

use std::path::{Path, PathBuf};

use super::{Desktop, Messages};
use crate::app::{
    self, BookRequest, Failure, ImportOptions, ImportReport, Job, Opened, Outcome, PictureFormat, PictureRequest,
    TagRequest, Workspace, export_charts, plant_book, save_archive, save_project,
};
use crate::check::LibraryFacts;
use crate::drawing::palette;
use crate::export::Format;
use crate::export::book::Language;
use crate::model::Plan;
use crate::ui::action::{Action, Tone};
use crate::ui::dialogs::{PathDialog, Then, Unsaved};
use crate::ui::lang::{tr, trf};

/// What a file or folder is chosen for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Open a project.
    OpenProject,
    /// Save the project, and go on with something then.
    SaveProject(Option<Then>),
    /// Save the project as one file.
    SaveArchive,
    /// Read descriptions into the library.
    Import,
    /// Open a library beside the others.
    AddLibrary,
    /// Choose the file that says which programs load payloads.
    ChooseLoaders,
    /// Write tags in a format.
    ExportTags(Format),
    /// Write the plant book.
    ExportBook,
    /// Write the chart that is shown, as SVG or else as PNG.
    ExportChart {
        /// As SVG.
        svg: bool,
    },
    /// Write the configuration of each device into a folder.
    ExportConfigurations,
    /// Record the variable table.
    Record,
}

/// The formats of tags, with the names people know.
pub const TAG_FORMATS: [(Format, &str); 4] =
    [(Format::Csv, "CSV"), (Format::Json, "JSON"), (Format::Kepware, "Kepware CSV"), (Format::Symbols, "Symbols CSV")];

impl Purpose {
    /// Title of the dialog.
    pub fn title(&self) -> &str {
        match self {
            Self::OpenProject => tr("path.open_project"),
            Self::SaveProject(_) => tr("path.save_project"),
            Self::SaveArchive => tr("path.save_archive"),
            Self::Import => tr("path.import"),
            Self::AddLibrary => tr("path.add_library"),
            Self::ChooseLoaders => tr("path.choose_loaders"),
            Self::ExportTags(_) | Self::ExportBook | Self::ExportChart { .. } | Self::ExportConfigurations => {
                tr("path.export")
            }
            Self::Record => tr("path.record"),
        }
    }

    /// The word on the button.
    pub fn verb(&self) -> &str {
        match self {
            Self::OpenProject | Self::AddLibrary | Self::ChooseLoaders => tr("button.open"),
            Self::Import => tr("button.import"),
            _ => tr("button.save"),
        }
    }

    /// Whether something is written there.
    pub fn is_save(&self) -> bool {
        !matches!(self, Self::OpenProject | Self::AddLibrary | Self::ChooseLoaders | Self::Import)
    }

    /// Whether a folder is chosen, not a file.
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::AddLibrary)
    }

    /// Endings of the files it takes; empty takes any.
    pub fn endings(&self) -> &'static [&'static str] {
        match self {
            Self::OpenProject => &["toml", "plantz"],
            Self::SaveProject(_) => &["plant"],
            Self::ChooseLoaders => &["toml"],
            Self::SaveArchive => &["plantz"],
            Self::Import => &["xml", "pcd", "zip"],
            Self::AddLibrary | Self::ExportConfigurations => &[],
            Self::ExportTags(Format::Json) => &["json"],
            Self::ExportTags(_) | Self::Record => &["csv"],
            Self::ExportBook => &["pdf"],
            Self::ExportChart { svg: true } => &["svg"],
            Self::ExportChart { svg: false } => &["png"],
        }
    }

    /// Whether it takes what stands at a path.
    pub fn takes(&self, path: &Path) -> bool {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        match self {
            Self::OpenProject => {
                ending == "plantz" || path.join("plant.toml").is_file() || path.ends_with("plant.toml")
            }
            Self::AddLibrary => path.is_dir(),
            _ => self.endings().contains(&ending.as_str()),
        }
    }

    /// The name proposed for what is written.
    pub fn proposed(&self, plan: Option<&Plan>) -> String {
        let name = plan.map_or("project", |plan| plan.name().as_str());
        match self {
            Self::SaveProject(_) => format!("{name}.plant"),
            Self::SaveArchive => format!("{name}.plantz"),
            Self::ExportTags(_) => format!("{name}-tags.{}", self.endings()[0]),
            Self::ExportConfigurations => format!("{name}-configurations"),
            Self::Record => format!("{name}-values.csv"),
            Self::ExportBook | Self::ExportChart { .. } => format!("{name}.{}", self.endings()[0]),
            Self::OpenProject | Self::Import | Self::AddLibrary | Self::ChooseLoaders => String::new(),
        }
    }
}

/// A save that goes on.
pub(super) struct Saving {
    job: Job<()>,
    folder: PathBuf,
    plan: Plan,
    then: Option<Then>,
}

impl Desktop {
    /// Begins to read the libraries; the one of the program is put into the user's folder first.
    pub(super) fn read_libraries(&mut self) {
        let folders = self.settings.libraries.clone();
        let own = self.settings_folder.as_ref().map(|folder| folder.join("library"));
        self.running.library = Some(self.jobs.start_blocking(tr("job.library"), move |_| {
            let mut all: Vec<PathBuf> = Vec::new();
            if let Some(own) = own {
                if !own.is_dir() {
                    app::unpack_library(&own)?;
                }
                all.push(own);
            }
            // One that is not there any longer does not keep the others from being read.
            all.extend(folders.into_iter().filter(|folder| folder.is_dir()));
            app::open_libraries(&all.iter().map(PathBuf::as_path).collect::<Vec<_>>())
        }));
    }

    /// Takes the results of jobs that have ended.
    pub(super) fn take_finished(&mut self) {
        if let Some(result) = self.running.library.as_ref().and_then(Job::take) {
            self.running.library = None;
            match result {
                Ok(library) => self.library = library.into(),
                Err(failure) => self.messages.fail(&failure),
            }
            if let Some(workspace) = &mut self.workspace {
                workspace.set_library(self.library.facts());
            }
        }
        if let Some(result) = self.running.open.as_ref().and_then(Job::take) {
            self.running.open = None;
            match result {
                Ok(opened) => self.show_project(opened),
                Err(failure) => self.messages.fail(&failure),
            }
        }
        if let Some(result) = self.running.import.as_ref().and_then(Job::take) {
            self.running.import = None;
            match result {
                Ok(report) => {
                    tell_import(&mut self.messages, &report);
                    self.read_libraries();
                }
                Err(failure) => self.messages.fail(&failure),
            }
        }
        if let Some(result) = self.running.export.as_ref().and_then(Job::take) {
            self.running.export = None;
            match result {
                Ok(told) => self.messages.tell(Tone::Done, told),
                Err(failure) => self.messages.fail(&failure),
            }
        }
        self.take_saved();
    }

    fn take_saved(&mut self) {
        let Some(result) = self.running.save.as_ref().and_then(|saving| saving.job.take()) else { return };
        let Some(Saving { folder, plan, then, .. }) = self.running.save.take() else { return };
        match result {
            Ok(()) => {
                if let Some(workspace) = &mut self.workspace {
                    workspace.saved_in(folder.clone(), &plan);
                }
                self.saved_to_journal();
                self.settings.remember_project(&folder, plan.name());
                self.keep_settings();
                self.messages.tell(Tone::Done, trf("told.saved", &[&folder.display()]));
                if let Some(then) = then {
                    self.actions.push(Action::Leave(then));
                }
            }
            Err(failure) => self.messages.fail(&failure),
        }
    }

    /// Opens a project, once the present one may be left.
    pub(super) fn open(&mut self, path: PathBuf) {
        let path = if path.ends_with("plant.toml") { path.parent().map(Path::to_owned).unwrap_or(path) } else { path };
        self.leave_for(Then::Open(path));
    }

    /// Leaves the project for something else; asks first when there is work that is not saved.
    pub(super) fn leave_for(&mut self, then: Then) {
        match &self.workspace {
            Some(workspace) if workspace.is_modified() => {
                let name = workspace.plan().name().to_string();
                self.dialogs.open(Unsaved { name, then });
            }
            _ => self.leave(then),
        }
    }

    /// Goes on, whatever is not saved.
    pub(super) fn leave(&mut self, then: Then) {
        let facts = self.library.facts();
        match then {
            Then::Quit => self.may_quit = true,
            Then::Close => {
                self.go_offline();
                self.end_journal();
                self.workspace = None;
            }
            Then::Open(path) => self.begin_opening(move || Opened::open(&path, facts)),
            Then::OpenSample(name) => self.begin_opening(move || Opened::sample(name, facts)),
            Then::New => self.ask_new_project(),
        }
    }

    fn begin_opening(&mut self, open: impl FnOnce() -> Result<Opened, Failure> + Send + 'static) {
        self.running.open = Some(self.jobs.start_blocking(tr("job.open"), move |_| open()));
    }

    /// Begins an empty project of this name.
    pub(super) fn new_project(&mut self, name: &str) {
        self.show_project(Opened::new(None, Plan::new(name), LibraryFacts::default()));
        if let Some(workspace) = &mut self.workspace {
            workspace.set_library(self.library.facts());
        }
    }

    /// Saves where the project is, or asks where.
    pub(super) fn save(&mut self, then: Option<Then>) {
        match self.workspace.as_ref().and_then(Workspace::path) {
            Some(folder) => self.save_in(folder.to_owned(), then),
            None => self.pick(Purpose::SaveProject(then)),
        }
    }

    /// Saves as a project folder.
    pub(super) fn save_in(&mut self, folder: PathBuf, then: Option<Then>) {
        let Some(plan) = self.plan().cloned() else { return };
        let folder = with_ending(folder, "plant");
        let (to_save, target) = (plan.clone(), folder.clone());
        let job = self.jobs.start_blocking(tr("job.save"), move |_| save_project(&to_save, &target));
        self.running.save = Some(Saving { job, folder, plan, then });
    }

    /// Reads descriptions into the user's library.
    pub(super) fn import(&mut self, files: Vec<PathBuf>) {
        let Some(folder) = self.settings_folder.as_ref().map(|folder| folder.join("library")) else { return };
        self.running.import = Some(self.jobs.start_blocking(tr("job.import"), move |job| {
            app::import(&files, &folder, &ImportOptions::default(), &job.cancelled())
        }));
    }

    /// Files that were dropped onto the window: a project is opened, anything else is imported.
    pub(super) fn take_dropped(&mut self, paths: Vec<PathBuf>) {
        if let [path] = paths.as_slice()
            && Purpose::OpenProject.takes(path)
        {
            return self.actions.push(Action::Open(path.clone()));
        }
        self.actions.push(Action::Import(paths));
    }

    /// Does what a file or folder was chosen for.
    pub(super) fn picked(&mut self, purpose: Purpose, paths: Vec<PathBuf>) {
        if let Purpose::Import = purpose {
            return self.import(paths);
        }
        let Some(path) = paths.into_iter().next() else { return };
        match purpose.clone() {
            Purpose::OpenProject => self.open(path),
            Purpose::SaveProject(then) => self.save_in(path, then),
            Purpose::SaveArchive => {
                self.write(with_ending(path, "plantz"), save_archive);
            }
            Purpose::ExportTags(format) => {
                let lang = self.language().code();
                self.write(path, move |plan, file| {
                    let request = TagRequest { lang, ..TagRequest::of(format) };
                    app::export_tags(plan, &request, Some(file)).map(drop)
                });
            }
            Purpose::AddLibrary => {
                let mut settings = self.settings.clone();
                if !settings.libraries.contains(&path) {
                    settings.libraries.push(path);
                    self.actions.push(Action::SetSettings(Box::new(settings)));
                }
            }
            Purpose::ChooseLoaders => {
                let mut settings = self.settings.clone();
                settings.loaders = Some(path);
                self.actions.push(Action::SetSettings(Box::new(settings)));
            }
            Purpose::ExportBook => self.export_book(with_ending(path, "pdf")),
            Purpose::ExportChart { svg } => self.export_chart(with_ending(path, purpose.endings()[0]), svg),
            Purpose::ExportConfigurations => {
                let project = self.workspace.as_ref().and_then(Workspace::path).map(Path::to_owned);
                self.write(path, move |plan, folder| {
                    let downloaded = project.as_deref().map(app::read_downloaded).unwrap_or_default();
                    let (_, report) = app::generate_all(plan, &downloaded, Some(folder))?;
                    report.all_written()
                });
            }
            Purpose::Record => self.record(&with_ending(path, "csv")),
            Purpose::Import => {}
        }
    }

    /// Writes the plant book. It bears no date, so the same plan gives the same file.
    fn export_book(&mut self, file: PathBuf) {
        let Some(plan) = self.plan().cloned() else { return };
        let request = BookRequest { language: Language::from_tag(self.language().code()), date: None };
        let told = trf("told.written", &[&file.display()]);
        self.running.export = Some(self.jobs.start_blocking(tr("job.book"), move |job| {
            let stop = job.cancelled();
            let watch = |part: f32| {
                job.progress((part * 1000.0) as usize, 1000);
                !stop.is_cancelled()
            };
            plant_book(&plan, &request, &watch, Some(&file)).map(|_| told)
        }));
    }

    /// Writes a picture of the chart that is shown, in the colours of the screen.
    fn export_chart(&mut self, file: PathBuf, svg: bool) {
        let Some(plan) = self.plan() else { return };
        let chart = plan.chart_path(self.views.link_editor.chart()).join("/");
        let theme = if self.theme.dark { palette::Theme::Dark } else { palette::Theme::Light };
        let language = Language::from_tag(self.language().code());
        let format = if svg { PictureFormat::Svg } else { PictureFormat::Png { scale: 2.0 } };
        self.write(file, move |plan, file| {
            export_charts(plan, &PictureRequest { chart: Some(&chart), format, theme, language }, file).map(drop)
        });
    }

    /// Writes a file made from the plan, as a job.
    pub(super) fn write(
        &mut self,
        file: PathBuf,
        write: impl FnOnce(&Plan, &Path) -> Result<(), Failure> + Send + 'static,
    ) {
        let Some(plan) = self.plan().cloned() else { return };
        let told = trf("told.written", &[&file.display()]);
        self.running.export =
            Some(self.jobs.start_blocking(tr("job.export"), move |_| write(&plan, &file).map(|()| told)));
    }

    /// Lets the user choose: with the system's dialog, or inside the window where there is none.
    pub(super) fn pick(&mut self, purpose: Purpose) {
        let folder = self.start_folder();
        let proposed = purpose.proposed(self.plan());
        self.picker.open(purpose, folder, proposed);
    }

    /// Lets the user choose inside the window.
    pub(super) fn open_path_dialog(&mut self, purpose: Purpose) {
        let proposed = purpose.proposed(self.plan());
        self.dialogs.open(PathDialog::new(purpose, &self.start_folder(), &proposed));
    }

    /// Where choosing begins: beside the project, or at home.
    fn start_folder(&self) -> PathBuf {
        let beside = self.workspace.as_ref().and_then(Workspace::path).and_then(Path::parent).map(Path::to_owned);
        beside
            .or_else(|| directories::UserDirs::new().map(|dirs| dirs.home_dir().to_owned()))
            .or_else(|| std::env::current_dir().ok())
            .unwrap_or_default()
    }

    /// Asks before the window is closed with work that is not saved.
    pub(super) fn guard_closing(&mut self, ctx: &egui::Context) {
        if ctx.input(|input| input.viewport().close_requested()) && !self.may_quit {
            if self.workspace.as_ref().is_some_and(Workspace::is_modified) {
                ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
                if !self.dialogs.is_open() {
                    self.leave_for(Then::Quit);
                }
            } else {
                self.may_quit = true;
            }
        }
        if self.may_quit {
            self.keep_window(ctx);
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }
}

/// A path with this ending, where it has another or none.
fn with_ending(path: PathBuf, ending: &str) -> PathBuf {
    if path.extension().is_some_and(|own| own == ending) {
        return path;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{ending}"));
    path.with_file_name(name)
}

fn tell_import(messages: &mut Messages, report: &ImportReport) {
    let mut n_taken = 0;
    for file in &report.files {
        match (&file.failure, file.outcome) {
            (Some(failure), _) => messages.fail(failure),
            (None, Outcome::Skipped) => {}
            (None, _) => n_taken += 1,
        }
    }
    if n_taken > 0 {
        messages.tell(Tone::Done, trf("told.imported", &[&n_taken]));
    }
}
