//! `Finder`: a needle, prepared for many searches.

use memchr::memmem;

/// A needle, made ready for any number of searches. O(needle) to make.
///
/// ```
/// use fragview::{search::Finder, FrozenView};
/// let finder = Finder::new(b"ab");
/// let view = FrozenView::from_slices([&b"xa"[..], b"bab", b"a"])?;
/// assert_eq!(finder.find(&view)?, Some(1));
/// assert_eq!(finder.find_iter(&view)?.collect::<Vec<_>>(), [1, 3]);
/// assert_eq!(finder.rfind_iter(&view)?.collect::<Vec<_>>(), [3, 1]);
/// # Ok::<(), fragview::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Finder<'n> {
    needle: &'n [u8],
    pub(crate) forward: memmem::Finder<'n>,
    /// The first byte that is not zero, and the last one.
    pub(crate) nonzero: Option<(usize, usize)>,
}

impl<'n> Finder<'n> {
    /// A finder of `needle`. O(needle).
    #[must_use]
    pub fn new(needle: &'n [u8]) -> Self {
        let nonzero = |&byte: &u8| byte != 0;
        let ends = needle
            .iter()
            .position(nonzero)
            .zip(needle.iter().rposition(nonzero));
        Self {
            needle,
            forward: memmem::Finder::new(needle),
            nonzero: ends,
        }
    }

    /// The needle. O(1).
    #[must_use]
    pub const fn needle(&self) -> &'n [u8] {
        self.needle
    }
}
