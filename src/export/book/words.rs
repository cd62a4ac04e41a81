//! The words of the book in the languages it speaks.

/// A language of headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// German.
    German,
}

impl Language {
    /// The language with this tag, such as `de` or `de-AT`; English for one that the book does not speak.
    pub fn from_tag(tag: &str) -> Self {
        match tag.split(['-', '_']).next() {
            Some(main) if main.eq_ignore_ascii_case("de") => Self::German,
            _ => Self::English,
        }
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Its words.
    pub fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }
}

macro_rules! words {
    ($($name:ident: $english:literal, $german:literal;)*) => {
        /// The words of a language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is named after what it says in English")]
        pub struct Words { $(pub $name: &'static str,)* }
        const ENGLISH: Words = Words { $($name: $english,)* };
        const GERMAN: Words = Words { $($name: $german,)* };
        /// Every word by its name, in English and German.
        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $english, $german),)*];
    };
}

// A word that is the same in both languages stands in SAME below.
words! {
    plant_book: "Plant book", "Anlagenbuch";
    contents: "Contents", "Inhalt";
    page: "Page", "Seite";
    of: "of", "von";
    date: "Date", "Datum";
    part: "Part", "Teil";
    overview: "Overview", "Übersicht";

    blocks: "blocks", "Blöcke";
    charts: "Charts", "Pläne";
    chart: "Chart", "Plan";
    devices: "Devices", "Geräte";
    device: "Device", "Gerät";
    instances: "Instances", "Instanzen";
    components: "Components", "Komponenten";
    component: "Component", "Komponente";
    functions: "Functions", "Funktionen";
    links: "Interconnections", "Verschaltungen";
    of_them_cyclic: "of them cyclic", "davon zyklisch";
    constants: "Constants", "Konstanten";
    constant: "Constant", "Konstante";
    cross_reference: "Cross-reference", "Querverweise";
    findings: "Findings", "Befunde";
    configurations: "Configurations", "Konfigurationen";

    station: "Name of station", "Gerätename";
    address: "Address", "Adresse";
    mask_router: "Mask, router", "Maske, Router";
    mac: "MAC", "MAC";
    behind: "behind", "hinter";
    no_proxy: "no proxy", "kein Proxy";
    links_in: "In", "Ein";
    links_out: "Out", "Aus";
    partners: "Partners", "Partner";

    vendor: "Vendor, category", "Hersteller, Kategorie";
    order_number: "Order number", "Bestellnummer";
    used_by: "Used by", "Verwendet von";
    description: "Description", "Beschreibung";

    provider: "Provider", "Quelle";
    consumer: "Consumer", "Ziel";
    port_type: "Type", "Typ";
    transmission: "Transmission", "Übertragung";
    dead_band: "Dead band", "Totband";
    substitute: "Substitute", "Ersatzwert";
    hold_last: "last value", "letzter Wert";
    remark: "Remark", "Vermerk";
    passive: "passive", "passiv";
    volatile: "volatile", "flüchtig";

    input: "Input", "Eingang";
    value: "Value", "Wert";
    port: "Port", "Anschluss";
    direction: "Direction", "Richtung";
    connected_with: "Connected with", "Verschaltet mit";
    not_connected: "Not connected", "Nicht verschaltet";

    error: "Error", "Fehler";
    warning: "Warning", "Warnung";
    info: "Info", "Hinweis";
    errors: "errors", "Fehler";
    warnings: "warnings", "Warnungen";
    infos: "infos", "Hinweise";
    one_error: "1 error", "1 Fehler";
    one_warning: "1 warning", "1 Warnung";
    one_info: "1 info", "1 Hinweis";
    subject: "Subject", "Gegenstand";
    message: "Message", "Meldung";
    remedy: "Remedy", "Abhilfe";

    fingerprint: "Fingerprint", "Fingerabdruck";
    downloaded: "Downloaded", "Geladen";
    differs: "Differs from what was downloaded", "Weicht vom Geladenen ab";
    never_downloaded: "Never downloaded from this project", "Aus diesem Projekt nie geladen";
    consumer_item: "Consumer item", "Ziel-Item";
    provider_item: "Provider item", "Quell-Item";
    ldev: "LDev", "LDev";
    not_generated: "Not generated", "Nicht erzeugt";
    payload: "Payload", "Nutzdaten";
    value_or_substitute: "Value, substitute", "Wert, Ersatzwert";

    none: "None.", "Keine.";
    empty: "Nothing stands on this chart.", "Auf diesem Plan steht nichts.";
}

/// Names of words that both languages share.
#[cfg(test)]
const SAME: &[&str] = &["mac", "ldev"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_in_both_languages() {
        for (name, english, german) in ALL {
            assert!(!english.is_empty() && !german.is_empty(), "{name}");
            assert_eq!(english == german, SAME.contains(name), "{name}: {english}, {german}");
        }
    }

    #[test]
    fn tags_lead_to_languages() {
        for (tag, language) in [("de", Language::German), ("de-AT", Language::German), ("DE_ch", Language::German)] {
            assert_eq!(Language::from_tag(tag), language);
        }
        for tag in ["en", "fr", "", "deu"] {
            assert_eq!(Language::from_tag(tag), Language::English, "{tag}");
        }
    }
}
