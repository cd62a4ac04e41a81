//! OBJREF, the content of an interface pointer on the wire (protocol notes 3.2). Packed and always
//! little-endian, whatever the PDU around it says.
//!
//! ```text
//!  0 "MEOW" | 4 u32 kind: 1 standard, 2 handler, 4 custom, 8 extended | 8 IID
//! standard  24 u32 flags | 28 u32 cPublicRefs | 32 u64 OXID | 40 u64 OID | 48 IPID | 64 DUALSTRINGARRAY
//! custom    24 CLSID | 40 u32 cbExtension 0 | 44 u32 size | 48 data
//! ```

use super::dual_string::DualStringArray;
use crate::wire::ndr::{ByteOrder, NdrReader, NdrWriter};
use crate::wire::{Guid, WireError};

const SIGNATURE: [u8; 4] = *b"MEOW";

/// One interface of one object, with some references to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct StdObjRef {
    /// [`StdObjRef::NO_PING`] or 0.
    pub flags: u32,
    /// References handed over.
    pub public_refs: u32,
    /// The exporter; not 0.
    pub oxid: u64,
    /// The object; not 0.
    pub oid: u64,
    /// The interface pointer, by which calls name object and interface.
    pub ipid: Guid,
}

impl StdObjRef {
    /// Flag: the object needs no pings to stay.
    pub const NO_PING: u32 = 0x1000;

    pub(crate) fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Ok(Self {
            flags: r.u32("STDOBJREF flags")?,
            public_refs: r.u32("cPublicRefs")?,
            oxid: r.u64("OXID")?,
            oid: r.u64("OID")?,
            ipid: r.guid("IPID")?,
        })
    }

    pub(crate) fn write(&self, w: &mut NdrWriter) {
        w.u32(self.flags);
        w.u32(self.public_refs);
        w.u64(self.oxid);
        w.u64(self.oid);
        w.guid(self.ipid);
    }
}

/// A reference to an object that lives on an exporter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StandardObjRef {
    /// Interface of the pointer.
    pub iid: Guid,
    /// Who and where.
    pub std: StdObjRef,
    /// Resolver that knows where the exporter is reached.
    pub resolver: DualStringArray,
}

/// What an interface pointer holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ObjRef {
    /// An object elsewhere.
    Standard(StandardObjRef),
    /// Marshalled by value in a way only its class knows.
    Custom {
        /// Interface of the pointer.
        iid: Guid,
        /// Class that can unmarshal it.
        clsid: Guid,
        /// What the class wrote.
        data: Vec<u8>,
    },
}

impl From<StandardObjRef> for ObjRef {
    fn from(standard: StandardObjRef) -> Self {
        Self::Standard(standard)
    }
}

impl ObjRef {
    /// Reads the bytes of an interface pointer, as [`NdrReader::interface_pointer`] gives them.
    ///
    /// # Errors
    /// Truncated; not an OBJREF; kind handler, extended or unknown; OXID or OID 0; bytes left over.
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        Self::read(&mut NdrReader::new(bytes, ByteOrder::Little))
    }

    /// The bytes of the interface pointer.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = NdrWriter::new();
        match self {
            Self::Standard(standard) => {
                write_head(&mut w, 1, standard.iid);
                standard.std.write(&mut w);
                standard.resolver.write_packed(&mut w);
            }
            Self::Custom { iid, clsid, data } => {
                write_head(&mut w, 4, *iid);
                w.guid(*clsid);
                w.u32(0);
                // Senders count 8 bytes more than there are; receivers ignore it.
                w.count(data.len().saturating_add(8));
                w.bytes(data);
            }
        }
        w.into_bytes()
    }

    /// Interface of the pointer.
    pub fn iid(&self) -> Guid {
        match self {
            Self::Standard(standard) => standard.iid,
            Self::Custom { iid, .. } => *iid,
        }
    }

    /// The standard form, if it is one.
    pub fn standard(&self) -> Option<&StandardObjRef> {
        match self {
            Self::Standard(standard) => Some(standard),
            Self::Custom { .. } => None,
        }
    }

    /// Reads one that fills the rest of `r`, which must be little-endian.
    fn read(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        let (kind, iid) = read_head(r)?;
        match kind {
            Kind::Standard => {
                let at = r.position();
                let std = StdObjRef::read(r)?;
                if std.oxid == 0 || std.oid == 0 {
                    return Err(WireError::Malformed { at, what: "STDOBJREF", why: "OXID and OID may not be 0" });
                }
                let resolver = DualStringArray::read_packed(r)?;
                r.finish("OBJREF")?;
                Ok(Self::Standard(StandardObjRef { iid, std, resolver }))
            }
            Kind::Custom => {
                let clsid = read_custom(r)?;
                let data = r.take(r.remaining(), "OBJREF_CUSTOM data")?.to_vec();
                Ok(Self::Custom { iid, clsid, data })
            }
        }
    }

    /// Reads the referent of an interface pointer: lengths, then the OBJREF.
    pub(crate) fn read_body(r: &mut NdrReader<'_>) -> Result<Self, WireError> {
        Self::read(&mut sub_reader(r)?)
    }

    /// Writes the referent of an interface pointer.
    pub(crate) fn write_body(&self, w: &mut NdrWriter) {
        w.interface_pointer_body(&self.to_bytes());
    }
}

enum Kind {
    Standard,
    Custom,
}

/// A reader over the OBJREF in the referent of an interface pointer; offsets still count from the stub.
pub(super) fn sub_reader<'a>(r: &mut NdrReader<'a>) -> Result<NdrReader<'a>, WireError> {
    const WHAT: &str = "interface pointer";
    let at = r.position();
    let max_count = r.max_count(1, WHAT)?;
    let count = r.u32(WHAT)?;
    if usize::try_from(count) != Ok(max_count) {
        return Err(WireError::Malformed { at, what: WHAT, why: "its two lengths differ" });
    }
    r.sub(max_count, ByteOrder::Little, WHAT)
}

fn read_head(r: &mut NdrReader<'_>) -> Result<(Kind, Guid), WireError> {
    let at = r.position();
    if r.array("OBJREF signature")? != SIGNATURE {
        return Err(WireError::Malformed { at, what: "OBJREF", why: "does not start with MEOW" });
    }
    let at = r.position();
    let kind = match r.u32("OBJREF kind")? {
        1 => Kind::Standard,
        4 => Kind::Custom,
        other => {
            return Err(WireError::Unsupported { at, what: "OBJREF kind", value: u64::from(other) });
        }
    };
    Ok((kind, r.guid("OBJREF IID")?))
}

/// Reads a custom OBJREF up to its data and returns IID and CLSID.
pub(super) fn read_custom_head(r: &mut NdrReader<'_>) -> Result<(Guid, Guid), WireError> {
    let at = r.position();
    match read_head(r)? {
        (Kind::Custom, iid) => Ok((iid, read_custom(r)?)),
        (Kind::Standard, _) => Err(WireError::Malformed { at, what: "OBJREF", why: "a custom one is expected here" }),
    }
}

fn read_custom(r: &mut NdrReader<'_>) -> Result<Guid, WireError> {
    let clsid = r.guid("OBJREF CLSID")?;
    r.u32("cbExtension")?;
    r.u32("OBJREF_CUSTOM size")?;
    Ok(clsid)
}

fn write_head(w: &mut NdrWriter, kind: u32, iid: Guid) {
    w.bytes(&SIGNATURE);
    w.u32(kind);
    w.guid(iid);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example() -> ObjRef {
        ObjRef::Standard(StandardObjRef {
            iid: "cba00041-6c97-11d1-8271-00a02442df7d".parse().unwrap(),
            std: StdObjRef {
                flags: 0,
                public_refs: 5,
                oxid: 0x1122_3344_0000_000b,
                oid: 0x5566_7788_0000_0b03,
                ipid: "a00b0041-0003-1234-8000-000000000001".parse().unwrap(),
            },
            resolver: DualStringArray::tcp("192.168.0.11", None),
        })
    }

    #[test]
    fn standard_objref_matches_the_example() {
        let bytes = example().to_bytes();
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            hex,
            "4d454f57010000004100a0cb976cd111827100a02442df7d\
             00000000050000000b00000044332211030b000088776655\
             41000ba0030034128000000000000001\
             10000f0007003100390032002e003100360038002e0030002e0031003100000000000000"
        );
        assert_eq!(ObjRef::parse(&bytes), Ok(example()));
    }

    #[test]
    fn other_kinds_are_refused_by_name() {
        for kind in [2, 8, 3] {
            let mut bytes = example().to_bytes();
            bytes[4] = kind;
            assert_eq!(
                ObjRef::parse(&bytes),
                Err(WireError::Unsupported { at: 4, what: "OBJREF kind", value: u64::from(kind) })
            );
        }
    }

    #[test]
    fn null_ids_are_refused() {
        for at in [32, 40] {
            let mut bytes = example().to_bytes();
            bytes[at..at + 8].fill(0);
            assert_eq!(ObjRef::parse(&bytes).unwrap_err().at(), 24);
        }
    }

    #[test]
    fn truncated_at_every_byte() {
        let bytes = example().to_bytes();
        for n in 0..bytes.len() {
            assert!(ObjRef::parse(&bytes[..n]).is_err(), "{n}");
        }
    }

    #[test]
    fn custom_round_trips() {
        let custom = ObjRef::Custom { iid: Guid::from_u128(1), clsid: Guid::from_u128(2), data: b"by value".to_vec() };
        assert_eq!(ObjRef::parse(&custom.to_bytes()), Ok(custom.clone()));
        assert_eq!(custom.standard(), None);
        assert_eq!(custom.iid(), Guid::from_u128(1));
    }

    proptest! {
        #[test]
        fn mutations_never_panic(at in 0_usize..100, value: u8, cut in 0_usize..=100) {
            let mut bytes = example().to_bytes();
            bytes[at] = value;
            bytes.truncate(cut);
            if let Ok(objref) = ObjRef::parse(&bytes) {
                prop_assert_eq!(ObjRef::parse(&objref.to_bytes()), Ok(objref));
            }
        }
    }
}
