//! Addresses for exports: a contiguous range, or PEP 3118's table of one pointer an item ("suboffsets").

use alloc::vec::Vec;
use core::ops::Range;

use super::{Address, Memory, Shared};
use crate::error::Error;
use crate::geometry::{FragmentRun, Window};
use crate::interrupt::Interrupt;

/// The memory of a window's items, if it is contiguous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contiguous {
    /// The address of the window's first item; the others are `window.step()` bytes from one to the next.
    Memory(*mut u8),
    /// All items are in a hole.
    Hole,
}

/// One pointer an item, each to memory that stays valid as long as the memory and the table both do.
///
/// A buffer with `suboffsets = [0]` points to this table; see PEP 3118 ("The buffer structure",
/// `suboffsets`). 8 bytes an item. Items in a hole point to zeros that the table owns.
#[derive(Debug)]
pub struct ItemTable {
    pointers: Vec<*mut u8>,
    zeros: Vec<u8>,
}

// SAFETY: the table only holds addresses; the code that dereferences them is responsible for it.
unsafe impl Send for ItemTable {}
// SAFETY: as above.
unsafe impl Sync for ItemTable {}

impl ItemTable {
    /// The pointers, one an item, in the order of the items.
    #[must_use]
    pub fn pointers(&self) -> &[*mut u8] {
        &self.pointers
    }
}

impl<K, O> Memory<K, O> {
    /// The place of `range` if its bytes follow each other in memory: one fragment, or fragments of one
    /// source that touch.
    fn single_run(&self, range: Range<usize>) -> Option<Address> {
        let mut runs = self.map.runs(range);
        let (range, place) = runs.next()?;
        let first = place.payload.plus(range.start - place.start);
        let source = self.sources.index_of(place.index);
        let mut length = range.len();
        for (range, place) in runs {
            let joins = if first.is_hole() {
                place.payload.is_hole()
            } else {
                source.is_some()
            };
            if !joins || place.payload != first.plus(length) || self.sources.index_of(place.index) != source {
                return None;
            }
            length += range.len();
        }
        Some(first)
    }
}

impl<O> Memory<Shared<'_>, O> {
    /// The window's items as one contiguous range, skipped bytes included, or `None` if they lie in several
    /// fragments, or there are no items.
    ///
    /// O(1) if the window lies in one fragment; else it looks at fragments until two do not touch. The
    /// address is valid as long as the memory; others may write it at any time.
    #[must_use]
    pub fn contiguous(&self, window: &Window) -> Option<Contiguous> {
        let span = window.span();
        let start = span.start;
        let first = self.single_run(span)?;
        Some(if first.is_hole() {
            Contiguous::Hole
        } else {
            Contiguous::Memory(first.plus(window.start() - start).as_ptr())
        })
    }

    /// One pointer an item of `item_size` bytes. O(items + fragments).
    ///
    /// # Errors
    /// [`Error::AcrossSeam`] if an item lies across a seam; [`Error::OutOfMemory`].
    pub fn item_table(&self, window: &Window, item_size: usize) -> Result<ItemTable, Error> {
        self.item_table_with(window, item_size, &mut Interrupt::never())
    }

    /// As [`item_table`](Self::item_table); asks now and then whether to go on.
    ///
    /// # Errors
    /// As [`item_table`](Self::item_table), and [`Error::Interrupted`].
    pub fn item_table_with(
        &self,
        window: &Window,
        item_size: usize,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<ItemTable, Error> {
        let items = window.byte_count().checked_div(item_size).unwrap_or(0);
        let mut table = ItemTable {
            pointers: Vec::new(),
            zeros: Vec::new(),
        };
        table
            .pointers
            .try_reserve_exact(items)
            .map_err(|_| Error::OutOfMemory)?;
        let whole = (window.width() == item_size).then_some(*window);
        if let Some(window) = whole.or_else(|| window.regroup(item_size)) {
            self.add_pointers(window, &mut table, interrupt)?;
            return Ok(table);
        }
        for row in 0..window.len() {
            if let Some(row) = Window::bytes(window.offset(row), window.width()).regroup(item_size) {
                self.add_pointers(row, &mut table, interrupt)?;
            }
        }
        Ok(table)
    }

    fn add_pointers(
        &self,
        window: Window,
        table: &mut ItemTable,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<(), Error> {
        for stretch in self.map.fragment_runs(window) {
            let FragmentRun::Whole { place, offset, count } = stretch else {
                return Err(Error::AcrossSeam {
                    item: table.pointers.len(),
                });
            };
            if place.payload.is_hole() {
                if table.zeros.is_empty() {
                    table
                        .zeros
                        .try_reserve_exact(window.width())
                        .map_err(|_| Error::OutOfMemory)?;
                    table.zeros.resize(window.width(), 0);
                }
                let zeros = table.zeros.as_mut_ptr();
                let mut left = count;
                while left > 0 {
                    let part = left.min(Interrupt::EVERY);
                    interrupt.turns(part)?;
                    table.pointers.extend(core::iter::repeat_n(zeros, part));
                    left -= part;
                }
            } else {
                let (mut first, step) = (place.payload.plus(offset).as_ptr(), window.step());
                let mut left = count;
                while left > 0 {
                    let part = left.min(Interrupt::EVERY);
                    interrupt.turns(part)?;
                    let items = 0..part.cast_signed();
                    table
                        .pointers
                        .extend(items.map(|item| first.wrapping_offset(item * step)));
                    first = first.wrapping_offset(part.cast_signed().wrapping_mul(step));
                    left -= part;
                }
            }
        }
        Ok(())
    }
}
