//! What an association bears.

/// Bounds of one association. Everything a peer can make us hold is bounded by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest PDU we send and announce to take, in bytes with header.
    pub fragment: u16,
    /// Longest PDU accepted, in bytes with header; more than announced, because some peers ignore it.
    pub received_fragment: u16,
    /// Bytes of all stubs under reassembly together, hence of the longest stub too.
    pub stub: usize,
    /// Interfaces agreed on over one association.
    pub contexts: usize,
    /// Calls begun and not yet answered by a server.
    pub calls: usize,
}

impl Limits {
    /// Shortest PDU a peer may ask us to keep to: room for every header and some stub.
    pub const SHORTEST_FRAGMENT: u16 = 64;
}

impl Default for Limits {
    fn default() -> Self {
        Self { fragment: 5840, received_fragment: 16_384, stub: 1 << 20, contexts: 64, calls: 32 }
    }
}
