//! The network: stations found, cables told, names and addresses given, on the virtual stations of a sample plant.

use std::collections::BTreeSet;

use plantweave::app::open_project;
use serde_json::Value as Json;

use super::{plantweave, sample};

const PLANT: &str = "bottling-line.plant";

fn run(arguments: &[&str]) -> super::Ended {
    let path = sample(PLANT);
    let mut all = arguments.to_vec();
    all.extend(["--virtual", path.to_str().unwrap()]);
    plantweave(&all)
}

#[test]
fn the_cables_that_are_found_are_those_that_are_planned() {
    let ended = run(&["topology", "--format", "json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let found: Json = serde_json::from_str(&ended.stdout).unwrap();
    let name = |id: &Json| {
        let nodes = found["nodes"].as_array().unwrap();
        nodes.iter().find(|node| node["id"] == *id).unwrap()["name"].as_str().unwrap().to_owned()
    };
    let end = |end: &Json| format!("{} {}", name(&end["node"]), end["port"].as_str().unwrap());
    let pair = |a: String, b: String| if a <= b { (a, b) } else { (b, a) };
    let cables = found["cables"].as_array().unwrap();
    let lines: BTreeSet<(String, String)> = cables.iter().map(|line| pair(end(&line["a"]), end(&line["b"]))).collect();
    let plan = open_project(&sample(PLANT)).unwrap();
    let station = |device: &str| {
        let address = plan.devices()[device].ethernet_address().unwrap();
        address.name_of_station.to_string()
    };
    let planned = plan.cables().iter().map(|cable| {
        let [a, b] = [&cable.a, &cable.b].map(|lan| format!("{} port-{:03}", station(&lan.device), lan.port));
        pair(a, b)
    });
    assert_eq!(lines, planned.collect());
    assert!(cables.iter().all(|line| line["agreement"] == "confirmed"), "{cables:?}");
}

#[test]
fn a_scan_tells_every_station_and_what_it_is() {
    let ended = run(&["scan", "--factor", "1", "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let told: Json = serde_json::from_str(&ended.stdout).unwrap();
    let stations = told["stations"].as_array().unwrap();
    assert_eq!(stations.len(), 20);
    let filler = stations.iter().find(|station| station["name"] == "filler-1").unwrap();
    assert_eq!((filler["ip"].as_str(), filler["ids"].is_string()), (Some("192.168.10.15"), true));
    assert!(filler["identification"].as_str().unwrap().contains("serial PW"), "{filler}");
}

#[test]
fn a_station_is_changed_only_with_consent_and_only_as_stations_take_it() {
    let agreed = run(&["set-name", "filler-1", "Filler-9", "--yes"]);
    assert_eq!((agreed.code, agreed.stdout.trim()), (0, "done"), "{}", agreed.stderr);
    assert!(agreed.stderr.contains("name filler-1 → name filler-9, permanent"), "{}", agreed.stderr);
    let asked = run(&["flash", "filler-1"]);
    assert_eq!(asked.code, 2);
    assert!(asked.stderr.contains("add --yes"), "{}", asked.stderr);
    for (arguments, why) in [
        (["set-name", "filler-1", "capper-1", "--yes"], "is taken by"),
        (["set-ip", "filler-1", "224.0.0.1", "--yes"], "224.0.0.1"),
        (["set-ip", "no-such", "10.0.0.1", "--yes"], "no station answers to it"),
    ] {
        let refused = run(&arguments);
        assert_eq!(refused.code, 2, "{}", refused.stdout);
        assert!(refused.stderr.contains(why), "{arguments:?}: {}", refused.stderr);
    }
}
