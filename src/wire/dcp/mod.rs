//! PROFINET DCP: who is on this link, and what are their names and addresses (spec `dcp-lldp-snmp` 2 and 3).
//!
//! ```text
//!  0      2    3    4      8      10      12                 offsets from behind the EtherType 0x8892
//!  +------+----+----+------+------+-------+--------
//!  |FrmID |svc |type| Xid  |delay |length | blocks         delay: Identify requests only, else reserved
//!  +------+----+----+------+------+-------+--------        length: of the blocks, their padding included
//!
//!  block            option u8 | suboption u8 | length u16 | body | one zero byte if the length is odd
//!  body begins with nothing (Identify request), BlockInfo u16 (answers, Hello), BlockQualifier u16 (Set)
//!  Get request      a bare list of option u8, suboption u8
//!  result of a Set  05 04 0003 | option u8 | suboption u8 | error u8
//! ```
//!
//! [`Pdu::parse`] takes what stands behind the EtherType and reads exactly the announced length, so the padding of
//! short frames is ignored; [`Pdu::emit`] gives the same without that padding, [`Pdu::frame`] the whole frame.
//! Options that are unknown, or known with a length they cannot have, are kept raw ([`Value::Other`]); a block that
//! runs over the announced length makes the whole PDU unreadable.
//!
//! Where to start: [`Body`], then [`Value`]. Who may say what when is `proto::dcp`.

mod block;
mod id;
mod pdu;
mod value;

pub use block::{Answer, Block, BlockError, BlockInfo, BlockQualifier, BlockResult, ResetMode, SetBlock};
pub use id::OptionId;
pub use pdu::{Body, Filter, FrameId, MAX_DATA, Pdu, Service};
pub use value::{DeviceIdentity, DeviceRole, IpSuite, RsiProperties, Value};

#[cfg(test)]
mod tests;
