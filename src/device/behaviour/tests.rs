use super::*;
use crate::model::BaseType;

fn port(object: &str, name: &str, value_type: ValueType, direction: Direction) -> ScriptPort {
    let initial = value_type.zero();
    ScriptPort { object: object.into(), name: name.into(), value_type, direction, initial }
}

/// A tank: `Open` in, `Level` R4 out, `Count` UI1 out, `Limit` HMI, `Trend` R8[3] out.
fn tank() -> Vec<ScriptPort> {
    vec![
        port("Tank", "Open", ValueType::Base(BaseType::Bool), Direction::In),
        port("Tank", "Level", ValueType::Base(BaseType::R4), Direction::Out),
        port("Tank", "Count", ValueType::Base(BaseType::UI1), Direction::Out),
        port("Tank", "Limit", ValueType::Base(BaseType::I2), Direction::Hmi),
        port("Tank", "Trend", ValueType::array_of(BaseType::R8, 3), Direction::Out),
    ]
}

fn compile(text: &str) -> Result<Behaviour, BehaviourError> {
    Behaviour::compile("tank.rhai", text, tank(), 1)
}

fn step(behaviour: &mut Behaviour) -> Result<Vec<(usize, Value)>, BehaviourError> {
    behaviour.run(0.05, 46_000.0)?;
    let mut changed = Vec::new();
    behaviour.take(|index, value| changed.push((index, value)))?;
    Ok(changed)
}

fn run_error(text: &str) -> String {
    step(&mut compile(text).unwrap()).unwrap_err().to_string()
}

#[test]
fn a_script_moves_its_values_and_only_changes_come_out() {
    let mut tank = compile(
        r#"
        const RATE = 10.0;
        fn init() { this.state.steps = 0; this.Tank.Limit = 80; }
        fn fill(level, dt) { clamp(level + global::RATE * dt, 0, 100) }
        fn step(dt) {
            this.state.steps += 1;
            if this.Tank.Open { this.Tank.Level = fill(this.Tank.Level, dt); }
            this.Tank.Open = false;
            this.Tank.Count = 250 + this.state.steps;
            this.group_error = if this.Tank.Level > 0.9 { "maintenance_required" } else { "okay" };
        }"#,
    )
    .unwrap();
    assert_eq!(step(&mut tank).unwrap(), [(2, Value::Int(251)), (3, Value::Int(80))]);
    tank.put(0, Value::Bool(true));
    assert_eq!(step(&mut tank).unwrap(), [(1, Value::Real(0.5)), (2, Value::Int(252))]);
    // The script cleared its input, and yet sees the value that the device has.
    assert_eq!(tank.health(), Health::Okay);
    assert_eq!(step(&mut tank).unwrap(), [(1, Value::Real(1.0)), (2, Value::Int(253))]);
    assert_eq!(tank.health(), Health::MaintenanceRequired);
    tank.put(0, Value::Bool(false));
    for count in [254, 255] {
        assert_eq!(step(&mut tank).unwrap(), [(2, Value::Int(count))]);
    }
    // 256 and more are clamped to 255: no change any more.
    assert_eq!(step(&mut tank).unwrap(), []);
    // Somebody writes the HMI value; the script leaves it alone.
    tank.put(3, Value::Int(70));
    assert_eq!(step(&mut tank).unwrap(), []);
}

#[test]
fn noise_and_time_are_the_owners() {
    let text =
        "fn step(dt) { this.Tank.Level = noise(); this.Tank.Trend = [now(), approach(1.0, 5, 2), approach(9, 5, 2)]; }";
    let run = |seed| {
        let mut tank = Behaviour::compile("tank.rhai", text, tank(), seed).unwrap();
        (0..100).map(|_| step(&mut tank).unwrap()).collect::<Vec<_>>()
    };
    let first = run(1);
    assert_eq!(first, run(1));
    assert_ne!(first, run(2));
    assert!(first.iter().flatten().all(|(index, value)| *index != 1 || value.number().unwrap().abs() <= 1.0));
    let trend = Value::Array([46_000.0, 3.0, 7.0].map(Value::Real).into());
    assert!(first.iter().flatten().any(|(index, value)| *index == 4 && *value == trend));
}

#[test]
fn errors_name_file_line_and_column() {
    let syntax = |text| compile(text).unwrap_err().to_string();
    assert!(
        syntax("fn step(dt) {\n  let x = ;\n}").starts_with("tank.rhai:2:11: "),
        "{}",
        syntax("fn step(dt) {\n  let x = ;\n}")
    );
    assert!(syntax("fn step(dt) { x = 1; }").starts_with("tank.rhai:1:"), "strict variables");
    assert_eq!(syntax("fn steps(dt) {}"), "tank.rhai: there is no function step(dt)");
    assert!(syntax("fn step(dt) { eval(\"1\") }").starts_with("tank.rhai:1:15"));
    assert!(syntax("import \"x\" as y; fn step(dt) {}").starts_with("tank.rhai:1:1"));

    let text = "fn help(x) {\n  x + ()\n}\nfn step(dt) { help(1); }";
    assert!(run_error(text).starts_with("tank.rhai:2:5: "), "{}", run_error(text));
    let text = "fn step(dt) {\n  this.Tank.Count = \"x\";\n}";
    assert_eq!(run_error(text), "tank.rhai: Tank.Count is UI1, the script left string there");
    let text = "fn step(dt) { this.Tank.Trend = [1.0, 2.0]; }";
    assert_eq!(run_error(text), "tank.rhai: Tank.Trend is R8[3], the script left an array of 2 there");
    let text = "fn step(dt) { this.Tank.Levl = 1.0; }";
    assert_eq!(run_error(text), "tank.rhai: the script wrote to Tank.Levl, which does not exist");
    let text = "fn step(dt) { this.group_error = \"bad\"; }";
    assert!(run_error(text).contains("one of okay, problem"), "{}", run_error(text));
    assert!(run_error("fn step(dt) { sleep(10); }").contains("sleep is not available"));
}

#[test]
fn an_error_leaves_the_script_usable() {
    let mut tank = compile(
        "fn step(dt) {
            if this.Tank.Open { this.Tank.clear(); this.state = 5; this.group_error = (); throw \"closed\"; }
            this.Tank.Count = 9;
        }",
    )
    .unwrap();
    tank.put(0, Value::Bool(true));
    let error = tank.run(0.05, 0.0).unwrap_err().to_string();
    assert!(error.starts_with("tank.rhai:2:") && error.contains("closed"), "{error}");
    tank.put(0, Value::Bool(false));
    assert_eq!(step(&mut tank).unwrap(), [(2, Value::Int(9))]);
}

/// On a thread with the stack of a runtime's worker.
fn hostile(body: &str) -> String {
    let text = format!("fn deep(n) {{ 1 + deep(n + 1) }}\nfn step(dt) {{\n{body}\n}}");
    let run = move || step(&mut compile(&text).unwrap()).map_or_else(|error| error.to_string(), |_| "no error".into());
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap()
}

#[test]
fn hostile_scripts_meet_their_limits() {
    for (body, limit) in [
        ("loop {}", "in one step"),
        ("let x = 0; for i in 0..9223372036854775807 { x = i; }", "in one step"),
        ("deep(0);", "Stack overflow"),
        ("let x = \"x\"; loop { x += x; }", "too large"),
        ("let x = \"x\"; x.pad(1000000000, 'y');", "too large"),
        ("let x = []; x.pad(1000000000, 1);", "too large"),
        ("let x = blob(1000000000);", "too large"),
        ("let x = [1]; loop { x += x; }", "too large"),
        ("let x = []; loop { x = [x]; }", ""),
        ("let x = #{}; loop { x = #{ x: x }; }", ""),
        ("for i in 0..100000 { this.state[`k${i}`] = i; }", ""),
        ("let a = []; a.pad(500, 1); for i in 0..100000 { this.state[`k${i}`] = a; }", ""),
        (
            "let a = []; a.pad(500, 1); for i in 0..100 { this.state[`k${i}`] = #{}; this.state[`k${i}`].v = a; }",
            "this.state holds",
        ),
        ("for i in 0..1000 { this[`k${i}`] = #{}; }", "added an entry"),
        ("this.Tank = 5; throw this;", ""),
        ("let f = || 1; f.call(1, 2, 3);", ""),
        ("1 / 0;", ""),
        ("9223372036854775807 + 1;", "overflow"),
        ("-9223372036854775808 / -1;", ""),
        ("\"x\".sub_string(-5, 99999999999);throw 1", ""),
        ("parse_json(\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\");", ""),
    ] {
        let error = hostile(body);
        assert!(error.starts_with("tank.rhai"), "{body}: {error}");
        assert!(error.contains(limit), "{body}: {error}");
    }
}

#[test]
fn hostile_texts_do_not_compile() {
    let nested = format!("fn step(dt) {{ {}1{} }}", "(".repeat(10_000), ")".repeat(10_000));
    let blocks = format!("fn step(dt) {{ {}{} }}", "{".repeat(10_000), "}".repeat(10_000));
    let arrays = format!("fn step(dt) {{ let x = {}{}; }}", "[".repeat(10_000), "]".repeat(10_000));
    let unary = format!("fn step(dt) {{ let x = {}1; }}", "-".repeat(10_000));
    let bang = format!("fn step(dt) {{ let x = {}true; }}", "!".repeat(10_000));
    let ifs = format!("fn step(dt) {{ {} }}", "if true { } else ".repeat(10_000) + "{}");
    let chain = format!("fn step(dt) {{ let x = #{{}}; x{}; }}", ".a".repeat(10_000));
    let functions: String = (0..1_000).map(|i| format!("fn f{i}() {{}}\n")).collect();
    for text in [nested, blocks, arrays, unary, bang, ifs, chain, functions] {
        let start: String = text.chars().take(40).collect();
        let compiled = std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(move || compile(&text).map(drop))
            .unwrap()
            .join()
            .unwrap();
        assert!(compiled.is_err(), "{start}");
    }
}
