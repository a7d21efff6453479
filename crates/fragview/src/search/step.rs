//! How far a search in steps has come.

/// How far a search has come; see [`Forward::next_within`](super::Forward::next_within). A match is told by
/// the index where it begins, that of a regular expression by more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<T = usize> {
    /// A match.
    Found(T),
    /// There is no further match.
    End,
    /// Enough bytes were looked at for now; the next call goes on.
    Paused,
}
