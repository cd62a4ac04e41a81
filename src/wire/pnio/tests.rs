use proptest::prelude::*;

use super::*;
use crate::wire::captured::{LINE, READ_IMPLICIT, datagrams, hex};
use crate::wire::dcerpc::endpoint::{ENDPOINT_MAPPER, LookupRequest, LookupResponse, NOT_REGISTERED, Tower};
use crate::wire::dcerpc::{Datagram, DatagramFlags, DatagramType};
use crate::wire::ethernet::MacAddress;
use crate::wire::ndr::ByteOrder;
use crate::wire::{Guid, WireError};

const BOTH: [ByteOrder; 2] = [ByteOrder::Big, ByteOrder::Little];

fn station(n: u8) -> MacAddress {
    MacAddress([2, 0, 0, 0, 0, n])
}

/// A read as captured: request, status, blocks of the answer.
#[derive(Debug)]
struct Read {
    header: ReadHeader,
    status: PnioStatus,
    records: Vec<Record>,
}

/// Every exchange of a capture, each datagram and body written back to the same bytes.
fn reads(capture: &[u8]) -> Vec<Read> {
    let mut asked: Option<(Guid, ReadRequest)> = None;
    let mut all = Vec::new();
    for (n, to, bytes) in datagrams(capture, UDP_PORT) {
        let datagram = Datagram::parse(&bytes).unwrap_or_else(|error| panic!("frame {n}: {error}"));
        assert_eq!(datagram.emit(), bytes, "frame {n}");
        if datagram.interface == ENDPOINT_MAPPER {
            continue;
        }
        assert_eq!((datagram.interface, datagram.opnum), (DEVICE_INTERFACE, READ_IMPLICIT_METHOD), "frame {n}");
        assert_eq!(of_device_object(datagram.object), Some((1, 2, 0x0493)), "frame {n}");
        if to == UDP_PORT {
            assert_eq!((datagram.packet_type, datagram.order), (DatagramType::Request, ByteOrder::Little));
            let request = ReadRequest::parse(datagram.body, datagram.order).unwrap();
            assert_eq!(request.emit(datagram.order), datagram.body, "frame {n}");
            asked = Some((datagram.activity, request));
        } else {
            assert_eq!((datagram.packet_type, datagram.order), (DatagramType::Response, ByteOrder::Big));
            let (activity, request) = asked.take().unwrap();
            assert_eq!(datagram.activity, activity, "frame {n}: compared after reading, whatever the byte order");
            let response = ReadResponse::parse(datagram.body, datagram.order).unwrap();
            assert_eq!(response.emit(datagram.order), datagram.body, "frame {n}");
            let header = ReadHeader { length: 4096, ..response.header.unwrap() };
            assert_eq!(header, request.header, "frame {n}");
            let records = blocks(response.record).unwrap();
            assert_eq!(emit_blocks(&records), response.record, "frame {n}");
            all.push(Read { header, status: response.status, records });
        }
    }
    all
}

use super::READ_IMPLICIT as READ_IMPLICIT_METHOD;

fn im0() -> Im0 {
    Im0 {
        vendor: 0x0493,
        order_number: "12345 Abcdefghijk".into(),
        serial_number: "007".into(),
        hardware: 3,
        prefix: 'V',
        software: [0, 2, 0],
        revision_counter: 0,
        profile: 0x1234,
        profile_type: 0x5678,
        version: [1, 1],
        supported: ImSupported(0x000e),
    }
}

fn port(subslot: u16, own: &str, peers: Vec<Peer>) -> Record {
    Record::Port(PortData {
        slot: 0,
        subslot,
        port: own.into(),
        peers,
        mau_type: MauType::Unknown,
        domain_boundary: 0,
        multicast_boundary: 0,
        port_state: PortState::Unknown,
        link_state: LinkState::Up,
        media: MediaType::Radio,
    })
}

fn peer(chassis: &str, n: u8) -> Peer {
    Peer { port: "port-001".into(), chassis: chassis.into(), line_delay: 0, mac: station(n) }
}

fn interface(name: &str, last: u8) -> Record {
    Record::Interface(InterfaceData {
        chassis: name.into(),
        mac: station(2),
        ip: [10, 0, 0, last].into(),
        mask: [255, 255, 255, 0].into(),
        gateway: [0; 4].into(),
    })
}

fn statistics(in_octets: u32, out_octets: u32) -> Record {
    Record::Statistics(PortStatistics { in_octets, out_octets, ..PortStatistics::default() })
}

fn group(subslot: u16, records: Vec<Record>) -> Record {
    Record::Group { block: 0x0400, api: 0, slot: 0, subslot, records }
}

/// Slot, ident, and subslots with theirs.
type Slot = (u16, u32, Vec<(u16, u32)>);

fn plugged(kind: PluggedKind, modules: Vec<Slot>) -> Record {
    let module = |(slot, ident, submodules): Slot| Module {
        slot,
        ident,
        submodules: submodules.into_iter().map(|(subslot, ident)| Submodule { subslot, ident }).collect(),
    };
    let modules = modules.into_iter().map(module).collect();
    Record::Plugged(Plugged { kind, apis: vec![Api { api: 0, modules }] })
}

#[test]
fn thirteen_reads_as_captured() {
    let expected = vec![
        (1, index::IM0, vec![Record::Im0(im0())]),
        (0x8000, index::IM0, vec![Record::Im0(im0())]),
        (0x8001, index::IM0, vec![Record::Im0(im0())]),
        (0x8001, index::PORT, vec![port(0x8001, "port-001", vec![])]),
        (0x8000, index::INTERFACE, vec![interface("pump-2", 2)]),
        (
            1,
            index::PD_REAL_DATA,
            vec![
                group(0x8000, vec![interface("pump-2", 2), statistics(0x2015, 0x3f52)]),
                group(0x8001, vec![port(0x8001, "port-001", vec![]), statistics(0x2015, 0x3f52)]),
            ],
        ),
        (
            1,
            index::IM0_FILTER,
            vec![
                plugged(PluggedKind::ImSubmodules, vec![(0, 1, vec![(1, 1)])]),
                plugged(PluggedKind::ImDevice, vec![(0, 1, vec![(1, 1)])]),
            ],
        ),
        (1, 0xf820, vec![]),
        (
            1,
            index::REAL_IDENTIFICATION,
            vec![plugged(PluggedKind::Real, vec![(0, 1, vec![(1, 1), (0x8000, 0x8000), (0x8001, 0x8001)])])],
        ),
        (0x8001, index::PORT_CHECK, vec![]),
        (0x8001, index::STATISTICS, vec![statistics(0x241b, 0x4468)]),
        (1, index::IM1, vec![Record::Im1(Im1 { function: "my function".into(), location: "my location".into() })]),
        (1, 0xfbff, vec![]),
    ];
    let seen = reads(READ_IMPLICIT);
    assert_eq!(seen.len(), expected.len());
    for (read, (subslot, index, records)) in seen.into_iter().zip(expected) {
        assert_eq!((read.header.slot, read.header.subslot), (0, subslot), "{}", read.header);
        assert_eq!(read.records, records, "{}", read.header);
        if index != 0xfbff {
            assert_eq!((read.header.index, read.status), (index, PnioStatus::OK));
        }
    }
    assert_eq!(im0().to_string(), "12345 Abcdefghijk, serial 007, hardware 3, software V0.2.0");
    assert!(im0().supported.has(3) && !im0().supported.has(4) && !im0().supported.has(99));
}

#[test]
fn the_line_as_captured() {
    let seen = reads(LINE);
    let read = |nth: usize| (seen[nth].header.index, &seen[nth].records[..]);
    assert_eq!(read(1), (index::PORT, &[port(0x8001, "port-001", vec![peer("es", 1)])][..]));
    assert_eq!(read(2), (index::PORT, &[port(0x8002, "port-002", vec![peer("dev-3", 3)])][..]));
    assert_eq!(read(3), (index::INTERFACE, &[interface("sw-2", 2)][..]));
    let (number, all) = read(4);
    assert_eq!((number, all.len()), (index::PD_REAL_DATA, 3));
    let behind = port(0x8002, "port-002", vec![peer("dev-3", 3)]);
    assert_eq!(all[2], group(0x8002, vec![behind, statistics(0x348, 0x3b2)]));
    // An index that is not there.
    let refused = seen.iter().find(|read| !read.status.is_ok()).unwrap();
    assert_eq!(refused.status, PnioStatus::INVALID_INDEX);
    assert_eq!(refused.status.to_string(), "invalid index (de 80 b0 0a)");
    assert!(refused.records.is_empty());
}

/// The specification's example of 8.4.
#[test]
fn a_port_with_a_peer_byte_for_byte() {
    let bytes = hex(
        "020f 0040 0100 0000 0000 8001 08 706f72742d303031 01 0000 08 706f72742d303031 02 6573 00000000 020000000001 0000
         0000 0000 00000000 00000000 00 01 0000 00000003",
    );
    let record = port(0x8001, "port-001", vec![peer("es", 1)]);
    assert_eq!(blocks(&bytes), Ok(vec![record.clone()]));
    assert_eq!(emit_blocks(&[record]), bytes);
}

#[test]
fn lookups_as_captured() {
    let seen: Vec<_> = datagrams(LINE, UDP_PORT)
        .into_iter()
        .filter(|(_, _, bytes)| Datagram::parse(bytes).unwrap().interface == ENDPOINT_MAPPER)
        .collect();
    let mut entries = Vec::new();
    let mut last = None;
    for (n, to, bytes) in &seen {
        let datagram = Datagram::parse(bytes).unwrap();
        assert_eq!((datagram.interface_version, datagram.opnum, datagram.order), (3, 2, ByteOrder::Little));
        if *to == UDP_PORT {
            let request = LookupRequest::parse(datagram.body, datagram.order).unwrap();
            assert_eq!(request.emit(datagram.order), datagram.body, "frame {n}");
        } else {
            let response = LookupResponse::parse(datagram.body, datagram.order).unwrap();
            last = Some((response.handle.uuid, response.status));
            entries.extend(response.entries);
        }
    }
    assert_eq!(last, Some((Guid::NIL, NOT_REGISTERED)));
    assert_eq!(entries.len(), 4, "two of each station");
    assert_eq!(of_device_object(entries[1].object), Some((1, 2, 0x0493)));
    let tower = entries[1].tower.as_ref().unwrap();
    assert_eq!(tower.interface(), Some((DEVICE_INTERFACE, 1)));
    assert_eq!(tower.udp_port(), Some(0x81c1), "the asker's own port");
    assert_eq!(entries[0].tower.as_ref().unwrap().interface(), Some((ENDPOINT_MAPPER, 3)));
    let known = SystemIdentification::parse_annotation(&entries[0].annotation).unwrap();
    assert_eq!(known.to_string(), "12345 Abcdefghijk, hardware 3, software V0.2.0");
    assert_eq!(known.annotation(), entries[0].annotation);
    // What we answer reads back, in both orders.
    for order in BOTH {
        let ours = LookupResponse { handle: Default::default(), entries: entries.clone(), status: 0 };
        assert_eq!(LookupResponse::parse(&ours.emit(order), order), Ok(ours));
    }
    let tower = Tower::over_udp(DEVICE_INTERFACE, 1, 34964, [10, 0, 0, 2].into());
    assert_eq!((tower.interface(), tower.udp_port()), (Some((DEVICE_INTERFACE, 1)), Some(34964)));
}

#[test]
fn the_system_text() {
    let text = "P-Net Sample Application  12345 Abcdefghijk    007                  3 V  0  2  0";
    let known = SystemIdentification::parse(text).unwrap();
    let expected = SystemIdentification {
        device_type: "P-Net Sample Application".into(),
        order_number: "12345 Abcdefghijk".into(),
        serial_number: Some("007".into()),
        hardware: 3,
        prefix: 'V',
        software: [0, 2, 0],
    };
    assert_eq!(known, expected);
    assert_eq!((known.text(), known.text().len()), (text.to_owned(), 80));
    for other in ["", "Linux 6.1", &text[1..], &text.replace('3', "x"), &"ü".repeat(40)] {
        assert_eq!(SystemIdentification::parse(other), None, "{other}");
    }
}

#[test]
fn both_byte_orders() {
    let header = ReadHeader::implicit(7, 1, 0x8001, index::PORT);
    let request = ReadRequest { max_args: 4096, header, target_ar: Guid::from_u128(5) };
    let status = PnioStatus::read_error(0xb2, 1);
    let response = ReadResponse { status, max_args: 4096, header: None, additional: [0; 2], record: &[] };
    let record = [1, 2, 3];
    let header = Some(ReadHeader { length: 3, ..header });
    let read = ReadResponse { status: PnioStatus::OK, max_args: 4096, header, additional: [8, 9], record: &record };
    for order in BOTH {
        assert_eq!(ReadRequest::parse(&request.emit(order), order), Ok(request));
        assert_eq!(ReadResponse::parse(&response.emit(order), order), Ok(response));
        assert_eq!(ReadResponse::parse(&read.emit(order), order), Ok(read));
        let object = device_object(1, 2, 0x0493);
        let mut datagram = Datagram::request(object, DEVICE_INTERFACE, Guid::from_u128(9), 3, 5, &record);
        (datagram.order, datagram.serial, datagram.flags) =
            (order, 0x0102, DatagramFlags::LAST | DatagramFlags::FRAGMENT);
        assert_eq!(Datagram::parse(&datagram.emit()), Ok(datagram));
    }
    assert_eq!(response.emit(ByteOrder::Big)[..4], [0xde, 0x80, 0xb2, 1]);
    assert_eq!(response.emit(ByteOrder::Little)[..4], [1, 0xb2, 0x80, 0xde], "reversed");
    // As the specification writes the object of a little-endian packet.
    let object = device_object(1, 2, 0x0493);
    assert_eq!(object.to_string(), "dea00000-6c97-11d1-8271-000100020493");
    assert_eq!(object.to_wire(ByteOrder::Little), hex("0000a0de976cd111 8271000100020493")[..]);
    assert_eq!(of_device_object(DEVICE_INTERFACE), None);
}

fn every_record() -> Vec<Record> {
    vec![
        Record::Im0(im0()),
        Record::Im2("2026-11-25 04:00".into()),
        Record::Im3("descriptor".into()),
        Record::Im4(vec![7; 54]),
        plugged(PluggedKind::ImModules, vec![(1, 2, vec![(3, 4), (5, 6)]), (2, 3, vec![])]),
        interface("a-longer-name", 9),
        port(0x8002, "port-002", vec![peer("a", 1), peer("bcd", 2)]),
        statistics(1, 2),
        Record::Group {
            block: 0x0200,
            api: 0,
            slot: 0,
            subslot: 0x8001,
            records: vec![Record::Peers(vec![PeerCheck { port: "port-001".into(), chassis: "dev-3".into() }])],
        },
        Record::Other { block: 0x0251, version: [1, 1], body: vec![1, 2] },
        Record::Other { block: 0x0240, version: [1, 0], body: vec![200, 1] },
    ]
}

#[test]
fn every_record_comes_back() {
    let records = every_record();
    assert_eq!(blocks(&emit_blocks(&records)), Ok(records));
    assert_eq!(submodule::interface_and_port(submodule::port(2)), Some((1, 2)));
    assert_eq!(submodule::interface_and_port(0x8100), Some((2, 0)));
    assert_eq!(submodule::interface_and_port(1), None);
    assert_eq!(MauType::Base100Tx.mbit_per_s(), Some(100));
    // A group within a group is not followed.
    let nested = group(0x8000, vec![group(0x8000, vec![])]);
    let Record::Group { records, .. } = &blocks(&emit_blocks(&[nested])).unwrap()[0] else { panic!() };
    assert!(matches!(&records[..], [Record::Other { block: 0x0400, .. }]));
}

#[test]
fn what_contradicts_itself_is_refused_with_its_place() {
    let said = |error: WireError| error.to_string();
    let datagram = Datagram::request(Guid::NIL, DEVICE_INTERFACE, Guid::NIL, 0, 5, &[1, 2]).emit();
    let with = |at: usize, byte: u8| {
        let mut bytes = datagram.clone();
        bytes[at] = byte;
        said(Datagram::parse(&bytes).unwrap_err())
    };
    assert_eq!(with(0, 5), "unsupported at byte 0: RPC version 0x5");
    assert_eq!(with(4, 0x11), "unsupported at byte 4: data representation 0x11");
    assert_eq!(with(5, 1), "unsupported at byte 5: floating point representation 0x1");
    assert_eq!(with(74, 3), "truncated at byte 80: body needs 3 bytes, 2 left");
    for n in 0..datagram.len() {
        assert!(matches!(Datagram::parse(&datagram[..n]), Err(WireError::Truncated { .. })), "{n}");
    }
    let header = ReadHeader::implicit(7, 1, 0x8001, index::PORT);
    let request = ReadRequest { max_args: 4096, header, target_ar: Guid::NIL }.emit(ByteOrder::Little);
    for n in 0..request.len() {
        assert!(ReadRequest::parse(&request[..n], ByteOrder::Little).is_err(), "{n}");
    }
    let mut other = request.clone();
    other[21] = 8;
    assert_eq!(
        said(ReadRequest::parse(&other, ByteOrder::Little).unwrap_err()),
        "unsupported at byte 20: block type 0x8"
    );
    let header = Some(header);
    let read = ReadResponse { status: PnioStatus::OK, max_args: 4096, header, additional: [0; 2], record: &[1, 2] };
    let mut response = read.emit(ByteOrder::Big);
    response[20 + 39] = 9;
    let error = ReadResponse::parse(&response, ByteOrder::Big).unwrap_err();
    assert_eq!(said(error), "truncated at byte 84: record needs 9 bytes, 2 left");
    assert_eq!(said(blocks(&[0, 1, 0, 5, 1, 0]).unwrap_err()), "truncated at byte 4: block needs 5 bytes, 2 left");
    assert_eq!(said(blocks(&[0, 1, 0, 1, 1]).unwrap_err()), "truncated at byte 4: block version needs 2 bytes, 1 left");
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), big: bool) {
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let _ = Datagram::parse(&bytes);
        let _ = ReadRequest::parse(&bytes, order);
        let _ = ReadResponse::parse(&bytes, order);
        let _ = LookupRequest::parse(&bytes, order);
        let _ = LookupResponse::parse(&bytes, order);
        let _ = SystemIdentification::parse(&String::from_utf8_lossy(&bytes));
        if let Ok(records) = blocks(&bytes) {
            prop_assert_eq!(blocks(&emit_blocks(&records)), Ok(records));
        }
    }

    /// Good records with some bytes replaced.
    #[test]
    fn damaged_records(at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = emit_blocks(&every_record());
        for (index, byte) in at {
            let place = index.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(records) = blocks(&bytes) {
            prop_assert_eq!(blocks(&emit_blocks(&records)), Ok(records));
        }
    }
}
