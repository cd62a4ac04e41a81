//! Findings as lines of text.

use std::fmt::Write as _;

use crate::check::{Finding, Severity};

/// One line a finding, the fix below it, and a line that counts them.
///
/// ```text
/// warning PW107 filler-1: 34 of 32 typical partners, limit 64: works, but beyond what the maker calls typical
/// 0 errors, 1 warning, 0 remarks
/// ```
pub fn text<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let mut out = String::new();
    let mut counts = [0usize; 3];
    for finding in findings {
        // Writes to a `String` cannot fail.
        _ = writeln!(out, "{finding}");
        if let Some(fix) = &finding.fix {
            _ = writeln!(out, "    fix: {}", fix.title);
        }
        match finding.severity {
            Severity::Error => counts[0] += 1,
            Severity::Warning => counts[1] += 1,
            Severity::Info => counts[2] += 1,
        }
    }
    let [errors, warnings, remarks] = counts;
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    _ = writeln!(out, "{}, {}, {}", counted(errors, "error"), counted(warnings, "warning"), counted(remarks, "remark"));
    out
}
