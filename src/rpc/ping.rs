//! Keeps the objects we hold alive: one set and one task for each resolver (protocol notes 3.3).

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::RpcError;
use super::node::{Inner, RpcNode, checked, lock, stub_of};
use crate::proto::dcom::RemoteRef;
use crate::wire::dcom::oxid::{
    COMPLEX_PING, ComplexPingRequest, ComplexPingResponse, SIMPLE_PING, SimplePingRequest, StatusResponse,
};
use crate::wire::dcom::{iid, status};

/// Time between pings.
const PERIOD: Duration = Duration::from_secs(120);

/// How long changes are gathered before they are told: a visit to a device takes up many objects at once
/// and is often over before a ping would be worth it.
const GATHER: Duration = Duration::from_secs(5);

/// Most OIDs one ComplexPing changes.
const CHUNK: usize = 500;

#[derive(Default)]
pub(super) struct Pings {
    resolvers: Mutex<HashMap<SocketAddr, Held>>,
}

/// What is held of one resolver's objects: how often each.
struct Held {
    oids: HashMap<u64, usize>,
    changed: Arc<Notify>,
}

/// The resolver to ping for a reference.
fn resolver_of(reference: &RemoteRef) -> Option<SocketAddr> {
    reference.resolver.map(|place| SocketAddr::new(place.ip.into(), place.port))
}

impl Pings {
    pub fn hold(&self, node: &RpcNode, reference: &RemoteRef) {
        let Some(resolver) = resolver_of(reference) else { return };
        let mut resolvers = lock(&self.resolvers);
        let held = resolvers.entry(resolver).or_insert_with(|| {
            let changed = Arc::new(Notify::new());
            tokio::spawn(keep(Arc::downgrade(&node.inner), resolver, Arc::clone(&changed)));
            Held { oids: HashMap::new(), changed }
        });
        *held.oids.entry(reference.oid).or_insert(0) += 1;
        held.changed.notify_one();
    }

    pub fn forget(&self, reference: &RemoteRef) {
        let Some(resolver) = resolver_of(reference) else { return };
        if let Some(held) = lock(&self.resolvers).get_mut(&resolver) {
            if let Some(n) = held.oids.get_mut(&reference.oid) {
                *n -= 1;
                if *n == 0 {
                    held.oids.remove(&reference.oid);
                }
            }
            held.changed.notify_one();
        }
    }

    pub fn stop(&self) {
        for held in std::mem::take(&mut *lock(&self.resolvers)).into_values() {
            held.changed.notify_one();
        }
    }

    /// The OIDs held now. Forgets the resolver and gives `None` when there are none, so that its task
    /// ends.
    fn current(&self, resolver: SocketAddr) -> Option<BTreeSet<u64>> {
        let mut resolvers = lock(&self.resolvers);
        let oids: BTreeSet<u64> = resolvers.get(&resolver)?.oids.keys().copied().collect();
        if oids.is_empty() {
            resolvers.remove(&resolver);
            return None;
        }
        Some(oids)
    }
}

/// Pings one resolver until nothing of it is held.
async fn keep(node: Weak<Inner>, resolver: SocketAddr, changed: Arc<Notify>) {
    let mut set = Set::default();
    loop {
        let is_change = timeout(PERIOD, changed.notified()).await.is_ok();
        if is_change {
            tokio::time::sleep(GATHER).await;
        }
        let Some(inner) = node.upgrade() else { return };
        let node = RpcNode { inner };
        let Some(oids) = node.inner.pings.current(resolver) else {
            // Nothing is left: the server lets go of the set when it hears no more, but can be told.
            let _ = set.tell(&node, resolver, &BTreeSet::new()).await;
            return;
        };
        // What went wrong is tried again with the next ping; calls show it to those concerned.
        if let Err(error) = set.tell(&node, resolver, &oids).await {
            tracing::debug!(%resolver, %error, "ping");
        }
    }
}

/// What the server knows of us.
#[derive(Default)]
struct Set {
    id: u64,
    sequence: u16,
    oids: BTreeSet<u64>,
}

impl Set {
    /// Tells the server what has changed since, or that nothing has.
    async fn tell(&mut self, node: &RpcNode, resolver: SocketAddr, wanted: &BTreeSet<u64>) -> Result<(), RpcError> {
        if *wanted == self.oids {
            if self.id == 0 {
                return Ok(());
            }
            let method = (iid::OXID_RESOLVER, SIMPLE_PING, "SimplePing");
            let request = SimplePingRequest { set_id: self.id };
            let answer = node.call_resolver(resolver, method, |w| request.write(w)).await?;
            let response = stub_of(resolver, method.2, StatusResponse::read(&mut answer.reader()))?;
            if response.status != status::OR_INVALID_SET {
                return checked(resolver, method.2, response.status);
            }
            // The server has forgotten the set, as after a restart.
            *self = Self::default();
        }
        while *wanted != self.oids {
            let add: Vec<u64> = wanted.difference(&self.oids).copied().take(CHUNK).collect();
            let del: Vec<u64> = self.oids.difference(wanted).copied().take(CHUNK).collect();
            self.sequence = self.sequence.wrapping_add(1);
            let method = (iid::OXID_RESOLVER, COMPLEX_PING, "ComplexPing");
            let request = ComplexPingRequest { set_id: self.id, sequence: self.sequence, add, del };
            let answer = node.call_resolver(resolver, method, |w| request.write(w)).await?;
            let response = stub_of(resolver, method.2, ComplexPingResponse::read(&mut answer.reader()))?;
            if response.status == status::OR_INVALID_SET && self.id != 0 {
                *self = Self::default();
                continue;
            }
            checked(resolver, method.2, response.status)?;
            self.id = response.set_id;
            self.oids.extend(&request.add);
            for oid in &request.del {
                self.oids.remove(oid);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::tcp::Network;
    use crate::rpc::NodeOptions;

    #[tokio::test]
    async fn a_set_follows_what_is_held_and_survives_a_restart_of_the_server() {
        let serve = |port| RpcNode::serve(Network::new(), [127, 0, 0, 1].into(), port, NodeOptions::default()).unwrap();
        let server = serve(0);
        let place = server.endpoint().unwrap();
        let resolver = SocketAddr::new(place.ip.into(), place.resolver_port);
        let node = RpcNode::client(Network::new(), None);
        let mut set = Set::default();
        set.tell(&node, resolver, &BTreeSet::new()).await.unwrap();
        assert_eq!(set.id, 0, "an empty set is not told of");
        let many: BTreeSet<u64> = (1..1200).collect();
        set.tell(&node, resolver, &many).await.unwrap();
        assert_eq!((set.oids.len(), set.sequence), (1199, 3));
        let id = set.id;
        set.tell(&node, resolver, &many).await.unwrap();
        set.tell(&node, resolver, &[7].into()).await.unwrap();
        assert_eq!((&set.oids, set.id), (&[7].into(), id));

        server.shutdown().await;
        let _again = serve(place.resolver_port);
        // The connection to the server that is gone may fail first, once.
        if set.tell(&node, resolver, &[7].into()).await.is_err() {
            set.tell(&node, resolver, &[7].into()).await.unwrap();
        }
        assert_ne!(set.id, id, "a set of the new server");
        assert_eq!(set.oids, [7].into());
    }
}
