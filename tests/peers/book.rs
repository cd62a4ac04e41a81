//! The plant book in the hands of qpdf, poppler and pypdf.

use std::path::Path;
use std::process::Command;

use plantweave::app::{BookRequest, open_project, plant_book};
use plantweave::drawing::Scene;
use plantweave::export::book::Language;
use plantweave::model::Plan;
use serde_json::Value as Json;

use crate::support::peer;

fn sample(name: &str) -> Plan {
    open_project(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)).unwrap()
}

/// Writes the book into a folder of its own, which goes when it is dropped.
fn book(plan: &Plan, language: Language) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("book.pdf");
    let request = BookRequest { language, date: Some("25 November 2026".into()) };
    plant_book(plan, &request, &|_| true, Some(&file)).unwrap();
    (folder, file)
}

fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn qpdf_finds_no_fault() {
    let Some(mut qpdf) = peer("qpdf") else { return };
    let (_folder, file) = book(&sample("mistakes.plant"), Language::German);
    let said = succeeds(qpdf.arg("--check").arg(&file));
    assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
}

#[test]
fn poppler_reads_every_link_of_the_plan_as_text() {
    let Some(mut pdftotext) = peer("pdftotext") else { return };
    let plan = sample("water-treatment.plant");
    let (_folder, file) = book(&plan, Language::English);
    let text = succeeds(pdftotext.arg("-layout").arg(&file).arg("-"));
    let lines: Vec<&str> = text.lines().collect();
    for (key, link) in plan.links() {
        let ends = [plan.short_name(&link.provider), plan.short_name(&key.consumer), link.qos.to_string()];
        // The list of interconnections begins a line with the provider; the text around it has the widths of its columns.
        let found = lines.iter().any(|line| {
            let line = line.trim_start();
            line.starts_with(&ends[0]) && ends.iter().all(|end| line.contains(end))
        });
        assert!(found, "{ends:?} in no line of\n{text}");
    }
    for what in ["25 November 2026", "Page 2 of ", "Cross-reference", "Fingerprint "] {
        assert!(text.contains(what), "{what}");
    }
    let (_folder, file) = book(&plan, Language::German);
    let Some(mut pdftotext) = peer("pdftotext") else { return };
    let german = succeeds(pdftotext.arg(&file).arg("-"));
    for what in ["Anlagenbuch", "Querverweise", "Seite 2 von ", "Drehstromzähler mit"] {
        assert!(german.contains(what), "{what} in\n{german}");
    }
}

/// Pages, bookmarks and links as pypdf sees them.
fn read_by_pypdf(file: &Path) -> Option<Json> {
    let mut python = peer("python")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/book.py");
    Some(serde_json::from_str(&succeeds(python.arg(script).arg(file))).unwrap())
}

#[test]
fn bookmarks_and_links_lead_to_what_they_say() {
    let plan = sample("bottling-line.plant");
    let (_folder, file) = book(&plan, Language::English);
    let Some(found) = read_by_pypdf(&file) else { return };
    assert_eq!(found["title"], "Bottling line – Plant book");
    assert_eq!(found["lang"], "en");
    let pages: Vec<&str> = found["pages"].as_array().unwrap().iter().map(|page| page.as_str().unwrap()).collect();
    let bookmarks = found["bookmarks"].as_array().unwrap();
    let chapters: Vec<&str> = bookmarks
        .iter()
        .filter(|bookmark| bookmark["level"] == 0)
        .map(|bookmark| bookmark["title"].as_str().unwrap())
        .collect();
    let expected = [
        "Charts",
        "Devices",
        "Components",
        "Interconnections",
        "Constants",
        "Cross-reference",
        "Findings",
        "Configurations",
    ];
    assert_eq!(chapters, expected);
    for bookmark in bookmarks {
        let page = pages[bookmark["page"].as_u64().unwrap() as usize];
        assert!(page.contains(bookmark["title"].as_str().unwrap()), "{bookmark}");
    }
    // A link says what it leads to, and its end is on the page it leads to.
    let links = found["links"].as_array().unwrap();
    for link in links {
        let title = link["title"].as_str().unwrap();
        let name = title.split(['.', '!']).next().unwrap().trim_start_matches(['←', '→', ' ']);
        let name =
            ["behind ", "Device ", "Chart ", "Overview "].iter().fold(name, |name, word| name.trim_start_matches(word));
        let page = pages[link["page"].as_u64().unwrap() as usize];
        assert!(page.contains(name), "{link} leads to\n{page}");
    }
    // Every block leads to its device or chart, and every chart has a page with a bookmark.
    let n_blocks: usize = plan.charts().keys().map(|chart| Scene::new(&plan, *chart).n_blocks()).sum();
    let from_charts =
        |link: &&Json| ["Device ", "Chart "].iter().any(|word| link["title"].as_str().unwrap().starts_with(word));
    assert!(links.iter().filter(from_charts).count() >= n_blocks);
    for chart in plan.charts().values() {
        assert!(bookmarks.iter().any(|bookmark| bookmark["title"] == chart.name.as_str()), "{}", chart.name);
    }
    // Both ends of every link in the list, and in the cross-reference.
    assert!(links.len() > plan.links().len() * 4, "{}", links.len());
}
