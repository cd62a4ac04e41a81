//! A running device under attack: strangers on both of its ports, while somebody honest works with it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use plantweave::device::{DeviceAddress, PlantOptions, VirtualPlant};
use plantweave::model::fixture;
use plantweave::net::loopback;
use plantweave::net::tcp::Network;
use plantweave::rpc::{RemoteObject, RpcNode};
use plantweave::wire::cba::acco_mgt::{
    AddConnectionIn, AddConnections, AddConnectionsRequest, ConsIds, GetConsConnections, GetConsIds,
};
use plantweave::wire::cba::acco_sync::{ReadItems, ReadItemsRequest, WriteItemIn, WriteItems, WriteItemsRequest};
use plantweave::wire::cba::shared::Text;
use plantweave::wire::cba::{Activation, Arguments, HResult, Interface, Method, Persistence, QosType, ldev, pdev};
use plantweave::wire::dcerpc::{
    Bind, BindAck, Body, ContextResult, Flags, Pdu, PresentationContext, Request, Response, SyntaxId,
};
use plantweave::wire::dcom::{ComVersion, OrpcThis};
use plantweave::wire::ndr::NdrWriter;
use plantweave::wire::{Guid, Variant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::meter::measure;

/// Nothing honest takes so long.
const LONG: Duration = Duration::from_secs(30);
/// What is here by now will not come.
const SHORT: Duration = Duration::from_millis(50);

const PLAN: &str = "
    component Mixer 2.1 {
        stack 2.0
        in speed R4 = 1
        in note BSTR
        out level I4 = 7
        out trend R8[8000]
        hmi text BSTR
    }
    M: Mixer @10.44.0.1
";

/// Somebody who works with the device as a tool does.
struct Tool {
    node: RpcNode,
    address: DeviceAddress,
}

impl Tool {
    fn new(address: DeviceAddress) -> Self {
        Self { node: RpcNode::client(Network::new(), Some(Ipv4Addr::LOCALHOST)), address }
    }

    async fn ldev(&self) -> RemoteObject {
        let DeviceAddress { ip, resolver_port } = self.address;
        let pdev = self.node.activate(ip, resolver_port, &[Interface::PhysicalDevice.iid()]).await.unwrap();
        let found = pdev.call::<pdev::GetLogicalDevice>(&Text { value: "Mixer".into() }).await.unwrap();
        pdev.unmarshal(&found.out.objref.unwrap()).await.unwrap()
    }

    async fn acco(&self) -> RemoteObject {
        let ldev = self.ldev().await;
        let found = ldev.call::<ldev::GetAcco>(&()).await.unwrap();
        let acco = ldev.unmarshal(&found.out.objref.unwrap()).await.unwrap();
        acco.query(Interface::AccoMgt2.iid()).await.unwrap().unwrap()
    }

    /// From the first connection to a value written and read back.
    async fn work(&self, what: &str, round: usize) {
        let work = async {
            let acco = self.acco().await;
            let sync = acco.query(Interface::AccoSync.iid()).await.unwrap().unwrap();
            let value = Variant::Bstr(format!("{what} {round}"));
            let items = vec![WriteItemIn { item: "Main.text".into(), value: Some(value.clone()) }];
            let written = sync.call::<WriteItems>(&WriteItemsRequest { items }).await.unwrap();
            assert_eq!(written.out.results, [HResult::S_OK]);
            let read = sync.call::<ReadItems>(&ReadItemsRequest { items: vec!["Main.text".into()] }).await.unwrap();
            assert_eq!(read.out.items[0].value, Some(value));
        };
        timeout(LONG, work).await.unwrap_or_else(|_| panic!("{what}, round {round}: the device does not answer"));
    }
}

async fn connect(port: SocketAddr) -> TcpStream {
    timeout(LONG, TcpStream::connect(port)).await.unwrap().unwrap()
}

/// Sends what the other side takes; it may close at any time.
async fn send(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    matches!(timeout(LONG, stream.write_all(bytes)).await, Ok(Ok(())))
}

fn whole(body: Body<'_>) -> Vec<u8> {
    Pdu { flags: Flags::WHOLE, call_id: 1, body }.emit()
}

fn context(context_id: u16, interface: Guid) -> PresentationContext {
    PresentationContext {
        context_id,
        abstract_syntax: SyntaxId::interface(interface),
        transfer_syntaxes: vec![SyntaxId::NDR],
    }
}

fn bind_of(contexts: Vec<PresentationContext>) -> Bind {
    Bind { max_xmit_frag: 5840, max_recv_frag: 5840, assoc_group_id: 0, contexts }
}

/// A connection that has agreed on an interface.
async fn bound(port: SocketAddr, interface: Interface) -> TcpStream {
    let mut stream = connect(port).await;
    stream.write_all(&whole(Body::Bind(bind_of(vec![context(0, interface.iid())])))).await.unwrap();
    let mut answer = [0; 200];
    let n = timeout(LONG, stream.read(&mut answer)).await.unwrap().unwrap();
    assert!(n >= 60 && answer[2] == 12, "a bind_ack: {:?}", &answer[..n]);
    stream
}

/// A call of a method on an object, in fragments of its own.
fn call<M: Method>(object: Guid, request: &M::Request) -> Vec<u8> {
    let mut w = NdrWriter::new();
    let version = ComVersion { major: 5, minor: 7 };
    OrpcThis { version, flags: 0, causality_id: Guid::from_u128(1) }.write(&mut w);
    request.write(&mut w);
    let stub = w.into_bytes();
    let n = stub.len().div_ceil(5000);
    let fragments = stub.chunks(5000).enumerate().flat_map(|(i, stub)| {
        let first = if i == 0 { Flags::FIRST } else { Flags::default() };
        let last = if i + 1 == n { Flags::LAST } else { Flags::default() };
        let body = Body::Request(Request { alloc_hint: 0, context_id: 0, opnum: M::OPNUM, object: Some(object), stub });
        Pdu { flags: first | last, call_id: 7, body }.emit()
    });
    fragments.collect()
}

/// What strangers do; each gives back the connections that it leaves behind.
async fn attacks(resolver: SocketAddr, mgt: &RemoteObject, sync: &RemoteObject, tool: &Tool) -> Vec<TcpStream> {
    let exporter = mgt.peer();
    let mut left = Vec::new();
    for port in [resolver, exporter] {
        // Nothing is said, on more connections than a device has.
        for _ in 0..400 {
            left.push(connect(port).await);
        }
        tool.work("silent strangers", left.len()).await;
        // Something else is said, or half of something.
        let bind = whole(Body::Bind(bind_of(vec![context(0, Interface::AccoMgt2.iid())])));
        let garbage: [&[u8]; 6] = [
            b"GET / HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            &bind[..bind.len() - 1],
            &[5, 0, 0, 3, 0x10, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0; 5000],
            &[0xff; 5000],
        ];
        for bytes in garbage {
            let mut stream = connect(port).await;
            send(&mut stream, bytes).await;
            left.push(stream);
        }
        tool.work("garbage", left.len()).await;
        // Contexts without end, and nobody reads the answers.
        let mut flood = connect(port).await;
        send(&mut flood, &bind).await;
        let alter =
            whole(Body::AlterContext(bind_of((0..200).map(|id| context(id, Interface::AccoMgt2.iid())).collect())));
        for _ in 0..400 {
            if !matches!(timeout(SHORT, flood.write_all(&alter)).await, Ok(Ok(()))) {
                break;
            }
        }
        left.push(flood);
        tool.work("contexts", left.len()).await;
    }
    // Calls that begin and do not end, a megabyte each if it were let.
    let part = |flags, stub| {
        let body = Body::Request(Request { alloc_hint: 0xffff_ffff, context_id: 0, opnum: 3, object: None, stub });
        Pdu { flags, call_id: 1, body }.emit()
    };
    let more = part(Flags::default(), &[0; 5000]).repeat(190);
    for _ in 0..60 {
        let mut stream = bound(exporter, Interface::AccoMgt2).await;
        send(&mut stream, &part(Flags::FIRST, &[])).await;
        send(&mut stream, &more).await;
        left.push(stream);
    }
    tool.work("calls without end", left.len()).await;
    // Short questions with long answers that nobody reads.
    let ids = tool.cons_ids(mgt).await;
    let greedy = call::<GetConsConnections>(mgt.reference().ipid, &ConsIds { cons_ids: ids.repeat(10_000) });
    for _ in 0..20 {
        let mut stream = bound(exporter, Interface::AccoMgt2).await;
        for _ in 0..20 {
            if !matches!(timeout(SHORT, stream.write_all(&greedy)).await, Ok(Ok(()))) {
                break;
            }
        }
        left.push(stream);
    }
    tool.work("greedy questions", left.len()).await;
    let arrays = ReadItemsRequest { items: vec!["Main.trend".into(); 10_000] };
    let greedy = call::<ReadItems>(sync.reference().ipid, &arrays);
    for _ in 0..5 {
        let mut stream = bound(exporter, Interface::AccoSync).await;
        send(&mut stream, &greedy).await;
        left.push(stream);
    }
    tool.work("greedy reading", left.len()).await;
    // Nobody can guess the object.
    let mut guess = bound(exporter, Interface::AccoMgt2).await;
    for n in 0..200_u128 {
        send(&mut guess, &call::<GetConsIds>(Guid::from_u128(n), &())).await;
    }
    left.push(guess);
    tool.work("guesses", left.len()).await;
    left
}

impl Tool {
    async fn cons_ids(&self, mgt: &RemoteObject) -> Vec<u32> {
        mgt.call::<GetConsIds>(&()).await.unwrap().out.cons_ids
    }
}

#[test]
fn a_device_under_attack_serves_the_honest() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ((), cost) = measure(|| {
        runtime.block_on(async {
            let plan = fixture::read(PLAN).unwrap();
            let plant = VirtualPlant::start(&plan, PlantOptions::new(Network::new(), loopback::probe(1))).unwrap();
            let address = plant.address("M").unwrap();
            let tool = Tool::new(address);
            let mgt = tool.acco().await;
            let sync = mgt.query(Interface::AccoSync.iid()).await.unwrap().unwrap();
            let connection = AddConnectionIn {
                provider_item: "Main.x".into(),
                consumer_item: "Main.note".into(),
                persistence: Persistence::Volatile,
                substitute: Some(Variant::Bstr("x".repeat(30_000))),
                epsilon: None,
            };
            let request = AddConnectionsRequest {
                provider: "127.44.0.99!Nobody".into(),
                qos_type: QosType::Acyclic,
                qos_value: 1000,
                state: Activation::Passive,
                connections: vec![connection],
            };
            assert_eq!(mgt.call::<AddConnections>(&request).await.unwrap().hr, HResult::S_OK);

            let resolver = SocketAddr::from((address.ip, address.resolver_port));
            let mut left = attacks(resolver, &mgt, &sync, &tool).await;
            // Of all that was opened, no more is left than the two ports bear.
            let mut open = 0;
            let mut bytes = vec![0; 65_536];
            for stream in &mut left {
                let mut closed = false;
                while let Ok(result) = timeout(Duration::from_millis(1), stream.read(&mut bytes)).await {
                    if !matches!(result, Ok(n) if n > 0) {
                        closed = true;
                        break;
                    }
                }
                open += usize::from(!closed);
            }
            assert!(open <= 2 * 256, "{open} of {} connections are still open", left.len());
            tool.work("afterwards", 0).await;
            drop(left);
            // The first tool's own connections have lived through it.
            assert_eq!(tool.cons_ids(&mgt).await.len(), 1);
            assert_eq!(plant.device("M").unwrap().diagnostics(), [""; 0]);
            plant.shutdown().await;
        });
    });
    // Sixty calls of which each may hold its fair share, answers not taken on some connections, and the buffers of 512.
    assert!(cost.peak <= 96 << 20, "{cost:?}");
}

/// What a station answers that means harm, once a client has connected; `stream` is behind the client's first bytes.
async fn answer(how: usize, mut stream: TcpStream) {
    let mut bytes = vec![0; 65_536];
    let _ = stream.read(&mut bytes).await;
    let ack = |results| {
        let body = BindAck {
            max_xmit_frag: 5840,
            max_recv_frag: 5840,
            assoc_group_id: 1,
            secondary_address: String::new(),
            results: vec![ContextResult::ACCEPTED; results],
        };
        whole(Body::BindAck(body))
    };
    let response = |flags, call_id, stub| {
        let body = Body::Response(Response { alloc_hint: 0xffff_ffff, context_id: 0, cancel_count: 0, stub });
        Pdu { flags, call_id, body }.emit()
    };
    match how {
        // Nothing at all.
        0 => {}
        1 => drop(send(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await),
        2 => drop(send(&mut stream, &[0xff; 70_000]).await),
        3 => drop(send(&mut stream, &ack(255)).await),
        4 => drop(send(&mut stream, &ack(1)[..30]).await),
        // An answer that has no end, to whatever call it may be.
        5 => {
            send(&mut stream, &ack(1)).await;
            let _ = stream.read(&mut bytes).await;
            let call_id = u32::from_le_bytes(bytes[12..16].try_into().unwrap());
            send(&mut stream, &response(Flags::FIRST, call_id, &[])).await;
            let more = response(Flags::default(), call_id, &[0; 5000]);
            while send(&mut stream, &more).await {}
        }
        // An answer to another call, and one that is no answer.
        6 => {
            send(&mut stream, &ack(1)).await;
            let _ = stream.read(&mut bytes).await;
            send(&mut stream, &response(Flags::WHOLE, 0xdead_beef, &[0; 100])).await;
        }
        // Counts of four thousand million.
        _ => {
            send(&mut stream, &ack(1)).await;
            let _ = stream.read(&mut bytes).await;
            let call_id = u32::from_le_bytes(bytes[12..16].try_into().unwrap());
            send(&mut stream, &response(Flags::WHOLE, call_id, &[0xff; 4000])).await;
        }
    }
    // The client hangs up.
    while matches!(timeout(Duration::from_secs(1), stream.read(&mut bytes)).await, Ok(Ok(n)) if n > 0) {}
}

/// A tool that asks stations which mean harm: each is an error of its own, soon, and nothing grows.
#[test]
fn a_station_that_means_harm_is_an_error() {
    const WAYS: usize = 8;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (told, cost) = measure(|| {
        runtime.block_on(async {
            let mut told = Vec::new();
            for how in 0..WAYS {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let port = listener.local_addr().unwrap().port();
                let station = tokio::spawn(async move {
                    while let Ok((stream, _)) = listener.accept().await {
                        tokio::spawn(answer(how, stream));
                    }
                });
                let node = RpcNode::client(Network::new(), Some(Ipv4Addr::LOCALHOST));
                let iids = [Interface::PhysicalDevice.iid()];
                let asked = timeout(LONG, node.activate(Ipv4Addr::LOCALHOST, port, &iids)).await;
                told.push(asked.expect("it has a deadline").err().map(|error| error.to_string()));
                node.shutdown().await;
                station.abort();
            }
            told
        })
    });
    for (how, told) in told.iter().enumerate() {
        let told = told.as_deref().unwrap_or_else(|| panic!("way {how} was taken for a device"));
        assert!(told.contains("127.0.0.1:"), "way {how}: nobody is at fault: {told}");
    }
    assert!(cost.peak <= 8 << 20, "{cost:?}");
}
