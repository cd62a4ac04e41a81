//! The connectionless protocol (version 4) over UDP: one header of 80 bytes before every body (C706 chapter 12.5; spec
//! `dcp-lldp-snmp` 8.1).
//!
//! ```text
//!  0 u8 version 4 | 1 u8 type | 2 u8 flags | 3 u8 flags 2 | 4 data representation 3 | 7 u8 serial high
//!  8 object UUID | 24 interface UUID | 40 activity UUID
//! 56 u32 server boot time | 60 u32 interface version | 64 u32 sequence number
//! 68 u16 operation | 70 u16 interface hint | 72 u16 activity hint | 74 u16 length of the body
//! 76 u16 fragment number | 78 u8 authentication | 79 u8 serial low
//! ```
//! Every packet says its own byte order, UUIDs included: an answer may come in another one than its question, so UUIDs
//! are compared after reading.

use std::ops::BitOr;

use crate::wire::ndr::ByteOrder;
use crate::wire::octets::{OctetReader, OctetWriter};
use crate::wire::{Guid, WireError};

/// Bytes of the header.
pub const DATAGRAM_HEADER_LEN: usize = 80;

open_enum! {
    /// What a datagram is.
    DatagramType: u8 {
        /// Call, or a fragment of one.
        Request = 0 "request",
        /// Are you still at it?
        Ping = 1 "ping",
        /// Result, or a fragment of one.
        Response = 2 "response",
        /// The call broke down; status in the body.
        Fault = 3 "fault",
        /// Still at it.
        Working = 4 "working",
        /// Answer to a ping about a call nobody knows.
        NoCall = 5 "nocall",
        /// The call was not executed; status in the body.
        Reject = 6 "reject",
        /// The result has arrived.
        Ack = 7 "ack",
        /// End the call.
        Cancel = 8 "cancel",
        /// A fragment has arrived.
        Fack = 9 "fack",
        /// It is ended.
        CancelAck = 10 "cancel ack",
    }
}

/// First byte of flags; unknown bits are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DatagramFlags(pub u8);

impl DatagramFlags {
    /// Last fragment.
    pub const LAST: Self = Self(0x02);
    /// One of several fragments.
    pub const FRAGMENT: Self = Self(0x04);
    /// This fragment wants no acknowledgement.
    pub const NO_FACK: Self = Self(0x08);
    /// No answer is wanted.
    pub const MAYBE: Self = Self(0x10);
    /// May be executed several times.
    pub const IDEMPOTENT: Self = Self(0x20);
    /// To everybody.
    pub const BROADCAST: Self = Self(0x40);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for DatagramFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A datagram: header and body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// What it is.
    pub packet_type: DatagramType,
    /// Flags.
    pub flags: DatagramFlags,
    /// Second byte of flags; 0x02 = a cancel is pending.
    pub flags2: u8,
    /// Byte order of header and body.
    pub order: ByteOrder,
    /// Counts datagrams of a call, repeats included.
    pub serial: u16,
    /// The object called.
    pub object: Guid,
    /// The interface called.
    pub interface: Guid,
    /// Ties an answer to its call, together with `sequence`.
    pub activity: Guid,
    /// When the server has started; 0 while unknown.
    pub server_boot: u32,
    /// Version of the interface: major in the lower half.
    pub interface_version: u32,
    /// Number of the call in its activity.
    pub sequence: u32,
    /// Number of the method.
    pub opnum: u16,
    /// 0xFFFF: none.
    pub interface_hint: u16,
    /// 0xFFFF: none.
    pub activity_hint: u16,
    /// From 0.
    pub fragment: u16,
    /// 0: none; others are not read.
    pub authentication: u8,
    /// Body, or this fragment's part of it; what exceeds 65,535 bytes is not sent.
    pub body: &'a [u8],
}

impl<'a> Datagram<'a> {
    /// A call of an idempotent method in one datagram, little-endian.
    pub fn request(object: Guid, interface: Guid, activity: Guid, sequence: u32, opnum: u16, body: &'a [u8]) -> Self {
        Self {
            packet_type: DatagramType::Request,
            flags: DatagramFlags::IDEMPOTENT,
            flags2: 0,
            order: ByteOrder::Little,
            serial: 0,
            object,
            interface,
            activity,
            server_boot: 0,
            interface_version: 1,
            sequence,
            opnum,
            interface_hint: 0xffff,
            activity_hint: 0xffff,
            fragment: 0,
            authentication: 0,
            body,
        }
    }

    /// Reads a datagram; bytes behind the announced body are ignored.
    ///
    /// # Errors
    /// Another version, a data representation other than integers of either order with ASCII and IEEE, an announced
    /// body beyond the bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WireError> {
        let mut r = OctetReader::big(bytes);
        let [version, packet_type, flags, flags2] = r.array("datagram header")?;
        let [representation, floating_point, _, serial_high] = r.array("datagram header")?;
        let unsupported = |at, what, value: u8| WireError::Unsupported { at, what, value: value.into() };
        if version != 4 {
            return Err(unsupported(0, "RPC version", version));
        }
        let order = match representation {
            0x10 => ByteOrder::Little,
            0x00 => ByteOrder::Big,
            other => return Err(unsupported(4, "data representation", other)),
        };
        if floating_point != 0 {
            return Err(unsupported(5, "floating point representation", floating_point));
        }
        let at = r.at();
        let shift = |error: WireError| error.shifted(at);
        let mut r = OctetReader::new(r.rest(), order);
        let mut guid = |what| r.guid(what).map_err(shift);
        let (object, interface, activity) = (guid("object UUID")?, guid("interface UUID")?, guid("activity UUID")?);
        let mut long = |what| r.u32(what).map_err(shift);
        let (server_boot, interface_version, sequence) =
            (long("server boot time")?, long("interface version")?, long("sequence number")?);
        let mut short = |what| r.u16(what).map_err(shift);
        let (opnum, interface_hint, activity_hint) =
            (short("operation")?, short("interface hint")?, short("activity hint")?);
        let (length, fragment) = (short("length of the body")?, short("fragment number")?);
        let [authentication, serial_low] = r.array("datagram header").map_err(shift)?;
        Ok(Self {
            packet_type: packet_type.into(),
            flags: DatagramFlags(flags),
            flags2,
            order,
            serial: u16::from_be_bytes([serial_high, serial_low]),
            object,
            interface,
            activity,
            server_boot,
            interface_version,
            sequence,
            opnum,
            interface_hint,
            activity_hint,
            fragment,
            authentication,
            body: r.take(usize::from(length), "body").map_err(shift)?,
        })
    }

    /// The bytes, in the byte order of the datagram.
    pub fn emit(&self) -> Vec<u8> {
        let mut w = OctetWriter::new(self.order);
        let representation = if self.order == ByteOrder::Little { 0x10 } else { 0x00 };
        let [serial_high, serial_low] = self.serial.to_be_bytes();
        w.bytes(&[4, self.packet_type.raw(), self.flags.0, self.flags2, representation, 0, 0, serial_high]);
        for guid in [self.object, self.interface, self.activity] {
            w.guid(guid);
        }
        for value in [self.server_boot, self.interface_version, self.sequence] {
            w.u32(value);
        }
        let body = self.body.get(..usize::from(u16::MAX)).unwrap_or(self.body);
        let length = u16::try_from(body.len()).unwrap_or(u16::MAX);
        for value in [self.opnum, self.interface_hint, self.activity_hint, length, self.fragment] {
            w.u16(value);
        }
        w.bytes(&[self.authentication, serial_low]);
        w.bytes(body);
        w.into_bytes()
    }

    /// Body of a fault or reject.
    pub fn status_body(status: super::FaultStatus, order: ByteOrder) -> [u8; 4] {
        if order == ByteOrder::Little { status.0.to_le_bytes() } else { status.0.to_be_bytes() }
    }

    /// Status of a fault or reject.
    pub fn status(&self) -> Option<super::FaultStatus> {
        matches!(self.packet_type, DatagramType::Fault | DatagramType::Reject)
            .then(|| OctetReader::new(self.body, self.order).u32("status").ok().map(super::FaultStatus))
            .flatten()
    }
}
