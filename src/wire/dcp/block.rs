//! Blocks: values with what stands before them, and results (spec 3.3 to 3.5).

use std::fmt;

use super::{OptionId, Value};

/// What an answer says beside a value; only for IP parameters it means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BlockInfo(pub u16);

impl BlockInfo {
    /// The address was set by hand or by a tool. (Stations also send 0 beside a valid address.)
    pub const SET: Self = Self(1);
    /// The address came by DHCP.
    pub const DHCP: Self = Self(2);

    /// The address came by DHCP.
    pub const fn is_dhcp(self) -> bool {
        self.0 & 0x03 == 2
    }

    /// The station found its address used by another one.
    pub const fn is_conflict(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// How a value is to be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BlockQualifier(pub u16);

impl BlockQualifier {
    /// Until the station loses power. A temporary name or address also erases the stored one.
    pub const TEMPORARY: Self = Self(0);
    /// Kept by the station.
    pub const PERMANENT: Self = Self(1);

    /// For [`Value::ResetToFactory`]: what is to be reset.
    pub const fn reset(mode: ResetMode) -> Self {
        Self(mode.raw().wrapping_mul(2))
    }

    /// Whether bit 0 is set.
    pub const fn is_permanent(self) -> bool {
        self.0 & 1 != 0
    }

    /// What is to be reset; bit 0 means nothing there.
    pub fn reset_mode(self) -> ResetMode {
        ResetMode::from(self.0 / 2)
    }
}

open_enum! {
    /// What Reset to factory resets.
    ResetMode: u16 {
        /// Data of the application.
        Application = 1 "application data",
        /// Name and address.
        Communication = 2 "communication parameters",
        /// What engineering has set.
        Engineering = 3 "engineering parameters",
        /// Everything stored.
        AllData = 4 "all stored data",
        /// As it left the factory.
        Device = 8 "device to factory state",
        /// Reset and restored.
        ResetAndRestore = 9 "reset and restore",
    }

    /// What became of a block.
    BlockError: u8 {
        /// It is in effect, or soon will be.
        Done = 0 "done",
        /// The option is not known there.
        OptionUnsupported = 1 "option not supported",
        /// The suboption is not known there, or there is no data for it.
        SuboptionUnsupported = 2 "suboption not supported, or no data for it",
        /// A bad name or a bad address.
        ValueNotAccepted = 3 "value not accepted",
        /// The device is short of something.
        NoResources = 4 "device has no resources",
        /// Not possible for local reasons.
        LocalReasons = 5 "not possible for local reasons",
        /// A controller owns the device.
        InOperation = 6 "not possible while the device is in operation",
    }
}

/// A value in an answer or a Hello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What is said beside it.
    pub info: BlockInfo,
    /// The value.
    pub value: Value,
}

impl From<Value> for Block {
    fn from(value: Value) -> Self {
        Self { info: BlockInfo::default(), value }
    }
}

/// A value to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetBlock {
    /// How.
    pub qualifier: BlockQualifier,
    /// To what.
    pub value: Value,
}

/// What became of one block of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockResult {
    /// The option of the request.
    pub about: OptionId,
    /// How it went.
    pub error: BlockError,
}

impl fmt::Display for BlockResult {
    /// `name of station (2/2): value not accepted`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.error)
    }
}

/// What a station answers to one option asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The value.
    Value(Block),
    /// Why there is none.
    Refused(BlockResult),
}
