//! The resolver's and the exporter's ports under stubs that are random, cut short or damaged golden
//! ones: every call is answered with a stub or a fault.

use std::time::Duration;

use plantweave::proto::dcom::{Activator, Endpoint, Exporter, IdSource, Resolver};
use plantweave::wire::Guid;
use plantweave::wire::dcom::{DualStringArray, StandardObjRef, status};
use plantweave::wire::ndr::{ByteOrder, NdrReader, NdrWriter};
use proptest::prelude::*;

struct Nothing;

impl Activator for Nothing {
    fn activate(&mut self, _: Guid, iids: &[Guid]) -> Result<Vec<Option<StandardObjRef>>, u32> {
        if iids.is_empty() { Err(status::REGDB_E_CLASSNOTREG) } else { Ok(iids.iter().map(|_| None).collect()) }
    }
}

fn ids() -> IdSource {
    let mut next = 0_u128;
    IdSource::new(move || {
        next += 1;
        next << 64 | next
    })
}

/// Golden stubs of every kind of request, CBA's included.
fn stubs() -> Vec<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/cba/cba-example.stubs.tsv");
    let text = std::fs::read_to_string(path).unwrap();
    let hex = text.lines().skip(1).filter_map(|line| line.split('\t').nth(3));
    hex.map(|hex| {
        let digits = hex.as_bytes().chunks(2);
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_stub_is_answered_or_faulted(
        calls in prop::collection::vec((
            any::<prop::sample::Index>(),
            prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            any::<prop::sample::Index>(),
            0_usize..3,
            0_u16..8,
            any::<bool>(),
            prop::option::of(prop::collection::vec(any::<u8>(), 0..80)),
        ), 1..10),
    ) {
        let golden = stubs();
        let mut ids = ids();
        let mut exporter = Exporter::new(&mut ids);
        let endpoint = Endpoint { ip: [127, 0, 0, 1].into(), resolver_port: 135, exporter_port: 49155 };
        let mut resolver = Resolver::new(endpoint, exporter.oxid(), exporter.rem_unknown_ipid());
        let oid = exporter.export(&mut ids, [Guid::from_u128(1)]);
        for (pick, damage, cut, interface, opnum, big, random) in calls {
            let mut stub = random.unwrap_or_else(|| golden[pick.index(golden.len())].clone());
            for (at, value) in damage {
                if !stub.is_empty() {
                    let at = at.index(stub.len());
                    stub[at] = value;
                }
            }
            stub.truncate(cut.index(2 * stub.len() + 1));
            let order = if big { ByteOrder::Big } else { ByteOrder::Little };
            let mut reader = NdrReader::new(&stub, order);
            let interface = Resolver::INTERFACES[interface];
            let now = Duration::from_secs(1);
            if let Ok(answer) = resolver.call(interface, opnum, &mut reader, now, &mut ids, &mut Nothing) {
                // No request makes an answer out of proportion.
                prop_assert!(answer.len() <= 1024 + 4 * stub.len());
            }
            let mut out = NdrWriter::new();
            let mut reader = NdrReader::new(&stub, order);
            if exporter.rem_unknown(opnum, &mut reader, &DualStringArray::default(), &mut out).is_ok() {
                prop_assert!(out.position() <= 1024 + 4 * stub.len());
            }
            prop_assert_eq!(exporter.references(oid), 0, "nobody can guess the IPID");
        }
    }
}
