//! Tag files in the hands of Python's csv and of a JSON Schema validator.

use std::path::Path;
use std::sync::Arc;

use plantweave::app::{TagRequest, export_tags, open_project};
use plantweave::edit::{Document, Edit};
use plantweave::export::Format;
use plantweave::model::{Plan, Texts, Version, fixture};

use crate::support::peer;

/// Names that mean something in CSV and to Kepware, every type, structures in arrays in structures.
const AWKWARD: &str = r#"
    component Mixer 1.0 {
        struct Step (time R4, texts BSTR[2])
        struct Recipe (name BSTR, steps Step[3])
        rtauto _Main
        in _speed R4 = 0 min 0 max 10 unit "1/h, or not"
        in recipe Recipe
        out Speed R8[2 3] unit ml
        hmi b BOOL; hmi i1 I1; hmi u1 UI1; hmi i2 I2; hmi u2 UI2; hmi i4 I4; hmi u4 UI4; hmi r4 R4; hmi r8 R8; hmi d DATE; hmi t BSTR
        hmi speed BOOL[4]
    }
    component Drive 1.0 profibusSlave { in on BOOL = false }
    project "Awkward, very"
    Mixer1: Mixer @192.168.0.12
    mixer1: Mixer
    Drive1: Drive
"#;

fn read_by_python(plan: &Plan) -> Option<String> {
    let mut python = peer("python")?;
    let folder = tempfile::tempdir().unwrap();
    let kinds =
        [("csv", Format::Csv), ("json", Format::Json), ("kepware", Format::Kepware), ("symbols", Format::Symbols)];
    for (name, format) in kinds {
        export_tags(plan, &TagRequest::of(format), Some(&folder.path().join(name))).unwrap();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = python
        .arg(root.join("tests/peers/tag_files.py"))
        .arg(folder.path())
        .arg(root.join("docs/schema/tags.schema.json"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Properties that clients can read or write.
fn n_variables(plan: &Plan) -> usize {
    let components = plan.instances().keys().filter_map(|name| plan.component_of(name));
    let ports =
        components.flat_map(|component| component.rtautos().map(|(_, rtauto)| &rtauto.ports).collect::<Vec<_>>());
    ports.flatten().filter(|port| port.readable || port.writable).count()
}

#[test]
fn tag_files_of_the_samples_are_read() {
    for name in ["bottling-line.plant", "water-treatment.plant", "mistakes.plant"] {
        let plan = open_project(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)).unwrap();
        // One of the mistakes is that two LDevs have the same name on a device; clients could not tell them apart.
        let mut document = Document::new(plan);
        if document.plan().instances().contains_key("Drive-1") {
            document.apply(&Edit::Remove(vec!["Drive-1".into()])).unwrap();
        }
        let plan = document.plan().clone();
        let Some(found) = read_by_python(&plan) else { return };
        let expected = format!("{} variables, ", n_variables(&plan));
        assert!(found.starts_with(&expected) && n_variables(&plan) > 50, "{name}: {found}");
    }
}

#[test]
fn tag_files_of_an_awkward_plant_are_read() {
    let plan = fixture::plan(AWKWARD);
    let mut mixer = plan.component_of("Mixer1").unwrap().as_ref().clone();
    mixer.key.version = Version::parse("2.0").unwrap();
    for port in mixer.ldevs.iter_mut().flat_map(|ldev| &mut ldev.rtautos).flat_map(|rtauto| &mut rtauto.ports) {
        port.comment = Texts(vec![("en".into(), "Says \"Füllstand\",\r\nthen\tgoes; on = 1".into())]);
    }
    let to = mixer.key.clone();
    let mut document = Document::new(plan);
    document.apply(&Edit::AddComponent(Arc::new(mixer))).unwrap();
    document.apply(&Edit::ReplaceComponent { instances: vec!["Mixer1".into()], to }).unwrap();
    let Some(found) = read_by_python(document.plan()) else { return };
    assert_eq!(found, "31 variables, 43 Kepware tags, 75 symbols\n");
}
