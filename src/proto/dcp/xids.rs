//! Fresh numbers for requests.

/// Hands out Xids: a counter from a start that whoever makes it has drawn.
#[derive(Debug, Clone)]
pub struct Xids(u32);

impl Xids {
    /// Counts from `start`, which should be random.
    pub fn new(start: u32) -> Self {
        Self(start)
    }

    /// The next number.
    pub fn fresh(&mut self) -> u32 {
        self.reserve(1)
    }

    /// The first of the next `n` numbers.
    pub(super) fn reserve(&mut self, n: u32) -> u32 {
        let first = self.0;
        self.0 = first.wrapping_add(n);
        first
    }
}
