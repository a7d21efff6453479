//! What a system tells of the mappings of the process.

/// A mapping of the process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mapping {
    /// The address behind its last byte.
    pub(super) end: usize,
    /// False where its pages are the process' own.
    pub(super) shared: bool,
}

/// How many more mappings the process may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) present: usize,
    /// `None` where the system has no limit, or does not tell.
    pub(super) allowed: Option<usize>,
}
