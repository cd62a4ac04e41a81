//! What is plugged: real identification, and which modules have I&M data.

use crate::wire::octets::{OctetReader, OctetWriter};

/// What a list is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PluggedKind {
    /// 0x0013 version 1.1: everything that is plugged.
    Real,
    /// 0x0030: submodules with I&M data.
    ImSubmodules,
    /// 0x0031: submodules that stand for their module.
    ImModules,
    /// 0x0032: the submodule that stands for the device.
    ImDevice,
}

impl PluggedKind {
    pub(super) const fn block(self) -> (u16, [u8; 2]) {
        match self {
            Self::Real => (0x0013, [1, 1]),
            Self::ImSubmodules => (0x0030, [1, 0]),
            Self::ImModules => (0x0031, [1, 0]),
            Self::ImDevice => (0x0032, [1, 0]),
        }
    }
}

/// A submodule and its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submodule {
    /// Subslot.
    pub subslot: u16,
    /// Its type, of the manufacturer.
    pub ident: u32,
}

/// A module, its type and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Slot.
    pub slot: u16,
    /// Its type, of the manufacturer.
    pub ident: u32,
    /// At most 65,535; more are not sent.
    pub submodules: Vec<Submodule>,
}

/// Modules of an application profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// 0 = the default one.
    pub api: u32,
    /// At most 65,535; more are not sent.
    pub modules: Vec<Module>,
}

/// A list of what is plugged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugged {
    /// What it is about.
    pub kind: PluggedKind,
    /// At most 65,535; more are not sent.
    pub apis: Vec<Api>,
}

impl Plugged {
    pub(super) fn read(kind: PluggedKind, body: &[u8]) -> Option<Self> {
        let mut r = OctetReader::big(body);
        let mut apis = Vec::new();
        for _ in 0..r.u16("").ok()? {
            let api = r.u32("").ok()?;
            let mut modules = Vec::new();
            for _ in 0..r.u16("").ok()? {
                let (slot, ident) = (r.u16("").ok()?, r.u32("").ok()?);
                let mut submodules = Vec::new();
                for _ in 0..r.u16("").ok()? {
                    submodules.push(Submodule { subslot: r.u16("").ok()?, ident: r.u32("").ok()? });
                }
                modules.push(Module { slot, ident, submodules });
            }
            apis.push(Api { api, modules });
        }
        (r.remaining() == 0).then_some(Self { kind, apis })
    }

    pub(super) fn write(&self, w: &mut OctetWriter) {
        let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let most = usize::from(u16::MAX);
        w.u16(count(self.apis.len()));
        for api in self.apis.iter().take(most) {
            w.u32(api.api);
            w.u16(count(api.modules.len()));
            for module in api.modules.iter().take(most) {
                w.u16(module.slot);
                w.u32(module.ident);
                w.u16(count(module.submodules.len()));
                for submodule in module.submodules.iter().take(most) {
                    w.u16(submodule.subslot);
                    w.u32(submodule.ident);
                }
            }
        }
    }
}
