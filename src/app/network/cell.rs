//! The address table: what each cell says, and the edit that a text in it makes.

use std::net::Ipv4Addr;
use std::sync::Arc;

use super::subnet::{is_mask, read_mask};
use crate::edit::Edit;
use crate::model::{
    Attachment, Device, EthernetAddress, Mac, Name, Phrase, Plan, ProfibusAddress, Say, StationNameError,
    check_station_name,
};

/// What a cell holds to be emptied when a whole sheet is pasted, where an empty one leaves things as they are.
pub(super) const CLEAR: &str = "-";
/// Largest PROFIBUS address in operation.
const LAST_PROFIBUS: u8 = 125;

/// A column of the address table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressColumn {
    /// Name of the device in the plan.
    Device,
    /// Subnet, by name.
    Subnet,
    /// PROFINET name of station.
    Station,
    /// IP address.
    Ip,
    /// Mask of its own; empty means that of the subnet.
    Mask,
    /// Router.
    Router,
    /// MAC address.
    Mac,
    /// PROFIBUS: the device that is the proxy.
    Proxy,
    /// PROFIBUS: number of the DP master system in the proxy.
    System,
    /// PROFIBUS address.
    Address,
}

impl AddressColumn {
    /// All columns, as they stand in the table.
    pub const ALL: [Self; 10] = [
        Self::Device,
        Self::Subnet,
        Self::Station,
        Self::Ip,
        Self::Mask,
        Self::Router,
        Self::Mac,
        Self::Proxy,
        Self::System,
        Self::Address,
    ];

    /// Its key in the tables of languages.
    pub fn key(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Subnet => "subnet",
            Self::Station => "station",
            Self::Ip => "ip",
            Self::Mask => "mask",
            Self::Router => "router",
            Self::Mac => "mac",
            Self::Proxy => "proxy",
            Self::System => "system",
            Self::Address => "address",
        }
    }

    /// Whether it says something of devices on PROFIBUS only.
    pub fn is_profibus(self) -> bool {
        matches!(self, Self::Proxy | Self::System | Self::Address)
    }

    /// Whether a device of this attachment has the cell.
    pub fn applies(self, device: &Device) -> bool {
        self == Self::Device || self.is_profibus() == device.profibus_address().is_some()
    }
}

/// Why a text cannot stand in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellError {
    /// No such device.
    NoDevice(String),
    /// No such subnet.
    NoSubnet(String),
    /// The device is behind a proxy and has no such cell.
    OnProfibus,
    /// The device is on Ethernet and has no such cell.
    OnEthernet,
    /// No name of station.
    Station(StationNameError),
    /// No IP address.
    Ip(String),
    /// No mask.
    Mask(String),
    /// No MAC address.
    Mac(String),
    /// No number of a DP master system.
    System(String),
    /// No PROFIBUS address.
    Address(String),
    /// A device behind itself.
    Itself,
    /// The cell always says something.
    Needed,
    /// A device has several rows in what is pasted.
    Twice(String),
    /// More cells than the table has to the right.
    NoColumn,
    /// A text that nobody would put into a table.
    TooLarge(usize),
    /// More rows than the table has below.
    NoRow,
}

impl Say for CellError {
    fn say(&self) -> Phrase {
        match self {
            Self::NoDevice(it) => crate::say!("there is no device {it}", it),
            Self::NoSubnet(it) => crate::say!("there is no subnet {it}", it),
            Self::OnProfibus => crate::say!("the device is on PROFIBUS, which knows no such address"),
            Self::OnEthernet => crate::say!("the device is on Ethernet, not behind a proxy"),
            Self::Station(it) => crate::say!("no name of station: {it}", it),
            Self::Ip(it) => crate::say!("`{it}` is no IP address; write 192.168.0.10", it),
            Self::Mask(it) => crate::say!("`{it}` is no mask; write 255.255.255.0 or /24", it),
            Self::Mac(it) => crate::say!("`{it}` is no MAC address; write 00:1b:1b:00:00:01", it),
            Self::System(it) => crate::say!("`{it}` is no number of a DP master system; 0 to 255", it),
            Self::Address(it) => crate::say!("`{it}` is no PROFIBUS address in operation; 0 to 125", it),
            Self::Itself => crate::say!("a device is not its own proxy"),
            Self::Needed => crate::say!("it cannot be empty"),
            Self::Twice(it) => crate::say!("the device {it} is there twice", it),
            Self::NoColumn => crate::say!("there is no column for it"),
            Self::TooLarge(it) => crate::say!("more than {it} MB are not looked at", it),
            Self::NoRow => crate::say!("there is no device for this row"),
        }
    }
}

crate::error_in_words!(CellError);

/// What a cell says; empty where nothing is decided, and where the device has no such cell.
pub fn cell_text(name: &Name, device: &Device, column: AddressColumn) -> String {
    let ip = |ip: Option<Ipv4Addr>| ip.map(|ip| ip.to_string()).unwrap_or_default();
    match (&device.attachment, column) {
        (_, AddressColumn::Device) => name.to_string(),
        (Attachment::Ethernet(address), AddressColumn::Subnet) => text(&address.subnet),
        (Attachment::Ethernet(address), AddressColumn::Station) => address.name_of_station.to_string(),
        (Attachment::Ethernet(address), AddressColumn::Ip) => ip(address.ip),
        (Attachment::Ethernet(address), AddressColumn::Mask) => ip(address.mask),
        (Attachment::Ethernet(address), AddressColumn::Router) => ip(address.router),
        (Attachment::Ethernet(address), AddressColumn::Mac) => address.mac.map(mac_text).unwrap_or_default(),
        (Attachment::Profibus(address), AddressColumn::Proxy) => text(&address.proxy),
        (Attachment::Profibus(address), AddressColumn::System) => address.system_id.to_string(),
        (Attachment::Profibus(address), AddressColumn::Address) => {
            address.address.map(|address| address.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn text(name: &Option<Name>) -> String {
    name.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// A MAC address as it is written: `00:1b:1b:00:00:01`.
pub fn mac_text(mac: Mac) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}

/// The edit that makes a cell of the table say this; `None` when it does already. An empty text, or `-`, clears it.
///
/// # Errors
/// Why the text cannot stand there.
pub fn cell_edit(plan: &Plan, name: &Name, column: AddressColumn, text: &str) -> Result<Option<Edit>, CellError> {
    let Some(device) = plan.devices().get(name) else { return Err(CellError::NoDevice(name.to_string())) };
    let text = text.trim();
    if column == AddressColumn::Device {
        return match text {
            "" | CLEAR => Err(CellError::Needed),
            _ if name == text => Ok(None),
            _ => Ok(Some(Edit::RenameDevice { from: name.clone(), to: text.into() })),
        };
    }
    let mut changed = Device::clone(device);
    set_cell(plan, name, &mut changed, column, text)?;
    Ok((changed != **device).then(|| Edit::SetDevice { name: name.clone(), device: changed }))
}

/// Makes a cell other than that of the name say this.
pub(super) fn set_cell(
    plan: &Plan,
    name: &Name,
    device: &mut Device,
    column: AddressColumn,
    text: &str,
) -> Result<(), CellError> {
    let given = Some(text.trim()).filter(|text| !text.is_empty() && *text != CLEAR);
    match &mut device.attachment {
        // What a device does not have is empty already.
        Attachment::Ethernet(_) if column.is_profibus() && given.is_some() => Err(CellError::OnEthernet),
        Attachment::Profibus(_) if !column.is_profibus() && given.is_some() => Err(CellError::OnProfibus),
        Attachment::Ethernet(address) => set_ethernet(plan, address, column, given),
        Attachment::Profibus(address) => set_profibus(plan, name, address, column, given),
    }
}

fn set_ethernet(
    plan: &Plan,
    address: &mut EthernetAddress,
    column: AddressColumn,
    given: Option<&str>,
) -> Result<(), CellError> {
    let ip = |text: &str| text.parse::<Ipv4Addr>().map_err(|_| CellError::Ip(text.to_owned()));
    match column {
        AddressColumn::Subnet => {
            let known = |name: &str| plan.subnets().get_key_value(name).map(|(name, _)| name.clone());
            address.subnet =
                given.map(|name| known(name).ok_or_else(|| CellError::NoSubnet(name.to_owned()))).transpose()?;
        }
        AddressColumn::Station => {
            if let Some(name) = given {
                check_station_name(name).map_err(CellError::Station)?;
            }
            address.name_of_station = given.unwrap_or_default().into();
        }
        AddressColumn::Ip => address.ip = given.map(ip).transpose()?,
        AddressColumn::Router => address.router = given.map(ip).transpose()?,
        AddressColumn::Mask => {
            let mask = |text: &str| {
                read_mask(text).filter(|mask| is_mask(*mask)).ok_or_else(|| CellError::Mask(text.to_owned()))
            };
            address.mask = given.map(mask).transpose()?;
        }
        AddressColumn::Mac => {
            let mac = |text: &str| read_mac(text).ok_or_else(|| CellError::Mac(text.to_owned()));
            address.mac = given.map(mac).transpose()?;
        }
        AddressColumn::Device | AddressColumn::Proxy | AddressColumn::System | AddressColumn::Address => {}
    }
    Ok(())
}

fn set_profibus(
    plan: &Plan,
    name: &Name,
    address: &mut ProfibusAddress,
    column: AddressColumn,
    given: Option<&str>,
) -> Result<(), CellError> {
    match (column, given) {
        (AddressColumn::Proxy, Some(proxy)) if name == proxy => return Err(CellError::Itself),
        (AddressColumn::Proxy, Some(proxy)) => {
            let known = plan.devices().get_key_value(proxy);
            let (known, _) = known.ok_or_else(|| CellError::NoDevice(proxy.to_owned()))?;
            address.proxy = Some(known.clone());
        }
        (AddressColumn::Proxy, None) => address.proxy = None,
        (AddressColumn::System, Some(text)) => {
            address.system_id = whole_number(text).ok_or_else(|| CellError::System(text.to_owned()))?;
        }
        (AddressColumn::System, None) => return Err(CellError::Needed),
        (AddressColumn::Address, Some(text)) => {
            let number = whole_number(text).filter(|number| *number <= LAST_PROFIBUS);
            address.address = Some(number.ok_or_else(|| CellError::Address(text.to_owned()))?);
        }
        (AddressColumn::Address, None) => address.address = None,
        _ => {}
    }
    Ok(())
}

/// A whole number as spreadsheets write it, German and English: `5`, `5.0`, `5,00`.
fn whole_number(text: &str) -> Option<u8> {
    let (whole, rest) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    (digits && rest.bytes().all(|byte| byte == b'0')).then(|| whole.parse().ok()).flatten()
}

/// A MAC address with `:`, `-`, `.` or blanks between its digits, or nothing.
pub fn read_mac(text: &str) -> Option<Mac> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|letter| !matches!(letter, ':' | '-' | '.' | ' '))
        .map(|letter| letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect();
    if digits.len() == 12 { bytes.try_into().ok() } else { None }
}

/// The edits that make devices of a plan what they are here, in the order of names.
pub(super) fn device_edits(plan: &Plan, devices: impl IntoIterator<Item = (Name, Device)>) -> Vec<Edit> {
    let differs = |name: &Name, device: &Device| plan.devices().get(name).map(Arc::as_ref) != Some(device);
    let changed = devices.into_iter().filter(|(name, device)| differs(name, device));
    changed.map(|(name, device)| Edit::SetDevice { name, device }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::Document;
    use crate::model::fixture;

    pub const PLAN: &str = "
        component Pump 1.0 { in start BOOL = false; out running BOOL }
        component Gate 1.0 proxy { in start BOOL = false }
        component Drive 1.0 profibusSlave { in start BOOL = false }
        subnet plant 192.168.0.0/24
        A: Pump @192.168.0.1 subnet plant
        B: Pump noname
        G: Gate @192.168.0.9 subnet plant
        D: Drive behind G system 1 address 5
    ";

    fn after(name: &str, column: AddressColumn, text: &str) -> Result<String, CellError> {
        let plan = fixture::plan(PLAN);
        let mut document = Document::new(plan);
        let name = Name::new(name);
        if let Some(edit) = cell_edit(document.plan(), &name, column, text)? {
            document.apply(&edit).unwrap();
        }
        Ok(cell_text(&name, &document.plan().devices()[&name], column))
    }

    #[test]
    fn what_is_typed_is_read_and_shown_again() {
        use AddressColumn::*;
        for (device, column, typed, shown) in [
            ("B", Ip, " 192.168.0.2 ", "192.168.0.2"),
            ("B", Mask, "/24", "255.255.255.0"),
            ("B", Mask, "255.255.0.0", "255.255.0.0"),
            ("B", Mac, "00-1B-1b-00-00-FE", "00:1b:1b:00:00:fe"),
            ("B", Mac, "001b.1b00.00fe", "00:1b:1b:00:00:fe"),
            ("B", Station, "pump-b", "pump-b"),
            ("B", Subnet, "plant", "plant"),
            ("A", Subnet, "", ""),
            ("A", Ip, "-", ""),
            ("D", Address, "7,00", "7"),
            ("D", System, "2", "2"),
            ("D", Proxy, "", ""),
            ("D", Ip, "-", ""),
        ] {
            assert_eq!(after(device, column, typed), Ok(shown.to_owned()), "{device} {column:?} {typed}");
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        use AddressColumn::*;
        for (device, column, typed, why) in [
            ("A", Ip, "192.168.0", "`192.168.0` is no IP address; write 192.168.0.10"),
            ("A", Mask, "255.0.255.0", "`255.0.255.0` is no mask; write 255.255.255.0 or /24"),
            ("A", Subnet, "office", "there is no subnet office"),
            ("A", Station, "Pump A", "no name of station: `P` is not allowed; use a to z, 0 to 9, `-` and `.`"),
            ("A", Mac, "00:1b:1b:00:00", "`00:1b:1b:00:00` is no MAC address; write 00:1b:1b:00:00:01"),
            ("A", Address, "5", "the device is on Ethernet, not behind a proxy"),
            ("D", Ip, "192.168.0.5", "the device is on PROFIBUS, which knows no such address"),
            ("D", Address, "126", "`126` is no PROFIBUS address in operation; 0 to 125"),
            ("D", Address, "5,5", "`5,5` is no PROFIBUS address in operation; 0 to 125"),
            ("D", System, "", "it cannot be empty"),
            ("D", Proxy, "D", "a device is not its own proxy"),
            ("A", Device, "", "it cannot be empty"),
            ("X", Ip, "", "there is no device X"),
        ] {
            assert_eq!(after(device, column, typed).unwrap_err().to_string(), why, "{device} {column:?} {typed}");
        }
    }

    #[test]
    fn what_is_so_already_is_no_edit_and_a_name_renames() {
        let plan = fixture::plan(PLAN);
        assert_eq!(cell_edit(&plan, &"A".into(), AddressColumn::Ip, "192.168.0.1"), Ok(None));
        let renamed = cell_edit(&plan, &"A".into(), AddressColumn::Device, "Pump7").unwrap();
        assert_eq!(renamed, Some(Edit::RenameDevice { from: "A".into(), to: "Pump7".into() }));
    }
}
