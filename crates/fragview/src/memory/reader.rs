//! Sequential reading in either direction: blocks that are lent if the memory allows it, else copied.
//!
//! A reader answers three questions about a place in its window. Which items around it lie in one fragment
//! ([`Reader::section`])? Can these be lent ([`Reader::lend`])? Else, what are they ([`Reader::gather`],
//! which goes on across seams)? It keeps the fragment of the last answer: the next place is mostly in that
//! one or its neighbour, so a walk over a window costs O(bytes + fragments), without a lookup a fragment.
//!
//! Pre: the window lies in the memory, and its items are bytes. Post: a copy has the bytes of some moment for
//! each byte; others may write shared memory meanwhile.

use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::ops::Range;

use super::access::fetch;
use super::{Address, Kind, Memory, racy};
use crate::geometry::{Place, Window};

/// Reads a window of bytes, with or without gaps, and remembers the fragment it was in.
pub(crate) struct Reader<'m, K, O> {
    memory: &'m Memory<K, O>,
    /// Invariant: items of one byte, which lie in the memory.
    window: Window,
    lends: bool,
    cached: Option<Place<Address>>,
}

/// Neighbouring items that lie in one fragment.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// Their indices in the window.
    pub(crate) items: Range<usize>,
    /// True if they are zeros without memory.
    pub(crate) is_hole: bool,
}

impl<'m, K: Kind, O> Reader<'m, K, O> {
    /// Pre: the window lies in the memory, and its items are bytes. O(1).
    ///
    /// # Safety
    /// If `lends`, the window's items are not written during `'m`.
    pub(crate) unsafe fn new(memory: &'m Memory<K, O>, window: Window, lends: bool) -> Self {
        debug_assert!(window.width() == 1 && window.span().end <= memory.len());
        Self {
            memory,
            window,
            lends: lends && window.is_contiguous(),
            cached: None,
        }
    }

    /// The number of items. O(1).
    pub(crate) const fn len(&self) -> usize {
        self.window.len()
    }

    /// True if [`lend`](Self::lend) gives all bytes outside of holes. O(1).
    pub(crate) const fn lends(&self) -> bool {
        self.lends
    }

    /// The items around `item` in the same fragment. O(1) near the section before, else as
    /// [`Map::find`](crate::geometry::Map::find).
    ///
    /// # Panics
    /// If there is no such item.
    #[inline]
    pub(crate) fn section(&mut self, item: usize) -> Section {
        assert!(item < self.window.len());
        let offset = self.window.offset(item);
        let place = self.fragment_at(offset);
        let (before, behind) = (offset - place.start, place.end - 1 - offset);
        let (before, behind) = match self.window.step() {
            1 => (before, behind),
            step if step < 0 => (behind / step.unsigned_abs(), before / step.unsigned_abs()),
            // All items are the same byte.
            0 => (item, self.window.len()),
            step => (before / step.unsigned_abs(), behind / step.unsigned_abs()),
        };
        let last = item + behind.min(self.window.len() - 1 - item);
        Section {
            items: item - before.min(item)..last + 1,
            is_hole: place.payload.is_hole(),
        }
    }

    #[inline]
    fn fragment_at(&mut self, offset: usize) -> Place<Address> {
        let place = match self.cached {
            Some(cached) => self.memory.map.find_from(cached, offset),
            None => self.memory.map.find_once(offset),
        };
        let Some(place) = place else {
            unreachable!("a window lies in its memory")
        };
        self.cached = Some(place);
        place
    }

    /// Copies items to the end of `target`, which has room for them: those of `items`, up to the first
    /// section that is `large` items long, is not the first one, and is a hole or can be lent; of that one
    /// `overlap` items. O(bytes + fragments).
    ///
    /// # Panics
    /// If there are no such items, or no room.
    pub(crate) fn gather(&mut self, items: Range<usize>, large: usize, overlap: usize, target: &mut Vec<u8>) {
        if items.is_empty() {
            return;
        }
        assert!(items.end <= self.window.len());
        let (length, room) = (target.len(), &mut target.spare_capacity_mut()[..items.len()]);
        let filled = if self.window.step() == 1 {
            self.gather_bytes(items, large, overlap, room)
        } else {
            self.gather_items(items, large, overlap, room)
        };
        // SAFETY: the room's first `filled` bytes are written.
        unsafe { target.set_len(length + filled) };
    }

    /// Pre: the step is 1, there are such items, and the room is as long. Post: that many bytes of the room
    /// are written.
    fn gather_bytes(
        &mut self,
        items: Range<usize>,
        large: usize,
        overlap: usize,
        room: &mut [MaybeUninit<u8>],
    ) -> usize {
        let window_end = self.window.start() + self.window.len();
        let mut at = self.window.start() + items.start;
        let mut end = self.window.start() + items.end;
        let mut place = self.fragment_at(at);
        let mut rest = room;
        loop {
            let count = place.end.min(end) - at;
            let (part, behind) = rest.split_at_mut(count);
            let from = place.payload.plus(at - place.start);
            if from.is_hole() {
                part.fill(MaybeUninit::new(0));
            } else {
                // SAFETY: the bytes are in the fragment, and the part is as long and private.
                unsafe { fetch::<K>(from.as_ptr(), part.as_mut_ptr().cast(), count) };
            }
            at += count;
            rest = behind;
            if at == end {
                break;
            }
            place = self.fragment(place.index + 1);
            if place.end.min(window_end) - at >= large && (self.lends || place.payload.is_hole()) {
                end = end.min(at + overlap);
                if at == end {
                    break;
                }
            }
        }
        self.cached = Some(place);
        items.len() - rest.len()
    }

    /// As [`gather_bytes`](Self::gather_bytes), with any step.
    fn gather_items(
        &mut self,
        items: Range<usize>,
        large: usize,
        overlap: usize,
        room: &mut [MaybeUninit<u8>],
    ) -> usize {
        let (mut next, mut end) = (items.start, items.end);
        while next < end {
            let section = self.section(next);
            if next > items.start && section.is_hole && section.items.end - next >= large {
                end = end.min(next + overlap);
            }
            let to = section.items.end.min(end);
            let part = &mut room[next - items.start..to - items.start];
            if section.is_hole {
                part.fill(MaybeUninit::new(0));
            } else {
                let first = self.window.offset(next);
                let place = self.fragment_at(first);
                let mut from = place.payload.plus(first - place.start).as_ptr().cast_const();
                for byte in part {
                    // SAFETY: each item is in the fragment; behind the last one the pointer is not read.
                    unsafe { fetch::<K>(from, byte.as_mut_ptr().cast(), 1) };
                    from = from.wrapping_offset(self.window.step());
                }
            }
            next = to;
        }
        end - items.start
    }

    /// True if [`find_byte`](Self::find_byte) and [`rfind_byte`](Self::rfind_byte) are the quickest way: the
    /// memory is shared, and has no gaps. O(1).
    pub(crate) const fn finds_bytes(&self) -> bool {
        K::RACY && racy::find::IS_QUICK && self.window.step() == 1
    }

    /// The first item of `items` that is `byte`, if it is found by looking at `budget` bytes or fragments,
    /// which are taken off it: whether it was found, and the place reached. O(bytes + fragments); a hole
    /// costs nothing.
    ///
    /// # Panics
    /// If there are no such items, or the step is not 1.
    pub(crate) fn find_byte(&mut self, items: Range<usize>, byte: u8, budget: &mut usize) -> (bool, usize) {
        assert!(self.window.step() == 1 && !items.is_empty() && items.end <= self.window.len());
        let (mut at, end) = (self.window.start() + items.start, self.window.start() + items.end);
        let mut place = self.fragment_at(at);
        loop {
            let from = place.payload.plus(at - place.start);
            let mut count = place.end.min(end) - at;
            let found = if from.is_hole() {
                (byte == 0).then_some(0)
            } else {
                count = count.min(*budget);
                // SAFETY: the bytes are in the fragment.
                unsafe { racy::find::find(from.as_ptr(), byte, count) }
            };
            at += found.unwrap_or(count);
            *budget = budget.saturating_sub(if from.is_hole() { 1 } else { count });
            if found.is_some() || at == end || *budget == 0 {
                self.cached = Some(place);
                return (found.is_some(), at - self.window.start());
            }
            place = self.fragment(place.index + 1);
        }
    }

    /// The last item of `items` that is `byte`, else the place reached: as [`find_byte`](Self::find_byte),
    /// from the end.
    ///
    /// # Panics
    /// If there are no such items, or the step is not 1.
    pub(crate) fn rfind_byte(&mut self, items: Range<usize>, byte: u8, budget: &mut usize) -> (bool, usize) {
        assert!(self.window.step() == 1 && !items.is_empty() && items.end <= self.window.len());
        let (first, mut end) = (self.window.start() + items.start, self.window.start() + items.end);
        let mut place = self.fragment_at(end - 1);
        loop {
            let is_hole = place.payload.is_hole();
            let mut start = place.start.max(first);
            let found = if is_hole {
                (byte == 0).then_some(end - 1 - start)
            } else {
                start = start.max(end.saturating_sub(*budget));
                let from = place.payload.plus(start - place.start);
                // SAFETY: the bytes are in the fragment.
                unsafe { racy::find::rfind(from.as_ptr(), byte, end - start) }
            };
            *budget = budget.saturating_sub(if is_hole { 1 } else { end - start });
            end = start + found.unwrap_or(0);
            if found.is_some() || end == first || *budget == 0 {
                self.cached = Some(place);
                return (found.is_some(), end - self.window.start());
            }
            place = match place.index.checked_sub(1) {
                Some(index) if end == place.start => self.fragment(index),
                _ => place,
            };
        }
    }

    /// Pre: there is a fragment `index`.
    #[inline]
    fn fragment(&self, index: usize) -> Place<Address> {
        match self.memory.map.fragment(index) {
            Some(place) => place,
            None => unreachable!("a window lies in its memory"),
        }
    }

    /// The items as a slice, if they are memory that can be lent. O(1). Pre: they are in one section.
    #[inline]
    pub(crate) fn lend(&mut self, items: Range<usize>) -> Option<&'m [u8]> {
        if !self.lends || items.is_empty() {
            return None;
        }
        let section = self.section(items.start);
        if section.is_hole || items.end > section.items.end {
            return None;
        }
        let first = self.window.offset(items.start);
        let place = self.fragment_at(first);
        let from = place.payload.plus(first - place.start).as_ptr();
        // SAFETY: the items follow each other in the fragment, which is valid during 'm, and do not change
        // then.
        Some(unsafe { core::slice::from_raw_parts(from, items.len()) })
    }
}

// SAFETY: as for memory, which decides alone: a reader borrows one, and keeps an address of it.
unsafe impl<K: Kind, O: Send + Sync> Send for Reader<'_, K, O> {}
