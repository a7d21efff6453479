//! The mappings of the process, as the systems describe them.

/// A mapping of the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mapping {
    /// The address behind its last byte.
    pub(super) end: usize,
    /// False if its pages are private to the process.
    pub(super) shared: bool,
}

/// The mappings that the process has, and the most that it may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) present: usize,
    pub(super) allowed: usize,
}
