//! Where a component stands in a library folder: names that every file system takes.

use super::search::{fold, umlauts};
use crate::model::Component;

/// Characters of a folder name.
const MOST_CHARACTERS: usize = 60;

/// The folder of the vendor and, in it, that of the component version: `huellbach-verpackung-gmbh`, `shrink-wrapper-1.0`.
pub fn component_folder(component: &Component) -> (String, String) {
    let vendor = stem(&component.vendor, "unknown-vendor");
    (vendor, format!("{}-{}", stem(&component.name, "component"), component.key.version))
}

/// A name in letters and digits with `-` between them, in lower case and without accents.
fn stem(name: &str, otherwise: &str) -> String {
    let mut stem = String::new();
    for character in fold(&umlauts(name)).chars().take(4 * MOST_CHARACTERS) {
        if character.is_alphanumeric() {
            stem.push(character);
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
    }
    let stem: String = stem.chars().take(MOST_CHARACTERS).collect();
    let stem = stem.trim_end_matches('-');
    // DOS keeps some names for devices.
    let device = matches!(stem, "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")));
    match stem {
        "" => otherwise.to_owned(),
        _ if device => format!("{stem}-vendor"),
        _ => stem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_folders() {
        for (name, expected) in [
            ("Hüllbach Verpackung GmbH", "huellbach-verpackung-gmbh"),
            ("Groß & Co. / Ærø", "gross-co-aero"),
            ("../../etc", "etc"),
            ("***", "otherwise"),
            ("CON", "con-vendor"),
            ("泵站", "泵站"),
        ] {
            assert_eq!(stem(name, "otherwise"), expected);
        }
        assert_eq!(stem(&"x".repeat(1000), "").len(), MOST_CHARACTERS);
    }
}
