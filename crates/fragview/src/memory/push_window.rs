//! Fragments of another memory, taken over by a builder: those that a window shows.

use core::ops::Range;

use super::{Address, Builder, Memory, Owner};
use crate::error::Error;
use crate::geometry::{FragmentRun, Place, Window};
use crate::interrupt::Interrupt;

impl<K, O: Owner> Builder<K, O> {
    /// Appends the items of `window` on another memory: their fragments, not the view, and its owners if
    /// they are not here yet. O(fragments · log sources). Each contiguous range of a window with gaps
    /// becomes a fragment. Pre: `K` promises no more than the memory's kind.
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`], [`Error::Interrupted`].
    pub(crate) fn push_window<J>(
        &mut self,
        memory: &Memory<J, O>,
        window: Window,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<(), Error> {
        if window.is_contiguous() {
            if !self.merging {
                return self.push_span(memory, window.span());
            }
            return self.push_range(memory, window.span());
        }
        self.reserve_gappy(memory, window, interrupt)?;
        for stretch in memory.map.fragment_runs(window) {
            match stretch {
                // Items of a hole are a hole, however many they are.
                FragmentRun::Whole { place, count, .. } if place.payload.is_hole() => {
                    let length = count.checked_mul(window.width()).ok_or(Error::TooLong)?;
                    self.push_run(length, Address::HOLE, None, false)?;
                }
                FragmentRun::Whole {
                    place,
                    mut offset,
                    count,
                } => {
                    let origin = self.origin(memory, place.index)?;
                    let mut left = count;
                    while left > 0 {
                        let part = left.min(Interrupt::EVERY);
                        interrupt.turns(part)?;
                        for _ in 0..part {
                            self.push_part(place, origin, offset, window.width())?;
                            offset = offset.wrapping_add_signed(window.step());
                        }
                        left -= part;
                    }
                }
                FragmentRun::Seam { offset } => {
                    interrupt.turns(1)?;
                    self.push_range(memory, offset..offset + window.width())?;
                }
            }
        }
        Ok(())
    }

    /// Makes room for the items of a window with gaps, of which there may be more than any memory has room
    /// for: that is told before the first is appended. O(fragments).
    fn reserve_gappy<J>(
        &mut self,
        memory: &Memory<J, O>,
        window: Window,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<(), Error> {
        let mut count = self.map.fragment_count();
        for stretch in memory.map.fragment_runs(window) {
            interrupt.turns(1)?;
            count = count.saturating_add(match stretch {
                FragmentRun::Whole { place, count, .. } if !place.payload.is_hole() => count,
                FragmentRun::Whole { .. } | FragmentRun::Seam { .. } => 1,
            });
            if !self.merging && count >= u32::MAX as usize {
                return Err(Error::TooManyFragments);
            }
        }
        // Many at a time only: room for exactly a few, again and again, would be moved each time.
        let more = count - self.map.fragment_count();
        if !self.merging && more > self.map.fragment_count() {
            self.map.reserve(more)?;
        }
        Ok(())
    }

    /// Appends a range of another memory, fragment by fragment.
    fn push_range<J>(&mut self, memory: &Memory<J, O>, range: Range<usize>) -> Result<(), Error> {
        for (range, place) in memory.map.runs(range) {
            let origin = self.origin(memory, place.index)?;
            self.push_part(place, origin, range.start - place.start, range.len())?;
        }
        Ok(())
    }

    /// Appends a part of a fragment of another memory. Pre: the part lies in the fragment, whose origin this
    /// is.
    pub(super) fn push_part(
        &mut self,
        place: Place<Address>,
        origin: Origin,
        offset: usize,
        length: usize,
    ) -> Result<(), Error> {
        self.push_run(length, place.payload.plus(offset), origin.source, origin.writable)
    }

    /// The origin of fragment `index` of another memory; its owner is taken if it is not here yet. O(log
    /// sources + log spans).
    pub(super) fn origin<J>(&mut self, memory: &Memory<J, O>, index: usize) -> Result<Origin, Error> {
        let source = match memory
            .sources
            .index_of(index)
            .and_then(|index| memory.sources.get(index))
        {
            Some(source) => Some(self.adopt_clone(source)?),
            None => None,
        };
        let writable = memory.readonly.within(&(index..index + 1)).next().is_none();
        Ok(Origin { source, writable })
    }
}

/// The data that a builder needs of a fragment of another memory besides its address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    /// Index here of the source it lies in.
    source: Option<usize>,
    writable: bool,
}
