//! Stations asked by SNMP, versions 1 and 2c: who they are, their ports, who is at the other end, and what their ports count.
//!
//! Read only. Version 2c is tried first, then 1 (spec 7.1); an agent that never ends, repeats itself or sends too much is left.

mod tables;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use async_snmp::client::WalkOptions;
use async_snmp::{Auth, Client, Oid, Retry, Value};

pub use tables::{Counters, Interface, SnmpRows, SnmpStation, SnmpValue, SystemGroup, columns, station};

/// Rows that are taken of one column, and of all.
const MOST_OF_COLUMN: usize = 2_000;
const MOST_ROWS: usize = 20_000;
/// Rows asked for at once (spec 7.1).
const REPETITIONS: u32 = 20;

/// How agents are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnmpOptions {
    /// Community that may read.
    pub community: String,
    /// UDP port.
    pub port: u16,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How often a question is repeated.
    pub repeats: u32,
    /// How long all questions to one agent may take together.
    pub most: Duration,
}

impl Default for SnmpOptions {
    /// `public` at port 161; one second, two repeats, 30 seconds in all.
    fn default() -> Self {
        Self {
            community: "public".to_owned(),
            port: 161,
            timeout: Duration::from_secs(1),
            repeats: 2,
            most: Duration::from_secs(30),
        }
    }
}

/// Why an agent told nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnmpError {
    /// Nobody answers.
    #[error("no SNMP agent answers at {0}: it may be off, or its community another one")]
    Silent(SocketAddr),
    /// It could not be asked, or what it said makes no sense.
    #[error("{agent}: {why}")]
    Failed {
        /// The agent.
        agent: SocketAddr,
        /// Why.
        why: String,
    },
}

/// Asks the agent of a station for everything that is of use.
///
/// # Errors
/// [`SnmpError`] when not even the system group comes; what comes later and fails is left out.
pub async fn ask(ip: Ipv4Addr, options: &SnmpOptions) -> Result<SnmpStation, SnmpError> {
    let agent = SocketAddr::from((ip, options.port));
    let rows = match read(agent, Auth::v2c(options.community.as_str()), options).await {
        Ok(rows) => rows,
        Err(SnmpError::Silent(_)) => read(agent, Auth::v1(options.community.as_str()), options).await?,
        Err(error) => return Err(error),
    };
    Ok(station(ip, &rows))
}

async fn read(agent: SocketAddr, auth: Auth, options: &SnmpOptions) -> Result<SnmpRows, SnmpError> {
    let failed = |error: &dyn std::fmt::Display| SnmpError::Failed { agent, why: error.to_string() };
    let retry = Retry::fixed(options.repeats, Duration::ZERO).map_err(|error| failed(&error))?;
    let walk =
        WalkOptions { max_repetitions: REPETITIONS, result_limit: Some(MOST_OF_COLUMN), ..WalkOptions::default() };
    let client = Client::builder(agent, auth).request_timeout(options.timeout).retry(retry).walk_options(walk);
    let client = client.connect().await.map_err(|error| failed(&error))?;
    let mut rows = SnmpRows::new();
    let all = async {
        for column in columns() {
            let Ok(mut found) = client.walk(Oid::from_slice(&column)) else { continue };
            while let Some(row) = found.next().await {
                match row {
                    Ok(row) => drop(value(&row.value).map(|value| rows.insert(row.oid.arcs().to_vec(), value))),
                    // Nobody answers the first question: nobody will answer the others.
                    Err(_) if rows.is_empty() => return,
                    Err(_) => break,
                }
                if rows.len() >= MOST_ROWS {
                    return;
                }
            }
        }
    };
    // What came until then is of use.
    _ = tokio::time::timeout(options.most, all).await;
    if rows.is_empty() { Err(SnmpError::Silent(agent)) } else { Ok(rows) }
}

fn value(value: &Value) -> Option<SnmpValue> {
    if let Some(ip) = value.as_ip() {
        return Some(SnmpValue::Ip(ip));
    }
    match value.as_u64() {
        Some(number) => Some(SnmpValue::Number(number)),
        None => Some(SnmpValue::Octets(value.as_bytes()?.to_vec())),
    }
}
