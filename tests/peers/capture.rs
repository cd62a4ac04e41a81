//! What goes between our own ends, in the eyes of Wireshark and of the operating system.

use plantweave::model::Value;
use plantweave::wire::Variant;

use crate::dumpcap::{Dumpcap, assert_same_bytes};
use crate::plant::{Plant, until};
use crate::support::peer;
use crate::tshark::{MALFORMED, ODD_TCP, Tshark, UNRESOLVED};

/// Downloads the links and moves values along them, both ways.
fn work(plant: &Plant) {
    plant.download();
    let mixer = plant.device("Mixer1");
    let filler = plant.device("Filler1");
    let shows = |device: &plantweave::device::VirtualDevice, ldev: &str, item: &str, value: Variant| {
        until(item, || device.read(ldev, item).is_ok_and(|state| state.value == value));
    };
    shows(filler, "Filler", "Fill.level", Variant::I4(7));
    shows(mixer, "Mixer", "Mix.speed", Variant::R4(2.5));
    mixer.set("Mixer", "Mix.level", &Value::Int(1234)).unwrap();
    filler.set("Filler", "Fill.go", &Value::Bool(true)).unwrap();
    shows(filler, "Filler", "Fill.level", Variant::I4(1234));
    shows(mixer, "Mixer", "Mix.go", Variant::Bool(true));
}

#[test]
fn wireshark_reads_the_plan_out_of_our_capture() {
    dissect(|| Plant::start(72));
}

#[test]
fn it_does_so_too_where_devices_share_an_address() {
    dissect(Plant::start_sharing);
}

fn dissect(start: impl FnOnce() -> Plant) {
    if peer("tshark").is_none() {
        return;
    }
    let plant = start();
    work(&plant);
    let [mixer, filler] = ["Mixer1", "Filler1"].map(|device| plant.address(device));
    let recorded = plant.stop();
    let Some(tshark) = Tshark::over(&recorded.capture()) else { return };
    for complaint in [MALFORMED, ODD_TCP, UNRESOLVED] {
        assert_eq!(tshark.summary(complaint), "", "{complaint}");
    }
    let acco = |device: plantweave::device::DeviceAddress, ldev| match device.resolver_port {
        port if mixer.ip == filler.ip => format!("{}[{port}]!{ldev}", device.ip),
        _ => format!("{}!{ldev}", device.ip),
    };
    let (mixer_acco, filler_acco) = (acco(mixer, "Mixer"), acco(filler, "Filler"));
    let seen = |what: &str, filter: &str| {
        assert!(!tshark.fields(filter, &["frame.number"]).is_empty(), "{what}: no frame matches {filter}");
    };
    seen("activation", "isystemactivator.properties.instninfo.clsid == cba00000-6c97-11d1-8271-00a02442df7d");
    seen("LDev asked for by name", "cba.opnum == 12 && cba.name == \"Mixer\"");
    seen(
        "link with substitute and epsilon, to the consumer",
        &format!(
            "cba_acco_mgt && cba.acco.opnum == 3 && cba.acco.conn_provider == \"{mixer_acco}\" \
             && cba.acco.conn_provider_item == \"Mix.level\" && cba.acco.conn_consumer_item == \"Fill.level\" \
             && cba.acco.conn_qos_type == 0 && cba.acco.conn_qos_value == 100 && dcom.vt.i4 == -1 && dcom.vt.i4 == 2"
        ),
    );
    seen(
        "link of another QoS, to the other consumer",
        &format!(
            "cba_acco_mgt && cba.acco.opnum == 3 && cba.acco.conn_provider == \"{filler_acco}\" \
             && cba.acco.conn_provider_item == \"Fill.go\" && cba.acco.conn_qos_value == 500 && dcom.vt.bool == 0"
        ),
    );
    seen("saving", "cba_persist || cba_persist2");
    seen(
        "the consumer connects at the provider",
        &format!(
            "(cba_acco_server || cba_acco_server2) && cba.acco.conn_consumer == \"{filler_acco}\" \
             && cba.acco.conn_provider_item == \"Mix.level\""
        ),
    );
    // 1234 as I4, true as BOOL, both good.
    let callback = "(cba_acco_cb || cba_acco_cb2) && cba.acco.opnum == 3 && cba.acco.qc == 0x80";
    seen("a number on its way", &format!("{callback} && cba.acco.cb_item_data == d2:04:00:00"));
    seen("a switch on its way", &format!("{callback} && cba.acco.cb_item_data == ff:ff"));
    // Wireshark follows a connection from Connect to its data only if every identifier on the way is right.
    if mixer.ip != filler.ip {
        seen("data traced back to its Connect", &format!("{callback} && cba.connect_in"));
    }
}

#[test]
fn the_system_sees_the_bytes_we_recorded() {
    if peer("dumpcap").is_none() {
        return;
    }
    let plant = Plant::start(73);
    let mixer = plant.address("Mixer1");
    if mixer.ip == plant.address("Filler1").ip {
        println!("skipped: loopback range missing");
        return;
    }
    let theirs = Dumpcap::start(&plant.file("lo.pcap"), [127, 73, 0, 0]);
    work(&plant);
    let recorded = plant.stop();
    theirs.finish();
    let n = assert_same_bytes(&recorded.capture(), &recorded.file("lo.pcap"));
    assert_eq!(n as u64, recorded.summary.connections);
    assert!(n >= 6, "only {n} connections");
}
