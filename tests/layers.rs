//! Who may import whom: the table of `docs/ARCHITECTURE.md`, kept.

use std::fs;
use std::path::{Path, PathBuf};

/// Module, and what of ours it may name besides itself.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &[]),
    ("edit", &["model"]),
    ("pcd", &["model"]),
    ("library", &["model", "pcd"]),
    ("project", &["model", "pcd", "edit"]),
    ("check", &["model"]),
    ("generate", &["model"]),
    ("drawing", &["model"]),
    ("export", &["model", "drawing"]),
    ("diff", &["model"]),
    ("binding", &["model", "wire"]),
    ("topology", &["model", "wire"]),
    ("proto", &["wire"]),
    ("net", &["wire"]),
    ("rpc", &["wire", "proto", "net"]),
    ("partner", &["model", "wire", "binding", "proto", "net", "rpc"]),
    ("device", LOWER),
    ("online", LOWER),
    ("app", ANY_BELOW_CLI),
    ("cli", ANY_BELOW_CLI),
    ("ui", ANY_BELOW_CLI),
];

const LOWER: &[&str] = &[
    "model", "wire", "edit", "pcd", "library", "project", "check", "generate", "drawing", "export", "diff", "binding",
    "proto", "net", "rpc", "partner", "topology",
];

const ANY_BELOW_CLI: &[&str] = &[
    "model", "wire", "edit", "pcd", "library", "project", "check", "generate", "drawing", "export", "diff", "binding",
    "proto", "net", "rpc", "partner", "topology", "device", "online", "app",
];

/// A crate or a part of the standard library, and the modules that may name it.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("clap::", &["cli"]),
    ("egui::", &["ui"]),
    ("eframe::", &["ui"]),
    ("rfd::", &["ui"]),
    ("quick_xml::", &["pcd"]),
    ("pnet::", &["net"]),
    ("tokio::", &["net", "rpc", "partner", "device", "online", "app", "cli"]),
    ("std::fs", &["net", "device", "online", "app", "cli", "ui"]),
    ("std::net::Tcp", &["net", "device", "online", "app", "cli", "ui"]),
    ("std::net::Udp", &["net", "device", "online", "app", "cli", "ui"]),
    ("SystemTime::now", &["net", "rpc", "device", "online", "app", "cli", "ui"]),
    ("Instant::now", &["net", "rpc", "device", "online", "app", "cli", "ui"]),
];

/// Sources of a module, without its tests, as (file, lines of code).
fn sources(module: &str) -> Vec<(PathBuf, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![root.join(module), root.join(format!("{module}.rs"))];
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.is_file()
            && path.extension().is_some_and(|extension| extension == "rs")
            && path.file_stem().is_some_and(|stem| stem != "tests")
            && path.parent().is_some_and(|parent| !parent.ends_with("tests"))
        {
            let text = fs::read_to_string(&path).unwrap();
            let production = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code = production.lines().map(str::trim).filter(|line| !line.starts_with("//"));
            files.push((path, code.map(String::from).collect()));
        }
    }
    files
}

fn modules() -> Vec<String> {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let name = |line: &str| Some(line.strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    lib.lines().filter_map(name).collect()
}

/// Modules of ours that a line names: `crate::x` and `crate::{x, y}`.
fn named(line: &str) -> Vec<String> {
    let word = |text: &str| {
        let name = text.trim_start().split(|letter: char| letter != '_' && !letter.is_alphanumeric()).next();
        name.unwrap_or_default().to_owned()
    };
    let mut names = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        if line[..at].ends_with(|before: char| before == '_' || before.is_alphanumeric()) {
            continue;
        }
        let rest = &line[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list.split(',').map(word)),
            None => names.push(word(rest)),
        }
    }
    names
}

#[test]
fn every_module_stands_in_the_table() {
    for module in modules() {
        assert!(MAY_IMPORT.iter().any(|(name, _)| *name == module), "{module} is missing from the table of layers");
    }
}

#[test]
fn nobody_imports_what_lies_above() {
    let modules = modules();
    let mut wrong = Vec::new();
    for (module, allowed) in MAY_IMPORT {
        for (file, lines) in sources(module) {
            for line in &lines {
                for name in named(line) {
                    if modules.contains(&name) && name != *module && !allowed.contains(&name.as_str()) {
                        wrong.push(format!("{}: {line}", file.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these reach beyond their layer:\n{}", wrong.join("\n"));
}

#[test]
fn crates_and_the_outside_world_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for (module, _) in MAY_IMPORT {
        for (file, lines) in sources(module) {
            for line in &lines {
                for (what, homes) in ONLY_IN {
                    if line.contains(what) && !homes.contains(module) {
                        wrong.push(format!("{}: {line}", file.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these name what belongs elsewhere:\n{}", wrong.join("\n"));
}

#[test]
fn names_in_paths_are_found() {
    assert_eq!(named("use crate::model::Plan;"), ["model"]);
    assert_eq!(named("use crate::{model::Plan, wire};"), ["model", "wire"]);
    assert_eq!(named("pub(crate) fn x() -> crate::wire::Guid"), ["wire"]);
    assert!(named("pub(crate) use serving::ldev_on_network;").is_empty());
}
