//! `plantweave export`: tag files for OPC clients.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, TagRequest};
use crate::export;

/// Write the variables of the plant as a tag file for OPC clients, HMI and MES.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Kind of file.
    #[arg(long, value_enum)]
    format: Format,
    /// File to write; `-` prints the tags.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// How item strings are made, for kepware and symbols. Placeholders: {project} {device} {ip} {ldev} {rtauto} {property}
    /// {path}.
    ///
    /// Without it, kepware uses `ns=1;s={path}` and symbols `PD:[{device}]{ldev}.{rtauto}.{property}`, whose syntax no source
    /// confirms.
    #[arg(long)]
    template: Option<String>,
    /// Language of descriptions; English where there is none in it.
    #[arg(long, value_name = "TAG", default_value = "en")]
    lang: String,
    /// Only variables with a path like this, e.g. `Filler1.*`; a path is Instance.LDev.RTAuto.Property.
    #[arg(long, value_name = "GLOB")]
    item: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One row a variable, with all that the project knows of it.
    Csv,
    /// The same as JSON.
    Json,
    /// Device tags for KEPServerEX.
    Kepware,
    /// Item strings made from a template.
    Symbols,
}

impl From<Format> for export::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Json => Self::Json,
            Format::Kepware => Self::Kepware,
            Format::Symbols => Self::Symbols,
        }
    }
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let plan = app::open_project(&args.project)?;
    let request = TagRequest {
        format: args.format.into(),
        template: args.template.as_deref(),
        lang: &args.lang,
        item: args.item.as_deref(),
    };
    let out = Some(args.out.as_path()).filter(|out| *out != Path::new("-"));
    let file = app::export_tags(&plan, &request, out)?;
    for note in &file.notes {
        console.note(note);
    }
    match out {
        None => console.print(&file.text)?,
        Some(out) => {
            console.line(format!("{} variables in {} rows: {}", file.n_variables, file.n_rows, out.display()))?;
        }
    }
    Ok(Exit::Fine)
}
