//! Numbers of options and suboptions.

use std::fmt;

/// Which property of a station a block is about. Unknown numbers are kept as they are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OptionId {
    /// Group of properties.
    pub option: u8,
    /// Property in it.
    pub suboption: u8,
}

macro_rules! options {
    ($($(#[$doc:meta])* $konst:ident = $option:literal / $suboption:literal, $name:literal;)*) => {
        impl OptionId {
            $($(#[$doc])* pub const $konst: Self = Self::new($option, $suboption);)*

            /// Every option that has a name, in the order of its numbers.
            pub const NAMED: &'static [Self] = &[$(Self::$konst,)*];

            /// Name of the option, if it is a known one.
            pub const fn name(self) -> Option<&'static str> {
                match (self.option, self.suboption) {
                    $(($option, $suboption) => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

options! {
    /// MAC address of the interface.
    MAC = 1 / 1, "MAC address";
    /// Address, mask and gateway.
    IP = 1 / 2, "IP parameter";
    /// Address, mask, gateway and four name servers.
    FULL_IP = 1 / 3, "full IP suite";
    /// Type of station, in the manufacturer's words.
    DEVICE_VENDOR = 2 / 1, "device vendor value";
    /// Name of station.
    NAME = 2 / 2, "name of station";
    /// VendorID and DeviceID.
    DEVICE_ID = 2 / 3, "device ID";
    /// What the station can be.
    ROLE = 2 / 4, "device role";
    /// The options it supports.
    OPTIONS = 2 / 5, "device options";
    /// Name by the neighbour's port.
    ALIAS = 2 / 6, "alias name";
    /// Which of several devices in one housing.
    INSTANCE = 2 / 7, "device instance";
    /// VendorID and DeviceID of who sells it.
    OEM_ID = 2 / 8, "OEM device ID";
    /// Gateway used where none is set.
    GATEWAY = 2 / 9, "standard gateway";
    /// What of the remote service interface it supports.
    RSI = 2 / 10, "RSI properties";
    /// Host name of DHCP.
    DHCP_HOST_NAME = 3 / 12, "DHCP host name";
    /// Vendor's information of DHCP.
    DHCP_VENDOR = 3 / 43, "DHCP vendor specific information";
    /// Server of DHCP.
    DHCP_SERVER = 3 / 54, "DHCP server identifier";
    /// Parameters asked for by DHCP.
    DHCP_PARAMETERS = 3 / 55, "DHCP parameter request list";
    /// Class of DHCP.
    DHCP_CLASS = 3 / 60, "DHCP class identifier";
    /// Client identifier of DHCP.
    DHCP_CLIENT = 3 / 61, "DHCP client identifier";
    /// Domain name of DHCP.
    DHCP_FQDN = 3 / 81, "DHCP fully qualified domain name";
    /// UUID of a DHCP client.
    DHCP_UUID = 3 / 97, "DHCP UUID client identifier";
    /// Whether DHCP is used.
    DHCP_CONTROL = 3 / 255, "DHCP control";
    /// Several Sets belong together, first.
    START = 5 / 1, "start of transaction";
    /// Several Sets belong together, last.
    END = 5 / 2, "end of transaction";
    /// Flash, to be found.
    SIGNAL = 5 / 3, "signal";
    /// Result of a block.
    RESPONSE = 5 / 4, "response";
    /// Forget name and address; of older devices.
    RESET_FACTORY_SETTINGS = 5 / 5, "reset factory settings";
    /// Forget what the mode says.
    RESET_TO_FACTORY = 5 / 6, "reset to factory";
    /// Whether it says Hello after power-on.
    INITIATIVE = 6 / 1, "device initiative";
    /// TSN domain name.
    TSN_NAME = 7 / 1, "TSN domain name";
    /// TSN domain manager.
    TSN_MANAGER = 7 / 2, "TSN domain manager";
    /// UUID of TSN parameters.
    TSN_PARAMETERS = 7 / 3, "TSN parameter UUID";
    /// TSN agent.
    TSN_AGENT = 7 / 4, "TSN agent";
    /// Central interface of TSN.
    TSN_CIM = 7 / 5, "TSN CIM interface";
    /// Everything: the filter of Identify-All.
    ALL = 0xff / 0xff, "all";
}

impl OptionId {
    /// An option by its numbers.
    pub const fn new(option: u8, suboption: u8) -> Self {
        Self { option, suboption }
    }

    /// Of the manufacturer, whose meaning nobody else knows.
    pub const fn is_manufacturer(self) -> bool {
        matches!(self.option, 0x80..=0xfe)
    }
}

impl fmt::Display for OptionId {
    /// `name of station (2/2)`, or the numbers alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { option, suboption } = self;
        match self.name() {
            Some(name) => write!(f, "{name} ({option}/{suboption})"),
            None => write!(f, "option {option}/{suboption}"),
        }
    }
}

impl fmt::Debug for OptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
