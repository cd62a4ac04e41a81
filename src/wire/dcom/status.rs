//! HRESULTs of DCOM itself: the ones its methods answer with.

/// Done.
pub const S_OK: u32 = 0;
/// Done for some of the elements.
pub const S_FALSE: u32 = 1;
/// The method does nothing here.
pub const E_NOTIMPL: u32 = 0x8000_4001;
/// The object lacks the interface.
pub const E_NOINTERFACE: u32 = 0x8000_4002;
/// An argument is not allowed.
pub const E_INVALIDARG: u32 = 0x8007_0057;
/// A limit of the server is reached.
pub const E_OUTOFMEMORY: u32 = 0x8007_000e;
/// The IPID does not name an interface of the expected kind.
pub const RPC_E_INVALID_OBJECT: u32 = 0x8001_0114;
/// The class cannot be activated here.
pub const REGDB_E_CLASSNOTREG: u32 = 0x8004_0154;
/// Activation asked for a file, which nothing here can load.
pub const CO_E_BAD_PATH: u32 = 0x8008_0004;
/// The OXID is unknown.
pub const OR_INVALID_OXID: u32 = 0x8007_0776;
/// The OID is unknown.
pub const OR_INVALID_OID: u32 = 0x8007_0777;
/// The ping set is unknown.
pub const OR_INVALID_SET: u32 = 0x8007_0778;
