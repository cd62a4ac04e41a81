//! Every command of the desktop app, in one table.
//!
//! Menu, toolbar, keys, palette, context menus and cheat sheet read it. Labels and tooltips are in the tables of languages under
//! `command.KEY` and `command.KEY.tip`; what a command does is said where it runs.

use Command::*;
use When::*;

/// Something the user can have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is a row of COMMANDS, with its key and when it is enabled")]
pub enum Command {
    NewProject,
    OpenProject,
    OpenSample,
    Save,
    SaveAs,
    SaveArchive,
    ImportComponents,
    ExportTags,
    ExportBook,
    ExportChart,
    ExportConfigurations,
    CloseProject,
    Quit,
    Undo,
    Redo,
    Cut,
    Copy,
    Paste,
    Duplicate,
    Delete,
    Rename,
    SelectAll,
    SelectNone,
    Palette,
    ZoomIn,
    ZoomOut,
    Fit,
    ActualSize,
    GoUp,
    GoIn,
    ShowPlant,
    ShowNetwork,
    ShowTopology,
    ShowProject,
    ShowTree,
    ShowProperties,
    ShowLibrary,
    ShowFindings,
    ShowVariables,
    ShowDiagnostics,
    ShowMessages,
    ShowCrossReference,
    ShowJobs,
    ShowCompare,
    ResetLayout,
    ToggleTheme,
    QuickAdd,
    AddChart,
    AddFrame,
    AddNote,
    LinkFrom,
    SetConstant,
    ClearSource,
    Arrange,
    AlignLeft,
    AlignRight,
    AlignTop,
    AlignBottom,
    DistributeAcross,
    DistributeDown,
    FreeBends,
    GoToDevice,
    NextPane,
    PreviousPane,
    NextFinding,
    PreviousFinding,
    FixFinding,
    AssignAddresses,
    AddSubnet,
    PasteAddresses,
    AddCable,
    RunVirtual,
    GoOnline,
    GoOffline,
    Generate,
    Download,
    Compare,
    WriteValue,
    Watch,
    Record,
    Options,
    Welcome,
    CheatSheet,
    ExplainFinding,
    About,
}

/// The menu a command stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of the menu bar")]
pub enum Menu {
    File,
    Edit,
    View,
    Plant,
    Network,
    Online,
    Tools,
    Help,
}

impl Menu {
    /// All, as they stand in the bar.
    pub const ALL: [Self; 8] =
        [Self::File, Self::Edit, Self::View, Self::Plant, Self::Network, Self::Online, Self::Tools, Self::Help];

    /// Its key in the tables of languages: `menu.KEY`.
    pub fn key(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Edit => "edit",
            Self::View => "view",
            Self::Plant => "plant",
            Self::Network => "network",
            Self::Online => "online",
            Self::Tools => "tools",
            Self::Help => "help",
        }
    }
}

/// When a command makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// A project is open.
    Project,
    /// A project is open and not saved as it is.
    Modified,
    /// There is something to undo.
    Undoable,
    /// There is something to redo.
    Redoable,
    /// Something is selected.
    Selection,
    /// Blocks are selected.
    Blocks,
    /// At least two blocks are selected.
    TwoBlocks,
    /// At least three blocks are selected.
    ThreeBlocks,
    /// One thing with a name is selected.
    Nameable,
    /// A port is selected.
    Port,
    /// An input is selected.
    Input,
    /// An input with a link or constant, or a link, is selected.
    Fed,
    /// A link is selected.
    Link,
    /// The clipboard holds blocks.
    Clipboard,
    /// The chart shown is not the top one.
    BelowTop,
    /// A chart's block is selected.
    ChartBlock,
    /// Something that has a device or functions is selected.
    HasDevice,
    /// There is a finding.
    Findings,
    /// A finding with a fix is selected.
    Fixable,
    /// A finding is selected.
    Finding,
    /// The project has devices and nothing is on line.
    Offline,
    /// Values of the plant are watched.
    Online,
    /// A port is selected and values are watched.
    OnlinePort,
}

/// What the desktop app has at hand, as far as commands ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Situation {
    /// A project is open.
    pub project: bool,
    /// It is not saved as it is.
    pub modified: bool,
    /// There is something to undo.
    pub undoable: bool,
    /// There is something to redo.
    pub redoable: bool,
    /// Things selected.
    pub n_selected: usize,
    /// Blocks among them.
    pub n_blocks: usize,
    /// The one that leads can be renamed.
    pub nameable: bool,
    /// It is a port.
    pub port: bool,
    /// It is an input.
    pub input: bool,
    /// It is an input that is fed, or a link.
    pub fed: bool,
    /// It is a link.
    pub link: bool,
    /// It is a chart's block.
    pub chart_block: bool,
    /// It has a device, or is one.
    pub has_device: bool,
    /// The clipboard holds blocks.
    pub clipboard: bool,
    /// The chart shown is not the top one.
    pub below_top: bool,
    /// Findings there are.
    pub n_findings: usize,
    /// A finding is selected.
    pub finding: bool,
    /// And it has a fix.
    pub fixable: bool,
    /// Devices planned.
    pub n_devices: usize,
    /// Values are watched, or it is being begun.
    pub online: bool,
}

impl When {
    /// Whether it is so.
    pub fn holds(self, now: &Situation) -> bool {
        match self {
            Always => true,
            Project => now.project,
            Modified => now.project && now.modified,
            Undoable => now.undoable,
            Redoable => now.redoable,
            Selection => now.n_selected > 0,
            Blocks => now.n_blocks > 0,
            TwoBlocks => now.n_blocks > 1,
            ThreeBlocks => now.n_blocks > 2,
            Nameable => now.nameable,
            Port => now.port,
            Input => now.input,
            Fed => now.fed,
            Link => now.link,
            Clipboard => now.project && now.clipboard,
            BelowTop => now.below_top,
            ChartBlock => now.chart_block,
            HasDevice => now.has_device,
            Findings => now.n_findings > 0,
            Fixable => now.fixable,
            Finding => now.finding,
            Offline => now.project && now.n_devices > 0 && !now.online,
            Online => now.online,
            OnlinePort => now.online && now.port,
        }
    }

    /// Key of the sentence that says what is missing: `when.KEY`.
    pub fn key(self) -> &'static str {
        match self {
            Always => "always",
            Project => "project",
            Modified => "modified",
            Undoable => "undoable",
            Redoable => "redoable",
            Selection => "selection",
            Blocks => "blocks",
            TwoBlocks => "two_blocks",
            ThreeBlocks => "three_blocks",
            Nameable => "nameable",
            Port => "port",
            Input => "input",
            Fed => "fed",
            Link => "link",
            Clipboard => "clipboard",
            BelowTop => "below_top",
            ChartBlock => "chart_block",
            HasDevice => "has_device",
            Findings => "findings",
            Fixable => "fixable",
            Finding => "finding",
            Offline => "offline",
            Online => "online",
            OnlinePort => "online_port",
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct CommandRow {
    /// Which command.
    pub command: Command,
    /// Its key in the tables of languages.
    pub key: &'static str,
    /// Where it stands in the menu; rows of a menu stand in the order of the table.
    pub menu: Menu,
    /// Whether a line is drawn above it in the menu.
    pub section: bool,
    /// Its keys, the first one shown: `Ctrl+Shift+S`. A key without Ctrl or Alt is not taken while a text is edited.
    pub keys: &'static [&'static str],
    /// When it is enabled.
    pub when: When,
}

const fn row(command: Command, key: &'static str, menu: Menu, keys: &'static [&'static str], when: When) -> CommandRow {
    CommandRow { command, key, menu, section: false, keys, when }
}

/// A row with a line above it.
const fn section(
    command: Command,
    key: &'static str,
    menu: Menu,
    keys: &'static [&'static str],
    when: When,
) -> CommandRow {
    CommandRow { command, key, menu, section: true, keys, when }
}

/// All commands, as they stand in the menus.
pub const COMMANDS: &[CommandRow] = &[
    row(NewProject, "new_project", Menu::File, &["Ctrl+N"], Always),
    row(OpenProject, "open_project", Menu::File, &["Ctrl+O"], Always),
    row(OpenSample, "open_sample", Menu::File, &[], Always),
    section(Save, "save", Menu::File, &["Ctrl+S"], Project),
    row(SaveAs, "save_as", Menu::File, &["Ctrl+Shift+S"], Project),
    row(SaveArchive, "save_archive", Menu::File, &[], Project),
    section(ImportComponents, "import_components", Menu::File, &["Ctrl+I"], Always),
    row(ExportTags, "export_tags", Menu::File, &["Ctrl+Shift+T"], Project),
    row(ExportBook, "export_book", Menu::File, &["Ctrl+P"], Project),
    row(ExportChart, "export_chart", Menu::File, &[], Project),
    row(ExportConfigurations, "export_configurations", Menu::File, &[], Project),
    section(CloseProject, "close_project", Menu::File, &["Ctrl+W"], Project),
    row(Quit, "quit", Menu::File, &["Ctrl+Q"], Always),
    row(Undo, "undo", Menu::Edit, &["Ctrl+Z"], Undoable),
    row(Redo, "redo", Menu::Edit, &["Ctrl+Y", "Ctrl+Shift+Z"], Redoable),
    section(Cut, "cut", Menu::Edit, &["Ctrl+X"], Blocks),
    row(Copy, "copy", Menu::Edit, &["Ctrl+C"], Blocks),
    row(Paste, "paste", Menu::Edit, &["Ctrl+V"], Clipboard),
    row(Duplicate, "duplicate", Menu::Edit, &["Ctrl+D"], Blocks),
    row(Delete, "delete", Menu::Edit, &["Delete"], Selection),
    row(Rename, "rename", Menu::Edit, &["F2"], Nameable),
    section(SelectAll, "select_all", Menu::Edit, &["Ctrl+A"], Project),
    row(SelectNone, "select_none", Menu::Edit, &["Escape"], Selection),
    row(Palette, "palette", Menu::View, &["Ctrl+K", "Ctrl+Shift+P"], Always),
    section(ZoomIn, "zoom_in", Menu::View, &["Plus", "Ctrl+Plus"], Project),
    row(ZoomOut, "zoom_out", Menu::View, &["Minus", "Ctrl+Minus"], Project),
    row(Fit, "fit", Menu::View, &["F"], Project),
    row(ActualSize, "actual_size", Menu::View, &["1"], Project),
    row(GoUp, "go_up", Menu::View, &["Backspace"], BelowTop),
    row(GoIn, "go_in", Menu::View, &["Enter"], ChartBlock),
    section(ShowPlant, "show_plant", Menu::View, &["Ctrl+1"], Project),
    row(ShowNetwork, "show_network", Menu::View, &["Ctrl+2"], Project),
    row(ShowTopology, "show_topology", Menu::View, &["Ctrl+3"], Project),
    row(ShowProject, "show_project", Menu::View, &["Ctrl+4"], Project),
    row(ShowCompare, "show_compare", Menu::View, &["Ctrl+5"], Project),
    section(ShowTree, "show_tree", Menu::View, &["Alt+1"], Always),
    row(ShowProperties, "show_properties", Menu::View, &["Alt+2"], Always),
    row(ShowLibrary, "show_library", Menu::View, &["Alt+3"], Always),
    row(ShowFindings, "show_findings", Menu::View, &["Alt+4"], Always),
    row(ShowVariables, "show_variables", Menu::View, &["Alt+5"], Always),
    row(ShowDiagnostics, "show_diagnostics", Menu::View, &["Alt+6"], Always),
    row(ShowMessages, "show_messages", Menu::View, &["Alt+7"], Always),
    row(ShowCrossReference, "show_cross_reference", Menu::View, &["Alt+8"], Always),
    section(NextPane, "next_pane", Menu::View, &["F6"], Project),
    row(PreviousPane, "previous_pane", Menu::View, &["Shift+F6"], Project),
    row(ShowJobs, "show_jobs", Menu::View, &["Alt+9"], Always),
    section(ResetLayout, "reset_layout", Menu::View, &[], Always),
    row(ToggleTheme, "toggle_theme", Menu::View, &["Ctrl+Shift+D"], Always),
    row(QuickAdd, "quick_add", Menu::Plant, &["Space"], Project),
    row(AddChart, "add_chart", Menu::Plant, &["Ctrl+Shift+N"], Project),
    row(AddFrame, "add_frame", Menu::Plant, &[], Project),
    row(AddNote, "add_note", Menu::Plant, &[], Project),
    section(LinkFrom, "link_from", Menu::Plant, &["L"], Port),
    row(SetConstant, "set_constant", Menu::Plant, &["Equals"], Input),
    row(ClearSource, "clear_source", Menu::Plant, &["Shift+Delete"], Fed),
    row(FreeBends, "free_bends", Menu::Plant, &[], Link),
    section(Arrange, "arrange", Menu::Plant, &["Ctrl+L"], Project),
    row(AlignLeft, "align_left", Menu::Plant, &[], TwoBlocks),
    row(AlignRight, "align_right", Menu::Plant, &[], TwoBlocks),
    row(AlignTop, "align_top", Menu::Plant, &[], TwoBlocks),
    row(AlignBottom, "align_bottom", Menu::Plant, &[], TwoBlocks),
    row(DistributeAcross, "distribute_across", Menu::Plant, &[], ThreeBlocks),
    row(DistributeDown, "distribute_down", Menu::Plant, &[], ThreeBlocks),
    section(GoToDevice, "go_to_device", Menu::Plant, &["D"], HasDevice),
    row(NextFinding, "next_finding", Menu::Plant, &["F8"], Findings),
    row(PreviousFinding, "previous_finding", Menu::Plant, &["Shift+F8"], Findings),
    row(FixFinding, "fix_finding", Menu::Plant, &["Ctrl+Period"], Fixable),
    row(AssignAddresses, "assign_addresses", Menu::Network, &[], Project),
    row(AddSubnet, "add_subnet", Menu::Network, &[], Project),
    row(PasteAddresses, "paste_addresses", Menu::Network, &[], Project),
    row(AddCable, "add_cable", Menu::Network, &[], Project),
    row(RunVirtual, "run_virtual", Menu::Online, &["F5"], Offline),
    row(GoOnline, "go_online", Menu::Online, &["Ctrl+F5"], Offline),
    row(GoOffline, "go_offline", Menu::Online, &["Shift+F5"], Online),
    section(Generate, "generate", Menu::Online, &["F7"], Project),
    row(Download, "download", Menu::Online, &["F9"], Project),
    row(Compare, "compare", Menu::Online, &["F10"], Project),
    section(Watch, "watch", Menu::Online, &["W"], Port),
    row(WriteValue, "write_value", Menu::Online, &["Ctrl+Enter"], OnlinePort),
    row(Record, "record", Menu::Online, &["Ctrl+R"], Online),
    row(Options, "options", Menu::Tools, &["Ctrl+Comma"], Always),
    row(Welcome, "welcome", Menu::Help, &[], Always),
    row(CheatSheet, "cheat_sheet", Menu::Help, &["F1"], Always),
    row(ExplainFinding, "explain_finding", Menu::Help, &["Shift+F1"], Finding),
    section(About, "about", Menu::Help, &[], Always),
];

impl Command {
    /// Its row in the table.
    pub fn row(self) -> &'static CommandRow {
        COMMANDS.iter().find(|row| row.command == self).unwrap_or(&COMMANDS[0])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn every_command_has_one_row() {
        let commands: BTreeSet<Command> = COMMANDS.iter().map(|row| row.command).collect();
        assert_eq!(commands.len(), COMMANDS.len());
        // Variants are numbered from 0, so the last one says how many there are.
        assert_eq!(commands.len(), About as usize + 1);
        assert!(COMMANDS.iter().all(|row| row.command.row().key == row.key));
    }

    #[test]
    fn no_two_commands_share_keys() {
        let mut seen = BTreeMap::new();
        for row in COMMANDS {
            for keys in row.keys {
                assert_eq!(seen.insert(keys, row.key), None, "{keys}");
            }
        }
    }

    #[test]
    fn nothing_of_a_project_is_enabled_without_one() {
        let none = Situation::default();
        let enabled: Vec<&str> = COMMANDS.iter().filter(|row| row.when.holds(&none)).map(|row| row.key).collect();
        assert!(enabled.contains(&"open_project") && !enabled.contains(&"save") && !enabled.contains(&"run_virtual"));
    }
}
