//! From bytes to text: UTF-8, UTF-16, ISO-8859-1 and windows-1252, by byte order mark and declaration.

use std::borrow::Cow;

use encoding_rs::{CoderResult, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::PcdError;
use super::xml::excerpt;

/// Bytes that are decoded at a time.
const CHUNK: usize = 64 << 10;
/// Bytes in which the XML declaration is looked for.
const DECLARATION: usize = 512;

/// A document as text.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// What is to be said about the encoding, if it is not plain UTF-8.
    pub(super) remark: Option<String>,
}

/// How the bytes of a document are to be read.
pub(super) struct Detected {
    pub(super) encoding: &'static Encoding,
    /// Length of the byte order mark.
    pub(super) mark: usize,
    remark: Option<String>,
}

/// Finds out the encoding from the first bytes.
///
/// # Errors
/// An encoding outside `pcd-format` 7.4, by its name.
pub(super) fn detect(bytes: &[u8]) -> Result<Detected, PcdError> {
    if let [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [b'<', 0, 0, 0, ..] | [0, 0, 0, b'<', ..] = bytes {
        return Err(PcdError::Encoding { offset: 0, fault: "UTF-32 is not supported; save the file as UTF-8".into() });
    }
    let (encoding, mark) = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => (UTF_8, 3),
        [0xFF, 0xFE, ..] => (UTF_16LE, 2),
        [0xFE, 0xFF, ..] => (UTF_16BE, 2),
        [b'<', 0, ..] => (UTF_16LE, 0),
        [0, b'<', ..] => (UTF_16BE, 0),
        _ => return from_declaration(bytes),
    };
    let remark = match encoding != UTF_8 {
        true => Some(format!("the file is in {}", encoding.name())),
        false => bytes.get(mark..).and_then(declared).filter(|(_, label)| !is_utf8(label)).map(|(_, label)| {
            format!("the file declares {} but begins with the mark of UTF-8; it was read as UTF-8", excerpt(label))
        }),
    };
    Ok(Detected { encoding, mark, remark })
}

fn is_utf8(label: &str) -> bool {
    matches!(label.to_ascii_lowercase().as_str(), "utf-8" | "utf8")
}

fn from_declaration(bytes: &[u8]) -> Result<Detected, PcdError> {
    let plain = |encoding, remark| Ok(Detected { encoding, mark: 0, remark });
    let Some((offset, label)) = declared(bytes) else { return plain(UTF_8, None) };
    match label.to_ascii_lowercase().as_str() {
        _ if is_utf8(label) => plain(UTF_8, None),
        "utf-16" | "utf-16le" | "utf-16be" | "ucs-2" | "iso-10646-ucs-2" => {
            plain(UTF_8, Some(format!("the file declares {label} but has single bytes; it was read as UTF-8")))
        }
        // Our convention, and that of browsers: what calls itself ISO-8859-1 or ASCII is read as the superset
        // windows-1252, since the 32 control codes that differ do not occur in XML.
        "iso-8859-1" | "iso_8859-1" | "iso8859-1" | "latin1" | "latin-1" | "us-ascii" | "ascii" | "windows-1252"
        | "cp1252" | "x-cp1252" => plain(WINDOWS_1252, Some(format!("the file is in {label}"))),
        _ => Err(PcdError::Encoding {
            offset,
            fault: format!(
                "encoding `{}` is not supported; UTF-8, UTF-16, ISO-8859-1 and windows-1252 are; save the file as UTF-8",
                excerpt(label)
            ),
        }),
    }
}

/// The name in `encoding="…"` of the XML declaration, with its offset.
fn declared(bytes: &[u8]) -> Option<(usize, &str)> {
    let head = bytes.get(..bytes.len().min(DECLARATION))?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let head = std::str::from_utf8(head.get(..end)?).ok()?;
    head.strip_prefix("<?xml")?;
    let at = head.find("encoding")? + "encoding".len();
    let value = head.get(at..)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (label, _) = value.get(1..)?.split_once(quote)?;
    Some((head.len() - value.len() + 1, label))
}

/// Decodes a document; UTF-8 is only looked at, not copied.
///
/// # Errors
/// An unsupported encoding, or the first byte that is not text in it.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, PcdError> {
    let Detected { encoding, mark, remark } = detect(bytes)?;
    let body = bytes.get(mark..).unwrap_or_default();
    let malformed = |offset: usize| PcdError::Encoding {
        offset: mark + offset,
        fault: format!("not {}; declare the encoding that the file has, or save it as UTF-8", encoding.name()),
    };
    if encoding == UTF_8 {
        // A picture, a program, an archive: advice about encodings would lead astray.
        if body.trim_ascii_start().first().is_some_and(|first| *first != b'<') {
            return Err(PcdError::Encoding {
                offset: mark,
                fault: "this is no XML file, which begins with `<`".into(),
            });
        }
        let text = simdutf8::compat::from_utf8(body).map_err(|error| malformed(error.valid_up_to()))?;
        return Ok(Decoded { text: Cow::Borrowed(text), remark });
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::new();
    let mut done = 0;
    loop {
        let rest = body.get(done..).unwrap_or_default();
        let chunk = rest.get(..rest.len().min(CHUNK)).unwrap_or_default();
        let last = chunk.len() == rest.len();
        let room = decoder.max_utf8_buffer_length_without_replacement(chunk.len()).unwrap_or(CHUNK);
        text.reserve(room);
        let (result, read) = decoder.decode_to_string_without_replacement(chunk, &mut text, last);
        done += read;
        match result {
            DecoderResult::InputEmpty if last => break,
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, behind) => {
                return Err(malformed(done.saturating_sub(usize::from(length) + usize::from(behind))));
            }
        }
    }
    Ok(Decoded { text: Cow::Owned(text), remark })
}

/// Decodes for a look at the structure only: what is malformed is replaced.
pub(super) fn decode_loosely(decoder: &mut encoding_rs::Decoder, chunk: &[u8], text: &mut String) {
    let mut done = 0;
    loop {
        text.reserve(decoder.max_utf8_buffer_length(chunk.len() - done).unwrap_or(CHUNK));
        let (result, read, _) = decoder.decode_to_string(chunk.get(done..).unwrap_or_default(), text, false);
        done += read;
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let marked = if mark { format!("\u{FEFF}{text}") } else { text.to_owned() };
        marked.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn all_encodings_give_the_same_text() {
        let text = "<a>Rührwerk €</a>";
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            utf16(text, true, true),
            utf16(text, false, true),
            utf16(text, true, false),
            utf16(text, false, false),
        ] {
            assert_eq!(decode(&bytes).unwrap().text, text);
        }
        for label in ["ISO-8859-1", "windows-1252"] {
            let bytes =
                [format!("<?xml version='1.0' encoding = '{label}'?><a>").as_bytes(), b"R\xFChr\x80</a>"].concat();
            let decoded = decode(&bytes).unwrap();
            assert!(decoded.text.ends_with("Rühr€</a>"));
            assert_eq!(decoded.remark.unwrap(), format!("the file is in {label}"));
        }
    }

    #[test]
    fn a_mark_goes_before_a_declaration() {
        let decoded = |bytes: &[u8]| decode(bytes).unwrap().remark;
        assert_eq!(decoded(b"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><a/>"), None);
        let remark = decoded(b"\xEF\xBB\xBF<?xml version='1.0' encoding='latin1'?><a/>").unwrap();
        assert!(remark.starts_with("the file declares latin1 but"), "{remark}");
    }

    #[test]
    fn faults_have_an_offset() {
        let fault = |bytes: &[u8]| decode(bytes).err().unwrap().to_string();
        assert!(fault(b"<a>R\xFChr</a>").starts_with("byte 4: not UTF-8"));
        assert!(
            fault(b"<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><a/>").starts_with("byte 30: encoding `Shift_JIS`")
        );
        let mut lone = utf16("<a>x</a>", true, true);
        lone[8..10].copy_from_slice(&0xD800_u16.to_le_bytes());
        assert!(fault(&lone).starts_with("byte 8: not UTF-16LE"), "{}", fault(&lone));
        let odd = utf16("<a/>", false, true);
        assert!(fault(&odd[..odd.len() - 1]).contains("not UTF-16BE"));
        for utf32 in [&[0xFF, 0xFE, 0, 0, 1][..], &[b'<', 0, 0, 0], &[0, 0, 0, b'<']] {
            assert!(fault(utf32).contains("UTF-32"));
        }
        assert_eq!(fault(b"\x89PNG\r\n"), "byte 0: this is no XML file, which begins with `<`");
    }
}
