//! Sequential DCOM calls a second over loopback, against bare TCP ping-pong of as many bytes in the same
//! run. Prints both figures and their ratio: `cargo bench --bench rpc_calls`.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plantweave::net::tcp::Network;
use plantweave::rpc::{Answering, NodeOptions, ObjectCall, ObjectHandler, RpcNode, results};
use plantweave::wire::cba::shared::Text;
use plantweave::wire::cba::{Interface, Reply, pdev::GetProducer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Time each side runs, in turn, three times.
const TURN: Duration = Duration::from_secs(2);
const TURNS: usize = 3;

/// Bytes of the PDUs of get_Producer and its answer, "Example AG".
const REQUEST: usize = 72;
const RESPONSE: usize = 72;

struct Producer;

impl ObjectHandler for Producer {
    fn call(self: Arc<Self>, _: ObjectCall) -> Answering {
        Box::pin(async { Ok(results(&Reply::ok(Text { value: "Example AG".to_owned() }))) })
    }
}

async fn rpc_calls() -> Result<f64, Box<dyn std::error::Error>> {
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

async fn tcp_rounds() -> Result<f64, Box<dyn std::error::Error>> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut bytes = [0; REQUEST];
        while stream.read_exact(&mut bytes).await.is_ok() {
            stream.write_all(&[0; RESPONSE]).await?;
        }
        std::io::Result::Ok(())
    });
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut bytes = [0; RESPONSE];
    let start = Instant::now();
    let mut n = 0.0;
    while start.elapsed() < TURN {
        stream.write_all(&[0; REQUEST]).await?;
        stream.read_exact(&mut bytes).await?;
        n += 1.0;
    }
    let rate = n / start.elapsed().as_secs_f64();
    drop(stream);
    server.await??;
    Ok(rate)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut calls, mut rounds) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        rounds.push(tcp_rounds().await?);
        calls.push(rpc_calls().await?);
    }
    for rates in [&mut calls, &mut rounds] {
        rates.sort_by(f64::total_cmp);
    }
    let (calls, rounds) = (calls[TURNS / 2], rounds[TURNS / 2]);
    println!("sequential DCOM calls   {calls:>9.0} calls/s (median of {TURNS})");
    println!("bare TCP ping-pong      {rounds:>9.0} rounds/s");
    println!("ratio                   {:>9.2}", calls / rounds);
    Ok(())
}
