//! Virtual devices over loopback: connections made by a tool's calls, values from device to device, cables pulled.
//!
//! Nothing waits for a time; everything waits for a condition, with a deadline.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plantweave::device::{
    DeviceAddress, DeviceOptions, DeviceSpec, PlantOptions, ScriptSpec, VirtualDevice, VirtualPlant,
};
use plantweave::model::{Plan, Value, fixture};
use plantweave::net::loopback::{self, Host};
use plantweave::net::tcp::Network;
use plantweave::rpc::{Answering, ObjectCall, ObjectHandler, RemoteObject, RpcNode, results};
use plantweave::wire::Variant;
use plantweave::wire::cba::acco_mgt::{
    AddConnectionIn, AddConnections, AddConnectionsRequest, ClearConnections, ConsIds, DiagConsConnections, GetConsIds,
};
use plantweave::wire::cba::shared::{Object, Text};
use plantweave::wire::cba::{
    Activation, GroupErrorState, HResult, Interface, LDevState, Persistence, QosType, Quality, Reply, ldev, pdev,
    persist, state,
};

const LINE: &str = "
    component Pump 2.0 { stack 2.0; out rate R4; out runs BOOL; out text BSTR; out many I2[4] }
    component Valve 2.0 { stack 2.0; in rate R4; in runs BOOL; in text BSTR; in many I2[4]; out back R4 }
    component Old 1.0 { stack 1.0; in rate R4; in back R4 }
    P: Pump @10.41.0.11
    V: Valve @10.41.0.12
    O: Old @10.41.0.13
";

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn plant_on(host: Host, text: &str) -> VirtualPlant {
    VirtualPlant::start(&plan(text), PlantOptions::new(Network::new(), host)).unwrap()
}

fn plan(text: &str) -> Plan {
    fixture::read(text).unwrap()
}

/// A host where every device has an address of its own, apart from those of other tests that run at the same time.
fn plant(net: u8, text: &str) -> VirtualPlant {
    plant_on(loopback::probe(8), &text.replace("10.41.0.", &format!("10.41.{net}.")))
}

/// The name of an ACCO as a tool writes it.
fn acco(plant: &VirtualPlant, device: &str, ldev: &str) -> String {
    let address = plant.address(device).unwrap();
    match address.resolver_port {
        port if port == plant.usual_resolver_port() => format!("{}!{ldev}", address.ip),
        port => format!("{}[{port}]!{ldev}", address.ip),
    }
}

/// A tool's way to an ACCO.
struct Tool {
    pdev: RemoteObject,
    ldev: RemoteObject,
    mgt: RemoteObject,
}

impl Tool {
    async fn visit(plant: &VirtualPlant, device: &str, ldev_name: &str) -> Self {
        let node = RpcNode::client(Network::new(), Some(Ipv4Addr::LOCALHOST));
        let address = plant.address(device).unwrap();
        let iids = [Interface::PhysicalDevice.iid()];
        let pdev = node.activate(address.ip, address.resolver_port, &iids).await.unwrap();
        let found = pdev.call::<pdev::GetLogicalDevice>(&Text { value: ldev_name.into() }).await.unwrap();
        let ldev = pdev.unmarshal(&found.out.objref.unwrap()).await.unwrap();
        let found = ldev.call::<ldev::GetAcco>(&()).await.unwrap();
        let mgt = ldev.unmarshal(&found.out.objref.unwrap()).await.unwrap();
        Self { pdev, ldev, mgt }
    }

    async fn add(&self, provider: &str, items: &[(&str, &str, Option<Variant>)]) -> Vec<HResult> {
        let connections = items.iter().map(|(provider_item, consumer_item, substitute)| AddConnectionIn {
            provider_item: (*provider_item).into(),
            consumer_item: (*consumer_item).into(),
            persistence: Persistence::Persistent,
            substitute: substitute.clone(),
            epsilon: None,
        });
        let request = AddConnectionsRequest {
            provider: provider.into(),
            qos_type: QosType::Acyclic,
            qos_value: 50,
            state: Activation::Active,
            connections: connections.collect(),
        };
        let added = self.mgt.call::<AddConnections>(&request).await.unwrap();
        added.out.connections.iter().map(|connection| connection.hr).collect()
    }

    async fn save(&self) {
        let persist = self.pdev.query(Interface::Persist.iid()).await.unwrap().unwrap();
        assert_eq!(persist.call::<persist::Save>(&()).await.unwrap().hr, HResult::S_OK);
    }
}

fn item(plant: &VirtualPlant, device: &str, ldev: &str, item: &str) -> (Variant, Quality) {
    let state = plant.device(device).unwrap().read(ldev, item).unwrap();
    (state.value, state.quality)
}

fn set(plant: &VirtualPlant, item: &str, value: Value) {
    plant.device("P").unwrap().set("Pump", item, &value).unwrap();
}

/// Values arrive, the provider's cable is pulled and plugged in.
async fn values_arrive_and_survive_a_pulled_cable(plant: VirtualPlant) {
    let tool = Tool::visit(&plant, "V", "Valve").await;
    let substitute = Some(Variant::R4(-1.0));
    let results = tool
        .add(
            &acco(&plant, "P", "Pump"),
            &[
                ("Main.rate", "Main.rate", substitute),
                ("Main.runs", "Main.runs", None),
                ("Main.text", "Main.text", None),
                ("Main.many", "Main.many", None),
            ],
        )
        .await;
    assert!(results.iter().all(|hr| hr.is_success()), "{results:?}");
    let valve = |name: &str| item(&plant, "V", "Valve", name);

    set(&plant, "Main.rate", Value::Real(1.5));
    set(&plant, "Main.runs", Value::Bool(true));
    set(&plant, "Main.text", Value::Text("läuft".into()));
    set(&plant, "Main.many", Value::Array([1, 2, 3, 4].map(Value::Int).into()));
    until("rate", || valve("Main.rate") == (Variant::R4(1.5), Quality::GOOD)).await;
    until("runs", || valve("Main.runs") == (Variant::Bool(true), Quality::GOOD)).await;
    until("text", || valve("Main.text") == (Variant::Bstr("läuft".into()), Quality::GOOD)).await;
    until("many", || valve("Main.many").0.to_string() == "[1, 2, 3, 4]").await;

    plant.pull("P").await.unwrap();
    until("substitute", || valve("Main.rate") == (Variant::R4(-1.0), Quality::UNCERTAIN_SUBSTITUTE)).await;
    until("last value", || valve("Main.runs") == (Variant::Bool(true), Quality::UNCERTAIN_LAST_USABLE)).await;

    set(&plant, "Main.rate", Value::Real(2.5));
    plant.plug("P").unwrap();
    until("good again", || valve("Main.rate") == (Variant::R4(2.5), Quality::GOOD)).await;
    until("good again", || valve("Main.runs").1 == Quality::GOOD).await;

    let statistics = plant.statistics();
    assert_eq!((statistics.connections_in, statistics.connections_out), (4, 4));
    assert!(statistics.values_received >= 8 && statistics.values_sent >= statistics.values_received, "{statistics:?}");
    plant.shutdown().await;
}

#[tokio::test]
async fn values_between_devices_with_addresses_of_their_own() {
    let plant = plant(1, LINE);
    values_arrive_and_survive_a_pulled_cable(plant).await;
}

#[tokio::test]
async fn values_between_devices_that_share_an_address() {
    // Ports that are really busy, here as elsewhere, are left out.
    let busy_ports = (loopback::FALLBACK_RESOLVER_PORT..loopback::FALLBACK_RESOLVER_PORT + 32)
        .filter(|port| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_err())
        .collect();
    let host = Host { loopback_range: false, resolver_port: loopback::FALLBACK_RESOLVER_PORT, busy_ports };
    let plant = plant_on(host, LINE);
    let addresses: BTreeSet<_> = plant.names().map(|name| plant.address(name).unwrap()).collect();
    assert_eq!(addresses.len(), 3);
    assert!(addresses.iter().all(|address| address.ip == Ipv4Addr::LOCALHOST));
    values_arrive_and_survive_a_pulled_cable(plant).await;
}

#[tokio::test]
async fn a_consumer_that_was_pulled_gets_its_values_again() {
    let plant = plant(2, LINE);
    let tool = Tool::visit(&plant, "V", "Valve").await;
    tool.add(&acco(&plant, "P", "Pump"), &[("Main.rate", "Main.rate", None)]).await;
    set(&plant, "Main.rate", Value::Real(1.5));
    let rate = || item(&plant, "V", "Valve", "Main.rate");
    until("rate", || rate() == (Variant::R4(1.5), Quality::GOOD)).await;
    plant.pull("V").await.unwrap();
    until("last value", || rate().1 == Quality::UNCERTAIN_LAST_USABLE).await;
    set(&plant, "Main.rate", Value::Real(2.5));
    plant.plug("V").unwrap();
    until("good again", || rate() == (Variant::R4(2.5), Quality::GOOD)).await;
    plant.shutdown().await;
}

#[tokio::test]
async fn a_device_of_stage_one_consumes_and_provides() {
    let plant = plant(3, LINE);
    let tool = Tool::visit(&plant, "O", "Old").await;
    assert!(tool.mgt.query(Interface::AccoMgt2.iid()).await.unwrap().is_none());
    assert!(tool.pdev.query(Interface::PhysicalDevice2.iid()).await.unwrap().is_none());
    tool.add(&acco(&plant, "P", "Pump"), &[("Main.rate", "Main.rate", None)]).await;
    tool.add(&acco(&plant, "V", "Valve"), &[("Main.back", "Main.back", None)]).await;
    set(&plant, "Main.rate", Value::Real(1.5));
    plant.device("V").unwrap().set("Valve", "Main.back", &Value::Real(3.0)).unwrap();
    until("rate", || item(&plant, "O", "Old", "Main.rate") == (Variant::R4(1.5), Quality::GOOD)).await;
    until("back", || item(&plant, "O", "Old", "Main.back") == (Variant::R4(3.0), Quality::GOOD)).await;
    plant.shutdown().await;
}

#[tokio::test]
async fn saved_connections_survive_a_power_cycle_of_either_end() {
    let mut plant = plant(4, LINE);
    let tool = Tool::visit(&plant, "V", "Valve").await;
    tool.add(&acco(&plant, "P", "Pump"), &[("Main.rate", "Main.rate", None)]).await;
    tool.save().await;
    tool.add(&acco(&plant, "P", "Pump"), &[("Main.runs", "Main.runs", None)]).await;
    set(&plant, "Main.rate", Value::Real(1.5));
    until("rate", || item(&plant, "V", "Valve", "Main.rate").0 == Variant::R4(1.5)).await;

    plant.stop_device("V").await.unwrap();
    assert!(plant.device("V").is_none());
    plant.start_device("V").unwrap();
    until("rate after the consumer's restart", || {
        item(&plant, "V", "Valve", "Main.rate") == (Variant::R4(1.5), Quality::GOOD)
    })
    .await;
    let held = plant.device("V").unwrap().connections("Valve");
    assert_eq!(held.iter().map(|(item, _)| item.as_str()).collect::<Vec<_>>(), ["Main.rate"]);

    plant.stop_device("P").await.unwrap();
    plant.start_device("P").unwrap();
    set(&plant, "Main.rate", Value::Real(4.5));
    until("rate after the provider's restart", || {
        item(&plant, "V", "Valve", "Main.rate") == (Variant::R4(4.5), Quality::GOOD)
    })
    .await;
    plant.shutdown().await;
}

#[tokio::test]
async fn what_is_wrong_at_the_provider_is_the_error_of_the_connection() {
    let plant = plant(5, LINE);
    let tool = Tool::visit(&plant, "V", "Valve").await;
    let pump = acco(&plant, "P", "Pump");
    tool.add(&pump, &[("Main.none", "Main.rate", None), ("Main.text", "Main.runs", None)]).await;
    tool.add(&pump.replace("Pump", "Nobody"), &[("Main.text", "Main.text", None)]).await;
    tool.add("127.41.5.99!Pump", &[("Main.many", "Main.many", None)]).await;
    let mgt2 = tool.mgt.query(Interface::AccoMgt2.iid()).await.unwrap().unwrap();
    let expected = [
        HResult::CBA_E_UNKNOWNMEMBER,
        HResult::CBA_E_TYPEMISMATCH,
        HResult::CBA_E_UNKNOWNOBJECT,
        HResult::CBA_E_NONACCESSIBLE,
    ];
    let states = || plant.device("V").unwrap().connections("Valve").into_iter().map(|(_, hr)| hr).collect::<Vec<_>>();
    until("errors", || states() == expected).await;
    let ids = mgt2.call::<GetConsIds>(&()).await.unwrap().out.cons_ids;
    let diagnosis = mgt2.call::<DiagConsConnections>(&ConsIds { cons_ids: ids }).await.unwrap().out.connections;
    assert_eq!(diagnosis.iter().map(|connection| connection.error_state).collect::<Vec<_>>(), expected);
    plant.shutdown().await;
}

#[tokio::test]
async fn a_connection_inside_one_device_needs_no_network() {
    let text = "
        component Both 1.0 multiApp {
            stack 2.0
            ldev A
            out rate R4
            ldev B
            in rate R4
        }
        B: Both @10.41.0.11
    ";
    let plant = plant(6, text);
    let tool = Tool::visit(&plant, "B", "B").await;
    tool.add(&acco(&plant, "B", "A"), &[("Main.rate", "Main.rate", None)]).await;
    let device = plant.device("B").unwrap();
    device.set("A", "Main.rate", &Value::Real(7.0)).unwrap();
    until("rate", || item(&plant, "B", "B", "Main.rate") == (Variant::R4(7.0), Quality::GOOD)).await;
    let made = device.statistics().calls_made;
    plant.pull("B").await.unwrap();
    device.set("A", "Main.rate", &Value::Real(8.0)).unwrap();
    until("rate", || item(&plant, "B", "B", "Main.rate") == (Variant::R4(8.0), Quality::GOOD)).await;
    assert_eq!((made, device.statistics().calls_made), (0, 0));
    plant.shutdown().await;
}

#[tokio::test]
async fn a_provider_that_does_not_operate_sends_bad_quality() {
    let plant = plant(7, LINE);
    let tool = Tool::visit(&plant, "V", "Valve").await;
    tool.add(&acco(&plant, "P", "Pump"), &[("Main.rate", "Main.rate", None)]).await;
    let rate = || item(&plant, "V", "Valve", "Main.rate");
    until("rate", || rate().1 == Quality::GOOD).await;
    let pump = Tool::visit(&plant, "P", "Pump").await;
    let state = pump.ldev.query(Interface::State.iid()).await.unwrap().unwrap();
    assert_eq!(state.call::<state::Deactivate>(&()).await.unwrap().hr, HResult::S_OK);
    until("out of service", || rate().1 == Quality::BAD_OUT_OF_SERVICE).await;
    state.call::<state::Activate>(&()).await.unwrap();
    until("good", || rate().1 == Quality::GOOD).await;
    let device = plant.device("P").unwrap();
    device.make_defect("Pump");
    assert_eq!(device.ldev_state("Pump"), Some(LDevState::Defect));
    assert_eq!(device.group_error("Pump"), Some(GroupErrorState::Problem));
    until("out of service", || rate().1 == Quality::BAD_OUT_OF_SERVICE).await;
    plant.shutdown().await;
}

#[tokio::test]
async fn removed_connections_end_at_both_ends() {
    let plant = plant(8, LINE);
    let tool = Tool::visit(&plant, "V", "Valve").await;
    tool.add(&acco(&plant, "P", "Pump"), &[("Main.rate", "Main.rate", None)]).await;
    set(&plant, "Main.rate", Value::Real(1.5));
    until("rate", || item(&plant, "V", "Valve", "Main.rate").0 == Variant::R4(1.5)).await;
    tool.mgt.call::<ClearConnections>(&()).await.unwrap();
    let provided = || plant.device("P").unwrap().statistics().connections_out;
    until("nothing provided", || provided() == 0).await;
    // The input is where it was at the start.
    until("released", || item(&plant, "V", "Valve", "Main.rate") == (Variant::R4(0.0), Quality::GOOD)).await;
    plant.shutdown().await;
}

#[tokio::test]
async fn faults_to_try_cost_only_the_device_that_has_them() {
    let plant = plant(9, LINE);
    let tool = Tool::visit(&plant, "V", "Valve").await;
    plant.faults("V").unwrap().stall(true);
    let silent = tool.mgt.call_within::<GetConsIds>(&(), Duration::from_millis(50)).await.unwrap_err();
    assert!(silent.is_unreachable(), "{silent}");
    plant.faults("V").unwrap().stall(false);
    let tool = Tool::visit(&plant, "V", "Valve").await;
    plant.faults("V").unwrap().die_after(Some(1));
    assert!(tool.ldev.call::<ldev::GetName>(&()).await.is_ok());
    assert!(tool.ldev.call::<ldev::GetName>(&()).await.is_err());
    until("dead", || !plant.device("V").unwrap().is_plugged()).await;
    plant.plug("V").unwrap();
    assert!(!plant.device("V").unwrap().is_plugged(), "only a power cycle helps");
    Tool::visit(&plant, "P", "Pump").await;
    plant.shutdown().await;
}

#[tokio::test]
async fn a_plant_ends_within_a_second_and_a_bit() {
    let plant = plant(10, LINE);
    let tool = Tool::visit(&plant, "V", "Valve").await;
    tool.add(&acco(&plant, "P", "Pump"), &[("Main.rate", "Main.rate", None)]).await;
    until("rate", || item(&plant, "V", "Valve", "Main.rate").1 == Quality::GOOD).await;
    let start = Instant::now();
    plant.shutdown().await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

/// Collects the changes of state it is told of.
struct Listener(std::sync::Mutex<Vec<(LDevState, LDevState)>>);

impl ObjectHandler for Listener {
    fn call(self: Arc<Self>, call: ObjectCall) -> Answering {
        let change = call.arguments::<state::event::OnStateChanged>();
        let answer = change.map(|change| {
            self.0.lock().unwrap().push((change.new, change.old));
            results(&Reply::<()>::only(HResult::S_OK))
        });
        Box::pin(std::future::ready(answer))
    }
}

#[tokio::test]
async fn subscribers_are_told_of_state_changes_in_order() {
    let plant = plant(11, LINE);
    let tool = Tool::visit(&plant, "P", "Pump").await;
    let state = tool.ldev.query(Interface::State.iid()).await.unwrap().unwrap();
    let node = RpcNode::client(Network::new(), Some(Ipv4Addr::LOCALHOST));
    let listener = Arc::new(Listener(std::sync::Mutex::default()));
    let exported = node.export(listener.clone(), &[Interface::StateEvent]);
    let objref = exported.objref(Interface::StateEvent, plant.address("P").unwrap().ip).unwrap();
    let advised = state.call::<state::AdviseState>(&Object { objref: Some(objref) }).await.unwrap();
    assert_eq!(advised.hr, HResult::S_OK);
    state.call::<state::Deactivate>(&()).await.unwrap();
    state.call::<state::Activate>(&()).await.unwrap();
    let (ready, operating) = (LDevState::Ready, LDevState::Operating);
    until("both events", || *listener.0.lock().unwrap() == [(ready, operating), (operating, ready)]).await;
    assert_eq!(state.call::<state::UnadviseState>(&advised.out).await.unwrap().hr, HResult::S_OK);
    assert_eq!(state.call::<state::UnadviseState>(&advised.out).await.unwrap().hr, HResult::CBA_E_INVALIDCOOKIE);
    plant.shutdown().await;
}

#[tokio::test]
async fn a_folder_keeps_what_was_saved_over_the_end_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut options = PlantOptions::new(Network::new(), loopback::probe(8));
        options.folder = Some(folder.path().to_owned());
        VirtualPlant::start(&plan(&LINE.replace("10.41.0.", "10.41.12.")), options)
    };
    let plant = start().unwrap();
    let tool = Tool::visit(&plant, "V", "Valve").await;
    let substitute = Some(Variant::Bstr("keine Verbindung".into()));
    tool.add(&acco(&plant, "P", "Pump"), &[("Main.text", "Main.text", substitute)]).await;
    tool.save().await;
    plant.shutdown().await;
    let plant = start().unwrap();
    set(&plant, "Main.text", Value::Text("wieder da".into()));
    until("text", || item(&plant, "V", "Valve", "Main.text").0 == Variant::Bstr("wieder da".into())).await;
    plant.shutdown().await;

    std::fs::write(folder.path().join("V.json"), "{ broken").unwrap();
    let error = start().unwrap_err().to_string();
    assert!(error.contains("V.json") && error.contains("line 1") && error.contains("delete it"), "{error}");
}

#[tokio::test]
async fn a_script_that_fails_leaves_its_device_serving() {
    let mut spec = DeviceSpec::from_plan(&plan(LINE), "P").unwrap();
    let text = "fn step(dt) { this.Main.rate += 1.0; if this.Main.rate > 3.0 { throw \"too fast\"; } }";
    spec.scripts.push(ScriptSpec { instance: "P".into(), file: "pump.rhai".into(), text: text.into() });
    let address = DeviceAddress { ip: Ipv4Addr::LOCALHOST, resolver_port: 0 };
    let device = VirtualDevice::start(spec, &Network::new(), address, DeviceOptions::default()).unwrap();
    until("problem", || device.group_error("Pump") == Some(GroupErrorState::Problem)).await;
    assert!(device.diagnostics()[0].starts_with("pump.rhai:1:"), "{:?}", device.diagnostics());
    assert_eq!(device.read("Pump", "Main.rate").unwrap().value, Variant::R4(3.0));
    device.shutdown().await;
}
