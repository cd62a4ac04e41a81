//! Sequential DCOM calls a second over loopback, against bare TCP ping-pong of as many bytes in the same
//! run. Prints both figures and their ratio: `cargo bench --bench rpc_calls`.
//!
//! Both sides call from a task, as everybody does who calls devices, and take short turns, so that what else the machine does
//! meets them alike. With `TOKIO_WORKER_THREADS=1` caller and server share a thread: then no time goes into
//! waking another, and the ratio shows what our own code costs.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plantweave::net::tcp::Network;
use plantweave::rpc::{Answering, NodeOptions, ObjectCall, ObjectHandler, RpcNode, results};
use plantweave::wire::cba::shared::Text;
use plantweave::wire::cba::{Interface, Reply, pdev::GetProducer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Time each side runs in a turn.
const TURN: Duration = Duration::from_millis(500);
const TURNS: usize = 15;

/// Bytes of the PDUs of get_Producer and its answer, "Example AG".
const REQUEST: usize = 72;
const RESPONSE: usize = 72;

/// As large as that of our own connections: a read that leaves room tells tokio that nothing more is there, and
/// saves it from asking the system.
const BUFFER: usize = 16 * 1024;

struct Producer;

impl ObjectHandler for Producer {
    fn call(self: Arc<Self>, _: ObjectCall) -> Answering {
        Box::pin(async { Ok(results(&Reply::ok(Text { value: "Example AG".to_owned() }))) })
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn rpc_calls() -> Result<f64, Failed> {
    let ip = Ipv4Addr::LOCALHOST;
    let device = RpcNode::serve(Network::new(), ip, 0, NodeOptions::default())?;
    let exported = device.export(Arc::new(Producer), &[Interface::PhysicalDevice]);
    device.offer_activation(&exported, ip)?;
    let port = device.endpoint().ok_or("the device has no port")?.resolver_port;
    let tool = RpcNode::client(Network::new(), Some(ip));
    let pdev = tool.activate(ip, port, &[Interface::PhysicalDevice.iid()]).await?;
    let start = Instant::now();
    let mut n = 0.0;
    while start.elapsed() < TURN {
        pdev.call::<GetProducer>(&()).await?;
        n += 1.0;
    }
    let rate = n / start.elapsed().as_secs_f64();
    device.shutdown().await;
    Ok(rate)
}

/// Reads a message of that length; `false` at the end of the stream.
async fn read_whole(stream: &mut TcpStream, bytes: &mut [u8], length: usize) -> std::io::Result<bool> {
    let mut n = 0;
    while n < length {
        match stream.read(&mut bytes[n..]).await? {
            0 => return Ok(false),
            more => n += more,
        }
    }
    Ok(true)
}

async fn tcp_rounds() -> Result<f64, Failed> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut bytes = [0; BUFFER];
        while read_whole(&mut stream, &mut bytes, REQUEST).await? {
            stream.write_all(&[0; RESPONSE]).await?;
        }
        std::io::Result::Ok(())
    });
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut bytes = [0; BUFFER];
    let start = Instant::now();
    let mut n = 0.0;
    while start.elapsed() < TURN {
        stream.write_all(&[0; REQUEST]).await?;
        read_whole(&mut stream, &mut bytes, RESPONSE).await?;
        n += 1.0;
    }
    let rate = n / start.elapsed().as_secs_f64();
    drop(stream);
    server.await??;
    Ok(rate)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or_default()
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let (mut calls, mut rounds) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        rounds.push(tokio::spawn(tcp_rounds()).await??);
        calls.push(tokio::spawn(rpc_calls()).await??);
    }
    let ratios = calls.iter().zip(&rounds).map(|(calls, rounds)| calls / rounds).collect();
    println!("sequential DCOM calls   {:>9.0} calls/s (median of {TURNS} turns)", median(calls));
    println!("bare TCP ping-pong      {:>9.0} rounds/s", median(rounds));
    println!("ratio within a turn     {:>9.2}", median(ratios));
    Ok(())
}
