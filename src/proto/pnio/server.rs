//! The answering side.

use std::net::Ipv4Addr;

use super::convention::FRAGMENT_LEN;
use crate::wire::Guid;
use crate::wire::dcerpc::endpoint::{
    ENDPOINT_MAPPER, Entry, LOOKUP, LookupHandle, LookupRequest, LookupResponse, NOT_REGISTERED, Tower,
};
use crate::wire::dcerpc::{Datagram, DatagramFlags, DatagramType, FaultStatus};
use crate::wire::ndr::ByteOrder;
use crate::wire::pnio::{DEVICE_INTERFACE, PnioStatus, READ_IMPLICIT, ReadHeader, ReadRequest, ReadResponse, UDP_PORT};

/// Where a station's records come from.
pub trait Records {
    /// The bytes of a record (`wire::pnio::emit_blocks`); empty where there is nothing of it.
    ///
    /// # Errors
    /// Why there is no such record.
    fn read(&self, which: &ReadHeader) -> Result<Vec<u8>, PnioStatus>;
}

/// What a station says of itself to whoever asks over UDP.
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// Its object (`wire::pnio::device_object`).
    pub object: Guid,
    /// Whether requests for another object are rejected, as some stations do.
    pub checks_object: bool,
    /// When it has started; any number that differs from start to start.
    pub boot: u32,
    /// Byte order of its answers about records; the endpoint mapper answers as it was asked.
    pub order: ByteOrder,
    /// What it is (`wire::pnio::SystemIdentification::annotation`).
    pub annotation: String,
    /// Its address.
    pub ip: Ipv4Addr,
}

/// Answers one datagram after the other and keeps nothing between them: every method may be repeated.
#[derive(Debug, Clone)]
pub struct Server {
    settings: ServerSettings,
}

impl Server {
    /// A server of one station.
    pub fn new(settings: ServerSettings) -> Self {
        Self { settings }
    }

    /// What it says of itself; may be changed at any time.
    pub fn settings_mut(&mut self) -> &mut ServerSettings {
        &mut self.settings
    }

    /// The datagrams that answer one; none to what is no request.
    pub fn receive(&self, bytes: &[u8], records: &dyn Records) -> Vec<Vec<u8>> {
        let Ok(datagram) = Datagram::parse(bytes) else { return Vec::new() };
        let single = |packet_type, body: &[u8]| {
            let flags = DatagramFlags::default();
            let server_boot = self.settings.boot;
            vec![Datagram { packet_type, flags, flags2: 0, fragment: 0, server_boot, body, ..datagram }.emit()]
        };
        match datagram.packet_type {
            DatagramType::Request => {}
            // Calls are over as soon as they have begun.
            DatagramType::Ping => return single(DatagramType::NoCall, &[]),
            DatagramType::Cancel => return single(DatagramType::CancelAck, &[]),
            _ => return Vec::new(),
        }
        match self.answer(&datagram, records) {
            _ if datagram.flags.contains(DatagramFlags::MAYBE) => Vec::new(),
            Ok((order, body)) => self.respond(&datagram, order, &body),
            Err(status) => single(DatagramType::Reject, &Datagram::status_body(status, datagram.order)),
        }
    }

    /// Byte order and body of the answer.
    fn answer(&self, datagram: &Datagram<'_>, records: &dyn Records) -> Result<(ByteOrder, Vec<u8>), FaultStatus> {
        // No request is long enough to need fragments.
        if datagram.flags.contains(DatagramFlags::FRAGMENT) {
            return Err(FaultStatus::PROTOCOL);
        }
        match (datagram.interface, datagram.interface_version & 0xffff) {
            (ENDPOINT_MAPPER, 3) => {
                if datagram.opnum != LOOKUP {
                    return Err(FaultStatus::OP_RANGE);
                }
                let request = LookupRequest::parse(datagram.body, datagram.order).map_err(|_| FaultStatus::PROTOCOL)?;
                Ok((datagram.order, self.lookup(&request).emit(datagram.order)))
            }
            (DEVICE_INTERFACE, 1) if !self.settings.checks_object || datagram.object == self.settings.object => {
                if datagram.opnum != READ_IMPLICIT {
                    return Err(FaultStatus::OP_RANGE);
                }
                let request = ReadRequest::parse(datagram.body, datagram.order).map_err(|_| FaultStatus::PROTOCOL)?;
                Ok((self.settings.order, self.read(&request, records)))
            }
            _ => Err(FaultStatus::UNKNOWN_INTERFACE),
        }
    }

    fn read(&self, request: &ReadRequest, records: &dyn Records) -> Vec<u8> {
        let most = usize::try_from(request.max_args.min(request.header.length)).unwrap_or(usize::MAX);
        let record = records.read(&request.header).and_then(|record| {
            // "Unavailable" is the nearest there is to "not in so few bytes".
            if record.len() <= most { Ok(record) } else { Err(PnioStatus::read_error(0xc3, 0)) }
        });
        let (status, record) = match record {
            Ok(record) => (PnioStatus::OK, record),
            Err(status) => (status, Vec::new()),
        };
        let header = Some(request.header);
        ReadResponse { status, max_args: request.max_args, header, additional: [0; 2], record: &record }
            .emit(self.settings.order)
    }

    fn lookup(&self, request: &LookupRequest) -> LookupResponse {
        let ServerSettings { object, annotation, ip, .. } = &self.settings;
        let entry = |object, interface, version| Entry {
            object,
            tower: Some(Tower::over_udp(interface, version, UDP_PORT, *ip)),
            annotation: annotation.clone(),
        };
        let all = [entry(Guid::NIL, ENDPOINT_MAPPER, 3), entry(*object, DEVICE_INTERFACE, 1)];
        // The handle tells how many entries have been given already.
        let given = usize::try_from(request.handle.uuid.to_u128()).unwrap_or(usize::MAX);
        let most = usize::try_from(request.max_entries).unwrap_or(usize::MAX);
        let entries: Vec<Entry> = all.into_iter().skip(given).take(most).collect();
        if entries.is_empty() {
            return LookupResponse { handle: LookupHandle::default(), entries, status: NOT_REGISTERED };
        }
        let uuid = Guid::from_u128((given + entries.len()) as u128);
        LookupResponse { handle: LookupHandle { attributes: 0, uuid }, entries, status: 0 }
    }

    fn respond(&self, request: &Datagram<'_>, order: ByteOrder, body: &[u8]) -> Vec<Vec<u8>> {
        let response = Datagram {
            packet_type: DatagramType::Response,
            flags: DatagramFlags::LAST | DatagramFlags::NO_FACK | DatagramFlags::IDEMPOTENT,
            flags2: 0,
            order,
            server_boot: self.settings.boot,
            fragment: 0,
            body,
            ..*request
        };
        if body.len() <= FRAGMENT_LEN {
            let flags = DatagramFlags::NO_FACK | DatagramFlags::IDEMPOTENT;
            return vec![Datagram { flags, ..response }.emit()];
        }
        let n = body.len().div_ceil(FRAGMENT_LEN);
        let mut datagrams = Vec::with_capacity(n);
        for (fragment, body) in (0..=u16::MAX).zip(body.chunks(FRAGMENT_LEN)) {
            let last = usize::from(fragment) + 1 == n;
            let flags = DatagramFlags::FRAGMENT
                | DatagramFlags::IDEMPOTENT
                // All are sent at once; only the last one is worth an acknowledgement.
                | if last { DatagramFlags::LAST } else { DatagramFlags::NO_FACK };
            datagrams.push(Datagram { flags, fragment, serial: fragment, body, ..response }.emit());
        }
        datagrams
    }
}
