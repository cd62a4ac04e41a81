//! `plantweave demo`: what it puts on the network, in the eyes of Wireshark and of the operating system, held against the
//! files of the sample plant.
//!
//! What is planned is read from these files here, by another reader than Plantweave's, and what it becomes on the wire is worked
//! out here: nothing that encodes takes part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use plantweave::app;
use plantweave::model::{Name, Plan, PortRef};
use plantweave::net::loopback;
use toml::{Table, Value};

use crate::dumpcap::{Dumpcap, assert_same_bytes};
use crate::process::Process;
use crate::support::peer;
use crate::tshark::{MALFORMED, ODD_TCP, Tshark, UNRESOLVED};

/// The demonstration waits up to 20 s for each of a few things.
const DEADLINE: Duration = Duration::from_secs(120);

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/bottling-line.plant")
}

/// A connection as the plan has it, or as Wireshark shows it.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
struct Connection {
    /// Address of the consumer's device.
    at: String,
    /// ACCO that provides; empty for a constant.
    provider: String,
    provider_item: String,
    consumer_item: String,
    qos_type: u32,
    qos_value: u32,
    active: bool,
    persistence: u32,
    substitute: Option<TypedValue>,
    epsilon: Option<TypedValue>,
}

/// A value with its VARTYPE in Wireshark's spelling.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
struct TypedValue {
    vartype: String,
    value: f64,
}

/// The plan, as far as it has to do with connections.
struct Planned {
    /// Every link and constant.
    connections: Vec<Connection>,
    /// For each of them, the consumer's and the provider's instance.
    ends: Vec<(PortRef, Option<PortRef>)>,
    files: Files,
}

/// The sample's files as TOML.
struct Files {
    instances: BTreeMap<String, Table>,
    devices: Table,
    /// For types of ports only.
    plan: Plan,
}

impl Files {
    fn read() -> Self {
        let mut instances = BTreeMap::new();
        let mut folders = vec![sample().join("charts")];
        let mut files = vec![sample().join("chart.toml")];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files.push(path) }
            }
        }
        let table = |path: &Path| std::fs::read_to_string(path).unwrap().parse::<Table>().unwrap();
        for file in files {
            for (name, instance) in table(&file).get("instance").and_then(Value::as_table).into_iter().flatten() {
                instances.insert(name.clone(), instance.as_table().unwrap().clone());
            }
        }
        let network = table(&sample().join("network.toml"));
        let devices = network["device"].as_table().unwrap().clone();
        Self { instances, devices, plan: app::open_project(&sample()).unwrap() }
    }

    fn device_of<'a>(&'a self, instance: &'a str) -> &'a str {
        self.instances[instance].get("device").map_or(instance, |device| device.as_str().unwrap())
    }

    /// Where the virtual device of an instance stands: 192.168.10.12 is 127.168.10.12, and a PROFIBUS device is where its proxy is.
    fn address_of(&self, instance: &str) -> String {
        let device = self.device_of(instance);
        let proxy = self.profibus(device).map(|at| at["proxy"].as_str().unwrap());
        let ip = self.devices[proxy.unwrap_or(device)]["ip"].as_str().unwrap();
        ip.replacen("192.", "127.", 1)
    }

    fn profibus(&self, device: &str) -> Option<&Value> {
        self.devices[device].get("profibus")
    }

    /// `<address>!<LDev>`; behind a proxy the LDev has the instance's name before its own.
    fn acco(&self, port: &PortRef) -> String {
        let behind = self.profibus(self.device_of(&port.instance)).is_some();
        let ldev = if behind { format!("{}_{}", port.instance, port.ldev) } else { port.ldev.to_string() };
        format!("{}!{ldev}", self.address_of(&port.instance))
    }

    /// A value of a port's type, written as in the plan.
    fn typed(&self, port: &PortRef, literal: &str) -> TypedValue {
        let component = self.plan.component_of(&port.instance).unwrap();
        let vartype = component.port(port).unwrap().value_type.base().unwrap().token().to_lowercase();
        let value = match literal {
            "true" => 1.0,
            "false" => 0.0,
            number => number.parse().unwrap_or_else(|_| panic!("{port}: {number}")),
        };
        TypedValue { value: if vartype == "r4" { f64::from(value as f32) } else { value }, vartype }
    }
}

fn port(instance: &str, path: &str) -> PortRef {
    let [ldev, rtauto, port] = path.split('.').map(Name::from).collect::<Vec<_>>().try_into().unwrap();
    PortRef::new(instance, ldev, rtauto, port)
}

fn item(port: &PortRef) -> String {
    format!("{}.{}", port.rtauto, port.port)
}

impl Planned {
    fn read() -> Self {
        let files = Files::read();
        let (mut connections, mut ends) = (Vec::new(), Vec::new());
        for (instance, table) in &files.instances {
            let section = |name: &str| table.get(name).and_then(Value::as_table).into_iter().flatten();
            for (consumer, link) in section("links") {
                let consumer = port(instance, consumer);
                let (from, path) = link["from"].as_str().unwrap().split_once('.').unwrap();
                let provider = port(from, path);
                let qos = link.get("qos").map_or("acyclic 500", |qos| qos.as_str().unwrap());
                let (qos_type, qos_value) = qos.split_once(' ').unwrap();
                let flag = |name: &str| link.get(name).is_none_or(|flag| flag.as_bool().unwrap());
                connections.push(Connection {
                    at: files.address_of(instance),
                    provider: files.acco(&provider),
                    provider_item: item(&provider),
                    consumer_item: item(&consumer),
                    // As printed in the standard.
                    qos_type: match qos_type {
                        "acyclic" => 0x00,
                        "acyclicStatus" => 0x02,
                        "acyclicHmi" => 0x03,
                        "cyclic" => 0x30,
                        other => panic!("{other}"),
                    },
                    qos_value: qos_value.parse().unwrap(),
                    active: flag("active"),
                    persistence: if flag("persistent") { 2 } else { 0 },
                    substitute: link.get("substitute").map(|text| files.typed(&consumer, text.as_str().unwrap())),
                    epsilon: link.get("epsilon").map(|number| files.typed(&consumer, &number.to_string())),
                });
                ends.push((consumer, Some(provider)));
            }
            for (consumer, constant) in section("constants") {
                let consumer = port(instance, consumer);
                let literal = constant.as_str().or_else(|| constant.get("value")?.as_str()).unwrap();
                connections.push(Connection {
                    at: files.address_of(instance),
                    provider: String::new(),
                    provider_item: String::new(),
                    consumer_item: item(&consumer),
                    qos_type: 0x20,
                    qos_value: 0,
                    active: true,
                    persistence: 2,
                    substitute: Some(files.typed(&consumer, literal)),
                    epsilon: None,
                });
                ends.push((consumer, None));
            }
        }
        Self { connections, ends, files }
    }
}

/// A number as Wireshark shows it.
fn number(text: &str) -> f64 {
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).unwrap().into(),
        None => text.parse().unwrap_or_else(|_| panic!("no number: {text}")),
    }
}

/// The elements of the frames of a method, each with the fields of its frame that stand before the first one.
fn elements(tshark: &Tshark, filter: &str, element: &str) -> Vec<BTreeMap<String, String>> {
    let mut all = Vec::new();
    for frame in tshark.trees(filter) {
        let mut of_frame = BTreeMap::new();
        let mut own: Option<BTreeMap<String, String>> = None;
        let mut inside = "";
        for (name, value) in &frame {
            if name == element {
                all.extend(own.replace(of_frame.clone()));
                inside = "";
                continue;
            }
            let fields = own.as_mut().unwrap_or(&mut of_frame);
            match name.as_str() {
                "cba.acco.conn_substitute" => inside = "substitute ",
                "cba.acco.conn_epsilon" => inside = "epsilon ",
                vt if vt.starts_with("dcom.vt.") => drop(fields.insert(format!("{inside}{vt}"), value.clone())),
                // A text has a tree of its own, whose last node is the text itself.
                _ => drop(fields.insert(name.clone(), value.clone())),
            }
        }
        all.extend(own);
    }
    all
}

fn typed(fields: &BTreeMap<String, String>, of: &str) -> Option<TypedValue> {
    let (name, shown) = fields.iter().find(|(name, _)| name.starts_with(of))?;
    let vartype = name.rsplit('.').next().unwrap().to_owned();
    let value = number(shown);
    let value = match vartype.as_str() {
        "bool" => f64::from(u8::from(value != 0.0)),
        "r4" => f64::from(value as f32),
        _ => value,
    };
    Some(TypedValue { vartype, value })
}

#[test]
fn the_demo_puts_the_plan_on_the_network() {
    if peer("tshark").is_none() || peer("dumpcap").is_none() {
        return;
    }
    if !loopback::probe(1).loopback_range {
        println!("skipped: loopback range missing");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let theirs = Dumpcap::start(&file("lo.pcap"), [127, 168, 0, 0]);
    let mut demo = Command::new(env!("CARGO_BIN_EXE_plantweave"));
    demo.args(["demo", "--seconds", "2", "--pcap"]).arg(file("own.pcap")).arg("--out").arg(file("out"));
    let (status, said) = Process::start(demo).finish(DEADLINE);
    assert!(status.success(), "{said}");
    theirs.finish();

    let n_connections = assert_same_bytes(&file("own.pcap"), &file("lo.pcap"));
    assert!(said.contains(&format!("frames of {n_connections} connections captured")), "{said}");
    let tshark = Tshark::over(&file("own.pcap")).unwrap();
    for complaint in [MALFORMED, ODD_TCP, UNRESOLVED] {
        assert_eq!(tshark.summary(complaint), "", "{complaint}");
    }
    let planned = Planned::read();
    every_planned_connection_was_downloaded(&tshark, &planned);
    every_link_was_connected(&tshark, &planned);
    every_consumer_was_saved(&tshark, &planned);
    the_tool_watched_what_it_showed(&tshark, &planned, &said);
    values_went_along_the_links(&tshark);
}

/// As many as there are, each once, with everything the plan says.
fn every_planned_connection_was_downloaded(tshark: &Tshark, planned: &Planned) {
    let filter = "cba_acco_mgt && cba.acco.opnum == 3 && dcerpc.pkt_type == 0";
    let mut seen: Vec<Connection> = elements(tshark, filter, "cba.acco.addconnectionin")
        .iter()
        .map(|fields| {
            let text = |name: &str| fields[&format!("cba.acco.{name}")].clone();
            let number = |name: &str| number(&text(name)) as u32;
            Connection {
                at: fields["ip.dst"].clone(),
                provider: text("conn_provider"),
                provider_item: text("conn_provider_item"),
                consumer_item: text("conn_consumer_item"),
                qos_type: number("conn_qos_type"),
                qos_value: number("conn_qos_value"),
                active: number("conn_state") == 1,
                persistence: number("conn_persist"),
                substitute: typed(fields, "substitute "),
                epsilon: typed(fields, "epsilon "),
            }
        })
        .collect();
    let mut expected = planned.connections.clone();
    let order = |a: &Connection, b: &Connection| a.partial_cmp(b).unwrap();
    seen.sort_by(order);
    expected.sort_by(order);
    assert!(expected.len() > 100);
    for (seen, expected) in seen.iter().zip(&expected) {
        assert_eq!(seen, expected);
    }
    assert_eq!(seen.len(), expected.len());
}

/// Each consumer asked each provider for what it is to get. A device of stage 1 is asked by Connect, all others by Connect2.
fn every_link_was_connected(tshark: &Tshark, planned: &Planned) {
    let filter =
        "(cba_acco_server && cba.acco.opnum == 3 || cba_acco_server2 && cba.acco.opnum == 8) && dcerpc.pkt_type == 0";
    let asked = elements(tshark, filter, "cba.acco.connectin");
    let mut n_stage_1 = 0;
    for (connection, (consumer, provider)) in planned.connections.iter().zip(&planned.ends) {
        let Some(provider) = provider else { continue };
        let (from, to) = (&connection.at, planned.files.address_of(&provider.instance));
        // What stays inside a device does not go over the network.
        if *from == to {
            continue;
        }
        let stage_1 = planned.files.plan.component_of(&provider.instance).unwrap().stage() == 1;
        n_stage_1 += usize::from(stage_1);
        let epsilon = connection.epsilon.as_ref();
        let found = asked.iter().any(|fields| {
            let is = |name: &str, value: &str| fields.get(&format!("cba.acco.{name}")).is_some_and(|it| it == value);
            fields["ip.src"] == *from
                && fields["ip.dst"] == to
                && is("conn_consumer", &planned.files.acco(consumer))
                && is("conn_provider_item", &connection.provider_item)
                && is("opnum", if stage_1 { "3" } else { "8" })
                // Cyclic links are carried acyclically.
                && number(&fields["cba.acco.conn_qos_type"]) == 0.0
                && number(&fields["cba.acco.conn_qos_value"]) == f64::from(connection.qos_value)
                && typed(fields, "epsilon ").as_ref() == epsilon
        });
        assert!(found, "nobody asked for {connection:?}");
    }
    assert!(n_stage_1 > 0, "the sample has a device of stage 1");
}

fn every_consumer_was_saved(tshark: &Tshark, planned: &Planned) {
    let filter = "(cba_persist || cba_persist2) && dcerpc.pkt_type == 0";
    let saved: Vec<String> = tshark.fields(filter, &["ip.dst"]).concat();
    let expected: BTreeSet<&String> = planned.connections.iter().map(|connection| &connection.at).collect();
    assert_eq!(saved.iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(saved.len(), expected.len(), "once each");
    assert_eq!(tshark.fields("(cba_persist || cba_persist2) && dcom.hresult == 0", &["ip.src"]).len(), expected.len());
}

/// Every line of the tables that were printed is an item that the tool asked for, with QoS type 3.
fn the_tool_watched_what_it_showed(tshark: &Tshark, planned: &Planned, said: &str) {
    let filter = "(cba_acco_server || cba_acco_server2) && cba.acco.conn_qos_type == 3 && dcerpc.pkt_type == 0";
    let asked: BTreeSet<(String, String)> = elements(tshark, filter, "cba.acco.connectin")
        .into_iter()
        .map(|fields| (fields["ip.dst"].clone(), fields["cba.acco.conn_provider_item"].clone()))
        .collect();
    let expected = format!("watching {} values of ", asked.len());
    assert!(said.contains(&expected), "no '{expected}' in:\n{said}");
    let plan = &planned.files.plan;
    let mut shown = 0;
    for line in said.lines() {
        let Some(port) = line.split_whitespace().next().and_then(|name| plan.find_port(name).ok()) else { continue };
        assert!(asked.contains(&(planned.files.address_of(&port.instance), item(&port))), "nobody watches {line}");
        shown += 1;
    }
    assert!(shown >= 14, "{shown} lines of live values in:\n{said}");
}

/// Start and stop are written, and what follows from them arrives where the plan leads it; Wireshark follows every value between
/// devices back to where it was asked for.
fn values_went_along_the_links(tshark: &Tshark) {
    let written = tshark.fields(
        "cba_acco_sync && cba.acco.opnum == 4 && dcerpc.pkt_type == 0",
        &["ip.dst", "cba.acco.item", "dcom.vt.bool"],
    );
    let write = |item: &str| vec!["127.168.10.10".to_owned(), item.to_owned(), "0xffff".to_owned()];
    assert_eq!(written, [write("Line.start"), write("Line.stop")]);
    let data = "(cba_acco_cb || cba_acco_cb2) && cba.acco.opnum == 3 && dcerpc.pkt_type == 0";
    let to_filler = format!("{data} && ip.src == 127.168.10.10 && ip.dst == 127.168.10.15 && cba.acco.qc == 0x80");
    for value in ["ff:ff", "00:00"] {
        let arrived = tshark.fields(&format!("{to_filler} && cba.acco.cb_item_data == {value}"), &["frame.number"]);
        assert!(!arrived.is_empty(), "{value} never came to the filler");
    }
    // The tool shares its address with the end of every connection it makes, which Wireshark does not follow.
    assert_eq!(tshark.summary(&format!("{data} && !cba.connect_in && ip.dst != 127.0.0.1")), "");
    let traced = tshark.fields(&format!("{data} && cba.connect_in"), &["frame.number"]).len();
    assert!(traced > 100, "only {traced} calls carry values from device to device");
}
