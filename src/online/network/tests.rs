use std::collections::BTreeSet;
use std::time::Instant;

use super::*;
use crate::device::network::{NetworkOptions, StationSpec, VirtualNetwork};
use crate::model::{Cable, LanPort, fixture};
use crate::wire::dcp::{Answer, BlockError, Value};

const TOOL: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
const SOON: Duration = Duration::from_secs(20);

const LINE: &str = "
    component Belt 1.0 { out at I4 }
    A: Belt @10.0.0.1 name a
    B: Belt @10.0.0.2 name b
    C: Belt @10.0.0.3 name c
    cable A 1 - B 1
    cable B 2 - C 1
";

fn port(device: &str, port: u8) -> LanPort {
    LanPort { device: device.into(), port }
}

fn names(report: &ScanReport) -> Vec<&str> {
    let mut names: Vec<_> = report.stations.iter().filter_map(|(_, found)| found.identity.station_name()).collect();
    names.sort_unstable();
    names
}

/// Everybody answers at once.
fn quick() -> ScanSettings {
    ScanSettings { delay_factor: 1, ..ScanSettings::all() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_stations_of_which_a_fifth_of_all_frames_is_lost_are_all_found() {
    const N: usize = 1000;
    let stations: Vec<_> = (0..N).map(|n| StationSpec::named(format!("station-{n:04}"))).collect();
    // Lines of ten, side by side at the switch.
    let cables: Vec<_> = (0..N)
        .filter(|n| n % 10 != 9)
        .map(|n| {
            let end = |n: usize, at| port(&format!("station-{n:04}"), at);
            Cable::between(end(n, 2), end(n + 1, 1))
        })
        .collect();
    let mut network = VirtualNetwork::start(stations, &cables, NetworkOptions::default()).unwrap();
    network.segment().set_loss(0.2, 7);
    let mut tool = NetworkTool::new(network.join(TOOL).unwrap());
    let (mut told, mut first) = (BTreeSet::new(), None);
    let start = Instant::now();
    let report = tool
        .scan(ScanSettings::all(), |news| {
            if let News::Found(mac, _) = news {
                first.get_or_insert_with(|| start.elapsed());
                assert!(told.insert(mac), "{mac} twice");
            }
        })
        .await
        .unwrap();
    let expected: Vec<_> = (0..N).map(|n| format!("station-{n:04}")).collect();
    assert_eq!(names(&report), expected, "after {:?}", start.elapsed());
    assert_eq!((told.len(), report.malformed, report.left_out), (N, 0, 0));
    assert!(report.conflicts.is_empty());
    assert!(network.segment().statistics().lost > 100);
    println!("first after {first:?}, all after {:?}, {} requests", start.elapsed(), report.requests);
    network.shutdown().await;
}

#[tokio::test]
async fn stations_of_a_plan_are_named_addressed_flashed_and_reset() {
    let plan = fixture::read(LINE).unwrap();
    let mut network = VirtualNetwork::from_plan(&plan, NetworkOptions::default()).unwrap();
    let mut tool = NetworkTool::new(network.join(TOOL).unwrap());
    let report = tool.scan(quick(), |_| {}).await.unwrap();
    assert_eq!(names(&report), ["a", "b", "c"]);
    let found = tool.identify("B").await.unwrap();
    let [(b, found)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((*b, found.identity.address()), (network.spec("B").unwrap().mac, Some(Ipv4Addr::new(10, 0, 0, 2))));
    let (b, done) = (*b, Outcome::Done { verified: true });
    // Names: bad, taken, taken all the same, free.
    let error = tool.set_name(b, "-bad", true, NameCheck::MustBeFree).await.unwrap_err();
    assert!(matches!(error, NetworkError::Name { .. }), "{error}");
    let error = tool.set_name(b, "a", true, NameCheck::MustBeFree).await.unwrap_err();
    assert!(matches!(&error, NetworkError::NameTaken { by, .. } if by.len() == 1), "{error}");
    assert_eq!(tool.set_name(b, "a", true, NameCheck::Override).await.unwrap(), done);
    let report = tool.scan(quick(), |_| {}).await.unwrap();
    assert!(matches!(&report.conflicts[..], [Conflict::Name(name, macs)] if name == "a" && macs.len() == 2));
    assert_eq!(tool.set_name(b, "pump-1", true, NameCheck::MustBeFree).await.unwrap(), done);
    // Addresses: bad, temporary.
    let suite = |ip: [u8; 4]| [ip.into(), Ipv4Addr::new(255, 255, 255, 0), Ipv4Addr::UNSPECIFIED];
    let error = tool.set_ip(b, suite([224, 0, 0, 1]), true).await.unwrap_err();
    assert!(matches!(error, NetworkError::Ip(IpSettingsError::Multicast(_))), "{error}");
    assert_eq!(tool.set_ip(b, suite([10, 0, 0, 9]), false).await.unwrap(), done);
    let state = network.state("B").unwrap();
    assert_eq!((state.running.ip.ip, state.stored.ip), ([10, 0, 0, 9].into(), IpSuite::NONE));
    assert_eq!((&state.running.name[..], &state.stored.name[..]), ("pump-1", "pump-1"));
    // Flash, read, and what a station without data for it says.
    assert_eq!(tool.flash(b).await.unwrap(), Outcome::Done { verified: false });
    assert_eq!(network.state("B").unwrap().flashes, 1);
    let got = tool.get(b, vec![OptionId::NAME, OptionId::DHCP_HOST_NAME]).await.unwrap();
    let Outcome::Got(answers) = got else { panic!("{got:?}") };
    assert!(matches!(&answers[0], Answer::Value(block) if block.value == Value::Name("pump-1".into())));
    assert!(matches!(&answers[1], Answer::Refused(result) if result.error == BlockError::SuboptionUnsupported));
    // What was temporary is gone after a power cycle; what was not, is not.
    network.switch_off("B").await.unwrap();
    assert!(!network.state("B").unwrap().on);
    let report = tool.scan(quick(), |_| {}).await.unwrap();
    assert_eq!(names(&report), ["a"], "what hangs behind a station that is off is off the network too");
    network.switch_on("B").unwrap();
    let state = network.state("B").unwrap();
    assert_eq!((&state.running.name[..], state.running.ip), ("pump-1", IpSuite::NONE));
    assert_eq!(tool.reset(b, ResetMode::Communication).await.unwrap(), done);
    assert_eq!(network.state("B").unwrap().stored.name, "");
    network.shutdown().await;
}

#[tokio::test]
async fn lldp_tells_the_neighbour_and_a_pulled_cable_takes_it_away() {
    let plan = fixture::read(LINE).unwrap();
    let network = VirtualNetwork::from_plan(&plan, NetworkOptions::default()).unwrap();
    // The switch has taken port 2 of A.
    let end = network.join_at(TOOL, &port("C", 2)).unwrap();
    let mut tool = NetworkTool::new(end);
    let neighbours = |tool: &NetworkTool| -> Vec<_> {
        tool.neighbours().iter().filter_map(|(_, neighbour)| neighbour.pdu.alias()).collect()
    };
    wait(&mut tool, |tool| neighbours(tool) == ["port-002.c"]).await;
    let of = |device: &str| network.state(device).unwrap().neighbours;
    wait(&mut tool, |_| of("B") == ["port-001.c", "port-002.a"] || of("B") == ["port-001.a", "port-001.c"]).await;
    assert_eq!(of("B"), ["port-001.a", "port-001.c"]);
    let cable = Cable::between(port("B", 2), port("C", 1));
    network.pull(&cable).unwrap();
    wait(&mut tool, |_| of("B") == ["port-001.a"] && of("C").is_empty()).await;
    let report = tool.scan(quick(), |_| {}).await.unwrap();
    assert_eq!(names(&report), ["c"]);
    network.plug(&cable).unwrap();
    wait(&mut tool, |_| of("B").len() == 2).await;
    // The alias finds the neighbour of a known port.
    let report = tool.scan(ScanSettings::alias("port-001.c"), |_| {}).await.unwrap();
    assert_eq!(names(&report), ["b"]);
    network.shutdown().await;
    let waited = tokio::time::timeout(SOON, tool.listen(Duration::from_millis(5), |_| {})).await.unwrap();
    assert!(waited.is_ok());
    assert!(neighbours(&tool).is_empty(), "its link is lost with the station");
}

async fn wait(tool: &mut NetworkTool, condition: impl Fn(&NetworkTool) -> bool) {
    let start = Instant::now();
    while !condition(tool) {
        assert!(start.elapsed() < SOON, "it never happens");
        tool.listen(Duration::from_millis(2), |_| {}).await.unwrap();
    }
}

#[tokio::test]
async fn a_capture_is_listened_to_as_if_it_were_the_network() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/captures/pnet-hello-lldp.pcap");
    let end = LinkEnd::of_file(crate::net::link::FrameFile::open(&path).unwrap(), TOOL);
    let mut tool = NetworkTool::new(end);
    let (mut hellos, mut neighbours) = (0, 0);
    let listened = tool
        .listen(SOON, |news| match news {
            News::Hello(_, identity) => hellos += usize::from(identity.station_name().is_some()),
            News::Neighbour(NeighbourEvent::Appeared(_)) => neighbours += 1,
            _ => {}
        })
        .await;
    assert!(matches!(listened, Err(NetworkError::Ended(why)) if matches!(*why, Ended::FileRead)));
    assert!(hellos > 0 && neighbours > 0, "{hellos} Hellos, {neighbours} neighbours");
}
