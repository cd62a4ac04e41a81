//! What was done and what went wrong: kept for the panel, and shown for a moment over the window.

use std::time::{Duration, SystemTime};

use egui_notify::{Toast, ToastLevel, Toasts};

use crate::app::Failure;
use crate::ui::action::Tone;
use crate::ui::icon::Icon;
use crate::ui::lang::said;
use crate::ui::theme::Theme;

/// Messages kept; older ones are dropped.
const MOST_MESSAGES: usize = 1_000;

/// Something told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub time: SystemTime,
    /// How.
    pub tone: Tone,
    /// What, perhaps in several lines.
    pub text: String,
}

/// All of them, the latest last.
#[derive(Default)]
pub struct Messages {
    kept: Vec<Message>,
    fresh: Vec<(Tone, String)>,
    toasts: Toasts,
}

impl Messages {
    /// Tells something.
    pub fn tell(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        self.fresh.push((tone, text.clone()));
        self.kept.push(Message { time: SystemTime::now(), tone, text });
        if self.kept.len() > MOST_MESSAGES {
            self.kept.drain(..self.kept.len() - MOST_MESSAGES);
        }
    }

    /// Tells why something could not be done, and what to do.
    pub fn fail(&mut self, failure: &Failure) {
        self.tell(Tone::Error, format!("{}\n{}\n{}", said(&failure.what), said(&failure.why), said(&failure.remedy)));
    }

    /// The messages kept, the latest last.
    pub fn kept(&self) -> &[Message] {
        &self.kept
    }

    /// Shows the fresh ones for a moment.
    pub fn show(&mut self, ctx: &egui::Context, theme: &Theme) {
        for (tone, text) in self.fresh.drain(..) {
            let (icon, colour, secs) = match tone {
                Tone::Done => (Icon::Check, theme.running, 3),
                Tone::Info => (Icon::Info, theme.accent, 4),
                Tone::Warning => (Icon::TriangleAlert, theme.warning, 8),
                Tone::Error => (Icon::CircleX, theme.bad, 12),
            };
            let level = ToastLevel::Custom(char::from(icon).to_string(), colour);
            let mut toast = Toast::custom(text, level);
            toast.duration(Some(Duration::from_secs(secs))).show_progress_bar(false).closable(false);
            self.toasts.add(toast);
        }
        self.toasts.show(ctx);
        self.announce(ctx);
    }

    /// Assistive programs are told the last one, which is only painted.
    fn announce(&self, ctx: &egui::Context) {
        let Some(last) = self.kept.last() else { return };
        ctx.accesskit_node_builder(egui::Id::unique("told"), |node| {
            node.set_role(egui::accesskit::Role::Status);
            node.set_live(egui::accesskit::Live::Polite);
            node.set_label(last.text.clone());
        });
    }
}
