//! Who may import whom: the table of `docs/ARCHITECTURE.md`, section 4, held against the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and the modules of ours it may import.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &[]),
    ("edit", &["model"]),
    ("pcd", &["model"]),
    ("project", &["model", "pcd", "edit"]),
    ("library", &["model", "pcd"]),
    ("check", &["model"]),
    ("generate", &["model"]),
    ("export", &["model"]),
    ("diff", &["model"]),
    ("binding", &["model", "wire"]),
    ("proto", &["wire"]),
    ("net", &["wire"]),
    ("rpc", &["wire", "proto", "net"]),
    ("device", BELOW_LAYER_2),
    ("online", BELOW_LAYER_2),
    (
        "app",
        &[
            "model", "wire", "edit", "pcd", "project", "library", "check", "generate", "export", "diff", "binding",
            "proto", "net", "rpc", "device", "online",
        ],
    ),
    ("cli", &["app", "model", "check", "generate", "online", "device", "diff", "export", "library", "pcd"]),
];

const BELOW_LAYER_2: &[&str] = &[
    "model", "wire", "edit", "pcd", "project", "library", "check", "generate", "export", "diff", "binding", "proto",
    "net", "rpc",
];

/// A name that may appear only in some modules, and why it is looked for as this text.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("clap::", &["cli"]),
    ("quick_xml::", &["pcd"]),
    ("std::fs", &["net", "device", "app"]),
    ("std::net::Tcp", &["net"]),
    ("SystemTime::now", &["net", "rpc", "device", "online", "app", "cli"]),
    ("Instant::now", &["net", "rpc", "device", "online", "app", "cli"]),
    ("tokio::", &["net", "rpc", "device", "online", "app", "cli"]),
];

/// Production text of each Rust file in `src` by module; tests at the end of a file and in files of their own are left out.
fn sources() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let mut found: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") && !name.ends_with("tests.rs") && name != "fixture.rs" {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                let inner = path.strip_prefix(&src).unwrap();
                let module = inner.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
                found.entry(module.to_owned()).or_default().push((inner.to_owned(), code.join("\n")));
            }
        }
    }
    found
}

#[test]
fn modules_import_only_what_their_layer_allows() {
    let mut wrong = BTreeSet::new();
    for (module, files) in sources() {
        if module == "lib" || module == "main" {
            continue;
        }
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
            panic!("src/{module} is not in the table of layers; add it here and to docs/ARCHITECTURE.md");
        };
        for (path, code) in files {
            for import in code.split("crate::").skip(1) {
                let name: String = import.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let ours = MAY_IMPORT.iter().any(|(module, _)| *module == name);
                if ours && name != module && !allowed.contains(&name.as_str()) {
                    wrong.insert(format!("{} imports {name}", path.display()));
                }
                if module == "net" && name == "wire" && !import.starts_with("wire::ethernet") {
                    wrong.insert(format!("{} imports more of wire than its ethernet", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "against the table of layers:\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn sockets_clocks_and_foreign_crates_stay_in_their_modules() {
    let mut wrong = BTreeSet::new();
    for (module, files) in sources() {
        for (path, code) in files {
            for (text, allowed) in ONLY_IN {
                if code.contains(text) && !allowed.contains(&module.as_str()) {
                    wrong.insert(format!("{} uses {text}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "outside their modules:\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_architecture_page_names_every_module() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ARCHITECTURE.md")).unwrap();
    for module in sources().keys().filter(|module| *module != "lib" && *module != "main") {
        assert!(
            page.contains(&format!("| `{module}` |")),
            "src/{module} is missing on the map of docs/ARCHITECTURE.md"
        );
    }
}
