//! `plantweave export`: tag files for OPC clients, pictures of charts, and the plant book.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, BookRequest, Failure, PictureFormat, PictureRequest, TagRequest};
use crate::drawing::palette::Theme;
use crate::export;
use crate::export::book::Language;
use crate::model::Plan;

/// Hand a plant over: its variables as a tag file for OPC clients, HMI and MES; its charts as pictures; all of it as a plant book.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Project folder (NAME.plant) or archive (NAME.plantz).
    project: PathBuf,
    /// Kind of file.
    #[arg(long, value_enum)]
    format: Format,
    /// File to write; `-` is standard output. Pictures of all charts go into a folder, when that is one.
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// How item strings are made, for kepware and symbols. Placeholders: {project} {device} {ip} {ldev} {rtauto} {property}
    /// {path}.
    ///
    /// Without it, kepware uses `ns=1;s={path}` and symbols `PD:[{device}]{ldev}.{rtauto}.{property}`, whose syntax no source
    /// confirms.
    #[arg(long)]
    template: Option<String>,
    /// Language of descriptions, and of the headings of a book; English where there is none in it.
    #[arg(long, value_name = "TAG", default_value = "en")]
    lang: String,
    /// Only variables with a path like this, e.g. `Filler1.*`; a path is Instance.LDev.RTAuto.Property.
    #[arg(long, value_name = "GLOB")]
    item: Option<String>,
    /// Date of issue to print in the book, as it shall be read. Without it there is none in the book.
    #[arg(long, value_name = "TEXT")]
    date: Option<String>,
    /// Chart to draw, for svg and png: names of charts joined by `/`, such as `Packing/Palletising`. Without it the top one.
    #[arg(long, value_name = "PATH")]
    chart: Option<String>,
    /// Colours of svg and png.
    #[arg(long, value_enum)]
    theme: Option<Colours>,
    /// Pixels for a unit of the canvas, for png; 1 is what the link editor shows at 100 %.
    #[arg(long, value_name = "NUMBER")]
    scale: Option<f32>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Colours {
    Light,
    Dark,
}

impl From<Colours> for Theme {
    fn from(colours: Colours) -> Self {
        match colours {
            Colours::Light => Self::Light,
            Colours::Dark => Self::Dark,
        }
    }
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
    /// The plant book as PDF: charts, devices, interconnections, cross-reference, findings, configurations.
    Book,
    /// A chart as SVG, texts as texts.
    Svg,
    /// A chart as PNG.
    Png,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    args.refuse_what_is_of_no_use()?;
    let plan = app::open_project(&args.project)?;
    match args.format {
        Format::Csv => tags(&args, &plan, export::Format::Csv, console),
        Format::Json => tags(&args, &plan, export::Format::Json, console),
        Format::Kepware => tags(&args, &plan, export::Format::Kepware, console),
        Format::Symbols => tags(&args, &plan, export::Format::Symbols, console),
        Format::Book => book(&args, &plan, console),
        Format::Svg => charts(&args, &plan, PictureFormat::Svg, console),
        Format::Png => charts(&args, &plan, PictureFormat::Png { scale: args.scale.unwrap_or(DEFAULT_SCALE) }, console),
    }
}

impl Args {
    /// The file to write; `None` for standard output.
    fn file(&self) -> Option<&Path> {
        Some(self.out.as_path()).filter(|out| *out != Path::new("-"))
    }

    /// An option that the format has no use for is a mistake, not something to pass over.
    fn refuse_what_is_of_no_use(&self) -> Result<(), Failure> {
        let (book, png) = (matches!(self.format, Format::Book), matches!(self.format, Format::Png));
        let picture = png || matches!(self.format, Format::Svg);
        let given = [
            ("--template", self.template.is_some() && (book || picture), "kepware and symbols"),
            ("--item", self.item.is_some() && (book || picture), "tag files"),
            ("--date", self.date.is_some() && !book, "a book"),
            ("--chart", self.chart.is_some() && !picture, "svg and png"),
            ("--theme", self.theme.is_some() && !picture, "svg and png"),
            ("--scale", self.scale.is_some() && !png, "png"),
        ];
        match given.into_iter().find(|(_, of_no_use, _)| *of_no_use) {
            None => Ok(()),
            Some((option, _, whose)) => Err(Failure::new(
                format!("cannot use `{option}` with this format"),
                format!("it is for {whose}"),
                "leave it out",
            )),
        }
    }
}

/// Pixels for a unit where nobody says: sharp on most screens.
const DEFAULT_SCALE: f32 = 2.0;

fn charts(args: &Args, plan: &Plan, format: PictureFormat, console: &mut Console) -> Result<Exit, Stop> {
    let request = PictureRequest {
        chart: args.chart.as_deref(),
        format,
        theme: args.theme.map(Theme::from).unwrap_or_default(),
        language: Language::from_tag(&args.lang),
    };
    let Some(out) = args.file() else {
        let bytes = app::draw_chart(plan, &request)?;
        match std::str::from_utf8(&bytes) {
            Ok(svg) => console.print(svg)?,
            Err(_) => console.bytes(&bytes)?,
        }
        return Ok(Exit::Fine);
    };
    for file in app::export_charts(plan, &request, out)? {
        console.line(file.display().to_string())?;
    }
    Ok(Exit::Fine)
}

fn book(args: &Args, plan: &Plan, console: &mut Console) -> Result<Exit, Stop> {
    let request = BookRequest { language: Language::from_tag(&args.lang), date: args.date.clone() };
    let out = args.file();
    let pdf = app::plant_book(plan, &request, &|_| true, out)?;
    match out {
        None => console.bytes(&pdf)?,
        Some(out) => console.line(format!("{} bytes: {}", pdf.len(), out.display()))?,
    }
    Ok(Exit::Fine)
}

fn tags(args: &Args, plan: &Plan, format: export::Format, console: &mut Console) -> Result<Exit, Stop> {
    let request =
        TagRequest { format, template: args.template.as_deref(), lang: &args.lang, item: args.item.as_deref() };
    let out = args.file();
    let file = app::export_tags(plan, &request, out)?;
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
