//! Stations that say by themselves that they have started.

use super::Identity;
use crate::wire::dcp::{Body, Pdu};
use crate::wire::ethernet::{EtherType, Frame, MacAddress};

/// Who says Hello in this frame, and what of itself; `None` if it is another frame. No answer is due; a station repeats
/// its Hello up to three times.
pub fn hello(frame: &[u8]) -> Option<(MacAddress, Identity)> {
    let frame = Frame::parse(frame).ok()?;
    if frame.ether_type != EtherType::PROFINET || frame.source.is_multicast() {
        return None;
    }
    match Pdu::parse(frame.payload).ok()?.body {
        Body::Hello(blocks) => Some((frame.source, Identity::of(&blocks))),
        _ => None,
    }
}
