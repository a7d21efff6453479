//! A slice as Python writes it: start, stop and step, each of which may be absent or negative.

/// `start:stop:step`, resolved against a length by [`resolve`](Slice::resolve).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// First index; negative counts from the end; absent is the end the step comes from.
    pub start: Option<isize>,
    /// The index before which to stop; negative counts from the end; absent is the far end.
    pub stop: Option<isize>,
    /// Distance of one index to the next; not 0.
    pub step: isize,
}

impl Slice {
    /// The first index and the number of indices in a sequence of `length` items, as `slice.indices` of
    /// Python gives them. O(1). A step of 0 picks nothing.
    ///
    /// ```
    /// use fragview::geometry::Slice;
    /// let slice = Slice { start: Some(-1), stop: None, step: -2 };
    /// assert_eq!(slice.resolve(5), (4, 3)); // 4, 2, 0
    /// ```
    #[must_use]
    pub fn resolve(self, length: usize) -> (usize, usize) {
        // In i128 no sum of indices and lengths overflows.
        let (length, step) = (length as i128, self.step as i128);
        let (low, high) = if step < 0 { (-1, length - 1) } else { (0, length) };
        let place = |index: isize| {
            let index = index as i128;
            (if index < 0 { index + length } else { index }).clamp(low, high)
        };
        let first = self.start.map_or(if step < 0 { high } else { low }, place);
        let end = self.stop.map_or(if step < 0 { low } else { high }, place);
        let count = match step {
            step if step > 0 && first < end => (end - first - 1) / step + 1,
            step if step < 0 && end < first => (first - end - 1) / -step + 1,
            _ => 0,
        };
        (
            usize::try_from(first.max(0)).unwrap_or(0),
            usize::try_from(count).unwrap_or(0),
        )
    }
}
