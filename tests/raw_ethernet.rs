//! A real network interface as an end, in a network namespace of its own: nothing of this computer is touched.
//!
//! Each test starts itself once more inside a fresh namespace. Where that is not allowed it is skipped by name, unless
//! `PLANTWEAVE_REQUIRE_PEERS` is set.
#![cfg(target_os = "linux")]

use std::process::Command;
use std::time::{Duration, Instant};

use plantweave::net::link::{
    AdapterError, AdapterOptions, Ended, LinkEnd, LinkEvent, Promiscuous, interfaces, open_adapter,
};
use plantweave::wire::ethernet::{EtherType, Frame, MacAddress};

const INSIDE: &str = "PLANTWEAVE_TEST_INSIDE";
const SOON: Duration = Duration::from_secs(10);
const A: MacAddress = MacAddress([2, 0, 0, 0, 0, 0x0a]);
const B: MacAddress = MacAddress([2, 0, 0, 0, 0, 0x0b]);

fn ip(words: &str) {
    let status = Command::new("ip").args(words.split_whitespace()).status().unwrap();
    assert!(status.success(), "ip {words}");
}

/// Whether this is the run inside; otherwise makes it, with `before` in front, and passes on how it ended.
fn is_inside(test: &str, before: &[&str]) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let possible = Command::new("unshare").args(["--net", "ip", "link", "add", "x", "type", "veth"]).output();
    if !possible.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("PLANTWEAVE_REQUIRE_PEERS").is_none(), "namespaces are required here");
        println!("skipped: no right to make a network namespace");
        return false;
    }
    let me = std::env::current_exe().unwrap();
    let mut command = Command::new("unshare");
    command.args([
        "--net",
        "sh",
        "-c",
        "ip link add name a address 02:00:00:00:00:0a type veth peer name b address 02:00:00:00:00:0b && \
        ip link set lo up && ip link set dev a up && ip link set dev b up && exec \"$@\"",
        "sh",
    ]);
    let output = command.args(before).arg(me).args(["--exact", test, "--nocapture"]).env(INSIDE, "1").output().unwrap();
    let text = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    false
}

fn frame(source: MacAddress, destination: MacAddress, ether_type: EtherType, mark: u8) -> Vec<u8> {
    Frame { destination, source, tag: None, ether_type, payload: &[mark, 0] }.emit()
}

async fn next(end: &mut LinkEnd) -> Option<LinkEvent> {
    tokio::time::timeout(SOON, end.recv()).await.expect("nothing came")
}

async fn link(end: &mut LinkEnd) -> bool {
    loop {
        let event = next(end).await;
        if let LinkEvent::Link { port: 1, up } = event.unwrap_or_else(|| panic!("the end is over: {:?}", end.ended())) {
            return up;
        }
    }
}

/// Marks of the frames that come, up to one that is 99.
async fn marks(end: &mut LinkEnd) -> Vec<u8> {
    let mut marks = Vec::new();
    loop {
        if let LinkEvent::Frame(received) = next(end).await.expect("the end is over") {
            match received.frame[14] {
                99 => return marks,
                mark => marks.push(mark),
            }
        }
    }
}

/// Waits until so many threads read from interfaces.
fn until_readers(n: usize) {
    let start = Instant::now();
    loop {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        match names.filter(|name| name.starts_with("link ")).count() {
            count if count == n => return,
            count => assert!(start.elapsed() < SOON, "{count} threads read"),
        }
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn two_ends_of_a_cable_hear_each_other_and_see_it_go() {
    if !is_inside("two_ends_of_a_cable_hear_each_other_and_see_it_go", &[]) {
        return;
    }
    let listed = interfaces();
    let names: Vec<_> =
        listed.iter().map(|info| (&info.name[..], info.mac, info.up, info.running, info.loopback)).collect();
    assert_eq!(
        names,
        [("a", Some(A), true, true, false), ("b", Some(B), true, true, false), ("lo", None, true, true, true)]
    );
    let mut a = open_adapter("a", AdapterOptions::default()).unwrap();
    let mut b =
        open_adapter("b", AdapterOptions { promiscuous: Promiscuous::Always, ..AdapterOptions::default() }).unwrap();
    assert_eq!((a.mac(), b.mac(), a.is_up(1)), (A, B, true));
    let (all, lldp, profinet) = (MacAddress::DCP_IDENTIFY, EtherType::LLDP, EtherType::PROFINET);
    a.send(&frame(A, all, profinet, 1)).unwrap();
    a.send(&frame(A, B, profinet, 2)).unwrap();
    a.send(&frame(A, MacAddress([2, 0, 0, 0, 0, 0x0c]), profinet, 3)).unwrap();
    a.send(&frame(A, B, EtherType::IPV4, 4)).unwrap();
    a.send_on(1, &frame(A, MacAddress::LLDP, lldp, 5)).unwrap();
    a.send(&frame(A, all, profinet, 99)).unwrap();
    assert_eq!(marks(&mut b).await, [1, 2, 5], "for it or a group, and of a kind that is wanted");
    b.send(&frame(B, all, profinet, 6)).unwrap();
    b.send(&frame(B, all, profinet, 99)).unwrap();
    assert_eq!(marks(&mut a).await, [6], "and nothing of its own");
    // Link loss, and its return, on both sides.
    ip("link set dev b down");
    let start = Instant::now();
    assert!(!link(&mut a).await);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert!(matches!(open_adapter("b", AdapterOptions::default()), Err(AdapterError::SwitchedOff { .. })));
    ip("link set dev b up");
    assert!(link(&mut a).await);
    assert!(!link(&mut b).await);
    assert!(link(&mut b).await);
    b.send(&frame(B, A, profinet, 99)).unwrap();
    assert!(marks(&mut a).await.is_empty());
    // The interface goes.
    ip("link del dev a");
    while next(&mut a).await.is_some() {}
    assert!(matches!(&*a.ended().unwrap(), Ended::InterfaceGone { name } if name == "a"));
    assert!(a.send(&frame(A, B, profinet, 1)).is_err());
    while next(&mut b).await.is_some() {}
    assert!(matches!(open_adapter("a", AdapterOptions::default()), Err(AdapterError::NotFound { .. })));
}

#[tokio::test]
async fn the_reader_ends_with_its_end() {
    if !is_inside("the_reader_ends_with_its_end", &[]) {
        return;
    }
    let end = open_adapter("a", AdapterOptions::default()).unwrap();
    until_readers(1);
    drop(end);
    until_readers(0);
}

#[test]
fn without_the_right_the_error_says_how_to_give_it() {
    let without = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"];
    if !is_inside("without_the_right_the_error_says_how_to_give_it", &without) {
        return;
    }
    assert_eq!(interfaces().len(), 3, "listing needs no right");
    let error = open_adapter("a", AdapterOptions::default()).unwrap_err();
    let me = std::env::current_exe().unwrap();
    assert!(error.to_string().ends_with(&format!("sudo setcap cap_net_raw+ep {}", me.display())), "{error}");
}
