//! The mappings of the process, as the systems describe them.

/// A mapping of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// The address of its first byte.
    pub(super) first: usize,
    /// The address behind its last byte.
    pub(super) end: usize,
    /// False if its pages are private to the process.
    pub(super) shared: bool,
}

impl Mapping {
    /// Whether it has an address.
    pub(super) fn has(&self, address: usize) -> bool {
        self.first <= address && address < self.end
    }
}

/// The mappings that the process has, and the most that it may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) present: usize,
    pub(super) allowed: usize,
}
