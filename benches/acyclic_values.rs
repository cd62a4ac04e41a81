//! Acyclic values a second that one virtual device delivers over loopback: outputs that all change between two samples, sent to
//! one consumer every 50 ms over the real protocol. With 8,000 outputs 160,000 values a second are due, three times the budget;
//! with 32,000 so many that the machine hardly keeps up.
//!
//! `cargo bench --bench acyclic_values`

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use plantweave::device::{PlantOptions, VirtualPlant};
use plantweave::model::{Value, fixture};
use plantweave::net::loopback;
use plantweave::net::tcp::Network;
use plantweave::rpc::RpcNode;
use plantweave::wire::cba::acco_mgt::{AddConnectionIn, AddConnections, AddConnectionsRequest};
use plantweave::wire::cba::shared::Text;
use plantweave::wire::cba::{Activation, Interface, Persistence, QosType, ldev, pdev};

const ITEMS: [usize; 2] = [8_000, 32_000];
const INTERVAL_MS: u16 = 50;
const MEASURED: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for n_items in ITEMS {
        deliver(n_items).await?;
    }
    Ok(())
}

async fn deliver(n_items: usize) -> Result<(), Box<dyn std::error::Error>> {
    let ports = |direction: &str| (0..n_items).map(|i| format!("{direction} v{i} I4; ")).collect::<String>();
    let plan = fixture::read(&format!(
        "component Source 2.0 {{ stack 2.0; {} }}
         component Sink 2.0 {{ stack 2.0; {} }}
         S: Source @10.41.99.11
         C: Sink @10.41.99.12",
        ports("out"),
        ports("in"),
    ))?;
    let network = Network::new();
    let plant = VirtualPlant::start(&plan, PlantOptions::new(network.clone(), loopback::probe(2)))?;
    let (Some(source), Some(sink)) = (plant.device("S"), plant.device("C")) else {
        return Err("the devices do not run".into());
    };

    let node = RpcNode::client(network, Some(Ipv4Addr::LOCALHOST));
    let address = sink.address();
    let pdev = node.activate(address.ip, address.resolver_port, &[Interface::PhysicalDevice.iid()]).await?;
    let found = pdev.call::<pdev::GetLogicalDevice>(&Text { value: "Sink".into() }).await?;
    let ldev = pdev.unmarshal(&found.out.objref.ok_or("no LDev")?).await?;
    let found = ldev.call::<ldev::GetAcco>(&()).await?;
    let acco = ldev.unmarshal(&found.out.objref.ok_or("no ACCO")?).await?;
    let items: Vec<String> = (0..n_items).map(|i| format!("Main.v{i}")).collect();
    for chunk in items.chunks(500) {
        let connections = chunk.iter().map(|item| AddConnectionIn {
            provider_item: item.clone(),
            consumer_item: item.clone(),
            persistence: Persistence::Volatile,
            substitute: None,
            epsilon: None,
        });
        let request = AddConnectionsRequest {
            provider: format!("{}!Source", source.address().ip),
            qos_type: QosType::Acyclic,
            qos_value: INTERVAL_MS,
            state: Activation::Active,
            connections: connections.collect(),
        };
        acco.call::<AddConnections>(&request).await?;
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    while sink.statistics().values_received < n_items as u64 && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let (began, before) = (Instant::now(), sink.statistics().values_received);
    let mut round = 0;
    while began.elapsed() < MEASURED {
        round += 1;
        for item in &items {
            source.set("Source", item, &Value::Int(round)).map_err(|hr| hr.to_string())?;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let values = sink.statistics().values_received - before;
    let due = n_items * 1000 / usize::from(INTERVAL_MS);
    let rate = values as f64 / seconds;
    println!("{n_items} outputs every {INTERVAL_MS} ms: {rate:.0} of {due} values/s received ({seconds:.1} s)");
    plant.shutdown().await;
    Ok(())
}
