//! impacket, a DCOM implementation that is not ours, works with a virtual device.

use plantweave::model::fixture;
use serde_json::json;

use crate::plant::{DEADLINE, Plant, beside};
use crate::process::Process;
use crate::support::peer;
use crate::tshark::{MALFORMED, ODD_TCP, Tshark};

#[test]
fn impacket_configures_reads_and_writes_a_virtual_device() {
    converse(|| Plant::start(71));
}

#[test]
fn it_does_so_too_where_devices_share_an_address() {
    converse(Plant::start_sharing);
}

fn converse(start: impl FnOnce() -> Plant) {
    let Some(mut python) = peer("python") else { return };
    let plant = start();
    let (mixer, filler) = (plant.address("Mixer1"), plant.address("Filler1"));
    let port = match filler.resolver_port {
        port if filler.ip == mixer.ip => format!("[{port}]"),
        _ => String::new(),
    };
    // VARTYPEs by number: what the client is told does not come from our own tables.
    let (i2, i4, r4, r8, bstr, boolean) = (2, 3, 4, 5, 8, 11);
    let expectations = json!({
        "host": mixer.ip,
        "resolver_port": mixer.resolver_port,
        "producer": "Example",
        "product": "Mixer",
        "ldev": "Mixer",
        "rtauto": "Mix",
        "component_id": fixture::component("component Mixer 2.1 { }").unwrap().key.id.as_str(),
        "component_version": "2.1",
        "items": {
            "Mix.speed": r4, "Mix.go": boolean, "Mix.batch": i2, "Mix.level": i4, "Mix.trend": 0x2000 + r8, "Mix.note": bstr,
        },
        "write": { "item": "Mix.note", "vartype": bstr, "value": "Größe M" },
        "link": {
            "provider": format!("{}{port}!Filler", filler.ip),
            "provider_item": "Fill.count",
            "consumer_item": "Mix.batch",
            "vartype": i2,
            "substitute": -7,
            "epsilon": 10,
        },
    });
    let file = plant.file("expectations.json");
    std::fs::write(&file, expectations.to_string()).unwrap();

    python.arg(beside("impacket_client.py")).arg(file);
    let (status, said) = Process::start(python).finish(DEADLINE);
    assert!(status.success(), "{said}");
    for step in [
        "ServerAlive2",
        "RemoteCreateInstance",
        "RemoteActivation",
        "get_LogicalDevice",
        "get_ACCO",
        "AddConnections",
        "GetConsIDs",
        "GetConsConnections",
        "ReadItems: Mix.trend = [0.0, 0.0, 0.0]",
        "WriteItems: Mix.note = 'Größe M'",
        "unknown IPID: RPC_E_DISCONNECTED",
        "unknown opnum: nca_s_op_rng_error",
        "RemRelease",
        "done",
    ] {
        assert!(said.contains(step), "no '{step}' in:\n{said}");
    }

    // The client's bytes were recorded from one end only, ours.
    let recorded = plant.stop();
    let Some(tshark) = Tshark::over(&recorded.capture()) else { return };
    for complaint in [MALFORMED, ODD_TCP] {
        assert_eq!(tshark.summary(complaint), "", "{complaint}");
    }
    // impacket names faults; their numbers are those of the standard.
    let faults = tshark.fields("dcerpc.pkt_type == 3", &["dcerpc.cn_status"]);
    assert_eq!(faults, [["0x80010108"], ["0x1c010002"]]);
    let written =
        tshark.fields("cba_acco_sync && cba.acco.opnum == 4 && cba.acco.item", &["cba.acco.item", "dcom.vt.bstr"]);
    // tshark shows UTF-16 that is not ASCII as it stands in the frame.
    assert_eq!(written, [["Mix.note", "47007200F600DF00650020004D00"]]);
}
