//! The fuzzer's bytes as choices; where they are used up, every choice is the first.

use std::ops::Range;

use arbitrary::Unstructured;
use fragview::geometry::Slice;

/// What the fuzzer decides.
pub(crate) struct Input<'d>(Unstructured<'d>);

impl<'d> Input<'d> {
    pub(crate) fn new(data: &'d [u8]) -> Self {
        Self(Unstructured::new(data))
    }

    /// True where there is nothing left to decide by.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number from 0 to `most`.
    pub(crate) fn up_to(&mut self, most: usize) -> usize {
        self.0.int_in_range(0..=most).unwrap_or(0)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.0.arbitrary().unwrap_or(0)
    }

    pub(crate) fn word(&mut self) -> u64 {
        self.0.arbitrary().unwrap_or(0)
    }

    pub(crate) fn yes(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// One of these.
    pub(crate) fn one<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.up_to(choices.len() - 1)]
    }

    /// A range in a sequence of `length`; once in a while one that is not in it, or ends before it starts.
    pub(crate) fn range(&mut self, length: usize) -> Range<usize> {
        let (start, end) = (self.up_to(length), self.up_to(length));
        match self.byte() {
            255 => start.max(end)..start.min(end),
            254 => start..usize::MAX - end,
            253 => start..length + 1,
            _ => start.min(end)..start.max(end),
        }
    }

    /// A range in a sequence of `length`.
    pub(crate) fn valid_range(&mut self, length: usize) -> Range<usize> {
        let (start, end) = (self.up_to(length), self.up_to(length));
        start.min(end)..start.max(end)
    }

    /// A slice of a sequence of `length`, with bounds in and around it.
    pub(crate) fn slice(&mut self, length: usize) -> Slice {
        let mut bound = || {
            let offset = self.up_to(2 * length + 4) as isize - length as isize - 2;
            match self.byte() {
                0..64 => None,
                64 => Some(isize::MIN),
                65 => Some(isize::MAX),
                _ => Some(offset),
            }
        };
        let (start, stop) = (bound(), bound());
        let step = self.one(&[1, -1, 2, -2, 3, -3, 5, -7, 16, -64, isize::MAX, isize::MIN]);
        Slice { start, stop, step }
    }

    /// As many bytes, which depend on one byte of the input.
    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let first = self.byte();
        (0..count)
            .map(|index| first.wrapping_add((index * 7) as u8) | 1)
            .collect()
    }
}
