//! Charts found by what people call them, and written as pictures.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Failure;
use super::generation::replace_file;
use crate::drawing::Scene;
use crate::drawing::palette::Theme;
use crate::export::book::Language;
use crate::export::picture::{Picture, Target, chart_picture, png, svg};
use crate::model::{ChartId, Plan, ROOT_CHART};
use crate::project::file_stem;
use crate::say;

/// All charts with the number of levels above each: the top one, then each with its children behind it, by name.
///
/// A chart that has no way to the top, which only a plan that came from outside can have, comes at the end.
pub fn chart_tree(plan: &Plan) -> Vec<(ChartId, usize)> {
    let mut children: BTreeMap<ChartId, Vec<ChartId>> = BTreeMap::new();
    for (id, chart) in plan.charts() {
        children.entry(chart.parent.unwrap_or(*id)).or_default().push(*id);
    }
    for siblings in children.values_mut() {
        siblings.sort_by_key(|id| plan.charts().get(id).map(|chart| chart.name.clone()));
    }
    let mut tree = Vec::with_capacity(plan.charts().len());
    let mut seen = BTreeSet::new();
    let begin = [ROOT_CHART].into_iter().chain(plan.charts().keys().copied());
    for first in begin {
        let mut open = vec![(first, 0)];
        while let Some((id, depth)) = open.pop() {
            if !plan.charts().contains_key(&id) || !seen.insert(id) {
                continue;
            }
            tree.push((id, depth));
            let below = children.get(&id).into_iter().flatten();
            open.extend(below.rev().filter(|child| **child != id).map(|child| (*child, depth + 1)));
        }
    }
    tree
}

/// How a picture of a chart is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PictureFormat {
    /// Vectors and texts, with the face in the file.
    Svg,
    /// Pixels: so many for a unit of the canvas.
    Png {
        /// More than 0; 1 is what the link editor shows at 100 %.
        scale: f32,
    },
}

impl PictureFormat {
    /// End of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png { .. } => "png",
        }
    }
}

/// What is to be drawn, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PictureRequest<'a> {
    /// Names of a chart and those above it, joined by `/`, without that of the plant; absent: the top one, or all of them where a
    /// folder is written.
    pub chart: Option<&'a str>,
    /// Kind of file.
    pub format: PictureFormat,
    /// Colours.
    pub theme: Theme,
    /// Language of what is said to those who cannot see.
    pub language: Language,
}

/// The chart with this path: names of charts from below the top one, joined by `/`, blanks around it not counted; empty for the top
/// one.
///
/// # Errors
/// No chart has it.
pub fn find_chart(plan: &Plan, path: &str) -> Result<ChartId, Failure> {
    let mut chart = ROOT_CHART;
    for name in path.split('/').map(str::trim).filter(|name| !name.is_empty()) {
        let child = plan.charts().iter().find(|(_, child)| child.parent == Some(chart) && child.name == name);
        let Some((child, _)) = child else {
            let known: Vec<String> = chart_tree(plan)
                .into_iter()
                .map(|(chart, _)| plan.chart_path(chart).join("/"))
                .filter(|path| !path.is_empty())
                .take(MOST_NAMED)
                .collect();
            let remedy = match known.as_slice() {
                [] => "this plant has its top chart only; name none".to_owned(),
                known => format!("charts are, among others: {}", known.join(", ")),
            };
            return Err(Failure::new(
                say!("cannot find the chart `{path}`", path),
                say!("there is no `{name}`", name),
                remedy,
            ));
        };
        chart = *child;
    }
    Ok(chart)
}

/// So many charts are named where one was not found.
const MOST_NAMED: usize = 12;

/// The picture of a chart, as bytes of a file. The same plan and request give the same bytes.
///
/// # Errors
/// There is no such chart, or it is too large for pixels of this scale.
pub fn draw_chart(plan: &Plan, request: &PictureRequest<'_>) -> Result<Vec<u8>, Failure> {
    let chart = find_chart(plan, request.chart.unwrap_or_default())?;
    // Alone in its file it has no other to lead to.
    file_bytes(plan, chart, request, &|_| None)
}

/// Writes pictures of charts: of one to the file `out`, or into it when it is a folder; of all charts into the folder `out` when the request
/// names none. Those in a folder lead to each other. Returns the files written, each whole.
///
/// # Errors
/// As [`draw_chart`], or the disk refuses.
pub fn export_charts(plan: &Plan, request: &PictureRequest<'_>, out: &Path) -> Result<Vec<PathBuf>, Failure> {
    let write = |file: PathBuf, bytes: &[u8]| {
        replace_file(&file, bytes).map_err(|error| {
            let remedy = say!("check that its folder is there, can be written and has room");
            Failure::new(say!("cannot write the chart to {file}", file = file.display()), error, remedy)
        })?;
        Ok(file)
    };
    if !out.is_dir() {
        return Ok(vec![write(out.to_owned(), &draw_chart(plan, request)?)?]);
    }
    let charts = match request.chart {
        Some(path) => vec![find_chart(plan, path)?],
        None => chart_tree(plan).into_iter().map(|(chart, _)| chart).collect(),
    };
    let extension = request.format.extension();
    let names: BTreeMap<ChartId, String> =
        charts.iter().map(|chart| (*chart, format!("{}.{extension}", chart_stem(plan, *chart)))).collect();
    let mut files = Vec::with_capacity(charts.len());
    for chart in charts {
        let Some(name) = names.get(&chart) else { continue };
        let address = |target: &Target| match target {
            Target::Chart(other) => names.get(other).map(|name| percent_encoded(name)),
            _ => None,
        };
        files.push(write(out.join(name), &file_bytes(plan, chart, request, &address)?)?);
    }
    Ok(files)
}

/// Name of a chart's file without its ending: the levels, joined by `.`; that of the plant for the top one.
fn chart_stem(plan: &Plan, chart: ChartId) -> String {
    let path = plan.chart_path(chart);
    match path.as_slice() {
        [] => file_stem(plan.name()),
        path => path.iter().map(|name| file_stem(name)).collect::<Vec<_>>().join("."),
    }
}

fn file_bytes(
    plan: &Plan,
    chart: ChartId,
    request: &PictureRequest<'_>,
    address: svg::Address<'_>,
) -> Result<Vec<u8>, Failure> {
    let picture: Picture =
        chart_picture(plan, &Scene::new(plan, chart), request.theme.palette(), request.language.words());
    match request.format {
        PictureFormat::Svg => Ok(svg::write(&picture, address).into_bytes()),
        PictureFormat::Png { scale } => png::write(&picture, scale).map_err(|error| {
            let what = say!("cannot draw the chart {title}", title = picture.title);
            Failure::new(what, error, say!("choose another scale, or SVG, which has no pixels"))
        }),
    }
}

/// A file's name as the address of a link.
fn percent_encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::open_project;

    fn plan() -> Plan {
        open_project(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bottling-line.plant")).unwrap()
    }

    fn svg_of(chart: Option<&str>) -> PictureRequest<'_> {
        PictureRequest { chart, format: PictureFormat::Svg, theme: Theme::Light, language: Language::English }
    }

    #[test]
    fn charts_come_from_the_top_down_each_once() {
        let plan = plan();
        let tree = chart_tree(&plan);
        assert_eq!(tree[0], (ROOT_CHART, 0));
        assert_eq!(tree.len(), plan.charts().len());
        for (at, (chart, depth)) in tree.iter().enumerate() {
            assert_eq!(plan.chart_path(*chart).len(), *depth);
            let parent = plan.charts().get(chart).unwrap().parent;
            assert!(parent.is_none_or(|parent| tree[..at].iter().any(|(before, _)| *before == parent)));
        }
    }

    #[test]
    fn charts_inside_of_each_other_come_to_an_end() {
        let mut plan = plan();
        let mut charts: Vec<ChartId> = plan.charts().keys().copied().filter(|chart| *chart != ROOT_CHART).collect();
        charts.truncate(2);
        for (one, other) in [(charts[0], charts[1]), (charts[1], charts[0])] {
            let mut chart = plan.charts.get(&one).unwrap().as_ref().clone();
            chart.parent = Some(other);
            plan.charts.insert(one, std::sync::Arc::new(chart));
        }
        assert_eq!(chart_tree(&plan).len(), plan.charts().len());
    }

    #[test]
    fn a_folder_takes_all_charts_which_lead_to_each_other() {
        let plan = plan();
        let folder = tempfile::tempdir().unwrap();
        let files = export_charts(&plan, &svg_of(None), folder.path()).unwrap();
        assert_eq!(files.len(), plan.charts().len());
        let top = std::fs::read_to_string(&files[0]).unwrap();
        assert_eq!(files[0].file_name().unwrap(), "Bottling line.svg");
        for file in &files[1..] {
            let name = file.file_name().unwrap().to_str().unwrap();
            // The top chart leads to its children only; those have one name.
            if name.matches('.').count() == 1 {
                assert!(top.contains(&format!("<a href=\"{}\">", percent_encoded(name))), "{name}");
            }
        }
        let one = export_charts(&plan, &svg_of(Some("Packing / Palletising")), folder.path()).unwrap();
        assert_eq!(one, [folder.path().join("Packing.Palletising.svg")]);
    }

    #[test]
    fn a_chart_that_is_not_there_is_told_with_those_that_are() {
        let failure = draw_chart(&plan(), &svg_of(Some("Packing/Washing"))).unwrap_err();
        assert_eq!(
            (failure.what.to_string().as_str(), failure.why.to_string().as_str()),
            ("cannot find the chart `Packing/Washing`", "there is no `Washing`")
        );
        assert!(failure.remedy.to_string().contains("Packing/Palletising"), "{failure}");
    }

    #[test]
    fn addresses_hold_what_an_address_may_hold() {
        assert_eq!(percent_encoded("Füller 1.svg"), "F%C3%BCller%201.svg");
    }
}
