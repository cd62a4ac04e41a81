//! Interfaces and classes of DCOM itself, all in version 0.0.

use crate::wire::Guid;

/// IOXIDResolver (IObjectExporter): ping and OXID resolution, port 135.
pub const OXID_RESOLVER: Guid = Guid::from_u128(0x99fc_fec4_5260_101b_bbcb_00aa_0021_347a);
/// IActivation (IRemoteActivation), port 135.
pub const ACTIVATION: Guid = Guid::from_u128(0x4d9f_4ab8_7d1c_11cf_861e_0020_af6e_7c57);
/// ISystemActivator (IRemoteSCMActivator), port 135.
pub const SYSTEM_ACTIVATOR: Guid = com(0x0000_01a0);
/// IRemUnknown: QueryInterface and reference counting on an exporter.
pub const REM_UNKNOWN: Guid = com(0x0000_0131);
/// IRemUnknown2.
pub const REM_UNKNOWN2: Guid = com(0x0000_0143);
/// IUnknown, which every object has.
pub const UNKNOWN: Guid = com(0x0000_0000);
/// IDispatch.
pub const DISPATCH: Guid = com(0x0002_0400);

/// A GUID of the `-0000-0000-c000-000000000046` family.
pub(crate) const fn com(first: u32) -> Guid {
    Guid::with_first(first, Guid::from_u128(0x0000_0000_0000_0000_c000_0000_0000_0046))
}
