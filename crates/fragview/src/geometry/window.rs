//! A window: the items of a line that a view shows.

use core::ops::Range;

/// `count` items of `width` bytes each; item `k` begins `k * step` bytes after the first, at `start`.
///
/// Invariant: every item lies on the line the window was made for. So `start + (count - 1) * step` and all
/// between are offsets on it, and no arithmetic below overflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    start: usize,
    count: usize,
    step: isize,
    width: usize,
}

impl Window {
    /// The first `length` bytes of a line, as items of one byte.
    ///
    /// Pre: `length <= isize::MAX`, as every line's is.
    #[must_use]
    pub const fn whole(length: usize) -> Self {
        Self {
            start: 0,
            count: length,
            step: 1,
            width: 1,
        }
    }

    /// `count` items of `width` bytes on a line of `length` bytes, the first at `start`, each `step` bytes
    /// behind the one before. Items may overlap, and with a step of 0 all are the same bytes. O(1).
    ///
    /// `None` if an item would lie outside of the line, if `width` is 0, or if all items together
    /// have more than `isize::MAX` bytes.
    ///
    /// ```
    /// # use fragview::geometry::Window;
    /// let last_to_first = Window::strided(6, 4, 3, -2, 2).unwrap();
    /// assert_eq!((last_to_first.offset(2), last_to_first.span()), (0, 0..6));
    /// assert_eq!(Window::strided(6, 4, 2, 1, 2), None);
    /// ```
    #[must_use]
    pub fn strided(length: usize, start: usize, count: usize, step: isize, width: usize) -> Option<Self> {
        let bytes = count.checked_mul(width)?;
        let window = Self {
            start,
            count,
            step,
            width,
        };
        if width == 0 || start > length || isize::try_from(bytes.max(length)).is_err() {
            return None;
        }
        if count == 0 {
            return Some(window);
        }
        let reach = isize::try_from(count - 1).ok()?.checked_mul(step)?;
        let last = start.checked_add_signed(reach)?;
        (start.max(last).checked_add(width)? <= length).then_some(window)
    }

    /// `count` bytes from `start` on. Pre: they lie on the line.
    pub(crate) const fn bytes(start: usize, count: usize) -> Self {
        Self {
            start,
            count,
            step: 1,
            width: 1,
        }
    }

    /// The offset of the first item; of an empty window, the place that it would have.
    #[must_use]
    #[inline]
    pub const fn start(&self) -> usize {
        self.start
    }

    /// The number of items.
    #[must_use]
    #[inline]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Returns true if there is no item. O(1).
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Distance in bytes from an item to the next.
    #[must_use]
    #[inline]
    pub const fn step(&self) -> isize {
        self.step
    }

    /// Bytes an item.
    #[must_use]
    #[inline]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Bytes of all items together.
    #[must_use]
    #[inline]
    pub const fn byte_count(&self) -> usize {
        // Saturating: no window that is made has more than `isize::MAX` bytes.
        self.count.saturating_mul(self.width)
    }

    /// True if the items follow each other without gaps.
    #[must_use]
    #[inline]
    pub const fn is_contiguous(&self) -> bool {
        self.count <= 1 || self.step == self.width.cast_signed()
    }

    /// The bytes of the items as windows without gaps: one if this one has none, else one an item.
    pub(crate) fn rows(self) -> impl Iterator<Item = Self> {
        self.rows_from(0)
    }

    /// As [`rows`](Self::rows), without the first `first` of them. O(1) to begin.
    pub(crate) fn rows_from(self, first: usize) -> impl Iterator<Item = Self> {
        let (rows, bytes) = if self.is_contiguous() {
            (1, self.byte_count())
        } else {
            (self.count, self.width)
        };
        (first..rows).map(move |row| Self::bytes(self.offset(row), bytes))
    }

    /// Offset of item `index`. O(1). Pre: `index < self.len()`.
    #[must_use]
    #[inline]
    pub const fn offset(&self, index: usize) -> usize {
        self.start
            .wrapping_add_signed(self.step.wrapping_mul(index.cast_signed()))
    }

    /// The bytes of the items if they follow each other without gaps, else `None`.
    #[must_use]
    #[inline]
    pub(crate) const fn as_bytes(&self) -> Option<Range<usize>> {
        if self.is_contiguous() {
            Some(self.start..self.start + self.byte_count())
        } else {
            None
        }
    }

    /// The bytes from the first item's to the last one's, gaps included.
    #[must_use]
    pub const fn span(&self) -> Range<usize> {
        if self.count == 0 {
            return self.start..self.start;
        }
        let last = self.offset(self.count - 1);
        if self.step < 0 {
            last..self.start + self.width
        } else {
            self.start..last + self.width
        }
    }

    /// `count` items from item `first` on, each `step` items from the one before. O(1).
    ///
    /// `None` if an item would lie outside of this window, or one would be there twice.
    #[must_use]
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "the heart of a slice: the common step needs no products; measured"
    )]
    pub fn slice_with_step(&self, first: usize, count: usize, step: isize) -> Option<Self> {
        if step == 1 && first < self.count && count <= self.count - first {
            return Some(self.part(first, count));
        }
        self.slice_uncommon(first, count, step)
    }

    fn slice_uncommon(&self, first: usize, count: usize, step: isize) -> Option<Self> {
        if count == 0 {
            let start = if first < self.count {
                self.offset(first)
            } else {
                self.start
            };
            return Some(Self {
                start,
                count,
                step: self.step.saturating_mul(step),
                width: self.width,
            });
        }
        let reach = isize::try_from(count - 1).ok()?.checked_mul(step)?;
        let last = first.checked_add_signed(reach)?;
        if first >= self.count || last >= self.count || (step == 0 && count > 1) {
            return None;
        }
        // Saturating: the product overflows only if there is one item, which no step leaves.
        Some(Self {
            start: self.offset(first),
            count,
            step: self.step.saturating_mul(step),
            width: self.width,
        })
    }

    /// `count` items from `first` on. O(1). Pre: there are as many.
    pub(crate) const fn part(&self, first: usize, count: usize) -> Self {
        debug_assert!(first <= self.count && count <= self.count - first);
        Self {
            start: self.offset(first),
            count,
            ..*self
        }
    }

    /// The items from `first` on. O(1). Pre: `first <= self.len()`.
    pub(crate) const fn rest(&self, first: usize) -> Self {
        self.part(first, self.count - first)
    }

    /// The bytes `range` of the items laid end to end, as windows that follow each other: the end of an item,
    /// whole items, the front of an item; each may be empty. O(1).
    ///
    /// `None` if the items have no such bytes.
    pub(crate) fn byte_parts(&self, range: Range<usize>) -> Option<[Self; 3]> {
        if range.start > range.end || range.end > self.byte_count() {
            return None;
        }
        if self.is_contiguous() || range.is_empty() {
            let nothing = Self::bytes(self.start, 0);
            let start = if range.is_empty() { 0 } else { range.start };
            return Some([Self::bytes(self.start + start, range.len()), nothing, nothing]);
        }
        let item = |index, range: Range<usize>| Self::bytes(self.offset(index) + range.start, range.len());
        let (first, within) = (range.start / self.width, range.start % self.width);
        let (last, behind) = (range.end / self.width, range.end % self.width);
        if first == last {
            let nothing = Self::bytes(self.start, 0);
            return Some([item(first, within..behind), nothing, nothing]);
        }
        let whole = first + usize::from(within > 0);
        let front = if within > 0 {
            item(first, within..self.width)
        } else {
            Self::bytes(self.start, 0)
        };
        let back = if behind > 0 {
            item(last, 0..behind)
        } else {
            Self::bytes(self.start, 0)
        };
        Some([front, self.part(whole, last - whole), back])
    }

    /// The same bytes as items of `width` bytes. O(1).
    ///
    /// `None` if the items have gaps, if `width` is 0, or if it does not divide the bytes.
    #[must_use]
    pub fn regroup(&self, width: usize) -> Option<Self> {
        let bytes = self.byte_count();
        if !self.is_contiguous() || width == 0 || !bytes.is_multiple_of(width) {
            return None;
        }
        let step = isize::try_from(width).ok()?;
        Some(Self {
            start: self.start,
            count: bytes / width,
            step,
            width,
        })
    }
}
