//! Where OXIDs, OIDs and IPIDs come from.

use crate::wire::Guid;

/// Random identifiers, unique world-wide and never 0 (protocol notes 3.2 and 10.3).
///
/// The owner supplies the randomness, so tests are repeatable.
pub struct IdSource(Box<dyn FnMut() -> u128 + Send>);

impl IdSource {
    /// From a source of 128 random bits a call.
    pub fn new(random: impl FnMut() -> u128 + Send + 'static) -> Self {
        Self(Box::new(random))
    }

    /// An IPID or a causality id, as a random UUID (version 4).
    pub fn guid(&mut self) -> Guid {
        const VERSION_AND_VARIANT: u128 = !(0xf << 76) & !(0x3 << 62);
        Guid::from_u128(((self.0)() & VERSION_AND_VARIANT) | (0x4 << 76) | (0x2 << 62))
    }

    /// An OXID, OID or set id: any 64 bits but 0.
    pub fn id(&mut self) -> u64 {
        // The mask keeps the low half, so the cast loses nothing; 1 stands in for the one value that is not allowed.
        (((self.0)() & u128::from(u64::MAX)) as u64).max(1)
    }
}

impl std::fmt::Debug for IdSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdSource")
    }
}
