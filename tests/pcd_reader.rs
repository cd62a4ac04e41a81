//! The reader of component descriptions on whole files: our samples, the library, and damaged copies of them.

use std::fs;
use std::path::{Path, PathBuf};

use plantweave::model::{BaseType, Direction, Value, ValueType};
use plantweave::pcd::{Grade, PcdError, Read, ReadOptions, Rule, read};
use proptest::prelude::*;

fn file(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read_file(path: &str) -> Read {
    read(&file(path), &ReadOptions::default()).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn n_ports(read: &Read) -> usize {
    read.component.rtautos().map(|(_, rtauto)| rtauto.ports.len()).sum()
}

fn said(read: &Read, rule: Rule, part: &str) -> bool {
    read.remarks.iter().any(|remark| remark.rule == rule && remark.to_string().contains(part))
}

#[test]
fn the_canonical_samples_are_exact() {
    let filler = read_file("tests/data/pcd/own-filler.pcd.xml");
    assert_eq!((filler.grade, filler.remarks.as_slice(), n_ports(&filler)), (Grade::Exact, &[][..], 11));
    let component = &filler.component;
    assert_eq!(component.key.to_string(), "5b1c2f1e-0d1a-4c55-9e0e-6a2f9c6f0a01 1.2");
    assert_eq!(component.description.get("de"), Some("Flaschenabfüllstation"));
    let fill = component.rtauto("Filler", "Fill").unwrap();
    assert_eq!(fill.port("Speed").unwrap().default, Some(Value::Int(100)));
    let limits = [10, 20, 30, 30].map(Value::Int);
    assert_eq!(fill.port("Limits").unwrap().default, Some(Value::Array(limits.to_vec().into())));
    let ValueType::Struct(batch) = &fill.port("Order").unwrap().value_type else { panic!("no structure") };
    assert_eq!((batch.name.as_str(), batch.members.len()), ("Batch", 4));
    assert!(fill.port("Temperature").is_some_and(|port| !port.writable && !port.connectable));
    assert_eq!(component.payloads.len(), 1);

    let drive = read_file("tests/data/pcd/own-profibus-drive.pcd.xml");
    assert_eq!((drive.grade, drive.remarks.as_slice(), n_ports(&drive)), (Grade::Exact, &[][..], 4));
    assert!(drive.component.singleton);
    assert_eq!(drive.component.key.id, "7c0a1d52-6b1b-4f6e-8e4f-1b2c3d4e5f60");
    let bus = &drive.component.device.profibus[0];
    assert_eq!((bus.ident_number, bus.baud_kbit), (Some(0xABCD), Some(1500.0)));
}

#[test]
fn the_variant_is_read_with_its_oddities_named() {
    let read = read_file("tests/data/pcd/own-tolerant-variant.xml");
    assert_eq!((read.grade, n_ports(&read)), (Grade::Tolerant, 3), "{:#?}", read.remarks);
    assert!(said(&read, Rule::DecimalComma, "12,5"));
    assert!(said(&read, Rule::TypeSpelling, "VT_ARRAY|VT_UI1"));
    assert!(said(&read, Rule::NotUnderstood, "v:PRIVATE"));
    assert!(read.kept.iter().any(|kept| &*kept.text == "<v:PRIVATE key=\"x\">keep me</v:PRIVATE>"));
    let mix = read.component.rtauto("Mischer", "Mix").unwrap();
    assert_eq!(mix.port("Speed").unwrap().default, Some(Value::Real(12.5)));
    assert_eq!(mix.port("Raw").unwrap().value_type, ValueType::array_of(BaseType::UI1, 8));
    assert_eq!(read.component.description.get("de"), Some("Rührwerk"));
}

/// All descriptions of the library.
fn library() -> Vec<PathBuf> {
    let folders = |path: &Path| -> Vec<PathBuf> {
        fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
    let components = folders(&root).into_iter().flat_map(|vendor| folders(&vendor));
    components.map(|path| path.join(format!("{}.pcd.xml", path.file_name().unwrap().to_str().unwrap()))).collect()
}

#[test]
fn the_library_is_exact_and_keeps_every_port() {
    let descriptions = library();
    assert!(descriptions.len() >= 18);
    for path in descriptions.iter().filter(|path| !path.ends_with("shrink-wrapper.pcd.xml")) {
        let bytes = fs::read(path).unwrap();
        let read = read(&bytes, &ReadOptions::default()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!((read.grade, &read.remarks[..]), (Grade::Exact, &[][..]), "{}", path.display());
        let written = String::from_utf8(bytes).unwrap().matches("<Property ").count();
        assert_eq!(n_ports(&read), written, "{}", path.display());
    }
}

#[test]
fn the_irregular_component_is_tolerant() {
    let read = read_file("library/huellbach/shrink-wrapper/shrink-wrapper.pcd.xml");
    assert_eq!((read.grade, n_ports(&read)), (Grade::Tolerant, 15), "{:#?}", read.remarks);
    for (rule, part) in [
        (Rule::Encoding, "8859"),
        (Rule::Namespace, "huellbach"),
        (Rule::OtherPlace, "LogicalDevice"),
        (Rule::OtherPlace, "Property"),
        (Rule::MissingVersion, "1.0"),
        (Rule::TypeSpelling, "8209"),
        (Rule::DecimalComma, "165,5"),
        (Rule::ValueForm, "dir"),
        (Rule::NotUnderstood, "SCHALTPLAN"),
        (Rule::NotUnderstood, "hv:WARTUNG"),
    ] {
        assert!(said(&read, rule, part), "{rule} {part}: {:#?}", read.remarks);
    }
    let function = read.component.rtauto("Schrumpfpacker", "Wickeln").unwrap();
    assert_eq!(function.port("Rohdaten").unwrap().value_type, ValueType::array_of(BaseType::UI1, 8));
    assert_eq!(function.port("Temp_Ist").unwrap().epsilon, Some(0.5));
    assert_eq!(function.port("Stoerung_Simulieren").unwrap().direction, Direction::Hmi);
}

/// A description around these parts of the function and types.
fn description(properties: &str, types: &str) -> String {
    format!(
        "<ComponentDescription xmlns='urn:x-cba:pcd:2' schemaVersion='2.0'>\
         <ComponentInfo version='1.0'><Name>N</Name><Vendor>V</Vendor></ComponentInfo>\
         <PhysicalDevice class='plc'><Identity producer='V' product='P'/></PhysicalDevice>\
         <LogicalDevice name='L'><RTAuto name='R'><Interface name='I'>{properties}</Interface></RTAuto></LogicalDevice>\
         <Types>{types}</Types></ComponentDescription>"
    )
}

#[test]
fn unusable_properties_are_left_out_and_named() {
    let chain: String = (0..40).map(|n| format!("<Struct name='S{n}'><Member name='a' type='STRUCT' typeRef='S{}'/><Member name='b' type='STRUCT' typeRef='S{}'/></Struct>", n + 1, n + 1)).collect();
    for (property, fault) in [
        ("<Property name='P' type='I9' dir='In'/>", "no type that is known"),
        ("<Property name='P' type='I2'/>", "no direction"),
        ("<Property type='I2' dir='In'/>", "no usable name"),
        ("<Property name='Q' type='I2' dir='In'/>", "two of property `Q`"),
        ("<Property name='P' type='I2' array='65535 65535' dir='In'/>", "larger than 65536 bytes"),
        ("<Property name='P' type='I2' array='65536' dir='In'/>", "not all from 1 to 65535"),
        (
            "<Property name='P' type='I1' array='1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1' dir='In'/>",
            "more than 16 dimensions",
        ),
        ("<Property name='P' type='STRUCT' typeRef='Self' dir='In'/>", "contains itself"),
        ("<Property name='P' type='STRUCT' typeRef='None' dir='In'/>", "does not exist"),
        ("<Property name='P' type='STRUCT' typeRef='S0' dir='In'/>", "nested deeper"),
    ] {
        let types = format!("<Struct name='Self'><Member name='a' type='STRUCT' typeRef='Self'/></Struct>{chain}");
        let text = description(&format!("<Property name='Q' type='I2' dir='Out'/>{property}"), &types);
        let read = read(text.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!((read.grade, n_ports(&read)), (Grade::Partial, 1), "{property}");
        let rules = [Rule::Incomplete, Rule::DuplicateName, Rule::TypeReference];
        assert!(rules.iter().any(|rule| said(&read, *rule, fault)), "{property}: {:#?}", read.remarks);
    }
}

#[test]
fn an_id_is_generated_the_same_way_each_time() {
    let text = description("", "<Struct name='S'><Member name='a' type='I2'/></Struct>");
    let [one, other] = [(); 2].map(|()| read(text.as_bytes(), &ReadOptions::default()).unwrap());
    assert!(said(&one, Rule::GeneratedId, &one.component.key.id));
    assert_eq!(one.component.key, other.component.key);
}

#[test]
fn other_files_are_refused() {
    let newer = description("", "").replace("schemaVersion='2.0'", "schemaVersion='3.0'");
    let refuse = |text: &str| read(text.as_bytes(), &ReadOptions::default()).unwrap_err();
    assert!(matches!(refuse("<GSDML/>"), PcdError::NotADescription { .. }));
    assert!(matches!(refuse("<PCD/>"), PcdError::Missing { .. }));
    assert!(matches!(refuse(&newer), PcdError::SchemaVersion { .. }));
    let forced = read(newer.as_bytes(), &ReadOptions { force_tolerant: true, ..ReadOptions::default() }).unwrap();
    assert!(said(&forced, Rule::SchemaVersion, "3.0"));
}

#[test]
fn no_truncation_is_read_or_panics() {
    let bytes = file("tests/data/pcd/own-tolerant-variant.xml");
    let options = ReadOptions::default();
    let whole = bytes.trim_ascii_end().len();
    for length in 0..whole {
        assert!(read(&bytes[..length], &options).is_err(), "{length} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn mutations_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        for path in ["tests/data/pcd/own-tolerant-variant.xml", "tests/data/pcd/own-filler.pcd.xml"] {
            let mut bytes = file(path);
            for (index, byte) in &changes {
                let at = index.index(bytes.len());
                bytes[at] = *byte;
            }
            let _ = read(&bytes, &ReadOptions::default());
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, &ReadOptions::default());
    }
}
