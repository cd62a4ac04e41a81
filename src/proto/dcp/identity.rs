//! What a station says of itself.

use std::net::Ipv4Addr;

use crate::wire::dcp::{Block, BlockInfo, DeviceIdentity, DeviceRole, IpSuite, OptionId, RsiProperties, Value};
use crate::wire::ethernet::MacAddress;

/// What a station said in one answer or Hello; `None` is what it did not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// Name of station; empty: it has none.
    pub name: Option<String>,
    /// Address, mask and gateway; all zeros: it has none.
    pub ip: Option<IpSuite>,
    /// What it said beside the address: DHCP, conflict.
    pub ip_info: BlockInfo,
    /// Name servers.
    pub dns: Option<[Ipv4Addr; 4]>,
    /// MAC address, where it tells it in a block.
    pub mac: Option<MacAddress>,
    /// Type of station; blanks at the end are cut.
    pub vendor_value: Option<String>,
    /// Who made it.
    pub device_id: Option<DeviceIdentity>,
    /// Who sells it.
    pub oem_id: Option<DeviceIdentity>,
    /// What it can be.
    pub role: Option<DeviceRole>,
    /// Options it supports.
    pub options: Vec<OptionId>,
    /// Names by its neighbours' ports.
    pub aliases: Vec<String>,
    /// Which of several devices in one housing, high and low.
    pub instance: Option<(u8, u8)>,
    /// Its standard gateway.
    pub gateway: Option<Ipv4Addr>,
    /// What of the remote service interface it supports.
    pub rsi: Option<RsiProperties>,
    /// Whether it says Hello.
    pub hello: Option<bool>,
    /// Everything else, raw.
    pub others: Vec<Value>,
}

impl Identity {
    /// From the blocks of an answer or a Hello, in any order; of several blocks of one option the last counts.
    pub fn of(blocks: &[Block]) -> Self {
        let mut identity = Self::default();
        for Block { info, value } in blocks {
            match value {
                Value::Name(name) => identity.name = Some(name.clone()),
                Value::Ip(suite) => (identity.ip, identity.ip_info) = (Some(*suite), *info),
                Value::FullIp { suite, dns } => {
                    (identity.ip, identity.ip_info, identity.dns) = (Some(*suite), *info, Some(*dns));
                }
                Value::Mac(mac) => identity.mac = Some(*mac),
                Value::DeviceVendor(text) => identity.vendor_value = Some(text.trim_end().to_owned()),
                Value::DeviceId(id) => identity.device_id = Some(*id),
                Value::OemId(id) => identity.oem_id = Some(*id),
                Value::Role(role, _) => identity.role = Some(*role),
                Value::Options(options) => identity.options.clone_from(options),
                Value::Alias(alias) => identity.aliases.push(alias.clone()),
                Value::Instance(high, low) => identity.instance = Some((*high, *low)),
                Value::Gateway(gateway) => identity.gateway = Some(*gateway),
                Value::Rsi(rsi) => identity.rsi = Some(*rsi),
                Value::Initiative(number) => identity.hello = Some(*number & 1 == 1),
                other => identity.others.push(other.clone()),
            }
        }
        identity
    }

    /// The name, if it has one.
    pub fn station_name(&self) -> Option<&str> {
        self.name.as_deref().filter(|name| !name.is_empty())
    }

    /// The address, if it has one, whatever it says beside it.
    pub fn address(&self) -> Option<Ipv4Addr> {
        self.ip.map(|suite| suite.ip).filter(|ip| !ip.is_unspecified())
    }
}
