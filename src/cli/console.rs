//! Standard output, as commands use it.

use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::{CellAlignment, ContentArrangement, Table, TableStyle};
use serde::Serialize;

use super::Stop;
use crate::app::Failure;

/// Where a command prints what it was asked for.
pub(super) struct Console {
    stdout: io::Stdout,
}

impl Console {
    pub(super) fn new() -> Self {
        Self { stdout: io::stdout() }
    }

    /// Whether a person reads along: only then is progress shown, and a live table redrawn.
    pub(super) fn is_terminal(&self) -> bool {
        self.stdout.is_terminal()
    }

    /// Prints a text as it is.
    pub(super) fn print(&mut self, text: &str) -> Result<(), Stop> {
        let mut stdout = self.stdout.lock();
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(stop)
    }

    /// Puts bytes out that are no text; a terminal gets none of them.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        if self.is_terminal() {
            let why = "it is no text, and standard output is a terminal";
            return Err(Failure::new("cannot print the file", why, "name a file with --out").into());
        }
        let mut stdout = self.stdout.lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(stop)
    }

    /// Prints a line.
    pub(super) fn line(&mut self, text: impl AsRef<str>) -> Result<(), Stop> {
        self.print(&format!("{}\n", text.as_ref()))
    }

    /// Tells on standard error what a person should know beside the result.
    pub(super) fn note(&mut self, text: impl std::fmt::Display) {
        // Without a standard error there is nobody to tell.
        let _ = writeln!(io::stderr(), "note: {text}");
    }

    /// Prints data as indented JSON.
    pub(super) fn json(&mut self, data: &impl Serialize) -> Result<(), Stop> {
        let text = serde_json::to_string_pretty(data).map_err(json_failed)?;
        self.line(text)
    }

    /// Prints data as one line of JSON.
    pub(super) fn json_line(&mut self, data: &impl Serialize) -> Result<(), Stop> {
        let text = serde_json::to_string(data).map_err(json_failed)?;
        self.line(text)
    }

    /// A table as text, see [`table`](Self::table).
    pub(super) fn table_text<R: IntoIterator<Item = String>>(
        &self,
        headings: &[&str],
        rows: impl IntoIterator<Item = R>,
    ) -> String {
        let width = self.is_terminal().then(terminal_size::terminal_size).flatten();
        table(headings, rows, width.map(|(width, _)| width.0))
    }

    /// A text cut to the height of the terminal, with a last line that counts what is missing.
    pub(super) fn fitted(&self, text: String, what: &str) -> String {
        let Some((_, height)) = terminal_size::terminal_size() else { return text };
        // The last line stays free for the cursor.
        let room = usize::from(height.0).saturating_sub(1);
        let n_lines = text.lines().count();
        if n_lines <= room {
            return text;
        }
        let shown = room.saturating_sub(1);
        let mut fitted: String = text.lines().take(shown).flat_map(|line| [line, "\n"]).collect();
        fitted.push_str(&format!("… {} more {what}\n", n_lines - shown));
        fitted
    }

    /// Prints rows below headings, columns as wide as they need; on a terminal no wider than it.
    pub(super) fn table<R: IntoIterator<Item = String>>(
        &mut self,
        headings: &[&str],
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), Stop> {
        let text = self.table_text(headings, rows);
        self.print(&text)
    }
}

fn json_failed(error: serde_json::Error) -> Stop {
    Stop::Failed(Failure::new("cannot write the result as JSON", error.to_string(), "please report this as a fault"))
}

fn stop(error: io::Error) -> Stop {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Stop::PipeClosed;
    }
    Stop::Failed(Failure::new("cannot print the result", error, "check where standard output goes to"))
}

/// A column that holds numbers only, apart from what says that there is none, stands to the right.
fn is_number(text: &str) -> bool {
    text.is_empty() || text == "–" || text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

fn table<R: IntoIterator<Item = String>>(
    headings: &[&str],
    rows: impl IntoIterator<Item = R>,
    width: Option<u16>,
) -> String {
    let rows: Vec<Vec<String>> = rows.into_iter().map(|row| row.into_iter().collect()).collect();
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    if let Some(width) = width {
        table.set_width(width);
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table.set_header(headings.iter().copied());
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if !rows.is_empty() && rows.iter().all(|row| row.get(at).is_some_and(|text| is_number(text))) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.add_rows(rows);
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_end_without_blanks() {
        let row = |cells: [&str; 3]| cells.map(String::from);
        let text = table(&["name", "links", "remark"], [row(["Füller", "7", ""]), row(["M", "12", "x"])], None);
        assert_eq!(text, "name    links  remark\nFüller      7\nM          12  x\n");
    }
}
