//! What a file is, by its content: the name of a file says little about what a vendor put into it.

use std::fmt;

/// What a file seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// XML that may be a component description; its reader decides.
    Xml {
        /// Name of the root element without prefix; empty when none was found.
        root: String,
    },
    /// GSDML, the device description of PROFINET IO.
    Gsdml,
    /// Function block type of IEC 61499.
    FunctionBlockType,
    /// Source of a STEP 7 data block.
    DataBlockSource,
    /// XML schema.
    XmlSchema,
    /// AutomationML.
    AutomationMl,
    /// OPC UA node set.
    NodeSet,
    /// GSD of PROFIBUS.
    Gsd,
    /// Zip archive.
    Zip,
    /// Nothing at all.
    Empty,
    /// Other text.
    Text,
    /// Other bytes.
    Binary,
}

impl Kind {
    /// Whether the file may be a component description.
    pub fn may_be_description(&self) -> bool {
        matches!(self, Self::Xml { .. })
    }
}

impl fmt::Display for Kind {
    /// In words that end a sentence `this is …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xml { root } if root.is_empty() => f.write_str("XML"),
            Self::Xml { root } => write!(f, "XML with the root element `{root}`"),
            Self::Gsdml => f.write_str("a GSDML file, the device description of PROFINET IO"),
            Self::FunctionBlockType => f.write_str("a function block type of IEC 61499 (.fbt)"),
            Self::DataBlockSource => f.write_str("the source of a STEP 7 data block"),
            Self::XmlSchema => f.write_str("an XML schema"),
            Self::AutomationMl => f.write_str("an AutomationML file"),
            Self::NodeSet => f.write_str("an OPC UA node set"),
            Self::Gsd => f.write_str("a GSD file of PROFIBUS"),
            Self::Zip => f.write_str("a zip archive"),
            Self::Empty => f.write_str("an empty file"),
            Self::Text => f.write_str("a text, but no XML"),
            Self::Binary => f.write_str("no text"),
        }
    }
}

/// Bytes at the beginning of a file that are looked at.
pub(crate) const HEAD_BYTES: usize = 16 << 10;

/// What a file seems to be, from its first bytes (16 KiB are enough).
pub fn recognise(head: &[u8]) -> Kind {
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    if head.is_empty() {
        return Kind::Empty;
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Kind::Zip;
    }
    // UTF-16 is good enough to look at without its zeros; what the bytes mean exactly is the reader's affair.
    let wide = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    let wide = wide || head.starts_with(&[b'<', 0]) || head.starts_with(&[0, b'<']);
    let bytes: Vec<u8> = if wide {
        head.iter().copied().filter(|byte| !matches!(byte, 0 | 0xFE | 0xFF)).collect()
    } else {
        head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).to_vec()
    };
    let text: String = bytes.iter().copied().map(char::from).collect();
    let text = text.trim_start();
    if !text.starts_with('<') {
        return of_text(text);
    }
    let root = root_element(text);
    let local = root.rsplit(':').next().unwrap_or(root);
    match local {
        "ISO15745Profile" => Kind::Gsdml,
        "FBType" | "AdapterType" | "SubAppType" | "ResourceType" | "LibraryElement" => Kind::FunctionBlockType,
        "schema" => Kind::XmlSchema,
        "CAEXFile" => Kind::AutomationMl,
        "UANodeSet" => Kind::NodeSet,
        _ => Kind::Xml { root: local.chars().take(60).collect() },
    }
}

fn of_text(text: &str) -> Kind {
    let mut lines = text.lines().map(str::trim).filter(|line| {
        !line.is_empty() && !line.starts_with("//") && !line.starts_with(';') && !line.starts_with("(*")
    });
    let first = lines.next().unwrap_or_default().to_ascii_uppercase();
    if ["DATA_BLOCK", "TYPE ", "TYPE\"", "FUNCTION_BLOCK"].iter().any(|word| first.starts_with(word)) {
        Kind::DataBlockSource
    } else if first.starts_with("#PROFIBUS_DP") {
        Kind::Gsd
    } else if text.chars().any(|character| character < ' ' && !character.is_ascii_whitespace()) {
        Kind::Binary
    } else {
        Kind::Text
    }
}

/// The name of the first element: behind declaration, instructions, comments and a document type.
fn root_element(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let skip = |rest: &str, end: &str| rest.find(end).and_then(|at| rest.get(at + end.len()..)).map(str::len);
        let left = if rest.starts_with("<!--") {
            skip(rest, "-->")
        } else if rest.starts_with("<?") {
            skip(rest, "?>")
        } else if rest.starts_with("<!") {
            // The internal subset of a document type has `>` of its own.
            let subset = rest.find('[').filter(|at| rest.find('>').is_some_and(|end| *at < end));
            if subset.is_some() { skip(rest, "]>").or_else(|| skip(rest, "]")) } else { skip(rest, ">") }
        } else {
            let name = rest.strip_prefix('<').unwrap_or_default();
            let end = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(name.len());
            return name.get(..end).unwrap_or_default();
        };
        match left.and_then(|left| rest.get(rest.len() - left..)) {
            Some(next) => rest = next,
            None => return "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_content() {
        let wide: Vec<u8> = "\u{FEFF}<PCD/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (head, kind) in [
            (&b""[..], "an empty file"),
            (
                b"<?xml version='1.0'?><!-- <x> --><a:ComponentDescription xmlns:a='b'>",
                "XML with the root element `ComponentDescription`",
            ),
            (&wide, "XML with the root element `PCD`"),
            (b"\xEF\xBB\xBF<ISO15745Profile>", "a GSDML file, the device description of PROFINET IO"),
            (b"<!DOCTYPE FBType SYSTEM 'x.dtd'>\n<FBType Name='a'>", "a function block type of IEC 61499 (.fbt)"),
            (b"<!DOCTYPE a [<!ENTITY b 'c'> ]><FBType>", "a function block type of IEC 61499 (.fbt)"),
            (b"// made by hand\r\nDATA_BLOCK DB 10\r\n", "the source of a STEP 7 data block"),
            (b";comment\n#Profibus_DP\nGSD_Revision=3", "a GSD file of PROFIBUS"),
            (b"<xs:schema>", "an XML schema"),
            (b"PK\x03\x04....", "a zip archive"),
            (b"a,b\n1,2\n", "a text, but no XML"),
            (b"\x89PNG\r\n\x1a\n\0\0", "no text"),
            (b"<!-- never closed", "XML"),
            (b"<", "XML"),
            (b"<PCD a='\0", "XML with the root element `PCD`"),
        ] {
            assert_eq!(recognise(head).to_string(), kind, "{:?}", String::from_utf8_lossy(head));
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(head: Vec<u8>, text in "[<>!?\\-\\[\\]a :/]{0,40}") {
            recognise(&head);
            recognise(text.as_bytes());
        }
    }
}
