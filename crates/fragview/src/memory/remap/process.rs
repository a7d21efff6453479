//! What a system tells of the mappings of the process.

/// A mapping of the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mapping {
    /// The address behind its last byte.
    pub(super) end: usize,
    /// False where its pages are the process' own.
    pub(super) shared: bool,
}

/// The mappings that the process has, and the most that it may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) present: usize,
    pub(super) allowed: usize,
}
