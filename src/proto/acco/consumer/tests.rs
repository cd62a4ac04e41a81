//! Scripts of calls and times in, transcripts of actions out.

use std::fmt::Write as _;

use super::*;
use crate::proto::acco::fixture::{Items, ms, recipe};
use crate::wire::cba::acco_mgt::{
    AddConnectionIn, AddConnectionsRequest, GetDiagnosisRequest, Results, ReviseQosRequest, SetActivationStateRequest,
};
use crate::wire::cba::acco_server::{ConnectOut, ConnectResponse};
use crate::wire::cba::data_buffer::DataBufferWriter;
use crate::wire::cba::enums::DiagnosisRequest;
use crate::wire::cba::{Persistence, Qos};
use crate::wire::variant::Elements;

const FILLER: &str = "192.168.0.12!Filler";

fn consumer() -> Consumer {
    Consumer::new("192.168.0.11!Pump", ConsumerLimits::default(), QosSupport::default())
}

fn element(provider_item: &str, consumer_item: &str, substitute: Option<Variant>) -> AddConnectionIn {
    AddConnectionIn {
        provider_item: provider_item.to_owned(),
        consumer_item: consumer_item.to_owned(),
        persistence: Persistence::Persistent,
        substitute,
        epsilon: None,
    }
}

fn request(connections: Vec<AddConnectionIn>) -> AddConnectionsRequest {
    AddConnectionsRequest {
        provider: FILLER.to_owned(),
        qos_type: QosType::Acyclic,
        qos_value: 500,
        state: Activation::Active,
        connections,
    }
}

fn speed_and_ready() -> AddConnectionsRequest {
    request(vec![
        element("Mixer.Speed", "Valve.SetSpeed", Some(Variant::I2(-5))),
        element("Mixer.Ready", "Valve.Enable", None),
    ])
}

fn transcript(actions: &[ConsumerAction], items: &Items) -> String {
    let mut text = String::new();
    for action in actions {
        match action {
            ConsumerAction::Call(call) => {
                write!(text, "{} {}{}", call.request.0, call.provider, if call.local { " (local)" } else { "" })
                    .unwrap();
                match &call.call {
                    ProviderCall::Connect { qos, items } => {
                        let items: Vec<_> =
                            items.iter().map(|i| format!("{} {}", i.cons_id, i.provider_item)).collect();
                        write!(text, " connect {qos} [{}]", items.join(", ")).unwrap();
                    }
                    ProviderCall::Disconnect { prov_ids } => write!(text, " disconnect {prov_ids:?}").unwrap(),
                    ProviderCall::DisconnectMe => text.push_str(" disconnect me"),
                    ProviderCall::SetActivation { state, prov_ids } => {
                        write!(text, " {state} {prov_ids:?}").unwrap();
                    }
                    ProviderCall::Ping => text.push_str(" ping"),
                }
                text.push('\n');
            }
            ConsumerAction::Deliver { item, value, quality } => {
                let value = value.as_ref().map_or("kept".to_owned(), ToString::to_string);
                writeln!(text, "{} = {value} {:02x}", items.name(*item), quality.0).unwrap();
            }
            ConsumerAction::Release { item } => writeln!(text, "{} released", items.name(*item)).unwrap(),
            ConsumerAction::PartnerGone { provider } => writeln!(text, "{provider} gone").unwrap(),
        }
    }
    text
}

fn connected(first_connect: bool, prov_ids: &[u32]) -> Outcome {
    let connections = prov_ids
        .iter()
        .map(|prov_id| match prov_id {
            0 => ConnectOut { prov_id: 0, hr: HResult::CBA_E_UNKNOWNMEMBER },
            prov_id => ConnectOut { prov_id: *prov_id, hr: HResult::S_OK },
        })
        .collect();
    Outcome::Connected(Reply::ok(ConnectResponse { first_connect, connections }))
}

fn data(values: &[(u32, Quality, &[u8])]) -> Vec<u8> {
    let mut w = DataBufferWriter::new(Version::Dcom);
    for (cons_id, quality, bytes) in values {
        assert!(w.push(*cons_id, *quality, |out| out.extend_from_slice(bytes)));
    }
    w.into_bytes()
}

fn error_states(consumer: &Consumer) -> Vec<HResult> {
    consumer.records().map(|(_, error_state)| error_state).collect()
}

/// Speed (ConsID 1, ProvID 10) and Ready (2, 11) run; the next request has number 2.
fn running(items: &Items) -> Consumer {
    let mut consumer = consumer();
    let reply = consumer.add_connections(&speed_and_ready(), items);
    assert_eq!(reply.out.connections[0].hr, HResult::CBA_S_ESTABLISHING);
    consumer.poll(ms(0));
    consumer.done(ms(10), RequestId(1), connected(true, &[10, 11]));
    consumer.poll(ms(10));
    let values = data(&[(1, Quality::GOOD, &[0xd2, 0x04]), (2, Quality::GOOD, &[0xff, 0xff])]);
    assert_eq!(consumer.data_changed(&values).hr, HResult::S_OK);
    let text = transcript(&consumer.poll(ms(20)), items);
    assert_eq!(text, "Valve.SetSpeed = 1234 80\nValve.Enable = true 80\n");
    assert_eq!(error_states(&consumer), [HResult::S_OK; 2]);
    consumer
}

#[test]
fn from_record_to_values() {
    let items = Items::new();
    let mut consumer = consumer();
    let reply = consumer.add_connections(&speed_and_ready(), &items);
    assert_eq!(reply.hr, HResult::S_OK);
    let out: Vec<_> = reply.out.connections.iter().map(|c| (c.cons_id, c.version, c.hr)).collect();
    assert_eq!(out, [(1, 1, HResult::CBA_S_ESTABLISHING), (2, 1, HResult::CBA_S_ESTABLISHING)]);
    assert_eq!(consumer.next_due(), Some(Duration::ZERO));
    assert_eq!(
        transcript(&consumer.poll(ms(0)), &items),
        "Valve.SetSpeed = -5 48\n\
         Valve.Enable = kept 1c\n\
         1 192.168.0.12!Filler connect acyclic 500 ms [1 Mixer.Speed, 2 Mixer.Ready]\n"
    );
    assert_eq!(error_states(&consumer), [HResult::CBA_S_ESTABLISHING; 2]);
    assert_eq!(consumer.next_due(), None, "waiting for the answer");
    consumer.done(ms(10), RequestId(1), connected(true, &[10, 11]));
    assert_eq!(transcript(&consumer.poll(ms(10)), &items), "");
    assert_eq!(error_states(&consumer), [HResult::CBA_S_NOCONNECTIONDATA; 2]);
    assert_eq!(consumer.next_due(), Some(ms(10_010)), "ping");
    consumer.data_changed(&data(&[(1, Quality::GOOD, &[1, 0])]));
    assert_eq!(transcript(&consumer.poll(ms(20)), &items), "Valve.SetSpeed = 1 80\n");
    assert_eq!(error_states(&consumer), [HResult::S_OK, HResult::CBA_S_NOCONNECTIONDATA]);
}

#[test]
fn values_may_overtake_the_answer_to_connect() {
    let items = Items::new();
    let mut consumer = consumer();
    consumer.add_connections(&speed_and_ready(), &items);
    consumer.poll(ms(0));
    assert_eq!(consumer.data_changed(&data(&[(1, Quality::GOOD, &[1, 0])])).hr, HResult::S_OK);
    assert_eq!(transcript(&consumer.poll(ms(5)), &items), "Valve.SetSpeed = 1 80\n");
    consumer.done(ms(10), RequestId(1), connected(true, &[10, 11]));
    assert_eq!(error_states(&consumer), [HResult::S_OK, HResult::CBA_S_NOCONNECTIONDATA]);
}

#[test]
fn unreachable_partners_are_tried_every_five_seconds() {
    let items = Items::new();
    let mut consumer = consumer();
    consumer.add_connections(&speed_and_ready(), &items);
    consumer.poll(ms(0));
    for attempt in 1..4_u64 {
        consumer.done(ms(attempt * 6_000), RequestId(attempt), Outcome::Failed(HResult::CBA_E_NONACCESSIBLE));
        assert_eq!(transcript(&consumer.poll(ms(attempt * 6_000)), &items), "", "the substitute is in force");
        assert_eq!(error_states(&consumer), [HResult::CBA_E_NONACCESSIBLE; 2]);
        assert_eq!(consumer.next_due(), Some(ms(attempt * 6_000 + 5_000)));
        assert_eq!(
            transcript(&consumer.poll(ms(attempt * 6_000 + 5_000)), &items),
            format!("{} 192.168.0.12!Filler connect acyclic 500 ms [1 Mixer.Speed, 2 Mixer.Ready]\n", attempt + 1)
        );
    }
}

#[test]
fn refused_items_are_tried_again_alone() {
    let items = Items::new();
    let mut consumer = consumer();
    consumer.add_connections(&speed_and_ready(), &items);
    consumer.poll(ms(0));
    consumer.done(ms(10), RequestId(1), connected(true, &[10, 0]));
    assert_eq!(transcript(&consumer.poll(ms(10)), &items), "");
    assert_eq!(error_states(&consumer), [HResult::CBA_S_NOCONNECTIONDATA, HResult::CBA_E_UNKNOWNMEMBER]);
    assert_eq!(
        transcript(&consumer.poll(ms(5_010)), &items),
        "2 192.168.0.12!Filler connect acyclic 500 ms [2 Mixer.Ready]\n"
    );
    consumer.done(ms(5_020), RequestId(2), Outcome::Connected(Reply::only(HResult::CBA_E_DEFECT)));
    assert_eq!(error_states(&consumer)[1], HResult::CBA_E_DEFECT, "the call's result is that of every item");
}

#[test]
fn ping_finds_a_silent_provider_and_a_restarted_one() {
    let items = Items::new();
    let mut consumer = running(&items);
    assert_eq!(transcript(&consumer.poll(ms(10_010)), &items), "2 192.168.0.12!Filler ping\n");
    consumer.done(ms(10_020), RequestId(2), Outcome::Answered(HResult::S_OK));
    assert_eq!(transcript(&consumer.poll(ms(10_020)), &items), "");
    assert_eq!(transcript(&consumer.poll(ms(20_020)), &items), "3 192.168.0.12!Filler ping\n");
    consumer.done(ms(25_020), RequestId(3), Outcome::Failed(HResult::RPC_E_TIMEOUT));
    assert_eq!(transcript(&consumer.poll(ms(25_020)), &items), "Valve.SetSpeed = -5 48\nValve.Enable = kept 44\n");
    assert_eq!(error_states(&consumer), [HResult::RPC_E_TIMEOUT; 2]);
    let late = data(&[(1, Quality::GOOD, &[1, 0])]);
    assert_eq!(consumer.data_changed(&late).hr, HResult::S_FALSE, "not connected");
    assert_eq!(
        transcript(&consumer.poll(ms(30_020)), &items),
        "4 192.168.0.12!Filler connect acyclic 500 ms [1 Mixer.Speed, 2 Mixer.Ready]\n"
    );
    // The provider still knows us: what it gave us before is given back.
    consumer.done(ms(30_030), RequestId(4), connected(false, &[20, 21]));
    assert_eq!(transcript(&consumer.poll(ms(30_030)), &items), "5 192.168.0.12!Filler disconnect [10, 11]\n");
    consumer.done(ms(30_040), RequestId(5), Outcome::Results(Reply::default()));
    assert_eq!(transcript(&consumer.poll(ms(30_040)), &items), "");
    // It restarted in between and says so.
    consumer.poll(ms(40_040));
    consumer.done(ms(40_050), RequestId(6), Outcome::Answered(HResult::CBA_S_NOCONNECTION));
    assert_eq!(
        transcript(&consumer.poll(ms(40_050)), &items),
        "7 192.168.0.12!Filler connect acyclic 500 ms [1 Mixer.Speed, 2 Mixer.Ready]\n"
    );
}

#[test]
fn ping_can_be_turned_off_and_on() {
    let items = Items::new();
    let mut consumer = running(&items);
    assert_eq!(consumer.ping_factor().out.factor, 10);
    consumer.put_ping_factor(0);
    assert_eq!(consumer.poll(ms(100)), []);
    assert_eq!(consumer.next_due(), None);
    consumer.put_ping_factor(2);
    assert_eq!(consumer.poll(ms(1_000)), []);
    assert_eq!(transcript(&consumer.poll(ms(3_000)), &items), "2 192.168.0.12!Filler ping\n");
}

#[test]
fn first_connect_voids_the_other_groups() {
    let items = Items::new();
    let mut consumer = running(&items);
    let mut other = request(vec![element("Mixer.Level", "Valve.Level", None)]);
    other.qos_value = 100;
    consumer.add_connections(&other, &items);
    assert_eq!(
        transcript(&consumer.poll(ms(100)), &items),
        "Valve.Level = kept 1c\n2 192.168.0.12!Filler connect acyclic 100 ms [3 Mixer.Level]\n"
    );
    consumer.done(ms(110), RequestId(2), connected(true, &[1]));
    assert_eq!(
        transcript(&consumer.poll(ms(110)), &items),
        "Valve.SetSpeed = -5 48\n\
         Valve.Enable = kept 44\n\
         3 192.168.0.12!Filler connect acyclic 500 ms [1 Mixer.Speed, 2 Mixer.Ready]\n"
    );
    assert_eq!(error_states(&consumer)[2], HResult::CBA_S_NOCONNECTIONDATA);
}

#[test]
fn activation_is_told_to_the_provider() {
    let items = Items::new();
    let mut consumer = running(&items);
    let set = |state, cons_ids: &[u32]| SetActivationStateRequest { state, cons_ids: cons_ids.to_vec() };
    let reply = consumer.set_activation_state(&set(Activation::Passive, &[1, 9]));
    assert_eq!((reply.hr, reply.out.results), (HResult::S_FALSE, vec![HResult::S_OK, HResult::CBA_E_INVALIDID]));
    assert_eq!(
        transcript(&consumer.poll(ms(100)), &items),
        "Valve.SetSpeed = -5 48\n2 192.168.0.12!Filler passive [10]\n"
    );
    assert_eq!(error_states(&consumer), [HResult::CBA_S_NOCONNECTION, HResult::S_OK]);
    assert_eq!(consumer.data_changed(&data(&[(1, Quality::GOOD, &[1, 0])])).hr, HResult::S_FALSE);
    let ok = Outcome::Results(Reply::ok(Results { results: vec![HResult::S_OK] }));
    consumer.done(ms(110), RequestId(2), ok);
    consumer.set_activation_state(&set(Activation::Active, &[1]));
    assert_eq!(transcript(&consumer.poll(ms(120)), &items), "3 192.168.0.12!Filler active [10]\n");
    // The provider has forgotten it: connect again.
    let unknown = Outcome::Results(Reply::ok(Results { results: vec![HResult::CBA_E_INVALIDID] }));
    consumer.done(ms(130), RequestId(3), unknown);
    assert_eq!(
        transcript(&consumer.poll(ms(130)), &items),
        "4 192.168.0.12!Filler connect acyclic 500 ms [1 Mixer.Speed]\n"
    );
    let bad = set(Activation::Other(3), &[1]);
    assert_eq!(consumer.set_activation_state(&bad).hr, HResult::CBA_E_INVALIDENUMVALUE);
}

#[test]
fn passive_records_are_only_stored() {
    let items = Items::new();
    let mut consumer = consumer();
    let mut passive = speed_and_ready();
    passive.state = Activation::Passive;
    let reply = consumer.add_connections(&passive, &items);
    assert_eq!(reply.out.connections[0].hr, HResult::CBA_S_PERSISTPENDING);
    assert_eq!(consumer.poll(ms(0)), []);
    assert_eq!(error_states(&consumer), [HResult::CBA_S_NOCONNECTION; 2]);
    let on = SetActivationStateRequest { state: Activation::Active, cons_ids: vec![1] };
    consumer.set_activation_state(&on);
    assert_eq!(
        transcript(&consumer.poll(ms(10)), &items),
        "Valve.SetSpeed = -5 48\n1 192.168.0.12!Filler connect acyclic 500 ms [1 Mixer.Speed]\n"
    );
}

#[test]
fn removing_gives_back_and_releases() {
    let items = Items::new();
    let mut consumer = running(&items);
    assert_eq!(consumer.remove_connections(&[1]).hr, HResult::S_OK);
    assert_eq!(
        transcript(&consumer.poll(ms(100)), &items),
        "Valve.SetSpeed released\n2 192.168.0.12!Filler disconnect [10]\n"
    );
    consumer.done(ms(110), RequestId(2), Outcome::Results(Reply::default()));
    assert_eq!(consumer.remove_connections(&[2, 2]).hr, HResult::S_FALSE);
    assert_eq!(
        transcript(&consumer.poll(ms(120)), &items),
        "Valve.Enable released\n3 192.168.0.12!Filler disconnect [11]\n"
    );
    consumer.done(ms(130), RequestId(3), Outcome::Results(Reply::default()));
    assert_eq!(transcript(&consumer.poll(ms(130)), &items), "192.168.0.12!Filler gone\n");
    assert_eq!((consumer.n_connections(), consumer.next_due()), (0, None));
}

#[test]
fn removed_while_connect_is_under_way() {
    let items = Items::new();
    let mut consumer = consumer();
    consumer.add_connections(&speed_and_ready(), &items);
    consumer.poll(ms(0));
    consumer.remove_connections(&[1]);
    assert_eq!(transcript(&consumer.poll(ms(5)), &items), "Valve.SetSpeed released\n");
    consumer.done(ms(10), RequestId(1), connected(true, &[10, 11]));
    assert_eq!(transcript(&consumer.poll(ms(10)), &items), "2 192.168.0.12!Filler disconnect [10]\n");
}

#[test]
fn clearing_says_farewell_before_anything_new() {
    let items = Items::new();
    let mut consumer = running(&items);
    consumer.clear_connections();
    consumer.add_connections(&request(vec![element("Mixer.Level", "Valve.Level", None)]), &items);
    assert_eq!(
        transcript(&consumer.poll(ms(100)), &items),
        "Valve.SetSpeed released\n\
         Valve.Enable released\n\
         Valve.Level = kept 1c\n\
         2 192.168.0.12!Filler disconnect me\n"
    );
    consumer.done(ms(110), RequestId(2), Outcome::Answered(HResult::S_OK));
    assert_eq!(
        transcript(&consumer.poll(ms(110)), &items),
        "3 192.168.0.12!Filler connect acyclic 500 ms [3 Mixer.Level]\n"
    );
}

#[test]
fn farewell_to_the_dead_ends_after_three_attempts() {
    let items = Items::new();
    let mut consumer = running(&items);
    consumer.clear_connections();
    consumer.poll(ms(0));
    for attempt in 2..5_u64 {
        let now = ms(attempt * 5_000);
        consumer.done(now, RequestId(attempt), Outcome::Failed(HResult::CBA_E_NONACCESSIBLE));
        let text = transcript(&consumer.poll(now), &items);
        if attempt < 4 {
            assert_eq!(text, "");
            let text = transcript(&consumer.poll(now + ms(5_000)), &items);
            assert_eq!(text, format!("{} 192.168.0.12!Filler disconnect me\n", attempt + 1));
        } else {
            assert_eq!(text, "192.168.0.12!Filler gone\n");
        }
    }
    assert_eq!(consumer.next_due(), None);
}

#[test]
fn every_element_is_checked_for_itself() {
    let items = Items::new();
    let limits = ConsumerLimits { array_bytes: 8, ..ConsumerLimits::default() };
    let mut consumer = Consumer::new("192.168.0.11!Pump", limits, QosSupport::default());
    let with = |change: fn(&mut AddConnectionIn)| {
        let mut element = element("Mixer.Speed", "Valve.SetSpeed", None);
        change(&mut element);
        element
    };
    let cases = [
        (with(|e| e.consumer_item = "SetSpeed".to_owned()), HResult::CBA_E_MALFORMED),
        (with(|e| e.provider_item = String::new()), HResult::CBA_E_MALFORMED),
        (with(|e| e.consumer_item = "Oven.SetSpeed".to_owned()), HResult::CBA_E_UNKNOWNOBJECT),
        (with(|e| e.consumer_item = "Valve.Gone".to_owned()), HResult::CBA_E_UNKNOWNMEMBER),
        (with(|e| e.consumer_item = "Mixer.Speed".to_owned()), HResult::CBA_E_ACCESSBLOCKED),
        (with(|e| e.persistence = Persistence::Other(9)), HResult::CBA_E_INVALIDENUMVALUE),
        (with(|e| e.substitute = Some(Variant::I4(1))), HResult::CBA_E_INVALIDSUBSTITUTE),
        (with(|e| e.epsilon = Some(Variant::I2(-1))), HResult::CBA_E_INVALIDEPSILON),
        (with(|e| e.consumer_item = "Valve.Arr".to_owned()), HResult::CBA_E_ITEMTOOLARGE),
        (with(|e| e.substitute = Some(Variant::Empty)), HResult::CBA_S_ESTABLISHING),
        (with(|_| {}), HResult::CBA_E_INVALIDCONNECTION),
    ];
    let (elements, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let cookie = consumer.cdb_cookie().out.cookie;
    let reply = consumer.add_connections(&request(elements), &items);
    assert_eq!(reply.hr, HResult::S_FALSE);
    assert_eq!(reply.out.connections.iter().map(|c| c.hr).collect::<Vec<_>>(), expected);
    assert!(reply.out.connections.iter().all(|c| (c.cons_id == 0) == c.hr.is_failure()));
    assert_eq!(consumer.n_connections(), 1);
    assert_eq!(consumer.cdb_cookie().out.cookie, cookie + 1);
}

#[test]
fn calls_wrong_as_a_whole_store_nothing() {
    let items = Items::new();
    let mut consumer = consumer();
    let mut check = |change: fn(&mut AddConnectionsRequest), hr| {
        let mut request = speed_and_ready();
        change(&mut request);
        let reply = consumer.add_connections(&request, &items);
        assert_eq!(reply.hr, hr);
        assert!(reply.out.connections.iter().all(|c| (c.cons_id, c.hr) == (0, hr)));
        assert_eq!((consumer.n_connections(), consumer.cdb_cookie().out.cookie), (0, 0));
    };
    check(|r| r.provider = "Filler".to_owned(), HResult::CBA_E_MALFORMED);
    check(|r| r.qos_type = QosType::Constant, HResult::CBA_E_MALFORMED);
    check(|r| r.qos_type = QosType::Other(7), HResult::CBA_E_QOSTYPEUNSUPPORTED);
    check(|r| r.qos_value = 7, HResult::CBA_E_QOSVALUEUNSUPPORTED);
    check(|r| r.state = Activation::Other(2), HResult::CBA_E_INVALIDENUMVALUE);
}

#[test]
fn limits_have_codes_of_their_own() {
    let items = Items::new();
    let refused = |limits, request: &AddConnectionsRequest| {
        let mut consumer = Consumer::new("192.168.0.11!Pump", limits, QosSupport::default());
        let first = request_to("192.168.0.13!Other", vec![element("Mixer.Text", "Valve.Text", None)]);
        consumer.add_connections(&first, &items);
        consumer.add_connections(request, &items).out.connections[0].hr
    };
    let all = ConsumerLimits::default();
    let speed = speed_and_ready();
    assert_eq!(refused(ConsumerLimits { connections: 1, ..all }, &speed), HResult::CBA_E_COUNTEXCEEDED);
    assert_eq!(refused(ConsumerLimits { partners: 1, ..all }, &speed), HResult::CBA_E_OUTOFPARTNERACCOS);
    assert_eq!(refused(ConsumerLimits { bytes: 69, ..all }, &speed), HResult::CBA_E_SIZEEXCEEDED);
    assert_eq!(refused(ConsumerLimits { bytes: 70, ..all }, &speed), HResult::CBA_S_ESTABLISHING);
    let mut cyclic = speed_and_ready();
    (cyclic.qos_type, cyclic.qos_value) = (QosType::Cyclic, 10);
    assert_eq!(refused(ConsumerLimits { cyclic: 0, ..all }, &cyclic), HResult::CBA_E_COUNTEXCEEDED);
    let local = request_to("192.168.0.11!Valve", speed_and_ready().connections);
    assert_eq!(refused(ConsumerLimits { partners: 1, ..all }, &local), HResult::CBA_S_ESTABLISHING);
}

fn request_to(provider: &str, connections: Vec<AddConnectionIn>) -> AddConnectionsRequest {
    AddConnectionsRequest { provider: provider.to_owned(), ..request(connections) }
}

#[test]
fn constants_need_no_partner() {
    let items = Items::new();
    let mut consumer = consumer();
    let mut constants = request_to(
        "",
        vec![
            element("", "Valve.SetSpeed", Some(Variant::I2(42))),
            element("", "Valve.Enable", None),
            element("Mixer.Level", "Valve.Level", Some(Variant::R4(1.0))),
            element("", "Valve.Recipe", Some(recipe(2.5, true))),
        ],
    );
    (constants.qos_type, constants.qos_value) = (QosType::Constant, 0);
    let reply = consumer.add_connections(&constants, &items);
    let results: Vec<_> = reply.out.connections.iter().map(|c| c.hr).collect();
    let pending = HResult::CBA_S_PERSISTPENDING;
    assert_eq!(results, [pending, HResult::CBA_E_INVALIDSUBSTITUTE, HResult::CBA_E_MALFORMED, pending]);
    assert_eq!(transcript(&consumer.poll(ms(0)), &items), "Valve.SetSpeed = 42 80\nValve.Recipe = [2.5, true] 80\n");
    assert_eq!(error_states(&consumer), [HResult::S_OK; 2]);
    let set = |state| SetActivationStateRequest { state, cons_ids: vec![1] };
    consumer.set_activation_state(&set(Activation::Passive));
    assert_eq!(transcript(&consumer.poll(ms(1)), &items), "Valve.SetSpeed = kept 1c\n");
    consumer.set_activation_state(&set(Activation::Active));
    assert_eq!(transcript(&consumer.poll(ms(2)), &items), "Valve.SetSpeed = 42 80\n");
}

#[test]
fn cyclic_and_seconds_travel_acyclically_and_are_kept_as_given() {
    let items = Items::new();
    let mut consumer = consumer();
    let mut cyclic = request(vec![element("Mixer.Speed", "Valve.SetSpeed", None)]);
    (cyclic.qos_type, cyclic.qos_value) = (QosType::Cyclic, 8);
    consumer.add_connections(&cyclic, &items);
    let mut seconds = request_to("192.168.0.11!Valve", vec![element("Mixer.Ready", "Valve.Enable", None)]);
    (seconds.qos_type, seconds.qos_value) = (QosType::AcyclicSeconds, 2);
    consumer.add_connections(&seconds, &items);
    assert_eq!(
        transcript(&consumer.poll(ms(0)), &items),
        "Valve.SetSpeed = kept 1c\n\
         Valve.Enable = kept 1c\n\
         1 192.168.0.11!Valve (local) connect acyclic 2000 ms [2 Mixer.Ready]\n\
         2 192.168.0.12!Filler connect acyclic 8 ms [1 Mixer.Speed]\n"
    );
    let stored = consumer.connections(&[1, 2, 3]);
    assert_eq!(stored.hr, HResult::S_FALSE);
    let qos: Vec<_> = stored.out.connections.iter().map(|c| (Qos::new(c.qos_type, c.qos_value), c.hr)).collect();
    assert_eq!(
        qos,
        [
            (Qos::new(QosType::Cyclic, 8), HResult::S_OK),
            (Qos::new(QosType::AcyclicSeconds, 2), HResult::S_OK),
            (Qos::default(), HResult::CBA_E_INVALIDID),
        ]
    );
}

#[test]
fn persistent_records_survive_a_restart() {
    let items = Items::new();
    let mut before = running(&items);
    let mut volatile = request(vec![element("Mixer.Level", "Valve.Level", None)]);
    volatile.connections[0].persistence = Persistence::Volatile;
    before.add_connections(&volatile, &items);
    let persistence = |consumer: &Consumer| -> Vec<Persistence> {
        consumer.cons_connections(&[1, 3]).out.connections.iter().map(|c| c.persistence).collect()
    };
    assert_eq!(persistence(&before), [Persistence::Pending, Persistence::Volatile]);
    before.put_ping_factor(3);
    let stored = before.save();
    assert_eq!(persistence(&before), [Persistence::Persistent, Persistence::Volatile]);
    assert_eq!(stored.records.len(), 2);

    let mut after = consumer();
    assert_eq!(after.restore(stored.clone(), &items), []);
    assert_eq!(after.cons_ids().out.cons_ids, [1, 2]);
    assert_eq!(after.cdb_cookie(), before.cdb_cookie());
    assert_eq!(after.ping_factor().out.factor, 3);
    assert_eq!(
        transcript(&after.poll(ms(0)), &items),
        "Valve.SetSpeed = -5 48\n\
         Valve.Enable = kept 1c\n\
         1 192.168.0.12!Filler connect acyclic 500 ms [1 Mixer.Speed, 2 Mixer.Ready]\n"
    );
    let reply = after.add_connections(&volatile, &items);
    assert_eq!(reply.out.connections[0].cons_id, 4, "ids are not given out twice");

    let mut changed = stored;
    changed.records[0].consumer_item = "Valve.Gone".to_owned();
    changed.records[1].cons_id = 0;
    let refused: Vec<_> = consumer().restore(changed, &items).into_iter().map(|(_, hr)| hr).collect();
    assert_eq!(refused, [HResult::CBA_E_UNKNOWNMEMBER, HResult::CBA_E_INVALIDID]);
}

#[test]
fn queries() {
    let items = Items::new();
    let mut consumer = running(&items);
    assert_eq!((consumer.info().out.max, consumer.info().out.current), (65_536, 2));
    let ids: Vec<_> = consumer.ids().out.ids.iter().map(|id| (id.cons_id, id.state, id.version)).collect();
    assert_eq!(ids, [(1, Activation::Active, 1), (2, Activation::Active, 1)]);
    let diagnosis = consumer.diagnose_connections(&[2, 5]);
    assert_eq!(diagnosis.hr, HResult::S_FALSE);
    assert_eq!(diagnosis.out.connections[0].error_state, HResult::S_OK);
    assert_eq!(diagnosis.out.connections[1].hr, HResult::CBA_E_INVALIDID);
    let revise = |rtauto: &str, qos_type, qos_value| {
        let reply = consumer.revise_qos(&ReviseQosRequest { rtauto: rtauto.to_owned(), qos_type, qos_value }, &items);
        (reply.hr, reply.out.value)
    };
    assert_eq!(revise("Valve", QosType::Cyclic, 9), (HResult::S_OK, 10));
    assert_eq!(revise("Oven", QosType::Cyclic, 9), (HResult::CBA_E_UNKNOWNOBJECT, 0));
    assert_eq!(revise("Valve", QosType::Constant, 9), (HResult::CBA_E_QOSTYPEUNSUPPORTED, 0));
    let mut diagnose = |request| {
        let reply = consumer.diagnosis(&GetDiagnosisRequest { request, data: Vec::new() });
        (reply.hr, String::from_utf8_lossy(&reply.out.data).into_owned())
    };
    assert_eq!(
        diagnose(DiagnosisRequest::Statistic).1,
        "connections 2, partners 1, data calls 1, values 2, refused values 0, connects 1, failures 0"
    );
    assert_eq!(diagnose(DiagnosisRequest::ResetStatistic).0, HResult::S_OK);
    assert!(diagnose(DiagnosisRequest::Statistic).1.contains("values 0,"));
    assert_eq!(diagnose(DiagnosisRequest::Directory).1.len(), 12);
    assert_eq!(diagnose(DiagnosisRequest::ProviderEvents).0, HResult::CBA_E_INVALIDENUMVALUE);
}

#[test]
fn values_of_the_wrong_shape_are_left_out() {
    let items = Items::new();
    let mut consumer = running(&items);
    let mixed =
        data(&[(1, Quality::GOOD, &[1]), (2, Quality::UNCERTAIN_SENSOR, &[0, 0]), (99, Quality::GOOD, &[1, 0])]);
    assert_eq!(consumer.data_changed(&mixed).hr, HResult::S_FALSE);
    assert_eq!(transcript(&consumer.poll(ms(30)), &items), "Valve.Enable = false 50\n");
    assert_eq!(consumer.data_changed(&mixed[..9]).hr, HResult::CBA_E_MALFORMED);
    assert_eq!(consumer.data_changed(&[0x11, 0, 0, 0]).hr, HResult::CBA_E_MALFORMED);
    assert_eq!((consumer.statistic().values, consumer.statistic().refused), (3, 2));
}

#[test]
fn losing_a_partner_voids_the_call_under_way() {
    let items = Items::new();
    let mut consumer = running(&items);
    consumer.poll(ms(10_010));
    consumer.partner_lost(ms(10_100), FILLER, HResult::CBA_E_LINKFAILURE);
    assert_eq!(transcript(&consumer.poll(ms(10_100)), &items), "Valve.SetSpeed = -5 48\nValve.Enable = kept 44\n");
    consumer.done(ms(10_200), RequestId(2), Outcome::Answered(HResult::S_OK));
    assert_eq!(error_states(&consumer), [HResult::CBA_E_LINKFAILURE; 2]);
    consumer.partner_lost(ms(10_300), "a!b", HResult::CBA_E_LINKFAILURE);
    assert_eq!(consumer.next_due(), Some(ms(15_100)));
}

#[test]
fn the_answer_to_another_question_is_a_failure() {
    let items = Items::new();
    let mut consumer = consumer();
    consumer.add_connections(&speed_and_ready(), &items);
    consumer.poll(ms(0));
    consumer.done(ms(10), RequestId(1), Outcome::Answered(HResult::S_OK));
    assert_eq!(error_states(&consumer), [HResult::E_UNEXPECTED; 2]);
}

#[test]
fn requests_for_either_server_interface() {
    let items = Items::new();
    let mut consumer = consumer();
    let arrays = request(vec![
        element("Mixer.Arr", "Valve.Arr", Some(Variant::vector(Elements::I4(vec![0; 3])))),
        element("Mixer.Recipe", "Valve.Recipe", None),
    ]);
    consumer.add_connections(&arrays, &items);
    let actions = consumer.poll(ms(0));
    let Some(ConsumerAction::Call(PartnerCall { call, .. })) = actions.last() else { panic!() };
    let connect2 = call.connect2_request(consumer.name(), b"objref").unwrap();
    assert_eq!(connect2.consumer, "192.168.0.11!Pump");
    assert_eq!(connect2.callback.as_deref(), Some(&b"objref"[..]));
    assert_eq!(connect2.connections[0].type_desc, [0x2003, 1, 3]);
    assert_eq!(connect2.connections[1].type_desc, [29, 2, 4, 11]);
    let connect = call.connect_request(consumer.name(), b"objref").unwrap();
    assert_eq!(connect.connections[0].data_type.to_string(), "VT_ARRAY|VT_I4");
    assert_eq!(ProviderCall::Ping.connect_request("a!b", b""), None);
}

#[test]
fn what_an_earlier_life_left_at_the_provider_is_given_back() {
    let items = Items::new();
    let mut consumer = consumer();
    consumer.add_connections(&speed_and_ready(), &items);
    consumer.poll(ms(0));
    consumer.done(ms(10), RequestId(1), connected(false, &[10, 11]));
    assert_eq!(transcript(&consumer.poll(ms(10)), &items), "2 192.168.0.12!Filler disconnect me\n");
    consumer.done(ms(20), RequestId(2), Outcome::Answered(HResult::S_OK));
    let again = "3 192.168.0.12!Filler connect acyclic 500 ms [1 Mixer.Speed, 2 Mixer.Ready]\n";
    assert_eq!(transcript(&consumer.poll(ms(20)), &items), again);
    // Whatever it says now, it is not asked again.
    consumer.done(ms(30), RequestId(3), connected(false, &[10, 11]));
    assert_eq!(transcript(&consumer.poll(ms(30)), &items), "");
}
