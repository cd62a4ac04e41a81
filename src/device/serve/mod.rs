//! Answers to calls: which object has which interface, and what each method does.
//!
//! A call comes as object, interface, number of the method and stub; out goes a stub or a fault. Nothing here waits: the device is
//! changed under its lock, and what follows from that (calls at others) is done by [`drive`](super::drive).

mod acco;
mod browse;
mod ldev;
mod pdev;
mod rtauto;

use super::core::DeviceCore;
use super::ldev::LDev;
use crate::model::LogicalDevice;
use crate::wire::WireError;
use crate::wire::cba::dispatch::{self, GetIdsOfNamesResponse, InvokeResponse};
use crate::wire::cba::shared::{Count, Object as ObjectOut};
use crate::wire::cba::{Arguments, HResult, Interface, Reply};
use crate::wire::dcerpc::FaultStatus;
use crate::wire::ndr::{NdrReader, NdrWriter};

/// An object that clients can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Object {
    /// The physical device.
    PDev,
    /// A logical device, by index.
    LDev(usize),
    /// Its connection manager.
    Acco(usize),
    /// A function of it, by index.
    RtAuto(usize, usize),
}

/// Makes references to objects; done by whoever has put them on the network.
pub(super) trait References {
    /// OBJREF bytes of an interface of an object; `None` when the device does not serve (any more).
    fn objref(&self, object: Object, interface: Interface) -> Option<Vec<u8>>;
}

/// A call's answer: the stub behind ORPCTHAT, or a fault.
pub(super) type Answer = Result<Vec<u8>, FaultStatus>;

/// The interfaces of an object of a device of this stage.
pub(super) fn interfaces(object: Object, stage: u8, described: Option<&LogicalDevice>) -> Vec<Interface> {
    let has = |offered: fn(&LogicalDevice) -> bool| described.is_some_and(offered);
    let all: &[(Interface, bool)] = match object {
        Object::PDev => &[(Interface::PhysicalDevice, true), (Interface::Browse, true), (Interface::Persist, true)],
        Object::LDev(_) => &[
            (Interface::LogicalDevice, true),
            (Interface::State, has(|ldev| ldev.has_state)),
            (Interface::GroupError, has(|ldev| ldev.has_group_error)),
            (Interface::Time, has(|ldev| ldev.has_time)),
            (Interface::Browse, true),
        ],
        Object::Acco(_) => &[
            (Interface::AccoMgt, true),
            (Interface::AccoServer, true),
            (Interface::AccoCallback, true),
            (Interface::AccoSync, true),
        ],
        Object::RtAuto(..) => &[(Interface::RtAuto, true), (Interface::Browse, true)],
    };
    // Automation clients ask every object of theirs for IDispatch itself.
    let automation = all.iter().any(|(interface, _)| interface.is_dispatch());
    let mut interfaces: Vec<Interface> = all.iter().filter(|(_, has)| *has).map(|(interface, _)| *interface).collect();
    if stage >= 2 {
        let extended =
            Interface::ALL.into_iter().filter(|i| i.extends().is_some_and(|base| interfaces.contains(&base)));
        let extended: Vec<_> = extended.collect();
        interfaces.extend(extended);
    }
    if automation {
        interfaces.push(Interface::Dispatch);
    }
    interfaces
}

/// Answers one call. `stub` stands behind ORPCTHIS.
pub(super) fn answer(
    core: &DeviceCore,
    references: &dyn References,
    object: Object,
    interface: Interface,
    opnum: u16,
    stub: &mut NdrReader<'_>,
) -> Answer {
    if !interface.opnums().contains(&opnum) {
        return Err(FaultStatus::OP_RANGE);
    }
    if interface.is_dispatch() && dispatch::is_dispatch_opnum(opnum) {
        return match object {
            Object::RtAuto(ldev, rtauto) if matches!(base_of(interface), Interface::Dispatch | Interface::RtAuto) => {
                rtauto::dispatch(core, ldev, rtauto, opnum, stub)
            }
            _ => no_dispatch(opnum, stub),
        };
    }
    match (object, base_of(interface)) {
        (Object::PDev, Interface::PhysicalDevice) => pdev::answer(core, references, opnum, stub),
        (Object::PDev, Interface::Persist) => pdev::persist(core, opnum, stub),
        (_, Interface::Browse) => browse::answer(core, object, opnum, stub),
        (Object::LDev(ldev), Interface::LogicalDevice) => ldev::answer(core, references, ldev, opnum, stub),
        (Object::LDev(ldev), Interface::State) => ldev::state(core, ldev, opnum, stub),
        (Object::LDev(ldev), Interface::GroupError) => ldev::group_error(core, ldev, opnum, stub),
        (Object::LDev(ldev), Interface::Time) => ldev::time(core, ldev, opnum, stub),
        (Object::Acco(ldev), Interface::AccoMgt) => acco::management(core, ldev, opnum, stub),
        (Object::Acco(ldev), Interface::AccoServer) => acco::server(core, ldev, opnum, stub),
        (Object::Acco(ldev), Interface::AccoCallback) => acco::callback(core, ldev, opnum, stub),
        (Object::Acco(ldev), Interface::AccoSync) => acco::sync(core, ldev, opnum, stub),
        (Object::RtAuto(ldev, rtauto), Interface::RtAuto) => rtauto::answer(core, ldev, rtauto, opnum, stub),
        _ => Err(FaultStatus::UNKNOWN_INTERFACE),
    }
}

fn base_of(interface: Interface) -> Interface {
    interface.extends().unwrap_or(interface)
}

/// The IDispatch part of objects that offer nothing through it (convention 5).
fn no_dispatch(opnum: u16, stub: &mut NdrReader<'_>) -> Answer {
    match read(dispatch::Call::read(opnum, stub))? {
        dispatch::Call::GetTypeInfoCount(()) => reply(Reply::ok(Count { count: 0 })),
        dispatch::Call::GetTypeInfo(_) => reply(Reply::<ObjectOut>::only(HResult::E_NOTIMPL)),
        dispatch::Call::GetIdsOfNames(_) => reply(Reply::<GetIdsOfNamesResponse>::only(HResult::E_NOTIMPL)),
        dispatch::Call::Invoke(_) => reply(Reply::<InvokeResponse>::only(HResult::E_NOTIMPL)),
    }
}

/// The call in a stub, or the fault for a stub that holds none.
fn read<T>(call: Result<Option<T>, WireError>) -> Result<T, FaultStatus> {
    match call {
        Ok(Some(call)) => Ok(call),
        Ok(None) => Err(FaultStatus::OP_RANGE),
        Err(_) => Err(FaultStatus::BAD_STUB),
    }
}

fn reply<T: Arguments>(reply: Reply<T>) -> Answer {
    let mut writer = NdrWriter::new();
    reply.write(&mut writer);
    Ok(writer.into_bytes())
}

/// Answers by working on a logical device.
fn on_ldev(core: &DeviceCore, index: usize, work: impl FnOnce(&mut LDev) -> Answer) -> Answer {
    core.with_ldev(index, work).unwrap_or(Err(FaultStatus::INVALID_OBJECT))
}

/// As [`on_ldev`]; where connections may be added, with the limits of the device as a whole.
fn on_ldev_admitting(core: &DeviceCore, index: usize, admits: bool, work: impl FnOnce(&mut LDev) -> Answer) -> Answer {
    let answer = if admits { core.with_ldev_admitting(index, work) } else { core.with_ldev(index, work) };
    answer.unwrap_or(Err(FaultStatus::INVALID_OBJECT))
}

/// A reply without [out] arguments.
fn done(result: Result<(), HResult>) -> Answer {
    reply(Reply::<()>::only(result.err().unwrap_or(HResult::S_OK)))
}

/// A reply with [out] arguments, or only the reason against it.
fn outcome<T: Arguments + Default>(result: Result<T, HResult>) -> Answer {
    reply(match result {
        Ok(out) => Reply::ok(out),
        Err(hr) => Reply::only(hr),
    })
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
