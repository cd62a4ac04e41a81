//! Calls as bytes in, answers as bytes out; no sockets.

use std::sync::Arc;

use super::*;
use crate::device::fault::Faults;
use crate::device::spec::DeviceSpec;
use crate::device::store::Store;
use crate::model::fixture;
use crate::wire::cba::acco_mgt::*;
use crate::wire::cba::acco_server::{Connect, ConnectIn, ConnectRequest};
use crate::wire::cba::acco_sync::*;
use crate::wire::cba::shared::{Cookie, Text};
use crate::wire::cba::{
    Activation, FileTime, GroupErrorState, LDevState, Method, Persistence, QosType, Quality, browse, group_error, ldev,
    pdev, persist, rtauto, state, time,
};
use crate::wire::ndr::ByteOrder;
use crate::wire::variant::Elements;
use crate::wire::{VarType, Variant};

const PLANT: &str = "
    component Mixer 2.1 {
        limit connections_in 3; stack 2.0
        rtauto Mix
        in speed R4 = 1
        in go BOOL
        out level I4 = 7
        hmi note BSTR
        struct Recipe (batch UI2, weight R8)
        in recipe Recipe
        rtauto Clean
        out done BOOL
    }
    M: Mixer @192.168.0.12
";

/// References that name the object in plain text.
struct Named;

impl References for Named {
    fn objref(&self, object: Object, interface: Interface) -> Option<Vec<u8>> {
        Some(format!("{object:?} {interface}").into_bytes())
    }
}

fn core_of(spec: DeviceSpec, store: Store) -> DeviceCore {
    DeviceCore::new(spec, |ldev| format!("192.168.0.12!{ldev}"), Arc::new(Faults::default()), store).unwrap()
}

fn core() -> DeviceCore {
    let core = core_of(spec(), Store::default());
    core.with_ldev(0, |ldev| {
        ldev.become_ready();
        ldev.activate().unwrap();
    });
    core
}

fn spec() -> DeviceSpec {
    DeviceSpec::from_plan(&fixture::read(PLANT).unwrap(), "M").unwrap()
}

fn call<M: Method>(core: &DeviceCore, object: Object, request: M::Request) -> Reply<M::Response> {
    let mut writer = NdrWriter::new();
    request.write(&mut writer);
    let stub = writer.into_bytes();
    let mut reader = NdrReader::new(&stub, ByteOrder::Little);
    let answer = answer(core, &Named, object, M::INTERFACE, M::OPNUM, &mut reader).unwrap();
    Reply::read(&mut NdrReader::new(&answer, ByteOrder::Little)).unwrap()
}

fn objref(reply: Reply<crate::wire::cba::shared::Object>) -> Result<String, HResult> {
    if reply.hr.is_failure() {
        return Err(reply.hr);
    }
    Ok(String::from_utf8(reply.out.objref.unwrap()).unwrap())
}

fn read_items(core: &DeviceCore, items: &[&str]) -> Vec<ReadItemOut> {
    let items = items.iter().map(|item| (*item).to_owned()).collect();
    call::<ReadItems>(core, Object::Acco(0), ReadItemsRequest { items }).out.items
}

fn write_item(core: &DeviceCore, item: &str, value: Variant) -> HResult {
    let items = vec![WriteItemIn { item: item.into(), value: Some(value) }];
    call::<WriteItems>(core, Object::Acco(0), WriteItemsRequest { items }).out.results[0]
}

#[test]
fn the_objects_lead_from_one_to_the_next() {
    let core = core();
    let text = |value: &str| Text { value: value.into() };
    let pdev = |name| objref(call::<pdev::GetLogicalDevice>(&core, Object::PDev, text(name)));
    assert_eq!(pdev("Mixer").unwrap(), "LDev(0) ICBALogicalDevice");
    assert_eq!(pdev("mixer"), Err(HResult::CBA_E_UNKNOWNOBJECT));
    assert_eq!(objref(call::<ldev::GetAcco>(&core, Object::LDev(0), ())).unwrap(), "Acco(0) ICBAAccoMgt");
    let rtauto = |name| objref(call::<ldev::GetRtAuto>(&core, Object::LDev(0), text(name)));
    assert_eq!(rtauto("Clean").unwrap(), "RtAuto(0, 1) ICBARTAuto");
    assert_eq!(rtauto("Stir"), Err(HResult::CBA_E_UNKNOWNOBJECT));
    let info = call::<ldev::GetComponentInfo>(&core, Object::LDev(0), ()).out;
    assert_eq!(info.version, "2.1");
    assert_eq!(call::<rtauto::GetComponentInfo>(&core, Object::RtAuto(0, 0), ()).out, info);
}

#[test]
fn browsing_shows_three_levels() {
    let core = core();
    let names = |object| {
        let count = call::<browse::GetCount>(&core, object, ()).out.count;
        let request = browse::BrowseItemsRequest { offset: 0, max_return: 0 };
        let page = call::<browse::BrowseItems>(&core, object, request).out;
        let Some(Variant::Array(names)) = page.item_names else { panic!() };
        assert_eq!(names.elements().len(), usize::try_from(count).unwrap());
        (names.into_elements(), page.data_types, page.access_rights)
    };
    let bstr = |names: &[&str]| Elements::Bstr(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(names(Object::PDev).0, bstr(&["Mixer"]));
    assert_eq!(names(Object::LDev(0)).0, bstr(&["Mix", "Clean"]));
    let (ports, types, rights) = names(Object::RtAuto(0, 0));
    assert_eq!(ports, bstr(&["speed", "go", "level", "note", "recipe"]));
    let i2 = |values: Vec<i16>| Some(Variant::vector(Elements::I2(values)));
    assert_eq!(
        types,
        i2([VarType::R4, VarType::BOOL, VarType::I4, VarType::BSTR, VarType::USERDEFINED]
            .map(|vt| vt.0.cast_signed())
            .to_vec())
    );
    assert_eq!(rights, i2(vec![3, 3, 1, 3, 3]));

    let request = browse::BrowseItems2Request { selector: 0, offset: 1, max_return: 2 };
    let page = call::<browse::BrowseItems2>(&core, Object::RtAuto(0, 0), request).out;
    assert_eq!(page.item_names, Some(Variant::vector(bstr(&["go", "level"]))));
    let reply = call::<browse::GetCount2>(&core, Object::PDev, browse::Selector { selector: 7 });
    assert_eq!(reply.hr, HResult::CBA_E_INVALIDENUMVALUE);
}

#[test]
fn items_are_read_and_written() {
    let core = core();
    let items = read_items(&core, &["Mix.level", "Mix.recipe.weight", "Mix.none", "None.x", "x"]);
    assert_eq!((items[0].value.clone(), items[0].quality), (Some(Variant::I4(7)), Quality::GOOD));
    assert_eq!(items[1].value, Some(Variant::R8(0.0)));
    assert_eq!(
        items[2..].iter().map(|item| item.hr).collect::<Vec<_>>(),
        [HResult::CBA_E_UNKNOWNMEMBER, HResult::CBA_E_UNKNOWNOBJECT, HResult::CBA_E_MALFORMED]
    );
    assert_eq!(write_item(&core, "Mix.speed", Variant::R4(2.5)), HResult::S_OK);
    assert_eq!(write_item(&core, "Mix.recipe.weight", Variant::R8(4.0)), HResult::S_OK);
    let recipe = Variant::vector(Elements::Variant(vec![Variant::Ui2(0), Variant::R8(4.0)]));
    assert_eq!(read_items(&core, &["Mix.recipe"])[0].value, Some(recipe));
    assert_eq!(write_item(&core, "Mix.speed", Variant::I4(2)), HResult::CBA_E_TYPEMISMATCH);
    assert_eq!(write_item(&core, "Mix.level", Variant::I4(2)), HResult::CBA_E_ACCESSBLOCKED);

    let time = FileTime(130_604_392_058_178_781);
    let value = Some(Variant::Bstr("by hand".into()));
    let write = WriteItemQcdIn { item: "Mix.note".into(), value, quality: Quality::UNCERTAIN_SENSOR, time };
    let request = WriteItemsQcdRequest { items: vec![write] };
    assert_eq!(call::<WriteItemsQcd>(&core, Object::Acco(0), request).hr, HResult::S_OK);
    let note = read_items(&core, &["Mix.note"]).remove(0);
    assert_eq!((note.quality, note.time, note.hr), (Quality::UNCERTAIN_SENSOR, time, HResult::CBA_S_VALUEUNCERTAIN));
}

#[test]
fn properties_are_reached_through_idispatch() {
    let core = core();
    let names = vec!["level".to_owned()];
    let request = dispatch::GetIdsOfNamesRequest { names, count: 1, ..Default::default() };
    let reply = call::<dispatch::GetIdsOfNames>(&core, Object::RtAuto(0, 0), request);
    assert_eq!((reply.out.ids, reply.hr), (vec![102], HResult::S_OK));
    let invoke = |dispid, flags, args| {
        let params = dispatch::DispParams { args, named: Vec::new() };
        let request = dispatch::InvokeRequest { dispid, flags, params, ..Default::default() };
        call::<dispatch::Invoke>(&core, Object::RtAuto(0, 0), request)
    };
    assert_eq!(invoke(102, dispatch::INVOKE_PROPERTY_GET, vec![]).out.result, Some(Variant::I4(7)));
    assert_eq!(invoke(101, dispatch::INVOKE_PROPERTY_PUT, vec![Some(Variant::Bool(true))]).hr, HResult::S_OK);
    assert_eq!(read_items(&core, &["Mix.go"])[0].value, Some(Variant::Bool(true)));
    assert_eq!(invoke(105, dispatch::INVOKE_PROPERTY_GET, vec![]).hr, HResult::DISP_E_MEMBERNOTFOUND);
    let put = dispatch::INVOKE_PROPERTY_PUT;
    assert_eq!(invoke(101, put, vec![Some(Variant::I2(1))]).hr, HResult::DISP_E_TYPEMISMATCH);
    assert_eq!(invoke(101, put, vec![]).hr, HResult::DISP_E_PARAMNOTFOUND);
}

#[test]
fn the_state_goes_its_ways_and_decides_on_quality() {
    let core = core();
    let state = || call::<state::GetState>(&core, Object::LDev(0), ()).out.state;
    assert_eq!(state(), LDevState::Operating);
    assert_eq!(call::<state::Activate>(&core, Object::LDev(0), ()).hr, HResult::CBA_E_NOTAPPLICABLE);
    assert_eq!(call::<state::Deactivate>(&core, Object::LDev(0), ()).hr, HResult::S_OK);
    assert_eq!(read_items(&core, &["Mix.level"])[0].quality, Quality::BAD_OUT_OF_SERVICE);
    assert_eq!(call::<state::Reset>(&core, Object::LDev(0), ()).hr, HResult::CBA_E_NOTAPPLICABLE);
    core.with_ldev(0, LDev::fail);
    assert_eq!(state(), LDevState::Defect);
    let error = || call::<group_error::GetGroupError>(&core, Object::LDev(0), ()).out;
    assert_eq!((error().group_error, error().cookie), (GroupErrorState::Problem, 1));
    assert_eq!(call::<state::Reset>(&core, Object::LDev(0), ()).hr, HResult::S_OK);
    assert_eq!((state(), error().cookie), (LDevState::Ready, 2));
    let unknown = Cookie { cookie: 9 };
    assert_eq!(call::<state::UnadviseState>(&core, Object::LDev(0), unknown).hr, HResult::CBA_E_INVALIDCOOKIE);
}

#[test]
fn the_clock_can_be_set() {
    let core = core();
    let time = || call::<time::GetTime>(&core, Object::LDev(0), ()).out.date;
    let put = |date| call::<time::PutTime>(&core, Object::LDev(0), crate::wire::cba::shared::Date { date }).hr;
    assert_eq!(put(40_000.5), HResult::S_OK);
    assert!((time() - 40_000.5).abs() < 0.01, "{}", time());
    for wrong in [f64::NAN, f64::INFINITY, -5.0, 3e6] {
        assert_eq!(put(wrong), HResult::CBA_E_TIMEVALUEUNSUPPORTED, "{wrong}");
    }
}

fn connection(consumer_item: &str, substitute: Option<Variant>) -> AddConnectionIn {
    AddConnectionIn {
        provider_item: "Pump.rate".into(),
        consumer_item: consumer_item.into(),
        persistence: Persistence::Persistent,
        substitute,
        epsilon: None,
    }
}

fn add(core: &DeviceCore, connections: Vec<AddConnectionIn>) -> Vec<HResult> {
    let request = AddConnectionsRequest {
        provider: "192.168.0.13!Pump".into(),
        qos_type: QosType::Acyclic,
        qos_value: 100,
        state: Activation::Active,
        connections,
    };
    let reply = call::<AddConnections>(core, Object::Acco(0), request);
    reply.out.connections.iter().map(|connection| connection.hr).collect()
}

#[test]
fn connections_count_in_stamps_and_survive_saving() {
    let store = Store::default();
    let core = core_of(spec(), store.clone());
    let stamp = |core: &DeviceCore| call::<pdev::GetPDevStamp>(core, Object::PDev, ()).out.stamp;
    assert_eq!(stamp(&core), 0);
    let results = add(&core, vec![connection("Mix.speed", Some(Variant::R4(0.5))), connection("Mix.level", None)]);
    assert!(results[0].is_success() && results[1].is_failure(), "{results:?}");
    assert_eq!(stamp(&core), 1);
    let saved = call::<persist::Save2>(&core, Object::PDev, ());
    assert_eq!(saved.hr, HResult::S_OK);
    assert_eq!(saved.out.ldev_names, Some(Variant::vector(Elements::Bstr(vec!["Mixer".into()]))));
    assert_eq!(saved.out.results, Some(Variant::vector(Elements::Error(vec![0]))));
    // Not saved, so lost at the next start.
    add(&core, vec![connection("Mix.go", None)]);
    assert_eq!(stamp(&core), 2);

    let again = core_of(spec(), store);
    assert_eq!(stamp(&again), 1);
    let cons_ids = call::<GetConsIds>(&again, Object::Acco(0), ()).out.cons_ids;
    let held = call::<GetConsConnections>(&again, Object::Acco(0), ConsIds { cons_ids }).out.connections;
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].consumer_item.as_str(), &held[0].substitute), ("Mix.speed", &Some(Variant::R4(0.5))));
    assert_eq!(held[0].persistence, Persistence::Persistent);
}

#[test]
fn faults_to_try_are_seen() {
    let core = core();
    core.faults().refuse_connections(true);
    assert_eq!(add(&core, vec![connection("Mix.speed", None)]), [HResult::CBA_E_CAPACITYEXCEEDED]);
    core.faults().refuse_connections(false);
    assert!(add(&core, vec![connection("Mix.speed", None)])[0].is_success());
    let qos = || {
        let cons_ids = call::<GetConsIds>(&core, Object::Acco(0), ()).out.cons_ids;
        call::<GetConsConnections>(&core, Object::Acco(0), ConsIds { cons_ids }).out.connections[0].qos_value
    };
    assert_eq!(qos(), 100);
    core.faults().lie_at_read_back(true);
    assert_eq!(qos(), 101);
}

#[test]
fn stage_one_knows_only_the_interfaces_without_a_two() {
    let names = |object, stage| {
        let spec = spec();
        let described = spec.ldevs[0].described();
        interfaces(object, stage, described).iter().map(|interface| interface.name()).collect::<Vec<_>>()
    };
    assert_eq!(names(Object::Acco(0), 1), ["ICBAAccoMgt", "ICBAAccoServer", "ICBAAccoCallback", "ICBAAccoSync"]);
    assert_eq!(names(Object::Acco(0), 2)[4..], ["ICBAAccoMgt2", "ICBAAccoCallback2", "ICBAAccoServer2"]);
    assert_eq!(names(Object::PDev, 2).len(), 7);
    assert_eq!(names(Object::RtAuto(0, 0), 1), ["ICBARTAuto", "ICBABrowse", "IDispatch"]);
}

#[test]
fn unknown_numbers_and_broken_stubs_are_faults() {
    let core = core();
    let raw = |interface, opnum, stub: &[u8]| {
        answer(&core, &Named, Object::Acco(0), interface, opnum, &mut NdrReader::new(stub, ByteOrder::Little))
    };
    assert_eq!(raw(Interface::AccoMgt, 14, &[]), Err(FaultStatus::OP_RANGE), "of AccoMgt2");
    assert_eq!(raw(Interface::AccoMgt2, 20, &[]), Err(FaultStatus::OP_RANGE));
    assert_eq!(raw(Interface::AccoMgt, 3, &[1, 2, 3]), Err(FaultStatus::BAD_STUB));
    assert_eq!(raw(Interface::PhysicalDevice, 7, &[]), Err(FaultStatus::UNKNOWN_INTERFACE));
}

#[test]
fn the_ldevs_of_a_device_share_what_it_bears() {
    let text = "
        component Twin 1.0 multiApp {
            limit connections_in 3; limit connections_out 2; stack 2.0
            ldev A
            in a I2; in b I2; out x I2; out y I2
            ldev B
            in a I2; in b I2; out x I2; out y I2
        }
        T: Twin @192.168.0.12
    ";
    let core = core_of(DeviceSpec::from_plan(&fixture::read(text).unwrap(), "T").unwrap(), Store::default());
    let consume = |ldev, item: &str| {
        let element = AddConnectionIn {
            provider_item: "Main.x".into(),
            consumer_item: item.into(),
            persistence: Persistence::Volatile,
            substitute: None,
            epsilon: None,
        };
        let request = AddConnectionsRequest {
            provider: "192.168.0.13!P".into(),
            qos_type: QosType::Acyclic,
            qos_value: 100,
            state: Activation::Passive,
            connections: vec![element],
        };
        call::<AddConnections>(&core, Object::Acco(ldev), request).out.connections[0].hr
    };
    assert_eq!(consume(0, "Main.a"), HResult::S_OK);
    assert_eq!(consume(0, "Main.b"), HResult::S_OK);
    assert_eq!(consume(1, "Main.a"), HResult::S_OK);
    assert_eq!(consume(1, "Main.b"), HResult::CBA_E_COUNTEXCEEDED);
    let provide = |ldev: usize, item: &str, consumer: &str| {
        let connection = ConnectIn { provider_item: item.into(), data_type: VarType::I2, epsilon: None, cons_id: 1 };
        let request = ConnectRequest {
            consumer: consumer.into(),
            qos_type: QosType::Acyclic,
            qos_value: 100,
            state: Activation::Passive,
            callback: Some(vec![1]),
            connections: vec![connection],
        };
        call::<Connect>(&core, Object::Acco(ldev), request).out.connections[0].hr
    };
    assert_eq!(provide(0, "Main.x", "192.168.0.14!C"), HResult::S_OK);
    assert_eq!(provide(1, "Main.x", "192.168.0.14!C"), HResult::S_OK);
    assert_eq!(provide(1, "Main.y", "192.168.0.15!C"), HResult::CBA_E_COUNTEXCEEDED);
}

#[test]
fn a_text_is_no_longer_than_its_port_takes() {
    let text = "component P 1.0 { stack 2.0; in t BSTR maxlen 3; in many BSTR[2] maxlen 3 }\nP: P @192.168.0.12";
    let core = core_of(DeviceSpec::from_plan(&fixture::read(text).unwrap(), "P").unwrap(), Store::default());
    let texts = |texts: [&str; 2]| Variant::vector(Elements::Bstr(texts.map(String::from).to_vec()));
    assert_eq!(write_item(&core, "Main.t", Variant::Bstr("äöü".into())), HResult::S_OK);
    assert_eq!(write_item(&core, "Main.t", Variant::Bstr("abcd".into())), HResult::CBA_E_ITEMTOOLARGE);
    assert_eq!(write_item(&core, "Main.many", texts(["a", "abc"])), HResult::S_OK);
    assert_eq!(write_item(&core, "Main.many", texts(["a", "abcd"])), HResult::CBA_E_ITEMTOOLARGE);
}
