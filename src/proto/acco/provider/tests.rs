//! Scripts of calls and times in, transcripts of actions out.

use std::fmt::Write as _;

use super::*;
use crate::proto::acco::fixture::{Items, ms, recipe};
use crate::wire::VarType;
use crate::wire::cba::acco_server::{Connect2In, Connect2Request, ConnectIn, ConnectRequest};
use crate::wire::cba::data_buffer::DataBuffer;
use crate::wire::cba::{QosType, TypeDesc};
use crate::wire::variant::Elements;

const PUMP: &str = "192.168.0.11!Pump";

fn item(name: &str, data_type: VarType, epsilon: Option<Variant>, cons_id: u32) -> ConnectIn {
    ConnectIn { provider_item: name.to_owned(), data_type, epsilon, cons_id }
}

fn request(connections: Vec<ConnectIn>) -> ConnectRequest {
    ConnectRequest {
        consumer: PUMP.to_owned(),
        qos_type: QosType::Acyclic,
        qos_value: 100,
        state: Activation::Active,
        callback: Some(b"callback".to_vec()),
        connections,
    }
}

fn speed_and_ready() -> Vec<ConnectIn> {
    vec![
        item("Mixer.Speed", VarType::I2, Some(Variant::I2(10)), 0x1001),
        item("Mixer.Ready", VarType::BOOL, None, 0x1002),
    ]
}

/// `1001=80:0500 1002=80:ffff` for each call, in order, and what was dropped.
fn transcript(actions: &[ProviderAction]) -> String {
    let mut text = String::new();
    for action in actions {
        match action {
            ProviderAction::OnDataChanged { call, data, .. } => {
                write!(text, "call {}:", call.0).unwrap();
                for item in DataBuffer::parse(data).unwrap().items {
                    let hex: String = item.data.iter().map(|byte| format!("{byte:02x}")).collect();
                    write!(text, " {:x}={:02x}:{hex}", item.cons_id.unwrap(), item.quality.0).unwrap();
                }
                text.push('\n');
            }
            ProviderAction::Dropped { consumer } => writeln!(text, "dropped {consumer}").unwrap(),
        }
    }
    text
}

/// A provider with Speed and Ready connected and the first values delivered.
fn running(items: &Items) -> Provider {
    let mut provider = Provider::new(ProviderLimits::default());
    assert_eq!(provider.connect(ms(0), &request(speed_and_ready()), items).hr, HResult::S_OK);
    assert_eq!(transcript(&provider.poll(ms(0), items)), "call 1: 1001=80:0000 1002=80:0000\n");
    provider.done(ms(5), CallId(1), true);
    provider
}

#[test]
fn first_values_at_once_then_changes_beyond_epsilon() {
    let mut items = Items::new();
    let mut provider = running(&items);
    assert_eq!(provider.next_due(), Some(ms(100)));
    assert_eq!(transcript(&provider.poll(ms(50), &items)), "");
    assert_eq!(transcript(&provider.poll(ms(100), &items)), "", "nothing changed");
    items.set("Mixer.Speed", Variant::I2(10));
    items.set("Mixer.Ready", Variant::Bool(true));
    assert_eq!(transcript(&provider.poll(ms(150), &items)), "", "not due");
    assert_eq!(transcript(&provider.poll(ms(200), &items)), "call 2: 1002=80:ffff\n", "10 is not more than 10");
    provider.done(ms(201), CallId(2), true);
    items.set("Mixer.Speed", Variant::I2(11));
    assert_eq!(transcript(&provider.poll(ms(300), &items)), "call 3: 1001=80:0b00\n");
    provider.done(ms(301), CallId(3), true);
    items.set_quality(Quality::BAD_OUT_OF_SERVICE);
    assert_eq!(transcript(&provider.poll(ms(400), &items)), "call 4: 1001=1c:0b00 1002=1c:ffff\n");
}

#[test]
fn one_call_at_a_time_and_the_latest_value_wins() {
    let mut items = Items::new();
    let mut provider = Provider::new(ProviderLimits::default());
    provider.connect(ms(0), &request(speed_and_ready()), &items);
    assert_eq!(transcript(&provider.poll(ms(0), &items)), "call 1: 1001=80:0000 1002=80:0000\n");
    items.set("Mixer.Speed", Variant::I2(100));
    assert_eq!(transcript(&provider.poll(ms(100), &items)), "", "call 1 is under way");
    items.set("Mixer.Speed", Variant::I2(200));
    assert_eq!(transcript(&provider.poll(ms(200), &items)), "");
    provider.done(ms(250), CallId(1), true);
    assert_eq!(provider.next_due(), Some(Duration::ZERO));
    assert_eq!(transcript(&provider.poll(ms(250), &items)), "call 2: 1001=80:c800\n");
}

#[test]
fn failed_calls_are_repeated_twice_then_the_consumer_is_dropped() {
    let items = Items::new();
    let mut provider = Provider::new(ProviderLimits::default());
    provider.connect(ms(0), &request(speed_and_ready()), &items);
    let first = provider.poll(ms(0), &items);
    assert_eq!(transcript(&first), "call 1: 1001=80:0000 1002=80:0000\n");
    provider.done(ms(10), CallId(1), false);
    assert_eq!(transcript(&provider.poll(ms(500), &items)), "", "pause of one second");
    assert_eq!(transcript(&provider.poll(ms(1010), &items)), "call 2: 1001=80:0000 1002=80:0000\n");
    provider.done(ms(1020), CallId(2), false);
    assert_eq!(transcript(&provider.poll(ms(2020), &items)), "call 3: 1001=80:0000 1002=80:0000\n");
    provider.done(ms(2030), CallId(3), false);
    assert_eq!(transcript(&provider.poll(ms(2030), &items)), format!("dropped {PUMP}\n"));
    assert_eq!(provider.n_connections(), 0);
    assert_eq!(provider.ping(PUMP).hr, HResult::CBA_S_NOCONNECTION);
    assert_eq!(provider.next_due(), None);
    provider.done(ms(2040), CallId(3), true);
}

#[test]
fn every_item_is_checked_for_itself() {
    let items = Items::new();
    let mut provider = Provider::new(ProviderLimits { array_bytes: 8, ..ProviderLimits::default() });
    let demands = vec![
        item("Mixer.Speed", VarType::I2, None, 1),
        item("Mixer.Speed", VarType::I4, None, 2),
        item("Mixer.Speed", VarType::I2, Some(Variant::I2(-1)), 3),
        item("Mixer.Gone", VarType::I2, None, 4),
        item("Oven.Speed", VarType::I2, None, 5),
        item("Speed", VarType::I2, None, 6),
        item("Valve.SetSpeed", VarType::I2, None, 7),
        item("Mixer.Arr", VarType::I4.array(), None, 8),
        item("Mixer.Ready", VarType::BOOL, None, 0),
    ];
    let reply = provider.connect(ms(0), &request(demands), &items);
    assert_eq!(reply.hr, HResult::S_FALSE);
    assert!(reply.out.first_connect);
    let results: Vec<_> = reply.out.connections.iter().map(|c| (c.prov_id, c.hr)).collect();
    let expected = [
        (1, HResult::S_OK),
        (0, HResult::CBA_E_TYPEMISMATCH),
        (0, HResult::CBA_E_INVALIDEPSILON),
        (0, HResult::CBA_E_UNKNOWNMEMBER),
        (0, HResult::CBA_E_UNKNOWNOBJECT),
        (0, HResult::CBA_E_MALFORMED),
        (0, HResult::CBA_E_ACCESSBLOCKED),
        (0, HResult::CBA_E_ITEMTOOLARGE),
        (0, HResult::CBA_E_INVALIDID),
    ];
    assert_eq!(results, expected);
}

#[test]
fn calls_wrong_as_a_whole_connect_nothing() {
    let items = Items::new();
    let mut provider = Provider::new(ProviderLimits::default());
    let mut check = |change: fn(&mut ConnectRequest), hr| {
        let mut request = request(speed_and_ready());
        change(&mut request);
        assert_eq!(provider.connect(ms(0), &request, &items), Reply::only(hr));
        assert_eq!(provider.consumers().count(), 0);
    };
    check(|r| r.consumer = "Pump".to_owned(), HResult::CBA_E_MALFORMED);
    check(|r| r.callback = None, HResult::E_POINTER);
    check(|r| r.qos_type = QosType::Cyclic, HResult::CBA_E_QOSTYPENOTAPPLICABLE);
    check(|r| r.qos_type = QosType::Other(9), HResult::CBA_E_QOSTYPEUNSUPPORTED);
    check(|r| r.qos_value = 0, HResult::CBA_E_QOSVALUEUNSUPPORTED);
    check(|r| r.state = Activation::Other(7), HResult::CBA_E_INVALIDENUMVALUE);
}

#[test]
fn limits_have_codes_of_their_own() {
    let items = Items::new();
    let limits = ProviderLimits { connections: 1, partners: 1, bytes: 100, array_bytes: 100 };
    let mut provider = Provider::new(limits);
    let reply = provider.connect(ms(0), &request(speed_and_ready()), &items);
    assert_eq!(reply.out.connections[1].hr, HResult::CBA_E_COUNTEXCEEDED);
    let stranger = ConnectRequest { consumer: "192.168.0.13!Other".to_owned(), ..request(speed_and_ready()) };
    assert_eq!(provider.connect(ms(0), &stranger, &items).hr, HResult::CBA_E_OUTOFPARTNERACCOS);
    let mut provider = Provider::new(ProviderLimits { bytes: 3, ..ProviderLimits::default() });
    let reply = provider.connect(ms(0), &request(speed_and_ready()), &items);
    assert_eq!(reply.out.connections[1].hr, HResult::CBA_E_SIZEEXCEEDED);
    provider.disconnect(&[1]);
    assert_eq!(provider.connect(ms(0), &request(speed_and_ready()[1..].to_vec()), &items).hr, HResult::S_OK);
}

#[test]
fn a_tool_that_watches_takes_nothing_from_the_links() {
    let items = Items::new();
    let limits = ProviderLimits { connections: 2, partners: 1, bytes: 4, ..ProviderLimits::default() };
    let mut provider = Provider::new(limits);
    let tool = |consumer: &str| ConnectRequest {
        consumer: consumer.to_owned(),
        qos_type: QosType::AcyclicHmi,
        ..request(speed_and_ready())
    };
    for consumer in ["192.168.0.1!tool-1", "192.168.0.2!tool-2"] {
        assert_eq!(provider.connect(ms(0), &tool(consumer), &items).hr, HResult::S_OK);
    }
    assert_eq!(provider.in_use(), ProviderUse::default());
    assert_eq!(provider.connect(ms(0), &request(speed_and_ready()), &items).hr, HResult::S_OK);
    assert_eq!(provider.in_use(), ProviderUse { connections: 2, partners: 1, bytes: 4 });
    let again = provider.connect(ms(0), &request(speed_and_ready()), &items);
    assert_eq!(again.hr, HResult::S_OK, "in the place of those before");
    provider.disconnect_me("192.168.0.1!tool-1");
    provider.disconnect_me(PUMP);
    assert_eq!((provider.in_use(), provider.n_connections()), (ProviderUse::default(), 2));
}

#[test]
fn extended_types_and_fetched_data() {
    let mut items = Items::new();
    let mut provider = Provider::new(ProviderLimits::default());
    let item = |name: &str, words: &[u16], cons_id| Connect2In {
        provider_item: name.to_owned(),
        type_desc: words.to_vec(),
        epsilon: None,
        cons_id,
    };
    let request = Connect2Request {
        consumer: PUMP.to_owned(),
        qos_type: QosType::AcyclicHmi,
        qos_value: 500,
        state: Activation::Active,
        callback: None,
        connections: vec![
            item("Mixer.Arr", &[0x2003, 1, 3], 1),
            item("Mixer.Recipe", &[29, 2, 4, 11], 2),
            item("Mixer.Recipe", &[29, 2, 4, 2], 3),
            item("Mixer.Arr", &[0x2003, 1, 4], 4),
            item("Mixer.Arr", &[0x2003], 5),
        ],
    };
    let reply = provider.connect2(ms(0), &request, &items);
    let results: Vec<_> = reply.out.connections.iter().map(|c| c.hr).collect();
    let expected = [
        HResult::S_OK,
        HResult::S_OK,
        HResult::CBA_E_SUBELEMENTMISMATCH,
        HResult::CBA_E_TYPEMISMATCH,
        HResult::CBA_E_MALFORMED,
    ];
    assert_eq!(results, expected);
    assert_eq!(provider.poll(ms(0), &items), []);
    assert_eq!(provider.next_due(), None, "nobody to call");
    items.set("Mixer.Recipe", recipe(1.5, true));
    items.set("Mixer.Arr", Variant::vector(Elements::I4(vec![1, 2, 3])));
    let data = provider.connection_data(PUMP, &items).out.data;
    let buffer = DataBuffer::parse(&data).unwrap();
    assert_eq!(buffer.items[0].data, [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
    let desc = TypeDesc::from_words(&[29, 2, 4, 11]).unwrap();
    assert_eq!(desc.decode(buffer.items[1].data), Ok(recipe(1.5, true)));
    assert_eq!(provider.connection_data("a!b", &items).hr, HResult::CBA_S_NOCONNECTION);
}

#[test]
fn activation_is_per_connection() {
    let mut items = Items::new();
    let mut provider = running(&items);
    let request = |state| SetActivationRequest { state, prov_ids: vec![1, 77] };
    let reply = provider.set_activation(&request(Activation::Passive));
    assert_eq!((reply.hr, reply.out.results[1]), (HResult::S_FALSE, HResult::CBA_E_INVALIDID));
    items.set("Mixer.Speed", Variant::I2(500));
    assert_eq!(transcript(&provider.poll(ms(100), &items)), "");
    provider.set_activation(&request(Activation::Active));
    assert_eq!(transcript(&provider.poll(ms(150), &items)), "call 2: 1001=80:f401\n", "at once");
    let bad = SetActivationRequest { state: Activation::Other(2), prov_ids: vec![1] };
    assert_eq!(provider.set_activation(&bad).hr, HResult::CBA_E_INVALIDENUMVALUE);
}

#[test]
fn a_consumer_that_comes_again_replaces_its_connections() {
    let items = Items::new();
    let mut provider = running(&items);
    let again = ConnectRequest { qos_value: 500, callback: Some(b"other".to_vec()), ..request(speed_and_ready()) };
    let reply = provider.connect(ms(50), &again, &items);
    assert!(!reply.out.first_connect);
    assert_eq!(provider.prov_ids().out.prov_ids, [3, 4]);
    let ProviderAction::OnDataChanged { callback, .. } = &provider.poll(ms(50), &items)[0] else { panic!() };
    assert_eq!(&**callback, b"other");
    assert_eq!(provider.next_due(), Some(ms(550)));
    let reply = provider.prov_connections(&[4, 9]);
    assert_eq!(reply.hr, HResult::S_FALSE);
    assert_eq!((reply.out.connections[0].qos_value, reply.out.connections[0].cons_id), (500, 0x1002));
    assert_eq!(reply.out.connections[1].hr, HResult::CBA_E_INVALIDID);
}

#[test]
fn disconnecting_ends_in_silence() {
    let items = Items::new();
    let mut provider = running(&items);
    assert_eq!(provider.disconnect(&[1]).hr, HResult::S_OK);
    assert_eq!(provider.ping(PUMP).hr, HResult::S_OK);
    assert_eq!(provider.disconnect(&[2, 2]).hr, HResult::S_FALSE);
    assert_eq!(transcript(&provider.poll(ms(10), &items)), format!("dropped {PUMP}\n"));
    assert_eq!(provider.next_due(), None);
    let mut provider = running(&items);
    assert_eq!(provider.disconnect_me(PUMP).hr, HResult::S_OK);
    assert_eq!(provider.disconnect_me(PUMP).hr, HResult::CBA_S_NOCONNECTION);
    let reply = provider.connect(ms(10), &request(speed_and_ready()), &items);
    assert!(reply.out.first_connect, "nothing was left");
}

#[test]
fn what_does_not_fit_one_call_goes_into_the_next() {
    let mut items = Items::new();
    items.set("Mixer.Text", Variant::Bstr("x".repeat(8_000)));
    let mut provider = Provider::new(ProviderLimits::default());
    let texts = (1..=5).map(|cons_id| item("Mixer.Text", VarType::BSTR, None, cons_id)).collect();
    provider.connect(ms(0), &request(texts), &items);
    let sizes = |actions: &[ProviderAction]| match actions {
        [ProviderAction::OnDataChanged { data, .. }] => DataBuffer::parse(data).unwrap().items.len(),
        _ => 0,
    };
    assert_eq!(sizes(&provider.poll(ms(0), &items)), 3);
    provider.done(ms(1), CallId(1), true);
    assert_eq!(sizes(&provider.poll(ms(1), &items)), 2);
}

/// Only groups that are due are sampled, and ten thousand items take one call a tick.
#[test]
fn many_items_in_one_group() {
    let mut items = Items::new();
    let mut provider = Provider::new(ProviderLimits::default());
    let many = (1..=2_000).map(|cons_id| item("Mixer.Speed", VarType::I2, None, cons_id)).collect();
    provider.connect(ms(0), &request(many), &items);
    let mut sent = 0;
    for tick in 0..26_u64 {
        items.set("Mixer.Speed", Variant::I2(i16::try_from(tick).unwrap()));
        for action in provider.poll(ms(tick * 100), &items) {
            let ProviderAction::OnDataChanged { call, data, .. } = action else { panic!() };
            sent += DataBuffer::parse(&data).unwrap().items.len();
            provider.done(ms(tick * 100 + 1), call, true);
        }
    }
    assert_eq!(sent, 26 * 2_000);
}
