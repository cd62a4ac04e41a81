//! Pictures of charts in the hands of xmllint, Pillow and fontTools.

use std::path::{Path, PathBuf};

use plantweave::app::{PictureFormat, PictureRequest, export_charts, open_project};
use plantweave::drawing::palette::Theme;
use plantweave::export::book::Language;

use crate::support::peer;

/// All charts of a sample in a folder that goes when it is dropped.
fn charts(sample: &str, format: PictureFormat, theme: Theme) -> (tempfile::TempDir, Vec<PathBuf>) {
    let plan = open_project(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(sample)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let request = PictureRequest { chart: None, format, theme, language: Language::English };
    let files = export_charts(&plan, &request, folder.path()).unwrap();
    assert_eq!(files.len(), plan.charts().len());
    (folder, files)
}

#[test]
fn xmllint_finds_every_svg_well_formed() {
    for sample in ["bottling-line.plant", "mistakes.plant"] {
        let Some(mut xmllint) = peer("xmllint") else { return };
        let (_folder, files) = charts(sample, PictureFormat::Svg, Theme::Light);
        let output = xmllint.arg("--noout").args(&files).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Which characters the texts of each SVG need and its faces have, and sizes and colours of the PNG beside it.
#[test]
fn faces_and_pixels_are_what_they_should_be() {
    let Some(mut python) = peer("python") else { return };
    let (_svgs, svgs) = charts("bottling-line.plant", PictureFormat::Svg, Theme::Dark);
    let (_pngs, pngs) = charts("bottling-line.plant", PictureFormat::Png { scale: 1.5 }, Theme::Dark);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/pictures.py");
    let pairs = svgs.iter().zip(&pngs).flat_map(|(svg, png)| [svg, png]);
    let output = python.arg(script).arg("1.5").args(pairs).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.lines().count(), svgs.len(), "{said}");
}
