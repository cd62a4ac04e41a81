//! The connection manager: the database for the tool, the provider's and the consumer's end, direct access to items.

use super::{Answer, on_ldev, on_ldev_admitting, read, reply};
use crate::device::core::DeviceCore;
use crate::device::ldev::LDev;
use crate::proto::acco::{MOST_ELEMENTS, NO_ROOM, Room};
use crate::wire::cba::acco_callback;
use crate::wire::cba::acco_mgt::{self, AddConnectionOut, AddConnectionsRequest, AddConnectionsResponse};
use crate::wire::cba::acco_server::{self, ConnectResponse};
use crate::wire::cba::acco_sync::{self, ReadItemOut, ReadItemsResponse, WriteItemsResponse};
use crate::wire::cba::quality::QualityClass;
use crate::wire::cba::{FileTime, HResult, Quality, Reply};
use crate::wire::ndr::NdrReader;

/// ICBAAccoMgt and ICBAAccoMgt2.
pub(super) fn management(core: &DeviceCore, index: usize, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    use acco_mgt::Call;
    let call = read(Call::read(opnum, stub))?;
    let lies = core.faults().lies_at_read_back();
    let admits = matches!(call, Call::AddConnections(_) | Call::GetInfo(()));
    on_ldev_admitting(core, index, admits, |LDev { items, provider, consumer, .. }| match call {
        Call::AddConnections(request) if core.faults().refuses_connections() => reply(refused(&request)),
        Call::AddConnections(request) => reply(consumer.add_connections(&request, items)),
        Call::RemoveConnections(ids) => reply(consumer.remove_connections(&ids.cons_ids)),
        Call::ClearConnections(()) => reply(consumer.clear_connections()),
        Call::SetActivationState(request) => reply(consumer.set_activation_state(&request)),
        Call::GetInfo(()) => reply(consumer.info()),
        Call::GetIds(()) => reply(consumer.ids()),
        Call::GetConnections(ids) => {
            let mut answer = consumer.connections(&ids.cons_ids);
            if lies {
                answer.out.connections.iter_mut().for_each(|connection| lie(&mut connection.qos_value));
            }
            reply(answer)
        }
        Call::ReviseQos(request) => reply(consumer.revise_qos(&request, items)),
        Call::GetPingFactor(()) => reply(consumer.ping_factor()),
        Call::PutPingFactor(request) => reply(consumer.put_ping_factor(request.factor)),
        Call::GetCdbCookie(()) => reply(consumer.cdb_cookie()),
        Call::GetConsIds(()) => reply(consumer.cons_ids()),
        Call::GetConsConnections(ids) => {
            let mut answer = consumer.cons_connections(&ids.cons_ids);
            if lies {
                answer.out.connections.iter_mut().for_each(|connection| lie(&mut connection.qos_value));
            }
            reply(answer)
        }
        Call::DiagConsConnections(ids) => reply(consumer.diagnose_connections(&ids.cons_ids)),
        Call::GetProvIds(()) => reply(provider.prov_ids()),
        Call::GetProvConnections(ids) => reply(provider.prov_connections(&ids.prov_ids)),
        Call::GetDiagnosis(request) => reply(consumer.diagnosis(&request)),
    })
}

/// A fault to try: the device takes no connections.
fn refused(request: &AddConnectionsRequest) -> Reply<AddConnectionsResponse> {
    let refusal = AddConnectionOut { cons_id: 0, version: 0, hr: HResult::CBA_E_CAPACITYEXCEEDED };
    let connections = vec![refusal; request.connections.len()];
    Reply { out: AddConnectionsResponse { connections }, hr: HResult::S_FALSE }
}

/// A fault to try: what is read back is not what was loaded.
fn lie(qos_value: &mut u16) {
    *qos_value = qos_value.wrapping_add(1);
}

/// ICBAAccoServer and ICBAAccoServer2.
pub(super) fn server(core: &DeviceCore, index: usize, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    use acco_server::Call;
    let call = read(Call::read(opnum, stub))?;
    let now = core.now();
    let admits = matches!(call, Call::Connect(_) | Call::Connect2(_));
    on_ldev_admitting(core, index, admits, |LDev { items, provider, .. }| match call {
        Call::Connect(request) => {
            let answer = provider.connect(now.steady, &request, items);
            reply::<ConnectResponse>(answer)
        }
        Call::Connect2(request) => reply(provider.connect2(now.steady, &request, items)),
        Call::Disconnect(ids) => reply(provider.disconnect(&ids.prov_ids)),
        Call::DisconnectMe(partner) => reply(provider.disconnect_me(&partner.consumer)),
        Call::SetActivation(request) => reply(provider.set_activation(&request)),
        Call::Ping(partner) => reply(provider.ping(&partner.consumer)),
        Call::GetConnectionData(partner) => reply(provider.connection_data(&partner.consumer, items)),
    })
}

/// ICBAAccoCallback and ICBAAccoCallback2.
pub(super) fn callback(core: &DeviceCore, index: usize, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    use acco_callback::Call;
    let call = read(Call::read(opnum, stub))?;
    on_ldev(core, index, |LDev { consumer, .. }| match call {
        Call::OnDataChanged(request) => reply(consumer.data_changed(&request.data)),
        // Only providers of real-time frames ask, and there are none; being here is the answer.
        Call::Gnip(()) => reply(Reply::<()>::only(HResult::S_OK)),
    })
}

/// ICBAAccoSync.
pub(super) fn sync(core: &DeviceCore, index: usize, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    use acco_sync::Call;
    let call = read(Call::read(opnum, stub))?;
    let now = core.now();
    on_ldev(core, index, |ldev| match call {
        Call::ReadItems(request) => {
            if request.items.len() > MOST_ELEMENTS {
                return reply(Reply::<ReadItemsResponse>::only(NO_ROOM));
            }
            let mut room = Room::default();
            let items: Vec<ReadItemOut> = request.items.iter().map(|item| read_item(ldev, item, &mut room)).collect();
            let hr = overall(items.iter().map(|item| item.hr));
            reply(Reply { out: ReadItemsResponse { items }, hr })
        }
        Call::WriteItems(request) => written(
            request
                .items
                .iter()
                .map(|write| ldev.items.write(&write.item, write.value.as_ref(), Quality::GOOD, now.wall)),
        ),
        Call::WriteItemsQcd(request) => written(request.items.iter().map(|write| {
            // FILETIME 0 is "no time".
            let time = if write.time == FileTime::default() { now.wall } else { write.time };
            ldev.items.write(&write.item, write.value.as_ref(), write.quality, time)
        })),
    })
}

fn read_item(ldev: &LDev, item: &str, room: &mut Room) -> ReadItemOut {
    if room.is_full() {
        return ReadItemOut { hr: NO_ROOM, ..ReadItemOut::default() };
    }
    match ldev.items.read(item) {
        Ok(reading) if !room.take(&[], [&reading.value]) => ReadItemOut { hr: NO_ROOM, ..ReadItemOut::default() },
        Ok(reading) => {
            let uncertain = reading.quality.class() == QualityClass::Uncertain;
            let hr = if uncertain { HResult::CBA_S_VALUEUNCERTAIN } else { HResult::S_OK };
            ReadItemOut { value: Some(reading.value), quality: reading.quality, time: reading.time, hr }
        }
        Err(hr) => ReadItemOut { hr, ..ReadItemOut::default() },
    }
}

fn written(results: impl Iterator<Item = Result<(), HResult>>) -> Answer {
    let results: Vec<HResult> = results.map(|result| result.err().unwrap_or(HResult::S_OK)).collect();
    let hr = overall(results.iter().copied());
    reply(Reply { out: WriteItemsResponse { results }, hr })
}

fn overall(mut results: impl Iterator<Item = HResult>) -> HResult {
    if results.any(HResult::is_failure) { HResult::S_FALSE } else { HResult::S_OK }
}
