//! An index counted from either end of a sequence.

/// The end of a sequence that a search or an iterator begins at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    First,
    Last,
}

/// The index counted from the front, if there is such an item.
#[inline]
pub(crate) fn resolve(index: isize, count: usize) -> Option<usize> {
    let index = if index < 0 {
        index.wrapping_add_unsigned(count)
    } else {
        index
    };
    // A negative number is larger than any count.
    let index = index.cast_unsigned();
    (index < count).then_some(index)
}
