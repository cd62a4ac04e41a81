//! The rows of the CBA interfaces, with the values meant.

use plantweave::wire::cba::enums::DiagnosisRequest;
use plantweave::wire::cba::shared::*;
use plantweave::wire::cba::{
    Activation, FileTime, GroupErrorState, HResult, Interface, LDevState, Persistence, QosType, Quality, acco_callback,
    acco_mgt, acco_server, acco_server_srt, acco_sync, browse, dispatch, group_error, ldev, pdev, persist, rtauto,
    state, time,
};
use plantweave::wire::ndr::{ByteOrder, NdrReader};
use plantweave::wire::variant::{Elements, SafeArray};
use plantweave::wire::{Guid, VarType, Variant};

use super::frames;
use super::table::{Book, ORPC_THAT, ORPC_THIS, both_ways};

const CONSUMER: &str = "192.168.0.11!Pump";
const PROVIDER: &str = "192.168.0.12!Filler";

/// OBJREF_STANDARD of the example: 5 references, resolver address, ids as the generator numbered them.
fn objref(interface: Interface, oxid: u64, oid: u64, ipid: &str, address: &str) -> Option<Vec<u8>> {
    let mut bytes = b"MEOW".to_vec();
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(interface.iid().to_wire(ByteOrder::Little));
    bytes.extend(0_u32.to_le_bytes());
    bytes.extend(5_u32.to_le_bytes());
    bytes.extend(oxid.to_le_bytes());
    bytes.extend(oid.to_le_bytes());
    bytes.extend(ipid.parse::<Guid>().unwrap().to_wire(ByteOrder::Little));
    let words: Vec<u16> = [7].into_iter().chain(address.encode_utf16()).chain([0, 0]).collect();
    bytes.extend(u16::try_from(words.len() + 1).unwrap().to_le_bytes());
    bytes.extend(u16::try_from(words.len()).unwrap().to_le_bytes());
    words.iter().chain(&[0]).for_each(|word| bytes.extend(word.to_le_bytes()));
    Some(bytes)
}

fn text(value: &str) -> Text {
    Text { value: value.to_owned() }
}

fn partner() -> Partner {
    Partner { consumer: CONSUMER.to_owned() }
}

fn vector(elements: Elements) -> Option<Variant> {
    Some(Variant::vector(elements))
}

fn names(names: &[&str]) -> Option<Variant> {
    vector(Elements::Bstr(names.iter().map(|name| (*name).to_owned()).collect()))
}

fn results(n: usize) -> acco_mgt::Results {
    acco_mgt::Results { results: vec![HResult::S_OK; n] }
}

fn component() -> ComponentInfo {
    ComponentInfo { id: "{0A1B}".to_owned(), version: "1.0".to_owned() }
}

fn stack() -> ProfinetRevision {
    ProfinetRevision { major: 2, minor: 1, service_pack: 0, build: 7 }
}

#[test]
fn every_row_decodes_and_encodes() {
    let mut book = Book::open();
    physical_device(&mut book);
    logical_device(&mut book);
    function(&mut book);
    state_time_error(&mut book);
    browsing_and_saving(&mut book);
    connection_database(&mut book);
    direct_access(&mut book);
    provider(&mut book);
    provider_cyclic(&mut book);
    let row = book.take("unknown opnum 20 request");
    assert_eq!(row.opnum, 20);
    assert_eq!(acco_mgt::Call::read(20, &mut NdrReader::new(&row.stub, ByteOrder::Little)), Ok(None));
    // The rest belongs to the layer beneath, and `vectors_dcom.rs` insists on having seen all of it.
    let beneath = [
        "ServerAlive2",
        "RemoteCreateInstance",
        "RemoteActivation",
        "ComplexPing",
        "SimplePing",
        "ResolveOxid2",
        "IRemUnknown.",
        "RemAddRef",
        "RemRelease",
    ];
    let rest = book.unchecked();
    let strangers: Vec<_> = rest.iter().filter(|name| !beneath.iter().any(|prefix| name.starts_with(prefix))).collect();
    assert!(strangers.is_empty(), "unchecked rows: {strangers:?}");
    assert_eq!(rest.len(), 28);
}

fn physical_device(book: &mut Book) {
    book.call::<pdev::GetProducer>("PDev", (), text("Example AG"));
    book.call::<pdev::GetProduct>("PDev", (), text("CBA-SIM"));
    book.call::<pdev::GetSerialNo>("PDev", (), SerialNo { value: Some(Variant::Bstr("SN-0001".to_owned())) });
    book.call::<pdev::GetProductionDate>("PDev", (), Date { date: 38_000.5 });
    book.call::<pdev::GetRevision>("PDev", (), Revision { major: 1, minor: 2 });
    let ldev = objref(
        Interface::LogicalDevice,
        0x1122_3344_0000_000b,
        0x5566_7788_0000_0b02,
        "a00b0011-0002-1234-8000-000000000001",
        "192.168.0.11",
    );
    book.call::<pdev::GetLogicalDevice>("PDev", text("Pump"), Object { objref: ldev });
    let ldev = objref(
        Interface::LogicalDevice,
        0x1122_3344_0000_000c,
        0x5566_7788_0000_0c02,
        "a00c0011-0002-1234-8000-000000000001",
        "192.168.0.12",
    );
    book.call::<pdev::GetLogicalDevice>("PDev", text("Filler"), Object { objref: ldev });
    book.call::<pdev::GetType>("PDev2", (), pdev::DeviceType { multi_app: true, profinet_dcom_stack: false });
    book.call::<pdev::GetProfinetRevision>("PDev2", (), stack());
    book.call::<pdev::GetPDevStamp>("PDev2", (), pdev::PDevStamp { stamp: 0xdead_beef });
}

fn logical_device(book: &mut Book) {
    book.call::<ldev::GetName>("LDev", (), text("Pump"));
    for (node, oxid, address) in [("b", 0xb, "192.168.0.11"), ("c", 0xc, "192.168.0.12")] {
        let acco = objref(
            Interface::AccoMgt,
            0x1122_3344_0000_0000 | oxid,
            0x5566_7788_0000_0003 | oxid << 8,
            &format!("a00{node}0041-0003-1234-8000-000000000001"),
            address,
        );
        book.call::<ldev::GetAcco>("LDev", (), Object { objref: acco });
    }
    let rtauto = objref(
        Interface::RtAuto,
        0x1122_3344_0000_000b,
        0x5566_7788_0000_0b04,
        "a00b0051-0004-1234-8000-000000000001",
        "192.168.0.11",
    );
    book.call::<ldev::GetRtAuto>("LDev", text("Valve"), Object { objref: rtauto });
    book.call::<ldev::GetProfinetRevision>("LDev2", (), stack());
    book.call::<ldev::GetComponentInfo>("LDev2", (), component());
    let pairs = Some(SafeArray::vector(Elements::Ui1(vec![1, 3, 2, 4])));
    book.call::<ldev::GetPbAddressInfo>("LDev2", (), ldev::PbAddressInfo { pairs });
}

fn function(book: &mut Book) {
    use dispatch::*;
    book.call::<rtauto::GetName>("RTAuto", (), text("Valve"));
    book.call::<rtauto::GetRevision>("RTAuto", (), Revision { major: 1, minor: 0 });
    book.call::<GetTypeInfoCount>("RTAuto", (), Count { count: 0 });
    book.request::<GetTypeInfo>("RTAuto", GetTypeInfoRequest { index: 0, lcid: 0x400 });
    book.reply::<GetTypeInfo>("RTAuto", Object { objref: None }, HResult::E_NOTIMPL);
    let request = GetIdsOfNamesRequest { riid: Guid::NIL, names: vec!["SetSpeed".to_owned()], count: 1, lcid: 0x400 };
    book.call::<GetIdsOfNames>("RTAuto", request, GetIdsOfNamesResponse { ids: vec![100] });
    let get = InvokeRequest { dispid: 100, lcid: 0x400, flags: INVOKE_PROPERTY_GET, ..InvokeRequest::default() };
    book.request_named::<Invoke>("RTAuto.Invoke(PropertyGet) request", get);
    let answer = InvokeResponse::value(Variant::I2(77));
    book.reply_named::<Invoke>("RTAuto.Invoke(PropertyGet) response", answer, HResult::S_OK);
    let put = InvokeRequest {
        dispid: 100,
        lcid: 0x400,
        flags: INVOKE_PROPERTY_PUT,
        params: DispParams { args: vec![Some(Variant::I2(78))], named: vec![DISPID_PROPERTY_PUT] },
        ..InvokeRequest::default()
    };
    book.request_named::<Invoke>("RTAuto.Invoke(PropertyPut) request", put);
    book.reply_named::<Invoke>("RTAuto.Invoke(PropertyPut) response", InvokeResponse::default(), HResult::S_OK);
    book.call::<rtauto::GetComponentInfo>("RTAuto2", (), component());
}

fn state_time_error(book: &mut Book) {
    let subscriber = |interface, ipid| Object {
        objref: objref(interface, 0x1122_3344_0000_0064, 0x5566_7788_0000_6405, ipid, "192.168.0.100"),
    };
    book.call::<state::GetState>("State", (), state::CurrentState { state: LDevState::Operating });
    book.call::<state::Activate>("State", (), ());
    book.call::<state::Deactivate>("State", (), ());
    book.call::<state::Reset>("State", (), ());
    let object = subscriber(Interface::StateEvent, "a0640013-0005-1234-8000-000000000001");
    book.call::<state::AdviseState>("State", object, Cookie { cookie: 0x77 });
    book.call::<state::UnadviseState>("State", Cookie { cookie: 0x77 }, ());
    let change = state::event::StateChange { new: LDevState::Operating, old: LDevState::Ready };
    book.call::<state::event::OnStateChanged>("StateEvent", change, ());

    book.call::<time::GetTime>("Time", (), Date { date: 45_000.25 });
    book.call::<time::PutTime>("Time", Date { date: 45_000.5 }, ());

    let okay = group_error::CurrentGroupError { group_error: GroupErrorState::Okay, cookie: 5 };
    book.call::<group_error::GetGroupError>("GroupError", (), okay);
    let object = subscriber(Interface::GroupErrorEvent, "a0640016-0005-1234-8000-000000000001");
    book.call::<group_error::AdviseGroupError>("GroupError", object, Cookie { cookie: 0x78 });
    book.call::<group_error::UnadviseGroupError>("GroupError", Cookie { cookie: 0x78 }, ());
    let change = group_error::event::GroupErrorChange { new: GroupErrorState::Problem, old: GroupErrorState::Okay };
    book.call::<group_error::event::OnGroupErrorChanged>("GroupErrorEvent", change, ());
}

fn browsing_and_saving(book: &mut Book) {
    use browse::*;
    book.call::<GetCount>("Browse", (), Count { count: 1 });
    let all = BrowseItemsResponse {
        item_names: names(&["Pump"]),
        data_types: vector(Elements::I2(vec![0])),
        access_rights: vector(Elements::I2(vec![0])),
    };
    book.call::<BrowseItems>("Browse", BrowseItemsRequest { offset: 0, max_return: 10 }, all);
    book.call::<GetCount2>("Browse2", Selector { selector: 0 }, Count { count: 2 });
    let all = BrowseItems2Response {
        item_names: names(&["Valve.SetSpeed", "Valve.Enable"]),
        info1: vector(Elements::I2(vec![2, 11])),
        info2: vector(Elements::I2(vec![3, 3])),
    };
    book.call::<BrowseItems2>("Browse2", BrowseItems2Request { selector: 0, offset: 0, max_return: 100 }, all);
    book.call::<persist::Save>("Persist", (), ());
    let saved = persist::Save2Response { ldev_names: names(&["Pump"]), results: vector(Elements::Error(vec![0])) };
    book.call::<persist::Save2>("Persist2", (), saved);
}

fn connection_database(book: &mut Book) {
    use acco_mgt::*;
    let connection = |provider: &str, consumer: &str, persistence, substitute, epsilon| AddConnectionIn {
        provider_item: format!("Mixer.{provider}"),
        consumer_item: format!("Valve.{consumer}"),
        persistence,
        substitute: Some(substitute),
        epsilon,
    };
    let speed = connection("Speed", "SetSpeed", Persistence::Persistent, Variant::I2(-5), Some(Variant::I2(10)));
    let ready = connection("Ready", "Enable", Persistence::Persistent, Variant::Bool(false), None);
    let request = AddConnectionsRequest {
        provider: PROVIDER.to_owned(),
        qos_type: QosType::Acyclic,
        qos_value: 500,
        state: Activation::Active,
        connections: vec![speed, ready],
    };
    let added = |cons_id, hr| AddConnectionOut { cons_id, version: 1, hr };
    let establishing = HResult::CBA_S_ESTABLISHING;
    let answer = AddConnectionsResponse { connections: vec![added(0x1001, establishing), added(0x1002, establishing)] };
    book.call::<AddConnections>("AccoMgt", request, answer);

    let plain = |name: &str, substitute, epsilon| connection(name, name, Persistence::Volatile, substitute, epsilon);
    let connections = vec![
        connection("Speed", "SetSpeed2", Persistence::Pending, Variant::I2(0), Some(Variant::I2(0))),
        connection("Level", "Level", Persistence::Pending, Variant::R4(1.5), Some(Variant::R4(0.5))),
        plain("Text", Variant::Bstr("abc".to_owned()), None),
        plain("Arr", Variant::vector(Elements::I4(vec![1, 2, 3])), None),
        plain("Dbl", Variant::R8(2.5), Some(Variant::R8(0.1))),
        plain("ArrD", Variant::vector(Elements::R8(vec![1.5, 2.5])), None),
        plain("ArrB", Variant::vector(Elements::Ui1(vec![9, 8, 7])), None),
        plain("ArrS", Variant::vector(Elements::Bstr(vec!["a".to_owned(), "bc".to_owned()])), None),
        plain("U1", Variant::Ui1(7), Some(Variant::Ui1(1))),
        plain("I8", Variant::I8(-2), None),
    ];
    let request = AddConnectionsRequest {
        provider: PROVIDER.to_owned(),
        qos_type: QosType::Cyclic,
        qos_value: 8,
        state: Activation::Active,
        connections,
    };
    let answer = AddConnectionsResponse { connections: (0x2000..0x200a).map(|id| added(id, HResult::S_OK)).collect() };
    book.request_named::<AddConnections>("AccoMgt.AddConnections(SRT,fragmented) request", request);
    book.reply_named::<AddConnections>("AccoMgt.AddConnections(SRT,fragmented) response", answer, HResult::S_OK);

    let both = vec![0x1001, 0x1002];
    let request = SetActivationStateRequest { state: Activation::Passive, cons_ids: both.clone() };
    book.call::<SetActivationState>("AccoMgt", request, results(2));
    book.call::<GetInfo>("AccoMgt", (), Info { max: 200, current: 7 });
    let id = |cons_id| GetIdOut { cons_id, state: Activation::Active, version: 1, hr: HResult::S_OK };
    book.call::<GetIds>("AccoMgt", (), GetIdsResponse { ids: vec![id(0x1001), id(0x1002)] });

    let ends = [
        ("Mixer.Speed", "Valve.SetSpeed", Variant::I2(-5), Some(Variant::I2(10))),
        ("Mixer.Ready", "Valve.Enable", Variant::Bool(false), None),
    ];
    let got = ends.iter().map(|(provider_item, consumer_item, substitute, epsilon)| GetConnectionOut {
        provider: PROVIDER.to_owned(),
        provider_item: (*provider_item).to_owned(),
        consumer_item: (*consumer_item).to_owned(),
        substitute: Some(substitute.clone()),
        epsilon: epsilon.clone(),
        qos_type: QosType::Acyclic,
        qos_value: 500,
        state: Activation::Active,
        persistence: Persistence::Persistent,
        version: 1,
        hr: HResult::S_OK,
    });
    let got: Vec<_> = got.collect();
    let consumed = got.iter().cloned().map(|c| GetConsConnectionOut {
        provider: c.provider,
        provider_item: c.provider_item,
        consumer_item: c.consumer_item,
        substitute: c.substitute,
        epsilon: c.epsilon,
        qos_type: c.qos_type,
        qos_value: c.qos_value,
        state: c.state,
        persistence: c.persistence,
        hr: c.hr,
    });
    let consumed = GetConsConnectionsResponse { connections: consumed.collect() };
    let ids = ConsIds { cons_ids: both.clone() };
    book.call::<GetConnections>("AccoMgt", ids.clone(), GetConnectionsResponse { connections: got });
    let request = ReviseQosRequest { rtauto: "Valve".to_owned(), qos_type: QosType::Cyclic, qos_value: 9 };
    book.call::<ReviseQos>("AccoMgt", request, QosValue { value: 8 });
    book.call::<GetPingFactor>("AccoMgt", (), PingFactor { factor: 10 });
    book.call::<PutPingFactor>("AccoMgt", PingFactor { factor: 5 }, ());
    book.call::<GetCdbCookie>("AccoMgt", (), Cookie { cookie: 0x00c0_0c1e });
    book.call::<GetConsIds>("AccoMgt2", (), GetConsIdsResponse { cons_ids: both });
    book.call::<GetConsConnections>("AccoMgt2", ids, consumed);

    book.call::<GetProvIds>("AccoMgt2", (), GetProvIdsResponse { prov_ids: vec![0x9001] });
    let provided = |provider_item: &str, cons_id, epsilon| GetProvConnectionOut {
        consumer: CONSUMER.to_owned(),
        provider_item: provider_item.to_owned(),
        cons_id,
        epsilon,
        qos_type: QosType::Acyclic,
        qos_value: 500,
        state: Activation::Active,
        hr: HResult::S_OK,
    };
    let connections =
        vec![provided("Mixer.Speed", 0x1001, Some(Variant::I2(10))), provided("Mixer.Ready", 0x1002, None)];
    book.call::<GetProvConnections>(
        "AccoMgt2",
        ProvIds { prov_ids: vec![0x9001, 0x9002] },
        GetProvConnectionsResponse { connections },
    );
    book.call::<RemoveConnections>("AccoMgt", ConsIds { cons_ids: vec![0x2000] }, results(1));
    book.call::<ClearConnections>("AccoMgt", (), ());
}

fn direct_access(book: &mut Book) {
    use acco_sync::*;
    let items = vec!["Valve.SetSpeed".to_owned(), "Valve.Enable".to_owned()];
    let time = FileTime(130_604_392_058_178_781);
    let value = |value| ReadItemOut { value: Some(value), quality: Quality::GOOD, time, hr: HResult::S_OK };
    let read = ReadItemsResponse { items: vec![value(Variant::I2(-7)), value(Variant::Bool(true))] };
    book.call::<ReadItems>("AccoSync", ReadItemsRequest { items: items.clone() }, read);
    let values = [Variant::I2(42), Variant::Bool(true)];
    let pairs = || items.iter().cloned().zip(values.iter().cloned().map(Some));
    let plain = pairs().map(|(item, value)| WriteItemIn { item, value }).collect();
    let written = || WriteItemsResponse { results: vec![HResult::S_OK; 2] };
    book.call::<WriteItems>("AccoSync", WriteItemsRequest { items: plain }, written());
    let qualities = [Quality::GOOD, Quality::UNCERTAIN_SUBSTITUTE];
    let full = pairs().zip(qualities).map(|((item, value), quality)| WriteItemQcdIn { item, value, quality, time });
    book.call::<WriteItemsQcd>("AccoSync", WriteItemsQcdRequest { items: full.collect() }, written());
}

/// The callback object of the consumer, as a provider gets it.
fn callback(interface: Interface) -> Option<Vec<u8>> {
    let ipid = format!("a00b{:04x}-0003-1234-8000-000000000001", interface.iid().first() & 0xffff);
    objref(interface, 0x1122_3344_0000_000b, 0x5566_7788_0000_0b03, &ipid, "192.168.0.11")
}

/// Data buffer with I2 1234 for ConsID 1001 and BOOL true for 1002 (hexadecimal).
const DATA: [u8; 22] = [1, 0, 2, 0, 9, 0, 1, 0x10, 0, 0, 0x80, 0xd2, 0x04, 9, 0, 2, 0x10, 0, 0, 0x80, 0xff, 0xff];

fn provider(book: &mut Book) {
    use acco_server::*;
    let connected = |id, first_connect| ConnectResponse {
        first_connect,
        connections: vec![
            ConnectOut { prov_id: id, hr: HResult::S_OK },
            ConnectOut { prov_id: id + 1, hr: HResult::S_OK },
        ],
    };
    let item = |name: &str, data_type, epsilon, cons_id| ConnectIn {
        provider_item: format!("Mixer.{name}"),
        data_type,
        epsilon,
        cons_id,
    };
    let request = ConnectRequest {
        consumer: CONSUMER.to_owned(),
        qos_type: QosType::Acyclic,
        qos_value: 500,
        state: Activation::Active,
        callback: callback(Interface::AccoCallback),
        connections: vec![
            item("Speed", VarType::I2, Some(Variant::I2(10)), 0x1001),
            item("Ready", VarType::BOOL, None, 0x1002),
        ],
    };
    book.call::<Connect>("AccoServer", request, connected(0x9001, true));
    let item = |name: &str, type_desc: &[u16], epsilon, cons_id| Connect2In {
        provider_item: format!("Mixer.{name}"),
        type_desc: type_desc.to_vec(),
        epsilon,
        cons_id,
    };
    let request = Connect2Request {
        consumer: CONSUMER.to_owned(),
        qos_type: QosType::AcyclicStatus,
        qos_value: 1000,
        state: Activation::Active,
        callback: callback(Interface::AccoCallback2),
        connections: vec![
            item("Level", &[4], Some(Variant::R4(0.5)), 0x1003),
            item("Arr", &[0x2003, 1, 3], None, 0x1004),
        ],
    };
    book.call::<Connect2>("AccoServer2", request, connected(0x9003, false));
    let data = acco_callback::OnDataChangedRequest { data: DATA.to_vec() };
    book.call::<acco_callback::OnDataChanged>("AccoCallback", data, ());
    book.call::<acco_callback::Gnip>("AccoCallback2", (), ());
    book.call::<Ping>("AccoServer", partner(), ());
    book.call::<GetConnectionData>("AccoServer2", partner(), GetConnectionDataResponse { data: DATA.to_vec() });
    let request = SetActivationRequest { state: Activation::Passive, prov_ids: vec![0x9001, 0x9002] };
    book.call::<SetActivation>("AccoServer", request, results(2));
    book.call::<Disconnect>("AccoServer", acco_mgt::ProvIds { prov_ids: vec![0x9001] }, results(1));
    book.call::<DisconnectMe>("AccoServer", partner(), ());
}

fn provider_cyclic(book: &mut Book) {
    use acco_server_srt::*;
    let object = "AccoServerSRT";
    let request = ConnectCrRequest {
        consumer: CONSUMER.to_owned(),
        qos_type: QosType::Cyclic,
        qos_value: 8,
        callback: callback(Interface::AccoCallback),
        consumer_mac: [2, 0, 0, 0, 0, 0x0b],
        flags: 0,
        crs: vec![ConnectCrIn { consumer_cr_id: 0xc010, length: 16 }],
    };
    let answer = ConnectCrResponse {
        first_connect: true,
        provider_mac: [2, 0, 0, 0, 0, 0x0c],
        crs: vec![ConnectCrOut { prov_cr_id: 0x51, hr: HResult::S_OK }],
    };
    book.call::<ConnectCr>(object, request, answer);
    let record = |name: &str, vt: VarType, cons_id, record_length| ConnectIn {
        provider_item: format!("Mixer.{name}"),
        type_desc: vec![vt.0],
        cons_id,
        record_length,
    };
    let request = ConnectRequest {
        prov_cr_id: 0x51,
        state: Activation::Active,
        last_connect: true,
        connections: vec![record("Speed", VarType::I2, 0x2000, 5), record("Level", VarType::R4, 0x2001, 7)],
    };
    let connected = |prov_id| acco_server::ConnectOut { prov_id, hr: HResult::S_OK };
    let answer = ConnectResponse { connections: vec![connected(0xa001), connected(0xa002)] };
    book.call::<Connect>(object, request, answer);
    let request = acco_server::SetActivationRequest { state: Activation::Active, prov_ids: vec![0xa001, 0xa002] };
    book.call::<SetActivation>(object, request, results(2));
    book.call::<Disconnect>(object, acco_mgt::ProvIds { prov_ids: vec![0xa001] }, results(1));
    book.call::<DisconnectCr>(object, ProvCrIds { prov_cr_ids: vec![0x51] }, results(1));
    book.call::<DisconnectMe>(object, partner(), ());
}

/// Two calls that only the second capture holds: one crashes tshark, the other it does not know.
#[test]
fn diagnosis_calls_of_the_quirks_capture() {
    use acco_mgt::*;
    let capture = frames::Capture::open("cba-example-quirks.pcap");
    let ids = ConsIds { cons_ids: vec![0x1001, 0x1002] };
    both_ways("DiagConsConnections request", capture.stub(169), ORPC_THIS, &ids);
    let element = |state, persistence, version, error_state| DiagConsConnectionOut {
        state,
        persistence,
        version,
        error_state,
        hr: HResult::S_OK,
    };
    let out = DiagConsConnectionsResponse {
        connections: vec![
            element(Activation::Active, Persistence::Persistent, 1, HResult::S_OK),
            element(Activation::Active, Persistence::Persistent, 1, HResult::CBA_S_ESTABLISHING),
        ],
    };
    both_ways("DiagConsConnections response", capture.stub(170), ORPC_THAT, &plantweave::wire::cba::Reply::ok(out));
    let request = GetDiagnosisRequest { request: DiagnosisRequest::Statistic, data: vec![1, 2, 3, 4] };
    both_ways("GetDiagnosis request", capture.stub(175), ORPC_THIS, &request);
}
