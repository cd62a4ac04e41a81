use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::wire::Guid;
use crate::wire::captured::{LINE, READ_IMPLICIT, datagrams};
use crate::wire::dcerpc::endpoint::ENDPOINT_MAPPER;
use crate::wire::dcerpc::{Datagram, DatagramFlags, DatagramType, FaultStatus};
use crate::wire::ndr::ByteOrder;
use crate::wire::pnio::{self, PnioStatus, ReadHeader, ReadRequest, UDP_PORT, index};

const ACTIVITY: Guid = Guid::from_u128(0xac);

fn s(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn object() -> Guid {
    pnio::device_object(1, 2, 0x0493)
}

/// Records by index: as many bytes as the slot says; nothing behind 0xf000.
struct Sized;

impl Records for Sized {
    fn read(&self, which: &ReadHeader) -> Result<Vec<u8>, PnioStatus> {
        if which.index >= 0xf000 {
            return Err(PnioStatus::INVALID_INDEX);
        }
        Ok((0..which.slot).map(|n| n.to_le_bytes()[0]).collect())
    }
}

fn server(order: ByteOrder) -> Server {
    Server::new(ServerSettings {
        object: object(),
        checks_object: true,
        boot: 7,
        order,
        annotation: "Test".into(),
        ip: [10, 0, 0, 2].into(),
    })
}

/// Runs until all calls are over; datagrams for which `lost` says so do not arrive. Gives the time of the end.
fn run(client: &mut Client, server: &Server, mut lost: impl FnMut(&Datagram<'_>) -> bool) -> Duration {
    let mut now = s(0);
    while let Some(due) = client.next_due() {
        now = due.max(now);
        for request in client.poll(now) {
            if lost(&Datagram::parse(&request).unwrap()) {
                continue;
            }
            for answer in server.receive(&request, &Sized) {
                if !lost(&Datagram::parse(&answer).unwrap()) {
                    client.receive(now, &answer);
                }
            }
        }
    }
    now
}

fn record(n: u16) -> Outcome {
    Outcome::Record((0..n).map(|n| n.to_le_bytes()[0]).collect())
}

/// The captured exchanges: our requests are the same bytes, the answers give the records.
#[test]
fn as_captured() {
    for capture in [READ_IMPLICIT, LINE] {
        let mut waiting: Option<(Client, CallId)> = None;
        for (n, to, bytes) in datagrams(capture, UDP_PORT) {
            let datagram = Datagram::parse(&bytes).unwrap();
            let lookup = datagram.interface == ENDPOINT_MAPPER;
            if to == UDP_PORT {
                let (mut client, id) = match waiting.take() {
                    Some(it) if lookup => it,
                    _ => {
                        let mut client = Client::new(object(), datagram.activity);
                        let id = if lookup {
                            client.lookup()
                        } else {
                            let header = ReadRequest::parse(datagram.body, datagram.order).unwrap().header;
                            client.read(header.slot, header.subslot, header.index)
                        };
                        (client, id)
                    }
                };
                assert_eq!(client.poll(s(1)), [bytes], "frame {n}");
                waiting = Some((client, id));
            } else {
                let (client, id) = waiting.as_mut().unwrap();
                client.receive(s(1), &bytes);
                let outcomes = client.take_outcomes();
                if client.next_due().is_none() {
                    let [(done, outcome)] = &outcomes[..] else { panic!("frame {n}: {outcomes:?}") };
                    assert_eq!(done, id);
                    match outcome {
                        Outcome::Record(record) => assert!(pnio::blocks(record).is_ok()),
                        Outcome::Refused(status) => assert_eq!(*status, PnioStatus::INVALID_INDEX, "frame {n}"),
                        Outcome::Entries(entries) => assert_eq!(entries.len(), 2, "frame {n}"),
                        other => panic!("frame {n}: {other:?}"),
                    }
                    waiting = None;
                }
            }
        }
        assert!(waiting.is_none());
    }
}

#[test]
fn calls_one_after_the_other_in_either_byte_order() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let mut client = Client::new(object(), ACTIVITY);
        let ids =
            [client.read(3, 1, index::IM0), client.read(0, 1, index::IM1), client.read(1, 1, 0xf830), client.lookup()];
        assert_eq!(run(&mut client, &server(order), |_| false), s(0));
        let outcomes = client.take_outcomes();
        let (last, rest) = outcomes.split_last().unwrap();
        let expected = [record(3), record(0), Outcome::Refused(PnioStatus::INVALID_INDEX)];
        assert_eq!(rest, ids[..3].iter().copied().zip(expected).collect::<Vec<_>>());
        let Outcome::Entries(entries) = &last.1 else { panic!("{last:?}") };
        assert_eq!(entries[1].object, object());
        assert_eq!((entries[1].annotation.as_str(), entries.len()), ("Test", 2));
    }
}

#[test]
fn long_records_come_in_fragments() {
    for (n, fragments) in [(1300_u16, 1), (1309, 2), (4000, 3)] {
        let mut client = Client::new(object(), ACTIVITY);
        client.read(n, 1, index::IM0);
        let (mut responses, mut facks) = (0, 0);
        run(&mut client, &server(ByteOrder::Big), |datagram| {
            responses += usize::from(datagram.packet_type == DatagramType::Response);
            facks += usize::from(datagram.packet_type == DatagramType::Fack);
            false
        });
        assert_eq!(client.take_outcomes()[0].1, record(n));
        assert_eq!((responses, facks), (fragments, usize::from(fragments > 1)), "the last one is acknowledged");
    }
    // More than was asked for.
    let mut client = Client::new(object(), ACTIVITY);
    client.read(4097, 1, index::IM0);
    run(&mut client, &server(ByteOrder::Big), |_| false);
    assert_eq!(client.take_outcomes()[0].1, Outcome::Refused(PnioStatus::read_error(0xc3, 0)));
}

#[test]
fn what_is_lost_is_asked_for_again() {
    // The first request, then the second fragment, once each.
    let mut nth = 0;
    let mut client = Client::new(object(), ACTIVITY);
    client.read(4000, 1, index::IM0);
    let end = run(&mut client, &server(ByteOrder::Big), |_| {
        nth += 1;
        nth == 1 || nth == 4
    });
    assert_eq!((client.take_outcomes()[0].1.clone(), end), (record(4000), s(4)));
    // Nobody there: three tries of 2 s; the next call begins then.
    let (first, second) = (client.read(1, 1, index::IM0), client.read(2, 1, index::IM0));
    let mut sent = Vec::new();
    let end = run(&mut client, &server(ByteOrder::Big), |datagram| {
        sent.push(datagram.sequence);
        true
    });
    assert_eq!(client.take_outcomes(), [(first, Outcome::NoAnswer), (second, Outcome::NoAnswer)]);
    assert_eq!((end, sent), (s(12), vec![1, 1, 1, 2, 2, 2]));
}

/// Answers by hand: what counts is activity and sequence number.
#[test]
fn working_faults_and_strangers() {
    let begin = || {
        let mut client = Client::new(object(), ACTIVITY);
        client.read(1, 1, index::IM0);
        let bytes = client.poll(s(0)).remove(0);
        (client, bytes)
    };
    let (mut client, bytes) = begin();
    let request = Datagram::parse(&bytes).unwrap();
    let of = |packet_type, body: &'static [u8]| Datagram { packet_type, body, ..request };
    client.receive(s(1), &of(DatagramType::Working, &[]).emit());
    assert_eq!(client.next_due(), Some(s(3)), "it waits on");
    let mut outcomes = Vec::new();
    for n in 1..50 {
        client.receive(s(n), &of(DatagramType::Working, &[]).emit());
        client.poll(s(n));
        outcomes.extend(client.take_outcomes().into_iter().map(|(_, outcome)| (s(n), outcome)));
    }
    assert_eq!(outcomes, [(s(30), Outcome::NoAnswer)], "but not for ever");
    let status = &[0x03, 0x00, 0x01, 0x1c];
    for (packet_type, body, expected) in [
        (DatagramType::Reject, &status[..], Outcome::Rejected(FaultStatus::UNKNOWN_INTERFACE)),
        (DatagramType::Fault, status, Outcome::Fault(FaultStatus::UNKNOWN_INTERFACE)),
    ] {
        let (mut client, bytes) = begin();
        let request = Datagram::parse(&bytes).unwrap();
        for stranger in [
            Datagram { packet_type, body, activity: Guid::NIL, ..request },
            Datagram { packet_type, body, sequence: 1, ..request },
            Datagram { packet_type: DatagramType::Ack, body, ..request },
        ] {
            client.receive(s(1), &stranger.emit());
        }
        assert_eq!(client.take_outcomes(), []);
        client.receive(s(1), &Datagram { packet_type, body, ..request }.emit());
        assert_eq!(client.take_outcomes()[0].1, expected);
    }
    let (mut client, bytes) = begin();
    let request = Datagram::parse(&bytes).unwrap();
    client.receive(s(1), &Datagram { packet_type: DatagramType::Response, body: &[0; 19], ..request }.emit());
    let outcome = client.take_outcomes().remove(0).1;
    assert!(matches!(outcome, Outcome::Malformed(_)), "{outcome:?}");
    // Fragments without end.
    let (mut client, bytes) = begin();
    let request = Datagram::parse(&bytes).unwrap();
    let (packet_type, flags, body) = (DatagramType::Response, DatagramFlags::FRAGMENT, &[0; 60_000][..]);
    for fragment in 0..30 {
        client.receive(s(1), &Datagram { packet_type, flags, fragment, body, ..request }.emit());
    }
    assert_eq!(client.take_outcomes()[0].1, Outcome::TooLong);
}

#[test]
fn a_server_rejects_what_it_does_not_have() {
    let server = server(ByteOrder::Big);
    let mut client = Client::new(object(), ACTIVITY);
    client.read(1, 1, index::IM0);
    let bytes = client.poll(s(0)).remove(0);
    let request = Datagram::parse(&bytes).unwrap();
    let answer = |datagram: Datagram<'_>| {
        let answers = server.receive(&datagram.emit(), &Sized);
        answers
            .iter()
            .map(|bytes| Datagram::parse(bytes).map(|it| (it.packet_type, it.status())).unwrap())
            .collect::<Vec<_>>()
    };
    let rejected = |status| vec![(DatagramType::Reject, Some(status))];
    assert_eq!(answer(request), [(DatagramType::Response, None)]);
    assert_eq!(answer(Datagram { interface: Guid::NIL, ..request }), rejected(FaultStatus::UNKNOWN_INTERFACE));
    assert_eq!(answer(Datagram { object: Guid::NIL, ..request }), rejected(FaultStatus::UNKNOWN_INTERFACE));
    assert_eq!(answer(Datagram { interface_version: 2, ..request }), rejected(FaultStatus::UNKNOWN_INTERFACE));
    assert_eq!(answer(Datagram { opnum: 0, ..request }), rejected(FaultStatus::OP_RANGE));
    assert_eq!(answer(Datagram { body: &request.body[..80], ..request }), rejected(FaultStatus::PROTOCOL));
    assert_eq!(answer(Datagram { flags: DatagramFlags::FRAGMENT, ..request }), rejected(FaultStatus::PROTOCOL));
    assert_eq!(answer(Datagram { flags: DatagramFlags::MAYBE, ..request }), []);
    assert_eq!(answer(Datagram { packet_type: DatagramType::Ping, ..request }), [(DatagramType::NoCall, None)]);
    assert_eq!(answer(Datagram { packet_type: DatagramType::Response, ..request }), []);
    assert!(server.receive(b"GET / HTTP/1.1", &Sized).is_empty());
}

proptest! {
    /// Neither end minds what the other one sends, and a client comes to an end.
    #[test]
    fn any_answer(kind in 0_u8..11, flags: u8, fragment in 0_u16..4, big: bool, body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut client = Client::new(object(), ACTIVITY);
        client.read(1, 1, index::IM0);
        let bytes = client.poll(s(0)).remove(0);
        let request = Datagram::parse(&bytes).unwrap();
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let any = Datagram { packet_type: kind.into(), flags: DatagramFlags(flags), fragment, order, body: &body, ..request };
        client.receive(s(1), &any.emit());
        server(order).receive(&any.emit(), &Sized);
        for n in 1..100 {
            client.poll(s(n));
        }
        prop_assert_eq!(client.take_outcomes().len(), 1);
        prop_assert_eq!(client.next_due(), None);
    }
}
