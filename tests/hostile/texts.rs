//! The other files people write or keep: mapping files, device profiles, configurations.

use plantweave::generate::{Configuration, difference, generate};
use plantweave::library::read_profile;
use plantweave::model::fixture;
use plantweave::pcd::{Dialect, ReadOptions};
use proptest::prelude::*;

use crate::meter::measure;

/// Reads a text that cannot be used and compares what is said with the beginning of what should be.
fn refused(what: &str, text: &str, read: impl FnOnce(&str) -> Result<(), String>, expected: &str) {
    let (result, cost) = measure(|| read(text));
    let told = result.expect_err(what);
    assert!(told.starts_with(expected), "{what}: {told}");
    assert!(told.len() < 700 && !told.contains('\n'), "{what}: a message without end: {told}");
    let size = text.len() as u64;
    assert!(cost.peak <= (1 << 20) + 128 * size, "{what}, {size} bytes: {cost:?}");
    assert!(cost.busy.as_secs_f64() <= 0.5 + 4e-6 * size as f64, "{what}, {size} bytes: {cost:?}");
}

#[test]
fn mapping_files() {
    let long = "x".repeat(500_000);
    for (what, text, expected) in [
        ("a program", "\u{7f}ELF\u{2}", "1:6: key with no value"),
        ("an unknown table", "[elemments]\n", "1:2: unknown field `elemments`"),
        ("a list for a table", "elements = []\n", "1:12: invalid type: sequence, expected a map"),
        ("a number for a list", "[elements]\nProperty = 7\n", "2:12: invalid type: integer `7`, expected a sequence"),
        ("a list in a list", "[elements]\nProperty = [[]]\n", "2:13: invalid type: sequence, expected a string"),
        ("an element nobody knows", "[elements]\nProp = ['x']\n", "[elements] `Prop`: `Prop` is no element"),
        ("an attribute nobody knows", "[attributes]\nTyp = ['x']\n", "[attributes] `Typ`: `Typ` is no attribute"),
        ("a value of no attribute", "[values.typ]\nI2 = ['x']\n", "[values] `typ`: `typ` is no attribute"),
        ("a path to nothing", "[paths]\n'a' = ''\n", "[paths] `a`: `` is no element"),
        ("a path of nothing", "[paths]\n'' = '.'\n", "[paths] `` is no path"),
        ("a path with a gap", "[paths]\n'a//b' = '.'\n", "[paths] `a//b` is no path"),
        ("an attribute in the middle", "[paths]\n'@a/b' = '.'\n", "[paths] `@a/b` is no path"),
        ("an attribute without name", "[paths]\n'a/@' = '.'\n", "[paths] `a/@` is no path"),
        ("an attribute for an element", "[paths]\n'a/@b' = 'Property'\n", "[paths] `a/@b`: `Property` is no attribute"),
        ("a key twice", "[paths]\na = '.'\na = '.'\n", "3:1: duplicate key"),
        ("a text without end", &format!("[elements]\nProperty = ['{long}"), "2:500014: unclosed array"),
        ("a long name nobody knows", &format!("[elements]\n{long} = ['x']\n"), "[elements] `xxx"),
        ("a long table nobody knows", &format!("[{long}]\n"), "1:2: unknown field `xxx"),
        ("arrays without end", &format!("elements = {}", "[".repeat(100_000)), "1:92: cannot recurse further"),
        ("tables without end", &format!("elements = {}", "{a=".repeat(100_000)), "1:"),
        ("keys without end", &format!("a{} = 1", ".a".repeat(100_000)), "1:"),
        ("too many bytes", &"#".repeat((1 << 20) + 1), "a mapping file has at most 1048576 bytes"),
    ] {
        refused(what, text, |text| Dialect::with_mapping(text).map(drop).map_err(|error| error.to_string()), expected);
    }
    // Names that lead in a circle lead nowhere: a name is looked up once.
    let circle =
        "[elements]\nProperty = ['Interface']\nInterface = ['Property']\n[values.type]\nI2 = ['I4']\nI4 = ['I2']\n";
    let options = ReadOptions::with_mapping(circle).unwrap();
    let xml = include_bytes!("../data/pcd/own-filler.pcd.xml");
    let _ = plantweave::pcd::read(xml, &options);
    // A hundred thousand other names for one element.
    let names: String = (0..60_000).map(|n| format!("'n{n}',")).collect();
    let (mapped, cost) = measure(|| Dialect::with_mapping(&format!("[elements]\nProperty = [{names}]\n")));
    assert!(mapped.is_ok() && cost.peak < 100 << 20, "{cost:?}");
}

#[test]
fn device_profiles() {
    const MATCH: &str = "[match]\nproducer = 'V'\nproduct = 'P'\n";
    let with = |text: &str| format!("{MATCH}{text}");
    let long = "x".repeat(60_000);
    for (what, text, expected) in [
        ("nothing", String::new(), "1:1: missing field `match`"),
        ("half a match", "[match]\nproducer = 'V'\n".into(), "1:1: missing field `product`"),
        (
            "a name without characters",
            "[match]\nproducer = ''\nproduct = 'P'\n".into(),
            "2:12: `producer` has 1 to 240",
        ),
        ("a name of 60,000", format!("[match]\nproducer = '{long}'\nproduct = 'P'\n"), "2:12: `producer` has 1 to 240"),
        ("a key nobody knows", with("[typical]\nconections_in = 1\n"), "5:1: unknown field `conections_in`"),
        ("a figure below 0", with("[typical]\npartners = -1\n"), "5:12: invalid value: integer `-1`"),
        (
            "a figure beyond 32 bits",
            with("[typical]\npartners = 4294967296\n"),
            "5:12: invalid value: integer `4294967296`",
        ),
        ("a figure in words", with("[typical]\npartners = 'many'\n"), "5:12: invalid type: string \"many\""),
        ("a long figure in words", with(&format!("[typical]\npartners = '{long}'\n")), "5:12: invalid type: string"),
        ("no cycle", with("[timing]\ncycle_ms = 0\n"), "5:12: "),
        ("a cycle that is no number", with("[timing]\ncycle_ms = nan\n"), "5:12: `cycle_ms` is above 0"),
        ("a cycle without end", with("[timing]\ncycle_ms = inf\n"), "5:12: `cycle_ms` is above 0"),
        (
            "typical beyond possible",
            with("[typical]\npartners = 2\n[maximum]\npartners = 1\n"),
            "5:12: the typical `partners`",
        ),
        ("too many bytes", "#".repeat(65_537), "1:1: a profile has at most 65536 bytes"),
        ("arrays without end", format!("match = {}", "[".repeat(60_000)), "1:"),
    ] {
        refused(what, &text, |text| read_profile(text).map(drop).map_err(|error| error.to_string()), expected);
    }
}

/// A configuration with all there is to one, as JSON.
fn configuration() -> String {
    let plan = fixture::plan(
        "component Mixer 2.1 { rtauto Mix; in speed R4 = 1; in table I2[2 3]; out level I4 = 7; hmi note BSTR }
         A: Mixer @10.0.0.1
         B: Mixer @10.0.0.2
         A.level -> B.speed acyclic 100 eps 2 sub -1
         B.table = 1 2 3 4 5 6",
    );
    generate(&plan).devices.pop().unwrap().configuration.to_json()
}

#[test]
fn configurations() {
    let good = configuration();
    let read = |text: &str| Configuration::from_json(text).map(drop).map_err(|error| error.to_string());
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "no {from} in {good}");
        good.replacen(from, to, 1)
    };
    let deep = |open: &str| format!("{{\"format\": 1, \"device\": {}", open.repeat(100_000));
    for (what, text, expected) in [
        ("nothing", String::new(), "line 1, column 0: EOF while parsing a value"),
        ("another file", "[settings]".into(), "line 1, column 2: expected value"),
        ("no format", "{}".into(), "line 1, column 2: missing field `format`"),
        ("format 2", changed("\"format\": 1", "\"format\": 2"), "the configuration has format 2, this program reads"),
        ("format -1", changed("\"format\": 1", "\"format\": -1"), "line 2, column 14: invalid value: integer `-1`"),
        ("an address that is none", changed("10.0.0.2", "10.0.0.256"), "line "),
        ("arrays without end", deep("["), "line 1, column "),
        ("objects without end", deep("{\"a\":"), "line 1, column "),
        ("a text without end", format!("{{\"format\": \"{}", "x".repeat(1 << 20)), "line 1, column "),
        ("a text for a number", format!("{{\"format\": \"{}\"}}", "x".repeat(1 << 20)), "line 1, column "),
        ("a number without end", format!("{{\"format\": {}}}", "9".repeat(1 << 20)), "line 1, column "),
    ] {
        refused(what, &text, read, expected);
    }
    for length in 0..good.trim_end().len() {
        assert!(!good.is_char_boundary(length) || read(&good[..length]).is_err(), "cut at {length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// What can still be read is compared and written without harm.
    #[test]
    fn changed_configurations_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..4),
        token in prop::sample::select(vec!["-1", "1e999", "4294967295", "null", "[]", "{}", "\"\"", "true", "0"]),
    ) {
        let good = configuration();
        // Whole values change place, or become something else.
        let values: Vec<(usize, &str)> = good.match_indices(": ").map(|(at, _)| at + 2).map(|at| {
            let end = good[at..].find(['\n', ',']).unwrap_or(0);
            (at, &good[at..at + end])
        }).collect();
        let mut text = good.clone();
        for (to, from) in changes {
            let (at, old) = values[to.index(values.len())];
            let new = if from.index(3) == 0 { token } else { values[from.index(values.len())].1 };
            if text.get(at..at + old.len()) == Some(old) {
                text.replace_range(at..at + old.len(), new);
            }
        }
        if let Ok(changed) = Configuration::from_json(&text) {
            let original = Configuration::from_json(&good).unwrap();
            let _ = difference(&original, &changed);
            let _ = difference(&changed, &original);
            prop_assert_eq!(&Configuration::from_json(&changed.to_json()).unwrap(), &changed);
            let _ = changed.fingerprint();
        }
    }
}
