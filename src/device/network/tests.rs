use super::*;
use crate::model::fixture;

#[test]
fn stations_are_as_planned_or_made_from_their_names() {
    let plan = fixture::read(
        "
        component Belt 1.0 { out at I4 }
        subnet Plant 10.0.0.0/16
        A: Belt @10.0.0.1 name a subnet Plant
        Big_Device: Belt noname mac \"08:00:06:00:00:01\"
        cable A 4 - Big_Device 1
        ",
    )
    .unwrap();
    let stations = stations_of(&plan);
    let [a, b] = &stations[..] else { panic!("{stations:?}") };
    assert_eq!((a.port_macs.len(), b.port_macs.len()), (4, 2));
    assert_eq!((&a.stored.name[..], a.stored.ip.mask), ("a", [255, 255, 0, 0].into()));
    assert!(a.mac.is_local() && !a.mac.is_multicast());
    assert_eq!(b.mac, MacAddress([8, 0, 6, 0, 0, 1]));
    assert_eq!((&b.stored.name[..], b.stored.ip), ("", crate::wire::dcp::IpSuite::NONE));
    assert_eq!(stations_of(&plan), stations, "the same at every start");
    let all: BTreeSet<_> = stations.iter().flat_map(|s| s.port_macs.iter().chain([&s.mac])).collect();
    assert_eq!(all.len(), 8);
    assert_eq!(StationSpec::named("Pump 1").stored.name, "pump-1");
}

#[test]
fn every_island_gets_one_cable_to_the_switch() {
    let at = |device: &str, port| LanPort { device: device.into(), port };
    let mut stations: Vec<_> = ["a", "b", "c", "d"].map(StationSpec::named).to_vec();
    let ring = [
        Cable::between(at("a", 1), at("b", 2)),
        Cable::between(at("b", 1), at("c", 2)),
        Cable::between(at("c", 1), at("a", 2)),
    ];
    assert_eq!(islands(&mut stations, &ring[..2]), [at("a", 2), at("d", 1)]);
    assert_eq!(islands(&mut stations, &ring), [at("a", 3), at("d", 1)], "a ring with no port left gets one more");
    assert_eq!(stations[0].port_macs.len(), 3);
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let at = |device: &str, port| LanPort { device: device.into(), port };
    let stations = || ["a", "b"].map(StationSpec::named).to_vec();
    let twice = [Cable::between(at("a", 1), at("b", 1)), Cable::between(at("a", 1), at("b", 2))];
    let error = VirtualNetwork::start(stations(), &twice, NetworkOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "port 2 of `b`: LAN port 1 has a cable already");
    let mut network = VirtualNetwork::start(stations(), &twice[..1], NetworkOptions::default()).unwrap();
    let error = network.pull(&twice[1]).unwrap_err();
    assert_eq!(error.to_string(), "there is no cable between port 1 of `a` and port 2 of `b`");
    assert_eq!(network.switch_on("x"), Err(NetworkError::UnknownStation("x".into())));
    let tools: Vec<_> = (0..40u8).map(|n| network.join(MacAddress([2, 9, 0, 0, 0, n]))).collect();
    assert_eq!(tools.iter().filter(|tool| tool.is_ok()).count(), usize::from(TOOL_PORTS));
    network.shutdown().await;
}
