use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;
use crate::net::capture::CaptureSettings;
use crate::net::link::{FrameFile, LinkEvent, MAX_WAITING_FRAMES, Received};
use crate::wire::ethernet::{EtherType, Frame};

fn mac(n: usize) -> MacAddress {
    let [.., a, b, c, d] = n.to_be_bytes();
    MacAddress([2, 1, a, b, c, d])
}

fn port_mac(n: usize, port: u16) -> MacAddress {
    let [.., a, b] = port.to_be_bytes();
    let [.., c, d] = n.to_be_bytes();
    MacAddress([2, 2, a, b, c, d])
}

fn frame(from: MacAddress, destination: MacAddress, mark: u8) -> Vec<u8> {
    Frame { destination, source: from, tag: None, ether_type: EtherType::PROFINET, payload: &[mark] }.emit()
}

fn station(segment: &Segment, n: usize, ports: u16) -> (NodeId, LinkEnd) {
    let node = segment.add_station(mac(n), (1..=ports).map(|port| port_mac(n, port)).collect());
    (node, segment.switch_on(node).unwrap())
}

fn jack(node: NodeId, port: u16) -> Jack {
    Jack { node, port }
}

fn frames(end: &mut LinkEnd) -> Vec<Received> {
    std::iter::from_fn(|| end.try_recv())
        .filter_map(|event| if let LinkEvent::Frame(received) = event { Some(received) } else { None })
        .collect()
}

fn links(end: &mut LinkEnd) -> Vec<(u16, bool)> {
    std::iter::from_fn(|| end.try_recv())
        .filter_map(|event| if let LinkEvent::Link { port, up } = event { Some((port, up)) } else { None })
        .collect()
}

/// A random network, kept as a plain list beside the segment.
#[derive(Debug, Clone)]
struct Plan {
    /// Ports of each node; `None`: a station, `Some`: a switch.
    nodes: Vec<(u16, Option<LldpHandling>)>,
    cables: Vec<((usize, u16), (usize, u16))>,
    pulled: BTreeSet<usize>,
    off: BTreeSet<usize>,
}

impl Plan {
    fn hops(&self, node: usize) -> Vec<(u16, usize, u16)> {
        let mut hops = Vec::new();
        for (number, (a, b)) in self.cables.iter().enumerate() {
            let live = !self.pulled.contains(&number) && !self.off.contains(&a.0) && !self.off.contains(&b.0);
            for (here, there) in [(a, b), (b, a)] {
                if live && here.0 == node {
                    hops.push((here.1, there.0, there.1));
                }
            }
        }
        hops
    }

    fn is_station(&self, node: usize) -> bool {
        self.nodes[node].1.is_none()
    }

    fn reached(&self, from: usize) -> BTreeSet<usize> {
        let (mut seen, mut open) = (BTreeSet::from([from]), vec![from]);
        while let Some(node) = open.pop() {
            for (_, to, _) in self.hops(node) {
                if seen.insert(to) {
                    open.push(to);
                }
            }
        }
        seen.remove(&from);
        seen.retain(|node| self.is_station(*node));
        seen
    }

    /// Who hears LLDP that leaves a port, and where.
    fn neighbours(&self, from: usize, port: u16) -> BTreeSet<(usize, u16)> {
        let (mut heard, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut open: Vec<_> = self.hops(from).into_iter().filter(|hop| hop.0 == port).collect();
        while let Some((_, to, to_port)) = open.pop() {
            match self.nodes[to].1 {
                None if to != from => _ = heard.insert((to, to_port)),
                Some(LldpHandling::Pass) if seen.insert(to) => {
                    open.extend(self.hops(to).into_iter().filter(|hop| hop.0 != to_port));
                }
                _ => {}
            }
        }
        heard
    }
}

/// A tree of cables over all nodes, and some more that make rings.
fn plans() -> impl Strategy<Value = Plan> {
    let kind = prop_oneof![
        4 => (1u16..5).prop_map(|ports| (ports, None)),
        1 => (2u16..6).prop_map(|ports| (ports, Some(LldpHandling::Keep))),
        1 => (2u16..6).prop_map(|ports| (ports, Some(LldpHandling::Pass))),
    ];
    let picks = prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..60);
    let some = || prop::collection::btree_set(0usize..60, 0..4);
    (prop::collection::vec(kind, 2..24), picks, some(), some()).prop_map(|(nodes, picks, pulled, off)| {
        let mut free: Vec<BTreeSet<u16>> = nodes.iter().map(|(ports, _)| (1..=*ports).collect()).collect();
        let mut cables = Vec::new();
        let mut connect = |a: usize, b: usize| {
            if a != b && !free[a].is_empty() && !free[b].is_empty() {
                let ends = [a, b].map(|node| (node, free[node].pop_first().unwrap()));
                cables.push((ends[0], ends[1]));
            }
        };
        for (n, (pick, _)) in picks.iter().enumerate().take(nodes.len()).skip(1) {
            connect(pick.index(n), n);
        }
        for (a, b) in picks {
            connect(a.index(nodes.len()), b.index(nodes.len()));
        }
        let off = off.into_iter().filter(|node| nodes.get(*node).is_some_and(|node| node.1.is_none())).collect();
        Plan { nodes, cables, pulled, off }
    })
}

fn build(plan: &Plan) -> (Segment, BTreeMap<usize, LinkEnd>) {
    let segment = Segment::new();
    let mut ends = BTreeMap::new();
    let mut ids = Vec::new();
    for (n, (ports, switch)) in plan.nodes.iter().enumerate() {
        match switch {
            Some(lldp) => ids.push(segment.add_switch(*ports, *lldp)),
            None => {
                let (id, end) = station(&segment, n, *ports);
                ids.push(id);
                ends.insert(n, end);
            }
        }
    }
    for (number, (a, b)) in plan.cables.iter().enumerate() {
        let cable = segment.connect(jack(ids[a.0], a.1), jack(ids[b.0], b.1)).unwrap();
        // Something grows before it changes.
        if let Some((_, end)) = ends.first_key_value() {
            end.send(&frame(end.mac(), MacAddress::DCP_HELLO, 0)).unwrap();
        }
        if plan.pulled.contains(&number) {
            segment.pull(cable).unwrap();
        }
    }
    plan.off.iter().for_each(|node| drop(ends.remove(node)));
    ends.values_mut().for_each(|end| drop(frames(end)));
    (segment, ends)
}

proptest! {
    /// Who hears what in random trees and rings, with cables pulled and stations switched off.
    #[test]
    fn everybody_hears_what_the_cables_carry(plan in plans()) {
        let (_segment, mut ends) = build(&plan);
        let nodes: Vec<usize> = ends.keys().copied().collect();
        let heard = |ends: &mut BTreeMap<usize, LinkEnd>| -> Vec<(usize, u16)> {
            ends.iter_mut().flat_map(|(n, end)| frames(end).into_iter().map(|got| (*n, got.port)).collect::<Vec<_>>()).collect()
        };
        for &from in &nodes {
            // To a group: everybody connected, each once, at a port that has link.
            ends[&from].send(&frame(mac(from), MacAddress::DCP_IDENTIFY, 1)).unwrap();
            let got = heard(&mut ends);
            let reached = plan.reached(from);
            prop_assert_eq!(got.iter().map(|(n, _)| *n).collect::<Vec<_>>(), reached.iter().copied().collect::<Vec<_>>());
            for (n, port) in &got {
                prop_assert!(plan.hops(*n).iter().any(|hop| hop.0 == *port), "port {} of {} has no link", port, n);
            }
            // From one port after the other: the same, and nobody twice.
            let mut by_port = Vec::new();
            for port in 1..=plan.nodes[from].0 {
                if ends[&from].is_up(port) {
                    ends[&from].send_on(port, &frame(mac(from), MacAddress::DCP_IDENTIFY, 2)).unwrap();
                    by_port.extend(heard(&mut ends));
                } else {
                    prop_assert!(ends[&from].send_on(port, &frame(mac(from), MacAddress::LLDP, 3)).is_err());
                }
            }
            by_port.sort_unstable();
            prop_assert_eq!(by_port, got);
            // To one station: to that one only.
            for &to in &nodes {
                for address in [mac(to), port_mac(to, 1)] {
                    ends[&from].send(&frame(mac(from), address, 4)).unwrap();
                    let got: Vec<_> = heard(&mut ends).into_iter().map(|(n, _)| n).collect();
                    let expected: Vec<_> = reached.contains(&to).then_some(to).into_iter().collect();
                    prop_assert_eq!(got, expected);
                }
            }
            // LLDP: the neighbour at the port, or those at all.
            let mut all = BTreeSet::new();
            for (port, ..) in plan.hops(from) {
                ends[&from].send_on(port, &frame(port_mac(from, port), MacAddress::LLDP, 5)).unwrap();
                let got: BTreeSet<_> = heard(&mut ends).into_iter().collect();
                prop_assert_eq!(&got, &plan.neighbours(from, port));
                all.extend(got);
            }
            ends[&from].send(&frame(mac(from), MacAddress::LLDP, 6)).unwrap();
            prop_assert_eq!(heard(&mut ends).into_iter().collect::<BTreeSet<_>>(), all);
        }
        for (n, end) in &ends {
            for port in 1..=plan.nodes[*n].0 {
                prop_assert_eq!(end.is_up(port), plan.hops(*n).iter().any(|hop| hop.0 == port));
            }
        }
    }
}

#[test]
fn a_pulled_cable_is_seen_at_both_ends_behind_what_came_over_it() {
    let segment = Segment::new();
    let (a, mut end_a) = station(&segment, 1, 1);
    let (b, mut end_b) = station(&segment, 2, 2);
    let cable = segment.connect(jack(a, 1), jack(b, 2)).unwrap();
    assert_eq!((links(&mut end_a), links(&mut end_b)), (vec![(1, true)], vec![(2, true)]));
    end_a.send(&frame(mac(1), mac(2), 7)).unwrap();
    segment.pull(cable).unwrap();
    assert!(!end_a.is_up(1) && !end_b.is_up(2));
    end_a.send(&frame(mac(1), mac(2), 8)).unwrap();
    assert!(matches!(end_a.send_on(1, &frame(mac(1), MacAddress::LLDP, 8)), Err(SendError::NoLink { port: 1 })));
    let events: Vec<_> = std::iter::from_fn(|| end_b.try_recv()).collect();
    let [LinkEvent::Frame(got), LinkEvent::Link { port: 2, up: false }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((got.port, got.frame[14]), (2, 7));
    segment.plug(cable).unwrap();
    assert_eq!(links(&mut end_a), [(1, false), (1, true)]);
    // News that nobody takes does not pile up, and the last of it is right.
    for _ in 0..1000 {
        segment.pull(cable).unwrap();
        segment.plug(cable).unwrap();
    }
    segment.pull(cable).unwrap();
    assert_eq!(links(&mut end_a), [(1, false)]);
    // A station that is switched off takes the link away too, and comes back to the same cable.
    segment.plug(cable).unwrap();
    drop((links(&mut end_a), links(&mut end_b)));
    drop(end_b);
    assert_eq!(links(&mut end_a), [(1, false)]);
    let mut end_b = segment.switch_on(b).unwrap();
    assert_eq!((links(&mut end_a), links(&mut end_b)), (vec![(1, true)], vec![(2, true)]));
    assert_eq!(segment.switch_on(b).unwrap_err(), SegmentError::IsOn);
}

#[test]
fn what_cannot_be_cabled_or_sent_is_refused() {
    let segment = Segment::new();
    let (a, end_a) = station(&segment, 1, 2);
    let (b, _end_b) = station(&segment, 2, 1);
    let switch = segment.add_switch(1, LldpHandling::Keep);
    let connect = |one, other| segment.connect(one, other).unwrap_err();
    assert_eq!(connect(jack(a, 1), jack(a, 2)), SegmentError::SameNode);
    assert_eq!(connect(jack(a, 3), jack(b, 1)), SegmentError::NoSuchPort { port: 3, n_ports: 2 });
    assert_eq!(connect(jack(a, 0), jack(b, 1)), SegmentError::NoSuchPort { port: 0, n_ports: 2 });
    assert_eq!(connect(jack(a, 1), jack(NodeId(99), 1)), SegmentError::Unknown);
    segment.connect(jack(a, 1), jack(b, 1)).unwrap();
    assert_eq!(connect(jack(a, 1), jack(switch, 1)), SegmentError::PortTaken { port: 1 });
    assert_eq!(segment.switch_on(switch).unwrap_err(), SegmentError::NoStation);
    assert!(matches!(end_a.send(&[0; 13]), Err(SendError::Length { length: 13 })));
    assert!(matches!(end_a.send(&[0; 1519]), Err(SendError::Length { length: 1519 })));
    assert!(matches!(end_a.send_on(3, &[0; 60]), Err(SendError::NoSuchPort { port: 3, n_ports: 2 })));
    let sender = end_a.sender();
    drop(end_a);
    assert!(matches!(sender.send(&[0; 60]), Err(SendError::Gone)));
}

#[test]
fn loss_takes_its_share_and_nothing_else() {
    let segment = Segment::new();
    let (a, end_a) = station(&segment, 1, 1);
    let (b, mut end_b) = station(&segment, 2, 1);
    segment.connect(jack(a, 1), jack(b, 1)).unwrap();
    let got = |share, seed, end_b: &mut LinkEnd| {
        segment.set_loss(share, seed);
        (0..10_000u32).for_each(|_| end_a.send(&frame(mac(1), mac(2), 0)).unwrap());
        frames(end_b).len()
    };
    let fifth = got(0.2, 42, &mut end_b);
    assert!((7_800..8_200).contains(&fifth), "{fifth} of 10,000");
    assert_eq!(got(0.2, 42, &mut end_b), fifth, "the same seed, the same losses");
    assert_eq!((got(0.0, 1, &mut end_b), got(1.0, 1, &mut end_b)), (10_000, 0));
    let SegmentStatistics { sent, delivered, lost, unheard } = segment.statistics();
    assert_eq!((sent, delivered + lost, unheard), (40_000, 40_000, 0));
}

#[test]
fn who_does_not_take_loses_frames_and_not_memory() {
    let segment = Segment::new();
    let (a, end_a) = station(&segment, 1, 1);
    let (b, mut end_b) = station(&segment, 2, 1);
    let cable = segment.connect(jack(a, 1), jack(b, 1)).unwrap();
    let small = frame(mac(1), mac(2), 0);
    (0..MAX_WAITING_FRAMES + 5).for_each(|_| end_a.send(&small).unwrap());
    segment.pull(cable).unwrap();
    let statistics = end_b.statistics();
    assert_eq!((statistics.received, statistics.dropped), (MAX_WAITING_FRAMES as u64, 5));
    let events: Vec<_> = std::iter::from_fn(|| end_b.try_recv()).collect();
    assert_eq!(events.last(), Some(&LinkEvent::Link { port: 1, up: false }), "news of the link is not dropped");
    segment.plug(cable).unwrap();
    let large = vec![0; 1514];
    let large = [&small[..14], &large[14..]].concat();
    (0..MAX_WAITING_FRAMES).for_each(|_| end_a.send(&large).unwrap());
    assert_eq!(frames(&mut end_b).len(), (8 << 20) / 1514);
}

#[tokio::test]
async fn an_end_waits_and_ends() {
    let segment = Segment::new();
    let (a, mut end_a) = station(&segment, 1, 1);
    let (b, end_b) = station(&segment, 2, 1);
    segment.connect(jack(a, 1), jack(b, 1)).unwrap();
    let before = segment.clock().now();
    let waiting = tokio::spawn(async move {
        loop {
            match end_a.recv().await {
                Some(LinkEvent::Frame(got)) => return (got.at, end_a),
                Some(LinkEvent::Link { .. }) => {}
                None => panic!(),
            }
        }
    });
    tokio::task::yield_now().await;
    end_b.send(&frame(mac(2), mac(1), 0)).unwrap();
    let (at, end_a) = waiting.await.unwrap();
    assert!((before..=segment.clock().now()).contains(&at));
    assert!(end_a.ended().is_none());
}

#[test]
fn ten_thousand_stations_in_one_line_and_around_one_switch() {
    const N: usize = 10_000;
    for line in [true, false] {
        let segment = Segment::new();
        let mut ends: Vec<_> = (0..N).map(|n| station(&segment, n, 2)).collect();
        let switch = segment.add_switch(u16::try_from(N).unwrap(), LldpHandling::Keep);
        for n in 0..N {
            let at_switch = jack(switch, u16::try_from(n + 1).unwrap());
            let end = if line { jack(ends[(n + 1) % N].0, 2) } else { at_switch };
            segment.connect(jack(ends[n].0, 1), end).unwrap();
        }
        ends[0].1.send(&frame(mac(0), MacAddress::DCP_IDENTIFY, 1)).unwrap();
        assert_eq!(segment.statistics().delivered, N as u64 - 1, "also in a ring of all, each once");
        // All answer one.
        for (n, (_, end)) in ends.iter().enumerate().skip(1) {
            end.send(&frame(mac(n), mac(0), 2)).unwrap();
        }
        assert_eq!(frames(&mut ends[0].1).len(), N - 1);
    }
}

#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Vec<u8>>>);

impl Write for Shelf {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_capture_holds_every_frame_once_also_the_lost_ones() {
    let shelf = Shelf::default();
    let capture = Capture::to_writer(shelf.clone(), CaptureSettings::default()).unwrap();
    let segment = Segment::with_capture(capture.clone());
    let switch = segment.add_switch(5, LldpHandling::Keep);
    let ends: Vec<_> = (1..=5).map(|n| station(&segment, n, 1)).collect();
    for (port, (node, _)) in (1..).zip(&ends) {
        segment.connect(jack(*node, 1), jack(switch, port)).unwrap();
    }
    segment.set_loss(0.5, 3);
    let sent: Vec<_> =
        (0..20u8).map(|n| frame(mac(1), if n % 2 == 0 { mac(2) } else { MacAddress::DCP_IDENTIFY }, n)).collect();
    sent.iter().for_each(|frame| ends[0].1.send(frame).unwrap());
    assert_eq!(capture.finish().unwrap().frames, 20);
    let file = shelf.0.lock().unwrap().clone();
    let read: Vec<_> =
        FrameFile::read(io::Cursor::new(file)).unwrap().map(|recorded| recorded.unwrap().frame).collect();
    assert_eq!(read, sent);
}
