//! Client and server back to back through bytes, and either against a peer made by hand.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::wire::Guid;
use crate::wire::dcerpc::{
    Bind, BindAck, BindNak, Body, ContextResult, Fault, FaultStatus, Flags, HEADER_LEN, PacketType, Pdu,
    PresentationContext, Request, Response, SyntaxId,
};
use crate::wire::ndr::ByteOrder;

const ALPHA: Guid = Guid::from_u128(0xa);
const BETA: Guid = Guid::from_u128(0xb);
const UNSERVED: Guid = Guid::from_u128(0xc);
const IPID: Guid = Guid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);

fn server(limits: Limits) -> ServerAssociation {
    ServerAssociation::new(limits, Arc::new([ALPHA, BETA]), 49155, 0x1234)
}

fn call(interface: Guid, opnum: u16, stub: &[u8]) -> Call {
    Call { interface, opnum, object: Some(IPID), stub: stub.to_vec() }
}

/// Feeds `bytes` in pieces of at most `step` bytes.
fn feed(bytes: &[u8], step: usize, mut handle: impl FnMut(&[u8]) -> Result<(), RpcError>) -> Result<(), RpcError> {
    bytes.chunks(step.max(1)).try_for_each(&mut handle)
}

/// Runs both sides until neither has anything to say; the server answers with `answer`.
fn run(
    client: &mut ClientAssociation,
    server: &mut ServerAssociation,
    step: usize,
    mut answer: impl FnMut(&mut ServerAssociation, ServerRequest),
) -> Vec<ClientEvent> {
    let mut events = Vec::new();
    loop {
        let to_server = client.take_output();
        feed(&to_server, step, |piece| server.handle(piece)).unwrap();
        while let Some(request) = server.next_request() {
            answer(server, request);
        }
        let to_client = server.take_output();
        feed(&to_client, step, |piece| client.handle(piece)).unwrap();
        while let Some(event) = client.next_event() {
            events.push(event);
        }
        if to_server.is_empty() && to_client.is_empty() {
            return events;
        }
    }
}

/// Answers with opnum and stub reversed.
fn reverse(server: &mut ServerAssociation, request: ServerRequest) {
    let mut stub = request.stub;
    stub.reverse();
    server.respond(request.call_id, &stub);
}

fn whole(call_id: u32, body: Body<'_>) -> Vec<u8> {
    Pdu { flags: Flags::WHOLE, call_id, body }.emit()
}

fn bind_of(contexts: Vec<PresentationContext>) -> Bind {
    Bind { max_xmit_frag: 4280, max_recv_frag: 4280, assoc_group_id: 0, contexts }
}

fn context(context_id: u16, interface: Guid, transfer_syntaxes: Vec<SyntaxId>) -> PresentationContext {
    PresentationContext { context_id, abstract_syntax: SyntaxId::interface(interface), transfer_syntaxes }
}

fn bound_server() -> ServerAssociation {
    let mut server = server(Limits::default());
    server.handle(&whole(1, Body::Bind(bind_of(vec![context(0, ALPHA, vec![SyntaxId::NDR])])))).unwrap();
    server.take_output();
    server
}

fn request(call_id: u32, flags: Flags, opnum: u16, stub: &[u8]) -> Vec<u8> {
    let body = Body::Request(Request { alloc_hint: 0, context_id: 0, opnum, object: Some(IPID), stub });
    Pdu { flags, call_id, body }.emit()
}

/// The PDUs of an output, as types with call ids.
fn told(output: &[u8]) -> Vec<(PacketType, u32)> {
    let mut framer = Framer::new(u16::MAX);
    framer.push(output);
    let mut told = Vec::new();
    while let Some(pdu) = framer.next_pdu().unwrap() {
        let (header, ..) = Pdu::parse(&pdu).unwrap();
        told.push((header.packet_type, header.call_id));
    }
    assert_eq!(framer.n_pending(), 0);
    told
}

#[test]
fn first_interface_binds_further_ones_alter_and_known_ones_go_straight() {
    let (mut client, mut server) = (ClientAssociation::new(Limits::default()), server(Limits::default()));
    let ids =
        [client.call(call(ALPHA, 3, b"one")), client.call(call(BETA, 4, b"two")), client.call(call(ALPHA, 5, b""))];
    let output = client.take_output();
    assert_eq!(told(&output), [(PacketType::Bind, 1)], "calls wait for the bind");
    server.handle(&output).unwrap();
    let mut seen = Vec::new();
    let events = run(&mut client, &mut server, usize::MAX, |server, request| {
        seen.push((request.call_id, request.interface, request.opnum, request.object));
        reverse(server, request);
    });
    // The calls of bind and alter_context are 1 and 3.
    assert_eq!(seen, [(2, ALPHA, 3, Some(IPID)), (4, BETA, 4, Some(IPID)), (5, ALPHA, 5, Some(IPID))]);
    let response =
        |i: usize, stub: &[u8]| ClientEvent::Response { call: ids[i], stub: stub.to_vec(), order: ByteOrder::Little };
    assert_eq!(
        events,
        [
            ClientEvent::Bound { interface: ALPHA },
            response(0, b"eno"),
            ClientEvent::Bound { interface: BETA },
            response(1, b"owt"),
            response(2, b""),
        ]
    );
    assert_eq!(server.n_open(), 0);
}

#[test]
fn rejected_interfaces_fail_their_calls_only() {
    let (mut client, mut server) = (ClientAssociation::new(Limits::default()), server(Limits::default()));
    let refused = client.call(call(UNSERVED, 3, b""));
    let fine = client.call(call(ALPHA, 3, b"x"));
    let refused_again = client.call(call(UNSERVED, 3, b""));
    let events = run(&mut client, &mut server, usize::MAX, reverse);
    let failed = |call| ClientEvent::Failed {
        call,
        failure: CallFailure::Rejected { interface: UNSERVED, result: ContextResult::UNKNOWN_INTERFACE },
    };
    assert_eq!(
        events,
        [
            failed(refused),
            ClientEvent::Bound { interface: ALPHA },
            ClientEvent::Response { call: fine, stub: b"x".to_vec(), order: ByteOrder::Little },
            failed(refused_again),
        ]
    );
    assert_eq!(
        CallFailure::Rejected { interface: UNSERVED, result: ContextResult::UNKNOWN_INTERFACE }.to_string(),
        "interface 00000000-0000-0000-0000-00000000000c refused: interface not supported"
    );
}

#[test]
fn faults_reach_their_call() {
    let (mut client, mut server) = (ClientAssociation::new(Limits::default()), server(Limits::default()));
    let id = client.call(call(ALPHA, 99, b""));
    let events = run(&mut client, &mut server, usize::MAX, |server, request| {
        server.fault(request.call_id, FaultStatus::OP_RANGE);
    });
    let failure = CallFailure::Fault { status: FaultStatus::OP_RANGE, not_executed: false };
    assert_eq!(events[1..], [ClientEvent::Failed { call: id, failure }]);
}

#[test]
fn windows_style_binds_are_answered_context_by_context() {
    let features =
        SyntaxId { uuid: "6cb71c2c-9812-4540-0300-000000000000".parse().unwrap(), version: 1, version_minor: 0 };
    let mut server = server(Limits { contexts: 2, ..Limits::default() });
    let mut versioned = context(5, ALPHA, vec![SyntaxId::NDR]);
    versioned.abstract_syntax.version = 3;
    let bind = bind_of(vec![
        context(0, ALPHA, vec![SyntaxId::NDR]),
        context(1, ALPHA, vec![SyntaxId::NDR64]),
        context(2, ALPHA, vec![features]),
        context(3, UNSERVED, vec![SyntaxId::NDR]),
        context(4, BETA, vec![SyntaxId::NDR64, SyntaxId::NDR]),
        versioned,
        context(6, BETA, vec![SyntaxId::NDR]),
        context(7, BETA, vec![]),
    ]);
    server.handle(&whole(9, Body::Bind(bind))).unwrap();
    let output = server.take_output();
    let (_, pdu, _) = Pdu::parse(&output).unwrap();
    assert_eq!(pdu.call_id, 9);
    assert_eq!(
        pdu.body,
        Body::BindAck(BindAck {
            max_xmit_frag: 4280,
            max_recv_frag: 5840,
            assoc_group_id: 0x1234,
            secondary_address: "49155".to_owned(),
            results: vec![
                ContextResult::ACCEPTED,
                ContextResult::UNKNOWN_TRANSFER_SYNTAX,
                ContextResult::NEGOTIATE_ACK,
                ContextResult::UNKNOWN_INTERFACE,
                ContextResult::ACCEPTED,
                ContextResult::UNKNOWN_INTERFACE,
                ContextResult::LOCAL_LIMIT,
                ContextResult::UNKNOWN_TRANSFER_SYNTAX,
            ],
        })
    );
}

#[test]
fn bad_versions_and_tiny_fragments_are_refused_with_bind_nak() {
    let mut bytes = whole(1, Body::Bind(bind_of(vec![])));
    bytes[0] = 4;
    let mut old = server(Limits::default());
    assert_eq!(old.handle(&bytes), Err(RpcError::Version { major: 4, minor: 0 }));
    let output = old.take_output();
    let nak = BindNak { reason: BindNak::VERSION_NOT_SUPPORTED, versions: vec![(5, 0)] };
    assert_eq!(Pdu::parse(&output).unwrap().1.body, Body::BindNak(nak));

    let mut tiny = server(Limits::default());
    let bind = Bind { max_recv_frag: 63, ..bind_of(vec![]) };
    assert_eq!(tiny.handle(&whole(1, Body::Bind(bind))), Err(RpcError::FragmentTooShort { announced: 63 }));
    assert_eq!(told(&tiny.take_output()), [(PacketType::BindNak, 1)]);
}

#[test]
fn a_second_bind_replaces_the_first() {
    let mut server = bound_server();
    server.handle(&request(2, Flags::WHOLE, 3, b"")).unwrap();
    assert_eq!(server.next_request().unwrap().interface, ALPHA);
    server.handle(&whole(3, Body::Bind(bind_of(vec![context(0, BETA, vec![SyntaxId::NDR])])))).unwrap();
    server.respond(2, b"");
    server.handle(&request(4, Flags::WHOLE, 3, b"")).unwrap();
    assert_eq!(server.next_request().unwrap().interface, BETA);
    assert_eq!(told(&server.take_output()), [(PacketType::BindAck, 3), (PacketType::Response, 2)]);
}

#[test]
fn a_refused_association_fails_all_calls() {
    let mut client = ClientAssociation::new(Limits::default());
    let calls = [client.call(call(ALPHA, 3, b"")), client.call(call(BETA, 3, b""))];
    let nak = BindNak { reason: 4, versions: vec![(5, 0)] };
    client.handle(&whole(1, Body::BindNak(nak.clone()))).unwrap();
    for id in calls {
        let failure = CallFailure::NotBound(nak.clone());
        assert_eq!(client.next_event(), Some(ClientEvent::Failed { call: id, failure }));
    }
    let late = client.call(call(ALPHA, 3, b""));
    assert_eq!(client.next_event(), Some(ClientEvent::Failed { call: late, failure: CallFailure::Closing }));
}

#[test]
fn several_calls_may_be_open_and_answered_in_any_order() {
    let mut server = bound_server();
    let mut bytes = request(2, Flags::WHOLE, 3, b"a");
    bytes.extend(request(3, Flags::WHOLE, 3, b"b"));
    bytes.extend(request(4, Flags::WHOLE | Flags::MAYBE, 3, b"c"));
    server.handle(&bytes).unwrap();
    let stubs: Vec<_> = std::iter::from_fn(|| server.next_request()).map(|request| request.stub).collect();
    assert_eq!(stubs, [b"a", b"b", b"c"]);
    assert_eq!(server.n_open(), 2, "one wants no answer");
    server.respond(4, b"nobody asked");
    server.respond(3, b"");
    server.fault(2, FaultStatus::DISCONNECTED);
    server.respond(2, b"twice");
    assert_eq!(told(&server.take_output()), [(PacketType::Response, 3), (PacketType::Fault, 2)]);
}

#[test]
fn unknown_contexts_and_too_many_calls_are_faults() {
    let mut server = bound_server();
    let body = Body::Request(Request { alloc_hint: 0, context_id: 7, opnum: 3, object: None, stub: b"" });
    server.handle(&whole(2, body)).unwrap();
    let output = server.take_output();
    let (header, pdu, _) = Pdu::parse(&output).unwrap();
    assert!(header.flags.contains(Flags::DID_NOT_EXECUTE));
    let fault = Fault { alloc_hint: 32, context_id: 7, status: FaultStatus::UNKNOWN_INTERFACE };
    assert_eq!(pdu.body, Body::Fault(fault));

    for call_id in 0..Limits::default().calls as u32 {
        server.handle(&request(call_id, Flags::WHOLE, 3, b"")).unwrap();
    }
    assert!(server.take_output().is_empty());
    server.handle(&request(1000, Flags::WHOLE, 3, b"")).unwrap();
    let output = server.take_output();
    let Body::Fault(fault) = Pdu::parse(&output).unwrap().1.body else { panic!("no fault") };
    assert_eq!(fault.status, FaultStatus::TOO_BUSY);
    let again = server.handle(&request(1, Flags::WHOLE, 3, b"")).unwrap_err();
    assert_eq!(again.to_string(), "fragment of call 1: the call is complete and not yet answered");
}

#[test]
fn broken_fragments_end_the_association_with_a_fault() {
    let mut server = bound_server();
    server.handle(&request(2, Flags::FIRST, 3, b"12345678")).unwrap();
    let error = server.handle(&request(2, Flags::LAST, 4, b"9")).unwrap_err();
    assert!(matches!(error, RpcError::Fragment { call_id: 2, .. }), "{error}");
    assert_eq!(told(&server.take_output()), [(PacketType::Fault, 2)]);
}

#[test]
fn stubs_are_bounded() {
    let limits = Limits { stub: 100, ..Limits::default() };
    let mut server = server(limits);
    server.handle(&whole(1, Body::Bind(bind_of(vec![context(0, ALPHA, vec![SyntaxId::NDR])])))).unwrap();
    server.handle(&request(2, Flags::FIRST, 3, &[0; 64])).unwrap();
    assert_eq!(
        server.handle(&request(2, Flags::default(), 3, &[0; 64])),
        Err(RpcError::StubTooLong { call_id: 2, limit: 100 })
    );
}

#[test]
fn pdus_out_of_place_are_named() {
    let mut server = server(Limits::default());
    let error = server.handle(&whole(3, Body::AlterContext(bind_of(vec![])))).unwrap_err();
    assert_eq!(error.to_string(), "alter_context (call 3) is out of place: a bind comes first");
    let mut server = bound_server();
    let error = server.handle(&whole(3, Body::Other(PacketType::Unknown(1), b""))).unwrap_err();
    assert_eq!(error.to_string(), "PDU type 1 (call 3) is out of place: no client sends such a PDU");
    let mut client = ClientAssociation::new(Limits::default());
    let body = Response { alloc_hint: 0, context_id: 0, cancel_count: 0, stub: b"" };
    let error = client.handle(&whole(1, Body::Response(body))).unwrap_err();
    assert_eq!(error.to_string(), "response (call 1) is out of place: no call is under way");
}

#[test]
fn security_is_skipped() {
    let mut server = server(Limits::default());
    let bind = whole(1, Body::Bind(bind_of(vec![context(0, ALPHA, vec![SyntaxId::NDR])])));
    server.handle(&with_auth(bind, 0, 40)).unwrap();
    let output = server.take_output();
    let (header, ..) = Pdu::parse(&output).unwrap();
    assert_eq!((header.packet_type, header.auth_length), (PacketType::BindAck, 0));
    server.handle(&with_auth(whole(1, Body::Other(PacketType::Auth3, &[0; 4])), 0, 80)).unwrap();
    server.handle(&with_auth(request(2, Flags::WHOLE, 3, b"stub"), 4, 16)).unwrap();
    assert_eq!(server.next_request().unwrap().stub, b"stub");
}

/// The PDU with padding and an NTLM token behind.
fn with_auth(mut pdu: Vec<u8>, pad: u8, token: u16) -> Vec<u8> {
    pdu.resize(pdu.len() + usize::from(pad), 0);
    pdu.extend([10, 2, pad, 0, 0, 0, 0, 0]);
    pdu.resize(pdu.len() + usize::from(token), 0x55);
    let length = u16::try_from(pdu.len()).unwrap();
    pdu[8..10].copy_from_slice(&length.to_le_bytes());
    pdu[10..12].copy_from_slice(&token.to_le_bytes());
    pdu
}

/// The PDU as a big-endian peer sends it; binds with one context and one transfer syntax, requests
/// with object.
fn big_endian(mut pdu: Vec<u8>) -> Vec<u8> {
    let mut flip = |ranges: &[(usize, usize)]| {
        for (at, n) in ranges {
            pdu[*at..at + n].reverse();
        }
    };
    flip(&[(8, 2), (10, 2), (12, 4)]);
    flip(&[(16, 4), (20, 2), (22, 2), (24, 4), (28, 2), (30, 2)]);
    pdu[4] = 0;
    if pdu[2] == 11 {
        // Undo what differs: two frag lengths, group id, counts that are bytes.
        pdu[16..20].rotate_left(2);
        pdu[20..24].copy_from_slice(&[0; 4]);
        pdu[24..28].reverse();
        for at in [32, 52] {
            pdu[at..at + 4].reverse();
            pdu[at + 4..at + 6].reverse();
            pdu[at + 6..at + 8].reverse();
            pdu[at + 16..at + 20].reverse();
        }
        pdu[30..32].reverse();
    }
    pdu
}

#[test]
fn big_endian_clients_are_served() {
    let mut server = server(Limits::default());
    server.handle(&big_endian(whole(1, Body::Bind(bind_of(vec![context(0, ALPHA, vec![SyntaxId::NDR])]))))).unwrap();
    assert_eq!(told(&server.take_output()), [(PacketType::BindAck, 1)]);
    server.handle(&big_endian(request(2, Flags::WHOLE, 0x0102, &[0, 0, 0, 7]))).unwrap();
    let request = server.next_request().unwrap();
    assert_eq!((request.call_id, request.opnum, request.object), (2, 0x0102, Some(IPID)));
    assert_eq!(request.order, ByteOrder::Big);
    assert_eq!(request.reader().u32("argument"), Ok(7));
    server.respond(2, b"");
    assert_eq!(told(&server.take_output()), [(PacketType::Response, 2)]);
}

#[test]
fn cancelled_calls_leave_no_trace() {
    let (mut client, mut server) = (ClientAssociation::new(Limits::default()), server(Limits::default()));
    let first = client.call(call(ALPHA, 3, b"1"));
    run(&mut client, &mut server, usize::MAX, reverse);
    let sent = client.call(call(ALPHA, 3, b"2"));
    let queued = client.call(call(ALPHA, 3, b"3"));
    let kept = client.call(call(ALPHA, 3, b"4"));
    assert!(client.is_blocked_by(sent) && !client.is_blocked_by(queued));
    assert!(!client.cancel(sent), "sent already");
    assert!(client.cancel(queued));
    assert!(!client.cancel(first), "answered already");
    let events = run(&mut client, &mut server, usize::MAX, reverse);
    assert_eq!(events, [ClientEvent::Response { call: kept, stub: b"4".to_vec(), order: ByteOrder::Little }]);
}

#[test]
fn a_server_that_shuts_down_answers_the_call_under_way() {
    let (mut client, mut server) = (ClientAssociation::new(Limits::default()), server(Limits::default()));
    client.call(call(ALPHA, 3, b"1"));
    run(&mut client, &mut server, usize::MAX, reverse);
    let sent = client.call(call(ALPHA, 3, b"2"));
    let queued = client.call(call(ALPHA, 3, b"3"));
    client.handle(&whole(0, Body::Other(PacketType::Shutdown, b""))).unwrap();
    let events = run(&mut client, &mut server, usize::MAX, reverse);
    assert_eq!(
        events,
        [
            ClientEvent::Failed { call: queued, failure: CallFailure::Closing },
            ClientEvent::Response { call: sent, stub: b"2".to_vec(), order: ByteOrder::Little },
        ]
    );
}

#[test]
fn unsent_calls_can_move_to_another_association() {
    let mut client = ClientAssociation::new(Limits::default());
    let calls = [call(ALPHA, 3, b"1"), call(BETA, 4, b"2")];
    let ids = calls.clone().map(|call| client.call(call));
    let unsent: Vec<_> = client.into_unsent().collect();
    assert_eq!(unsent, ids.into_iter().zip(calls).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Any stubs, any segmentation, any fragment size either side keeps to: every call gets its answer.
    #[test]
    fn calls_survive_segmentation_and_fragmentation(
        calls in prop::collection::vec((0_usize..2, prop::collection::vec(any::<u8>(), 0..1500), any::<bool>()), 1..6),
        client_fragment in 64_u16..700,
        server_fragment in 64_u16..700,
        step in 1_usize..600,
    ) {
        let mut client = ClientAssociation::new(Limits { fragment: client_fragment, ..Limits::default() });
        let mut server = server(Limits { fragment: server_fragment, ..Limits::default() });
        let mut expected = Vec::new();
        for (interface, stub, with_object) in calls {
            let mut reversed = stub.clone();
            reversed.reverse();
            let object = with_object.then_some(IPID);
            let id = client.call(Call { interface: [ALPHA, BETA][interface], opnum: 3, object, stub });
            expected.push(ClientEvent::Response { call: id, stub: reversed, order: ByteOrder::Little });
        }
        let mut events = run(&mut client, &mut server, step, reverse);
        events.retain(|event| !matches!(event, ClientEvent::Bound { .. }));
        prop_assert_eq!(events, expected);
        prop_assert_eq!(server.n_open(), 0);
    }

    /// Requests of two calls cut into fragments and shuffled into each other arrive whole.
    #[test]
    fn interleaved_requests_arrive(picks in prop::collection::vec(any::<bool>(), 8)) {
        let mut server = bound_server();
        let fragments = |call_id: u32| -> Vec<Vec<u8>> {
            let letters = [b"aaaaaaaa", b"bbbbbbbb", b"cccccccc", b"dddddddd"];
            let flags = [Flags::FIRST, Flags::default(), Flags::default(), Flags::LAST];
            letters.iter().zip(flags).map(|(stub, flags)| request(call_id, flags, 3, *stub)).collect()
        };
        let (mut two, mut three) = (fragments(2).into_iter(), fragments(3).into_iter());
        for pick in picks {
            let next = if pick { two.next().or_else(|| three.next()) } else { three.next().or_else(|| two.next()) };
            server.handle(&next.unwrap()).unwrap();
        }
        for _ in 0..2 {
            prop_assert_eq!(server.next_request().unwrap().stub, b"aaaaaaaabbbbbbbbccccccccdddddddd");
        }
    }

    /// Whatever a peer sends, in whichever state, the answer is a value or an error.
    #[test]
    fn hostile_bytes_never_panic(
        pdus in prop::collection::vec((0_u8..22, any::<u8>(), 0_u8..4, prop::collection::vec(any::<u8>(), 0..80)), 0..12),
        bind_first: bool,
    ) {
        let mut server = if bind_first { bound_server() } else { server(Limits::default()) };
        let mut client = ClientAssociation::new(Limits { stub: 100, ..Limits::default() });
        client.call(call(ALPHA, 3, b"1"));
        client.call(call(BETA, 3, b"2"));
        if bind_first {
            let body = BindAck {
                max_xmit_frag: 5840,
                max_recv_frag: 5840,
                assoc_group_id: 1,
                secondary_address: String::new(),
                results: vec![ContextResult::ACCEPTED],
            };
            client.handle(&whole(1, Body::BindAck(body))).unwrap();
        }
        let (mut server_lives, mut client_lives) = (true, true);
        for (packet_type, flags, call_id, body) in pdus {
            let mut pdu = vec![5, 0, packet_type, flags, 0x10, 0, 0, 0, 0, 0, 0, 0, call_id, 0, 0, 0];
            pdu.extend(body);
            pdu[8] = u8::try_from(pdu.len()).unwrap();
            server_lives = server_lives && server.handle(&pdu).is_ok();
            client_lives = client_lives && client.handle(&pdu).is_ok();
            while let Some(request) = server.next_request() {
                server.respond(request.call_id, &request.stub);
            }
            while client.next_event().is_some() {}
            prop_assert!(told(&server.take_output()).len() < 100);
            prop_assert!(pdu.len() >= HEADER_LEN);
        }
    }
}
