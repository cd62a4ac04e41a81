//! Projects of older formats become projects of the newest one before they are read.
//!
//! Every format that was ever released stays readable: when format 2 comes, a function that turns the files of
//! format 1 into files of format 2 joins [`STEPS`], and a sample of format 1 stays under test. The rest of this
//! part knows the newest format only.

use super::source::{Source, Table};
use super::{Files, LoadError, Problem, paths};

/// The format this program writes.
pub(super) const NEWEST: i64 = 1;

/// Turns the files of one format into files of the next.
type Step = fn(Files) -> Result<Files, LoadError>;

/// `STEPS[0]` leads from format 1 to 2, and so on.
const STEPS: [Step; NEWEST as usize - 1] = [];

/// The files in the newest format.
///
/// # Errors
/// When `plant.toml` is missing or names no format that this program knows.
pub(super) fn upgrade(files: &Files) -> Result<std::borrow::Cow<'_, Files>, Vec<LoadError>> {
    let format = format(files)?;
    let mut upgraded = std::borrow::Cow::Borrowed(files);
    for step in STEPS.iter().skip(usize::try_from(format - 1).unwrap_or(0)) {
        upgraded = std::borrow::Cow::Owned(step(upgraded.into_owned()).map_err(|error| vec![error])?);
    }
    Ok(upgraded)
}

fn format(files: &Files) -> Result<i64, Vec<LoadError>> {
    let wrong = |problem| vec![LoadError { file: paths::PLANT.into(), line: None, problem }];
    let bytes = files.get(paths::PLANT).ok_or_else(|| wrong(Problem::Missing))?;
    let source = Source::new(paths::PLANT, bytes).map_err(|error| vec![error])?;
    let Some(document) = source.parse() else { return Err(source.into_errors()) };
    let table = Table::new(&source, &document);
    let Some(item) = table.items().find(|item| item.key == "format") else {
        return Err(wrong(Problem::MissingKey("format")));
    };
    let format: Option<i64> = item.integer("a number from 1");
    match format {
        Some(format @ 1..=NEWEST) => return Ok(format),
        Some(found) if found > NEWEST => item.fault(Problem::NewerFormat { found, newest: NEWEST }),
        Some(_) => item.wrong("a number from 1"),
        None => (),
    }
    Err(source.into_errors())
}
