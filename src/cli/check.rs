//! `plantweave check`: findings, and mending them.

use std::path::PathBuf;

use clap::ValueEnum;

use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, FindingFilter, FixedProject, TriedFix};
use crate::check::{self, Severity};

/// Check a project and print the findings, the most severe first.
///
/// The exit code is 1 when errors or warnings are printed. `plantweave explain CODE` tells more about a finding.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Form of the findings.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Library folder to hold the project's components against: newer versions, changed contents. Can be given several times.
    #[arg(long, value_name = "DIR")]
    library: Vec<PathBuf>,
    /// Only findings at least this severe.
    #[arg(long, value_enum, default_value_t = Least::Info)]
    severity: Least,
    /// Only findings of this rule, such as PW110; several with commas or by repeating.
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    code: Vec<String>,
    /// Apply the safe fixes of these findings, save the project, and check again. A fix decides nothing that only an engineer
    /// can; the fixes are those that the check prints below its findings.
    #[arg(long)]
    fix: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    /// SARIF 2.1.0, for code review and CI services.
    Sarif,
}

#[derive(Clone, Copy, ValueEnum)]
enum Least {
    Error,
    Warning,
    Info,
}

impl From<Least> for Severity {
    fn from(least: Least) -> Self {
        match least {
            Least::Error => Self::Error,
            Least::Warning => Self::Warning,
            Least::Info => Self::Info,
        }
    }
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let selection = FindingFilter::new(args.severity.into(), &args.code)?;
    let facts = app::library_facts(&args.library)?;
    let (plan, fixes) = if args.fix {
        let fixed = app::fix_project(&args.project, &facts, |finding| selection.takes(finding))?;
        print_fixes(&fixed, args.format, console)?;
        (fixed.document.plan().clone(), Some(fixed.fixes))
    } else {
        (app::open_project(&args.project)?, None)
    };
    let mut findings = check::check(&plan, &facts);
    findings.retain(|finding| selection.takes(finding));
    match args.format {
        Format::Text => console.print(&check::text(&findings))?,
        Format::Json => console.json(&app::findings_json(&findings, fixes.as_deref()))?,
        Format::Sarif => console.print(&app::sarif(&plan, &findings))?,
    }
    let complains = findings.iter().any(|finding| finding.severity != Severity::Info);
    Ok(if complains { Exit::Findings } else { Exit::Fine })
}

/// Tells what was mended and what not, where the findings themselves are text too.
fn print_fixes(fixed: &FixedProject, format: Format, console: &mut Console) -> Result<(), Stop> {
    if !matches!(format, Format::Text) {
        return Ok(());
    }
    for TriedFix { code, title, refused, .. } in &fixed.fixes {
        match refused {
            None => console.line(format!("fixed {code}: {title}"))?,
            Some(why) => console.line(format!("not fixed {code}: {title}: {why}"))?,
        }
    }
    let n_fixes = fixed.fixes.iter().filter(|fix| fix.refused.is_none()).count();
    let files = fixed.saved.written + fixed.saved.removed;
    console.line(format!("{} made, {} changed\n", counted(n_fixes, "fix", "fixes"), counted(files, "file", "files")))
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
