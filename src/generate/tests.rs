//! Text in, text out over the whole part.

use super::*;
use crate::model::fixture;

const LINE: &str = r#"
    component Conveyor 1.0 { out running BOOL; out speed R4; in go BOOL = false; stack 2.1 }
    component Filler 2.1 {
        producer "Fill AG"; product Volumetric
        rtauto Fill
        in start BOOL; in speed R4 = 0; in count I2; in mode UI1
        in recipe R4[3]
    }
    component Proxy 1.0 proxy { hmi busy BOOL }
    component Drive 1.0 profibusSlave { in go BOOL; out current R4[3] }
    subnet Plant 192.168.0.0/24
    Conveyor1: Conveyor @192.168.0.11 name conveyor-1 subnet Plant
    Filler1: Filler @192.168.0.12 mac "00:1b:1b:00:00:01" router 192.168.0.1 subnet Plant
    Gate: Proxy @192.168.0.13
    "Drive 1": Drive behind Gate address 5
    "Drive 2": Drive behind Gate address 6
    Conveyor1.running -> Filler1.start cyclic 8 sub false
    Conveyor1.speed -> Filler1.speed acyclic 100 eps 0.25
    Conveyor1.running -> "Drive 1.go" acyclic 100
    "Drive 2.current" -> Filler1.recipe acyclic 100 passive volatile
    Filler1.mode = 7
"#;

fn line() -> crate::model::Plan {
    fixture::plan(LINE)
}

/// Device, LDev, group and connection, a line each.
fn outline(generation: &Generation) -> String {
    let mut out = String::new();
    for Generated { configuration, errors } in &generation.devices {
        out += &format!("{}\n", configuration.device);
        for ldev in &configuration.ldevs {
            out += &format!("  {} ({})\n", ldev.name, ldev.instance);
            for group in &ldev.groups {
                let provider = group
                    .provider
                    .as_ref()
                    .map_or("-".to_owned(), |provider| provider.ip.map_or("?".to_owned(), |ip| provider.acco_name(ip)));
                let state = if group.active { "active" } else { "passive" };
                out += &format!("    {provider} {} {} {state}\n", group.qos_type.token(), group.qos_value_ms);
                for connection in &group.connections {
                    let value = |value: &Option<TypedValue>| {
                        value.as_ref().map_or("-".to_owned(), |typed| format!("{} {typed}", typed.value_type))
                    };
                    out += &format!(
                        "      {} -> {} {:?} sub {} eps {}\n",
                        connection.provider_item,
                        connection.consumer_item,
                        connection.persistence,
                        value(&connection.substitute),
                        value(&connection.epsilon)
                    );
                }
            }
        }
        for remark in &configuration.remarks {
            out += &format!("  remark {}: {} {}\n", remark.ldev, remark.connections.join(" "), remark.text);
        }
        for error in errors {
            out += &format!("  error {error}\n");
        }
    }
    for error in &generation.errors {
        out += &format!("error {error}\n");
    }
    out
}

#[test]
fn connections_are_grouped_as_the_consumer_takes_them() {
    insta::assert_snapshot!(outline(&generate(&line())), @r"
    Conveyor1
      Conveyor (Conveyor1)
    Filler1
      Filler (Filler1)
        - constant 0 active
           -> Fill.mode Persistent sub UI1 7 eps -
        192.168.0.11!Conveyor acyclic 100 active
          Main.speed -> Fill.speed Persistent sub - eps R4 0.25
        192.168.0.11!Conveyor cyclic 8 active
          Main.running -> Fill.start Persistent sub BOOL false eps -
        192.168.0.13!Drive_2_Drive acyclic 100 passive
          Main.current -> Fill.recipe Volatile sub - eps -
      remark Filler: Fill.start carried acyclically until cyclic frames are implemented
    Gate
      Drive_1_Drive (Drive 1)
        192.168.0.11!Conveyor acyclic 100 active
          Main.running -> Main.go Persistent sub - eps -
      Drive_2_Drive (Drive 2)
      Proxy (Gate)
    ");
}

#[test]
fn what_cannot_be_generated_is_named_at_its_device() {
    let plan = fixture::plan(
        "
        component A 1.0 { in x I2 = 0; in z I2 = 0; in t BSTR = x; out y I2; out s BSTR }
        component S 1.0 profibusSlave { in x I2; out y I2 }
        One: A @10.0.0.1
        Two: A
        Lost: S
        Gone: !B @10.0.0.3
        One.y -> Two.x
        Two.y -> Two.x
        Nobody.A.Main.y -> One.x
        Lost.y -> One.z
        One.y -> Lost.x
        One.s -> One.t eps 1
        One.y -> Two.A.Main.nothing
        One.y -> Elsewhere.A.Main.x
        Two.z = 70000
        Two.y -> Two.z sub much
        One.A.Main.q = 3
        Elsewhere.A.Main.z = 3",
    );
    insta::assert_snapshot!(outline(&generate(&plan)), @r"
    Gone
      error the component of Gone is not in the plan
    One
      A (One)
      error the link to One.A.Main.t has epsilon 1, which BSTR cannot have
      error the link to One.A.Main.x comes from Nobody.A.Main.y, which does not exist
      error the link to One.A.Main.z comes from Lost.S.Main.y, whose device Lost nobody serves on Ethernet
      error One.A.Main.q does not exist, but a link or constant feeds it
    Two
      A (Two)
        10.0.0.1!A acyclic 500 active
          Main.y -> Main.x Persistent sub - eps -
      error Two.A.Main.nothing does not exist, but a link or constant feeds it
      error Two.A.Main.x has more than one source
      error the substitute of the link to Two.A.Main.z cannot be used: `much` is not a I2 value
      error Two.A.Main.z has more than one source
      error device Two has no IP address
    error Lost runs on Lost, which is not in the plan or has no proxy on Ethernet
    error Elsewhere.A.Main.x does not exist, but a link or constant feeds it
    error Elsewhere.A.Main.z does not exist, but a link or constant feeds it
    ");
}

#[test]
fn json_comes_back_and_keeps_its_fingerprint() {
    for Generated { configuration, .. } in generate(&line()).devices {
        let text = configuration.to_json();
        let back = Configuration::from_json(&text).unwrap();
        assert_eq!(back, configuration);
        assert_eq!(back.to_json(), text);
        assert_eq!(back.fingerprint(), configuration.fingerprint());
        assert_eq!(difference(&back, &configuration), []);
    }
}

#[test]
fn wrong_json_is_refused_with_its_place() {
    let refusal = |text: &str| Configuration::from_json(text).unwrap_err().to_string();
    assert_eq!(refusal("{"), "line 1, column 1: EOF while parsing an object");
    assert_eq!(refusal("{\"format\": 9}"), "the configuration has format 9, this program reads format 1");
    let text = generate(&line()).devices[1].configuration.to_json();
    let wrong = text.replacen("\"cyclic\"", "\"often\"", 1);
    assert!(refusal(&wrong).contains("there is no transmission type `often`"), "{}", refusal(&wrong));
    let wrong = text.replacen("\"value\": \"7\"", "\"value\": \"700\"", 1);
    assert!(refusal(&wrong).contains("700 is outside the range of UI1"), "{}", refusal(&wrong));
}

#[test]
fn differences_are_told_in_words() {
    let old = generate(&line());
    let changed = LINE
        .replace("cyclic 8 sub false", "cyclic 16 sub true")
        .replace("Conveyor1.speed -> Filler1.speed acyclic 100 eps 0.25", "Filler1.speed = 1.5")
        .replace("Filler1.mode = 7", "Filler1.mode = 8\nFiller1.count = -3")
        .replace("@192.168.0.12", "@192.168.0.22");
    let new = generate(&fixture::plan(&changed));
    let filler = |generation: &Generation| generation.device("Filler1").unwrap().configuration.clone();
    let lines: Vec<String> = difference(&filler(&old), &filler(&new)).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    ~ IP address 192.168.0.22 (was 192.168.0.12)
    + Filler1.Fill.count = -3
    ~ Filler1.Fill.mode = 8: value UI1 8 (was UI1 7)
    ~ Filler1.Fill.speed = 1.5: from a constant (was Conveyor1.Main.speed at 192.168.0.11!Conveyor on Conveyor1), constant (was acyclic 100 ms), substitute R4 1.5 (was last value), epsilon none (was R4 0.25)
    ~ Filler1.Fill.start <- Conveyor1.Main.running: cyclic 16 ms (was cyclic 8 ms), substitute BOOL true (was BOOL false)
    ");
}

#[test]
fn the_order_of_the_plan_does_not_show() {
    let mut lines: Vec<&str> = LINE.lines().collect();
    // The links and the constant, in reverse.
    let links = lines.len() - 6;
    lines[links..].reverse();
    let text = lines.join("\n");
    assert_eq!(generate(&fixture::plan(&text)), generate(&line()));
}
