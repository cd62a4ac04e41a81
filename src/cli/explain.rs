//! `plantweave explain`: the manual page of a rule.

use super::console::Console;
use super::{Exit, Stop};
use crate::app::Failure;
use crate::check;

/// Explain a rule of the check: what it looks at, why it matters, how to mend it. Without a code, list all rules.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Code of the rule, such as PW101.
    code: Option<String>,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let Some(code) = args.code else {
        let rows = check::rules().iter().map(|rule| {
            let fix = if rule.has_fix() { "fix" } else { "" };
            [rule.code, rule.severity.token(), rule.title(), fix].map(str::to_owned)
        });
        console.table(&["code", "severity", "rule", ""], rows)?;
        return Ok(Exit::Fine);
    };
    let rule = check::find(&code).ok_or_else(|| {
        Failure::new(
            format!("cannot explain `{code}`"),
            "no rule has this code",
            "`plantweave explain` without a code lists all rules",
        )
    })?;
    console.print(&rule.page())?;
    Ok(Exit::Fine)
}
