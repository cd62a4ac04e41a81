//! Values of blocks, by option (spec 3.2).

use std::fmt;
use std::net::Ipv4Addr;

use super::OptionId;
use crate::wire::WireError;
use crate::wire::ethernet::MacAddress;
use crate::wire::octets::{OctetReader, OctetWriter};

/// IPv4 settings of an interface. All zeros: none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IpSuite {
    /// Address.
    pub ip: Ipv4Addr,
    /// Subnet mask.
    pub mask: Ipv4Addr,
    /// Gateway as sent; [`router`](Self::router) knows what it means.
    pub gateway: Ipv4Addr,
}

impl IpSuite {
    /// No address.
    pub const NONE: Self =
        Self { ip: Ipv4Addr::UNSPECIFIED, mask: Ipv4Addr::UNSPECIFIED, gateway: Ipv4Addr::UNSPECIFIED };

    /// The gateway, if there is one: 0.0.0.0 and, from some tools, the station's own address say "none".
    pub fn router(&self) -> Option<Ipv4Addr> {
        (!self.gateway.is_unspecified() && self.gateway != self.ip).then_some(self.gateway)
    }

    fn read(r: &mut OctetReader<'_>) -> Result<Self, WireError> {
        Ok(Self { ip: r.ip("IP address")?, mask: r.ip("subnet mask")?, gateway: r.ip("gateway")? })
    }

    fn write(&self, w: &mut OctetWriter) {
        for address in [self.ip, self.mask, self.gateway] {
            w.bytes(&address.octets());
        }
    }
}

/// Who made a device, and which of theirs it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DeviceIdentity {
    /// Given out by PROFIBUS & PROFINET International.
    pub vendor: u16,
    /// Given out by the manufacturer.
    pub device: u16,
}

/// What a station can be; unknown bits are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DeviceRole(pub u8);

impl DeviceRole {
    /// IO device.
    pub const DEVICE: Self = Self(0x01);
    /// IO controller.
    pub const CONTROLLER: Self = Self(0x02);
    /// Several IO devices behind one interface.
    pub const MULTIDEVICE: Self = Self(0x04);
    /// PROFINET supervisor.
    pub const SUPERVISOR: Self = Self(0x08);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl fmt::Display for DeviceRole {
    /// `IO-Device, IO-Controller`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::DEVICE, "IO-Device"),
            (Self::CONTROLLER, "IO-Controller"),
            (Self::MULTIDEVICE, "IO-Multidevice"),
            (Self::SUPERVISOR, "PN-Supervisor"),
        ];
        let mut first = true;
        for (role, name) in names {
            if self.contains(role) {
                f.write_str(if first { "" } else { ", " })?;
                f.write_str(name)?;
                first = false;
            }
        }
        if self.0 & 0xf0 != 0 || first {
            write!(f, "{}0x{:02x}", if first { "" } else { ", " }, self.0)
        } else {
            Ok(())
        }
    }
}

/// What of the remote service interface a station supports; unknown bits are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RsiProperties(pub u16);

impl RsiProperties {
    /// IP stack.
    pub const IP_STACK: Self = Self(1 << 0);
    /// Connectionless RPC.
    pub const CL_RPC: Self = Self(1 << 1);
    /// Application relations over RSI.
    pub const RSI_AR: Self = Self(1 << 2);
    /// Read implicit within them.
    pub const RSI_AR_READ_IMPLICIT: Self = Self(1 << 3);
    /// RSI for the central interface module.
    pub const RSI_CIM: Self = Self(1 << 4);
    /// Read implicit there.
    pub const RSI_CIM_READ_IMPLICIT: Self = Self(1 << 5);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A property of a station. Texts are not terminated on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// 1/1.
    Mac(MacAddress),
    /// 1/2.
    Ip(IpSuite),
    /// 1/3.
    FullIp {
        /// Address, mask, gateway.
        suite: IpSuite,
        /// Name servers; 0.0.0.0 where there is none.
        dns: [Ipv4Addr; 4],
    },
    /// 2/1, type of station.
    DeviceVendor(String),
    /// 2/2; empty: no name. Rules for names are not judged here.
    Name(String),
    /// 2/3.
    DeviceId(DeviceIdentity),
    /// 2/4, and the reserved byte behind it: 0 from us, anything from others.
    Role(DeviceRole, u8),
    /// 2/5.
    Options(Vec<OptionId>),
    /// 2/6, `port-001.name`.
    Alias(String),
    /// 2/7, high and low byte.
    Instance(u8, u8),
    /// 2/8.
    OemId(DeviceIdentity),
    /// 2/9.
    Gateway(Ipv4Addr),
    /// 2/10.
    Rsi(RsiProperties),
    /// 3/x: the option of DHCP with this number, at most 255 bytes (more are not sent).
    Dhcp(u8, Vec<u8>),
    /// 5/1.
    Start,
    /// 5/2.
    End,
    /// 5/3; 0x0100 = flash once.
    Signal(u16),
    /// 5/5.
    ResetFactorySettings,
    /// 5/6; what is reset stands in the qualifier.
    ResetToFactory,
    /// 6/1; 1 = sends Hello after power-on.
    Initiative(u16),
    /// Unknown, or with a length or a text that the option cannot have.
    Other(OptionId, Vec<u8>),
}

impl Value {
    /// The only signal there is.
    pub const FLASH_ONCE: Self = Self::Signal(0x0100);

    /// Which property this is.
    pub fn id(&self) -> OptionId {
        match self {
            Self::Mac(_) => OptionId::MAC,
            Self::Ip(_) => OptionId::IP,
            Self::FullIp { .. } => OptionId::FULL_IP,
            Self::DeviceVendor(_) => OptionId::DEVICE_VENDOR,
            Self::Name(_) => OptionId::NAME,
            Self::DeviceId(_) => OptionId::DEVICE_ID,
            Self::Role(..) => OptionId::ROLE,
            Self::Options(_) => OptionId::OPTIONS,
            Self::Alias(_) => OptionId::ALIAS,
            Self::Instance(..) => OptionId::INSTANCE,
            Self::OemId(_) => OptionId::OEM_ID,
            Self::Gateway(_) => OptionId::GATEWAY,
            Self::Rsi(_) => OptionId::RSI,
            Self::Dhcp(code, _) => OptionId::new(3, *code),
            Self::Start => OptionId::START,
            Self::End => OptionId::END,
            Self::Signal(_) => OptionId::SIGNAL,
            Self::ResetFactorySettings => OptionId::RESET_FACTORY_SETTINGS,
            Self::ResetToFactory => OptionId::RESET_TO_FACTORY,
            Self::Initiative(_) => OptionId::INITIATIVE,
            Self::Other(id, _) => *id,
        }
    }

    /// What the bytes mean, without BlockInfo or BlockQualifier.
    pub(super) fn read(id: OptionId, bytes: &[u8]) -> Self {
        Self::known(id, bytes).unwrap_or_else(|| Self::Other(id, bytes.to_vec()))
    }

    /// `None` for what is unknown or has another length.
    fn known(id: OptionId, bytes: &[u8]) -> Option<Self> {
        let text = || str::from_utf8(bytes).ok().map(str::to_owned);
        let mut r = OctetReader::big(bytes);
        let mut identity = || Some(DeviceIdentity { vendor: r.u16("").ok()?, device: r.u16("").ok()? });
        let value = match id {
            OptionId::DEVICE_VENDOR => return text().map(Self::DeviceVendor),
            OptionId::NAME => return text().map(Self::Name),
            OptionId::ALIAS => return text().map(Self::Alias),
            OptionId::OPTIONS => {
                let (pairs, odd) = bytes.as_chunks::<2>();
                let ids = pairs.iter().map(|[option, suboption]| OptionId::new(*option, *suboption));
                return odd.is_empty().then(|| Self::Options(ids.collect()));
            }
            OptionId { option: 3, suboption } => match bytes {
                [code, length, data @ ..] if *code == suboption && usize::from(*length) == data.len() => {
                    return Some(Self::Dhcp(suboption, data.to_vec()));
                }
                _ => return None,
            },
            OptionId::DEVICE_ID => Self::DeviceId(identity()?),
            OptionId::OEM_ID => Self::OemId(identity()?),
            OptionId::MAC => Self::Mac(r.mac("").ok()?),
            OptionId::IP => Self::Ip(IpSuite::read(&mut r).ok()?),
            OptionId::FULL_IP => {
                let suite = IpSuite::read(&mut r).ok()?;
                let mut dns = [Ipv4Addr::UNSPECIFIED; 4];
                for server in &mut dns {
                    *server = r.ip("").ok()?;
                }
                Self::FullIp { suite, dns }
            }
            // The reserved byte behind the role is missing in some stations.
            OptionId::ROLE => match bytes {
                [role] => return Some(Self::Role(DeviceRole(*role), 0)),
                [role, reserved] => return Some(Self::Role(DeviceRole(*role), *reserved)),
                _ => return None,
            },
            OptionId::INSTANCE => Self::Instance(r.u8("").ok()?, r.u8("").ok()?),
            OptionId::GATEWAY => Self::Gateway(r.ip("").ok()?),
            OptionId::RSI => Self::Rsi(RsiProperties(r.u16("").ok()?)),
            OptionId::START => Self::Start,
            OptionId::END => Self::End,
            OptionId::SIGNAL => Self::Signal(r.u16("").ok()?),
            OptionId::RESET_FACTORY_SETTINGS => Self::ResetFactorySettings,
            OptionId::RESET_TO_FACTORY => Self::ResetToFactory,
            OptionId::INITIATIVE => Self::Initiative(r.u16("").ok()?),
            _ => return None,
        };
        (r.remaining() == 0).then_some(value)
    }

    /// The value alone, without BlockInfo or BlockQualifier.
    pub(super) fn write(&self, w: &mut OctetWriter) {
        match self {
            Self::Mac(mac) => w.bytes(&mac.0),
            Self::Ip(suite) => suite.write(w),
            Self::FullIp { suite, dns } => {
                suite.write(w);
                for server in dns {
                    w.bytes(&server.octets());
                }
            }
            Self::DeviceVendor(text) | Self::Name(text) | Self::Alias(text) => w.bytes(text.as_bytes()),
            Self::DeviceId(id) | Self::OemId(id) => {
                w.u16(id.vendor);
                w.u16(id.device);
            }
            Self::Role(role, reserved) => w.bytes(&[role.0, *reserved]),
            Self::Options(ids) => {
                for id in ids {
                    w.bytes(&[id.option, id.suboption]);
                }
            }
            Self::Instance(high, low) => w.bytes(&[*high, *low]),
            Self::Gateway(gateway) => w.bytes(&gateway.octets()),
            Self::Rsi(RsiProperties(number)) | Self::Signal(number) | Self::Initiative(number) => w.u16(*number),
            Self::Dhcp(code, data) => {
                w.u8(*code);
                w.short_text(data);
            }
            Self::Start | Self::End | Self::ResetFactorySettings | Self::ResetToFactory => {}
            Self::Other(_, bytes) => w.bytes(bytes),
        }
    }
}
