//! Comparison of bytes: equality and order of two windows.

use core::cmp::Ordering;
use core::mem::MaybeUninit;

use super::lend::slice_or_zeros;
use super::{Kind, Memory};
use crate::geometry::{FragmentRun, Window};

/// Bytes compared at a time: two blocks of it fit the first-level cache.
const BLOCK: usize = 4096;

/// Bytes that are compared with a slice in one step.
const SMALL: usize = 64;

/// Bytes compared between two looks at whether both sides have come to a hole. The looks cost next to nothing
/// beside them.
pub(crate) const PART: usize = 1 << 16;

/// The bytes of a window's items, block by block, each gathered into a scratch.
pub(crate) struct Blocks<'m, K, O> {
    memory: &'m Memory<K, O>,
    window: Window,
    /// Bytes gathered so far.
    next: usize,
    /// The block gathered last is `scratch[..filled]`, of which `read` has handed out `taken` bytes.
    filled: usize,
    taken: usize,
    scratch: [MaybeUninit<u8>; BLOCK],
}

impl<'m, K: Kind, O> Blocks<'m, K, O> {
    pub(crate) fn new(memory: &'m Memory<K, O>, window: Window) -> Self {
        let window = window.regroup(1).unwrap_or(window);
        Self {
            memory,
            window,
            next: 0,
            filled: 0,
            taken: 0,
            scratch: [const { MaybeUninit::uninit() }; BLOCK],
        }
    }

    /// The next block: `BLOCK` bytes, fewer at the end, none behind it. O(bytes + fragments).
    pub(crate) fn next(&mut self) -> &[u8] {
        let (width, mut filled) = (self.window.width(), 0);
        while filled < BLOCK && self.next < self.window.byte_count() {
            let (item, within) = (self.next / width, self.next % width);
            let room = BLOCK - filled;
            let part = if within == 0 && room >= width {
                self.window
                    .slice_with_step(item, (room / width).min(self.window.len() - item), 1)
            } else {
                Some(Window::bytes(
                    self.window.offset(item) + within,
                    room.min(width - within),
                ))
            };
            let Some(part) = part else { break };
            let end = filled + part.byte_count();
            if self
                .memory
                .copy_out(part, &mut self.scratch[filled..end])
                .is_err()
            {
                break;
            }
            self.next += part.byte_count();
            filled = end;
        }
        (self.filled, self.taken) = (filled, 0);
        // SAFETY: `copy_out` has written each part, and the parts follow each other up to `filled`.
        unsafe { self.scratch[..filled].assume_init_ref() }
    }

    /// Fills `target` with the next bytes; after the last one it stays as it is. O(bytes + fragments).
    pub(crate) fn read(&mut self, target: &mut [u8]) {
        let mut written = 0;
        while written < target.len() {
            if self.taken == self.filled && self.next().is_empty() {
                return;
            }
            let count = (self.filled - self.taken).min(target.len() - written);
            // SAFETY: `next` has written the scratch up to `filled`.
            let from = unsafe { self.scratch[self.taken..self.taken + count].assume_init_ref() };
            target[written..written + count].copy_from_slice(from);
            self.taken += count;
            written += count;
        }
    }
}

/// Two windows as items of one width, so that item `n` of one has the bytes of item `n` of the other; `None`
/// if both have gaps and their widths differ.
fn same_width(left: Window, right: Window) -> Option<(Window, Window)> {
    match (left.is_contiguous(), right.is_contiguous()) {
        (true, true) => Some((left.regroup(1)?, right.regroup(1)?)),
        (false, true) => Some((left, right.regroup(left.width())?)),
        (true, false) => Some((left.regroup(right.width())?, right)),
        (false, false) => (left.width() == right.width()).then_some((left, right)),
    }
}

impl<K: Kind, O> Memory<K, O> {
    /// Compares the bytes of two windows' items, as slices compare. O(bytes + fragments), to the first
    /// difference; bytes that are in a hole on both sides cost nothing.
    pub(crate) fn compare<L: Kind, P>(&self, window: Window, other: &Memory<L, P>, with: Window) -> Ordering {
        let small = window.byte_count().max(with.byte_count()) <= PART;
        let Some((left, right)) = same_width(window, with).filter(|_| !small) else {
            return self.compare_bytes(window, other, with);
        };
        let (count, step) = (left.len().min(right.len()), (PART / left.width()).max(1));
        let mut next = 0;
        while next < count {
            let holes = self
                .hole_items(left.rest(next))
                .min(other.hole_items(right.rest(next)));
            if holes > 0 {
                next += holes.min(count - next);
                continue;
            }
            let (part, from) = (step.min(count - next), next);
            let order = self.compare_bytes(left.part(from, part), other, right.part(from, part));
            if order.is_ne() {
                return order;
            }
            next += part;
        }
        window.byte_count().cmp(&with.byte_count())
    }

    /// How many items, from the first one on, lie wholly in the hole that the first one lies in. O(1), after
    /// a lookup.
    pub(crate) fn hole_items(&self, window: Window) -> usize {
        match self.map.fragment_runs(window).next() {
            Some(FragmentRun::Whole { place, count, .. }) if place.payload.is_hole() => count,
            _ => 0,
        }
    }

    /// As [`compare`](Self::compare), byte by byte.
    fn compare_bytes<L: Kind, P>(&self, window: Window, other: &Memory<L, P>, with: Window) -> Ordering {
        let (mut left, mut right) = (Blocks::new(self, window), Blocks::new(other, with));
        loop {
            let (left, right) = (left.next(), right.next());
            let order = left.cmp(right);
            if order.is_ne() || left.is_empty() {
                return order;
            }
        }
    }

    /// Compares the bytes of a window's items with a slice. O(bytes + fragments), to the first difference.
    pub(crate) fn compare_slice(&self, window: Window, slice: &[u8]) -> Ordering {
        if !K::RACY && window.is_contiguous() {
            return self.compare_in_place(window, slice);
        }
        if window.byte_count() == slice.len() && slice.len() <= SMALL {
            // A few bytes: one copy, without the loop over blocks.
            let mut bytes = [0; SMALL];
            let bytes = &mut bytes[..slice.len()];
            if self.copy_to_slice(window, bytes).is_ok() {
                return (*bytes).cmp(slice);
            }
        }
        let mut blocks = Blocks::new(self, window);
        for part in slice.chunks(BLOCK) {
            let order = blocks.next().cmp(part);
            if order.is_ne() {
                return order;
            }
        }
        if blocks.next().is_empty() {
            Ordering::Equal
        } else {
            Ordering::Greater
        }
    }

    /// As [`compare_slice`](Self::compare_slice), of a window without gaps on memory that is not racy.
    fn compare_in_place(&self, window: Window, slice: &[u8]) -> Ordering {
        let mut rest = slice;
        for (range, place) in self.map.runs(window.span()) {
            let (part, behind) = rest.split_at(range.len().min(rest.len()));
            let first = place.payload.plus(range.start - place.start);
            let order = if first.is_hole() {
                let zeros = part.iter().all(|&byte| byte == 0);
                if zeros { Ordering::Equal } else { Ordering::Less }
            } else {
                // SAFETY: the range lies in its fragment, and memory that is not racy is not written while it
                // is borrowed.
                unsafe { slice_or_zeros(first, part.len()) }.cmp(part)
            };
            if order.is_ne() || part.len() < range.len() {
                return order.then(Ordering::Greater);
            }
            rest = behind;
        }
        window.byte_count().cmp(&slice.len())
    }
}
