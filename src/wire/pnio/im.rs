//! Identification and maintenance: who made this, and what it is called in the plant.

use std::fmt;

use super::{pad, padded};
use crate::wire::octets::{OctetReader, OctetWriter};

/// Which of I&M1 … I&M15 a module has: bit n = I&Mn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ImSupported(pub u16);

impl ImSupported {
    /// Whether it has I&Mn.
    pub fn has(self, n: u32) -> bool {
        self.0.checked_shr(n).is_some_and(|bits| bits & 1 == 1)
    }
}

/// I&M0: who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Im0 {
    /// Of the manufacturer.
    pub vendor: u16,
    /// At most 20 characters.
    pub order_number: String,
    /// At most 16 characters.
    pub serial_number: String,
    /// Revision of the hardware.
    pub hardware: u16,
    /// V released, R revision, P prototype, U field test, T test device.
    pub prefix: char,
    /// Functional enhancement, bug fix, internal change.
    pub software: [u8; 3],
    /// Counts changes of hardware or parameters.
    pub revision_counter: u16,
    /// Profile.
    pub profile: u16,
    /// Type in its profile.
    pub profile_type: u16,
    /// Version of these records, major and minor.
    pub version: [u8; 2],
    /// Which others there are.
    pub supported: ImSupported,
}

impl Im0 {
    /// `V0.2.0`.
    pub fn software_text(&self) -> String {
        let [functional, fix, internal] = self.software;
        format!("{}{functional}.{fix}.{internal}", self.prefix)
    }

    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let mut r = OctetReader::big(body);
        let im = Self {
            vendor: r.u16("").ok()?,
            order_number: padded(r.take(20, "").ok()?)?,
            serial_number: padded(r.take(16, "").ok()?)?,
            hardware: r.u16("").ok()?,
            prefix: char::from(r.u8("").ok()?),
            software: r.array("").ok()?,
            revision_counter: r.u16("").ok()?,
            profile: r.u16("").ok()?,
            profile_type: r.u16("").ok()?,
            version: r.array("").ok()?,
            supported: ImSupported(r.u16("").ok()?),
        };
        (r.remaining() == 0).then_some(im)
    }

    pub(super) fn write(&self, w: &mut OctetWriter) {
        w.u16(self.vendor);
        w.bytes(&pad(&self.order_number, 20));
        w.bytes(&pad(&self.serial_number, 16));
        w.u16(self.hardware);
        w.u8(u8::try_from(self.prefix).unwrap_or(b'?'));
        w.bytes(&self.software);
        w.u16(self.revision_counter);
        w.u16(self.profile);
        w.u16(self.profile_type);
        w.bytes(&self.version);
        w.u16(self.supported.0);
    }
}

impl fmt::Display for Im0 {
    /// `12345 Abcdefghijk, serial 007, hardware 3, software V0.2.0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { order_number, serial_number, hardware, .. } = self;
        write!(f, "{order_number}, serial {serial_number}, hardware {hardware}, software {}", self.software_text())
    }
}

/// I&M1: what it is called in the plant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Im1 {
    /// What it is for, at most 32 characters.
    pub function: String,
    /// Where it is, at most 22 characters.
    pub location: String,
}

impl Im1 {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let (function, location) = body.split_at_checked(32)?;
        (location.len() == 22).then_some(())?;
        Some(Self { function: padded(function)?, location: padded(location)? })
    }

    pub(super) fn write(&self, w: &mut OctetWriter) {
        w.bytes(&pad(&self.function, 32));
        w.bytes(&pad(&self.location, 22));
    }
}
