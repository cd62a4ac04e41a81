//! The component library and the samples as files: descriptions valid, payloads whole, references there, scripts
//! compile, and the components that samples embed are those of the library.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plantweave::device::behaviour::Behaviour;
use sha2::{Digest, Sha256};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// The folders with a description, with the name of the description.
fn components() -> Vec<(PathBuf, PathBuf)> {
    let mut found = Vec::new();
    for vendor in folders(&root().join("library")) {
        for folder in folders(&vendor) {
            let name = folder.file_name().unwrap().to_str().unwrap();
            let description = folder.join(format!("{name}.pcd.xml"));
            assert!(description.is_file(), "{} has no description", folder.display());
            found.push((folder, description));
        }
    }
    assert!(found.len() >= 18, "{} components", found.len());
    found
}

/// One file is in a dialect and an encoding of its own, on purpose.
fn is_irregular(description: &Path) -> bool {
    description.ends_with("shrink-wrapper.pcd.xml")
}

/// All values of `NAME="value"`, in either case; good enough for files that we wrote.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at = tag.to_ascii_lowercase().find(&format!(" {name}=\""))? + name.len() + 3;
    tag[at..].split('"').next()
}

fn tags(description: &Path) -> Vec<String> {
    // The irregular file is ISO-8859-1: each byte is a character of that number.
    let text: String = match is_irregular(description) {
        true => fs::read(description).unwrap().into_iter().map(char::from).collect(),
        false => fs::read_to_string(description).unwrap(),
    };
    text.split('<').skip(1).map(|tag| tag.split('>').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn descriptions_are_valid() {
    let schema = root().join("library/schema/pcd-profile-2.xsd");
    for (_, description) in components() {
        let mut xmllint = Command::new("xmllint");
        xmllint.arg("--noout");
        if !is_irregular(&description) {
            xmllint.arg("--schema").arg(&schema);
        }
        let Ok(output) = xmllint.arg(&description).output() else {
            println!("skipped: xmllint missing");
            return;
        };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn what_descriptions_refer_to_is_there_and_whole() {
    for (folder, description) in components() {
        for tag in tags(&description) {
            let Some(href) = attribute(&tag, "href").filter(|href| !href.contains("://")) else { continue };
            let file = folder.join(href);
            let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let compressed = attribute(&tag, "compress") == Some("gzip");
            let (Some(size), Some(digest)) = (attribute(&tag, "size"), attribute(&tag, "sha256")) else { continue };
            let mut content = Vec::new();
            if compressed {
                std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut content).unwrap();
            } else {
                content = bytes;
            }
            assert_eq!(size, content.len().to_string(), "size of {}", file.display());
            let found: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(digest.to_ascii_lowercase(), found, "SHA-256 of {}", file.display());
        }
    }
}

#[test]
fn every_component_has_icon_manuals_and_two_languages() {
    for (folder, description) in components() {
        for file in ["icon.svg", "manual_en.md", "manual_de.md"] {
            assert!(folder.join(file).is_file(), "{} has no {file}", folder.display());
        }
        let tags = tags(&description);
        let count = |lang: &str| {
            let comments = tags.iter().filter(|tag| tag.to_ascii_lowercase().starts_with("comment"));
            comments.filter(|tag| attribute(tag, "lang") == Some(lang)).count()
        };
        assert_eq!(count("en"), count("de"), "comments of {}", description.display());
    }
}

#[test]
fn behaviour_scripts_compile() {
    let mut n_scripts = 0;
    for (folder, _) in components() {
        let script = folder.join("behaviour.rhai");
        if let Ok(text) = fs::read_to_string(&script) {
            n_scripts += 1;
            Behaviour::compile(&script.display().to_string(), &text, Vec::new(), 1).unwrap();
        }
    }
    assert!(n_scripts >= 18, "{n_scripts} scripts");
}

#[test]
fn samples_embed_what_the_library_holds() {
    let files = |folder: &Path| -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
            .filter(|(name, _)| name != "component.toml" && name != "profile.toml")
            .collect()
    };
    let library: Vec<_> = components().into_iter().map(|(folder, _)| files(&folder)).collect();
    let mut profiles = Vec::new();
    for entry in fs::read_dir(root().join("library/profiles")).unwrap() {
        profiles.push(fs::read(entry.unwrap().path()).unwrap());
    }
    for sample in ["bottling-line.plant", "water-treatment.plant"] {
        for folder in folders(&root().join("samples").join(sample).join("components")) {
            assert!(library.contains(&files(&folder)), "{} differs from the library", folder.display());
            if let Ok(profile) = fs::read(folder.join("profile.toml")) {
                assert!(profiles.contains(&profile), "profile of {} differs from the library", folder.display());
            }
        }
    }
}
