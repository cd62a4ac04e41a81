//! The writer of component descriptions on the library and our samples: what is written is canonical, valid, and gives the
//! same component.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use plantweave::model::Component;
use plantweave::pcd::{Grade, Read, ReadOptions, Rule, read, write};
use proptest::prelude::*;

mod support;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All descriptions of the library, and our samples of the format.
fn descriptions() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join("library"), root().join("tests/data/pcd")];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "xml") {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() >= 29, "{} descriptions", found.len());
    found
}

fn read_text(text: &[u8]) -> Read {
    read(text, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(text)))
}

/// The component without the bytes it came from.
fn bare(component: &Component) -> Component {
    let mut bare = Component { source: Arc::default(), ..component.clone() };
    // Properties outside an interface come to stand in one that is called as their function.
    for rtauto in bare.ldevs.iter_mut().flat_map(|ldev| &mut ldev.rtautos) {
        for port in rtauto.ports.iter_mut().filter(|port| port.interface.is_empty()) {
            port.interface = rtauto.name.clone();
        }
    }
    bare
}

/// The interfaces that writing gave to functions without any are all that may be new in the details.
fn without_made_interfaces(component: &Component, of: &Component) -> Component {
    let mut component = component.clone();
    let details = Arc::make_mut(&mut component.details);
    details.functions.retain_mut(|function| {
        let before =
            of.details.functions.iter().find(|one| (&one.ldev, &one.rtauto) == (&function.ldev, &function.rtauto));
        function.interfaces.retain(|interface| {
            before.is_some_and(|before| before.interfaces.iter().any(|one| one.name == interface.name))
        });
        before.is_some()
    });
    component
}

#[test]
fn what_is_written_reads_back_as_the_same_component() {
    for path in descriptions() {
        let first = read_text(&fs::read(&path).unwrap());
        let text = write(&first.component);
        let second = read_text(text.as_bytes());
        let path = path.display();
        assert_eq!(second.grade, Grade::Exact, "{path}: {:#?}", second.remarks);
        let odd = second.remarks.iter().find(|remark| remark.rule != Rule::Extension);
        assert!(odd.is_none(), "{path}: {odd:?}");
        assert_eq!(second.kept.len(), first.kept.len(), "{path}: everything kept is still there");
        let expected = bare(&first.component);
        assert_eq!(without_made_interfaces(&bare(&second.component), &first.component), expected, "{path}");
        assert_eq!(write(&second.component), text, "{path}: once is enough");
    }
}

#[test]
fn what_is_written_is_valid() {
    let schema = root().join("library/schema/pcd-profile-2.xsd");
    let folder = tempfile::tempdir().unwrap();
    for (n, path) in descriptions().into_iter().enumerate() {
        let file = folder.path().join(format!("{n}.xml"));
        fs::write(&file, write(&read_text(&fs::read(&path).unwrap()).component)).unwrap();
        let Some(mut xmllint) = support::peer("xmllint") else { return };
        let output = xmllint.arg("--noout").arg("--schema").arg(&schema).arg(&file).output().unwrap();
        assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn foreign_parts_stand_where_they_belong() {
    let shrink = read_text(&fs::read(root().join("library/huellbach/shrink-wrapper/shrink-wrapper.pcd.xml")).unwrap());
    let text = write(&shrink.component);
    for kept in [
        "<hv:PRIVATE xmlns:hv=\"http://huellbach.invalid/erweiterung\" SCHLUESSEL=\"Maschinennummer\">STE3-0471</hv:PRIVATE>",
        "<SCHALTPLAN xmlns=\"http://huellbach.invalid/pcd/2003\" NR=\"E-3310-07\" BLATT=\"12\"/>",
    ] {
        assert!(text.contains(&format!("      {kept}\n")), "{text}");
    }
}

/// Damage to one place of a description: a tag or attribute called otherwise, doubled, or gone.
fn damaged(text: &str, at: usize, how: u8) -> String {
    let words: Vec<&str> = text.split_inclusive(['<', ' ', '"']).collect();
    let at = at % words.len();
    let damage = |(n, word): (usize, &&str)| match (n == at, how % 4) {
        (true, 0) => String::new(),
        (true, 1) => word.repeat(2),
        (true, 2) => word.to_uppercase(),
        (true, _) => format!("x{word}"),
        (false, _) => (*word).to_owned(),
    };
    words.iter().enumerate().map(damage).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn whatever_can_be_read_can_be_written(which in 0usize..30, damage in prop::collection::vec((0usize..5000, any::<u8>()), 1..6)) {
        let paths = descriptions();
        let bytes = fs::read(&paths[which % paths.len()]).unwrap();
        let mut text: String = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
        };
        for (at, how) in damage {
            text = damaged(&text, at, how);
        }
        let text = text.replace("encoding=\"ISO-8859-1\"", "");
        if let Ok(first) = read(text.as_bytes(), &ReadOptions::default()) {
            let written = write(&first.component);
            let second = read_text(written.as_bytes());
            prop_assert_eq!(second.grade, Grade::Exact, "{:#?}\n{}", second.remarks, written);
            // What is kept inside a part that is kept whole is counted in `kept` twice.
            prop_assert_eq!(second.kept.len(), first.component.details.foreign.len());
            prop_assert!(first.kept.len() >= second.kept.len());
            prop_assert_eq!(write(&second.component), written);
        }
    }
}
