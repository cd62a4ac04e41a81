//! A device on the network: its two ports, its objects, and the way to others.
//!
//! A device keeps working when its cable is pulled; what it then lacks is its station. Plugging makes a new one, with new object
//! ids, as after a restart of the stack.

use std::collections::HashMap;
use std::future;
use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, Weak};

use tokio_util::sync::CancellationToken;

use super::core::DeviceCore;
use super::serve::{self, Object, References};
use crate::net::tcp::Network;
use crate::rpc::{Answering, Exported, NodeOptions, ObjectCall, ObjectHandler, RpcError, RpcNode};
use crate::wire::cba::Interface;
use crate::wire::dcerpc::FaultStatus;

/// What a device is while it is on the network.
pub(super) struct Station {
    pub(super) node: RpcNode,
    ip: Ipv4Addr,
    objects: OnceLock<HashMap<Object, Exported>>,
}

/// Answers the calls of one object.
struct Server {
    core: Arc<DeviceCore>,
    /// Weak, because the station holds what holds this.
    station: Weak<Station>,
    object: Object,
    /// Rung when a fault to try makes the device die.
    death: CancellationToken,
}

impl Station {
    /// Opens the ports and offers all objects.
    ///
    /// # Errors
    /// A port cannot be opened.
    pub(super) fn open(
        core: &Arc<DeviceCore>,
        network: &Network,
        ip: Ipv4Addr,
        resolver_port: u16,
        death: &CancellationToken,
    ) -> Result<Arc<Self>, RpcError> {
        let node = RpcNode::serve(network.clone(), ip, resolver_port, NodeOptions::default())
            .map_err(|error| RpcError::Unreachable(Arc::new(error)))?;
        let station = Arc::new(Self { node, ip, objects: OnceLock::new() });
        let spec = core.spec();
        let mut objects = HashMap::new();
        let mut offer = |object, interfaces: &[Interface]| {
            let (core, station_ref) = (Arc::clone(core), Arc::downgrade(&station));
            let server = Server { core, station: station_ref, object, death: death.clone() };
            let exported = station.node.export(Arc::new(server), interfaces);
            objects.insert(object, exported);
        };
        offer(Object::PDev, &serve::interfaces(Object::PDev, spec.stage, None));
        for (index, ldev) in spec.ldevs.iter().enumerate() {
            let Some(described) = ldev.described() else { continue };
            for object in [Object::LDev(index), Object::Acco(index)] {
                offer(object, &serve::interfaces(object, spec.stage, Some(described)));
            }
            for rtauto in 0..described.rtautos.len() {
                let object = Object::RtAuto(index, rtauto);
                offer(object, &serve::interfaces(object, spec.stage, Some(described)));
            }
        }
        if let Some(pdev) = objects.get(&Object::PDev) {
            station.node.offer_activation(pdev, ip)?;
        }
        // Set once, here.
        let _ = station.objects.set(objects);
        Ok(station)
    }

    /// Closes the ports and all connections.
    pub(super) async fn close(&self) {
        self.node.shutdown().await;
    }
}

impl References for Station {
    fn objref(&self, object: Object, interface: Interface) -> Option<Vec<u8>> {
        self.objects.get()?.get(&object)?.objref(interface, self.ip).ok()
    }
}

impl Server {
    fn answer(&self, call: &ObjectCall) -> serve::Answer {
        let interface = Interface::from_iid(call.interface).ok_or(FaultStatus::UNKNOWN_INTERFACE)?;
        let station = self.station.upgrade().ok_or(FaultStatus::DISCONNECTED)?;
        self.core.counters.calls_served.fetch_add(1, Ordering::Relaxed);
        serve::answer(&self.core, &*station, self.object, interface, call.opnum, &mut call.reader()?)
    }
}

impl ObjectHandler for Server {
    fn call(self: Arc<Self>, call: ObjectCall) -> Answering {
        let faults = self.core.faults();
        if faults.dies_now() {
            self.death.cancel();
            return Box::pin(future::pending());
        }
        if faults.stalls() {
            return Box::pin(future::pending());
        }
        Box::pin(future::ready(self.answer(&call)))
    }
}
