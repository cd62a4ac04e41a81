//! Cells as spreadsheets put them on the clipboard: tabs between, a line a row, quotes around what holds either.

/// The rows of a text. Line ends of any system; blanks around a cell, those that do not break included, are taken off; the line end
/// after the last row begins no other. An empty line is a row with one empty cell.
pub(super) fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut cell = String::new();
    let mut is_quoted = false;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if cell.is_empty() => is_quoted = true,
            _ if is_quoted => cell.push(letter),
            '\t' => row.push(trimmed(&mut cell)),
            '\r' | '\n' => {
                if letter == '\r' {
                    letters.next_if_eq(&'\n');
                }
                row.push(trimmed(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(letter),
        }
    }
    row.push(trimmed(&mut cell));
    rows.push(row);
    rows
}

fn trimmed(cell: &mut String) -> String {
    std::mem::take(cell).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn line_ends_quotes_and_blanks_are_those_of_spreadsheets() {
        assert_eq!(rows("a\tb\r\nc\td\r\n"), [["a", "b"], ["c", "d"]]);
        assert_eq!(rows("a\tb\nc\td"), [["a", "b"], ["c", "d"]]);
        assert_eq!(rows("a\rb\r"), [["a"], ["b"]]);
        assert_eq!(rows("a\n\nb\n"), [["a"], [""], ["b"]]);
        assert_eq!(rows(" a\u{a0}\t\t\"x \"\"y\"\"\nz\"\n"), [["a", "", "x \"y\"\nz"]]);
        assert_eq!(rows("\u{feff}a"), [["a"]]);
        assert_eq!(rows("5\" pipe"), [["5\" pipe"]]);
        assert_eq!(rows(""), [[""]]);
    }
}
