//! Modes of a search: anywhere, at one place, over all bytes.

/// Where a match may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Anywhere from the search's start on.
    Anywhere,
    /// At the search's start.
    Start,
    /// From the search's start to the view's end.
    Whole,
}
