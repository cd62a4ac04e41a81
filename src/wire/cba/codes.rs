//! HRESULTs of CBA, COM and automation, by name, with a sentence each.
//!
//! Codes and names come from the protocol; the sentences are this project's reading of the names
//! (protocol notes, section 6).

use std::fmt;

/// A result code. Bit 31 set means failure.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct HResult(pub u32);

/// What is said of a code without a name.
const UNKNOWN: &str = "unknown result code";

impl HResult {
    /// Whether the code is a success (bit 31 clear), as S_FALSE and the CBA_S codes are.
    pub const fn is_success(self) -> bool {
        self.0 & 0x8000_0000 == 0
    }

    /// Whether the code is a failure.
    pub const fn is_failure(self) -> bool {
        !self.is_success()
    }

    /// Name, if it has one.
    pub fn name(self) -> Option<&'static str> {
        self.entry().map(|entry| entry.1)
    }

    /// What the code says, as a sentence; "unknown result code" for one without a name.
    pub fn meaning(self) -> &'static str {
        self.entry().map_or(UNKNOWN, |entry| entry.2)
    }

    /// All that [`meaning`](Self::meaning) can say.
    pub fn meanings() -> impl Iterator<Item = &'static str> {
        CODES.iter().map(|entry| entry.2).chain([UNKNOWN])
    }

    fn entry(self) -> Option<&'static (u32, &'static str, &'static str)> {
        CODES.iter().find(|entry| entry.0 == self.0)
    }
}

impl From<u32> for HResult {
    fn from(value: u32) -> Self {
        Self(value)
    }
}

impl From<HResult> for u32 {
    fn from(value: HResult) -> u32 {
        value.0
    }
}

impl fmt::Display for HResult {
    /// `CBA_E_TYPEMISMATCH (0x8004CB03)`, `0x80041234`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (0x{:08X})", self.0),
            None => write!(f, "0x{:08X}", self.0),
        }
    }
}

impl fmt::Debug for HResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! codes {
    ($($value:literal $name:ident $meaning:literal;)*) => {
        impl HResult {
            $(
                #[doc = $meaning]
                pub const $name: Self = Self($value);
            )*
        }

        /// Code, name, meaning; in the order of the protocol notes.
        const CODES: &[(u32, &str, &str)] = &[$(($value, stringify!($name), $meaning),)*];
    };
}

codes! {
    0x0000_0000 S_OK "Everything was done.";
    0x0000_0001 S_FALSE "Done, but some elements failed.";
    0x0004_CA00 CBA_S_PERSISTPENDING "Accepted; saving is still to be done.";
    0x0004_CA01 CBA_S_ESTABLISHING "Accepted; the connection is being set up.";
    0x0004_CA02 CBA_S_NOCONNECTION "There is no connection, or no longer.";
    0x0004_CA03 CBA_S_VALUEBUFFERED "The value was accepted and buffered.";
    0x0004_CA04 CBA_S_VALUEUNCERTAIN "The value is delivered with uncertain quality.";
    0x0004_CA05 CBA_S_NOCONNECTIONDATA "The connection stands but has carried no data yet.";
    0x0004_CA06 CBA_S_FRAMEEMPTY "The communication relation has no records.";
    0x8004_CB00 CBA_E_MALFORMED "A string or argument is not well formed.";
    0x8004_CB01 CBA_E_UNKNOWNOBJECT "The logical device or RT-Auto is unknown.";
    0x8004_CB02 CBA_E_UNKNOWNMEMBER "The property is unknown.";
    0x8004_CB03 CBA_E_TYPEMISMATCH "The types of both ends differ.";
    0x8004_CB04 CBA_E_INVALIDENUMVALUE "The value is not defined in its enumeration.";
    0x8004_CB05 CBA_E_INVALIDID "The ConsID, ProvID or CR id is unknown.";
    0x8004_CB06 CBA_E_INVALIDEPSILON "The epsilon has a wrong type or is negative.";
    0x8004_CB07 CBA_E_INVALIDSUBSTITUTE "The substitute value has a wrong type.";
    0x8004_CB08 CBA_E_INVALIDCONNECTION "The connection is not possible, for example because the consumer item is already connected.";
    0x8004_CB09 CBA_E_INVALIDCOOKIE "The cookie of the subscription is unknown.";
    0x8004_CB0A CBA_E_TIMEVALUEUNSUPPORTED "The time cannot be set to this value.";
    0x8004_CB0B CBA_E_QOSTYPEUNSUPPORTED "The device does not offer this QoS type.";
    0x8004_CB0C CBA_E_QOSVALUEUNSUPPORTED "The device does not offer this QoS value.";
    0x8004_CB0D CBA_E_PERSISTRUNNING "A save is running.";
    0x8004_CB0E CBA_E_INUSE "The object is in use.";
    0x8004_CB0F CBA_E_NOTAPPLICABLE "The call is not allowed in the present state.";
    0x8004_CB10 CBA_E_NONACCESSIBLE "The partner cannot be reached.";
    0x8004_CB11 CBA_E_DEFECT "The logical device is defect.";
    0x8004_CB12 CBA_E_LIMITVIOLATION "A limit of the device is violated.";
    0x8004_CB13 CBA_E_QOSTYPENOTAPPLICABLE "The QoS type does not suit this item or partner.";
    0x8004_CB14 CBA_E_QCNOTAPPLICABLE "The quality code cannot be written.";
    0x8004_CB15 CBA_E_ACCESSBLOCKED "The item may not be written, or is locked.";
    0x8004_CB16 CBA_E_COUNTEXCEEDED "The device holds no more connections.";
    0x8004_CB17 CBA_E_SIZEEXCEEDED "The connections need more bytes than the device has.";
    0x8004_CB18 CBA_E_OUTOFPARTNERACCOS "The device holds no more partners.";
    0x8004_CB19 CBA_E_OUTOFACCOPAIRS "The device holds no more pairs of partners.";
    0x8004_CB1A CBA_E_ITEMTOOLARGE "The item is larger than the device can transport.";
    0x8004_CB1B CBA_E_CRDATALENGTH "The record does not fit the communication relation.";
    0x8004_CB1C CBA_E_FLAGUNSUPPORTED "A flag of ConnectCR is not supported.";
    0x8004_CB1D CBA_E_CAPACITYEXCEEDED "The capacity of the device is exceeded.";
    0x8004_CB1E CBA_E_SUBELEMENTMISMATCH "A member of a structure differs.";
    0x8004_CB1F CBA_E_STATIONFAILURE "A PROFIBUS slave behind the proxy failed.";
    0x8004_CB20 CBA_E_NOTROUTABLE "Real-time frames cannot cross subnets.";
    0x8004_CB21 CBA_E_DISCONNECTRUNNING "A disconnect is running.";
    0x8004_CB22 CBA_E_LOCATIONCHANGED "The partner has moved.";
    0x8004_CB23 CBA_E_FRAMECOUNTUNSUPPORTED "The device offers fewer communication relations.";
    0x8004_CB24 CBA_E_LINKFAILURE "The network link failed.";
    0x8004_CB25 CBA_E_MODECHANGE "The mode of the partner changed.";
    0x8000_4001 E_NOTIMPL "Not implemented.";
    0x8000_4002 E_NOINTERFACE "The object has no such interface.";
    0x8000_4003 E_POINTER "A pointer is NULL that must not be.";
    0x8000_4005 E_FAIL "Failed without a stated reason.";
    0x8007_0005 E_ACCESSDENIED "Access denied.";
    0x8007_000E E_OUTOFMEMORY "Out of memory.";
    0x8007_0057 E_INVALIDARG "An argument is invalid.";
    0x8000_FFFF E_UNEXPECTED "Unexpected failure.";
    0x8001_0108 RPC_E_DISCONNECTED "The object is no longer connected.";
    0x8001_0110 RPC_E_VERSION_MISMATCH "The COM versions do not match.";
    0x8001_0113 RPC_E_INVALID_IPID "The interface pointer id does not belong to the interface.";
    0x8001_011F RPC_E_TIMEOUT "The call was not answered in time.";
    0x8002_0003 DISP_E_MEMBERNOTFOUND "There is no member with this DISPID.";
    0x8002_0004 DISP_E_PARAMNOTFOUND "A parameter was not found.";
    0x8002_0005 DISP_E_TYPEMISMATCH "A parameter has the wrong type.";
    0x8002_0006 DISP_E_UNKNOWNNAME "There is no member with this name.";
    0x8002_0008 DISP_E_BADVARTYPE "A VARIANT type is not valid here.";
    0x8002_0009 DISP_E_EXCEPTION "The member raised an exception.";
    0x8002_000A DISP_E_OVERFLOW "A value does not fit its type.";
    0x8004_0154 REGDB_E_CLASSNOTREG "The class is not registered.";
    0x8008_0004 CO_E_BAD_PATH "The path of the object is not valid.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sentences() {
        assert_eq!(HResult::CBA_E_TYPEMISMATCH.to_string(), "CBA_E_TYPEMISMATCH (0x8004CB03)");
        assert_eq!(HResult(0x8004_1234).to_string(), "0x80041234");
        assert_eq!(HResult(0x8004_1234).meaning(), "unknown result code");
        assert!(HResult::S_FALSE.is_success() && HResult::CBA_S_ESTABLISHING.is_success());
        assert!(HResult::E_FAIL.is_failure());
    }

    #[test]
    fn no_code_twice_and_every_sentence_ends() {
        let mut codes: Vec<u32> = CODES.iter().map(|entry| entry.0).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), CODES.len());
        assert!(CODES.iter().all(|entry| entry.2.ends_with('.')));
        // 7 success and 38 failure codes are CBA's own.
        assert_eq!(CODES.iter().filter(|entry| entry.1.starts_with("CBA_")).count(), 45);
    }
}
