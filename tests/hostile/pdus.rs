//! Byte streams to the answering side of an association: PDUs that lie about themselves, contradict each other or never end.

use std::sync::Arc;

use plantweave::proto::rpc::{Limits, ServerAssociation};
use plantweave::wire::Guid;
use plantweave::wire::dcerpc::{Bind, Body, Flags, PacketType, Pdu, PresentationContext, Request, SyntaxId};

use crate::meter::measure;

const INTERFACE: Guid = Guid::from_u128(0xa);

fn association() -> ServerAssociation {
    ServerAssociation::new(Limits::default(), Arc::new([INTERFACE]), 135, 1)
}

fn bind(contexts: usize) -> Bind {
    let context = PresentationContext {
        context_id: 0,
        abstract_syntax: SyntaxId::interface(INTERFACE),
        transfer_syntaxes: vec![SyntaxId::NDR],
    };
    Bind { max_xmit_frag: 5840, max_recv_frag: 5840, assoc_group_id: 0, contexts: vec![context; contexts] }
}

fn whole(body: Body<'_>) -> Vec<u8> {
    Pdu { flags: Flags::WHOLE, call_id: 1, body }.emit()
}

fn request(call_id: u32, flags: Flags, stub: &[u8]) -> Vec<u8> {
    let body = Body::Request(Request { alloc_hint: 0, context_id: 0, opnum: 3, object: None, stub });
    Pdu { flags, call_id, body }.emit()
}

/// The bytes at `at` are others.
fn with(mut pdu: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    pdu[at..at + bytes.len()].copy_from_slice(bytes);
    pdu
}

/// `pdu` with a security trailer of a token of these bytes, and whatever it says of itself.
fn signed(mut pdu: Vec<u8>, padding: u8, announced: u16, token: &[u8]) -> Vec<u8> {
    pdu.extend([10, 2, padding, 0, 0, 0, 0, 0]);
    pdu.extend(token);
    let length = u16::try_from(pdu.len()).unwrap();
    pdu[8..10].copy_from_slice(&length.to_le_bytes());
    pdu[10..12].copy_from_slice(&announced.to_le_bytes());
    pdu
}

/// Each stream behind a good bind, with what becomes of it.
#[test]
fn each_stream_is_answered() {
    let first = |id| request(id, Flags::FIRST, b"12345678");
    let middle = |id| request(id, Flags::default(), b"12345678");
    let last = |id| request(id, Flags::LAST, b"12345678");
    let good = || request(9, Flags::WHOLE, b"12345678");
    let alter = || whole(Body::AlterContext(bind(1)));
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("a good call", good(), "1 calls"),
        ("another protocol", b"GET / HTTP/1.1\r\n\r\n".to_vec(), "the peer speaks RPC version 71.69, not 5.0"),
        ("version 4", with(good(), 0, &[4]), "the peer speaks RPC version 4.0, not 5.0"),
        ("a length of nothing", with(good(), 8, &[0, 0]), "PDU at byte 72 of the stream: "),
        ("a length below the header", with(good(), 8, &[15, 0]), "PDU at byte 72 of the stream: "),
        (
            "a length beyond the limit",
            with(good(), 8, &[0xff, 0xff]),
            "a PDU of 65535 bytes exceeds the limit of 16384",
        ),
        ("a length beyond what comes", with(good(), 8, &[200, 0]), "0 calls"),
        ("letters that are not ASCII", with(good(), 4, &[0x11]), "PDU at byte 72 of the stream: "),
        ("numbers that are not IEEE", with(good(), 5, &[3]), "PDU at byte 72 of the stream: "),
        ("a packet type nobody has", with(good(), 2, &[0x77]), "PDU type 119 (call 9) is out of place"),
        ("an answer from a client", with(good(), 2, &[2]), "response (call 9) is out of place"),
        ("an ack from a client", with(whole(Body::Bind(bind(1))), 2, &[12]), "bind_ack (call 1) is out of place"),
        ("a security trailer beyond the frame", signed(good(), 0, 500, b""), "PDU at byte 72 of the stream: "),
        ("a security trailer of 65,535", signed(good(), 0, 0xffff, b""), "PDU at byte 72 of the stream: "),
        ("a trailer's padding beyond the frame", signed(good(), 255, 4, b"1234"), "PDU at byte 72 of the stream: "),
        ("a trailer that is skipped", signed(good(), 0, 4, b"1234"), "1 calls"),
        ("an allocation of 4 GB hinted", with(good(), 16, &[0xff; 4]), "1 calls"),
        ("an unknown context", with(good(), 20, &[0xff, 0xff]), "0 calls"),
        ("an object that is cut off", with(good(), 3, &[0x83]), "PDU at byte 72 of the stream: "),
        ("a middle without beginning", middle(2), "fragment of call 2: the call has not begun"),
        ("an end without beginning", last(2), "fragment of call 2: the call has not begun"),
        ("two beginnings", [first(2), first(2)].concat(), "fragment of call 2: the call has begun already"),
        ("a call inside itself", [first(9), good()].concat(), "fragment of call 9: the call has begun already"),
        ("another method in the middle", [first(2), with(middle(2), 22, &[4])].concat(), "fragment of call 2: context"),
        (
            "another context in the middle",
            [first(2), with(middle(2), 20, &[1])].concat(),
            "fragment of call 2: context",
        ),
        (
            "another byte order in the middle",
            [first(2), big_endian(middle(2))].concat(),
            "fragment of call 2: the byte order",
        ),
        ("calls in each other", [first(2), first(3), middle(3), last(2), last(3)].concat(), "2 calls"),
        (
            "too many beginnings",
            (2..40).flat_map(first).collect(),
            "fragment of call 34: too many calls are incomplete",
        ),
        (
            "a call without end",
            [first(2), request(2, Flags::default(), &[0; 5000]).repeat(300)].concat(),
            "the fragments of call 2 exceed the limit of 1048576 bytes",
        ),
        (
            "fragments of one byte",
            [first(2), request(2, Flags::default(), b"x").repeat(50_000), last(2)].concat(),
            "1 calls",
        ),
        ("fragments of nothing", [first(2), request(2, Flags::default(), b"").repeat(50_000)].concat(), "0 calls"),
        (
            "an orphan's parts",
            [first(2), with(whole(Body::Other(PacketType::Orphaned, b"")), 12, &[2]), first(2)].concat(),
            "0 calls",
        ),
        ("a flood of binds", whole(Body::Bind(bind(1))).repeat(5_000), "0 calls"),
        ("a flood of alter_context", alter().repeat(5_000), "0 calls"),
        (
            "a flood of contexts",
            (0..5_000_u16).flat_map(|id| with(alter(), 28, &id.to_le_bytes())).collect(),
            "0 calls",
        ),
        ("more contexts counted than there are", with(alter(), 24, &[255]), "PDU at byte 72 of the stream: "),
        ("more syntaxes counted than there are", with(alter(), 30, &[255]), "PDU at byte 72 of the stream: "),
        ("a context without syntax", with(alter(), 30, &[0]), "0 calls"),
        ("255 contexts", whole(Body::AlterContext(bind(255))), "0 calls"),
        ("calls without answer", request(1, Flags::WHOLE | Flags::MAYBE, b"").repeat(1_000), ""),
        (
            "the same call again",
            [good(), good()].concat(),
            "fragment of call 9: the call is complete and not yet answered",
        ),
    ];
    for (what, bytes, expected) in cases {
        // However the stream is cut into segments.
        for step in [1, 7, 4096] {
            if step == 1 && bytes.len() > 20_000 {
                continue;
            }
            let (said, cost) = measure(|| {
                let mut association = association();
                association.handle(&whole(Body::Bind(bind(1)))).unwrap();
                association.take_output();
                let mut calls = Vec::new();
                for segment in bytes.chunks(step) {
                    let result = association.handle(segment);
                    // A server sends what there is, and then reads on.
                    association.take_output();
                    match result {
                        Ok(()) => calls.extend(std::iter::from_fn(|| association.next_request())),
                        Err(error) => return error.to_string(),
                    }
                }
                format!("{} calls", calls.len())
            });
            assert!(said.starts_with(expected), "{what}, {step} bytes at a time: {said}");
            // A megabyte is what one call may have; that it grows has it twice for a moment.
            let most = (256 << 10) + if bytes.len() > 1 << 20 { 4 << 20 } else { 8 * bytes.len() as u64 };
            assert!(cost.peak <= most, "{what}, {} bytes: {cost:?}", bytes.len());
            assert!(cost.busy.as_secs_f64() <= 2.0 + 4e-6 * bytes.len() as f64, "{what}: {cost:?}");
        }
    }
}

/// The least significant bytes come first no more; only what a request has.
fn big_endian(mut pdu: Vec<u8>) -> Vec<u8> {
    pdu[4] = 0;
    for (at, n) in [(8, 2), (10, 2), (12, 4), (16, 4), (20, 2), (22, 2)] {
        pdu[at..at + n].reverse();
    }
    pdu
}

/// 65,535 contexts need 4 MB; a PDU says its length in 16 bits, and its contexts are counted in 8.
#[test]
fn a_bind_of_65535_contexts_is_none() {
    let mut pdu = whole(Body::Bind(bind(255)));
    pdu.extend(vec![0; 4 << 20]);
    pdu[8..10].copy_from_slice(&0xffff_u16.to_le_bytes());
    let (said, cost) = measure(|| association().handle(&pdu).unwrap_err().to_string());
    assert_eq!(said, "a PDU of 65535 bytes exceeds the limit of 16384");
    assert!(cost.peak <= 2 * pdu.len() as u64, "{cost:?}");
}

#[test]
fn calls_before_the_bind_are_refused() {
    for (what, pdu, expected) in [
        ("a call", request(1, Flags::WHOLE, b""), "0 calls"),
        (
            "an alter_context",
            whole(Body::AlterContext(bind(1))),
            "alter_context (call 1) is out of place: a bind comes first",
        ),
        (
            "a bind for a byte at a time",
            with(whole(Body::Bind(bind(1))), 18, &[1, 0]),
            "the peer takes PDUs of 1 bytes only",
        ),
        ("a bind for nothing", whole(Body::Bind(bind(0))), "0 calls"),
    ] {
        let mut association = association();
        let said = association.handle(&pdu).map_or_else(|error| error.to_string(), |()| "0 calls".into());
        assert_eq!(said, expected, "{what}");
        assert!(association.next_request().is_none());
        assert!(association.take_output().len() < 200, "{what}");
    }
}
