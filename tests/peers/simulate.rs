//! impacket against `plantweave simulate`, as a child process, with a copy of the sample plant: a device of today, one of the first
//! stage of CBA, and a PROFIBUS drive behind its proxy.

use std::path::Path;
use std::process::Command;

use plantweave::app::Announcement;
use plantweave::net::loopback;
use serde_json::{Value as Json, json};

use crate::plant::{DEADLINE, beside};
use crate::process::Process;
use crate::support::peer;
use crate::tshark::{MALFORMED, ODD_TCP, Tshark};

/// VARTYPEs by number: what the client is told does not come from our own tables.
const R4: u16 = 4;
const R8: u16 = 5;
const BSTR: u16 = 8;
const BOOL: u16 = 11;
const VARIANT: u16 = 12;
const UI1: u16 = 17;
const UI2: u16 = 18;
const UI4: u16 = 19;
const ARRAY: u16 = 0x2000;

/// The sample on a network of its own.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in from.read_dir().unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place);
        } else if entry.file_name() == "network.toml" {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            std::fs::write(place, text.replace("192.168.10.", "10.74.0.")).unwrap();
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// What each device is, as its description and the plan say; `host` and port are added to it.
fn expectations() -> [(&'static str, Json); 3] {
    let line_master = json!({
        "producer": "Netzholm Automation",
        "product": "NH 700",
        "ldev": "LineMaster",
        "rtauto": "Line",
        "component_id": "LINE-MASTER",
        "component_version": "1.1",
        "items": {
            "Line.state": UI2, "Line.run": BOOL, "Line.message": BSTR, "Line.speed_percent": R4,
            // A structure is an array of VARIANT, one for each member.
            "Recipe.recipe": ARRAY + VARIANT, "Recipe.mixer_setpoints": ARRAY + R4,
        },
        "write": { "item": "Line.operator", "vartype": BSTR, "value": "Jürgen — Schicht 2" },
        "link": {
            "provider": "127.74.0.26!Meter", "provider_item": "Energy.ActivePower", "consumer_item": "Line.power",
            "vartype": R4, "substitute": -1.5, "epsilon": 0.25,
        },
    });
    let meter = json!({
        "stage": 1,
        "producer": "Ampereta Energy",
        "product": "EM 40",
        "ldev": "Meter",
        "rtauto": "Energy",
        "items": { "Energy.ActivePower": R4, "Energy.Total": R8, "Energy.Voltages": ARRAY + R4 },
        "write": { "item": "Energy.HighTariff", "vartype": BOOL, "value": -1 },
        "link": {
            "provider": "127.74.0.21!Checkweigher", "provider_item": "Weigh.BottlesOut", "consumer_item": "Energy.Pieces",
            "vartype": UI4, "substitute": 7, "epsilon": 1,
        },
    });
    let drive = json!({
        // Those of the proxy, which serves the drive.
        "producer": "Netzholm Automation",
        "product": "PX 1",
        "ldev": "BufferDrive_Drive",
        "rtauto": "Axis",
        "component_id": "DP-DRIVE",
        "component_version": "2.0",
        "profibus": [1, 5],
        "items": { "Axis.SpeedAct": R4, "Axis.Ready": BOOL, "Axis.FaultCode": UI1 },
        "write": { "item": "Axis.RampTime", "vartype": R4, "value": 2.5 },
        "link": {
            "provider": "127.74.0.20!Table", "provider_item": "Buffer.drive_speed_sp", "consumer_item": "Axis.SpeedSp",
            "vartype": R4, "substitute": 0.0, "epsilon": null,
        },
    });
    [("line-master", line_master), ("meter-1", meter), ("proxy-1", drive)]
}

/// The id in a description, by the text that stands there.
fn component_id(project: &Path, folder: &str, file: &str) -> String {
    let xml = std::fs::read_to_string(project.join("components").join(folder).join(file)).unwrap();
    let (_, rest) = xml.split_once("<ComponentInfo id=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[test]
fn impacket_works_with_a_simulated_project() {
    if peer("python").is_none() {
        return;
    }
    if !loopback::probe(1).loopback_range {
        println!("skipped: loopback range missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("line.plant");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bottling-line.plant"), &project);
    let file = |name: &str| folder.path().join(name);
    let mut simulate = Command::new(env!("CARGO_BIN_EXE_plantweave"));
    simulate
        .arg("simulate")
        .arg(&project)
        .arg("--announce")
        .arg(file("where.json"))
        .arg("--pcap")
        .arg(file("own.pcap"));
    let mut simulate = Process::start(simulate);
    simulate.wait_for("running; Ctrl-C ends it", DEADLINE);
    let at = Announcement::read(&file("where.json")).unwrap();

    for (device, mut expected) in expectations() {
        let place = at.devices.iter().find(|one| one.device == device).unwrap();
        expected["host"] = json!(place.ip);
        expected["resolver_port"] = json!(place.resolver_port);
        if let Some(id) = expected.get("component_id").and_then(Json::as_str) {
            let id = match id {
                "LINE-MASTER" => component_id(&project, "Line master-1.1", "line-master.pcd.xml"),
                _ => component_id(&project, "DP drive-2.0", "dp-drive.pcd.xml"),
            };
            expected["component_id"] = json!(id);
        }
        let stage_1 = expected.get("stage").is_some();
        std::fs::write(file("expectations.json"), expected.to_string()).unwrap();
        let mut python = peer("python").unwrap();
        python.arg(beside("impacket_client.py")).arg(file("expectations.json"));
        let (status, said) = Process::start(python).finish(DEADLINE);
        assert!(status.success(), "{device}: {said}");
        let of_stage: &[&str] = if stage_1 {
            &["no ICBALogicalDevice2", "no ICBAAccoMgt2", "GetIDs: 1", "GetConnections"]
        } else {
            &["ComponentInfo, PBAddressInfo", "GetConsIDs: 1", "GetConsConnections"]
        };
        let steps = [
            "ServerAlive2",
            "RemoteCreateInstance",
            "RemoteActivation",
            "get_LogicalDevice",
            "get_ACCO",
            "AddConnections",
            "ReadItems",
            "WriteItems",
            "unknown IPID: RPC_E_DISCONNECTED",
            "unknown opnum: nca_s_op_rng_error",
            "RemRelease",
            "done",
        ];
        for step in steps.iter().chain(of_stage) {
            assert!(said.contains(step), "{device}: no '{step}' in:\n{said}");
        }
    }
    simulate.interrupt();
    let (status, said) = simulate.finish(DEADLINE);
    assert!(status.success(), "{said}");

    let Some(tshark) = Tshark::over(&file("own.pcap")) else { return };
    assert_eq!(tshark.summary(ODD_TCP), "");
    // Wireshark does not know VT_VARIANT in a SAFEARRAY ("Unknown (12)") and gives up there: the structure that was read.
    let malformed = tshark.fields(MALFORMED, &["ip.src", "cba.acco.opnum", "dcom.variant_type", "dcom.sa.features"]);
    let [frame] = &malformed[..] else { panic!("one frame, not {malformed:?}") };
    assert_eq!(frame[..2], ["127.74.0.10", "3"]);
    assert!(frame[2].ends_with("0x200c") && frame[3].ends_with("0x0880"), "{frame:?}");
    let places = tshark.fields("cba.pbaddress", &["ip.src", "cba.pbaddress.system_id", "cba.pbaddress.address"]);
    assert_eq!(places, [["127.74.0.28", "0x01", "5"]]);
}
