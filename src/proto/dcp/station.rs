//! The device's side: who answers, when, and what may be set.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::wire::dcp::{
    Answer, Block, BlockError, BlockInfo, BlockResult, Body, DeviceIdentity, DeviceRole, Filter, IpSuite, OptionId,
    Pdu, ResetMode, SetBlock, Value,
};
use crate::wire::ethernet::{EtherType, Frame, MacAddress};

/// After a Get or Set only its sender is listened to for so long.
const LOCK: Duration = Duration::from_secs(3);
/// Between two Hellos.
const HELLO_EVERY: Duration = Duration::from_secs(3);
/// Hellos after the link has come up.
const HELLOS: u32 = 4;
/// What stations send as Xid of a Hello.
const HELLO_XID: u32 = 1;

/// When a station answers an Identify: so long after it. At once for factors 0, 1 and those above 6400.
pub fn answer_delay(mac: MacAddress, delay_factor: u16) -> Duration {
    let [.., high, low] = mac.0;
    match delay_factor {
        0 | 1 | 6401.. => Duration::ZERO,
        steps => Duration::from_millis(u64::from(u16::from_be_bytes([high, low]) % steps) * 10),
    }
}

/// What a station takes as name and address. The rules themselves are the caller's.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Whether a name that is not empty may be set.
    pub name: fn(&str) -> bool,
    /// Whether address, mask and gateway may be set.
    pub ip: fn(Ipv4Addr, Ipv4Addr, Ipv4Addr) -> bool,
}

/// Which filters of Identify a station understands; real ones differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilterSupport {
    /// Every value it has.
    #[default]
    Everything,
    /// Only name and alias; it is silent to everything else.
    NameAndAlias,
}

/// What a station is.
#[derive(Debug, Clone)]
pub struct StationSettings {
    /// Of its interface.
    pub mac: MacAddress,
    /// Type of station.
    pub vendor_value: String,
    /// Who made it.
    pub device_id: DeviceIdentity,
    /// Who sells it, if somebody else does.
    pub oem_id: Option<DeviceIdentity>,
    /// What it can be.
    pub role: DeviceRole,
    /// Which of several in one housing, high and low.
    pub instance: (u8, u8),
    /// Whether it says Hello when its link comes up.
    pub hello: bool,
    /// Which filters it understands.
    pub filters: FilterSupport,
    /// What it takes.
    pub rules: Rules,
}

/// What of a station can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Name of station; empty: none.
    pub name: String,
    /// Address; all zeros: none.
    pub ip: IpSuite,
}

impl Default for Settings {
    fn default() -> Self {
        Self { name: String::new(), ip: IpSuite::NONE }
    }
}

/// What a station wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StationAction {
    /// A frame is to be sent.
    Send(Vec<u8>),
    /// Name or address are others: [`Station::running`] now, [`Station::stored`] after the next start.
    Changed,
    /// It is to flash.
    Flash,
    /// More than name and address is to be reset.
    Reset(ResetMode),
}

/// An answer that waits for its time.
#[derive(Debug)]
struct Pending {
    due: Duration,
    requester: MacAddress,
    xid: u32,
}

/// A station that answers DCP.
#[derive(Debug)]
pub struct Station {
    settings: StationSettings,
    running: Settings,
    stored: Settings,
    aliases: Vec<String>,
    in_operation: bool,
    pending: Option<Pending>,
    lock: Option<(MacAddress, Duration)>,
    hello: Option<(Duration, u32)>,
    actions: Vec<StationAction>,
}

impl Station {
    /// A station that starts with what it has stored; its link is down.
    pub fn new(settings: StationSettings, stored: Settings) -> Self {
        Self {
            settings,
            running: stored.clone(),
            stored,
            aliases: Vec::new(),
            in_operation: false,
            pending: None,
            lock: None,
            hello: None,
            actions: Vec::new(),
        }
    }

    /// Address of its interface.
    pub fn mac(&self) -> MacAddress {
        self.settings.mac
    }

    /// Name and address in effect.
    pub fn running(&self) -> &Settings {
        &self.running
    }

    /// Name and address after the next start.
    pub fn stored(&self) -> &Settings {
        &self.stored
    }

    /// Names by its neighbours' ports (`port-001.name`), as LLDP finds them out.
    pub fn set_aliases(&mut self, aliases: Vec<String>) {
        self.aliases = aliases;
    }

    /// While a controller owns it, name and address cannot be set.
    pub fn set_in_operation(&mut self, in_operation: bool) {
        self.in_operation = in_operation;
    }

    /// It was switched off and on again: what was temporary is gone.
    pub fn restart(&mut self, now: Duration) {
        let changed = self.running != self.stored;
        self.running = self.stored.clone();
        (self.pending, self.lock) = (None, None);
        if changed {
            self.actions.push(StationAction::Changed);
        }
        self.link_up(now);
    }

    /// Its link has come up: it says Hello, if it does that at all.
    pub fn link_up(&mut self, now: Duration) {
        self.hello = self.settings.hello.then_some((now, HELLOS));
    }

    /// Its link is gone.
    pub fn link_down(&mut self) {
        (self.pending, self.hello) = (None, None);
    }

    /// When [`poll`](Self::poll) has something to do; `None` if only a frame can change that.
    pub fn next_due(&self) -> Option<Duration> {
        if !self.actions.is_empty() {
            return Some(Duration::ZERO);
        }
        let pending = self.pending.as_ref().map(|pending| pending.due);
        pending.into_iter().chain(self.hello.map(|(due, _)| due)).min()
    }

    /// What is to be done now, in order.
    pub fn poll(&mut self, now: Duration) -> Vec<StationAction> {
        if let Some(Pending { requester, xid, .. }) = self.pending.take_if(|pending| pending.due <= now) {
            self.send(requester, xid, Body::Identified(self.identity()));
        }
        if let Some((due, left)) = self.hello.take_if(|(due, _)| *due <= now) {
            self.send(MacAddress::DCP_HELLO, HELLO_XID, Body::Hello(self.greeting()));
            self.hello = (left > 1).then(|| (due + HELLO_EVERY, left - 1));
        }
        std::mem::take(&mut self.actions)
    }

    /// A frame came in; what is not for it is ignored.
    pub fn receive(&mut self, now: Duration, frame: &[u8]) {
        let Ok(frame) = Frame::parse(frame) else { return };
        let to_us = frame.destination == self.settings.mac;
        if frame.ether_type != EtherType::PROFINET || frame.source.is_multicast() {
            return;
        }
        let Ok(Pdu { xid, body }) = Pdu::parse(frame.payload) else { return };
        match body {
            Body::Identify { delay_factor, filters }
                if (to_us || frame.destination == MacAddress::DCP_IDENTIFY)
                    && self.pending.is_none()
                    && self.matches(&filters) =>
            {
                let due = now + answer_delay(self.settings.mac, delay_factor);
                self.pending = Some(Pending { due, requester: frame.source, xid });
            }
            Body::Get(wanted) if to_us && self.admits(now, frame.source) => {
                let answers = wanted.into_iter().map(|id| self.value(id)).collect();
                self.send(frame.source, xid, Body::Got(answers));
            }
            Body::Set(blocks) if to_us && self.admits(now, frame.source) => {
                let before = (self.running.clone(), self.stored.clone());
                let results = blocks.iter().map(|block| self.set(block)).collect();
                self.send(frame.source, xid, Body::SetDone(results));
                if before != (self.running.clone(), self.stored.clone()) {
                    self.actions.push(StationAction::Changed);
                }
            }
            _ => {}
        }
    }

    /// Whether a Get or Set of this tool is taken now; it is then the only one for a while.
    fn admits(&mut self, now: Duration, source: MacAddress) -> bool {
        let free = self.lock.is_none_or(|(owner, until)| owner == source || now >= until);
        if free {
            self.lock = Some((source, now + LOCK));
        }
        free
    }

    fn send(&mut self, destination: MacAddress, xid: u32, body: Body) {
        self.actions.push(StationAction::Send(Pdu { xid, body }.frame(self.settings.mac, destination)));
    }

    fn matches(&self, filters: &[Filter]) -> bool {
        !filters.is_empty()
            && filters.iter().all(|filter| {
                let value = match filter {
                    Filter::All => return true,
                    Filter::Is(Value::Name(name)) => return *name == self.running.name,
                    Filter::Is(Value::Alias(alias)) => return self.aliases.contains(alias),
                    Filter::Is(_) if self.settings.filters == FilterSupport::NameAndAlias => return false,
                    Filter::Is(value) => value,
                };
                match (value, self.own_value(value.id())) {
                    (Value::Role(wanted, _), Some(Value::Role(role, _))) => role.contains(*wanted),
                    (wanted, Some(own)) => *wanted == own,
                    (_, None) => false,
                }
            })
    }

    /// A value it has, whatever else is said beside it.
    fn own_value(&self, id: OptionId) -> Option<Value> {
        let settings = &self.settings;
        Some(match id {
            OptionId::MAC => Value::Mac(settings.mac),
            OptionId::IP => Value::Ip(self.running.ip),
            OptionId::DEVICE_VENDOR => Value::DeviceVendor(settings.vendor_value.clone()),
            OptionId::NAME => Value::Name(self.running.name.clone()),
            OptionId::DEVICE_ID => Value::DeviceId(settings.device_id),
            OptionId::ROLE => Value::Role(settings.role, 0),
            OptionId::OPTIONS => Value::Options(self.options()),
            OptionId::INSTANCE => Value::Instance(settings.instance.0, settings.instance.1),
            OptionId::OEM_ID => Value::OemId(settings.oem_id?),
            OptionId::INITIATIVE => Value::Initiative(u16::from(settings.hello)),
            _ => return None,
        })
    }

    fn options(&self) -> Vec<OptionId> {
        let mut options = vec![
            OptionId::MAC,
            OptionId::IP,
            OptionId::DEVICE_VENDOR,
            OptionId::NAME,
            OptionId::DEVICE_ID,
            OptionId::ROLE,
            OptionId::OPTIONS,
            OptionId::ALIAS,
            OptionId::INSTANCE,
        ];
        options.extend(self.settings.oem_id.map(|_| OptionId::OEM_ID));
        options.extend([
            OptionId::START,
            OptionId::END,
            OptionId::SIGNAL,
            OptionId::RESET_FACTORY_SETTINGS,
            OptionId::RESET_TO_FACTORY,
            OptionId::INITIATIVE,
            OptionId::ALL,
        ]);
        options
    }

    fn block(&self, id: OptionId) -> Option<Block> {
        let has_address = id == OptionId::IP && !self.running.ip.ip.is_unspecified();
        let info = if has_address { BlockInfo::SET } else { BlockInfo::default() };
        self.own_value(id).map(|value| Block { info, value })
    }

    fn blocks(&self, ids: &[OptionId]) -> Vec<Block> {
        ids.iter().filter_map(|id| self.block(*id)).collect()
    }

    fn identity(&self) -> Vec<Block> {
        self.blocks(&[
            OptionId::IP,
            OptionId::DEVICE_VENDOR,
            OptionId::NAME,
            OptionId::DEVICE_ID,
            OptionId::ROLE,
            OptionId::OPTIONS,
            OptionId::INSTANCE,
            OptionId::OEM_ID,
        ])
    }

    fn greeting(&self) -> Vec<Block> {
        self.blocks(&[OptionId::NAME, OptionId::IP, OptionId::DEVICE_ID, OptionId::OEM_ID, OptionId::INITIATIVE])
    }

    fn value(&self, id: OptionId) -> Answer {
        match self.block(id) {
            Some(block) => Answer::Value(block),
            None => Answer::Refused(BlockResult { about: id, error: unsupported(id) }),
        }
    }

    fn set(&mut self, block: &SetBlock) -> BlockResult {
        let about = block.value.id();
        let error = self.try_set(block).err().unwrap_or(BlockError::Done);
        BlockResult { about, error }
    }

    fn try_set(&mut self, SetBlock { qualifier, value }: &SetBlock) -> Result<(), BlockError> {
        let id = value.id();
        let owned =
            matches!(id, OptionId::NAME | OptionId::IP | OptionId::RESET_FACTORY_SETTINGS | OptionId::RESET_TO_FACTORY);
        if owned && self.in_operation {
            return Err(BlockError::InOperation);
        }
        match value {
            Value::Name(name) => {
                let accepted = name.is_empty() || (self.settings.rules.name)(name);
                if !accepted {
                    return Err(BlockError::ValueNotAccepted);
                }
                self.running.name.clone_from(name);
                self.stored.name = if qualifier.is_permanent() { name.clone() } else { String::new() };
            }
            Value::Ip(suite) => {
                if !(self.settings.rules.ip)(suite.ip, suite.mask, suite.gateway) {
                    return Err(BlockError::ValueNotAccepted);
                }
                self.running.ip = *suite;
                self.stored.ip = if qualifier.is_permanent() { *suite } else { IpSuite::NONE };
            }
            Value::Start | Value::End => {}
            value if *value == Value::FLASH_ONCE => self.actions.push(StationAction::Flash),
            Value::ResetFactorySettings => self.forget(),
            Value::ResetToFactory => match qualifier.reset_mode() {
                ResetMode::Communication => self.forget(),
                mode @ (ResetMode::AllData | ResetMode::Device | ResetMode::ResetAndRestore) => {
                    self.forget();
                    self.actions.push(StationAction::Reset(mode));
                }
                mode @ (ResetMode::Application | ResetMode::Engineering) => {
                    self.actions.push(StationAction::Reset(mode));
                }
                ResetMode::Other(_) => return Err(BlockError::ValueNotAccepted),
            },
            // A signal it does not know, or a value with a length or a text that cannot be.
            _ if matches!(id, OptionId::NAME | OptionId::IP)
                || (id.option == OptionId::SIGNAL.option && self.options().contains(&id)) =>
            {
                return Err(BlockError::ValueNotAccepted);
            }
            _ => return Err(unsupported(id)),
        }
        Ok(())
    }

    /// Name and address are cleared.
    fn forget(&mut self) {
        self.running = Settings::default();
        self.stored = Settings::default();
    }
}

/// Why there is no such value, or none to be set.
fn unsupported(id: OptionId) -> BlockError {
    if matches!(id.option, 1..=3 | 5 | 6 | 0xff) {
        BlockError::SuboptionUnsupported
    } else {
        BlockError::OptionUnsupported
    }
}
