//! Client and server over real sockets on 127.0.0.1, and either against a peer that misbehaves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, Semaphore};

use super::*;
use crate::net::tcp::{Listener, Network, Stream};
use crate::proto::rpc::{Call, ClientAssociation, ServerAssociation, ServerRequest};
use crate::wire::Guid;
use crate::wire::dcerpc::{Body, FaultStatus, Flags, Pdu, Request};

const IFACE: Guid = Guid::from_u128(0xa);
/// Long enough for anything that is to succeed, on a busy machine.
const LONG: Duration = Duration::from_secs(20);
/// Short enough to wait for in a test that needs a deadline to pass.
const SHORT: Duration = Duration::from_millis(80);

const ECHO: u16 = 3;
const WAIT: u16 = 4;
const PANIC: u16 = 5;
const CALL_BACK: u16 = 6;

/// Echoes stubs; waits, panics or calls the caller back if told so.
struct Echo {
    gate: Semaphore,
    waiting: Notify,
    back: Option<RpcClient>,
}

impl Echo {
    fn new(back: Option<RpcClient>) -> Arc<Self> {
        Arc::new(Self { gate: Semaphore::new(0), waiting: Notify::new(), back })
    }
}

impl Dispatch for Echo {
    fn call(self: Arc<Self>, _: SocketAddr, request: ServerRequest) -> Answering {
        Box::pin(async move {
            match request.opnum {
                ECHO => Ok(request.stub),
                WAIT => {
                    self.waiting.notify_one();
                    self.gate.acquire().await.map_err(|_| FaultStatus::CANCELLED)?.forget();
                    Ok(request.stub)
                }
                PANIC => {
                    tokio::task::yield_now().await;
                    panic!("a handler's own mistake");
                }
                CALL_BACK => {
                    let back = self.back.as_ref().ok_or(FaultStatus::OP_RANGE)?;
                    let answer = back.call(call(ECHO, &request.stub), "ECHO", LONG).await;
                    answer.map(|answer| answer.stub).map_err(|_| FaultStatus::SERVER_FAULT)
                }
                _ => Err(FaultStatus::OP_RANGE),
            }
        })
    }
}

fn call(opnum: u16, stub: &[u8]) -> Call {
    Call { interface: IFACE, opnum, object: None, stub: stub.to_vec() }
}

fn listener() -> Listener {
    Network::new().listen("127.0.0.1:0".parse().unwrap()).unwrap()
}

fn serve_with(dispatch: Arc<Echo>, limits: ServerLimits) -> RpcServer {
    RpcServer::start(listener(), Arc::new([IFACE]), dispatch, limits)
}

fn server() -> RpcServer {
    serve_with(Echo::new(None), ServerLimits::default())
}

fn client(peer: SocketAddr) -> RpcClient {
    RpcClient::new(Network::new(), None, peer, ClientOptions::default())
}

async fn stream_to(peer: SocketAddr) -> Stream {
    Network::new().connect(peer, LONG).await.unwrap()
}

/// Answers everything on one connection by hand, echoing, until it closes.
async fn echo_by_hand(mut stream: Stream) {
    let mut association = ServerAssociation::new(Default::default(), Arc::new([IFACE]), 1, 1);
    let mut bytes = [0; 1000];
    while let Ok(n) = stream.read(&mut bytes).await {
        if n == 0 {
            return;
        }
        association.handle(&bytes[..n]).unwrap();
        while let Some(request) = association.next_request() {
            association.respond(request.call_id, &request.stub);
        }
        stream.write_all(&association.take_output()).await.unwrap();
    }
}

#[tokio::test]
async fn concurrent_callers_share_one_connection() {
    let server = server();
    let client = client(server.local_addr());
    let mut callers = tokio::task::JoinSet::new();
    for i in 0..50_u8 {
        let client = client.clone();
        callers.spawn(async move {
            let stub = vec![i; usize::from(i) * 500];
            let answer = client.call(call(ECHO, &stub), "ECHO", LONG).await.unwrap();
            assert_eq!(answer.stub, stub);
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn refusals_have_names() {
    let server = server();
    let peer = server.local_addr();
    let client = client(peer);
    let error = client.call(call(99, b""), "NinetyNine", LONG).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{peer} refused NinetyNine: nca_op_rng_error (0x1c010002)"));
    assert!(!error.is_unreachable());
    let unserved = Call { interface: Guid::from_u128(0xb), ..call(ECHO, b"") };
    let error = client.call(unserved, "Echo", LONG).await.unwrap_err();
    assert!(matches!(error, RpcError::Refused { call: "Echo", .. }), "{error}");
    assert!(error.to_string().ends_with("refused: interface not supported"), "{error}");
}

#[tokio::test]
async fn a_waiting_call_holds_up_no_other_connection_and_no_call_back() {
    // A serves; B serves too and calls A back while A waits for B.
    let a = server();
    let echo = Echo::new(Some(client(a.local_addr())));
    let b = serve_with(Arc::clone(&echo), ServerLimits::default());
    let waiting = client(b.local_addr());
    let held = tokio::spawn(async move { waiting.call(call(WAIT, b"held"), "WAIT", LONG).await });
    echo.waiting.notified().await;
    let other = client(b.local_addr());
    assert_eq!(other.call(call(CALL_BACK, b"round"), "CALL_BACK", LONG).await.unwrap().stub, b"round");
    echo.gate.add_permits(1);
    assert_eq!(held.await.unwrap().unwrap().stub, b"held");
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let peer = listener().local_addr();
    let error = client(peer).call(call(ECHO, b""), "Echo", LONG).await.unwrap_err();
    assert!(matches!(error, RpcError::Unreachable(_)) && error.is_unreachable(), "{error}");
    assert_eq!(error.to_string(), format!("{peer} refused the connection: nothing listens there"));
}

#[tokio::test]
async fn while_connecting_every_call_keeps_its_own_deadline() {
    // A full backlog swallows further connection requests, on Linux at least.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(1).unwrap();
    let peer = full.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(stream) = Network::new().connect(peer, SHORT).await {
        held.push(stream);
        if held.len() > 16 {
            println!("skipped: this system's backlog takes every connection");
            return;
        }
    }
    let client = client(peer);
    let (short, longer) =
        tokio::join!(client.call(call(ECHO, b""), "Short", SHORT), client.call(call(ECHO, b""), "Longer", 2 * SHORT));
    let unanswered = |millis| format!("{peer} did not answer within {millis} ms");
    assert_eq!(short.unwrap_err().to_string(), unanswered(80));
    assert_eq!(longer.unwrap_err().to_string(), unanswered(160));
}

#[tokio::test]
async fn a_silent_peer_costs_its_own_deadline_only() {
    let listener = listener();
    let peer = listener.local_addr();
    let client = client(peer);
    let impatient = client.call(call(ECHO, b"1"), "Impatient", SHORT);
    let patient = client.call(call(ECHO, b"2"), "Patient", LONG);
    let peer_side = async {
        let silent = listener.accept().await.unwrap();
        let second = listener.accept().await.unwrap();
        drop(silent);
        echo_by_hand(second).await;
    };
    let (impatient, patient) = tokio::select! {
        results = async { tokio::join!(impatient, patient) } => results,
        () = peer_side => panic!("the client went away"),
    };
    let error = impatient.unwrap_err();
    assert!(matches!(error, RpcError::Silent { awaited: "Impatient", after: SHORT, .. }), "{error}");
    assert_eq!(error.to_string(), format!("{peer} was silent for 80 ms, Impatient unanswered"));
    assert_eq!(patient.unwrap().stub, b"2", "over a new connection");
}

#[tokio::test]
async fn a_lost_connection_fails_its_calls_and_the_next_call_makes_a_new_one() {
    let listener = listener();
    let client = client(listener.local_addr());
    let lost = client.call(call(ECHO, b"1"), "Echo", LONG);
    let (lost, ()) = tokio::join!(lost, async { drop(listener.accept().await.unwrap()) });
    let error = lost.unwrap_err();
    assert!(matches!(error, RpcError::Lost { awaited: "Echo", .. }) && error.is_unreachable(), "{error}");
    tokio::select! {
        answer = client.call(call(ECHO, b"2"), "Echo", LONG) => assert_eq!(answer.unwrap().stub, b"2"),
        () = async { echo_by_hand(listener.accept().await.unwrap()).await } => panic!("the client went away"),
    }
}

#[tokio::test]
async fn another_protocol_is_named() {
    let listener = listener();
    let client = client(listener.local_addr());
    let web = async {
        let mut stream = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        stream
    };
    let (result, _stream) = tokio::join!(client.call(call(ECHO, b""), "Echo", LONG), web);
    let error = result.unwrap_err();
    assert!(
        error.to_string().ends_with("broke the protocol in Echo: the peer speaks RPC version 72.84, not 5.0"),
        "{error}"
    );
}

#[tokio::test]
async fn a_panicking_handler_is_a_fault_of_its_call_only() {
    let server = server();
    let client = client(server.local_addr());
    let error = client.call(call(PANIC, b""), "PANIC", LONG).await.unwrap_err();
    assert!(matches!(error, RpcError::Fault { status: FaultStatus::SERVER_FAULT, .. }), "{error}");
    assert_eq!(client.call(call(ECHO, b"on"), "ECHO", LONG).await.unwrap().stub, b"on");
}

#[tokio::test]
async fn shutdown_waits_for_the_answer_under_way() {
    let echo = Echo::new(None);
    let server = serve_with(Arc::clone(&echo), ServerLimits::default());
    let peer = server.local_addr();
    let client = client(peer);
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.call(call(WAIT, b"last"), "WAIT", LONG).await }
    });
    echo.waiting.notified().await;
    let shutdown = tokio::spawn(server.shutdown());
    echo.gate.add_permits(1);
    assert_eq!(waiting.await.unwrap().unwrap().stub, b"last");
    shutdown.await.unwrap();
    let error = client.call(call(ECHO, b""), "ECHO", LONG).await.unwrap_err();
    assert!(error.is_unreachable(), "{error}");
    // The port is free again.
    drop(Network::new().listen(peer).unwrap());
}

/// Reads until the server closes; a reset counts as closed.
async fn read_to_close(stream: &mut Stream) -> Vec<u8> {
    let mut got = Vec::new();
    let mut bytes = [0; 1000];
    while let Ok(n) = tokio::time::timeout(LONG, stream.read(&mut bytes)).await.expect("the server closes") {
        if n == 0 {
            break;
        }
        got.extend_from_slice(&bytes[..n]);
    }
    got
}

#[tokio::test]
async fn hostile_clients_are_closed() {
    let server = serve_with(
        Echo::new(None),
        ServerLimits { idle: SHORT, stall: SHORT, connections: 2, ..ServerLimits::default() },
    );
    let peer = server.local_addr();
    let mut idle = stream_to(peer).await;
    let mut half = stream_to(peer).await;
    half.write_all(&[5, 0, 11, 3, 0x10]).await.unwrap();
    assert_eq!(read_to_close(&mut half).await, b"");
    assert_eq!(read_to_close(&mut idle).await, b"");
    let mut web = stream_to(peer).await;
    web.write_all(b"GET / HTTP/1.1\r\nHost: pump\r\n\r\n").await.unwrap();
    let nak = read_to_close(&mut web).await;
    assert_eq!(nak.get(2), Some(&13), "a bind_nak names the version spoken");
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_room_comes_back() {
    // All there are have called a moment ago, so nobody gives way.
    let server = serve_with(Echo::new(None), ServerLimits { connections: 1, ..ServerLimits::default() });
    let first = client(server.local_addr());
    first.call(call(ECHO, b""), "ECHO", LONG).await.unwrap();
    let mut second = stream_to(server.local_addr()).await;
    assert_eq!(read_to_close(&mut second).await, b"");
    drop(first);
    let third = client(server.local_addr());
    let tries = AtomicUsize::new(0);
    loop {
        match third.call(call(ECHO, b"in"), "ECHO", LONG).await {
            Ok(answer) => break assert_eq!(answer.stub, b"in"),
            Err(error) => assert!(error.is_unreachable() && tries.fetch_add(1, Ordering::Relaxed) < 1000, "{error}"),
        }
    }
}

#[tokio::test]
async fn those_who_never_ask_take_no_room_from_those_who_do() {
    let server = serve_with(Echo::new(None), ServerLimits { connections: 3, ..ServerLimits::default() });
    let known = client(server.local_addr());
    known.call(call(ECHO, b""), "ECHO", LONG).await.unwrap();
    let mut strangers = Vec::new();
    for _ in 0..20 {
        strangers.push(stream_to(server.local_addr()).await);
    }
    for mut stranger in strangers.drain(..18) {
        assert_eq!(read_to_close(&mut stranger).await, b"", "it had to give way");
    }
    let honest = client(server.local_addr());
    assert_eq!(honest.call(call(ECHO, b"in"), "ECHO", LONG).await.unwrap().stub, b"in");
    assert_eq!(known.call(call(ECHO, b"still"), "ECHO", LONG).await.unwrap().stub, b"still");
}

/// One byte now and then keeps a connection as little as none.
#[tokio::test]
async fn a_call_that_never_gets_done_is_cut_off() {
    let limits = ServerLimits { stall: 4 * SHORT, ..ServerLimits::default() };
    let server = serve_with(Echo::new(None), limits);
    let mut association = ClientAssociation::new(Default::default());
    association.call(call(ECHO, b""));
    let mut slow = stream_to(server.local_addr()).await;
    slow.write_all(&association.take_output()).await.unwrap();
    let mut bytes = [0; 1000];
    let n = slow.read(&mut bytes).await.unwrap();
    association.handle(&bytes[..n]).unwrap();
    let part = |flags| {
        let body =
            Body::Request(Request { alloc_hint: 0, context_id: 0, opnum: ECHO, object: None, stub: b"12345678" });
        Pdu { flags, call_id: 77, body }.emit()
    };
    // Whole fragments of a call that has no last one.
    let mut n_parts = 0;
    let mut flags = Flags::FIRST;
    loop {
        let sent = slow.write_all(&part(flags)).await;
        flags = Flags::default();
        let closed = matches!(tokio::time::timeout(SHORT, slow.read(&mut bytes)).await, Ok(Ok(0) | Err(_)));
        if closed || sent.is_err() {
            break;
        }
        n_parts += 1;
        assert!(n_parts < 100, "it goes on for ever");
    }
    assert!(n_parts >= 1, "it had its time");
}

/// Calls that begin and do not end, on many connections: who holds much is closed, others go on.
#[tokio::test]
async fn calls_that_begin_share_the_room_there_is() {
    let limits = ServerLimits { begun: 300_000, ..ServerLimits::default() };
    let server = serve_with(Echo::new(None), limits);
    let modest = client(server.local_addr());
    modest.call(call(ECHO, b""), "ECHO", LONG).await.unwrap();
    let stub = vec![0; 5000];
    let mut greedy = Vec::new();
    for _ in 0..4 {
        let mut association = ClientAssociation::new(Default::default());
        association.call(call(ECHO, b""));
        let mut stream = stream_to(server.local_addr()).await;
        stream.write_all(&association.take_output()).await.unwrap();
        let mut bytes = [0; 1000];
        let n = stream.read(&mut bytes).await.unwrap();
        association.handle(&bytes[..n]).unwrap();
        for i in 0..20 {
            let flags = if i == 0 { Flags::FIRST } else { Flags::default() };
            let body = Body::Request(Request { alloc_hint: 0, context_id: 0, opnum: ECHO, object: None, stub: &stub });
            // It may be closed by now.
            let _ = stream.write_all(&Pdu { flags, call_id: 9, body }.emit()).await;
        }
        greedy.push(stream);
    }
    // Four times 100,000 bytes are too much for all, so one at least has gone.
    let mut gone = 0;
    for stream in &mut greedy {
        let mut bytes = [0; 10];
        gone += usize::from(matches!(tokio::time::timeout(SHORT, stream.read(&mut bytes)).await, Ok(Ok(0) | Err(_))));
    }
    assert!((1..4).contains(&gone), "{gone} of 4 closed");
    assert_eq!(modest.call(call(ECHO, &[7; 20_000]), "ECHO", LONG).await.unwrap().stub.len(), 20_000);
}

#[tokio::test]
async fn a_client_that_takes_no_answers_is_closed() {
    let server = serve_with(Echo::new(None), ServerLimits { stall: SHORT, ..ServerLimits::default() });
    let mut association = ClientAssociation::new(Default::default());
    let mut stream = stream_to(server.local_addr()).await;
    let stub = vec![0; 5000];
    // Reads answers for the bind only; then sends calls until the server has had enough.
    association.call(call(ECHO, b""));
    let mut bytes = [0; 1000];
    stream.write_all(&association.take_output()).await.unwrap();
    let n = stream.read(&mut bytes).await.unwrap();
    association.handle(&bytes[..n]).unwrap();
    let mut n_calls = 0;
    loop {
        let request = Pdu {
            flags: Flags::WHOLE,
            call_id: 1000 + n_calls,
            body: Body::Request(Request { alloc_hint: 0, context_id: 0, opnum: ECHO, object: None, stub: &stub }),
        };
        let written = tokio::time::timeout(LONG, stream.write_all(&request.emit())).await.expect("the server closes");
        if written.is_err() {
            return;
        }
        n_calls += 1;
        assert!(n_calls < 100_000, "the server takes everything");
    }
}
