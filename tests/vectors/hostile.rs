//! The stubs cut short at every byte and changed at random: an error or a value, never a panic.

use plantweave::wire::cba::{Arguments, acco_mgt, acco_server, acco_sync};
use plantweave::wire::ndr::{ByteOrder, NdrReader};
use proptest::prelude::*;

use super::anything::read_as_anything;
use super::table::{ORPC_THIS, Row, rows};

#[test]
fn truncation_at_every_byte() {
    let mut successes = 0;
    for row in rows() {
        for end in 0..=row.stub.len() {
            successes += read_as_anything(row.opnum, &row.stub[..end], ByteOrder::Little);
        }
    }
    assert!(successes > 185, "the whole stubs can be read");
}

/// A request that lacks bytes of its last argument is refused, for every request with arguments.
#[test]
fn cut_requests_are_refused() {
    let names = ["AccoMgt.AddConnections request", "AccoServer.Connect request", "AccoSync.WriteItemsQCD request"];
    for row in rows().iter().filter(|row| names.contains(&row.name.as_str())) {
        for end in ORPC_THIS..row.stub.len() {
            let mut r = NdrReader::new(&row.stub[..end], ByteOrder::Little);
            r.take(ORPC_THIS, "header").unwrap();
            let error = match row.name.as_str() {
                "AccoMgt.AddConnections request" => acco_mgt::AddConnectionsRequest::read(&mut r).unwrap_err(),
                "AccoServer.Connect request" => acco_server::ConnectRequest::read(&mut r).unwrap_err(),
                _ => acco_sync::WriteItemsQcdRequest::read(&mut r).unwrap_err(),
            };
            assert!(error.at() <= end, "{} cut at {end}: {error}", row.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn changed_stubs_never_panic(
        index in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(0xff), Just(0x7f), Just(0)]), 1..6),
        big: bool,
    ) {
        let rows = rows_once();
        let row = &rows[index.index(rows.len())];
        let mut stub = row.stub.clone();
        for (at, byte) in changes {
            if !stub.is_empty() {
                let at = at.index(stub.len());
                stub[at] = byte;
            }
        }
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        read_as_anything(row.opnum, &stub, order);
    }

    #[test]
    fn random_stubs_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), opnum in 3_u16..20) {
        read_as_anything(opnum, &bytes, ByteOrder::Little);
        read_as_anything(opnum, &bytes, ByteOrder::Big);
    }
}

fn rows_once() -> &'static [Row] {
    static ROWS: std::sync::OnceLock<Vec<Row>> = std::sync::OnceLock::new();
    ROWS.get_or_init(rows)
}
