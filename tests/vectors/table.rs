//! The table of stubs, and a book that remembers which rows were checked.

use std::path::PathBuf;

use plantweave::wire::Guid;
use plantweave::wire::cba::{Arguments, HResult, Interface, Method, Reply};
use plantweave::wire::ndr::{ByteOrder, NdrReader, NdrWriter};

/// Bytes of ORPCTHIS without extensions.
pub const ORPC_THIS: usize = 32;
/// Bytes of ORPCTHAT without extensions.
pub const ORPC_THAT: usize = 8;

pub fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cba").join(name)
}

pub struct Row {
    pub name: String,
    pub opnum: u16,
    /// Object the request went to.
    pub ipid: Option<Guid>,
    pub stub: Vec<u8>,
}

/// `PDU name, opnum, IPID or -, stub in hexadecimal` per line.
pub fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(file("cba-example.stubs.tsv")).unwrap();
    let rows: Vec<Row> = text
        .lines()
        .skip(1)
        .map(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_default();
            let (name, opnum, ipid, hex) = (next(), next(), next(), next());
            let digits = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
            Row {
                name: name.to_owned(),
                opnum: opnum.parse().unwrap(),
                ipid: ipid.parse().ok(),
                stub: (0..hex.len()).step_by(2).map(digits).collect(),
            }
        })
        .collect();
    assert_eq!(rows.len(), 185, "the table of stubs is complete");
    rows
}

pub struct Book {
    rows: Vec<Row>,
    checked: Vec<bool>,
}

impl Book {
    pub fn open() -> Self {
        let rows = rows();
        let checked = vec![false; rows.len()];
        Self { rows, checked }
    }

    /// The first unchecked row of this name, now checked.
    pub fn take(&mut self, name: &str) -> &Row {
        let found = self.rows.iter().zip(&self.checked).position(|(row, checked)| row.name == name && !checked);
        let index = found.unwrap_or_else(|| panic!("no unchecked row `{name}`"));
        self.checked[index] = true;
        &self.rows[index]
    }

    pub fn request<M: Method>(&mut self, object: &str, expected: M::Request)
    where
        M::Request: PartialEq + std::fmt::Debug,
    {
        self.request_named::<M>(&format!("{object}.{} request", M::NAME), expected);
    }

    pub fn request_named<M: Method>(&mut self, name: &str, expected: M::Request)
    where
        M::Request: PartialEq + std::fmt::Debug,
    {
        let row = self.take(name);
        assert_eq!(row.opnum, M::OPNUM, "{name}");
        // The example's IPIDs carry the number of their interface in the first field.
        let ipid = row.ipid.unwrap_or_else(|| panic!("{name} has no object"));
        if M::INTERFACE != Interface::Dispatch {
            assert_eq!(ipid.first() & 0xffff, M::INTERFACE.iid().first() & 0xffff, "{name}");
        }
        assert!(M::INTERFACE.opnums().contains(&M::OPNUM));
        both_ways(name, &row.stub, ORPC_THIS, &expected);
    }

    pub fn reply<M: Method>(&mut self, object: &str, out: M::Response, hr: HResult)
    where
        M::Response: PartialEq + std::fmt::Debug,
    {
        self.reply_named::<M>(&format!("{object}.{} response", M::NAME), out, hr);
    }

    pub fn reply_named<M: Method>(&mut self, name: &str, out: M::Response, hr: HResult)
    where
        M::Response: PartialEq + std::fmt::Debug,
    {
        let row = self.take(name);
        assert_eq!(row.opnum, M::OPNUM, "{name}");
        both_ways(name, &row.stub, ORPC_THAT, &Reply { out, hr });
    }

    /// Request and successful answer.
    pub fn call<M: Method>(&mut self, object: &str, request: M::Request, out: M::Response)
    where
        M::Request: PartialEq + std::fmt::Debug,
        M::Response: PartialEq + std::fmt::Debug,
    {
        self.request::<M>(object, request);
        self.reply::<M>(object, out, HResult::S_OK);
    }

    /// Names of the rows nobody has checked.
    pub fn unchecked(&self) -> Vec<&str> {
        self.rows
            .iter()
            .zip(&self.checked)
            .filter(|(_, checked)| !**checked)
            .map(|(row, _)| row.name.as_str())
            .collect()
    }
}

/// Arguments behind the first `skip` bytes of `stub` are `expected`, fill the stub, and write its bytes.
pub fn both_ways<T: Arguments + PartialEq + std::fmt::Debug>(name: &str, stub: &[u8], skip: usize, expected: &T) {
    let mut r = NdrReader::new(stub, ByteOrder::Little);
    r.take(skip, "ORPC header").unwrap();
    let read = T::read(&mut r).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(&read, expected, "{name}");
    assert_eq!(r.remaining(), 0, "{name}: bytes are left");
    let mut w = NdrWriter::new();
    w.bytes(&stub[..skip]);
    expected.write(&mut w);
    assert_eq!(w.as_bytes(), stub, "{name}: written differently");
}
