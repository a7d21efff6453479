//! Patterns in views: each way to search, once or again and again.

use super::compiled::Regex;
use super::match_::Match;
use super::mode::Mode;
use super::search::{Resume, Search};
use super::split::Split;
use crate::memory::Kind;
use crate::view::{MemoryRef, View};

impl Regex {
    /// The leftmost match; if there are several, the one that the pattern prefers. O(bytes up to its end,
    /// and those that decide it), in time proportional to the pattern's size at worst.
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

    /// The matches from left to right, none of which overlaps the one before. O(bytes) for most patterns; one
    /// that looks far beyond its matches may look at the same bytes again for each of them.
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
    /// If `from` is past the view's end, there is no match.
    pub fn search<'v, K: Kind, R: MemoryRef>(
        &self,
        view: &'v View<K, u8, R>,
        from: usize,
        mode: Mode,
    ) -> Search<'v, R::Kind, R::Owner> {
        Search::new(self.clone(), view.reader(), from, mode)
    }

    /// A search that continues where another search of the same bytes stood. O(1) to begin.
    ///
    /// ```
    /// use fragview::{FrozenView, regex::{Regex, Resume}};
    /// let view = FrozenView::from_slices([&b"a"[..], b"ba"])?;
    /// let regex = Regex::new(b"a").unwrap();
    /// let mut search = regex.resume(&view, Resume::new(0));
    /// assert_eq!(search.next().unwrap().range(), 0..1);
    /// let point = search.resume_point();
    /// assert_eq!(regex.resume(&view, point).next().unwrap().range(), 2..3);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn resume<'v, K: Kind, R: MemoryRef>(
        &self,
        view: &'v View<K, u8, R>,
        point: Resume,
    ) -> Search<'v, R::Kind, R::Owner> {
        Search::resume(self.clone(), view.reader(), point)
    }
}
