//! Status codes of faults, with the names an engineer can look up.

use std::fmt;

/// Status of a fault: a DCE status, a Windows error or an HRESULT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FaultStatus(pub u32);

macro_rules! statuses {
    ($($(#[$doc:meta])* $konst:ident = $value:literal, $name:literal;)*) => {
        impl FaultStatus {
            $($(#[$doc])* pub const $konst: Self = Self($value);)*

            /// Name of the status, if it is a known one.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    /// The interface has no such opnum.
    OP_RANGE = 0x1c01_0002, "nca_op_rng_error";
    /// Unknown context or interface.
    UNKNOWN_INTERFACE = 0x1c01_0003, "nca_unk_if";
    /// The peer broke the protocol.
    PROTOCOL = 0x1c01_000b, "nca_proto_error";
    /// More calls at once than the server bears.
    TOO_BUSY = 0x1c01_0014, "nca_server_too_busy";
    /// The server met a condition it has no name for.
    UNSPECIFIED = 0x1c00_0012, "nca_fault_unspec";
    /// The context was never agreed on; other servers' word for [`Self::UNKNOWN_INTERFACE`].
    INVALID_CONTEXT = 0x1c00_001c, "nca_invalid_pres_context_id";
    /// A variant of a union or a tag is out of range.
    INVALID_TAG = 0x1c00_0006, "nca_fault_invalid_tag";
    /// A count or bound is out of range.
    INVALID_BOUND = 0x1c00_0007, "nca_fault_invalid_bound";
    /// The server ran out of memory.
    NO_MEMORY = 0x1c00_001b, "nca_fault_remote_no_memory";
    /// The object UUID is not known; other servers' word for [`Self::DISCONNECTED`].
    OBJECT_NOT_FOUND = 0x1c00_0024, "nca_fault_object_not_found";
    /// The call was cancelled.
    CANCELLED = 0x1c00_000d, "nca_fault_cancel";
    /// Not allowed.
    ACCESS_DENIED = 0x0000_0005, "access denied";
    /// The stub is too short or cannot be read.
    BAD_STUB = 0x0000_06f7, "RPC_X_BAD_STUB_DATA";
    /// The IPID is unknown, or was released.
    DISCONNECTED = 0x8001_0108, "RPC_E_DISCONNECTED";
    /// The COM version differs in its major part.
    VERSION_MISMATCH = 0x8001_0110, "RPC_E_VERSION_MISMATCH";
    /// The IPID belongs to another interface.
    INVALID_IPID = 0x8001_0113, "RPC_E_INVALID_IPID";
    /// The method threw.
    SERVER_FAULT = 0x8001_0105, "RPC_E_SERVERFAULT";
    /// The object exists no more.
    INVALID_OBJECT = 0x8001_0114, "RPC_E_INVALID_OBJECT";
    /// The method is not there.
    INVALID_METHOD = 0x8001_0107, "RPC_E_INVALIDMETHOD";
    /// The call took too long.
    TIMEOUT = 0x8001_011f, "RPC_E_TIMEOUT";
}

impl fmt::Display for FaultStatus {
    /// `nca_op_rng_error (0x1c010002)`, or the number alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (0x{:08x})", self.0),
            None => write!(f, "status 0x{:08x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown_statuses_print() {
        assert_eq!(FaultStatus::OP_RANGE.to_string(), "nca_op_rng_error (0x1c010002)");
        assert_eq!(FaultStatus(0x1234).to_string(), "status 0x00001234");
    }
}
