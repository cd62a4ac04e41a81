//! Reads a stub as whatever could be meant by it.

use plantweave::wire::WireError;
use plantweave::wire::cba::{Arguments, Reply};
use plantweave::wire::cba::{
    acco_callback, acco_mgt, acco_server, acco_server_srt, acco_sync, browse, dispatch, group_error, ldev, pdev,
    persist, rtauto, state, time,
};
use plantweave::wire::ndr::{ByteOrder, NdrReader};

use super::table::{ORPC_THAT, ORPC_THIS};

/// Reads a stub as the request of this opnum in every interface, and as every answer; the number of readings that
/// succeeded.
pub fn read_as_anything(opnum: u16, stub: &[u8], order: ByteOrder) -> usize {
    let mut successes = 0;
    macro_rules! calls {
        ($($module:path),*) => {$({
            use $module as interface;
            let mut r = NdrReader::new(stub, order);
            if r.take(ORPC_THIS, "header").is_ok() {
                successes += usize::from(matches!(interface::Call::read(opnum, &mut r), Ok(Some(_))));
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
