//! Nodes that call each other: activation, objects handed out, calls back.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use super::node::lock;
use super::*;
use crate::net::tcp::Network;
use crate::wire::cba::pdev::{GetLogicalDevice, GetProducer};
use crate::wire::cba::shared::{Cookie, Object, Text};
use crate::wire::cba::state::event::{OnStateChanged, StateChange};
use crate::wire::cba::state::{Activate, AdviseState};
use crate::wire::cba::{HResult, Interface, LDevState, Method, Reply};
use crate::wire::dcerpc::FaultStatus;
use crate::wire::dcom::ObjRef;

const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// A physical device that hands itself out as its logical device, and reports a state to whom advised.
struct Device {
    node: RpcNode,
    me: Mutex<Option<Exported>>,
}

const PRODUCER: u16 = GetProducer::OPNUM;
const LOGICAL_DEVICE: u16 = GetLogicalDevice::OPNUM;
const ADVISE: u16 = AdviseState::OPNUM;

impl ObjectHandler for Device {
    fn call(self: Arc<Self>, call: ObjectCall) -> Answering {
        Box::pin(async move {
            match (Interface::from_iid(call.interface), call.opnum) {
                (Some(Interface::PhysicalDevice), PRODUCER) => {
                    Ok(results(&Reply::ok(Text { value: "Example AG".to_owned() })))
                }
                (Some(Interface::PhysicalDevice), LOGICAL_DEVICE) => {
                    if call.arguments::<GetLogicalDevice>()?.value != "Pump" {
                        return Ok(results(&Reply::<Object>::only(HResult::CBA_E_UNKNOWNOBJECT)));
                    }
                    let me = lock(&self.me).clone().ok_or(FaultStatus::DISCONNECTED)?;
                    let objref = me.objref(Interface::State, HERE).map_err(|_| FaultStatus::SERVER_FAULT)?;
                    Ok(results(&Reply::ok(Object { objref: Some(objref) })))
                }
                (Some(Interface::State), ADVISE) => {
                    let objref = call.arguments::<AdviseState>()?.objref.ok_or(FaultStatus::BAD_STUB)?;
                    let unmarshalled = self.node.unmarshal(&objref, call.caller).await;
                    let subscriber = unmarshalled.map_err(|_| FaultStatus::SERVER_FAULT)?;
                    // Calls back before it answers: the subscriber must serve while it waits.
                    let change = StateChange { new: LDevState::Operating, old: LDevState::Ready };
                    let told = subscriber.call::<OnStateChanged>(&change).await;
                    let hr = told.map_err(|_| FaultStatus::SERVER_FAULT)?.hr;
                    Ok(results(&Reply::<Cookie>::only(hr)))
                }
                _ => Err(FaultStatus::OP_RANGE),
            }
        })
    }
}

/// Notes the changes it is told of.
#[derive(Default)]
struct Subscriber(Mutex<Vec<StateChange>>);

impl ObjectHandler for Subscriber {
    fn call(self: Arc<Self>, call: ObjectCall) -> Answering {
        Box::pin(async move {
            lock(&self.0).push(call.arguments::<OnStateChanged>()?);
            Ok(results(&Reply::ok(())))
        })
    }
}

fn device() -> (RpcNode, Exported) {
    let node = RpcNode::serve(Network::new(), HERE, 0, NodeOptions::default()).unwrap();
    let device = Arc::new(Device { node: node.clone(), me: Mutex::default() });
    let interfaces = [Interface::PhysicalDevice, Interface::Browse, Interface::State];
    let exported = node.export(Arc::clone(&device) as Arc<dyn ObjectHandler>, &interfaces);
    *lock(&device.me) = Some(exported.clone());
    node.offer_activation(&exported, HERE).unwrap();
    (node, exported)
}

fn tool() -> RpcNode {
    RpcNode::client(Network::new(), None)
}

async fn activate(tool: &RpcNode, device: &RpcNode) -> RemoteObject {
    let iids = [Interface::PhysicalDevice.iid(), Interface::Browse.iid()];
    tool.activate(HERE, device.endpoint().unwrap().resolver_port, &iids).await.unwrap()
}

#[tokio::test]
async fn a_device_is_found_activated_queried_called_and_released() {
    let (device, _) = device();
    let tool = tool();
    let port = device.endpoint().unwrap().resolver_port;
    let alive = tool.server_alive(HERE, port).await.unwrap();
    assert_eq!(alive.bindings.unwrap().to_string(), format!("127.0.0.1[{port}]"));

    let pdev = activate(&tool, &device).await;
    assert_eq!(pdev.call::<GetProducer>(&()).await.unwrap().out.value, "Example AG");
    let browse = pdev.query(Interface::Browse.iid()).await.unwrap().expect("came along with the activation");
    let again = pdev.query(Interface::Browse.iid()).await.unwrap().expect("asked for with RemQueryInterface");
    assert_eq!(browse.reference().ipid, again.reference().ipid);
    assert!(pdev.query(Interface::Persist.iid()).await.unwrap().is_none());

    let unknown = pdev.call::<GetLogicalDevice>(&Text { value: "Nobody".to_owned() }).await.unwrap();
    assert_eq!(unknown, Reply::only(HResult::CBA_E_UNKNOWNOBJECT));
    let handed_out = pdev.call::<GetLogicalDevice>(&Text { value: "Pump".to_owned() }).await.unwrap();
    let state = pdev.unmarshal(&handed_out.out.objref.unwrap()).await.unwrap();
    assert_eq!(state.reference().oid, pdev.reference().oid, "the same object");
    let error = state.call::<Activate>(&()).await.unwrap_err();
    assert!(matches!(error, RpcError::Fault { call: "Activate", status: FaultStatus::OP_RANGE, .. }), "{error}");
    browse.release().await.unwrap();
    pdev.release().await.unwrap();
    device.shutdown().await;
}

#[tokio::test]
async fn the_device_calls_back_while_the_tool_waits() {
    let (device, _) = device();
    let tool = tool();
    let pdev = activate(&tool, &device).await;
    let state = pdev.query(Interface::State.iid()).await.unwrap().unwrap();
    let subscriber = Arc::new(Subscriber::default());
    let handler = Arc::clone(&subscriber) as Arc<dyn ObjectHandler>;
    let exported = tool.export(handler, &[Interface::StateEvent]);
    let objref = exported.objref(Interface::StateEvent, HERE).unwrap();
    let reply = state.call::<AdviseState>(&Object { objref: Some(objref) }).await.unwrap();
    assert!(reply.hr.is_success(), "{}", reply.hr);
    let change = StateChange { new: LDevState::Operating, old: LDevState::Ready };
    assert_eq!(*lock(&subscriber.0), [change]);
    let error = exported.objref(Interface::Browse, HERE).unwrap_err();
    assert!(error.to_string().ends_with("refused marshalling: E_NOINTERFACE (0x80004002)"), "{error}");
    device.shutdown().await;
    tool.shutdown().await;
    assert!(matches!(exported.objref(Interface::StateEvent, HERE), Err(RpcError::ShutDown { .. })));
}

#[tokio::test]
async fn nodes_without_the_class_and_missing_interfaces_refuse_by_name() {
    let empty = RpcNode::serve(Network::new(), HERE, 0, NodeOptions::default()).unwrap();
    let port = empty.endpoint().unwrap().resolver_port;
    let error = tool().activate(HERE, port, &[Interface::PhysicalDevice.iid()]).await.unwrap_err();
    assert!(matches!(error, RpcError::HResult { code: HResult::REGDB_E_CLASSNOTREG, .. }), "{error}");

    let (device, _) = device();
    let port = device.endpoint().unwrap().resolver_port;
    let error = tool().activate(HERE, port, &[Interface::AccoMgt.iid()]).await.unwrap_err();
    assert!(matches!(error, RpcError::HResult { code: HResult::E_NOINTERFACE, .. }), "{error}");
    device.shutdown().await;
}

#[tokio::test]
async fn withdrawn_objects_and_foreign_pointers_are_refused() {
    let (device, exported) = device();
    let tool = tool();
    let pdev = activate(&tool, &device).await;
    let objref = exported.objref(Interface::State, HERE).unwrap();
    exported.withdraw();
    let error = pdev.call::<GetProducer>(&()).await.unwrap_err();
    assert!(error.is_disconnected(), "{error}");

    let from: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let ObjRef::Standard(mut lost) = ObjRef::parse(&objref).unwrap() else { panic!("standard") };
    lost.std.oxid ^= 1;
    let error = tool.unmarshal(&ObjRef::from(lost).to_bytes(), from).await.unwrap_err();
    assert!(matches!(error, RpcError::HResult { call: "ResolveOxid2", .. }), "{error}");
    let error = tool.unmarshal(&objref[..50], from).await.unwrap_err();
    assert!(matches!(error, RpcError::Broke { call: "interface pointer", .. }), "{error}");
    device.shutdown().await;
}

#[tokio::test]
async fn the_old_activation_yields_the_same_object() {
    let (device, _) = device();
    let tool = tool();
    let peer = SocketAddr::new(HERE.into(), device.endpoint().unwrap().resolver_port);
    let new = activate(&tool, &device).await;
    let old = tool.activated_the_old_way(peer, Interface::PhysicalDevice.iid()).await.unwrap();
    let ObjRef::Standard(old) = old else { panic!("standard") };
    assert_eq!(old.std.ipid, new.reference().ipid);
    device.shutdown().await;
}
