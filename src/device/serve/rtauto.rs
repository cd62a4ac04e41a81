//! A technological function: who it is, and its properties through IDispatch.

use super::ldev::component_info;
use super::pdev::{revision, text};
use super::{Answer, on_ldev, outcome, read, reply};
use crate::device::core::DeviceCore;
use crate::device::ldev::LDev;
use crate::wire::cba::dispatch::{
    self, GetIdsOfNamesResponse, INVOKE_PROPERTY_GET, INVOKE_PROPERTY_PUT, INVOKE_PROPERTY_PUT_REF, InvokeRequest,
    InvokeResponse,
};
use crate::wire::cba::rtauto::Call;
use crate::wire::cba::shared::{Count, Object};
use crate::wire::cba::{HResult, Quality, Reply};
use crate::wire::dcerpc::FaultStatus;
use crate::wire::ndr::NdrReader;

/// Convention 5: DISPID of the first property.
const FIRST_DISPID: u32 = 100;
/// DISPID of a name that is unknown.
const DISPID_UNKNOWN: u32 = 0xffff_ffff;

pub(super) fn answer(
    core: &DeviceCore,
    ldev_idx: usize,
    rtauto_idx: usize,
    opnum: u16,
    stub: &mut NdrReader<'_>,
) -> Answer {
    let ldev = core.spec().ldevs.get(ldev_idx).and_then(|ldev| ldev.described());
    let ldev = ldev.ok_or(FaultStatus::INVALID_OBJECT)?;
    let rtauto = ldev.rtautos.get(rtauto_idx).ok_or(FaultStatus::INVALID_OBJECT)?;
    match read(Call::read(opnum, stub))? {
        Call::GetName(()) => text(&rtauto.name),
        Call::GetRevision(()) => revision(rtauto.revision.or(ldev.revision).unwrap_or_else(|| core.spec().revision())),
        Call::GetComponentInfo(()) => component_info(core, ldev_idx),
    }
}

/// IDispatch: names and values of the properties.
pub(super) fn dispatch(
    core: &DeviceCore,
    ldev_idx: usize,
    rtauto_idx: usize,
    opnum: u16,
    stub: &mut NdrReader<'_>,
) -> Answer {
    match read(dispatch::Call::read(opnum, stub))? {
        dispatch::Call::GetTypeInfoCount(()) => reply(Reply::ok(Count { count: 0 })),
        dispatch::Call::GetTypeInfo(_) => reply(Reply::<Object>::only(HResult::E_NOTIMPL)),
        dispatch::Call::GetIdsOfNames(request) => on_ldev(core, ldev_idx, |ldev| {
            let rtauto = ldev.items.rtautos().get(rtauto_idx).ok_or(FaultStatus::INVALID_OBJECT)?;
            let id = |(index, name): (usize, &String)| {
                // Only the first name is a member; the others would name its arguments, and properties have none.
                let at = ldev.items.ports(rtauto).position(|(_, port)| index == 0 && port.name == name.as_str());
                at.and_then(|at| FIRST_DISPID.checked_add(u32::try_from(at).ok()?)).unwrap_or(DISPID_UNKNOWN)
            };
            let ids: Vec<u32> = request.names.iter().enumerate().map(id).collect();
            let known = !ids.contains(&DISPID_UNKNOWN);
            let hr = if known { HResult::S_OK } else { HResult::DISP_E_UNKNOWNNAME };
            reply(Reply { out: GetIdsOfNamesResponse { ids }, hr })
        }),
        dispatch::Call::Invoke(request) => outcome(invoke(core, ldev_idx, rtauto_idx, &request)),
    }
}

fn invoke(
    core: &DeviceCore,
    ldev_idx: usize,
    rtauto_idx: usize,
    request: &InvokeRequest,
) -> Result<InvokeResponse, HResult> {
    let now = core.now();
    let invoke = |ldev: &mut LDev| {
        let items = &mut ldev.items;
        let index = request.dispid.checked_sub(FIRST_DISPID).and_then(|index| usize::try_from(index).ok());
        let item = index.and_then(|index| items.item_of(items.rtautos().get(rtauto_idx)?, index));
        let item = item.ok_or(HResult::DISP_E_MEMBERNOTFOUND)?;
        if request.flags & INVOKE_PROPERTY_GET != 0 {
            return Ok(InvokeResponse::value(items.read(&item)?.value));
        }
        if request.flags & (INVOKE_PROPERTY_PUT | INVOKE_PROPERTY_PUT_REF) == 0 {
            return Err(HResult::DISP_E_MEMBERNOTFOUND);
        }
        let [value] = request.params.args.as_slice() else { return Err(HResult::DISP_E_PARAMNOTFOUND) };
        items.write(&item, value.as_ref(), Quality::GOOD, now.wall).map_err(|hr| match hr {
            HResult::CBA_E_TYPEMISMATCH => HResult::DISP_E_TYPEMISMATCH,
            other => other,
        })?;
        Ok(InvokeResponse::default())
    };
    core.with_ldev(ldev_idx, invoke).unwrap_or(Err(HResult::E_UNEXPECTED))
}
