//! Regular expressions over views, without joining them.
//!
//! A [`Regex`] is made of a pattern of bytes in the syntax of the crate `regex`, with Unicode off: `.` is a byte, `\w`, `\d`,
//! `\s` and `(?i)` know ASCII. There are no backreferences and nothing that looks around but `^`, `$`, `\b` and their like;
//! therefore a search takes time linear in the bytes it looks at, whatever the pattern.
//!
//! The automata are `regex-automata`'s, which take one byte at a time: one finds where the leftmost match ends, a reversed
//! one where it begins. Neither needs the bytes in one piece, only in order, so that fragments of any size will do, and a
//! search can pause anywhere. Groups are told by a simulation of the NFA over the match alone.

mod builder;
mod cache;
mod error;
mod feed;
mod groups;
mod matches;
mod search;

pub use builder::RegexBuilder;
pub use error::PatternError;
pub use matches::{Match, Split};
pub use search::{Mode, Search};

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use builder::Program;
use cache::Pool;

use crate::memory::Kind;
use crate::view::{MemoryRef, View};

/// A compiled regular expression. Clones share it, from any thread. See the [module](self) for what it understands.
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
    inner: Arc<Inner>,
}

struct Inner {
    pattern: Box<[u8]>,
    /// What searches anywhere, or at one place.
    program: Program,
    /// The same with the end of the view behind it.
    whole: Program,
    /// Scratch of searches, of each program.
    pools: [Pool; 2],
    names: Vec<Option<Box<str>>>,
}

impl Regex {
    /// Compiles a pattern. O(pattern), where a counted repetition counts as often as it is repeated.
    ///
    /// # Errors
    /// [`PatternError`], with the place where it knows one.
    ///
    /// ```
    /// use fragview::regex::Regex;
    /// let error = Regex::new(b"ab(c").err().unwrap();
    /// assert_eq!((error.to_string().as_str(), error.position), ("unclosed group", Some(2)));
    /// ```
    pub fn new(pattern: &[u8]) -> Result<Self, PatternError> {
        RegexBuilder::new(pattern).build()
    }

    /// The pattern. O(1).
    #[must_use]
    pub fn pattern(&self) -> &[u8] {
        &self.inner.pattern
    }

    /// The names of the groups, the whole match, which has none, first. O(1).
    pub fn group_names(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.inner.names.iter().map(Option::as_deref)
    }

    /// The leftmost match; where there are several, the one that the pattern prefers. O(bytes up to its end, and those
    /// that decide it), in time proportional to the pattern's size at worst.
    pub fn find<K: Kind, R: MemoryRef>(&self, view: &View<K, u8, R>) -> Option<Match> {
        self.search(view, 0, Mode::Anywhere).finish()
    }

    /// The match that begins with the view's first byte. As [`find`](Self::find).
    pub fn match_start<K: Kind, R: MemoryRef>(&self, view: &View<K, u8, R>) -> Option<Match> {
        self.search(view, 0, Mode::Start).finish()
    }

    /// The match that is the whole view. O(bytes).
    ///
    /// ```
    /// use fragview::{FrozenView, regex::Regex};
    /// let regex = Regex::new(b"a|ab").unwrap();
    /// let view = FrozenView::from_slices([&b"a"[..], b"b"])?;
    /// assert_eq!(regex.match_start(&view).unwrap().range(), 0..1); // the first alternative that fits
    /// assert_eq!(regex.match_whole(&view).unwrap().range(), 0..2);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn match_whole<K: Kind, R: MemoryRef>(&self, view: &View<K, u8, R>) -> Option<Match> {
        self.search(view, 0, Mode::Whole).finish()
    }

    /// The matches from left to right, none of which overlaps the one before. O(bytes) for most patterns; one that looks
    /// far beyond its matches may look at the same bytes again for each of them.
    pub fn find_iter<'v, K: Kind, R: MemoryRef>(
        &self,
        view: &'v View<K, u8, R>,
    ) -> Search<'v, R::Kind, R::Owner> {
        self.search(view, 0, Mode::Anywhere)
    }

    /// The ranges between the matches, and before and behind them. As [`find_iter`](Self::find_iter).
    ///
    /// ```
    /// use fragview::{FrozenView, regex::Regex};
    /// let view = FrozenView::from_slices([&b"one ,"[..], b"two", b", three"])?;
    /// let parts: Vec<_> = Regex::new(br"\s*,\s*").unwrap().split(&view).collect();
    /// assert_eq!(parts, [0..3, 5..8, 10..15]);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn split<'v, K: Kind, R: MemoryRef>(&self, view: &'v View<K, u8, R>) -> Split<'v, R::Kind, R::Owner> {
        Split::new(self.find_iter(view), view.len())
    }

    /// A search that begins at byte `from`, and can pause. `^` and `\b` see the byte before. O(1) to begin.
    ///
    /// Where `from` is past the view's end there is no match.
    pub fn search<'v, K: Kind, R: MemoryRef>(
        &self,
        view: &'v View<K, u8, R>,
        from: usize,
        mode: Mode,
    ) -> Search<'v, R::Kind, R::Owner> {
        Search::new(self.clone(), view.reader(), from, mode)
    }

    fn program(&self, mode: Mode) -> (&Program, &Pool) {
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
