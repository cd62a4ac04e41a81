//! Icons, all of one set (Lucide).

use egui::{FontId, Response, RichText, Role, WidgetInfo};
pub use lucide_icons::Icon;

use super::theme::semibold;
use crate::app::Command;

/// An icon as text, at the size of the text beside it.
pub fn icon(icon: Icon, size: f32) -> RichText {
    RichText::new(char::from(icon)).font(font(size))
}

/// The font of icons.
pub fn font(size: f32) -> FontId {
    FontId::new(size, egui::FontFamily::Name("icons".into()))
}

/// Text of weight semibold.
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).family(semibold())
}

/// What assistive programs are told of a button with an icon in front: its words alone, for the icon is a letter of a font.
pub trait Named {
    /// With this name.
    fn named(self, name: &str) -> Self;
}

impl Named for Response {
    fn named(self, name: &str) -> Self {
        let enabled = self.enabled();
        self.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
        self
    }
}

/// The icon of a command, where it has one that helps.
pub fn of_command(command: Command) -> Option<Icon> {
    use Command::*;
    Some(match command {
        NewProject => Icon::FilePlus,
        OpenProject => Icon::FolderOpen,
        Save => Icon::Save,
        ImportComponents => Icon::PackagePlus,
        ExportBook => Icon::BookOpen,
        Undo => Icon::Undo2,
        Redo => Icon::Redo2,
        Cut => Icon::Scissors,
        Copy => Icon::Copy,
        Paste => Icon::ClipboardPaste,
        Delete => Icon::Trash2,
        Palette => Icon::Search,
        ZoomIn => Icon::ZoomIn,
        ZoomOut => Icon::ZoomOut,
        Fit => Icon::Maximize,
        GoUp => Icon::CornerLeftUp,
        QuickAdd => Icon::Plus,
        LinkFrom => Icon::Spline,
        Arrange => Icon::Workflow,
        AlignLeft => Icon::AlignStartVertical,
        AlignRight => Icon::AlignEndVertical,
        AlignTop => Icon::AlignStartHorizontal,
        AlignBottom => Icon::AlignEndHorizontal,
        GoToDevice => Icon::Cpu,
        RunVirtual => Icon::Play,
        GoOnline => Icon::PlugZap,
        GoOffline => Icon::Square,
        Generate => Icon::Hammer,
        Download => Icon::Download,
        Compare => Icon::GitCompare,
        Watch => Icon::Eye,
        WriteValue => Icon::PenLine,
        Record => Icon::CircleDot,
        Options => Icon::Settings,
        CheatSheet => Icon::Keyboard,
        FixFinding => Icon::Wrench,
        _ => return None,
    })
}
