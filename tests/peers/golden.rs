//! The golden captures say what the vectors beside them claim. If this fails, the vectors or the
//! tshark at hand changed, not Plantweave.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::peer;
use crate::tshark::{MALFORMED, ODD_TCP, Tshark, UNRESOLVED};

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cba").join(name)
}

#[test]
fn tshark_sees_in_the_golden_capture_what_is_expected() {
    let Some(tshark) = Tshark::over(&vector("cba-example.pcap")) else { return };
    for complaint in [MALFORMED, ODD_TCP, UNRESOLVED] {
        assert_eq!(tshark.summary(complaint), "", "{complaint}");
    }

    let text = std::fs::read_to_string(vector("cba-example.expect.tsv")).unwrap();
    let expected: Vec<(&str, &str)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [frame, _pdu, filter] = columns[..] else { panic!("three columns: {line}") };
            (frame, filter)
        })
        .collect();
    assert_eq!(expected.len(), 85);

    // One run for all frames; frames with several expectations take part in as many runs.
    let mut rounds: Vec<BTreeMap<&str, &str>> = Vec::new();
    for (frame, filter) in expected {
        match rounds.iter_mut().find(|round| !round.contains_key(frame)) {
            Some(round) => drop(round.insert(frame, filter)),
            None => rounds.push([(frame, filter)].into()),
        }
    }
    for round in rounds {
        let filter: Vec<String> =
            round.iter().map(|(frame, filter)| format!("(frame.number=={frame} && ({filter}))")).collect();
        let matching = tshark.fields(&filter.join(" || "), &["frame.number"]).concat();
        for (frame, filter) in round {
            assert!(matching.iter().any(|number| number == frame), "frame {frame} is not: {filter}");
        }
    }
}

#[test]
fn impacket_takes_the_golden_stubs_apart_and_puts_them_together() {
    let Some(mut python) = peer("python") else { return };
    let output = python
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/golden_stubs.py"))
        .arg(vector("cba-example.stubs.tsv"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "44 kinds of stubs agree\n");
}
