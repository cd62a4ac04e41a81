//! What the tests of rules share, and tests over the whole catalogue.

use super::*;
use crate::model::fixture;

/// A component with an input and an output.
pub(super) const MACHINE: &str = "component A 1.0 { in x R4 = 0; out y R4 }\n";

/// Two instances of it.
pub(super) const PAIR: &str = "
    component A 1.0 { in x R4 = 0; out y R4 }
    One: A @10.0.0.1
    Two: A @10.0.0.2
";

/// Two instances of a component with ports of every kind.
pub(super) const PORTS: &str = "
    component A 1.0 {
        in x R4 = 0; in z R4 = 0; out y R4; in b BOOL = false; out c BOOL
        hmi h R4; inout io R4 = 0; out fixed R4 = 1 constant; in shut R4 = 0 disconnected
        stack 2.0; qos acyclic
    }
    One: A @10.0.0.1
    Two: A @10.0.0.2
";

/// Two instances of a component with ports whose values have bounds.
pub(super) const VALUES: &str = r#"
    component A 1.0 {
        in x I2 = 0 min -10 max 10; in s BSTR = a maxlen 3; in a I2[2] = "0 0" max 5; in b BOOL = false
        out y I2; out t BSTR; out c BOOL
    }
    One: A @10.0.0.1
    Two: A @10.0.0.2
"#;

/// A proxy for two devices, and the components of such a device and of one on Ethernet.
pub(super) const PROFIBUS: &str = "
    component A 1.0 { in x R4 = 0; out y R4 }
    component P 1.0 proxy { in x R4 = 0; out y R4; profibus master system 1 slaves 2 }
    component S 1.0 profibusSlave { in x R4 = 0; out y R4 }
    Gate: P @10.0.0.1
";

/// [`found`] about one of the plants above with more lines.
pub(super) fn found_in(plant: &str, code: &str, lines: &str) -> Vec<String> {
    found(code, &format!("{plant}{lines}"))
}

/// [`fixes`] about one of the plants above with more lines.
pub(super) fn fixes_in(plant: &str, code: &str, lines: &str) -> Vec<String> {
    fixes(code, &format!("{plant}{lines}"))
}

/// The findings of one rule about a fixture text: severity, place and message.
pub(super) fn found(code: &str, text: &str) -> Vec<String> {
    findings(code, text).iter().map(line).collect()
}

/// [`found`] with what the library holds as further components.
pub(super) fn found_with_library(code: &str, text: &str, library: &str) -> Vec<String> {
    let library = fixture::plan(library);
    let facts = LibraryFacts::new(library.components().values().map(|component| &**component));
    check(&fixture::plan(text), &facts).iter().filter(|finding| finding.code == code).map(line).collect()
}

/// The findings of one rule about a fixture text.
pub(super) fn findings(code: &str, text: &str) -> Vec<Finding> {
    let all = check(&fixture::plan(text), &LibraryFacts::default());
    all.into_iter().filter(|finding| finding.code == code).collect()
}

fn line(finding: &Finding) -> String {
    format!("{} {}: {}", finding.severity.token(), finding.place, finding.message)
}

/// The titles of the fixes that one rule offers.
pub(super) fn fixes(code: &str, text: &str) -> Vec<String> {
    findings(code, text).into_iter().filter_map(|finding| Some(finding.fix?.title.to_string())).collect()
}

mod catalogue {
    use super::*;

    #[test]
    fn codes_are_unique_and_pages_complete() {
        let codes: Vec<&str> = rules().iter().map(|rule| rule.code).collect();
        assert!(codes.is_sorted() && codes.windows(2).all(|pair| pair[0] != pair[1]), "{codes:?}");
        for rule in rules() {
            assert!(rule.page().starts_with(&format!("# {}: {}\n", rule.code, rule.title())), "{rule:?}");
            for heading in ["What it checks", "Why", "Example", "Remedy", "Facts"] {
                assert!(!rule.section(heading).is_empty(), "{rule:?} has no section {heading}");
            }
            assert!(rule.remedy().ends_with('.'), "{rule:?}: {}", rule.remedy());
            let (code, tests) = rule.source.split_once("#[cfg(test)]").unwrap();
            assert!(tests.matches("#[test]").count() > 2 && tests.contains("fn silent_"), "{rule:?} has its tests");
            assert_eq!(rule.has_fix(), code.contains("fix = "), "{rule:?} and its page say the same of fixes");
        }
        assert_eq!(find("pw107").map(|rule| rule.code), Some("PW107"));
        assert!(find("PW999").is_none());
    }

    /// `docs/CHECKS.md` lists the catalogue; run with `UPDATE_DOCS=1` to write it anew.
    #[test]
    fn the_page_of_all_checks_is_up_to_date() {
        let mut page = String::from(
            "# Checks\n\nAll rules of `plantweave check`, written from the catalogue by a test. `plantweave explain CODE` prints the \
             page of a rule; its source is the file of that name in `src/check/rules/`.\n\n| Code | Severity | Finds | Safe fix |\n|---|---|---|---|\n",
        );
        for rule in rules() {
            let fix = if rule.has_fix() { "yes" } else { "" };
            page += &format!("| {} | {} | {} | {fix} |\n", rule.code, rule.severity.token(), rule.title());
        }
        page += "\nFindings as JSON: see `docs/JSON.md`.\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/CHECKS.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), page, "run with UPDATE_DOCS=1");
    }
}

mod incremental {
    use proptest::prelude::*;
    use std::sync::Arc;

    use super::*;
    use crate::model::*;

    const PLANT: &str = "
        component A 1.0 { in x I2; in z R4 = 0 min 0 max 5; out y I2; out w R4; hmi h I2; in v I2[4]; out u I2[4]; maximum array_bytes 6; qos acyclic 50,100; qos cyclic 8; typical partners 1; limit connections_in 2; cycle 4; updates 10 30; stack 2.0 }
        component A 2.0 { in x I2 = 0; out y I2; out w R4; stack 1.0 }
        component M 1.0 multiApp singleton { in x I2 = 0; out y I2 }
        component P 1.0 proxy { in x I2 = 0; out y I2; profibus master system 1 slaves 1 }
        component S 1.0 profibusSlave { in x I2 = 0; out y I2 }
        subnet Plant 10.0.0.0/24
        subnet Other 10.0.0.128/25
        chart Line / Cell
        chart Utilities
        chart Utilities / Cell
        One: A 1.0 @10.0.0.1 subnet Plant on Line
        Two: A 1.0 @10.0.0.2 subnet Plant on Line / Cell
        Three: A 2.0 @10.0.0.3
        Four: M @10.0.0.4
        Gate: P @10.0.0.5
        Drive1: S behind Gate system 1 address 3
        Drive2: S behind Gate system 1 address 4
        One.y -> Two.x cyclic 8
        Two.y -> One.x acyclic 100
        Drive1.y -> Three.x acyclic 50
        target One -> Three 20 ms
        target One -> Two 20 ms
        cable One 1 - Two 1";

    const INSTANCES: [&str; 8] = ["One", "Two", "Three", "Four", "Gate", "Drive1", "Drive2", "Five"];

    fn pick<T>(list: &[T], dice: u8) -> &T {
        &list[usize::from(dice) % list.len()]
    }

    fn port(plan: &Plan, instance: u8, name: &str) -> PortRef {
        let instance = *pick(&INSTANCES, instance);
        let ldev = plan.component_of(instance).map_or("A".into(), |component| component.name.clone());
        PortRef::new(instance, ldev, "Main", name)
    }

    /// One random change, right or wrong.
    fn change(plan: &mut Plan, [what, a, b, c]: [u8; 4]) {
        let name = Name::new(*pick(&INSTANCES, a));
        let devices: Vec<Name> = INSTANCES.iter().map(Name::new).collect();
        match what % 16 {
            0..=3 => {
                let consumer = port(plan, b, pick::<&str>(&["x", "z", "v", "gone"], c));
                let mut link = Link::from(port(plan, a, pick::<&str>(&["y", "u", "w", "h"], c / 4)));
                link.qos = Qos {
                    qos_type: *pick(&[QosType::Acyclic, QosType::Cyclic], c),
                    value_ms: *pick(&[8, 50, 100, 77], c / 2),
                };
                link.active = c % 7 != 0;
                link.epsilon = (c % 5 == 0).then_some(1.0);
                plan.insert_link(LinkKey { consumer, nth: u32::from(c % 9 == 0) }, link);
            }
            4 | 5 => {
                let keys: Vec<LinkKey> = plan.links().keys().cloned().collect();
                if !keys.is_empty() {
                    plan.remove_link(pick(&keys, b));
                }
            }
            6 => {
                let value = Name::new(*pick(&["1", "9", "nonsense"], c));
                plan.constants
                    .insert(port(plan, a, pick::<&str>(&["x", "z", "y"], b)), Constant { value, comment: "".into() });
            }
            7 => plan.constants.clear(),
            8 => {
                plan.instances.remove(&name);
            }
            9 | 10 => {
                let keys: Vec<ComponentKey> = plan.components.keys().cloned().collect();
                if keys.is_empty() {
                    return;
                }
                let component = pick(&keys, b).clone();
                let functions = plan.components.get(&component).into_iter().flat_map(|component| component.rtautos());
                let placement = Placement { chart: ChartId(u32::from(c % 4)), at: Point::default() };
                let functions =
                    functions.map(|(ldev, rtauto)| ((ldev.name.clone(), rtauto.name.clone()), placement)).collect();
                let device = if c % 3 == 0 { pick(&devices, c / 3).clone() } else { name.clone() };
                let instance = Instance { component, device, functions, comment: Name::default() };
                plan.instances.insert(name, Arc::new(instance));
            }
            11 => {
                plan.devices.remove(&name);
            }
            12 | 13 => {
                let mut device = Device::ethernet();
                device.attachment = match c % 3 {
                    0 => Attachment::Profibus(ProfibusAddress {
                        proxy: Some(pick(&devices, b).clone()),
                        system_id: c % 2,
                        address: Some(3 + b % 3),
                    }),
                    _ => Attachment::Ethernet(EthernetAddress {
                        subnet: (b % 2 == 0).then(|| "Plant".into()),
                        name_of_station: (*pick(&["one", "two", "", "Bad"], b)).into(),
                        ip: (b % 5 != 0).then(|| [10, 0, 0, b % 6].into()),
                        ..EthernetAddress::default()
                    }),
                };
                plan.devices.insert(name, Arc::new(device));
            }
            14 => match c % 7 {
                0 => {
                    let keys: Vec<ComponentKey> = plan.components.keys().cloned().collect();
                    if keys.len() > 1 {
                        plan.components.remove(pick(&keys, b));
                    }
                }
                1 => {
                    plan.subnets.remove("Plant");
                }
                2 => {
                    plan.charts.remove(&ChartId(1 + u32::from(b % 4)));
                }
                3 => {
                    // Also into itself, into what is not there, and beside one of the same name.
                    if let Some(chart) = plan.charts.get_mut(&ChartId(1 + u32::from(a % 4))) {
                        let chart = Arc::make_mut(chart);
                        chart.parent = Some(ChartId(u32::from(b % 6)));
                        chart.name = Name::new(*pick(&["Line", "Cell"], c));
                    }
                }
                4 => {
                    let cables: Vec<Cable> = plan.cables.iter().cloned().collect();
                    if !cables.is_empty() {
                        plan.cables.remove(pick(&cables, b));
                    }
                }
                5 => plan.name = Name::new(*pick(&["Plant", "Works"], b)),
                _ => {
                    let one = LanPort { device: pick(&devices, a).clone(), port: b % 4 };
                    let other = LanPort { device: pick(&devices, c).clone(), port: 1 };
                    plan.cables.insert(Cable::between(one, other));
                }
            },
            _ => {
                let from = port(plan, a, "x").function();
                let to = port(plan, b, "x").function();
                plan.targets.insert(ReactionTarget { from, to, max_ms: u32::from(c) });
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn an_update_finds_what_a_full_check_finds(changes in prop::collection::vec(any::<[u8; 4]>(), 1..40)) {
            let mut plan = fixture::plan(PLANT);
            let mut checker = Checker::new(plan.clone(), LibraryFacts::default());
            for step in changes {
                let mut next = plan.clone();
                change(&mut next, step);
                checker.update(&next, &Touched::between(&plan, &next));
                let found: Vec<String> = checker.findings().map(|finding| format!("{finding} {:?}", finding.fix)).collect();
                let full = Checker::new(next.clone(), LibraryFacts::default());
                let full: Vec<String> = full.findings().map(|finding| format!("{finding} {:?}", finding.fix)).collect();
                prop_assert_eq!(found, full, "after {:?}", step);
                plan = next;
            }
        }
    }
}
