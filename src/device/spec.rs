//! What one virtual device is: taken from the plan, or put together by hand.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

use crate::model::{Component, Identity, Limits, LogicalDevice, Name, Plan, QosOffer, Version};

use super::behaviour::ScriptPort;

/// Why the plan does not say what a device is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The plan has no such device.
    #[error("there is no device `{0}` in the plan")]
    UnknownDevice(Name),
    /// The device has no IP address of its own: its proxy serves it.
    #[error("device `{0}` is on PROFIBUS; the proxy in front of it serves its functions")]
    OnProfibus(Name),
    /// No instance runs on the device, so nobody knows what it is.
    #[error("no instance runs on device `{0}`")]
    NoInstance(Name),
    /// The component of an instance is not in the project.
    #[error("the component {component} of `{instance}` is missing from the project")]
    NoComponent {
        /// Instance.
        instance: Name,
        /// Its component.
        component: String,
    },
    /// Two LDevs of the device have the same name on the network.
    #[error("`{first}` and `{second}` both bring an LDev `{ldev}` to device `{device}`")]
    LDevTwice {
        /// Device.
        device: Name,
        /// Name on the network.
        ldev: Name,
        /// One instance.
        first: Name,
        /// The other.
        second: Name,
    },
}

/// A device to run.
#[derive(Debug, Clone)]
pub struct DeviceSpec {
    /// Its name in the plan.
    pub name: Name,
    /// What it answers when asked who it is.
    pub identity: Identity,
    /// May host LDevs of several components.
    pub multi_app: bool,
    /// Runs Microsoft's DCOM instead of the PROFINET stack.
    pub microsoft_stack: bool,
    /// 1 or 2: devices of stage 1 know only the interfaces without a 2.
    pub stage: u8,
    /// What it can bear: the smaller of description and device profile.
    pub limits: Limits,
    /// Transmission it offers; empty means acyclic at any interval.
    pub qos: Vec<QosOffer>,
    /// Its logical devices, those of the PROFIBUS devices behind it included.
    pub ldevs: Vec<LDevSpec>,
    /// Behaviour scripts, one for each instance that has one.
    pub scripts: Vec<ScriptSpec>,
}

/// A logical device to run.
#[derive(Debug, Clone)]
pub struct LDevSpec {
    /// Its name on the network, unique in the device.
    pub name: Name,
    /// The instance in the plan that it belongs to.
    pub instance: Name,
    /// The component that describes it.
    pub component: Arc<Component>,
    /// Which of the component's LDevs it is.
    pub ldev_idx: usize,
    /// Where it stands on PROFIBUS, as system and address; `None` on the device itself.
    pub profibus: Option<(u8, u8)>,
}

/// A behaviour script to run.
#[derive(Debug, Clone)]
pub struct ScriptSpec {
    /// The instance that it moves.
    pub instance: Name,
    /// What errors call it.
    pub file: String,
    /// The script.
    pub text: Arc<str>,
}

impl LDevSpec {
    /// What the component says about the LDev; `None` when the index is wrong.
    pub fn described(&self) -> Option<&LogicalDevice> {
        self.component.ldevs.get(self.ldev_idx)
    }
}

impl DeviceSpec {
    /// The device as planned: its own instances, and those of the PROFIBUS devices behind it.
    ///
    /// # Errors
    /// The first thing the plan leaves open, see [`SpecError`].
    pub fn from_plan(plan: &Plan, device: &str) -> Result<Self, SpecError> {
        let name = Name::new(device);
        let planned = plan.devices().get(&name).ok_or_else(|| SpecError::UnknownDevice(name.clone()))?;
        if planned.ethernet_address().is_none() {
            return Err(SpecError::OnProfibus(name));
        }
        let mut own = Vec::new();
        let mut behind = Vec::new();
        for (instance_name, instance) in plan.instances() {
            let profibus = match plan.devices().get(&instance.device) {
                _ if instance.device == name => None,
                Some(slave) if plan.serving_device(&instance.device) == Some(&name) => {
                    slave.profibus_address().map(|address| (address.system_id, address.address))
                }
                _ => continue,
            };
            let component = plan.components().get(&instance.component).ok_or_else(|| SpecError::NoComponent {
                instance: instance_name.clone(),
                component: instance.component.to_string(),
            })?;
            let list = if profibus.is_none() { &mut own } else { &mut behind };
            list.push((instance_name, component, profibus));
        }
        let Some((_, main, _)) = own.first() else { return Err(SpecError::NoInstance(name)) };
        let mut spec = Self::of_component(name, main);
        for (instance, component, profibus) in own.iter().chain(&behind) {
            for (ldev_idx, described) in component.ldevs.iter().enumerate() {
                spec.add_ldev(LDevSpec {
                    name: plan.ldev_on_network(instance, &described.name),
                    instance: (*instance).clone(),
                    component: Arc::clone(component),
                    ldev_idx,
                    // A slave without an address answers as one in the state of delivery.
                    profibus: profibus.map(|(system, address)| (system, address.unwrap_or(UNADDRESSED_SLAVE))),
                })?;
            }
            spec.scripts.extend(script_of(instance, component));
        }
        Ok(spec)
    }

    /// The devices of a plan that have an Ethernet address of their own and something to run, in order of name.
    pub fn devices_to_run(plan: &Plan) -> Vec<Name> {
        let used: BTreeSet<_> = plan.instances().values().map(|instance| &instance.device).collect();
        let on_ethernet = |name: &&Name| plan.devices().get(*name).is_some_and(|d| d.ethernet_address().is_some());
        used.into_iter().filter(on_ethernet).cloned().collect()
    }

    /// A device that runs one instance of one component, without a plan. `name` is that of the instance too.
    ///
    /// # Errors
    /// [`SpecError::LDevTwice`].
    pub fn from_component(name: impl Into<Name>, component: &Arc<Component>) -> Result<Self, SpecError> {
        let name = name.into();
        let mut spec = Self::of_component(name.clone(), component);
        for (ldev_idx, described) in component.ldevs.iter().enumerate() {
            let component = Arc::clone(component);
            let ldev =
                LDevSpec { name: described.name.clone(), instance: name.clone(), component, ldev_idx, profibus: None };
            spec.add_ldev(ldev)?;
        }
        spec.scripts.extend(script_of(&name, component));
        Ok(spec)
    }

    fn of_component(name: Name, component: &Component) -> Self {
        let device = &component.device;
        let maximum = component.profile.as_ref().map(|profile| profile.maximum).unwrap_or_default();
        Self {
            name,
            identity: device.identity.clone(),
            multi_app: device.multi_app,
            microsoft_stack: device.microsoft_stack,
            stage: component.stage(),
            limits: tighter(device.limits, maximum),
            qos: device.qos.clone(),
            ldevs: Vec::new(),
            scripts: Vec::new(),
        }
    }

    fn add_ldev(&mut self, ldev: LDevSpec) -> Result<(), SpecError> {
        if let Some(other) = self.ldevs.iter().find(|other| other.name == ldev.name) {
            return Err(SpecError::LDevTwice {
                device: self.name.clone(),
                ldev: ldev.name,
                first: other.instance.clone(),
                second: ldev.instance,
            });
        }
        self.ldevs.push(ldev);
        Ok(())
    }

    /// Revision of the device; 1.0 when the description has none.
    pub fn revision(&self) -> Version {
        self.identity.revision.unwrap_or(Version([1, 0, 0, 0]))
    }

    /// Revision of the stack; that of the stage when the description has none.
    pub fn pn_revision(&self) -> Version {
        self.identity.pn_revision.unwrap_or(Version([u16::from(self.stage), 0, 0, 0]))
    }

    /// Serial number: made of the device's name, so that it is the same at every start and another for every device.
    pub fn serial_number(&self) -> String {
        let hash = self.seed();
        format!("PW{:010}", hash % 10_000_000_000)
    }

    /// Date of production, as days since 1899-12-30: a day of the years 2020 to 2024, fixed by the device's name.
    pub fn production_date(&self) -> f64 {
        const FIRST_OF_2020: u32 = 43_831;
        const DAYS: u64 = 1_827;
        let day = u32::try_from(self.seed() % DAYS).unwrap_or_default();
        f64::from(FIRST_OF_2020 + day)
    }

    /// A number made of the device's name (FNV-1a), for all that must be the same at every start.
    pub(super) fn seed(&self) -> u64 {
        self.name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// The ports that the script of an instance sees, with LDev and RTAuto they belong to.
    pub(super) fn script_ports(&self, instance: &str) -> Vec<(usize, Name, ScriptPort)> {
        let ldevs = || self.ldevs.iter().enumerate().filter(|(_, ldev)| ldev.instance == instance);
        let rtautos = || {
            ldevs().flat_map(|(index, ldev)| {
                let described = ldev.described();
                described.into_iter().flat_map(move |described| {
                    described.rtautos.iter().map(move |rtauto| (index, &described.name, rtauto))
                })
            })
        };
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, _, rtauto) in rtautos() {
            *uses.entry(rtauto.name.as_str()).or_default() += 1;
        }
        rtautos()
            .flat_map(|(index, ldev, rtauto)| {
                let alone = uses.get(rtauto.name.as_str()) == Some(&1);
                let object = if alone { rtauto.name.clone() } else { format!("{ldev}_{}", rtauto.name).into() };
                rtauto.ports.iter().map(move |port| {
                    let script_port = ScriptPort {
                        object: object.clone(),
                        name: port.name.clone(),
                        value_type: port.value_type.clone(),
                        direction: port.direction,
                        initial: port.initial_value(),
                    };
                    (index, rtauto.name.clone(), script_port)
                })
            })
            .collect()
    }
}

/// Longest script.
const MAX_SCRIPT_BYTES: u64 = 1 << 20;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// PROFIBUS address in the state of delivery.
const UNADDRESSED_SLAVE: u8 = 126;

fn script_of(instance: &Name, component: &Component) -> Option<ScriptSpec> {
    let payload = component.behaviour()?;
    let (file, bytes) = component.source.payload(payload)?;
    Some(ScriptSpec { instance: instance.clone(), file, text: text_of(bytes, payload.gzip).into() })
}

/// The script as text. What cannot be unpacked, or is cut off at [`MAX_SCRIPT_BYTES`], is no script any more; the interpreter
/// says so with a place.
fn text_of(bytes: &[u8], gzip: bool) -> String {
    let mut text = Vec::new();
    let unpacked = if gzip && bytes.starts_with(&GZIP_MAGIC) {
        flate2::read::GzDecoder::new(bytes).take(MAX_SCRIPT_BYTES).read_to_end(&mut text)
    } else {
        bytes.take(MAX_SCRIPT_BYTES).read_to_end(&mut text)
    };
    match unpacked {
        Ok(_) => String::from_utf8_lossy(&text).into_owned(),
        Err(error) => format!("the payload cannot be unpacked: {error}"),
    }
}

fn tighter(a: Limits, b: Limits) -> Limits {
    let min = |a: Option<u32>, b: Option<u32>| a.into_iter().chain(b).min();
    Limits {
        connections_in: min(a.connections_in, b.connections_in),
        connections_out: min(a.connections_out, b.connections_out),
        partners: min(a.partners, b.partners),
        bytes_in: min(a.bytes_in, b.bytes_in),
        bytes_out: min(a.bytes_out, b.bytes_out),
        cyclic_in: min(a.cyclic_in, b.cyclic_in),
        cyclic_out: min(a.cyclic_out, b.cyclic_out),
        array_bytes: min(a.array_bytes, b.array_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    const LINE: &str = "
        component Proxy 1.0 proxy { out ok BOOL }
        component Drive 1.0 profibusSlave { in speed R4 }
        component Belt 2.1 multiApp { in speed R4; out at I4 }
        Px: Proxy @192.168.0.10
        D1: Drive behind Px system 1 address 5
        D2: Drive behind Px system 1
        B1: Belt @192.168.0.11
        B2: Belt device B1
    ";

    #[test]
    fn a_proxy_serves_the_devices_behind_it() {
        let plan = fixture::read(LINE).unwrap();
        assert_eq!(DeviceSpec::devices_to_run(&plan), ["B1", "Px"]);
        let spec = DeviceSpec::from_plan(&plan, "Px").unwrap();
        let ldevs: Vec<_> = spec.ldevs.iter().map(|l| (l.name.as_str(), l.instance.as_str(), l.profibus)).collect();
        assert_eq!(
            ldevs,
            [("Proxy", "Px", None), ("D1_Drive", "D1", Some((1, 5))), ("D2_Drive", "D2", Some((1, 126)))]
        );
        assert_eq!(DeviceSpec::from_plan(&plan, "D1").unwrap_err(), SpecError::OnProfibus("D1".into()));
        assert_eq!(DeviceSpec::from_plan(&plan, "D9").unwrap_err(), SpecError::UnknownDevice("D9".into()));
        let error = DeviceSpec::from_plan(&plan, "B1").unwrap_err();
        assert_eq!(error.to_string(), "`B1` and `B2` both bring an LDev `Belt` to device `B1`");
    }

    #[test]
    fn identity_data_are_the_same_at_every_start() {
        let plan = fixture::read(LINE).unwrap();
        let component = plan.component_of("Px").unwrap();
        let spec = |name: &str| DeviceSpec::from_component(name, component).unwrap();
        assert_eq!(spec("a").serial_number(), spec("a").serial_number());
        assert_ne!(spec("a").serial_number(), spec("b").serial_number());
        let date = spec("a").production_date();
        assert!((43_831.0..45_658.0).contains(&date) && date.fract() == 0.0);
    }

    #[test]
    fn limits_are_the_tighter_ones() {
        let limits = |bytes_in, partners| Limits { bytes_in, partners, ..Limits::default() };
        assert_eq!(tighter(limits(Some(5), None), limits(Some(3), Some(9))), limits(Some(3), Some(9)));
    }

    #[test]
    fn packed_scripts_are_unpacked_up_to_their_limit() {
        use std::io::Write;
        let pack = |text: &str| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(text.as_bytes()).unwrap();
            packer.finish().unwrap()
        };
        assert_eq!(text_of(&pack("fn step(dt) {}"), true), "fn step(dt) {}");
        assert_eq!(text_of(b"fn step(dt) {}", true), "fn step(dt) {}");
        assert_eq!(text_of(&pack(&" ".repeat(10 << 20)), true).len(), 1 << 20);
        assert!(text_of(&[0x1f, 0x8b, 1, 2], true).starts_with("the payload cannot be unpacked"));
    }
}
