//! The physical device: who it is, its logical devices, saving.

use super::{Answer, Object, References, outcome, read, reply};
use crate::device::core::DeviceCore;
use crate::wire::Variant;
use crate::wire::cba::pdev::{Call, DeviceType, PDevStamp};
use crate::wire::cba::persist::{self, Save2Response};
use crate::wire::cba::shared::{self, Date, ProfinetRevision, Revision, SerialNo, Text};
use crate::wire::cba::{HResult, Interface, Reply};
use crate::wire::ndr::NdrReader;
use crate::wire::variant::Elements;

use crate::model::Version;

pub(super) fn answer(core: &DeviceCore, references: &dyn References, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    let spec = core.spec();
    match read(Call::read(opnum, stub))? {
        Call::GetProducer(()) => text(&spec.identity.producer),
        Call::GetProduct(()) => text(&spec.identity.product),
        Call::GetSerialNo(()) => serial_no(core),
        Call::GetProductionDate(()) => reply(Reply::ok(Date { date: spec.production_date() })),
        Call::GetRevision(()) => revision(spec.revision()),
        Call::GetLogicalDevice(Text { value }) => {
            let found = core.ldev_index(&value).ok_or(HResult::CBA_E_UNKNOWNOBJECT);
            outcome(found.and_then(|index| object(references, Object::LDev(index), Interface::LogicalDevice)))
        }
        Call::GetType(()) => {
            let kind = DeviceType { multi_app: spec.multi_app, profinet_dcom_stack: !spec.microsoft_stack };
            reply(Reply::ok(kind))
        }
        Call::GetProfinetRevision(()) => profinet_revision(spec.pn_revision()),
        Call::GetPDevStamp(()) => reply(Reply::ok(PDevStamp { stamp: core.stamp() })),
    }
}

/// ICBAPersist and ICBAPersist2.
pub(super) fn persist(core: &DeviceCore, opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    let call = read(persist::Call::read(opnum, stub))?;
    let saved = core.save();
    match call {
        persist::Call::Save(()) => super::done(saved),
        persist::Call::Save2(()) => {
            let hr = saved.err().unwrap_or(HResult::S_OK);
            let names: Vec<String> = core.spec().ldevs.iter().map(|ldev| ldev.name.to_string()).collect();
            let results = vec![hr.0; names.len()];
            let out = Save2Response {
                ldev_names: Some(Variant::vector(Elements::Bstr(names))),
                results: Some(Variant::vector(Elements::Error(results))),
            };
            // The LDevs' results say what failed; as for all calls with elements the whole is then S_FALSE.
            reply(Reply { out, hr: if hr.is_failure() { HResult::S_FALSE } else { HResult::S_OK } })
        }
    }
}

pub(super) fn text(text: &str) -> Answer {
    reply(Reply::ok(Text { value: text.to_owned() }))
}

pub(super) fn serial_no(core: &DeviceCore) -> Answer {
    reply(Reply::ok(SerialNo { value: Some(Variant::Bstr(core.spec().serial_number())) }))
}

pub(super) fn revision(Version([major, minor, ..]): Version) -> Answer {
    reply(Reply::ok(Revision { major, minor }))
}

pub(super) fn profinet_revision(Version([major, minor, service_pack, build]): Version) -> Answer {
    reply(Reply::ok(ProfinetRevision { major, minor, service_pack, build }))
}

/// A reference to an object of the device.
pub(super) fn object(
    references: &dyn References,
    object: Object,
    interface: Interface,
) -> Result<shared::Object, HResult> {
    let objref = references.objref(object, interface).ok_or(HResult::E_UNEXPECTED)?;
    Ok(shared::Object { objref: Some(objref) })
}
