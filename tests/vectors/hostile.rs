//! The stubs cut short at every byte and changed at random: an error or a value, never a panic.

use plantweave::wire::WireError;
use plantweave::wire::cba::{Arguments, Reply};
use plantweave::wire::cba::{
    acco_callback, acco_mgt, acco_server, acco_server_srt, acco_sync, browse, dispatch, group_error, ldev, pdev,
    persist, rtauto, state, time,
};
use plantweave::wire::ndr::{ByteOrder, NdrReader};
use proptest::prelude::*;

use super::table::{ORPC_THAT, ORPC_THIS, Row, rows};

/// Reads a stub as whatever could be meant by its opnum, in every interface; the number of readings
/// that succeeded.
fn read_as_anything(row: &Row, stub: &[u8], order: ByteOrder) -> usize {
    let mut successes = 0;
    macro_rules! calls {
        ($($module:path),*) => {$({
            use $module as interface;
            let mut r = NdrReader::new(stub, order);
            if r.take(ORPC_THIS, "header").is_ok() {
                successes += usize::from(matches!(interface::Call::read(row.opnum, &mut r), Ok(Some(_))));
            }
        })*};
    }
    calls!(
        acco_callback,
        acco_mgt,
        acco_server,
        acco_server_srt,
        acco_sync,
        browse,
        dispatch,
        group_error,
        group_error::event,
        ldev,
        pdev,
        persist,
        rtauto,
        state,
        state::event,
        time
    );
    macro_rules! replies {
        ($($response:ty),*) => {$({
            successes += usize::from(reply::<$response>(stub, order).is_ok());
        })*};
    }
    replies!(
        acco_mgt::AddConnectionsResponse,
        acco_mgt::GetConnectionsResponse,
        acco_mgt::GetConsConnectionsResponse,
        acco_mgt::GetProvConnectionsResponse,
        acco_mgt::DiagConsConnectionsResponse,
        acco_mgt::GetIdsResponse,
        acco_mgt::GetDiagnosisResponse,
        acco_server::ConnectResponse,
        acco_server::GetConnectionDataResponse,
        acco_server_srt::ConnectCrResponse,
        acco_sync::ReadItemsResponse,
        acco_sync::WriteItemsResponse,
        browse::BrowseItemsResponse,
        dispatch::InvokeResponse,
        dispatch::GetIdsOfNamesResponse,
        ldev::PbAddressInfo,
        persist::Save2Response,
        plantweave::wire::cba::shared::Object,
        plantweave::wire::cba::shared::ComponentInfo
    );
    successes
}

fn reply<T: Arguments>(stub: &[u8], order: ByteOrder) -> Result<Reply<T>, WireError> {
    let mut r = NdrReader::new(stub, order);
    r.take(ORPC_THAT, "header")?;
    Reply::read(&mut r)
}

#[test]
fn truncation_at_every_byte() {
    let mut successes = 0;
    for row in rows() {
        for end in 0..=row.stub.len() {
            successes += read_as_anything(&row, &row.stub[..end], ByteOrder::Little);
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
        read_as_anything(row, &stub, order);
    }

    #[test]
    fn random_stubs_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), opnum in 3_u16..20) {
        let row = Row { name: String::new(), opnum, ipid: None, stub: Vec::new() };
        read_as_anything(&row, &bytes, ByteOrder::Little);
        read_as_anything(&row, &bytes, ByteOrder::Big);
    }
}

fn rows_once() -> &'static [Row] {
    static ROWS: std::sync::OnceLock<Vec<Row>> = std::sync::OnceLock::new();
    ROWS.get_or_init(rows)
}
