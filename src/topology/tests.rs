//! Networks made up, described as their stations would, and found again.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use super::*;
use crate::model::{Plan, fixture};
use crate::wire::ethernet::MacAddress;
use crate::wire::lldp::{ChassisId, PortId, naming};

fn mac(station: usize, port: usize) -> MacAddress {
    let [high, low] = u16::try_from(station).unwrap().to_be_bytes();
    MacAddress([2, 0, 0, u8::try_from(port).unwrap(), high, low])
}

/// How stations write themselves in LLDP.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scheme {
    Legacy,
    Standard,
    Foreign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct At(usize, usize);

/// A network as it truly is.
struct World {
    n_stations: usize,
    cables: Vec<(At, At)>,
    schemes: Vec<Scheme>,
}

impl World {
    fn peer(&self, At(station, port): At) -> PeerFacts {
        let name = format!("dev-{station}");
        let text = naming::port_text(u8::try_from(port).unwrap(), None);
        match self.schemes[station] {
            Scheme::Legacy => PeerFacts::new(ChassisId::Local(name), PortId::Local(text)),
            Scheme::Standard => {
                let chassis = format!("{:<80}", "Drive        6ES7 000");
                PeerFacts::new(ChassisId::Local(chassis), PortId::Local(format!("{text}.{name}")))
            }
            Scheme::Foreign => PeerFacts::new(ChassisId::Mac(mac(station, 0)), PortId::Mac(mac(station, port))),
        }
    }

    /// What stations say of themselves; those not in `telling` have no way to tell their neighbours.
    fn facts(&self, telling: impl Fn(usize) -> bool) -> Vec<StationFacts> {
        (0..self.n_stations)
            .flat_map(|station| {
                let dcp = StationFacts {
                    mac: Some(mac(station, 0)),
                    name: Some(format!("dev-{station}")),
                    ip: Some(Ipv4Addr::from_bits(0x0a00_0001 + u32::try_from(station).unwrap())),
                    ..StationFacts::of(Source::Dcp)
                };
                let mut ports: BTreeSet<usize> = [1, 2].into();
                let own = |(a, b): &(At, At)| [*a, *b].into_iter().filter(|at| at.0 == station).collect::<Vec<_>>();
                ports.extend(self.cables.iter().flat_map(own).map(|at| at.1));
                let port = |port: usize| {
                    let here = At(station, port);
                    let others = self.cables.iter().filter_map(|(a, b)| match () {
                        () if *a == here => Some(*b),
                        () if *b == here => Some(*a),
                        () => None,
                    });
                    PortFacts {
                        id: naming::port_text(u8::try_from(port).unwrap(), None),
                        mac: Some(mac(station, port)),
                        peers: Some(others.map(|other| self.peer(other)).collect()),
                        ..PortFacts::default()
                    }
                };
                let snmp = StationFacts {
                    ip: dcp.ip,
                    name: dcp.name.clone(),
                    ports: ports.into_iter().map(port).collect(),
                    ..StationFacts::of(Source::Snmp)
                };
                std::iter::once(dcp).chain(telling(station).then_some(snmp))
            })
            .collect()
    }

    fn true_lines(&self) -> BTreeSet<(String, String)> {
        let end = |At(station, port): At| format!("mac {} port-{port:03}", mac(station, 0));
        self.cables.iter().map(|(a, b)| sorted(end(*a), end(*b))).collect()
    }
}

fn sorted(a: String, b: String) -> (String, String) {
    if a <= b { (a, b) } else { (b, a) }
}

fn found(topology: &Topology) -> BTreeSet<(String, String)> {
    let end = |end: &End| format!("{} {}", end.node, end.port);
    topology.lines().into_iter().map(|line| sorted(end(&line.a), end(&line.b))).collect()
}

/// A random tree of stations, closed to a ring now and then.
fn world(seed: u64, n_stations: usize) -> World {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut next_port = vec![1; n_stations];
    let mut plug = |station: usize| {
        next_port[station] += 1;
        At(station, next_port[station] - 1)
    };
    let mut cables: Vec<(At, At)> =
        (1..n_stations).map(|station| (plug(station), plug(dice.random_range(0..station)))).collect();
    if n_stations > 2 && dice.random() {
        cables.push((plug(0), plug(n_stations - 1)));
    }
    let scheme = |_| [Scheme::Legacy, Scheme::Standard, Scheme::Foreign][dice.random_range(0..3)];
    let schemes = (0..n_stations).map(scheme).collect();
    World { n_stations, cables, schemes }
}

#[test]
fn a_thousand_random_networks_are_found_without_a_false_or_missing_cable() {
    for seed in 0..1_000 {
        let world = world(seed, 2 + usize::try_from(seed % 40).unwrap());
        let mut facts = world.facts(|_| true);
        facts.shuffle(&mut StdRng::seed_from_u64(seed));
        let topology = Topology::of(&facts);
        assert_eq!(found(&topology), world.true_lines(), "seed {seed}");
        assert!(topology.lines().iter().all(|line| line.agreement == Agreement::Confirmed), "seed {seed}");
        assert_eq!(topology.nodes().count(), world.n_stations);
    }
}

proptest! {
    #[test]
    fn a_cable_is_found_as_long_as_one_end_tells(seed: u64, n_stations in 2..30_usize, telling: u64) {
        let mut world = world(seed, n_stations);
        let tells = |station: usize| telling >> (station % 64) & 1 == 1;
        // Who writes nothing but MAC addresses must say itself which port has which.
        for (station, scheme) in world.schemes.iter_mut().enumerate() {
            if !tells(station) && *scheme == Scheme::Foreign {
                *scheme = Scheme::Legacy;
            }
        }
        let topology = Topology::of(&world.facts(tells));
        let can_be_known = |(a, b): &&(At, At)| tells(a.0) || tells(b.0);
        let known = World { cables: world.cables.iter().filter(can_be_known).copied().collect(), schemes: world.schemes.clone(), ..world };
        prop_assert_eq!(found(&topology), known.true_lines());
        for line in topology.lines() {
            let both = known.cables.iter().any(|(a, b)| {
                let ids = sorted(format!("mac {}", mac(a.0, 0)), format!("mac {}", mac(b.0, 0)));
                ids == sorted(line.a.node.0.clone(), line.b.node.0.clone()) && tells(a.0) && tells(b.0)
            });
            prop_assert_eq!(line.agreement == Agreement::Confirmed, both);
        }
    }

    #[test]
    fn facts_come_in_any_order(seed: u64, n_stations in 2..12_usize) {
        let mut facts = world(seed, n_stations).facts(|_| true);
        let (once, mut dice) = (Topology::of(&facts), StdRng::seed_from_u64(seed));
        facts.shuffle(&mut dice);
        let twice = Topology::of(&facts);
        prop_assert_eq!(once.lines(), twice.lines());
        prop_assert!(TopologyChange::between(&once, &twice).is_empty());
    }
}

/// Three stations at one unmanaged switch that passes LLDP on: each sees the two others.
#[test]
fn several_neighbours_at_one_port_are_a_switch_that_nobody_sees() {
    let ends = [At(0, 1), At(1, 1), At(2, 2)];
    let cables = vec![(ends[0], ends[1]), (ends[1], ends[2]), (ends[0], ends[2])];
    let world = World { n_stations: 3, cables, schemes: vec![Scheme::Legacy; 3] };
    let topology = Topology::of(&world.facts(|_| true));
    let hidden: Vec<&Node> = topology.nodes().filter(|node| node.kind == NodeKind::Hidden).collect();
    assert_eq!(hidden.len(), 1);
    let lines = topology.lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for line in &lines {
        assert_eq!(line.agreement, Agreement::Confirmed);
        assert!(line.a.node == hidden[0].id || line.b.node == hidden[0].id);
    }
    // A fourth comes: the switch stays the one that it is.
    let mut more = world;
    more.n_stations = 4;
    more.schemes.push(Scheme::Legacy);
    more.cables.extend([At(0, 1), At(1, 1), At(2, 2)].map(|end| (end, At(3, 1))));
    let change = TopologyChange::between(&topology, &Topology::of(&more.facts(|_| true)));
    assert_eq!((change.nodes_new.len(), change.nodes_gone.len()), (1, 0), "{change:?}");
    assert_eq!((change.lines_new.len(), change.lines_gone.len()), (1, 0));
}

#[test]
fn ends_that_contradict_each_other_are_shown_with_both_claims() {
    let port =
        |id: &str, peers: Vec<PeerFacts>| PortFacts { id: id.into(), peers: Some(peers), ..PortFacts::default() };
    let peer = |name: &str| PeerFacts::new(ChassisId::Local(name.into()), PortId::Local("port-001".into()));
    let station = |name: &str, peers| StationFacts {
        name: Some(name.into()),
        ports: vec![port("port-001", peers)],
        ..StationFacts::of(Source::Snmp)
    };
    // c still tells of a, whose cable is at b now.
    let facts = [station("a", vec![peer("b")]), station("b", vec![peer("a")]), station("c", vec![peer("a")])];
    let topology = Topology::of(&facts);
    let lines: Vec<(&str, &str, Agreement)> = topology
        .lines()
        .into_iter()
        .map(|line| (line.a.node.0.as_str(), line.b.node.0.as_str(), line.agreement))
        .collect();
    assert_eq!(lines, [("name a", "name b", Agreement::Confirmed), ("name a", "name c", Agreement::Contradicted)]);
}

#[test]
fn a_neighbour_that_answers_nobody_is_a_node_with_what_is_known_of_it() {
    let peer = PeerFacts {
        ip: Some([10, 0, 0, 9].into()),
        ..PeerFacts::new(ChassisId::Mac(mac(9, 0)), PortId::InterfaceName("eth0".into()))
    };
    let station = StationFacts {
        mac: Some(mac(1, 0)),
        ports: vec![PortFacts { id: "port-002".into(), peers: Some(vec![peer]), ..PortFacts::default() }],
        ..StationFacts::of(Source::Records)
    };
    let topology = Topology::of(&[station]);
    let neighbour = topology.nodes().find(|node| node.kind == NodeKind::Neighbour).unwrap();
    assert_eq!((neighbour.label().as_str(), neighbour.mac), ("10.0.0.9", Some(mac(9, 0))));
    assert_eq!(neighbour.ports.keys().collect::<Vec<_>>(), ["eth0"]);
    assert_eq!(topology.lines()[0].agreement, Agreement::OneSided);
}

#[test]
fn two_stations_of_one_name_stay_two() {
    let station = |nth: usize| StationFacts {
        mac: Some(mac(nth, 0)),
        name: Some("pump".into()),
        ..StationFacts::of(Source::Dcp)
    };
    let topology = Topology::of(&[station(1), station(2)]);
    assert_eq!(topology.nodes().count(), 2);
}

const PLAN: &str = "
    component A 1.0 { in x BOOL; out y BOOL }
    Dev-0: A @10.0.0.1
    Dev-1: A @10.0.0.2
    Dev-2: A @10.0.0.3
    Dev-3: A @10.0.0.4
    Dev-9: A @10.0.0.10
    cable Dev-0 1 - Dev-1 1
    cable Dev-1 2 - Dev-2 1
    cable Dev-2 2 - Dev-3 1
    cable Dev-3 2 - Dev-9 1
";

fn plan() -> Plan {
    fixture::plan(PLAN)
}

#[test]
fn planned_cables_are_there_missing_at_wrong_ports_or_not_to_be_told() {
    let cables = vec![(At(0, 1), At(1, 1)), (At(1, 3), At(2, 1)), (At(0, 2), At(3, 3))];
    let world = World { n_stations: 4, cables, schemes: vec![Scheme::Legacy; 4] };
    let difference = compare(&plan(), &Topology::of(&world.facts(|_| true)));
    let verdicts: Vec<&Verdict> = difference.planned.iter().map(|cable| &cable.verdict).collect();
    assert_eq!(*verdicts[0], Verdict::Present { agreement: Agreement::Confirmed });
    assert!(
        matches!(verdicts[1], Verdict::WrongPort { found } if found.a.port == "port-003" || found.b.port == "port-003")
    );
    assert_eq!(*verdicts[2], Verdict::Missing);
    assert_eq!(*verdicts[3], Verdict::Unknown { not_found: vec!["Dev-9".into()] });
    assert_eq!(difference.surplus.len(), 1);
    let ends = difference.surplus[0].ends.clone().map(|end| end.map(|end| format!("{} {}", end.device, end.port)));
    assert_eq!(
        ends.iter().flatten().collect::<BTreeSet<_>>(),
        ["Dev-0 2".to_owned(), "Dev-3 3".to_owned()].iter().collect()
    );
}

#[test]
fn scans_are_kept_up_to_a_number() {
    let mut history = History::new(3);
    for nth in 0..5_u64 {
        let n_stations = 2 + usize::try_from(nth % 2).unwrap();
        let topology = Topology::of(&world(7, n_stations).facts(|_| true));
        history.record(SystemTime::UNIX_EPOCH + Duration::from_secs(nth), topology);
    }
    assert_eq!(history.scans().len(), 3);
    let change = history.last_change().unwrap();
    assert_eq!((change.nodes_gone.len(), change.lines_gone.is_empty()), (1, false), "{change:?}");
}

#[test]
fn a_network_is_written_as_text_json_and_dot() {
    let cables = vec![(At(0, 1), At(1, 2))];
    let world = World { n_stations: 3, cables, schemes: vec![Scheme::Legacy; 3] };
    let topology = Topology::of(&world.facts(|station| station == 0));
    assert_eq!(
        text(&topology),
        "dev-0 port-001 — dev-1 port-002  (one end says so)\ndev-2 has no cable that anybody tells of\n"
    );
    let value = json(&topology);
    assert_eq!(value["cables"][0]["agreement"], "one_sided");
    assert_eq!(value["nodes"][1]["name"], "dev-1");
    let dot = dot(&topology);
    assert!(dot.contains("[taillabel=\"port-001\", headlabel=\"port-002\", style=dashed];"), "{dot}");
}
