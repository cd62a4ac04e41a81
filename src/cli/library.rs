//! `plantweave library`: what a library holds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::console::Console;
use super::{Exit, Stop};
use crate::app::{self, LibraryList};
use crate::library::{FunctionPreview, KeptPreview, PortPreview, Preview, QosPreview, RemarkPreview};
use crate::pcd::Rule;

/// List the component descriptions of a library, search them, or show one.
///
/// The exit code is 1 when files of the library cannot be read, or claim to be the same version with different contents.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Library folder.
    library: PathBuf,
    /// List only what holds all these words in name, vendor, description, category or ports.
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// List only what is in this category or below it; levels are separated by `/`.
    #[arg(long, value_name = "CATEGORY")]
    category: Option<String>,
    /// Show one component: a name, an id or a file, with ` VERSION` behind it if not the newest.
    #[arg(long, value_name = "COMPONENT", conflicts_with_all = ["search", "category"])]
    show: Option<String>,
    /// Language of texts, where there is a choice.
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: String,
    /// With --show: list every remark on the description, also what is merely worth knowing.
    #[arg(long, requires = "show")]
    remarks: bool,
    /// With --show: print its description in the canonical form, valid against the schema.
    #[arg(long, requires = "show", conflicts_with = "json")]
    canonical: bool,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: Args, console: &mut Console) -> Result<Exit, Stop> {
    let library = app::open_library(&args.library)?;
    if let Some(wanted) = &args.show {
        if args.canonical {
            console.print(&app::canonical_description(&library, wanted)?)?;
            return Ok(Exit::Fine);
        }
        let preview = app::show_component(&library, wanted, &args.lang)?;
        if args.json {
            console.json(&preview)?;
        } else {
            show(&preview, args.remarks, console)?;
        }
        return Ok(Exit::Fine);
    }
    let words = args.search.unwrap_or_default();
    let list = app::list_library(&library, &words, args.category.as_deref(), &args.lang);
    if args.json {
        console.json(&list)?;
    } else {
        print(&list, console)?;
    }
    let complains = !list.problems.is_empty() || list.conflicts.iter().any(|conflict| conflict.differs);
    Ok(if complains { Exit::Findings } else { Exit::Fine })
}

fn print(list: &LibraryList, console: &mut Console) -> Result<(), Stop> {
    let rows = list.components.iter().map(|row| {
        let ports = if row.ports_found.is_empty() { row.ports.to_string() } else { row.ports_found.join(", ") };
        [row.name.clone(), row.version.clone(), row.vendor.clone(), row.category.clone(), row.grade.clone(), ports]
    });
    console.table(&["component", "version", "vendor", "category", "grade", "ports"], rows)?;
    console.line(format!("\n{} of {} descriptions", list.components.len(), list.total))?;
    for conflict in &list.conflicts {
        let verdict =
            if conflict.differs { Rule::ChangedWithoutVersion.to_string() } else { "there several times".to_owned() };
        console.line(format!("{} {}: {verdict}: {}", conflict.name, conflict.version, conflict.paths.join(", ")))?;
    }
    for problem in &list.problems {
        console.line(format!("{}: {}", problem.path, problem.fault))?;
    }
    Ok(())
}

fn show(preview: &Preview, all: bool, console: &mut Console) -> Result<(), Stop> {
    console.line(format!("{} {}", preview.name, preview.version))?;
    let singleton = if preview.singleton { ", at most one in a project" } else { "" };
    for (what, text) in [
        ("vendor", preview.vendor.clone()),
        ("category", preview.category.clone()),
        ("about", preview.description.clone()),
        ("id", preview.id.clone()),
        ("file", preview.path.clone()),
        ("grade", preview.grade.clone()),
        ("device", device(preview)),
        ("identity", format!("{} {} {}", preview.producer, preview.product, preview.order_number)),
        ("CBA stage", format!("{}{singleton}", preview.stage)),
        ("offers", qos_list(&preview.qos)),
        ("profile", preview.profile.clone()),
        ("payloads", preview.payloads.join(", ")),
        ("documents", preview.documents.join(", ")),
        ("files", preview.files.join(", ")),
        ("versions", preview.versions.iter().map(|version| version.version.as_str()).collect::<Vec<_>>().join(", ")),
    ] {
        if !text.trim().is_empty() {
            console.line(format!("  {what:<10} {}", text.trim()))?;
        }
    }
    if !preview.limits.is_empty() {
        console.line("")?;
        let number = |figure: Option<u32>| figure.map_or("–".to_owned(), |figure| figure.to_string());
        let rows =
            preview.limits.iter().map(|row| [row.what.replace('_', " "), number(row.typical), number(row.maximum)]);
        console.table(&["limit", "typical", "maximum"], rows)?;
    }
    for function in &preview.functions {
        print_function(function, console)?;
    }
    if !preview.remarks.is_empty() || !preview.kept.is_empty() {
        console.line("")?;
    }
    print_remarks(&preview.remarks, &preview.kept, all, console)
}

fn device(preview: &Preview) -> String {
    let mut text = format!("{} ({}", preview.device, preview.device_class);
    match preview.lan_ports {
        Some(1) => text.push_str(", 1 LAN port"),
        Some(count) => text.push_str(&format!(", {count} LAN ports")),
        None => {}
    }
    for role in &preview.profibus {
        text.push_str(&format!(", PROFIBUS {role}"));
    }
    text.push(')');
    text
}

fn qos_list(offers: &[QosPreview]) -> String {
    if offers.is_empty() {
        return "acyclic at any interval".to_owned();
    }
    let offer = |offer: &QosPreview| {
        let values: Vec<String> = offer.values_ms.iter().map(u16::to_string).collect();
        match values.is_empty() {
            true => offer.qos_type.to_owned(),
            false => format!("{} {} ms", offer.qos_type, values.join("/")),
        }
    };
    offers.iter().map(offer).collect::<Vec<_>>().join("; ")
}

fn print_function(function: &FunctionPreview, console: &mut Console) -> Result<(), Stop> {
    console.line(format!("\n{} / {}  {}", function.ldev, function.name, function.description).trim_end())?;
    let rows = function.ports.iter().map(|port| {
        [
            port.name.clone(),
            port.direction.to_owned(),
            port.value_type.clone(),
            port.unit.clone(),
            range(port),
            port.default.clone().unwrap_or_else(|| if port.mandatory { "must be fed".into() } else { String::new() }),
            port.comment.clone(),
        ]
    });
    console.table(&["port", "dir", "type", "unit", "range", "default", "comment"], rows)
}

fn range(port: &PortPreview) -> String {
    match (port.min, port.max) {
        (None, None) => String::new(),
        (min, max) => {
            let number = |bound: Option<f64>| bound.map_or(String::new(), |bound| bound.to_string());
            format!("{} … {}", number(min), number(max)).trim().to_owned()
        }
    }
}

/// Prints what there is to say about a description, with line and column, and what was kept of it. Unless `all` is asked for,
/// remarks that are merely worth knowing are summed up, one line a rule.
pub(super) fn print_remarks(
    remarks: &[RemarkPreview],
    kept: &[KeptPreview],
    all: bool,
    console: &mut Console,
) -> Result<(), Stop> {
    let is_info = |remark: &&RemarkPreview| !all && remark.severity == "info";
    for remark in remarks.iter().filter(|remark| !is_info(remark)) {
        console.line(format!("  {}", remark_text(remark)))?;
    }
    for kept in kept {
        let mut text: String = kept.text.chars().take(80).map(|c| if c.is_control() { ' ' } else { c }).collect();
        if text.len() < kept.text.len() {
            text.push('…');
        }
        console.line(format!("  {}kept: {text}", at(kept.line, kept.column)))?;
    }
    let mut by_rule: BTreeMap<&str, Vec<&RemarkPreview>> = BTreeMap::new();
    for remark in remarks.iter().filter(is_info) {
        by_rule.entry(remark.code).or_default().push(remark);
    }
    for remarks in by_rule.values() {
        match remarks.as_slice() {
            [] => {}
            [one] => console.line(format!("  {}", remark_text(one)))?,
            [first, others @ ..] => console.line(format!("  {}; {} more like it", remark_text(first), others.len()))?,
        }
    }
    Ok(())
}

fn remark_text(remark: &RemarkPreview) -> String {
    let RemarkPreview { severity, code, rule, message, .. } = remark;
    let times = if remark.count > 1 { format!(" ({} times)", remark.count) } else { String::new() };
    format!("{}{severity} {code} {rule}: {message}{times}", at(remark.line, remark.column))
}

fn at(line: Option<u32>, column: Option<u32>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!("{line}:{column}: "),
        _ => String::new(),
    }
}
