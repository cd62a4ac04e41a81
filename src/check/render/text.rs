//! Findings as lines of text.

use std::fmt::Write as _;

use crate::check::{Finding, Severity, find};

/// One line a finding, its fix below it, what to do below the last of a rule, and a line that counts them.
///
/// ```text
/// warning PW107 filler-1: 34 of 32 typical partners, limit 64: works, but beyond what the maker calls typical
///     do: Nothing must be done now; plan the next machine on another device.
/// 0 errors, 1 warning, 0 remarks
/// ```
pub fn text<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let mut out = String::new();
    let mut counts = [0usize; 3];
    let mut findings = findings.into_iter().peekable();
    while let Some(finding) = findings.next() {
        // Writes to a `String` cannot fail.
        _ = writeln!(out, "{finding}");
        if let Some(fix) = &finding.fix {
            _ = writeln!(out, "    fix: {}", fix.title);
        }
        let is_last = findings.peek().is_none_or(|next| (next.severity, next.code) != (finding.severity, finding.code));
        if is_last
            && finding.severity != Severity::Info
            && let Some(rule) = find(finding.code)
        {
            _ = writeln!(out, "    do: {}", rule.remedy());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{LibraryFacts, check};
    use crate::model::fixture;

    #[test]
    fn each_rule_says_once_what_to_do() {
        let plan = fixture::plan(
            "component A 1.0 { in x R4; out y R4; stack 2.0; qos acyclic 100 }
            One: A @10.0.0.1
            Two: A @10.0.0.1
            Three: A @10.0.0.3
            One.y -> Two.x acyclic 77
            Two.y -> One.x acyclic 100",
        );
        insta::assert_snapshot!(text(&check(&plan, &LibraryFacts::default())), @r"
        error PW110 One.y → Two.x: One does not offer acyclic 77 ms, but 100 ms
            fix: Set One.y → Two.x to acyclic 100 ms
        error PW110 One.y → Two.x: Two does not offer acyclic 77 ms, but 100 ms
            fix: Set One.y → Two.x to acyclic 100 ms
            do: Choose an interval from the lists.
        error PW128 One: 10.0.0.1 is also the address of Two
        error PW128 Two: 10.0.0.1 is also the address of One
            do: Give one of them another address.
        warning PW105 Three.x: the input (R4) has no link, no constant and no default
            do: Link the input, or give it a constant.
        info PW114 One: 2 functions feed each other, for example One → Two → One
        info PW142 Three: none of its functions is linked
        4 errors, 1 warning, 2 remarks
        ");
    }
}
