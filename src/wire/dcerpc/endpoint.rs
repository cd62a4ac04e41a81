//! The endpoint mapper's lookup: who is this, before anything else (C706 appendix O; spec `dcp-lldp-snmp` 8.5).
//!
//! ```text
//! request    u32 inquiry | u32 referent, object | u32 referent, interface, u16 u16 version | u32 version option
//!            handle 20 | u32 most entries
//! response   handle 20 | u32 entries | u32 max, offset, actual | entries | towers | u32 status
//!   entry    object 16 | u32 referent of the tower | u32 0, u32 length, annotation
//!   tower    u32 length twice, bytes: u16 floors, each u16 length, protocol, u16 length, address; little-endian
//! ```

use std::net::Ipv4Addr;

use crate::wire::ndr::ByteOrder;
use crate::wire::octets::{OctetReader, OctetWriter};
use crate::wire::{Guid, WireError};

/// The endpoint mapper's interface, version 3.
pub const ENDPOINT_MAPPER: Guid = Guid::from_u128(0xe1af_8308_5d1f_11c9_91a4_0800_2b14_a0fa);
/// Number of the method.
pub const LOOKUP: u16 = 2;
/// Status that ends a series of lookups: nothing (more) is registered.
pub const NOT_REGISTERED: u32 = 0x16c9_a0d6;
/// Bytes of an annotation on the wire, a NUL at the end included.
const ANNOTATION_LEN: usize = 64;
const NDR: Guid = Guid::from_u128(0x8a88_5d04_1ceb_11c9_9fe8_0800_2b10_4860);

/// Where a series of lookups stands; all zeros at its begin and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LookupHandle {
    /// Attributes.
    pub attributes: u32,
    /// Which series.
    pub uuid: Guid,
}

impl LookupHandle {
    fn read(r: &mut OctetReader<'_>) -> Result<Self, WireError> {
        Ok(Self { attributes: r.u32("lookup handle")?, uuid: r.guid("lookup handle")? })
    }

    fn write(self, w: &mut OctetWriter) {
        w.u32(self.attributes);
        w.guid(self.uuid);
    }
}

/// Asks for the next entries, whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookupRequest {
    /// 0: everything.
    pub inquiry: u32,
    /// Object wanted, for inquiries about one.
    pub object: Guid,
    /// Interface wanted, for inquiries about one.
    pub interface: Guid,
    /// As the last answer gave it.
    pub handle: LookupHandle,
    /// Most entries wanted.
    pub max_entries: u32,
}

impl LookupRequest {
    /// The next entry of a series.
    pub fn next(handle: LookupHandle) -> Self {
        Self { inquiry: 0, object: Guid::NIL, interface: Guid::NIL, handle, max_entries: 1 }
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    /// The bytes end within it.
    pub fn parse(body: &[u8], order: ByteOrder) -> Result<Self, WireError> {
        let mut r = OctetReader::new(body, order);
        let inquiry = r.u32("inquiry type")?;
        let object = if r.u32("object")? == 0 { Guid::NIL } else { r.guid("object")? };
        let interface = match r.u32("interface")? {
            0 => Guid::NIL,
            _ => {
                let interface = r.guid("interface")?;
                r.u32("interface version")?;
                interface
            }
        };
        r.u32("version option")?;
        Ok(Self {
            inquiry,
            object,
            interface,
            handle: LookupHandle::read(&mut r)?,
            max_entries: r.u32("most entries")?,
        })
    }

    /// The body of a request.
    pub fn emit(&self, order: ByteOrder) -> Vec<u8> {
        let mut w = OctetWriter::new(order);
        w.u32(self.inquiry);
        w.u32(1);
        w.guid(self.object);
        w.u32(2);
        w.guid(self.interface);
        w.u32(0);
        w.u32(1);
        self.handle.write(&mut w);
        w.u32(self.max_entries);
        w.into_bytes()
    }
}

/// One floor of a tower: what is spoken, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floor {
    /// Protocol, and for interfaces which.
    pub protocol: Vec<u8>,
    /// Address in it.
    pub address: Vec<u8>,
}

/// How an interface is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tower {
    /// From the interface down to IP.
    pub floors: Vec<Floor>,
}

impl Tower {
    /// An interface in NDR over UDP.
    pub fn over_udp(interface: Guid, version: u16, port: u16, ip: Ipv4Addr) -> Self {
        let uuid = |uuid: Guid, version: u16| Floor {
            protocol: [&[0x0d], &uuid.to_wire(ByteOrder::Little)[..], &version.to_le_bytes()].concat(),
            address: vec![0, 0],
        };
        let floor = |protocol, address: &[u8]| Floor { protocol: vec![protocol], address: address.to_vec() };
        let transport = [floor(0x0a, &[0, 0]), floor(0x08, &port.to_be_bytes()), floor(0x09, &ip.octets())];
        Self { floors: [uuid(interface, version), uuid(NDR, 2)].into_iter().chain(transport).collect() }
    }

    /// The interface and its major version.
    pub fn interface(&self) -> Option<(Guid, u16)> {
        let [0x0d, rest @ ..] = &self.floors.first()?.protocol[..] else { return None };
        let (uuid, version) = rest.split_first_chunk::<16>()?;
        Some((Guid::from_wire(*uuid, ByteOrder::Little), u16::from_le_bytes(version.try_into().ok()?)))
    }

    /// The UDP port. One device stack puts the asker's own port here: only of use where the usual one fails.
    pub fn udp_port(&self) -> Option<u16> {
        let floor = self.floors.iter().find(|floor| floor.protocol == [0x08])?;
        Some(u16::from_be_bytes(floor.address[..].try_into().ok()?))
    }

    fn read(bytes: &[u8]) -> Result<Self, WireError> {
        let mut r = OctetReader::new(bytes, ByteOrder::Little);
        let n = r.u16("floors")?;
        let mut floors = Vec::new();
        for _ in 0..n {
            let length = r.u16("floor")?;
            let protocol = r.take(usize::from(length), "floor")?.to_vec();
            let length = r.u16("floor")?;
            floors.push(Floor { protocol, address: r.take(usize::from(length), "floor")?.to_vec() });
        }
        Ok(Self { floors })
    }

    fn emit(&self) -> Vec<u8> {
        let mut w = OctetWriter::new(ByteOrder::Little);
        w.u16(u16::try_from(self.floors.len()).unwrap_or(u16::MAX));
        for part in self.floors.iter().take(usize::from(u16::MAX)).flat_map(|floor| [&floor.protocol, &floor.address]) {
            let part = part.get(..usize::from(u16::MAX)).unwrap_or(part);
            w.u16(u16::try_from(part.len()).unwrap_or(u16::MAX));
            w.bytes(part);
        }
        w.into_bytes()
    }
}

/// One thing that is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The object; of a PROFINET device it tells instance, device and vendor.
    pub object: Guid,
    /// How it is reached.
    pub tower: Option<Tower>,
    /// What it says of itself, at most 63 characters.
    pub annotation: String,
}

/// Answer to a lookup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupResponse {
    /// For the next request.
    pub handle: LookupHandle,
    /// What is registered.
    pub entries: Vec<Entry>,
    /// 0, or [`NOT_REGISTERED`] at the end.
    pub status: u32,
}

impl LookupResponse {
    /// Reads the body of a response.
    ///
    /// # Errors
    /// The bytes end within it, or a count does not fit them.
    pub fn parse(body: &[u8], order: ByteOrder) -> Result<Self, WireError> {
        let mut r = OctetReader::new(body, order);
        let handle = LookupHandle::read(&mut r)?;
        r.u32("entries")?;
        r.u32("max_count of entries")?;
        r.u32("offset of entries")?;
        let at = r.at();
        let n = r.u32("actual_count of entries")?;
        // An entry has 28 bytes at least.
        let n = usize::try_from(n).ok().filter(|n| n.checked_mul(28).is_some_and(|size| size <= r.remaining()));
        let why = "the count does not fit the rest of the body";
        let n = n.ok_or(WireError::Malformed { at, what: "actual_count of entries", why })?;
        let mut entries = Vec::with_capacity(n);
        let mut towers = Vec::with_capacity(n);
        for _ in 0..n {
            r.align(4);
            let object = r.guid("object")?;
            towers.push(r.u32("tower")? != 0);
            r.u32("offset of the annotation")?;
            let length = r.u32("length of the annotation")?;
            let text = r.take(usize::try_from(length).unwrap_or(usize::MAX), "annotation")?;
            let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
            entries.push(Entry { object, tower: None, annotation: String::from_utf8_lossy(text).into_owned() });
        }
        for (entry, has_tower) in entries.iter_mut().zip(towers) {
            if has_tower {
                r.align(4);
                r.u32("length of the tower")?;
                let length = usize::try_from(r.u32("length of the tower")?).unwrap_or(usize::MAX);
                let at = r.at();
                let tower = Tower::read(r.take(length, "tower")?).map_err(|error| error.shifted(at))?;
                entry.tower = Some(tower);
            }
        }
        r.align(4);
        Ok(Self { handle, entries, status: r.u32("status")? })
    }

    /// The body of a response.
    pub fn emit(&self, order: ByteOrder) -> Vec<u8> {
        let mut w = OctetWriter::new(order);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.handle.write(&mut w);
        let n = count(self.entries.len());
        for value in [n, n, 0, n] {
            w.u32(value);
        }
        for entry in &self.entries {
            w.align(4);
            w.guid(entry.object);
            w.u32(if entry.tower.is_some() { 3 } else { 0 });
            w.u32(0);
            w.u32(count(ANNOTATION_LEN));
            let mut text = entry.annotation.clone().into_bytes();
            text.truncate(ANNOTATION_LEN - 1);
            text.resize(ANNOTATION_LEN, 0);
            w.bytes(&text);
        }
        for tower in self.entries.iter().filter_map(|entry| entry.tower.as_ref()) {
            let bytes = tower.emit();
            w.align(4);
            w.u32(count(bytes.len()));
            w.u32(count(bytes.len()));
            w.bytes(&bytes);
        }
        w.align(4);
        w.u32(self.status);
        w.into_bytes()
    }
}
