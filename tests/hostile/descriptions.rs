//! Component descriptions: small files with an answer each, large ones made on the fly.

use std::io::Write as _;

use base64::Engine as _;
use plantweave::pcd::{self, Intake, Limits, PcdError, ReadOptions};

use crate::corpus::{self, Case};
use crate::meter::measure;

/// Everything said about a description, one line a remark.
fn answer(bytes: &[u8]) -> String {
    match pcd::read(bytes, &ReadOptions::default()) {
        Ok(read) => {
            let remarks = read.remarks.iter().map(ToString::to_string);
            [read.grade.to_string()].into_iter().chain(remarks).collect::<Vec<_>>().join("<br>")
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_small_file_is_answered_as_listed() {
    let cases = corpus::folder("descriptions");
    assert!(cases.len() >= 60);
    // The tables of the reader are made once.
    answer(b"<a/>");
    let mut answers = Vec::new();
    for case in &cases {
        let (answer, cost) = measure(|| answer(&case.bytes));
        assert!(cost.peak <= (64 << 10) + 64 * case.bytes.len() as u64, "{}: {cost:?}", case.name);
        assert!(cost.total <= (256 << 10) + 128 * case.bytes.len() as u64, "{}: {cost:?}", case.name);
        answers.push((case, answer));
    }
    corpus::compare("descriptions", &answers);
}

/// An answer about nothing helps nobody: a line and column, an offset, or the element at fault.
#[test]
fn every_answer_names_a_place() {
    for Case { name, bytes, .. } in corpus::folder("descriptions") {
        match pcd::read(&bytes, &ReadOptions::default()) {
            Err(PcdError::Encoding { offset, .. }) => assert!(offset <= bytes.len(), "{name}"),
            Err(
                PcdError::Syntax { place, .. }
                | PcdError::Doctype { place }
                | PcdError::Limit { place, .. }
                | PcdError::NotADescription { place, .. }
                | PcdError::SchemaVersion { place, .. }
                | PcdError::Missing { place, .. },
            ) => {
                let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
                let position = place.position.unwrap_or_else(|| panic!("{name}: no place"));
                assert!((1..=lines).contains(&(position.line as usize)), "{name}: {position}");
            }
            Ok(read) => assert!(!read.remarks.is_empty(), "{name} is no hostile case: nothing is said about it"),
        }
    }
}

/// As a library, they are named one by one; none hides another, and none stops the rest.
#[test]
fn a_library_of_nothing_else_names_each() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/cases/descriptions");
    let library = plantweave::app::open_library(&folder).unwrap().catalogue;
    let entries = library.entries().iter().map(|entry| entry.path.clone());
    let problems = library.problems().iter().map(|problem| problem.path.clone());
    let named: std::collections::BTreeSet<String> = entries.chain(problems).collect();
    let files = corpus::folder("descriptions").into_iter().map(|case| case.name);
    let expected: std::collections::BTreeSet<String> = files.filter(|name| name.ends_with(".xml")).collect();
    assert_eq!(named, expected);
}

/// No beginning of a file is taken for the whole.
#[test]
fn cut_at_every_byte_each_encoding_is_refused() {
    let text = description(
        "<Property name='P' type='BSTR' dir='In' default='&amp;ü'><Comment lang='de'><![CDATA[ü]]></Comment></Property>",
    );
    let text = format!("<?xml version='1.0'?><!-- ü --><?x ü?>{text}");
    let utf16 = |units: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(units).collect::<Vec<u8>>();
    let latin1 = text.replace("'1.0'?>", "'1.0' encoding='ISO-8859-1'?>");
    let latin1 = latin1.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for bytes in [text.clone().into_bytes(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes), latin1] {
        assert!(pcd::read(&bytes, &ReadOptions::default()).is_ok());
        for length in 0..bytes.len() {
            assert!(pcd::read(&bytes[..length], &ReadOptions::default()).is_err(), "{length} of {} bytes", bytes.len());
        }
    }
}

fn description(properties: &str) -> String {
    whole("", properties, "", "")
}

fn whole(info: &str, properties: &str, functions: &str, types: &str) -> String {
    format!(
        "<ComponentDescription xmlns='urn:x-cba:pcd:2' schemaVersion='2.0'>\
         <ComponentInfo id='5b1c2f1e-0d1a-4c55-9e0e-6a2f9c6f0aff' version='1.0'>\
         <Name>N</Name><Vendor>V</Vendor>{info}</ComponentInfo>\
         <PhysicalDevice class='plc'><Identity producer='V' product='P'/></PhysicalDevice>\
         <LogicalDevice name='L'><RTAuto name='R'><Interface name='I'>{properties}</Interface></RTAuto>{functions}\
         </LogicalDevice>{types}</ComponentDescription>"
    )
}

fn many(n: usize, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect()
}

/// Structures that double each time; each value of the last has 32,768 bytes.
fn doubling_structures() -> String {
    let first = "<Struct name='S0'><Member name='a' type='I1'/><Member name='b' type='I1'/></Struct>";
    let further = many(14, |n| {
        let next = n + 1;
        format!(
            "<Struct name='S{next}'><Member name='a' type='STRUCT' typeRef='S{n}'/>\
             <Member name='b' type='STRUCT' typeRef='S{n}'/></Struct>"
        )
    });
    format!("<Types>{first}{further}</Types>")
}

/// Large files: what is said at the end, with memory and work in proportion to the file.
#[test]
fn large_files_cost_what_they_weigh() {
    let property = |inner: &str| description(&format!("<Property name='P' type='I2' dir='In'>{inner}</Property>"));
    let blank = " ".repeat(90);
    let cases = [
        ("a hundred thousand comments", property(&"<Comment/>".repeat(100_000)), "exact"),
        ("a hundred thousand names of values", property(&many(100_000, |n| format!("<Enum value='{n}'/>"))), "exact"),
        ("a million siblings", property(&"<X><Y/></X>".repeat(50_000)), "49000 further remarks"),
        (
            "more elements than allowed",
            property(&format!("<X>{}</X>", "<Y/>".repeat(1_000_001))),
            "too many elements, and at most 1000000",
        ),
        ("deep nesting", property(&"<X>".repeat(100_000)), "nested too deeply, and at most 64"),
        ("deep nesting of known elements", description(&"<Interface>".repeat(100_000)), "nested too deeply"),
        (
            "attributes without end",
            description(&format!("<Property {}", many(100_000, |n| format!("a{n}='' ")))),
            "too many attributes, and at most 256",
        ),
        (
            "one attribute",
            description(&format!("<Property name='{}'/>", "x".repeat(2 << 20))),
            "too many bytes, and at most 1048576",
        ),
        (
            "long attributes that nobody knows",
            description(&many(2, |n| {
                format!(
                    "<Property name='p{n}' type='I2' dir='In' {}/>",
                    many(250, |n| format!("a{n}='{}' ", "x".repeat(4000)))
                )
            })),
            "500 kept",
        ),
        (
            "text between comments",
            description(&format!("<X/>{}", format!("x<!--{blank}-->").repeat(4_000))),
            "4001 kept",
        ),
        (
            "too many parts that nobody knows",
            description(&"<X/>".repeat(100_001)),
            "not understood, and at most 100000",
        ),
        ("functions", whole("", "", &many(20_000, |n| format!("<RTAuto name='a{n}'/>")), ""), "at most 10000"),
        (
            "properties",
            description(&many(100_001, |_| "<Property/>".into())),
            "too many properties, and at most 100000",
        ),
        (
            "large values",
            whole(
                "",
                &many(1_000, |n| format!("<Property name='p{n}' type='STRUCT' typeRef='S14' dir='In'/>")),
                "",
                &doubling_structures(),
            ),
            "larger than 4194304 bytes",
        ),
        (
            "structures",
            whole(
                "",
                "",
                "",
                &format!(
                    "<Types>{}</Types>",
                    many(20_000, |n| format!("<Struct name='s{n}'><Member name='a' type='I2'/></Struct>"))
                ),
            ),
            "exact",
        ),
        (
            "dimensions",
            description(&format!("<Property name='P' type='I1' dir='In' array='{}'/>", "1 ".repeat(200_000))),
            "more than 16 dimensions",
        ),
        (
            "text in pieces",
            whole(&format!("<Description lang='en'>{}</Description>", "<![CDATA[x]]>&#65;".repeat(50_000)), "", "", ""),
            "exact",
        ),
        (
            "a value for every type",
            description(&many(5, |n| format!("<Property name='p{n}' type='{}' dir='In'/>", "x".repeat(200_000)))),
            "no value of `type`",
        ),
        (
            "a default of another type",
            description(&many(5, |n| {
                format!("<Property name='p{n}' type='I2' dir='In' default='{}'/>", "9".repeat(200_000))
            })),
            "is not a I2 value",
        ),
        (
            "a default as large as its array",
            description(&format!(
                "<Property name='P' type='UI1' array='60000' dir='In' default='{}'/>",
                "1 ".repeat(60_000)
            )),
            "exact",
        ),
        (
            "namespaces one by one",
            description(&many(20_001, |n| format!("<v:X xmlns:v='urn:{n}'/>"))),
            "too many namespace declarations",
        ),
        (
            "namespaces all at once",
            description(&format!("<X {}/>", many(255, |n| format!("xmlns:v{n}='u' ")))),
            "`X` is kept",
        ),
        (
            "one long text",
            whole(&format!("<Description lang='en'>{}</Description>", "x".repeat(4 << 20)), "", "", ""),
            "exact",
        ),
        (
            "one long payload",
            whole(
                "",
                "",
                "",
                &format!("<Payloads><Payload id='p' kind='program'>{}</Payload></Payloads>", "QUFB".repeat(1 << 20)),
            ),
            "exact",
        ),
        (
            "references that are not declared",
            whole(&format!("<Description lang='en'>{}</Description>", "&a;".repeat(1 << 20)), "", "", ""),
            "`&a;` is not declared",
        ),
        (
            "an end without begin",
            format!("<ComponentDescription>{}", "</X>".repeat(1 << 20)),
            "closes `<ComponentDescription>`",
        ),
    ];
    for (name, text, expected) in cases {
        let bytes = text.into_bytes();
        let (read, cost) = measure(|| pcd::read(&bytes, &ReadOptions::default()));
        let said = match &read {
            Ok(read) => {
                let remarks = read.remarks.iter().map(|remark| format!("{remark}\n")).collect::<String>();
                format!("{}\n{remarks}{} kept", read.grade, read.kept.len())
            }
            Err(error) => {
                assert!(error.to_string().starts_with("1:"), "{name}: {error}");
                error.to_string()
            }
        };
        assert!(said.contains(expected), "{name}: {}", said.chars().take(2000).collect::<String>());
        let size = bytes.len() as u64;
        assert!(cost.peak <= (256 << 10) + 64 * size, "{name}, {size} bytes: {cost:?}");
        assert!(cost.total <= (256 << 10) + 160 * size, "{name}, {size} bytes: {cost:?}");
        let most_busy = 0.5 + 4e-6 * size as f64;
        assert!(cost.busy.as_secs_f64() <= most_busy, "{name}, {size} bytes: {cost:?} instead of {most_busy} s");
    }
}

/// Payloads that unpack to a thousand times their size: no more than declared is unpacked of one, and only so many are looked into.
#[test]
fn payloads_that_unpack_to_much_are_stopped() {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&vec![0; 4 << 20]).unwrap();
    let bomb = base64::engine::general_purpose::STANDARD.encode(packer.finish().unwrap());
    assert!(bomb.len() < 8192);
    let told = |attributes: &str, n: usize| {
        let payload = |n| format!("<Payload id='p{n}' kind='program' compress='gzip' {attributes}>{bomb}</Payload>");
        let text = whole("", "", "", &format!("<Payloads>{}</Payloads>", many(n, payload)));
        let (read, cost) = measure(|| pcd::read(text.as_bytes(), &ReadOptions::default()).unwrap());
        let told: Vec<String> = read.remarks.iter().map(|remark| remark.message.clone()).collect();
        (told, cost)
    };
    let (remarks, cost) = told("size='100'", 1);
    assert_eq!(remarks, ["the payload `p0` has more than the 100 bytes declared"]);
    assert!(cost.peak < 1 << 20, "{cost:?}");
    // Declared as what they are, they are looked into one after another, 256 MiB in all.
    let (remarks, cost) = told("size='4194304'", 70);
    assert_eq!(remarks.len(), 6, "{remarks:?}");
    assert!(remarks[0].starts_with("the payload `p64` is not looked into: there are more than 268435456 bytes"));
    assert!(cost.peak < 32 << 20, "{cost:?}");
}

/// A gigabyte that is made while it is read, in pieces.
fn stream(head: &[u8], piece: &[u8], limits: &Limits) -> (u64, String, crate::meter::Cost) {
    let mut taken = 0;
    let (error, cost) = measure(|| {
        let mut intake = Intake::new(limits.clone());
        intake.push(head).unwrap();
        while taken < 1 << 30 {
            if let Err(error) = intake.push(piece) {
                return error.to_string();
            }
            taken += piece.len() as u64;
        }
        "no error".to_owned()
    });
    (taken, error, cost)
}

/// Of a gigabyte, no more is held than the limits allow, however it is dressed.
#[test]
fn a_gigabyte_is_refused_before_it_is_held() {
    const PIECE: usize = 65_536;
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let small = Limits { file_bytes: 4 << 20, ..Limits::default() };
    let tag = "the tag with its attributes has too many bytes, and at most 1048576 are read";
    let file = |limits: &Limits| format!("the file has too many bytes, and at most {} are read", limits.file_bytes);
    let full = Limits::default();
    for (name, head, piece, limits, expected) in [
        ("attribute", b"<a>\n <b c=\"".to_vec(), vec![b'x'; PIECE], &full, format!("2:2: {tag}")),
        (
            "attribute in UTF-16",
            utf16("\u{FEFF}<a>\n <b c='"),
            utf16(&"x".repeat(PIECE / 2)),
            &full,
            format!("2:2: {tag}"),
        ),
        ("attributes", b"<a>\n <b ".to_vec(), b"a='' ".repeat(PIECE / 5), &full, format!("2:2: {tag}")),
        ("name", b"<a>\n <".to_vec(), vec![b'b'; PIECE], &full, format!("2:2: {tag}")),
        ("name of an end", b"<a>\n </".to_vec(), vec![b'a'; PIECE], &full, format!("2:2: {tag}")),
        (
            "document type",
            b"<?xml version='1.0'?>\n".to_vec(),
            b"<!DOCTYPE a ".repeat(PIECE / 12),
            &full,
            "2:1: a document type declaration (DTD) is not allowed in a component description; remove it".into(),
        ),
        ("text", b"<a>\n".to_vec(), vec![b'x'; PIECE], &full, format!("2:134152193: {}", file(&full))),
        ("CDATA", b"<a><![CDATA[\n".to_vec(), vec![b'x'; PIECE], &small, format!("2:4128769: {}", file(&small))),
        ("comment", b"<!--\n".to_vec(), vec![b'x'; PIECE], &small, format!("2:4128769: {}", file(&small))),
        ("instruction", b"<?x\n".to_vec(), vec![b'x'; PIECE], &small, format!("2:4128769: {}", file(&small))),
        ("lines", b"<a>".to_vec(), vec![b'\n'; PIECE], &small, format!("4128769:1: {}", file(&small))),
        ("elements", b"<a>".to_vec(), b"<b/>".repeat(PIECE / 4), &small, format!("1:4128772: {}", file(&small))),
        ("zeros", Vec::new(), vec![0; PIECE], &small, format!("1:4194305: {}", file(&small))),
    ] {
        let (taken, error, cost) = stream(&head, &piece, limits);
        assert_eq!(error, expected, "{name}");
        assert!(taken <= limits.file_bytes as u64, "{name}: {taken} bytes taken");
        // A vector that grows holds its old bytes for a moment.
        assert!(cost.peak <= (1 << 20) + 3 * taken, "{name}: {cost:?} for {taken} bytes");
    }
}
