//! A logical device: who it is, its functions, state, group error and clock.

use super::pdev::{object, profinet_revision, revision, serial_no, text};
use super::{Answer, Object, References, done, on_ldev, outcome, read, reply};
use crate::device::core::DeviceCore;
use crate::device::ldev::Topic;
use crate::wire::cba::group_error::{self, CurrentGroupError};
use crate::wire::cba::ldev::{Call, PbAddressInfo};
use crate::wire::cba::shared::{ComponentInfo, Cookie, Date, Text};
use crate::wire::cba::state::{self, CurrentState};
use crate::wire::cba::time;
use crate::wire::cba::{HResult, Interface, Reply};
use crate::wire::dcerpc::FaultStatus;
use crate::wire::ndr::NdrReader;
use crate::wire::variant::{Elements, SafeArray};

pub(super) fn answer(
    core: &DeviceCore,
    references: &dyn References,
    index: usize,
    opnum: u16,
    stub: &mut NdrReader<'_>,
) -> Answer {
    let spec = core.spec();
    let ldev = spec.ldevs.get(index).ok_or(FaultStatus::INVALID_OBJECT)?;
    let described = ldev.described().ok_or(FaultStatus::INVALID_OBJECT)?;
    let identity = &ldev.component.device.identity;
    match read(Call::read(opnum, stub))? {
        Call::GetName(()) => text(&ldev.name),
        Call::GetProducer(()) => text(described.producer.as_ref().unwrap_or(&identity.producer)),
        Call::GetProduct(()) => text(described.product.as_ref().unwrap_or(&identity.product)),
        Call::GetSerialNo(()) => serial_no(core),
        Call::GetProductionDate(()) => reply(Reply::ok(Date { date: spec.production_date() })),
        Call::GetRevision(()) => revision(described.revision.unwrap_or_else(|| spec.revision())),
        Call::GetAcco(()) => outcome(object(references, Object::Acco(index), Interface::AccoMgt)),
        Call::GetRtAuto(Text { value }) => {
            let found = described.rtautos.iter().position(|rtauto| rtauto.name == value);
            outcome(
                found
                    .ok_or(HResult::CBA_E_UNKNOWNOBJECT)
                    .and_then(|rtauto| object(references, Object::RtAuto(index, rtauto), Interface::RtAuto)),
            )
        }
        Call::GetProfinetRevision(()) => profinet_revision(described.pn_revision.unwrap_or_else(|| spec.pn_revision())),
        Call::GetComponentInfo(()) => component_info(core, index),
        Call::GetPbAddressInfo(()) => {
            let pair = ldev.profibus.map(|(system, address)| vec![system, address]);
            let pairs = Some(SafeArray::vector(Elements::Ui1(pair.unwrap_or_default())));
            reply(Reply::ok(PbAddressInfo { pairs }))
        }
    }
}

/// ComponentInfo of an LDev or of one of its functions.
pub(super) fn component_info(core: &DeviceCore, index: usize) -> Answer {
    let ldev = core.spec().ldevs.get(index).ok_or(FaultStatus::INVALID_OBJECT)?;
    let key = &ldev.component.key;
    reply(Reply::ok(ComponentInfo { id: key.id.to_string(), version: key.version.to_string() }))
}

/// ICBAState.
pub(super) fn state(core: &DeviceCore, index: usize, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    let call = read(state::Call::read(opnum, stub))?;
    on_ldev(core, index, |ldev| match call {
        state::Call::GetState(()) => reply(Reply::ok(CurrentState { state: ldev.state() })),
        state::Call::Activate(()) => done(ldev.activate()),
        state::Call::Deactivate(()) => done(ldev.deactivate()),
        state::Call::Reset(()) => done(ldev.reset()),
        state::Call::AdviseState(subscriber) => {
            outcome(ldev.subscribers(Topic::State).advise(subscriber.objref).map(|cookie| Cookie { cookie }))
        }
        state::Call::UnadviseState(Cookie { cookie }) => done(ldev.subscribers(Topic::State).unadvise(cookie)),
    })
}

/// ICBAGroupError.
pub(super) fn group_error(core: &DeviceCore, index: usize, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    let call = read(group_error::Call::read(opnum, stub))?;
    on_ldev(core, index, |ldev| match call {
        group_error::Call::GetGroupError(()) => {
            let (group_error, cookie) = ldev.group_error();
            reply(Reply::ok(CurrentGroupError { group_error, cookie }))
        }
        group_error::Call::AdviseGroupError(subscriber) => {
            outcome(ldev.subscribers(Topic::GroupError).advise(subscriber.objref).map(|cookie| Cookie { cookie }))
        }
        group_error::Call::UnadviseGroupError(Cookie { cookie }) => {
            done(ldev.subscribers(Topic::GroupError).unadvise(cookie))
        }
    })
}

/// ICBATime.
pub(super) fn time(core: &DeviceCore, index: usize, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    let call = read(time::Call::read(opnum, stub))?;
    let now = core.now();
    on_ldev(core, index, |ldev| match call {
        time::Call::GetTime(()) => reply(Reply::ok(Date { date: ldev.time(now) })),
        time::Call::PutTime(Date { date }) => done(ldev.set_time(date, now)),
    })
}
