//! The sample plants work: every device's script runs, values go along the links of the plan, and start and stop at the
//! operator panel show at the other end of the plant. No network: links are copied at their update times.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use plantweave::device::behaviour::{Behaviour, ScriptPort};
use plantweave::model::*;
use plantweave::project;

const STEP: f64 = 0.05;

/// A tag with the text behind it; enough of XML for files that we wrote.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

fn tags(xml: &[u8]) -> Vec<Tag> {
    // The irregular description is ISO-8859-1: each byte is a character of that number.
    let text = String::from_utf8(xml.to_vec()).unwrap_or_else(|_| xml.iter().copied().map(char::from).collect());
    let mut tags = Vec::new();
    for part in text.split('<').skip(1) {
        let (inside, text) = part.split_once('>').unwrap_or((part, ""));
        let mut quoted = inside.split('"');
        let first = quoted.next().unwrap_or_default();
        let (name, mut key) = first.split_once([' ', '\n']).unwrap_or((first, ""));
        let mut attributes = BTreeMap::new();
        while let Some(value) = quoted.next() {
            attributes.insert(key.trim().trim_end_matches('=').to_lowercase(), value.to_owned());
            key = quoted.next().unwrap_or_default();
        }
        let name = name.trim_end_matches('/').to_lowercase().replace('_', "");
        tags.push(Tag { name, attributes, text: text.to_owned() });
    }
    tags
}

fn base(text: &str) -> BaseType {
    let text = text.trim_start_matches("VT_ARRAY|").trim_start_matches("VT_");
    let text = match text {
        "boolean" => "BOOL",
        "float" | "REAL" => "R4",
        "UDINT" => "UI4",
        "word" => "UI2",
        "8209" => "UI1",
        other => other,
    };
    BaseType::from_token(text).unwrap_or_else(|| panic!("type {text}"))
}

fn value_type(attributes: &BTreeMap<String, String>, structures: &BTreeMap<String, Arc<StructType>>) -> ValueType {
    let element = match attributes.get("typeref") {
        Some(name) => ValueType::Struct(structures[name].clone()),
        None => ValueType::Base(base(&attributes["type"])),
    };
    match attributes.get("array").or(attributes.get("size")) {
        Some(dims) => ValueType::Array {
            element: Box::new(element),
            dims: dims.split(' ').map(|size| size.parse().unwrap()).collect(),
        },
        None => element,
    }
}

/// LDev and ports of each RTAuto, as a script is given them.
fn ports(xml: &[u8]) -> Vec<(String, ScriptPort)> {
    let tags = tags(xml);
    let mut structures: BTreeMap<String, Arc<StructType>> = BTreeMap::new();
    let mut open: Option<StructType> = None;
    for tag in &tags {
        match (tag.name.as_str(), &mut open) {
            ("struct", _) => open = Some(StructType { name: (&*tag.attributes["name"]).into(), members: Vec::new() }),
            ("member", Some(structure)) => structure.members.push(Member {
                name: (&*tag.attributes["name"]).into(),
                value_type: value_type(&tag.attributes, &structures),
            }),
            ("/struct", _) => {
                let structure = open.take().unwrap();
                structures.insert(structure.name.to_string(), Arc::new(structure));
            }
            _ => {}
        }
    }
    let (mut ldev, mut rtauto) = (String::new(), String::new());
    let mut ports = Vec::new();
    for (index, tag) in tags.iter().enumerate() {
        let name = || tag.attributes["name"].clone();
        match tag.name.as_str() {
            "logicaldevice" | "ldev" => ldev = name(),
            "rtauto" => rtauto = name(),
            "property" => {
                let mut attributes = tag.attributes.clone();
                // Child elements instead of attributes.
                let children = tags[index + 1..].iter().take_while(|tag| tag.name != "/property");
                if attributes.is_empty() {
                    attributes = children.map(|tag| (tag.name.clone(), tag.text.clone())).collect();
                }
                let direction = match &*attributes.get("dir").or(attributes.get("direction")).unwrap().to_lowercase() {
                    "in" | "input" | "i" => Direction::In,
                    "out" | "output" | "o" => Direction::Out,
                    "inout" => Direction::InOut,
                    _ => Direction::Hmi,
                };
                let value_type = value_type(&attributes, &structures);
                let initial = match attributes.get("default") {
                    Some(text) => {
                        let text = if value_type == ValueType::Base(BaseType::R4) {
                            text.replace(',', ".")
                        } else {
                            text.clone()
                        };
                        value_type.read_literal(&text).unwrap()
                    }
                    None => value_type.zero(),
                };
                let name = (&*attributes["name"]).into();
                let object = (&*rtauto).into();
                ports.push((ldev.clone(), ScriptPort { object, name, value_type, direction, initial }));
            }
            _ => {}
        }
    }
    ports
}

struct Machine {
    script: Behaviour,
    ports: Vec<(String, ScriptPort)>,
    values: Vec<Value>,
}

impl Machine {
    fn index(&self, port: &PortRef) -> usize {
        let found = self.ports.iter().position(|(ldev, candidate)| {
            *ldev == *port.ldev && candidate.object == port.rtauto && candidate.name == port.port
        });
        found.unwrap_or_else(|| panic!("no port {port}"))
    }

    fn step(&mut self, now: f64) {
        for (index, value) in self.values.iter().enumerate() {
            self.script.put(index, value.clone());
        }
        self.script.run(STEP, 45_000.0 + now / 86_400.0).unwrap();
        let values = &mut self.values;
        self.script.take(|index, value| values[index] = value).unwrap();
    }
}

struct Plant {
    plan: Plan,
    machines: BTreeMap<Name, Machine>,
    now: f64,
}

impl Plant {
    fn open(name: &str) -> Self {
        let plan = read(name);
        let mut machines = BTreeMap::new();
        for (seed, (instance, _)) in plan.instances().iter().enumerate() {
            let source = plan.component_of(instance).unwrap().source.clone();
            let Some(script) = source.files.get("behaviour.rhai") else { continue };
            let ports = ports(&source.xml);
            let script = std::str::from_utf8(script).unwrap();
            let bare = ports.iter().map(|(_, port)| port.clone()).collect();
            let script = Behaviour::compile(&source.file_name, script, bare, seed as u64).unwrap();
            let values = ports.iter().map(|(_, port)| port.initial.clone()).collect();
            machines.insert(instance.clone(), Machine { script, ports, values });
        }
        let mut plant = Self { plan, machines, now: 0.0 };
        for (port, constant) in plant.plan.constants().clone() {
            plant.write(&port.to_string(), &constant.value);
        }
        plant
    }

    fn write(&mut self, port: &str, literal: &str) {
        let port = PortRef::parse(port).unwrap();
        let machine = self.machines.get_mut(&port.instance).unwrap();
        let index = machine.index(&port);
        machine.values[index] = machine.ports[index].1.value_type.read_literal(literal).unwrap();
    }

    fn value(&self, port: &str) -> Value {
        let port = PortRef::parse(port).unwrap();
        let machine = &self.machines[&port.instance];
        machine.values[machine.index(&port)].clone()
    }

    fn count(&self, port: &str) -> i64 {
        let value = self.value(port);
        let Value::Int(count) = value else { panic!("{port} is {value:?}") };
        count
    }

    fn run(&mut self, seconds: f64) {
        let end = self.now + seconds;
        while self.now < end {
            for (key, link) in self.plan.links() {
                let every = f64::from(link.qos.value_ms) / 1000.0;
                if (self.now / every).floor() > ((self.now - STEP) / every).floor() {
                    let provider = &self.machines[&link.provider.instance];
                    let index = provider.index(&link.provider);
                    let (value, value_type) = (provider.values[index].clone(), &provider.ports[index].1.value_type);
                    let value_type = value_type.clone();
                    let consumer = self.machines.get_mut(&key.consumer.instance).unwrap();
                    let index = consumer.index(&key.consumer);
                    assert_eq!(value_type, consumer.ports[index].1.value_type, "{key}");
                    consumer.values[index] = value;
                }
            }
            for machine in self.machines.values_mut() {
                machine.step(self.now);
            }
            self.now += STEP;
        }
    }
}

fn read(name: &str) -> Plan {
    fn walk(folder: &Path, base: &Path, files: &mut project::Files) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, base, files);
                continue;
            }
            let parts: Vec<_> = path.strip_prefix(base).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
            let name = parts.join("/");
            if project::is_own(&name) {
                files.insert(name, fs::read(&path).unwrap().into());
            }
        }
    }
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(name);
    let mut files = project::Files::new();
    walk(&base, &base, &mut files);
    let plan = project::read(&files, &|source, profile| Ok(component(source, profile))).unwrap();
    let written = project::write(&plan);
    for (path, bytes) in &files {
        assert_eq!(written.get(path), Some(bytes), "{name}/{path} is not in the form that saving gives");
    }
    plan
}

/// As much of the component as a project needs to keep it.
fn component(source: Arc<ComponentSource>, profile: Option<&str>) -> Component {
    let tags = tags(&source.xml);
    let tag = |name: &str| tags.iter().find(|tag| tag.name == name).unwrap();
    let info = tag("componentinfo");
    let id = info.attributes.get("id").cloned().unwrap_or_else(|| tag("id").text.clone());
    let version = info.attributes.get("version").map_or("1.0", String::as_str);
    Component {
        key: ComponentKey {
            id: id.trim_matches(['{', '}']).to_lowercase().into(),
            version: Version::parse(version).unwrap(),
        },
        name: (&*tag("name").text).into(),
        vendor: Name::default(),
        singleton: false,
        category: Name::default(),
        description: Texts::default(),
        icons: Vec::new(),
        links: Vec::new(),
        device: PhysicalDevice {
            class: DeviceClass::Other,
            microsoft_stack: false,
            multi_app: false,
            type_name: Name::default(),
            identity: Identity::default(),
            description: Texts::default(),
            limits: Limits::default(),
            qos: Vec::new(),
            ethernet: None,
            profibus: Vec::new(),
        },
        ldevs: Vec::new(),
        payloads: Vec::new(),
        details: Arc::default(),
        profile: profile.map(|text| Arc::new(DeviceProfile { text: text.into(), ..DeviceProfile::default() })),
        source,
    }
}

#[test]
fn bottles_go_from_the_belt_to_the_pallet() {
    let mut line = Plant::open("bottling-line.plant");
    assert!(line.plan.instances().len() >= 14 && line.plan.links().len() >= 50);
    let good = "Checkweigher1.Checkweigher.Weigh.BottlesOut";
    line.run(2.0);
    assert_eq!(line.count("Filler1.Filler.Fill.bottles_out"), 0, "nothing moves before the start");

    line.write("LineMaster.LineMaster.Line.start", "true");
    line.run(70.0);
    let before = line.count(good);
    assert!((150..=280).contains(&before), "{before} good bottles after 70 s");
    assert!(line.count("CasePacker1.Packer.Pack.cases_out") >= 10);
    assert!(line.count("Palletiser1.Palletiser.Stack.pallets_out") >= 1);
    assert!(line.count("RobotCell1.Robot.Arm.sheets_placed") >= 2);
    assert_eq!(line.value("LineMaster.LineMaster.Line.alarm"), Value::Bool(false));

    line.write("LineMaster.LineMaster.Line.stop", "true");
    line.run(3.0);
    let stopped = line.count(good);
    line.run(5.0);
    assert_eq!(line.count(good), stopped, "the line stands");
    assert_eq!(line.value("BufferDrive.Drive.Axis.Running"), Value::Bool(false));
}

#[test]
fn a_fault_fills_the_buffer_and_is_acknowledged() {
    let mut line = Plant::open("bottling-line.plant");
    line.write("LineMaster.LineMaster.Line.start", "true");
    line.run(15.0);
    line.write("CasePacker1.Packer.Pack.simulate_fault", "true");
    line.run(10.0);
    assert_eq!(line.value("LineMaster.LineMaster.Line.alarm"), Value::Bool(true));
    assert!(line.count("Buffer1.Table.Buffer.content") > 5);
    assert_eq!(line.count("Filler1.Filler.Fill.state"), 2, "the filler goes on");
    line.write("CasePacker1.Packer.Pack.simulate_fault", "false");
    line.write("LineMaster.LineMaster.Line.reset", "true");
    line.run(3.0);
    assert_eq!(line.value("LineMaster.LineMaster.Line.alarm"), Value::Bool(false));
}

#[test]
fn water_is_pumped_filtered_and_dosed() {
    let mut works = Plant::open("water-treatment.plant");
    assert!(works.plan.instances().len() >= 8);
    works.write("Panel1.Panel.Operate.start", "true");
    works.run(90.0);
    let real = |port: &str| match works.value(port) {
        Value::Real(number) => number,
        other => panic!("{port} is {other:?}"),
    };
    assert!((3.5..4.5).contains(&real("NetPumps.Station.Header.Pressure")));
    assert!((0.1..0.6).contains(&real("Analyser1.Analyser.Analyse.Chlorine")));
    assert!(real("Filter1.Filter.Filter.OutFlow") > 10.0 || works.count("Filter1.Filter.Filter.Cycles") > 0);
    assert_eq!(works.value("Panel1.Panel.Operate.alarm"), Value::Bool(false));
}

#[test]
fn the_plant_of_mistakes_opens() {
    assert!(read("mistakes.plant").links().len() > 30);
}
