//! Keys of commands.

use std::sync::LazyLock;

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers};

use crate::app::{COMMANDS, Command, Situation};

/// Every key that stands in the table of commands, with its command.
static SHORTCUTS: LazyLock<Vec<(KeyboardShortcut, Command)>> = LazyLock::new(|| {
    let mut all: Vec<_> =
        COMMANDS.iter().flat_map(|row| row.keys.iter().filter_map(|keys| Some((parse(keys)?, row.command)))).collect();
    // Ctrl+Shift+S is looked for before Ctrl+S, which is in it.
    all.sort_by_key(|(shortcut, _)| {
        let Modifiers { alt, shift, command, .. } = shortcut.modifiers;
        3 - u8::from(alt) - u8::from(shift) - u8::from(command)
    });
    all
});

/// `Ctrl+Shift+S` as egui has it; on a Mac, Ctrl is the command key.
fn parse(keys: &str) -> Option<KeyboardShortcut> {
    let mut modifiers = Modifiers::NONE;
    let mut parts = keys.split('+').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return Some(KeyboardShortcut::new(modifiers, Key::from_name(part)?));
        }
        match part {
            "Ctrl" => modifiers |= Modifiers::COMMAND,
            "Shift" => modifiers |= Modifiers::SHIFT,
            "Alt" => modifiers |= Modifiers::ALT,
            _ => return None,
        }
    }
    None
}

/// Keys as they are shown.
pub fn keys_text(ctx: &Context, keys: &str) -> String {
    let Some(shortcut) = parse(keys) else { return keys.to_owned() };
    let text = ctx.format_shortcut(&shortcut);
    // Signs are shown as they stand on the keys.
    let sign = match shortcut.logical_key {
        Key::Comma => ",",
        Key::Period => ".",
        Key::Equals => "=",
        Key::Plus => "+",
        Key::Minus => "−",
        _ => return text,
    };
    match text.strip_suffix(shortcut.logical_key.name()) {
        Some(held) => format!("{held}{sign}"),
        None => text,
    }
}

/// What a view keeps for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nothing.
    Nothing,
    /// What is pasted.
    Paste,
    /// Keys that write, like a text that is edited, and what is pasted.
    Keys,
}

/// Commands whose keys were pressed, and which make sense now.
///
/// While a text is edited, keys belong to it, unless they are pressed with Ctrl or Alt or are function keys; while another widget has
/// the focus, those are its own with which one presses buttons and moves about.
pub fn pressed(ctx: &Context, now: &Situation, claim: Claim) -> Vec<Command> {
    let is_text = ctx.text_edit_focused() || claim == Claim::Keys;
    let is_widget = ctx.memory(|memory| memory.focused()).is_some();
    let popup = ctx.any_popup_open();
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        for (shortcut, command) in &*SHORTCUTS {
            let plain = !shortcut.modifiers.command && !shortcut.modifiers.alt;
            let key = shortcut.logical_key;
            let function = (Key::F1..=Key::F12).contains(&key);
            let of_widget = matches!(key, Key::Space | Key::Enter | Key::Escape | Key::Delete | Key::Backspace);
            let of_text = matches!(key, Key::Z | Key::Y | Key::A) && shortcut.modifiers.command;
            if (plain && !function && (is_text || popup || (is_widget && of_widget))) || (is_text && of_text) {
                continue;
            }
            if command.row().when.holds(now) && input.consume_shortcut(shortcut) {
                commands.push(*command);
            }
        }
        if is_text {
            return;
        }
        // These three come as events of their own, for the system's clipboard.
        input.events.retain(|event| {
            let command = match event {
                Event::Copy => Command::Copy,
                Event::Cut => Command::Cut,
                Event::Paste(_) if claim == Claim::Nothing => Command::Paste,
                _ => return true,
            };
            if !command.row().when.holds(now) {
                return true;
            }
            commands.push(command);
            false
        });
    });
    commands
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_table_is_one() {
        for row in COMMANDS {
            for keys in row.keys {
                assert!(parse(keys).is_some(), "{keys}");
            }
        }
        assert_eq!(parse("Ctrl+Shift+S"), Some(KeyboardShortcut::new(Modifiers::COMMAND | Modifiers::SHIFT, Key::S)));
    }
}
