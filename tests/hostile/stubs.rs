//! Stubs of every kind of call, with counts, lengths and pointers that are not so: what is read costs no more than the stub
//! weighs, and everything is answered.

use plantweave::wire::Variant;
use plantweave::wire::cba::TypeDesc;
use plantweave::wire::cba::data_buffer::DataBuffer;
use plantweave::wire::dcom::ObjRef;
use plantweave::wire::ndr::{ByteOrder, NdrReader, NdrWriter};

use crate::meter::measure;

#[path = "../vectors/anything.rs"]
mod anything;
// The table is the golden tests' own; here only its rows are of use.
#[allow(dead_code)]
#[path = "../vectors/table.rs"]
mod table;

use anything::read_as_anything;
use table::rows;

/// What a count, a length or a pointer becomes.
const NUMBERS: [u32; 8] = [0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0001_0000, 0x0002_0004];

/// Bytes that reading takes: vectors of structures that are larger than their elements on the wire, several readings
/// side by side.
fn most_bytes(stub: &[u8]) -> u64 {
    64 * stub.len() as u64 + (16 << 10)
}

/// At every place where an integer can stand, each of the numbers.
#[test]
fn every_integer_of_every_stub_lies() {
    let mut readings = 0;
    for row in rows() {
        for at in (0..row.stub.len().saturating_sub(3)).step_by(4) {
            for number in NUMBERS {
                let mut stub = row.stub.clone();
                stub[at..at + 4].copy_from_slice(&number.to_le_bytes());
                let (n, cost) = measure(|| read_as_anything(row.opnum, &stub, ByteOrder::Little));
                assert!(cost.peak <= most_bytes(&stub), "{} at {at} = {number:#x}: {cost:?}", row.name);
                assert!(cost.total <= 20 * most_bytes(&stub), "{} at {at} = {number:#x}: {cost:?}", row.name);
                readings += n;
            }
        }
    }
    assert!(readings > 10_000, "many changes leave something to read: {readings}");
}

/// As a request or answer of any method, a stub of nothing but one number; and counts with little behind them.
#[test]
fn stubs_of_one_number_cost_what_they_weigh() {
    for number in NUMBERS {
        for length in [0, 1, 32, 40, 44, 48, 52, 64, 1000, 4096] {
            let stub: Vec<u8> = number.to_le_bytes().into_iter().cycle().take(length).collect();
            for opnum in 0..24 {
                for order in [ByteOrder::Little, ByteOrder::Big] {
                    let (_, cost) = measure(|| read_as_anything(opnum, &stub, order));
                    assert!(cost.peak <= most_bytes(&stub), "{number:#x} × {length}, opnum {opnum}: {cost:?}");
                }
            }
        }
    }
}

/// A VARIANT in words, each of them aligned as it must be.
fn variant(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn values_that_contain_themselves_end() {
    // VARIANT: size, reserved, VARTYPE and padding, switch, pointers; then the array.
    let array_of_variant = [0, 0, 0x200c, 0, 0x200c_u32];
    let mut nested: Vec<u32> = Vec::new();
    for _ in 0..100_000 {
        nested.extend(array_of_variant);
        // Pointer to pointer, one dimension, features, element size, locks and type, kind, one element, pointer, bounds, count,
        // pointer to the next, and alignment to 8.
        nested.extend([1, 1, 1, 0x0880_0001, 16, 0x000c_0000, 12, 1, 1, 1, 0, 1, 1]);
        if nested.len() % 2 == 1 {
            nested.push(0);
        }
    }
    let stub = variant(&nested);
    let (result, cost) = measure(|| Variant::read_body(&mut NdrReader::new(&stub, ByteOrder::Little), "value"));
    assert!(result.is_err());
    assert!(cost.total < 1 << 20, "{cost:?}");

    for (what, words) in [
        ("a BSTR of 4 GB", vec![0, 0, 8, 0, 8, 1, 0x7fff_ffff, 0xffff_fffe, 0x7fff_ffff]),
        (
            "an array of 4 G elements",
            vec![
                0,
                0,
                0x2003,
                0,
                0x2003,
                1,
                1,
                1,
                0x0080_0001,
                4,
                0x0003_0000,
                3,
                0xffff_ffff,
                1,
                0xffff_ffff,
                0,
                0xffff_ffff,
            ],
        ),
        (
            "an array of 65,535 dimensions",
            vec![0, 0, 0x2003, 0, 0x2003, 1, 1, 0xffff, 0x0080_ffff, 4, 0x0003_0000, 3, 1, 1],
        ),
        (
            "dimensions that multiply beyond all",
            vec![
                0,
                0,
                0x2003,
                0,
                0x2003,
                1,
                1,
                3,
                0x0080_0003,
                4,
                0x0003_0000,
                3,
                1,
                1,
                0x8000_0000,
                0,
                0x8000_0000,
                0,
                4,
                0,
                1,
                7,
            ],
        ),
        (
            "dimensions without elements",
            vec![0, 0, 0x2003, 0, 0x2003, 1, 1, 2, 0x0080_0002, 4, 0x0003_0000, 3, 0, 0, 0, 0, 0xffff_ffff, 0],
        ),
    ] {
        let stub = variant(&words);
        let (result, cost) = measure(|| Variant::read_body(&mut NdrReader::new(&stub, ByteOrder::Little), "value"));
        if what != "dimensions without elements" {
            let error = result.expect_err(what);
            assert!(error.at() <= stub.len(), "{what}: {error}");
        }
        assert!(cost.total < 4096, "{what}: {cost:?}");
    }
}

#[test]
fn type_descriptions_and_buffers_that_lie_are_refused() {
    for (what, words) in [
        ("nothing", vec![]),
        ("a structure of itself", [29, 1].repeat(30_000)),
        ("a structure of 65,535", vec![29, 0xffff, 3]),
        ("structures of structures of many", [vec![29, 0xffff], [29, 0xff].repeat(32_000)].concat()),
        ("an array of 65,535 dimensions", vec![0x2003, 0xffff, 1]),
        ("an array of an array", vec![0x4003, 1, 1]),
        ("an array without dimensions", vec![0x2003, 0]),
        ("a reference", vec![0x4003]),
        ("an object", vec![9]),
        ("more than one", vec![3, 3]),
    ] {
        let (result, cost) = measure(|| TypeDesc::from_words(&words));
        assert!(result.is_err(), "{what}: {result:?}");
        assert!(cost.total <= 4096 + 200 * words.len() as u64, "{what}: {cost:?}");
    }
    // Sizes that multiply beyond all are read, and then hold no value.
    let huge = TypeDesc::from_words(&[0x2005, 4, 0xffff, 0xffff, 0xffff, 0xffff]).unwrap();
    let (result, cost) = measure(|| huge.decode(&[0; 1000]).is_err());
    assert!(result && cost.total < 4096, "{cost:?}");

    for (what, bytes) in [
        ("a count of 65,535 items of nothing", [&[1, 1, 0xff, 0xff][..], &[0; 60]].concat()),
        ("an item of nothing", vec![1, 1, 1, 0, 0, 0]),
        ("an item beyond the end", vec![1, 1, 1, 0, 0xff, 0xff, 0, 0, 0, 0, 0]),
    ] {
        let (result, cost) = measure(|| DataBuffer::parse(&bytes).is_err());
        assert!(result, "{what}");
        assert!(cost.total < 16_384, "{what}: {cost:?}");
    }
}

/// Pointers to objects that point at themselves, at nothing, or at all the world.
#[test]
fn object_references_that_lie_are_refused() {
    let head = |flags: u32| {
        let mut w = NdrWriter::new();
        w.bytes(b"MEOW");
        w.u32(flags);
        w.bytes(&[0x11; 16]);
        w.into_bytes()
    };
    let standard = |entries: u16, security: u16, units: &[u16]| {
        let mut bytes = head(1);
        bytes.extend([0x33; 40]);
        bytes.extend(entries.to_le_bytes());
        bytes.extend(security.to_le_bytes());
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        bytes
    };
    let endless = [7_u16].into_iter().chain(std::iter::repeat_n(b'1'.into(), 60_000)).collect::<Vec<u16>>();
    let addresses = [7, u16::from(b'1'), 0].repeat(20_000);
    for (what, bytes) in [
        ("nothing", Vec::new()),
        ("another word", b"WOOF".repeat(20)),
        ("flags of all kinds", head(0xffff_ffff)),
        ("flags of no kind", head(0)),
        ("a handler", [head(2), vec![0; 100]].concat()),
        ("entries beyond the end", standard(0xffff, 0, &[7, 0x31, 0])),
        ("security behind the end", standard(4, 5, &[7, 0x31, 0, 0])),
        ("an address without end", standard(60_001, 60_001, &endless)),
    ] {
        let (result, cost) = measure(|| ObjRef::parse(&bytes).is_err());
        assert!(result, "{what}");
        assert!(cost.peak <= 4096 + 16 * bytes.len() as u64, "{what}: {cost:?}");
    }
    let many = standard(60_002, 60_001, &[&addresses[..], &[0, 0]].concat());
    let (result, cost) = measure(|| ObjRef::parse(&many).map(drop));
    result.expect("twenty thousand addresses are strange but well formed");
    assert!(cost.peak <= 32 * many.len() as u64, "{cost:?}");
}
