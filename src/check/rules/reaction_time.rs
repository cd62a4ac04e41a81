//! # PW113: A chain of links reacts more slowly than its target
//!
//! ## What it checks
//! For each stated reaction time, the worst case along the fastest chain of active links: each link costs one program cycle of the
//! provider, its interval, and one program cycle of the consumer. Slower ways, and slower links beside the fastest, say nothing:
//! machines exchange counters beside what they react to. A program cycle that no device profile states counts as 0, and the text
//! says "at least".
//!
//! ## Why
//! The target is what the machine needs, for example to stop before bottles pile up.
//!
//! ## Example
//! Conveyor, filler and capper react within 46 ms at worst, the target is 40 ms.
//!
//! ## Remedy
//! Shorten an interval on the way. Safe fix: the longest interval on the way is set to the longest offered one that meets
//! the target.
//!
//! ## Facts
//! `worst_ms`; `target_ms`; `n_links` on the way; `path`; `unknown_cycles`, the functions whose program cycle no profile states.

use serde::Serialize;

use crate::check::context::{LinkView, TargetView};
use crate::check::offers;
use crate::check::rule::{Facts, On, RELATED, Report, Rule, function_name, list, way};
use crate::check::{Fix, Severity, Subject};
use crate::model::{Phrase, Qos};
use crate::say;

pub(super) static RULE: Rule = Rule {
    code: "PW113",
    name: "reaction-time",
    severity: Severity::Warning,
    source: include_str!("reaction_time.rs"),
    on: &[On::Target(check)],
};

#[derive(Serialize)]
struct ReactionTime {
    worst_ms: f64,
    target_ms: u32,
    n_links: usize,
    path: String,
    unknown_cycles: Vec<String>,
}

impl Facts for ReactionTime {
    fn message(&self) -> Phrase {
        let Self { worst_ms, target_ms, n_links, path, unknown_cycles } = self;
        let way = match n_links {
            1 => say!("1 link ({path})", path),
            n => say!("{n} links ({path})", n, path),
        };
        if unknown_cycles.is_empty() {
            return say!(
                "worst-case reaction {worst_ms} ms along {way} exceeds the target of {target_ms} ms",
                worst_ms,
                way,
                target_ms
            );
        }
        say!(
            "worst-case reaction of at least {worst_ms} ms along {way} exceeds the target of {target_ms} ms; no program cycle is known of {unknown}",
            worst_ms,
            way,
            target_ms,
            unknown = list(unknown_cycles)
        )
    }
}

fn check(view: &TargetView, report: &mut Report) {
    let Some(chain) = view.chain else { return };
    let target_micros = u64::from(view.target.max_ms) * 1000;
    if chain.micros <= target_micros {
        return;
    }
    let plan = view.cx.plan;
    let names: Vec<String> = chain.functions.iter().map(|function| function_name(plan, function)).collect();
    let facts = ReactionTime {
        worst_ms: chain.micros as f64 / 1000.0,
        target_ms: view.target.max_ms,
        n_links: chain.legs.len(),
        path: way(&names),
        unknown_cycles: chain.unknown.iter().map(|function| function_name(plan, function)).collect(),
    };
    let finding = report.add(view.subject(), &facts);
    finding.related = chain.legs.iter().take(RELATED).map(|leg| Subject::Link(leg.link.clone())).collect();
    finding.fix = faster(view, chain.micros - target_micros);
}

/// The longest interval on the way, shortened by what is too much, if the ends offer that.
fn faster(view: &TargetView, excess_micros: u64) -> Option<Fix> {
    let leg = view.chain?.legs.iter().rev().max_by_key(|leg| leg.interval_ms)?;
    let longest = u64::from(leg.interval_ms).checked_sub(excess_micros.div_ceil(1000))?;
    let plan = view.cx.plan;
    let link = plan.links().get(&leg.link)?;
    let (provider, consumer) = (view.cx.end(&link.provider), view.cx.end(&leg.link.consumer));
    let link_view = LinkView { cx: view.cx, key: &leg.link, link, provider, consumer };
    let value_ms = match offers::common(&link_view, link.qos.qos_type)? {
        None => u16::try_from(longest).ok().filter(|value| *value > 0)?,
        Some(values) => values.into_iter().rev().find(|value| u64::from(*value) <= longest)?,
    };
    Some(offers::set(&link_view, Qos { value_ms, ..link.qos }))
}

#[cfg(test)]
mod tests {
    use crate::check::tests::{fixes, found};

    #[test]
    fn names_the_worst_path() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; qos acyclic 5,10,100; cycle 4 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            One.y -> Two.x acyclic 10
            Two.y -> Three.x acyclic 10
            target One -> Three 35 ms"#;
        assert_eq!(
            found("PW113", plan),
            [
                "warning One → Three: worst-case reaction 36 ms along 2 links (One → Two → Three) exceeds the target of 35 ms"
            ]
        );
    }

    #[test]
    fn says_which_cycles_are_unknown() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; qos acyclic 5,10,100,200; typical partners 9 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            One.y -> Two.x acyclic 100
            One.y -> Two.z acyclic 200
            target One -> Two 50 ms"#;
        assert_eq!(
            found("PW113", plan),
            [
                "warning One → Two: worst-case reaction of at least 100 ms along 1 link (One → Two) exceeds the target of 50 ms; no program cycle is known of One, Two"
            ]
        );
    }

    #[test]
    fn offers_a_shorter_interval() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; qos acyclic 5,10,100; cycle 4 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            One.y -> Two.x acyclic 10
            Two.y -> Three.x acyclic 10
            target One -> Three 35 ms"#;
        assert_eq!(fixes("PW113", plan), ["Set One.y → Two.x to acyclic 5 ms"]);
    }

    #[test]
    fn the_fastest_way_counts() {
        // Through a master with one link more: 10 + 10 ms and four cycles against 100 ms and two.
        let text = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; qos acyclic 5,10,100; cycle 4 }
            One: A @10.0.0.1
            Master: A @10.0.0.2
            Two: A @10.0.0.3
            One.y -> Two.x acyclic 100
            One.y -> Master.x acyclic 10
            One.y -> Master.z acyclic 100
            Master.y -> Two.z acyclic 10
            target One -> Two 36 ms
            target One -> Master 17 ms"#;
        assert_eq!(
            found("PW113", text),
            ["warning One → Master: worst-case reaction 18 ms along 1 link (One → Master) exceeds the target of 17 ms"]
        );
        let text = text.replace("36 ms", "35 ms");
        assert_eq!(
            found("PW113", &text)[1],
            "warning One → Two: worst-case reaction 36 ms along 2 links (One → Master → Two) exceeds the target of 35 ms"
        );
    }

    #[test]
    fn silent_within_the_target() {
        let plan = r#"
            component A 1.0 { in x R4 = 0; in z R4 = 0; out y R4; qos acyclic 5,10,100; cycle 4 }
            One: A @10.0.0.1
            Two: A @10.0.0.2
            Three: A @10.0.0.3
            One.y -> Two.x acyclic 10
            Two.y -> Three.x acyclic 10
            Two.y -> Three.z acyclic 100 passive
            target One -> Three 36 ms"#;
        assert_eq!(found("PW113", plan), [""; 0]);
    }
}
