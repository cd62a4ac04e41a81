//! Calls that mean harm: stubs that are random, cut, damaged or greedy, to every object by every number.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::device::fault::Faults;
use crate::device::spec::DeviceSpec;
use crate::device::store::Store;
use crate::model::fixture;
use crate::proto::acco::NO_ROOM;
use crate::wire::Variant;
use crate::wire::cba::acco_callback::{OnDataChanged, OnDataChangedRequest};
use crate::wire::cba::acco_mgt::*;
use crate::wire::cba::acco_server::*;
use crate::wire::cba::acco_sync::*;
use crate::wire::cba::browse::{BrowseItems, BrowseItemsRequest};
use crate::wire::cba::shared::Text;
use crate::wire::cba::{Activation, Method, Persistence, QosType, ldev, pdev, state};
use crate::wire::ndr::ByteOrder;
use crate::wire::variant::{Elements, VarType};

const PLANT: &str = "
    component Mixer 2.1 {
        stack 2.0
        in speed R4 = 1
        in go BOOL
        in note BSTR
        in many I4[16000]
        out level I4 = 7
        out trend R8[8000]
        hmi text BSTR
    }
    M: Mixer @192.168.0.12
";

struct Named;

impl References for Named {
    fn objref(&self, object: Object, interface: Interface) -> Option<Vec<u8>> {
        Some(format!("{object:?} {interface}").into_bytes())
    }
}

fn core() -> DeviceCore {
    let spec = DeviceSpec::from_plan(&fixture::read(PLANT).unwrap(), "M").unwrap();
    let acco = |ldev: &crate::model::Name| format!("192.168.0.12!{ldev}");
    let core = DeviceCore::new(spec, acco, Arc::new(Faults::default()), Store::default()).unwrap();
    core.with_ldev(0, |ldev| {
        ldev.become_ready();
        ldev.activate().unwrap();
    });
    core
}

fn request<M: Method>(request: M::Request) -> (Interface, u16, Vec<u8>) {
    let mut w = NdrWriter::new();
    request.write(&mut w);
    (M::INTERFACE, M::OPNUM, w.into_bytes())
}

fn connection(consumer_item: &str, substitute: Option<Variant>) -> AddConnectionsRequest {
    AddConnectionsRequest {
        provider: "192.168.0.13!Pump".into(),
        qos_type: QosType::Acyclic,
        qos_value: 100,
        state: Activation::Active,
        connections: vec![AddConnectionIn {
            provider_item: "Main.x".into(),
            consumer_item: consumer_item.into(),
            persistence: Persistence::Persistent,
            substitute,
            epsilon: None,
        }],
    }
}

/// Requests that a tool or a partner makes, each right for this device.
fn requests() -> Vec<(Interface, u16, Vec<u8>)> {
    let ids = ConsIds { cons_ids: vec![1, 2, 3] };
    vec![
        request::<AddConnections>(connection("Main.speed", Some(Variant::R4(2.0)))),
        request::<AddConnections>(connection("Main.note", Some(Variant::Bstr("substitute".into())))),
        request::<GetConnections>(ids.clone()),
        request::<GetConsConnections>(ids.clone()),
        request::<DiagConsConnections>(ids.clone()),
        request::<RemoveConnections>(ids),
        request::<SetActivationState>(SetActivationStateRequest { state: Activation::Active, cons_ids: vec![1] }),
        request::<GetConsIds>(()),
        request::<GetIds>(()),
        request::<GetInfo>(()),
        request::<ClearConnections>(()),
        request::<ReadItems>(ReadItemsRequest { items: vec!["Main.level".into(), "Main.trend".into()] }),
        request::<WriteItems>(WriteItemsRequest {
            items: vec![WriteItemIn { item: "Main.text".into(), value: Some(Variant::Bstr("written".into())) }],
        }),
        request::<Connect>(ConnectRequest {
            consumer: "192.168.0.14!C".into(),
            qos_type: QosType::Acyclic,
            qos_value: 100,
            state: Activation::Active,
            callback: Some(vec![1; 100]),
            connections: vec![ConnectIn {
                provider_item: "Main.level".into(),
                data_type: VarType::I4,
                epsilon: None,
                cons_id: 1,
            }],
        }),
        request::<Disconnect>(ProvIds { prov_ids: vec![1, 2] }),
        request::<OnDataChanged>(OnDataChangedRequest { data: vec![1, 0, 1, 0, 11, 0, 1, 0, 0, 0, 0x80, 0, 0, 0, 0] }),
        request::<BrowseItems>(BrowseItemsRequest { offset: 0, max_return: 10 }),
        request::<pdev::GetLogicalDevice>(Text { value: "Mixer".into() }),
        request::<ldev::GetAcco>(()),
        request::<state::GetState>(()),
    ]
}

const OBJECTS: [Object; 6] =
    [Object::PDev, Object::LDev(0), Object::Acco(0), Object::RtAuto(0, 0), Object::LDev(7), Object::RtAuto(0, 9)];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Whatever comes, in whichever order, is answered or refused, and the device serves those who come after.
    #[test]
    fn every_call_is_answered_or_faulted(
        calls in prop::collection::vec((
            any::<prop::sample::Index>(),
            prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(0xff), Just(0)]), 0..4),
            any::<prop::sample::Index>(),
            prop::option::weighted(0.3, (0_usize..6, any::<prop::sample::Index>(), 0_u16..24)),
            prop::option::weighted(0.2, prop::collection::vec(any::<u8>(), 0..120)),
            any::<bool>(),
        ), 1..40),
    ) {
        let core = core();
        let requests = requests();
        for (pick, damage, cut, elsewhere, random, big) in calls {
            let (mut interface, mut opnum, stub) = requests[pick.index(requests.len())].clone();
            let mut object = match base_of(interface) {
                Interface::PhysicalDevice => Object::PDev,
                Interface::LogicalDevice | Interface::State => Object::LDev(0),
                Interface::Browse => Object::RtAuto(0, 0),
                _ => Object::Acco(0),
            };
            if let Some((other, another, number)) = elsewhere {
                object = OBJECTS[other];
                interface = Interface::ALL[another.index(Interface::ALL.len())];
                opnum = number;
            }
            let mut stub = random.unwrap_or(stub);
            for (at, value) in damage {
                if !stub.is_empty() {
                    let at = at.index(stub.len());
                    stub[at] = value;
                }
            }
            // Mostly whole.
            stub.truncate(cut.index(6 * stub.len() + 1));
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            if let Ok(answer) = answer(&core, &Named, object, interface, opnum, &mut NdrReader::new(&stub, order)) {
                prop_assert!(answer.len() <= (1 << 18) + 64 * stub.len(), "{interface} {opnum}: {}", answer.len());
            }
            core.attend(0, |ldev| {
                let _ = ldev.consumer.poll(core.now().steady);
                let _ = ldev.provider.poll(core.now().steady, &ldev.items);
            });
        }
        let (interface, opnum, stub) = request::<ReadItems>(ReadItemsRequest { items: vec!["Main.level".into()] });
        let honest = answer(&core, &Named, Object::Acco(0), interface, opnum, &mut NdrReader::new(&stub, ByteOrder::Little));
        let read: Reply<ReadItemsResponse> = Reply::read(&mut NdrReader::new(&honest.unwrap(), ByteOrder::Little)).unwrap();
        prop_assert_eq!(&read.out.items[0].value, &Some(Variant::I4(7)));
    }
}

fn ask<M: Method>(core: &DeviceCore, question: M::Request) -> (usize, Reply<M::Response>) {
    let (interface, opnum, stub) = request::<M>(question);
    let mut reader = NdrReader::new(&stub, ByteOrder::Little);
    let answer = answer(core, &Named, Object::Acco(0), interface, opnum, &mut reader).unwrap();
    let reply = Reply::read(&mut NdrReader::new(&answer, ByteOrder::Little)).unwrap();
    (answer.len(), reply)
}

/// One long text, asked for ten thousand times.
#[test]
fn an_answer_holds_no_more_than_a_client_takes() {
    let core = core();
    let long = "x".repeat(30_000);
    let (_, added) = ask::<AddConnections>(&core, connection("Main.note", Some(Variant::Bstr(long.clone()))));
    let cons_id = added.out.connections[0].cons_id;
    for (count, whole) in [(10_000, false), (100_000, true)] {
        let ids = ConsIds { cons_ids: vec![cons_id; count] };
        let (length, answer) = ask::<GetConnections>(&core, ids.clone());
        assert!(length < 3 << 20, "{length}");
        match whole {
            true => assert_eq!(answer.hr, NO_ROOM),
            false => {
                let connections = answer.out.connections;
                assert_eq!(connections.len(), count);
                assert_eq!(connections[0].substitute, Some(Variant::Bstr(long.clone())));
                assert_eq!(connections[count - 1].hr, NO_ROOM);
            }
        }
        let (length, _) = ask::<GetConsConnections>(&core, ids);
        assert!(length < 3 << 20, "{length}");
        let (length, read) = ask::<ReadItems>(&core, ReadItemsRequest { items: vec!["Main.trend".into(); count] });
        assert!(length < 3 << 20, "{length}");
        if !whole {
            assert!(matches!(&read.out.items[0].value, Some(Variant::Array(array)) if array.elements().len() == 8000));
            assert_eq!(read.out.items[count - 1].hr, NO_ROOM);
        }
    }
}

/// A name of a megabyte is not kept, and neither is a pointer of one.
#[test]
fn what_is_kept_is_bounded() {
    let core = core();
    let mut question = connection("Main.speed", Some(Variant::R4(0.0)));
    question.provider = format!("{}!Pump", "x".repeat(30_000));
    assert_eq!(ask::<AddConnections>(&core, question).1.hr, HResult::CBA_E_MALFORMED);
    let connect = |callback: usize| ConnectRequest {
        consumer: "192.168.0.14!C".into(),
        qos_type: QosType::Acyclic,
        qos_value: 100,
        state: Activation::Active,
        callback: Some(vec![1; callback]),
        connections: Vec::new(),
    };
    assert_eq!(ask::<Connect>(&core, connect(100)).1.hr, HResult::S_OK);
    assert_eq!(ask::<Connect>(&core, connect(100_000)).1.hr, HResult::CBA_E_MALFORMED);
    let elements = Elements::Bstr(vec!["x".repeat(30_000); 10]);
    let written = WriteItemsRequest {
        items: vec![WriteItemIn { item: "Main.text".into(), value: Some(Variant::vector(elements)) }],
    };
    assert_eq!(ask::<WriteItems>(&core, written).1.out.results, [HResult::CBA_E_TYPEMISMATCH]);
}
