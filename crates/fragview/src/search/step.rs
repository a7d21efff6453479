//! `Step`: the result of one step of a search.

/// How far a search has come; see [`Forward::next_within`](super::Forward::next_within). A match is told by
/// the index where it begins, that of a regular expression by more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<T = usize> {
    /// A match.
    Found(T),
    /// There is no further match.
    End,
    /// The step has read its bytes; the next call continues.
    Paused,
}
