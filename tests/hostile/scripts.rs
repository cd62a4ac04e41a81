//! Behaviour scripts that mean harm, alone and in a device that goes on serving.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use plantweave::device::behaviour::{Behaviour, ScriptPort};
use plantweave::device::{DeviceAddress, DeviceOptions, DeviceSpec, ScriptSpec, VirtualDevice};
use plantweave::model::{BaseType, Direction, Value, ValueType, fixture};
use plantweave::net::tcp::Network;
use plantweave::wire::Variant;
use plantweave::wire::cba::GroupErrorState;

use crate::meter::measure;

/// Bodies of `step`, and what they meet.
const BODIES: [(&str, &str, &str); 34] = [
    ("an endless loop", "loop {}", "more than 100000 operations in one step"),
    ("a loop over all numbers", "let x = 0; for i in 0..9223372036854775807 { x = i; }", "in one step"),
    ("a loop that counts down", "let i = 1; while i > 0 { i += 1; }", "in one step"),
    (
        "loops in loops",
        "for a in 0..1000 { for b in 0..1000 { for c in 0..1000 { this.state.c = c; } } }",
        "in one step",
    ),
    ("recursion", "deep(0);", "Stack overflow"),
    ("recursion of two", "ping(0);", "Stack overflow"),
    ("a text that doubles", "let x = \"x\"; loop { x += x; }", "too large"),
    ("a text that is padded", "let x = \"x\"; x.pad(1000000000, 'y');", "too large"),
    ("a text in a text", "let x = \"x\"; loop { x = `${x}${x}`; }", "too large"),
    ("a replacement that grows", "let x = \"aaaaaaaa\"; loop { x.replace(\"a\", \"aa\"); }", "too large"),
    ("an array that doubles", "let x = [1]; loop { x += x; }", "too large"),
    ("an array that is padded", "let x = []; x.pad(1000000000, 1);", "too large"),
    ("arrays in arrays", "let x = []; loop { x = [x, x]; }", "too large"),
    ("maps in maps", "let x = #{}; loop { x = #{ a: x, b: x }; }", "too large"),
    ("bytes", "let x = blob(1000000000);", "too large"),
    ("a range made an array", "let x = []; for i in range(0, 9223372036854775807) { x.push(i); }", "too large"),
    ("texts that are kept", "for i in 0..100000 { this.state[`k${i}`] = `value ${i}`; }", ""),
    (
        "arrays that are kept",
        "let a = []; a.pad(500, 1); for i in 0..90 { this.state[`k${i}`] = a; }",
        "this.state holds",
    ),
    ("a text that is kept", "let x = \"\"; x.pad(3000, 'y'); this.state.a = x; this.state.b = x;", "too large"),
    ("entries beside the state", "for i in 0..1000 { this[`k${i}`] = #{}; }", "added an entry"),
    ("outputs that do not exist", "for i in 0..100 { this.Main[`k${i}`] = 1; }", "which does not exist"),
    ("an output that is a text", "this.Main.level = \"high\";", "the script left string there"),
    ("an output that is no number", "this.Main.level = (); ", "the script left nothing there"),
    ("an array of another length", "this.Main.trend = [1.0];", "the script left an array of 1 there"),
    ("a health nobody has", "this.group_error = \"fine\";", "one of okay, problem"),
    ("a message without end", "let x = \"\"; x.pad(4000, 'y'); throw x;", "yyyy"),
    ("a throw of everything", "throw this;", "Runtime error"),
    ("a function that does not exist", "launch(\"missiles\");", "Function not found: launch"),
    ("a file", "open(\"/etc/passwd\");", "Function not found: open"),
    ("a pause", "sleep(1000);", "sleep is not available"),
    ("a division by nothing", "let x = 1 / 0;", "Division by zero"),
    ("a number too large", "let x = 9223372036854775807 + 1;", "overflow"),
    ("an index beyond", "let x = [1]; x[9223372036854775807];", "index"),
    ("JSON without end", "parse_json(\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\");", ""),
];

/// Texts that are no scripts.
const TEXTS: [(&str, &str, &str); 8] = [
    ("nothing", "", "x.rhai: there is no function step(dt)"),
    ("another language", "def step(dt):\n  pass\n", "x.rhai:1:1: Undefined variable: def"),
    ("a page", "<html><body>Not found</body></html>", "x.rhai:1:1: "),
    ("bytes", "\u{0}\u{1}\u{2}\u{fffd}", "x.rhai:1:"),
    ("a text without end", "fn step(dt) { let x = \"", "x.rhai:1:"),
    ("a step of two", "fn step(a, b) {}", "x.rhai: there is no function step(dt)"),
    ("an import", "import \"os\" as os; fn step(dt) {}", "x.rhai:1:1: "),
    ("an eval", "fn step(dt) { eval(\"loop {}\") }", "x.rhai:1:15: "),
];

/// Bytes that one step may take for a moment.
const MOST_BYTES: u64 = 8 << 20;
/// Two seconds of the clock are a step's limit; a step in a debug build takes some of it.
const MOST_BUSY: Duration = Duration::from_secs(4);

fn ports() -> Vec<ScriptPort> {
    let port = |name: &str, value_type: ValueType| ScriptPort {
        object: "Main".into(),
        name: name.into(),
        initial: value_type.zero(),
        value_type,
        direction: Direction::Out,
    };
    vec![port("level", ValueType::Base(BaseType::R4)), port("trend", ValueType::array_of(BaseType::R8, 3))]
}

fn script(body: &str) -> String {
    format!(
        "fn deep(n) {{ 1 + deep(n + 1) }}\nfn ping(n) {{ pong(n) }}\nfn pong(n) {{ ping(n) }}\nfn step(dt) {{\n{body}\n}}"
    )
}

/// On a thread with the stack of a runtime's worker.
fn on_worker<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        std::thread::Builder::new().stack_size(2 << 20).spawn_scoped(scope, work).unwrap().join().unwrap()
    })
}

#[test]
fn each_script_meets_its_limit() {
    on_worker(|| {
        for (what, body, expected) in BODIES {
            let mut behaviour = Behaviour::compile("x.rhai", &script(body), ports(), 1).unwrap();
            for round in 0..2 {
                let (result, cost) = measure(|| {
                    behaviour.run(0.05, 46_000.0)?;
                    behaviour.take(|_, _| ())
                });
                let told = result.map_or_else(|error| error.to_string(), |()| "nothing".into());
                assert!(told.starts_with("x.rhai") && told.contains(expected), "{what}, round {round}: {told}");
                assert!(told.len() <= 600, "{what}: a message without end: {told}");
                assert!(cost.peak <= MOST_BYTES && cost.busy <= MOST_BUSY, "{what}: {cost:?}");
            }
        }
    });
}

#[test]
fn each_text_that_is_no_script_is_told() {
    on_worker(|| {
        let long = [
            ("parentheses", format!("fn step(dt) {{ {}1{} }}", "(".repeat(50_000), ")".repeat(50_000))),
            ("blocks", format!("fn step(dt) {{ {}{} }}", "{".repeat(50_000), "}".repeat(50_000))),
            ("operators", format!("fn step(dt) {{ let x = 1{}; }}", " + 1".repeat(50_000))),
            ("conditions", format!("fn step(dt) {{ {}{{}} }}", "if true {} else ".repeat(20_000))),
            ("functions", (0..10_000).map(|n| format!("fn f{n}() {{}}\n")).collect::<String>() + "fn step(dt) {}"),
            ("a literal", format!("fn step(dt) {{ let x = \"{}\"; }}", "x".repeat(500_000))),
            ("an array", format!("fn step(dt) {{ let x = [{}]; }}", "1,".repeat(100_000))),
            (
                "a map",
                format!(
                    "fn step(dt) {{ let x = #{{{}}}; }}",
                    (0..50_000).map(|n| format!("k{n}: 1,")).collect::<String>()
                ),
            ),
        ];
        let texts = TEXTS.iter().map(|(what, text, expected)| (*what, (*text).to_owned(), *expected));
        for (what, text, expected) in texts.chain(long.into_iter().map(|(what, text)| (what, text, "x.rhai"))) {
            let (result, cost) = measure(|| Behaviour::compile("x.rhai", &text, ports(), 1).map(drop));
            let told = result.expect_err(what).to_string();
            assert!(told.starts_with(expected) && told.len() < 600, "{what}: {told}");
            assert!(cost.peak <= (1 << 20) + 512 * text.len() as u64, "{what}: {cost:?}");
            assert!(cost.busy <= MOST_BUSY, "{what}: {cost:?}");
        }
    });
}

/// A device with each of the scripts, all in one thread: it is asked and answers, and its memory does not grow.
#[test]
fn a_device_with_a_hostile_script_goes_on_serving() {
    let plan = fixture::read(
        "component Pump 2.0 { stack 2.0; out level R4; out trend R8[3]; hmi limit R4 }\nP: Pump @10.42.0.1",
    )
    .unwrap();
    let spec = DeviceSpec::from_plan(&plan, "P").unwrap();
    let options = || DeviceOptions { cycle: Duration::from_millis(1), ..DeviceOptions::default() };
    let address = DeviceAddress { ip: Ipv4Addr::LOCALHOST, resolver_port: 0 };
    on_worker(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ((), cost) = measure(|| {
            runtime.block_on(async {
                // A step that fails has the device pause for a second, so they run side by side.
                let start = |(what, body, _): &(&'static str, &str, &str)| {
                    let mut spec = spec.clone();
                    let text = script(body).into();
                    spec.scripts.push(ScriptSpec { instance: "P".into(), file: "x.rhai".into(), text });
                    (*what, VirtualDevice::start(spec, &Network::new(), address, options()).unwrap())
                };
                let devices: Vec<_> = BODIES.iter().map(start).collect();
                for (what, device) in &devices {
                    let deadline = Instant::now() + Duration::from_secs(60);
                    while device.group_error("Pump") != Some(GroupErrorState::Problem) {
                        assert!(Instant::now() < deadline, "{what}: the device says nothing is wrong");
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                    let diagnostics = device.diagnostics();
                    assert!(diagnostics.iter().all(|text| text.starts_with("x.rhai")), "{what}: {diagnostics:?}");
                    device.set("Pump", "Main.limit", &Value::Real(7.5)).unwrap();
                    assert_eq!(device.read("Pump", "Main.limit").unwrap().value, Variant::R4(7.5), "{what}");
                }
                for (_, device) in devices {
                    device.shutdown().await;
                }
            });
        });
        assert!(cost.peak <= 64 << 20, "{cost:?}");
    });
}
