//! The way from plan to configurations.

use std::collections::{BTreeMap, HashMap};

use super::{
    CARRIED_ACYCLICALLY, Configuration, Connection, ConnectionGroup, ExpectedIdentity, FORMAT, LdevConfiguration,
    NetworkSettings, PayloadReference, Persistence, ProfibusPlace, Provider, Remark, TypedValue,
};
use crate::model::{
    BEHAVIOUR_LOADER, BaseType, Component, Constant, Device, Instance, Link, LinkKey, LiteralError, LogicalDevice,
    Name, Phrase, Plan, Port, PortRef, QosType, Say, Substitute, Value, ValueType, ldev_on_network,
};

/// All configurations of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// One entry for each device on Ethernet on which something runs, by name.
    pub devices: Vec<Generated>,
    /// What belongs to none of them: links into instances that are not there, devices that nobody serves.
    pub errors: Vec<GenerateError>,
}

impl Generation {
    /// Whether anything could not be generated.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty() || self.devices.iter().any(|generated| !generated.errors.is_empty())
    }

    /// The entry of a device.
    pub fn device(&self, name: &str) -> Option<&Generated> {
        self.devices.iter().find(|generated| generated.configuration.device == name)
    }
}

/// A configuration, and what is missing in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// Everything that could be generated.
    pub configuration: Configuration,
    /// What could not; while there is any, the configuration must not be downloaded.
    pub errors: Vec<GenerateError>,
}

/// Something in the plan that cannot be turned into a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GenerateError {
    /// The output a link begins at does not exist.
    NoProvider {
        /// The link.
        link: LinkKey,
        /// Where it should begin.
        provider: PortRef,
    },
    /// The input of a link or constant does not exist.
    NoConsumer(PortRef),
    /// The provider's device cannot be reached: PROFIBUS without proxy, or no such device.
    ProviderNotServed {
        /// The link.
        link: LinkKey,
        /// Where it begins.
        provider: PortRef,
        /// The device.
        device: Name,
    },
    /// An instance whose device cannot be reached.
    NotServed {
        /// The instance.
        instance: Name,
        /// Its device.
        device: Name,
    },
    /// An instance whose component version is not in the plan.
    NoComponent(Name),
    /// A device to download to, or to connect to, without IP address.
    NoAddress(Name),
    /// Nothing runs on the device itself, only behind it, so nobody knows who should answer.
    NoIdentity(Name),
    /// The components on one device describe different devices.
    TwoIdentities {
        /// The device.
        device: Name,
        /// An instance.
        first: Name,
        /// The device it expects.
        expected: String,
        /// Another instance.
        second: Name,
        /// The device that one expects.
        other: String,
    },
    /// Two LDevs of one name on one device.
    LdevTwice {
        /// The name on the network.
        ldev: Name,
        /// An instance.
        first: Name,
        /// Another, or the same.
        second: Name,
    },
    /// An input with more than one source.
    TwoSources(PortRef),
    /// A substitute that is no value of the input's type.
    Substitute {
        /// The link.
        link: LinkKey,
        /// What is wrong with the text.
        error: LiteralError,
    },
    /// A constant that is no value of the input's type.
    Constant {
        /// The input.
        port: PortRef,
        /// What is wrong with the text.
        error: LiteralError,
    },
    /// An epsilon on a type without order, or a negative one.
    Epsilon {
        /// The link.
        link: LinkKey,
        /// The number as planned.
        epsilon: String,
        /// Type of the input.
        value_type: String,
    },
}

impl Say for GenerateError {
    fn say(&self) -> Phrase {
        match self {
            Self::NoProvider { link, provider } => {
                crate::say!("the link to {link} comes from {provider}, which does not exist", link, provider)
            }
            Self::NoConsumer(it) => crate::say!("{it} does not exist, but a link or constant feeds it", it),
            Self::ProviderNotServed { link, provider, device } => crate::say!(
                "the link to {link} comes from {provider}, whose device {device} nobody serves on Ethernet",
                link,
                provider,
                device
            ),
            Self::NotServed { instance, device } => crate::say!(
                "{instance} runs on {device}, which is not in the plan or has no proxy on Ethernet",
                instance,
                device
            ),
            Self::NoComponent(it) => crate::say!("the component of {it} is not in the plan", it),
            Self::NoAddress(it) => crate::say!("device {it} has no IP address", it),
            Self::NoIdentity(it) => {
                crate::say!("device {it} serves others, but no instance says what device it is", it)
            }
            Self::TwoIdentities { device, first, expected, second, other } => crate::say!(
                "on device {device}, {first} expects {expected} and {second} expects {other}",
                device,
                first,
                expected,
                second,
                other
            ),
            Self::LdevTwice { first, second, ldev } => {
                crate::say!("{first} and {second} both bring an LDev {ldev} to the same device", first, second, ldev)
            }
            Self::TwoSources(it) => crate::say!("{it} has more than one source", it),
            Self::Substitute { link, error } => {
                crate::say!("the substitute of the link to {link} cannot be used: {error}", link, error)
            }
            Self::Constant { port, error } => {
                crate::say!("the constant of {port} cannot be used: {error}", port, error)
            }
            Self::Epsilon { link, epsilon, value_type } => crate::say!(
                "the link to {link} has epsilon {epsilon}, which {value_type} cannot have",
                link,
                epsilon,
                value_type
            ),
        }
    }
}

crate::error_in_words!(GenerateError);

/// Generates the configurations of all devices.
///
/// Linear in the size of the plan but for sorting. Types and directions of the two ends of a link are not compared:
/// that is a matter of the check, and a device refuses such a connection by itself.
pub fn generate(plan: &Plan) -> Generation {
    let mut work = Work::new(plan);
    for (key, link) in plan.links() {
        work.link(key, link);
    }
    for (port, constant) in plan.constants() {
        work.constant(port, constant);
    }
    work.finish()
}

/// Where an instance is found on the network.
struct Placed<'a> {
    component: &'a Component,
    /// Index of the serving device in [`Work::devices`].
    host: Option<usize>,
    device: &'a Name,
    behind_proxy: bool,
}

/// What [`ConnectionGroup`]s are sorted by; constants come first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct GroupKey {
    provider: Option<Provider>,
    qos_type: QosType,
    qos_value_ms: u16,
    active: bool,
}

struct Input<'a> {
    /// Index of the serving device.
    host: Option<usize>,
    /// Index of the LDev in it, and the port; `None` when the component has no such port.
    found: Option<(usize, &'a Port)>,
}

struct LdevWork<'a> {
    ldev: LdevConfiguration,
    instance: &'a Name,
    groups: BTreeMap<GroupKey, Vec<Connection>>,
    cyclic: Vec<Name>,
}

struct DeviceWork<'a> {
    name: &'a Name,
    device: &'a Device,
    identity: Option<(&'a Name, ExpectedIdentity)>,
    ldevs: Vec<LdevWork<'a>>,
    payloads: Vec<PayloadReference>,
    errors: Vec<GenerateError>,
}

struct Work<'a> {
    plan: &'a Plan,
    placed: HashMap<&'a str, Placed<'a>>,
    devices: Vec<DeviceWork<'a>>,
    /// Position of an LDev of an instance in its device, by instance and name in the description.
    ldev_at: HashMap<(&'a str, &'a str), usize>,
    errors: Vec<GenerateError>,
    last_fed: Option<PortRef>,
}

impl<'a> Work<'a> {
    fn new(plan: &'a Plan) -> Self {
        let mut devices = Vec::new();
        let mut device_at = HashMap::new();
        for (name, device) in plan.devices() {
            if device.ethernet_address().is_some() {
                device_at.insert(name.as_str(), devices.len());
                devices.push(DeviceWork {
                    name,
                    device,
                    identity: None,
                    ldevs: Vec::new(),
                    payloads: Vec::new(),
                    errors: Vec::new(),
                });
            }
        }
        let mut work =
            Self { plan, placed: HashMap::new(), devices, ldev_at: HashMap::new(), errors: Vec::new(), last_fed: None };
        for (name, instance) in plan.instances() {
            work.place(name, instance, &device_at);
        }
        work
    }

    fn place(&mut self, name: &'a Name, instance: &'a Instance, device_at: &HashMap<&str, usize>) {
        let plan = self.plan;
        let host = plan.serving_device(&instance.device).and_then(|host| device_at.get(host.as_str())).copied();
        let Some(component) = plan.components().get(&instance.component) else {
            let errors = match host.and_then(|host| self.devices.get_mut(host)) {
                Some(device) => &mut device.errors,
                None => &mut self.errors,
            };
            errors.push(GenerateError::NoComponent(name.clone()));
            return;
        };
        let place = plan.devices().get(&instance.device).and_then(|device| device.profibus_address());
        let placed = Placed { component, host, device: &instance.device, behind_proxy: place.is_some() };
        if let Some(device) = host.and_then(|host| self.devices.get_mut(host)) {
            if place.is_none() {
                device.expect_identity(name, component);
            }
            let profibus = place.map(|place| ProfibusPlace {
                device: instance.device.clone(),
                system_id: place.system_id,
                address: place.address,
            });
            for ldev in &component.ldevs {
                self.ldev_at.insert((name.as_str(), ldev.name.as_str()), device.ldevs.len());
                device.add_ldev(name, component, ldev, profibus.clone());
            }
            device.payloads.extend(payload_references(name, component));
        } else {
            self.errors.push(GenerateError::NotServed { instance: name.clone(), device: instance.device.clone() });
        }
        self.placed.insert(name.as_str(), placed);
    }

    /// Where an input is served, and what it is; `None` when there is no such instance.
    fn input(&self, port: &PortRef) -> Option<Input<'a>> {
        let placed = self.placed.get(port.instance.as_str())?;
        let found = placed.component.port(port).and_then(|described| {
            let ldev = *self.ldev_at.get(&(port.instance.as_str(), port.ldev.as_str()))?;
            Some((ldev, described))
        });
        Some(Input { host: placed.host, found })
    }

    fn link(&mut self, key: &'a LinkKey, link: &'a Link) {
        // The consumer's instance or its device is missing: said once, where the instance is placed.
        let Some(Input { host, found }) = self.input(&key.consumer) else {
            self.errors.push(GenerateError::NoConsumer(key.consumer.clone()));
            return;
        };
        let Some(host) = host else { return };
        let provider = self.provider(key, link);
        let second = self.last_fed.as_ref() == Some(&key.consumer);
        self.last_fed = Some(key.consumer.clone());
        let Some(device) = self.devices.get_mut(host) else { return };
        let Some((ldev, port)) = found else {
            device.errors.push(GenerateError::NoConsumer(key.consumer.clone()));
            return;
        };
        if second {
            device.errors.push(GenerateError::TwoSources(key.consumer.clone()));
            return;
        }
        let connection = provider.and_then(|provider| {
            let connection = Connection {
                provider_item: item(&link.provider),
                consumer_item: item(&key.consumer),
                persistence: if link.persistent { Persistence::Persistent } else { Persistence::Volatile },
                substitute: substitute(key, link, port)?,
                epsilon: epsilon(key, link, port)?,
            };
            Ok((provider, connection))
        });
        match connection {
            Ok((provider, connection)) => device.connect(
                ldev,
                GroupKey {
                    provider: Some(provider),
                    qos_type: link.qos.qos_type,
                    qos_value_ms: link.qos.value_ms,
                    active: link.active,
                },
                connection,
            ),
            Err(error) => device.errors.push(error),
        }
    }

    fn provider(&self, key: &LinkKey, link: &Link) -> Result<Provider, GenerateError> {
        let missing = || GenerateError::NoProvider { link: key.clone(), provider: link.provider.clone() };
        let placed = self.placed.get(link.provider.instance.as_str()).ok_or_else(missing)?;
        placed.component.port(&link.provider).ok_or_else(missing)?;
        let host =
            placed.host.and_then(|host| self.devices.get(host)).ok_or_else(|| GenerateError::ProviderNotServed {
                link: key.clone(),
                provider: link.provider.clone(),
                device: placed.device.clone(),
            })?;
        Ok(Provider {
            device: host.name.clone(),
            ldev: ldev_on_network(&link.provider.instance, &link.provider.ldev, placed.behind_proxy),
            instance: link.provider.instance.clone(),
            ip: host.device.ethernet_address().and_then(|address| address.ip),
        })
    }

    fn constant(&mut self, port: &'a PortRef, constant: &'a Constant) {
        let Some(Input { host, found }) = self.input(port) else {
            self.errors.push(GenerateError::NoConsumer(port.clone()));
            return;
        };
        let linked = self.plan.links_to(port).next().is_some();
        let Some(device) = host.and_then(|host| self.devices.get_mut(host)) else { return };
        let Some((ldev, described)) = found else {
            device.errors.push(GenerateError::NoConsumer(port.clone()));
            return;
        };
        if linked {
            device.errors.push(GenerateError::TwoSources(port.clone()));
            return;
        }
        match described.value_type.read_literal(&constant.value) {
            Ok(value) => device.connect(
                ldev,
                GroupKey { provider: None, qos_type: QosType::Constant, qos_value_ms: 0, active: true },
                Connection {
                    provider_item: Name::default(),
                    consumer_item: item(port),
                    persistence: Persistence::Persistent,
                    substitute: Some(TypedValue { value_type: described.value_type.clone(), value }),
                    epsilon: None,
                },
            ),
            Err(error) => device.errors.push(GenerateError::Constant { port: port.clone(), error }),
        }
    }

    fn finish(self) -> Generation {
        let plan = self.plan;
        let devices = self
            .devices
            .into_iter()
            .filter(|device| !device.ldevs.is_empty() || !device.errors.is_empty())
            .map(|device| device.finish(plan))
            .collect();
        Generation { devices, errors: self.errors }
    }
}

impl<'a> DeviceWork<'a> {
    fn expect_identity(&mut self, instance: &'a Name, component: &Component) {
        let identity = &component.device.identity;
        let expected = ExpectedIdentity {
            producer: identity.producer.clone(),
            product: identity.product.clone(),
            revision: identity.revision.map(|version| version.to_string().into()),
            pn_revision: identity.pn_revision.map(|version| version.to_string().into()),
            vendor_id: identity.vendor_id,
            device_id: identity.device_id,
            stage: component.stage(),
        };
        match &self.identity {
            None => self.identity = Some((instance, expected)),
            Some((first, known)) if (&known.producer, &known.product) != (&expected.producer, &expected.product) => {
                self.errors.push(GenerateError::TwoIdentities {
                    device: self.name.clone(),
                    first: (*first).clone(),
                    expected: format!("{} {}", known.producer, known.product),
                    second: instance.clone(),
                    other: format!("{} {}", expected.producer, expected.product),
                });
            }
            Some(_) => {}
        }
    }

    fn add_ldev(
        &mut self,
        instance: &'a Name,
        component: &Component,
        described: &LogicalDevice,
        profibus: Option<ProfibusPlace>,
    ) {
        let name = ldev_on_network(instance, &described.name, profibus.is_some());
        let identity = &component.device.identity;
        if let Some(other) = self.ldevs.iter().find(|other| other.ldev.name == name) {
            self.errors.push(GenerateError::LdevTwice {
                ldev: name.clone(),
                first: other.instance.clone(),
                second: instance.clone(),
            });
        }
        let ldev = LdevConfiguration {
            name,
            instance: instance.clone(),
            described_as: described.name.clone(),
            component_id: component.key.id.clone(),
            component_version: component.key.version.to_string().into(),
            producer: described.producer.clone().unwrap_or_else(|| identity.producer.clone()),
            product: described.product.clone().unwrap_or_else(|| identity.product.clone()),
            revision: described.revision.or(identity.revision).map(|version| version.to_string().into()),
            profibus,
            groups: Vec::new(),
        };
        self.ldevs.push(LdevWork { ldev, instance, groups: BTreeMap::new(), cyclic: Vec::new() });
    }

    fn connect(&mut self, ldev: usize, group: GroupKey, connection: Connection) {
        let Some(work) = self.ldevs.get_mut(ldev) else { return };
        if group.qos_type == QosType::Cyclic {
            work.cyclic.push(connection.consumer_item.clone());
        }
        work.groups.entry(group).or_default().push(connection);
    }

    fn finish(mut self, plan: &Plan) -> Generated {
        let network = network_settings(plan, self.device);
        if network.ip.is_none() {
            self.errors.push(GenerateError::NoAddress(self.name.clone()));
        }
        let identity = match self.identity {
            Some((_, identity)) => identity,
            None => {
                if !self.ldevs.is_empty() {
                    self.errors.push(GenerateError::NoIdentity(self.name.clone()));
                }
                ExpectedIdentity::default()
            }
        };
        let mut without_address: Vec<Name> = Vec::new();
        let mut remarks = Vec::new();
        let mut ldevs = Vec::with_capacity(self.ldevs.len());
        self.ldevs.sort_by(|a, b| (&a.ldev.name, a.instance).cmp(&(&b.ldev.name, b.instance)));
        for LdevWork { mut ldev, groups, mut cyclic, .. } in self.ldevs {
            for (key, mut connections) in groups {
                connections.sort_by(|a, b| a.consumer_item.cmp(&b.consumer_item));
                without_address.extend(
                    key.provider
                        .iter()
                        .filter(|provider| provider.ip.is_none() && provider.device != *self.name)
                        .map(|provider| provider.device.clone()),
                );
                ldev.groups.push(ConnectionGroup {
                    provider: key.provider,
                    qos_type: key.qos_type,
                    qos_value_ms: key.qos_value_ms,
                    active: key.active,
                    connections,
                });
            }
            if !cyclic.is_empty() {
                cyclic.sort();
                remarks.push(Remark {
                    ldev: ldev.name.clone(),
                    text: CARRIED_ACYCLICALLY.to_owned(),
                    connections: cyclic,
                });
            }
            ldevs.push(ldev);
        }
        without_address.sort();
        without_address.dedup();
        self.errors.extend(without_address.into_iter().map(GenerateError::NoAddress));
        let configuration = Configuration {
            format: FORMAT,
            device: self.name.clone(),
            identity,
            network,
            ldevs,
            payloads: self.payloads,
            remarks,
        };
        Generated { configuration, errors: self.errors }
    }
}

/// `RTAuto.Property` (wire spec, convention 1).
fn item(port: &PortRef) -> Name {
    smol_str::format_smolstr!("{}.{}", port.rtauto, port.port)
}

fn substitute(key: &LinkKey, link: &Link, port: &Port) -> Result<Option<TypedValue>, GenerateError> {
    match &link.substitute {
        Substitute::HoldLast => Ok(None),
        Substitute::Value(literal) => match port.value_type.read_literal(literal) {
            Ok(value) => Ok(Some(TypedValue { value_type: port.value_type.clone(), value })),
            Err(error) => Err(GenerateError::Substitute { link: key.clone(), error }),
        },
    }
}

/// The epsilon as a value of the port's type. A change of a whole number exceeds 2.7 exactly when it exceeds 2, so
/// fractions are cut; what is beyond the type's range is its greatest value, which no change exceeds.
fn epsilon(key: &LinkKey, link: &Link, port: &Port) -> Result<Option<TypedValue>, GenerateError> {
    let Some(epsilon) = link.epsilon else { return Ok(None) };
    let refuse = || GenerateError::Epsilon {
        link: key.clone(),
        epsilon: epsilon.to_string(),
        value_type: port.value_type.to_string(),
    };
    let base = port.value_type.base().filter(|base| base.is_numeric()).ok_or_else(refuse)?;
    if epsilon.is_nan() || epsilon < 0.0 {
        return Err(refuse());
    }
    let value = match base.integer_range() {
        // The ranges end at 32 bits, so the way through `f64` loses nothing.
        Some((_, greatest)) => Value::Int(epsilon.floor().min(greatest as f64) as i64),
        None if base == BaseType::R4 => Value::Real(f64::from(epsilon as f32)),
        None => Value::Real(epsilon),
    };
    Ok(Some(TypedValue { value_type: ValueType::Base(base), value }))
}

fn network_settings(plan: &Plan, device: &Device) -> NetworkSettings {
    let Some(address) = device.ethernet_address() else { return NetworkSettings::default() };
    let subnet = address.subnet.as_ref().and_then(|name| plan.subnets().get(name));
    NetworkSettings {
        name_of_station: address.name_of_station.clone(),
        ip: address.ip,
        mask: address.mask.or(subnet.map(|subnet| subnet.mask)),
        router: address.router,
        mac: address.mac.map(|mac| mac.map(|byte| format!("{byte:02x}")).join(":").into()),
    }
}

fn payload_references(instance: &Name, component: &Component) -> Vec<PayloadReference> {
    let mut references: Vec<_> = component
        .payloads
        .iter()
        .filter(|payload| payload.loader != BEHAVIOUR_LOADER)
        .map(|payload| PayloadReference {
            instance: instance.clone(),
            id: payload.id.clone(),
            kind: payload.kind.clone(),
            target: payload.target.clone(),
            loader: payload.loader.clone(),
            size: payload.size,
            sha256: payload.sha256.clone(),
        })
        .collect();
    references.sort_by(|a, b| a.id.cmp(&b.id));
    references
}
