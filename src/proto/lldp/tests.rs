use std::time::Duration;

use super::convention::{MAX_NEIGHBOURS, TTL};
use super::*;
use crate::wire::captured::{LINE, frames};
use crate::wire::ethernet::{Frame, MacAddress};
use crate::wire::lldp::{ChassisId, Lldpdu, PortId, Tlv};

fn s(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn pdu(name: &str, port: &str) -> Lldpdu {
    Lldpdu { chassis: ChassisId::Local(name.into()), port: PortId::Local(port.into()), ttl: TTL, tlvs: Vec::new() }
}

fn key(local_port: u32, pdu: &Lldpdu) -> NeighbourKey {
    NeighbourKey { local_port, chassis: pdu.chassis.clone(), port: pdu.port.clone() }
}

const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 2]);

fn read(frame: &[u8]) -> Lldpdu {
    Lldpdu::parse(Frame::parse(frame).unwrap().payload).unwrap()
}

#[test]
fn sends_at_once_then_every_five_seconds_and_says_goodbye() {
    let mut sender = Sender::new(MAC, pdu("a", "port-001"));
    assert_eq!((sender.next_due(), sender.poll(s(9))), (None, None), "its link is down");
    sender.link_up(s(10));
    let mut at = Vec::new();
    while at.len() < 3 {
        let due = sender.next_due().unwrap();
        assert_eq!(read(&sender.poll(due).unwrap()), pdu("a", "port-001"));
        assert_eq!(sender.poll(due), None);
        at.push(due);
    }
    assert_eq!(at, [s(10), s(15), s(20)]);
    // Something else to tell goes at once; the same again does not.
    assert_eq!(sender.set(s(21), pdu("a", "port-001")), None);
    assert_eq!(sender.next_due(), Some(s(25)));
    let more = Lldpdu { tlvs: vec![Tlv::SystemName("x".into())], ..pdu("a", "port-001") };
    assert_eq!(sender.set(s(21), more.clone()), None);
    assert_eq!(read(&sender.poll(s(21)).unwrap()), more);
    // Under another name it says goodbye under the old one.
    let farewell = read(&sender.set(s(22), pdu("b", "port-001")).unwrap());
    assert_eq!((farewell.ttl, farewell.chassis), (0, ChassisId::Local("a".into())));
    assert_eq!(read(&sender.poll(s(22)).unwrap()), pdu("b", "port-001"));
    sender.shut_down();
    assert_eq!(sender.next_due(), Some(Duration::ZERO));
    let farewell = read(&sender.poll(s(23)).unwrap());
    assert_eq!((farewell.ttl, farewell.chassis, farewell.tlvs), (0, ChassisId::Local("b".into()), vec![]));
    assert_eq!((sender.next_due(), sender.poll(s(99))), (None, None));
}

#[test]
fn neighbours_come_change_and_go() {
    let (a, b) = (pdu("a", "port-001"), pdu("sys", "port-002.b"));
    let mut table = Neighbours::new();
    table.receive(s(0), 1, &a.frame(MAC));
    table.receive(s(1), 2, &b.frame(MAC));
    table.receive(s(5), 1, &a.frame(MAC));
    assert_eq!(table.take_events(), [key(1, &a), key(2, &b)].map(NeighbourEvent::Appeared));
    assert_eq!(table.aliases(), ["port-001.a", "port-002.b"]);
    let changed = Lldpdu { tlvs: vec![Tlv::SystemName("x".into())], ..a.clone() };
    table.receive(s(6), 1, &changed.frame(MAC));
    assert_eq!(table.take_events(), [NeighbourEvent::Changed(key(1, &a))]);
    assert_eq!(table.at(1).map(|(_, it)| (it.since, it.heard)).collect::<Vec<_>>(), [(s(0), s(6))]);
    // Silent for its TTL.
    assert_eq!(table.next_due(), Some(s(21)));
    table.poll(Duration::from_millis(20_999));
    assert_eq!(table.take_events(), []);
    table.poll(s(21));
    assert_eq!(table.take_events(), [NeighbourEvent::Left(key(2, &b), Gone::Silent)]);
    // Goodbye, at its own port only.
    let farewell = Lldpdu { ttl: 0, tlvs: vec![], ..a.clone() };
    table.receive(s(22), 2, &farewell.frame(MAC));
    assert_eq!(table.iter().count(), 1);
    table.receive(s(22), 1, &farewell.frame(MAC));
    assert_eq!(table.take_events(), [NeighbourEvent::Left(key(1, &a), Gone::Goodbye)]);
    // The link is lost: at once, whatever the TTL.
    table.receive(s(30), 1, &a.frame(MAC));
    table.receive(s(30), 2, &b.frame(MAC));
    table.link_down(1);
    assert_eq!(table.take_events()[2..], [NeighbourEvent::Left(key(1, &a), Gone::LinkDown)]);
    assert_eq!(table.iter().map(|(key, _)| key.local_port).collect::<Vec<_>>(), [2]);
}

#[test]
fn what_is_no_lldp_or_broken_is_not_kept() {
    let mut table = Neighbours::new();
    let good = pdu("a", "port-001").frame(MAC);
    let with = |at: usize, byte: u8| {
        let mut frame = good.clone();
        frame[at] = byte;
        frame
    };
    table.receive(s(0), 1, &with(12, 8));
    table.receive(s(0), 1, &with(6, 1));
    table.receive(s(0), 1, &[]);
    assert_eq!((table.iter().count(), table.malformed()), (0, 0));
    table.receive(s(0), 1, &with(15, 0xff));
    assert_eq!((table.iter().count(), table.malformed()), (0, 1));
}

#[test]
fn a_storm_of_neighbours_is_bounded() {
    let mut table = Neighbours::new();
    for n in 0..5000_u16 {
        let [high, low] = n.to_be_bytes();
        table.receive(s(0), 1, &pdu(&format!("n-{n}"), "port-001").frame(MacAddress([2, 0, 0, 7, high, low])));
    }
    table.receive(s(0), 2, &pdu("other", "port-001").frame(MAC));
    assert_eq!((table.at(1).count(), table.at(2).count()), (MAX_NEIGHBOURS, 1));
    assert_eq!(table.left_out(), 5000 - MAX_NEIGHBOURS as u64);
    table.poll(s(20));
    table.receive(s(21), 1, &pdu("late", "port-001").frame(MAC));
    assert_eq!(table.iter().count(), 1, "room again");
}

/// The line session: the station changes its ids while it is being set up, and says goodbye each time.
#[test]
fn the_captured_session() {
    let mut table = Neighbours::new();
    for frame in frames(LINE) {
        let source = Frame::parse(&frame).unwrap().source;
        table.receive(s(1), u32::from(source.0[5]), &frame);
    }
    let aliases: Vec<_> = table.at(2).filter_map(|(_, it)| it.pdu.alias()).collect();
    assert_eq!(aliases, ["port-001.02-00-00-00-00-02"], "renamed to abc, then reset, both without goodbye");
    let renamed = |event: &NeighbourEvent| matches!(event, NeighbourEvent::Left(_, Gone::Renamed));
    assert_eq!(table.take_events().iter().filter(|event| renamed(event)).count(), 2);
    let at_1: Vec<_> = table.at(1).map(|(key, _)| (key.chassis.to_string(), key.port.to_string())).collect();
    assert_eq!(at_1, [("es".to_owned(), "port-001.es".to_owned())]);
    assert_eq!(table.malformed(), 0);
}
