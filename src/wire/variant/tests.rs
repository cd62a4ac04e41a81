use proptest::prelude::*;

use super::*;
use crate::wire::ndr::ByteOrder;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

fn read_body(bytes: &[u8]) -> Result<Variant, WireError> {
    Variant::read_body(&mut NdrReader::new(bytes, ByteOrder::Little), "value")
}

fn body(value: &Variant) -> Vec<u8> {
    let mut w = NdrWriter::new();
    value.write_body(&mut w);
    w.into_bytes()
}

/// Bodies printed in the protocol notes, section 4.4 and 4.5.
#[test]
fn examples_both_ways() {
    // The array example is a body on its own, so its two inner pointers are the first referents.
    let cases = [
        (Variant::I2(-5), "03000000 00000000 0200 0000 0000 0000 02000000 fbff"),
        (Variant::Bool(true), "03000000 00000000 0b00 0000 0000 0000 0b000000 ffff"),
        (Variant::R4(1.5), "03000000 00000000 0400 0000 0000 0000 04000000 0000c03f"),
        (Variant::R8(2.5), "04000000 00000000 0500 0000 0000 0000 05000000 00000000 0000000000000440"),
        (
            Variant::Bstr("abc".into()),
            "06000000 00000000 0800 0000 0000 0000 08000000 55736572 03000000 06000000 03000000 6100 6200 6300",
        ),
        (
            Variant::vector(Elements::I4(vec![1, 2, 3])),
            "0a000000 00000000 0320 0000 0000 0000 00200000  55736572 04000200  01000000 0100 8000 04000000 0000 0300
             03000000 03000000 08000200 03000000 00000000 03000000 01000000 02000000 03000000",
        ),
        (Variant::Empty, "03000000 00000000 0000 0000 0000 0000 00000000"),
        (Variant::Ui1(7), "03000000 00000000 1100 0000 0000 0000 11000000 07"),
        (Variant::Cy(-2), "04000000 00000000 0600 0000 0000 0000 06000000 00000000 feffffffffffffff"),
    ];
    for (value, text) in cases {
        let bytes = hex(text);
        assert_eq!(body(&value), bytes, "{value:?}");
        assert_eq!(read_body(&bytes), Ok(value.clone()));
        for end in 0..bytes.len() {
            assert!(matches!(read_body(&bytes[..end]), Err(WireError::Truncated { .. } | WireError::Malformed { .. })));
        }
    }
}

#[test]
fn byte_array_argument() {
    let bytes = hex(
        "55736572 04000200 01000000 0100 8000 01000000 0000 1100 10000000 04000000 08000200 04000000 00000000 04000000 01 03 02 04",
    );
    let array = SafeArray::vector(Elements::Ui1(vec![1, 3, 2, 4]));
    let mut w = NdrWriter::new();
    SafeArray::write(Some(&array), &mut w);
    assert_eq!(w.as_bytes(), bytes);
    assert_eq!(SafeArray::read(&mut NdrReader::new(&bytes, ByteOrder::Little), "a"), Ok(Some(array)));
}

#[test]
fn several_dimensions_are_kept() {
    let bounds = vec![Bound { count: 2, lower: 1 }, Bound { count: 3, lower: -1 }];
    let array = SafeArray::with_bounds(bounds.clone(), Elements::I2(vec![1, 2, 3, 4, 5, 6])).unwrap();
    let value = Variant::Array(array);
    assert_eq!(read_body(&body(&value)), Ok(value));
    assert!(SafeArray::with_bounds(bounds, Elements::I2(vec![1])).is_none());
    assert!(SafeArray::with_bounds(Vec::new(), Elements::I2(vec![1])).is_none());
}

#[test]
fn contradictions_are_refused_with_their_place() {
    let good = body(&Variant::vector(Elements::I4(vec![1, 2, 3])));
    let bad = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        read_body(&bytes)
    };
    assert!(matches!(bad(16, 4), Err(WireError::Malformed { at: 16, .. })), "switch");
    assert!(matches!(bad(8, 2), Err(WireError::Malformed { at: 28, .. })), "element type against VARIANT type");
    assert!(bad(28, 2).is_err(), "dimensions");
    assert!(bad(44, 16).is_err(), "sfType");
    assert!(bad(48, 4).is_err(), "count against bounds");
    assert!(bad(67, 0x7f).is_err(), "huge data count");
    let mut no_data = good.clone();
    no_data[52..56].fill(0);
    assert!(read_body(&no_data).is_err(), "elements without a data pointer");
    let object = hex("03000000 00000000 0900 0000 0000 0000 09000000 00000000");
    assert_eq!(read_body(&object), Err(WireError::Unsupported { at: 8, what: "VARIANT type", value: 9 }));
    let by_ref = hex("03000000 00000000 0240 0000 0000 0000 02400000 00000000");
    assert!(matches!(read_body(&by_ref), Err(WireError::Unsupported { value: 0x4002, .. })));
}

#[test]
fn nesting_is_limited() {
    let mut value = Variant::I2(1);
    for _ in 0..4 {
        value = Variant::vector(Elements::Variant(vec![value]));
    }
    assert_eq!(read_body(&body(&value)), Ok(value.clone()));
    let deeper = Variant::vector(Elements::Variant(vec![value]));
    assert!(matches!(read_body(&body(&deeper)), Err(WireError::Malformed { .. })));
}

#[test]
fn null_pointers() {
    let mut r = NdrReader::new(&[0; 4], ByteOrder::Little);
    assert_eq!(Variant::read(&mut r, "v"), Ok(None));
    let mut r = NdrReader::new(&[1, 0, 0, 0, 0, 0, 0, 0], ByteOrder::Little);
    assert_eq!(SafeArray::read(&mut r, "v"), Ok(None));
}

#[test]
fn display_is_the_plain_value() {
    assert_eq!(Variant::Cy(-12_345).to_string(), "-1.2345");
    assert_eq!(Variant::vector(Elements::Bstr(vec!["a".into(), "b".into()])).to_string(), r#"["a", "b"]"#);
    assert_eq!(Variant::vector(Elements::R8(vec![])).var_type().to_string(), "VT_ARRAY|VT_R8");
    assert_eq!(VarType(99).to_string(), "VT_0x0063");
}

fn scalar() -> impl Strategy<Value = Variant> {
    prop_oneof![
        Just(Variant::Empty),
        Just(Variant::Null),
        any::<i8>().prop_map(Variant::I1),
        any::<u8>().prop_map(Variant::Ui1),
        any::<i16>().prop_map(Variant::I2),
        any::<u16>().prop_map(Variant::Ui2),
        any::<bool>().prop_map(Variant::Bool),
        any::<i32>().prop_map(Variant::I4),
        any::<u32>().prop_map(Variant::Ui4),
        any::<u32>().prop_map(Variant::Error),
        (-1e30f32..1e30).prop_map(Variant::R4),
        (-1e300..1e300).prop_map(Variant::R8),
        (-1e5..1e5).prop_map(Variant::Date),
        any::<i64>().prop_map(Variant::I8),
        any::<u64>().prop_map(Variant::Ui8),
        any::<i64>().prop_map(Variant::Cy),
        ".{0,20}".prop_map(Variant::Bstr),
    ]
}

fn elements() -> impl Strategy<Value = Elements> {
    use prop::collection::vec;
    prop_oneof![
        vec(any::<i8>(), 0..9).prop_map(Elements::I1),
        vec(any::<u8>(), 0..9).prop_map(Elements::Ui1),
        vec(any::<i16>(), 0..9).prop_map(Elements::I2),
        vec(any::<u16>(), 0..9).prop_map(Elements::Ui2),
        vec(any::<bool>(), 0..9).prop_map(Elements::Bool),
        vec(any::<i32>(), 0..9).prop_map(Elements::I4),
        vec(any::<u32>(), 0..9).prop_map(Elements::Ui4),
        vec(any::<u32>(), 0..9).prop_map(Elements::Error),
        vec(-1e30f32..1e30, 0..9).prop_map(Elements::R4),
        vec(-1e300..1e300, 0..9).prop_map(Elements::R8),
        vec(-1e5..1e5, 0..9).prop_map(Elements::Date),
        vec(any::<i64>(), 0..9).prop_map(Elements::I8),
        vec(any::<u64>(), 0..9).prop_map(Elements::Ui8),
        vec(any::<i64>(), 0..9).prop_map(Elements::Cy),
        vec(".{0,9}", 0..9).prop_map(Elements::Bstr),
        vec(scalar(), 0..9).prop_map(Elements::Variant),
    ]
}

fn variant() -> impl Strategy<Value = Variant> {
    prop_oneof![scalar(), elements().prop_map(Variant::vector)]
}

proptest! {
    /// What is written is read back, at any alignment, and the size field covers the body.
    #[test]
    fn round_trip(values in prop::collection::vec(variant(), 1..4), shift in 0_usize..8) {
        let mut w = NdrWriter::new();
        w.bytes(&vec![0xa5; shift]);
        for value in &values {
            Variant::write(Some(value), &mut w);
        }
        let bytes = w.into_bytes();
        let mut r = NdrReader::new(&bytes, ByteOrder::Little);
        r.take(shift, "shift").unwrap();
        for value in values {
            prop_assert_eq!(Variant::read(&mut r, "v").unwrap(), Some(value));
        }
        prop_assert_eq!(r.remaining(), 0);
    }

    #[test]
    fn size_field_is_the_body_length(value in variant()) {
        let bytes = body(&value);
        let size = u32::from_le_bytes(bytes[..4].try_into().unwrap());
        prop_assert_eq!(size as usize, bytes.len().div_ceil(8));
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), big: bool) {
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let _ = Variant::read(&mut NdrReader::new(&bytes, order), "v");
        let _ = SafeArray::read(&mut NdrReader::new(&bytes, order), "a");
        let _ = bstr::read(&mut NdrReader::new(&bytes, order), "b");
    }

    /// Mutating good bytes gets further into the decoder than random ones.
    #[test]
    fn mutated_bytes_never_panic(value in variant(), at in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = body(&value);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = read_body(&bytes);
    }
}
