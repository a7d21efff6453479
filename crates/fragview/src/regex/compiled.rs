//! A compiled pattern.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::cache::Pool;
use super::mode::Mode;
use super::program::Program;

/// A compiled regular expression. Clones share it, from any thread. The [module](crate::regex) describes the
/// syntax.
///
/// ```
/// use fragview::{FrozenView, regex::Regex};
/// let log = FrozenView::from_slices([&b"level=in"[..], b"fo id=7\nlevel=wa", b"rn id=8\n"])?;
/// let regex = Regex::new(br"level=(?P<level>\w+) id=(\d+)").unwrap();
/// let found = regex.find(&log).unwrap();
/// assert_eq!((found.range(), found.group(1), found.group(2)), (0..15, Some(6..10), Some(14..15)));
/// let ids = regex.find_iter(&log).map(|found| log.slice(found.group(2).unwrap()).unwrap().to_vec().unwrap());
/// assert_eq!(ids.collect::<Vec<_>>(), [b"7", b"8"]);
/// # Ok::<(), fragview::Error>(())
/// ```
#[derive(Clone)]
pub struct Regex {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) pattern: Box<[u8]>,
    /// The automata for a search anywhere, and at one place.
    pub(super) program: Program,
    /// The same with the end of the view behind it.
    pub(super) whole: Program,
    /// Scratch of searches, of each program.
    pub(super) pools: [Pool; 2],
    pub(super) names: Vec<Option<Box<str>>>,
}

impl Regex {
    /// Returns the pattern. O(1).
    #[must_use]
    pub fn pattern(&self) -> &[u8] {
        &self.inner.pattern
    }

    /// The names of the groups, the whole match, which has none, first. O(1).
    pub fn group_names(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.inner.names.iter().map(Option::as_deref)
    }

    /// The automata of a way to search, and their scratch.
    pub(super) fn program(&self, mode: Mode) -> (&Program, &Pool) {
        let [anywhere, whole] = &self.inner.pools;
        match mode {
            Mode::Anywhere | Mode::Start => (&self.inner.program, anywhere),
            Mode::Whole => (&self.inner.whole, whole),
        }
    }
}

impl core::fmt::Debug for Regex {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Regex")
            .field(&self.inner.pattern.escape_ascii().to_string())
            .finish()
    }
}
