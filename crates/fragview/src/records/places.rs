//! Where the header and the trailer of a record lie, and where it ends.

use super::table::RecordTable;
use crate::error::Error;
use crate::geometry::{Extent, Extents};
use crate::interrupt::Interrupt;

impl RecordTable {
    /// The place of the content of record `index` as it was scanned. O(1).
    fn scanned_content(&self, index: usize) -> (usize, usize) {
        let (starts, lengths) = match &self.scanned {
            Some([starts, lengths]) => (starts, lengths),
            None => (&self.starts, &self.lengths),
        };
        let number = |column: &[i64]| column.get(index).and_then(|&number| usize::try_from(number).ok());
        (number(starts).unwrap_or(0), number(lengths).unwrap_or(0))
    }

    /// The place of the header of record `index`, with a length that follows it; nothing past the last
    /// record. O(1).
    #[must_use]
    pub fn header(&self, index: usize) -> Extent {
        let offset = self
            .offsets
            .get(index)
            .and_then(|&offset| usize::try_from(offset).ok());
        Extent {
            offset,
            length: self.scanned_content(index).0.saturating_sub(offset.unwrap_or(0)),
        }
    }

    /// The place of the trailer of record `index`; nothing past the last one. O(1).
    #[must_use]
    pub fn trailer(&self, index: usize) -> Extent {
        let (start, length) = self.scanned_content(index);
        if index >= self.len() {
            return Extent::EMPTY;
        }
        Extent {
            offset: Some(start.saturating_add(length)),
            length: self.trailer,
        }
    }

    /// The end of record `index` with its trailer, in bytes; 0 past the last one. O(1).
    #[must_use]
    pub fn end_of(&self, index: usize) -> usize {
        let trailer = self.trailer(index);
        trailer.offset.unwrap_or(0).saturating_add(trailer.length)
    }

    /// The end of the last record with its trailer, in bytes; the scan's start if there are no records. O(1).
    #[must_use]
    pub fn end(&self) -> usize {
        self.len()
            .checked_sub(1)
            .map_or(self.begin, |last| self.end_of(last))
    }

    /// The trailers laid end to end. O(records).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn trailers(&self) -> Result<Extents, Error> {
        self.trailers_with(&mut Interrupt::never())
    }

    /// As [`trailers`](Self::trailers); asks now and then whether to go on.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::Interrupted`].
    pub fn trailers_with(&self, interrupt: &mut Interrupt<'_>) -> Result<Extents, Error> {
        let mut all = Extents::new();
        for part in Interrupt::parts(self.len()) {
            interrupt.turns(part.len())?;
            all.try_extend(part.map(|index| self.trailer(index)))?;
        }
        Ok(all)
    }
}
