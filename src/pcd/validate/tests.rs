//! Each check twice firing and once silent: a description in, what is told of it out.

use std::sync::Arc;

use base64::Engine as _;

use super::super::{Grade, Read, ReadOptions, Severity, check_files, read};
use crate::model::ComponentSource;

const INFO: &str = "<Name>N</Name><Vendor>V</Vendor>";
const IDENTITY: &str = "<Identity producer='V' product='P'/>";

/// A description of a device with these parts and a function with these properties.
fn described(info: &str, class: &str, device: &str, ldev: &str, rest: &str) -> Read {
    let text = format!(
        "<ComponentDescription xmlns='urn:x-cba:pcd:2' schemaVersion='2.0'>\n\
         <ComponentInfo id='5b1c2f1e-0d1a-4c55-9e0e-6a2f9c6f0a01' version='1.0'>{INFO}{info}</ComponentInfo>\n\
         <PhysicalDevice class='{class}'>{IDENTITY}{device}</PhysicalDevice>\n\
         <LogicalDevice name='L'>{ldev}</LogicalDevice>\n{rest}</ComponentDescription>"
    );
    read(text.as_bytes(), &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn with_ports(ports: &str) -> Read {
    with_ports_and_types(ports, "")
}

fn with_ports_and_types(ports: &str, types: &str) -> Read {
    let ldev = format!("<RTAuto name='F'><Interface name='I'>{ports}</Interface></RTAuto>");
    described("", "plc", "", &ldev, types)
}

/// What the rule with this code tells, with its place.
fn told(read: &Read, code: &str) -> Vec<String> {
    let other = read.remarks.iter().find(|remark| remark.rule.code() != code);
    assert!(other.is_none(), "{other:?}");
    let tell = |remark: &super::super::Remark| {
        assert!(remark.place.position.is_some(), "{remark:?} has no place");
        remark.message.clone()
    };
    read.remarks.iter().map(tell).collect()
}

const SILENT: [&str; 0] = [];

#[test]
fn v01_names_are_unique() {
    let port = "<Property name='a' type='BOOL' dir='In'/>";
    let read = with_ports(&port.repeat(2));
    assert_eq!(told(&read, "PCD-V01"), ["there are two of property `a`; the second is left out"]);
    assert_eq!((read.grade, read.kept.len()), (Grade::Partial, 1));
    assert_eq!(&*read.kept[0].text, port);

    let structure = "<Struct name='S'><Member name='m' type='I2'/></Struct>";
    let read = described("", "plc", "", "<RTAuto name='F'><Interface name='I'/><Interface name='I'/></RTAuto>", "");
    assert_eq!(told(&read, "PCD-V01"), ["there are two of interface `I`; their properties are taken together"]);
    let read = with_ports_and_types("", &format!("<Types>{}</Types>", structure.repeat(2)));
    assert_eq!(told(&read, "PCD-V01"), ["there are two of structure type `S`; the second is left out"]);
    let payload = "<Payload id='p' kind='other'>AA==</Payload>";
    let read = with_ports_and_types("", &format!("<Payloads>{}</Payloads>", payload.repeat(2)));
    assert_eq!(told(&read, "PCD-V01"), ["there are two of payload `p`; the second is left out"]);

    let read = with_ports_and_types(port, &format!("<Types>{structure}</Types><Payloads>{payload}</Payloads>"));
    assert_eq!(told(&read, "PCD-V01"), SILENT);
    assert_eq!(read.grade, Grade::Exact);
}

#[test]
fn v02_structure_types_resolve() {
    let port = "<Property name='a' type='STRUCT' typeRef='S' dir='In'/>";
    let read = with_ports(port);
    assert_eq!(told(&read, "PCD-V02"), ["the property `a` is left out: the structure type `S` does not exist"]);
    assert_eq!((read.grade, &*read.kept[0].text), (Grade::Partial, port));

    let member =
        |of: &str, to: &str| format!("<Struct name='{of}'><Member name='m' type='STRUCT' typeRef='{to}'/></Struct>");
    let read = with_ports_and_types("", &format!("<Types>{}{}</Types>", member("S", "T"), member("T", "S")));
    let told_of = told(&read, "PCD-V02");
    assert_eq!(told_of.len(), 2, "types count also when no property uses them: {told_of:?}");
    assert!(told_of[0].ends_with("the structure type `S` contains itself"), "{told_of:?}");
    assert_eq!(read.component.details.structs.len(), 0);

    let types = format!("<Types>{}<Struct name='T'><Member name='m' type='I2'/></Struct></Types>", member("S", "T"));
    assert_eq!(told(&with_ports_and_types(port, &types), "PCD-V02"), SILENT);
}

#[test]
fn v03_values_fit_their_type() {
    for (attributes, expected) in [
        ("type='UI1' default='300'", "`default` is left out: 300 is outside the range of UI1 (0 to 255)"),
        ("type='I2' array='2' default='1 2 3'", "`default` is left out: 2 elements expected, 3 found"),
        ("type='BSTR' array='2' default='a b'", "`default` is left out: an array of texts has none"),
        ("type='BOOL' substitute='maybe'", "`substitute` is left out: `maybe` is not a BOOL value"),
        ("type='R4' min='5' max='1'", "`min` and `max` are left out: 5 is above 1"),
        ("type='R4' min='NaN'", "`min` and `max` are left out: they are no numbers"),
        ("type='BOOL' min='0'", "`min` and `max` are left out: the type is no number"),
        ("type='I1' max='200'", "`min` or `max` is outside the range of I1 (-128 to 127)"),
        ("type='R4' min='1' max='5' default='7'", "`default` 7 is not from 1 to 5"),
        ("type='R4' array='2' min='1' default='2 0'", "`default` 0 is not from 1 to …"),
        ("type='R4' max='5' substitute='NaN'", "`substitute` NaN is not from … to 5"),
        ("type='R4' epsilon='-1'", "`epsilon` is left out: -1 is no threshold"),
        ("type='BSTR' epsilon='1'", "`epsilon` is left out: the type is no number"),
        ("type='I2' maxLen='8'", "`maxLen` is left out: the type is no text"),
        ("type='BSTR' maxLen='2' default='abc'", "`default` has 3 characters, `maxLen` allows 2"),
    ] {
        let read = with_ports(&format!("<Property name='a' dir='In' {attributes}/>"));
        assert_eq!(told(&read, "PCD-V03"), [expected], "{attributes}");
    }
    let silent = "<Property name='a' dir='In' type='I2' array='2' min='0' max='9' default='1 9' epsilon='0'/>\
        <Property name='b' dir='In' type='BSTR' maxLen='3' default='abc'/>\
        <Property name='c' dir='In' type='R8' min='-INF' max='INF' substitute='-INF'/>";
    assert_eq!(told(&with_ports(silent), "PCD-V03"), SILENT);
}

#[test]
fn v03_holds_for_members_and_names_of_values() {
    let member = |attributes: &str| format!("<Types><Struct name='S'><Member name='m' {attributes}/></Struct></Types>");
    let read = with_ports_and_types("", &member("type='I2' max='5' default='6'"));
    assert_eq!(told(&read, "PCD-V03"), ["`default` 6 is not from … to 5"]);
    let enumeration =
        |base: &str| format!("<Property name='a' dir='In' type='{base}'><Enum value='300' name='x'/></Property>");
    assert_eq!(
        told(&with_ports(&enumeration("UI1")), "PCD-V03"),
        ["the name of 300 can never be shown: it is outside UI1 (0 to 255)"]
    );
    assert_eq!(
        told(&with_ports(&enumeration("R4")), "PCD-V03"),
        ["names of values are left out: the type is no whole number"]
    );
    assert_eq!(told(&with_ports(&enumeration("UI2")), "PCD-V03"), SILENT);
    assert_eq!(told(&with_ports_and_types("", &member("type='I2' max='5' default='5'")), "PCD-V03"), SILENT);
}

/// A port with an offer of its own on a device with one.
fn offered(device: &str, port: &str) -> Read {
    let list = |offers: &str| match offers {
        "" => String::new(),
        offers => format!("<SupportedQoS>{offers}</SupportedQoS>"),
    };
    let ldev = format!(
        "<RTAuto name='F'><Interface name='I'><Property name='a' type='BOOL' dir='In'>{}</Property></Interface></RTAuto>",
        list(port)
    );
    described("", "plc", &list(device), &ldev, "")
}

#[test]
fn v04_ports_offer_what_their_device_offers() {
    let device = "<QoS type='acyclic' valuesMs='50 100' defaultMs='100'/><QoS type='constant'/>";
    for (device, port, expected) in [
        (device, "<QoS type='cyclic'/>", "`a` offers `cyclic`, which its device does not"),
        (
            device,
            "<QoS type='acyclic' valuesMs='50 70 80'/>",
            "`a` offers `acyclic` at 70, 80 ms, which its device does not",
        ),
        (
            device,
            "<QoS type='acyclic' valuesMs='50' defaultMs='100'/>",
            "the default of `acyclic`, 100 ms, is not offered; it is left out",
        ),
        ("", "<QoS type='cyclic'/>", "`a` offers `cyclic`, which its device does not"),
        (
            "<QoS type='acyclic' valuesMs='100 50'/>",
            "",
            "the intervals of `acyclic` are not ascending; they are put in order",
        ),
        ("<QoS type='acyclic' valuesMs='0 50'/>", "", "`acyclic` offers an interval of 0 ms; it is left out"),
        ("<QoS type='constant' defaultMs='5'/>", "", "`constant` has no interval; it is left out"),
    ] {
        assert_eq!(told(&offered(device, port), "PCD-V04"), [expected]);
    }
    assert_eq!(told(&offered(device, "<QoS type='acyclic' valuesMs='50'/><QoS type='constant'/>"), "PCD-V04"), SILENT);
    assert_eq!(told(&offered("", "<QoS type='acyclic' valuesMs='7'/>"), "PCD-V04"), SILENT);
    assert_eq!(told(&offered("<QoS type='acyclic'/>", "<QoS type='acyclic' valuesMs='7'/>"), "PCD-V04"), SILENT);
}

#[test]
fn v05_hmi_properties_are_for_operators() {
    let device = "<SupportedQoS><QoS type='acyclic'/><QoS type='acyclicHmi'/><QoS type='cyclic'/></SupportedQoS>";
    let with = |offer: &str| {
        let port = format!(
            "<Property name='a' type='BOOL' dir='HMI'><SupportedQoS><QoS type='{offer}'/></SupportedQoS></Property>"
        );
        described("", "plc", device, &format!("<RTAuto name='F'><Interface name='I'>{port}</Interface></RTAuto>"), "")
    };
    for offer in ["acyclic", "cyclic"] {
        let expected = format!("`a` is an HMI property, which is never linked, and offers `{offer}`");
        assert_eq!(told(&with(offer), "PCD-V05"), [expected]);
    }
    assert_eq!(told(&with("acyclicHmi"), "PCD-V05"), SILENT);
}

#[test]
fn v06_slaves_and_proxies_have_their_interfaces() {
    let with = |class: &str, device: &str| told(&described("", class, device, "", ""), "PCD-V06");
    let (slave, master) = ("<Profibus role='slave'/>", "<Profibus role='master'/>");
    assert_eq!(
        with("profibusSlave", master),
        ["a PROFIBUS slave has one Profibus interface with the role slave, not 0"]
    );
    let two = slave.repeat(2);
    assert_eq!(with("profibusSlave", &two), ["a PROFIBUS slave has one Profibus interface with the role slave, not 2"]);
    assert_eq!(
        with("proxy", &format!("<Ethernet/>{slave}")),
        ["a proxy needs a Profibus interface with the role master"]
    );
    assert_eq!(with("proxy", master), ["a proxy needs an Ethernet interface"]);
    assert_eq!(with("profibusSlave", slave), SILENT);
    assert_eq!(with("proxy", &format!("<Ethernet/>{master}")), SILENT);
}

#[test]
fn v07_constants_have_a_value() {
    let with = |attributes: &str| told(&with_ports(&format!("<Property name='a' type='I2' {attributes}/>")), "PCD-V07");
    assert_eq!(with("dir='In' constant='true'"), ["`a` is constant, so it needs a default"]);
    assert_eq!(with("dir='Out' constant='1'"), ["`a` is constant, so it needs a default"]);
    assert_eq!(with("dir='In' constant='true' default='1'"), SILENT);
    assert_eq!(with("dir='In' constant='false'"), SILENT);
}

#[test]
fn v08_paths_stay_in_the_folder() {
    let with = |info: &str| told(&described(info, "plc", "", "", ""), "PCD-V08");
    for path in ["../i.svg", "a/../../i.svg", "/etc/passwd", "C:/i.svg", "http://v.invalid/i.svg"] {
        assert_eq!(with(&format!("<Icon href='{path}'/>")), [format!("`{path}` is left out")]);
    }
    assert_eq!(with("<Link href='../m.md'>M</Link>"), ["`../m.md` is left out"]);
    let bus = described("", "plc", "<Profibus role='slave' gsd='../x.gsd'/>", "", "");
    assert_eq!(told(&bus, "PCD-V08"), ["`../x.gsd` is left out"]);
    assert_eq!(with("<Icon href='icons/i..svg'/><Link href='https://v.invalid/../x'>M</Link>"), SILENT);
}

/// Twelve bytes, and their SHA-256.
const BYTES: &[u8] = b"set speed 5\n";
const DIGEST: &str = "8b5ed8b8fb0cbc0c31d7b0ccd8fa12e3b2a4f68d5af1cba5fbc5bc2ac85b4e2e";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packer, bytes).unwrap();
    packer.finish().unwrap()
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// What is told of a payload, once with its bytes in the description and once in a file beside it.
fn payload_told(attributes: &str, bytes: &[u8]) -> Vec<String> {
    let inline = base64::engine::general_purpose::STANDARD.encode(bytes);
    let payload = format!("<Payloads><Payload id='p' kind='program' {attributes}>{inline}</Payload></Payloads>");
    let inside = told(&described("", "plc", "", "", &payload), "PCD-V09");

    let payload = format!("<Payloads><Payload id='p' kind='program' {attributes} href='p.bin'/></Payloads>");
    let mut read = described("", "plc", "", "", &payload);
    assert_eq!(told(&read, "PCD-V09"), SILENT, "without the file nothing is known");
    let files = [("p.bin".to_owned(), Arc::from(bytes))].into();
    read.component.source = Arc::new(ComponentSource { files, ..ComponentSource::default() });
    check_files(&mut read);
    assert_eq!(told(&read, "PCD-V09"), inside, "a file beside the description is judged the same way");
    inside
}

#[test]
fn v09_payloads_are_what_is_declared() {
    let right = digest(BYTES);
    assert_eq!(payload_told("size='11'", BYTES), ["the payload `p` has more than the 11 bytes declared"]);
    assert_eq!(payload_told("size='13'", BYTES), ["the payload `p` has 12 bytes, 13 are declared"]);
    let wrong = payload_told(&format!("sha256='{DIGEST}'"), BYTES);
    assert_eq!(
        wrong,
        [format!("the payload `p` has the SHA-256 {:.12}…, declared is {DIGEST:.12}…", right.to_lowercase())]
    );
    let not_packed = payload_told("compress='gzip'", BYTES);
    assert!(not_packed[0].starts_with("the payload `p` cannot be unpacked: "), "{not_packed:?}");

    assert_eq!(payload_told(&format!("size='12' sha256='{right}'"), BYTES), SILENT);
    assert_eq!(payload_told(&format!("size='12' sha256='{right}' compress='gzip'"), &gzip(BYTES)), SILENT);
}

#[test]
fn v09_unpacks_no_more_than_declared() {
    let bomb = gzip(&vec![0; 1 << 20]);
    assert!(bomb.len() < 10_000);
    assert_eq!(
        payload_told("compress='gzip' size='10'", &bomb),
        ["the payload `p` has more than the 10 bytes declared"]
    );
    let absurd = payload_told("compress='gzip' size='18446744073709551615'", &bomb);
    assert!(absurd[0].starts_with("the payload `p` is declared with 18446744073709551615 bytes"), "{absurd:?}");
}

#[test]
fn v10_the_device_bears_its_interface() {
    let ports = "<Property name='a' type='R8' dir='In'/><Property name='b' type='I2' dir='Out'/>\
        <Property name='c' type='R8' dir='HMI'/>";
    let with = |limits: &str| {
        let ldev = format!("<RTAuto name='F'><Interface name='I'>{ports}</Interface></RTAuto>");
        told(&described("", "plc", &format!("<Limits {limits}/>"), &ldev, ""), "PCD-V10")
    };
    assert_eq!(
        with("maxBytesIn='7'"),
        ["all inputs together have 8 bytes, the device bears 7; not all can be linked at once"]
    );
    assert_eq!(
        with("maxBytesOut='1' maxBytesIn='8'"),
        ["all outputs together have 2 bytes, the device bears 1; not all can be linked at once"]
    );
    assert_eq!(with("maxBytesIn='8' maxBytesOut='2'"), SILENT);
}

#[test]
fn v11_one_text_a_language() {
    let info = |texts: &str| told(&described(texts, "plc", "", "", ""), "PCD-V11");
    let expected = ["there is a Description in the language `DE` already; the first one is shown"];
    assert_eq!(info("<Description lang='de'>A</Description><Description lang='DE'>B</Description>"), expected);
    let comments =
        "<Property name='a' type='I2' dir='In'><Comment>A</Comment><Comment lang='en'>B</Comment></Property>";
    let expected = ["there is a Comment in the language `en` already; the first one is shown"];
    assert_eq!(told(&with_ports(comments), "PCD-V11"), expected);
    assert_eq!(info("<Description lang='de'>A</Description><Description>B</Description>"), SILENT);
}

#[test]
fn rules_have_the_severity_of_the_format() {
    use super::super::Rule;
    for rule in Rule::ALL.iter().filter(|rule| rule.code().starts_with("PCD-V")) {
        let expected = match rule.code() {
            "PCD-V05" | "PCD-V10" | "PCD-V11" => Severity::Warning,
            _ => Severity::Error,
        };
        assert_eq!(rule.severity(), expected, "{}", rule.code());
    }
    let n_rules = Rule::ALL.iter().filter(|rule| rule.code().starts_with("PCD-V")).count();
    assert_eq!(n_rules, 12);
}
