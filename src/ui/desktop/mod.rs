//! The application: what it holds, and the order of a frame.
//!
//! In `logic` finished jobs are taken, keys become commands, and what views asked for is done; in `ui` everything is shown. So what
//! a view asks for takes effect in the next frame, and no view changes anything.

mod autosave;
mod command;
mod files;
mod messages;
mod network;
mod online;
mod perform;
mod settings;

use std::path::PathBuf;
use std::sync::Arc;

use egui_tiles::Tree;

pub use autosave::Decision;
pub use files::{Purpose, TAG_FORMATS};
pub use messages::{Message, Messages};
pub use online::{Online, step_text};

use self::autosave::Autosave;
use self::online::Session;
use super::action::{Action, Actions, Scope};
use super::dialogs::{DialogScope, Dialogs, Transfer};
use super::lang::{self, Lang};
use super::pane::{self, Pane};
use super::shell::{self, Palette, Picker};
use super::theme::{self, Theme};
use super::views::{Views, welcome};
use crate::app::{
    Documents, Failure, Item, Job, Jobs, Library, Opened, Situation, UserSettings, Workspace, settings_folder,
};
use crate::model::{Plan, Touched};

/// What the app begins with.
pub struct Start {
    /// Project to open at once.
    pub project: Option<PathBuf>,
    /// What is remembered of the user.
    pub settings: UserSettings,
    /// Folder of the settings; nothing is remembered without.
    pub folder: Option<PathBuf>,
    /// Folder of the journals, where it is not that of the system.
    pub journals: Option<PathBuf>,
    /// Files are chosen inside the window, not with the system's dialog.
    pub chooses_inside: bool,
    /// Something the user should know about that.
    pub told: Option<Failure>,
}

impl Start {
    /// With the settings of the user.
    pub fn of_user(project: Option<PathBuf>) -> Self {
        let (settings, folder, told) = match settings_folder() {
            Ok(folder) => {
                let (settings, told) = UserSettings::read(&folder);
                (settings, Some(folder), told)
            }
            Err(failure) => (UserSettings::default(), None, Some(failure)),
        };
        Self { project, settings, folder, journals: None, chooses_inside: shell::chooses_inside(), told }
    }
}

/// The application.
pub struct Desktop {
    jobs: Jobs,
    settings: UserSettings,
    settings_folder: Option<PathBuf>,
    theme: Theme,
    workspace: Option<Workspace>,
    library: Arc<Library>,
    tree: Tree<Pane>,
    views: Views,
    actions: Actions,
    /// What the pointer was over in the frame before, and what it is over in this one.
    hovered: Option<Item>,
    hovering: Option<Item>,
    dialogs: Dialogs,
    palette: Option<Palette>,
    picker: Picker,
    messages: Messages,
    running: Running,
    /// Documents of components that were opened.
    documents: Documents,
    autosave: Autosave,
    session: Session,
    /// The window may be closed without asking.
    may_quit: bool,
    title: String,
}

/// Jobs whose result the app waits for.
#[derive(Default)]
struct Running {
    open: Option<Job<Opened>>,
    library: Option<Job<Library>>,
    import: Option<Job<crate::app::ImportReport>>,
    save: Option<files::Saving>,
    export: Option<Job<String>>,
}

impl Desktop {
    /// Makes the app in a context of egui; begins to read the libraries and the project.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn new(ctx: &egui::Context, start: Start) -> Result<Self, Failure> {
        theme::install_fonts(ctx);
        // Closing is asked for like any other command, so that unsaved work is kept.
        ctx.options_mut(|options| options.quit_shortcuts.clear());
        let waker = ctx.clone();
        let jobs = Jobs::new(Arc::new(move || waker.request_repaint()))?;
        let tree = settings::layout_of(&start.settings).unwrap_or_else(pane::default_layout);
        let mut desktop = Self {
            jobs,
            theme: Theme::new(false),
            workspace: None,
            library: Arc::default(),
            tree,
            views: Views::default(),
            actions: Actions::default(),
            hovered: None,
            hovering: None,
            dialogs: Dialogs::default(),
            palette: None,
            picker: Picker::new(start.chooses_inside),
            messages: Messages::default(),
            running: Running::default(),
            documents: Documents::default(),
            autosave: Autosave::default(),
            session: Session::default(),
            may_quit: false,
            title: String::new(),
            settings: start.settings,
            settings_folder: start.folder,
        };
        desktop.apply_settings(ctx);
        if let Some(failure) = start.told {
            desktop.messages.fail(&failure);
        }
        desktop.read_libraries();
        desktop.begin_autosave(start.journals);
        if let Some(project) = start.project {
            desktop.actions.push(Action::Open(project));
        }
        Ok(desktop)
    }

    /// The project that is open.
    pub fn workspace(&self) -> Option<&Workspace> {
        self.workspace.as_ref()
    }

    /// What was told so far, the latest last.
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// Whether work goes on in the background.
    pub fn is_busy(&self) -> bool {
        self.jobs.n_running() > 0
    }

    /// Opens a plan that is saved nowhere.
    pub fn open_plan(&mut self, plan: Plan) {
        let facts = self.library.facts();
        self.show_project(Opened::new(None, plan, facts));
    }

    /// Whether all wires of the chart have their paths.
    pub fn is_settled(&self) -> bool {
        self.views.link_editor.is_settled()
    }

    /// Where, on the screen, the head of the block is that stands nearest to a place of it.
    pub fn block_near(&self, at: egui::Pos2) -> Option<egui::Pos2> {
        self.views.link_editor.block_near(at)
    }

    /// What commands ask for.
    fn situation(&self) -> Situation {
        match &self.workspace {
            Some(workspace) => {
                let below_top = self.views.link_editor.chart() != crate::model::ROOT_CHART;
                Situation { below_top, online: self.live().is_some(), ..workspace.situation() }
            }
            None => Situation::default(),
        }
    }

    /// Shows a project that was opened, and keeps it from being lost.
    fn show_project(&mut self, opened: Opened) {
        self.take_over(opened);
        self.begin_journal(None);
    }

    fn take_over(&mut self, opened: Opened) {
        self.go_offline();
        let mut workspace = Workspace::new(opened);
        if let Some(before) = &mut self.workspace {
            workspace.take_clipboard(before);
        }
        if let Some(path) = workspace.path() {
            self.settings.remember_project(path, workspace.plan().name());
            self.keep_settings();
        }
        self.views.opened(workspace.plan());
        self.workspace = Some(workspace);
        self.hovered = None;
    }

    /// Everything that shows the plan follows it.
    fn follow(&mut self, touched: &Touched) {
        if let Some(workspace) = &self.workspace {
            self.views.changed(workspace.plan(), touched);
        }
        self.note_in_journal();
        self.follow_online();
    }

    /// The plan, if a project is open.
    fn plan(&self) -> Option<&Plan> {
        self.workspace.as_ref().map(Workspace::plan)
    }

    /// What happens before anything is shown.
    fn prepare(&mut self, ctx: &egui::Context) {
        self.take_finished();
        self.take_left_over();
        self.take_online();
        self.watch_shown();
        if let Some((purpose, paths)) = self.picker.poll(ctx) {
            match paths {
                Some(paths) => self.actions.push(Action::Picked(purpose, paths)),
                None => self.open_path_dialog(purpose),
            }
        }
        let dropped: Vec<PathBuf> =
            ctx.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
        if !dropped.is_empty() {
            self.take_dropped(dropped);
        }
        if !self.dialogs.is_open() && self.palette.is_none() {
            for command in shell::pressed(ctx, &self.situation(), self.views.claim(ctx)) {
                self.actions.run(command);
            }
        }
        for action in self.actions.take() {
            self.perform(ctx, action);
        }
        self.guard_closing(ctx);
        self.set_title(ctx);
        self.hovered = self.hovering.take();
    }

    fn show(&mut self, ui: &mut egui::Ui) {
        lang::choose(self.language());
        let situation = self.situation();
        let online = self.online();
        let n_recorded = self.n_recorded();
        shell::menu_bar_ui(
            ui,
            &mut shell::BarScope {
                situation: &situation,
                workspace: self.workspace.as_ref(),
                settings: &self.settings,
                theme: &self.theme,
                actions: &mut self.actions,
                n_jobs: self.jobs.n_running(),
                online: online.as_ref(),
            },
        );
        let frame = egui::Frame::new().fill(self.theme.bar);
        egui::CentralPanel::default().frame(frame).show(ui, |ui| match &self.workspace {
            Some(workspace) => {
                let scope = Scope {
                    workspace,
                    library: &self.library,
                    theme: &self.theme,
                    hovered: self.hovered.as_ref(),
                    jobs: &self.jobs,
                    messages: &self.messages,
                    online: online.as_ref(),
                    n_recorded,
                    actions: &mut self.actions,
                };
                shell::panes_ui(ui, &mut self.tree, &mut self.views, scope);
            }
            None => welcome::welcome_ui(
                ui,
                &welcome::Welcome {
                    settings: &self.settings,
                    theme: &self.theme,
                    is_opening: self.running.open.is_some(),
                },
                &mut self.actions,
            ),
        });
        self.overlays(ui.ctx());
    }

    fn overlays(&mut self, ctx: &egui::Context) {
        let situation = self.situation();
        if let Some(palette) = &mut self.palette
            && !palette.show(ctx, &self.theme, self.workspace.as_ref(), &situation, &mut self.actions)
        {
            self.palette = None;
        }
        let transfer = self.workspace.as_ref().map(|workspace| Transfer {
            jobs: &self.jobs,
            plan: workspace.plan(),
            project: workspace.path(),
            live: self.session.live(),
            loaders: &self.session.loaders,
        });
        self.dialogs.show(
            ctx,
            &mut DialogScope {
                workspace: self.workspace.as_ref(),
                transfer: transfer.as_ref(),
                settings: &self.settings,
                theme: &self.theme,
                actions: &mut self.actions,
            },
        );
        if ctx.input(|input| !input.raw.hovered_files.is_empty()) {
            shell::drop_hint(ctx, &self.theme);
        }
        self.messages.show(ctx, &self.theme);
    }

    fn language(&self) -> Lang {
        settings::language_of(&self.settings)
    }

    fn set_title(&mut self, ctx: &egui::Context) {
        let title = match &self.workspace {
            Some(workspace) => {
                let mark = if workspace.is_modified() { "• " } else { "" };
                format!("{mark}{} – Plantweave", workspace.plan().name())
            }
            None => "Plantweave".to_owned(),
        };
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

impl Desktop {
    /// What happens before anything is shown, also while the window is hidden.
    pub fn logic(&mut self, ctx: &egui::Context) {
        lang::choose(self.language());
        self.prepare(ctx);
    }

    /// Shows everything.
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        self.show(ui);
        // What was asked for in this frame is done before the next: it must come, also without the user moving. A pointer that rests
        // asks for nothing.
        if self.actions.asks() || self.actions.hovered() != self.hovered.as_ref() {
            ui.ctx().request_repaint();
        }
    }
}

impl eframe::App for Desktop {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.logic(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.ui(ui);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.keep_layout();
        // What the user gave up or saved is no loss; a closing that nobody was asked about leaves the journal.
        if self.may_quit {
            self.end_journal();
        }
    }
}
