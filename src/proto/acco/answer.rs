//! How much one answer may hold. A short question can ask for one long text a hundred thousand times.

use crate::wire::Variant;
use crate::wire::cba::HResult;
use crate::wire::variant::Elements;

/// Bytes of the elements of an answer, about; as many as our own client takes of one
/// ([`rpc::Limits::stub`](crate::proto::rpc::Limits::stub)). An element that does not fit any more says so instead.
pub const ANSWER_BYTES: usize = 1 << 20;

/// What an element says that did not fit into the answer.
pub const NO_ROOM: HResult = HResult::CBA_E_SIZEEXCEEDED;

/// Elements one question may ask for. Beyond it, even elements without content are too many.
pub const MOST_ELEMENTS: usize = 16_384;

/// Bytes an element has besides its texts and values.
const ELEMENT_BYTES: usize = 48;

/// Room in an answer that grows element by element.
#[derive(Debug)]
pub struct Room {
    left: usize,
}

impl Default for Room {
    /// An empty answer.
    fn default() -> Self {
        Self { left: ANSWER_BYTES }
    }
}

impl Room {
    /// Whether an element did not fit. Nothing fits any more then, so that the rest need not even be looked up.
    pub fn is_full(&self) -> bool {
        self.left == 0
    }

    /// Takes room for an element with these texts and values; `false` if there is too little.
    pub fn take<'a>(&mut self, texts: &[&str], values: impl IntoIterator<Item = &'a Variant>) -> bool {
        let texts = texts.iter().map(|text| 16 + 2 * text.len());
        let values = values.into_iter().map(bytes);
        let size = texts.chain(values).fold(ELEMENT_BYTES, usize::saturating_add);
        self.left = self.left.saturating_sub(size);
        !self.is_full()
    }
}

/// Bytes of a value in a stub, about.
fn bytes(value: &Variant) -> usize {
    const HEAD: usize = 24;
    match value {
        Variant::Bstr(text) => HEAD + 2 * text.len(),
        Variant::Array(array) => match array.elements() {
            Elements::Bstr(texts) => texts.iter().fold(2 * HEAD, |sum, text| sum + 16 + 2 * text.len()),
            Elements::Variant(values) => values.iter().map(bytes).fold(2 * HEAD, usize::saturating_add),
            elements => 2 * HEAD + elements.len().saturating_mul(elements.var_type().size().unwrap_or(8)),
        },
        _ => HEAD + 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::ndr::NdrWriter;

    #[test]
    fn the_estimate_is_near_what_is_sent() {
        let nested = Elements::Variant(vec![Variant::R8(1.0), Variant::Bstr("ab".into())]);
        for value in [
            Variant::Bool(true),
            Variant::Bstr("x".repeat(1000)),
            Variant::vector(Elements::Ui1(vec![7; 5000])),
            Variant::vector(Elements::R8(vec![7.0; 500])),
            Variant::vector(Elements::Bstr(vec!["text".into(); 100])),
            Variant::vector(nested),
        ] {
            let mut w = NdrWriter::new();
            value.write_body(&mut w);
            let (real, estimated) = (w.position(), bytes(&value));
            assert!(real / 2 <= estimated && estimated <= 2 * real + 32, "{real} {estimated} {value}");
        }
    }

    #[test]
    fn behind_what_does_not_fit_nothing_fits() {
        let mut room = Room::default();
        let long = Variant::Bstr("x".repeat(ANSWER_BYTES / 4));
        assert!(room.take(&["a"], [&long]));
        assert!(room.take(&["a", "b"], []));
        assert!(!room.take(&["a"], [&long]) && room.is_full());
        assert!(!room.take(&[], []));
    }
}
