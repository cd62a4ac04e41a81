//! What a client keeps of an object it was given.

use std::net::Ipv4Addr;

use super::convention::RESOLVER_PORT;
use crate::wire::Guid;
use crate::wire::dcom::{DualStringArray, StandardObjRef};

/// A place named by a string binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Where {
    /// IPv4 address.
    pub ip: Ipv4Addr,
    /// TCP port.
    pub port: u16,
}

impl Where {
    /// The first binding with a dotted IPv4 address; one without a port means `default_port`.
    ///
    /// Host names are not looked up: CBA puts the dotted address first (protocol notes 3.2).
    pub fn first_of(bindings: &DualStringArray, default_port: u16) -> Option<Self> {
        bindings
            .endpoints()
            .find_map(|(host, port)| Some(Self { ip: host.parse().ok()?, port: port.unwrap_or(default_port) }))
    }
}

/// A remote interface, with all it takes to call it and to give it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RemoteRef {
    /// Interface.
    pub iid: Guid,
    /// Interface pointer id: the object UUID of calls.
    pub ipid: Guid,
    /// Object, for pings.
    pub oid: u64,
    /// Exporter.
    pub oxid: u64,
    /// References held, to be released in the end.
    pub public_refs: u32,
    /// The exporter's resolver.
    pub resolver: Option<Where>,
}

impl From<&StandardObjRef> for RemoteRef {
    fn from(objref: &StandardObjRef) -> Self {
        Self {
            iid: objref.iid,
            ipid: objref.std.ipid,
            oid: objref.std.oid,
            oxid: objref.std.oxid,
            public_refs: objref.std.public_refs,
            resolver: Where::first_of(&objref.resolver, RESOLVER_PORT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::dcom::StringBinding;

    #[test]
    fn the_first_dotted_address_counts() {
        let mut bindings = DualStringArray::tcp("pump-1", Some(7));
        assert_eq!(Where::first_of(&bindings, 135), None);
        bindings.strings.push(StringBinding::tcp("192.168.0.12", None));
        assert_eq!(Where::first_of(&bindings, 135), Some(Where { ip: [192, 168, 0, 12].into(), port: 135 }));
    }
}
