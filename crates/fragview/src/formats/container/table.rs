//! The streams of a family as a table of records.

use alloc::vec::Vec;

use super::streams::Numbered;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::records::RecordTable;

impl Numbered<'_> {
    /// The streams of these numbers as a table without fields: the place and the length of each. `None`
    /// where a number has no stream, or one's bytes are not together in the file, as those of a record in
    /// several parts. O(numbers) where they follow each other.
    ///
    /// ```
    /// use fragview::Interrupt;
    /// use fragview::formats::{Options, fortran};
    /// let file = b"\x01\0\0\0a\x01\0\0\0\x02\0\0\0bc\x02\0\0\0";
    /// let container = fortran::open(file, Options::default())?;
    /// let records = container.numbered("record").ok_or("no records")?;
    /// let table = records.table(0..records.len(), &mut Interrupt::never())?.ok_or("in parts")?;
    /// assert_eq!((table.starts(), table.lengths()), (&[4, 13][..], &[1, 2][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::Interrupted`].
    pub fn table(
        &self,
        numbers: impl ExactSizeIterator<Item = usize>,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<Option<RecordTable>, Error> {
        let (mut starts, mut lengths) = (Vec::new(), Vec::new());
        for column in [&mut starts, &mut lengths] {
            column
                .try_reserve_exact(numbers.len())
                .map_err(|_| Error::OutOfMemory)?;
        }
        // The extents of the streams that follow the last one.
        let mut next = None;
        let mut end = 0;
        for number in numbers {
            interrupt.turns(1)?;
            let Some(position) = self.position(number) else {
                return Ok(None);
            };
            let mut together = true;
            let (mut start, mut length) = (end, 0);
            let mut take = |offset: Option<usize>, more: usize| {
                together &= length == 0 && offset.is_some();
                (start, length) = (offset.unwrap_or(0), more);
            };
            if self.container.alias_of(position).is_some() {
                self.container.for_each_span(position, |span| {
                    span.for_each(|extent| take(extent.offset, extent.length));
                    Ok(())
                })?;
                next = None;
            } else {
                let (at, mut spans) = match next.take() {
                    Some((at, spans)) if at == position => (at, spans),
                    _ => (position, self.container.spans.spans(position)),
                };
                if let Some(span) = spans.next() {
                    span.for_each(|extent| take(extent.offset, extent.length));
                }
                next = Some((at + 1, spans));
            }
            let (Ok(from), Ok(bytes), true) = (i64::try_from(start), i64::try_from(length), together) else {
                return Ok(None);
            };
            starts.push(from);
            lengths.push(bytes);
            end = start + length;
        }
        Ok(Some(RecordTable::from_contents(starts, lengths)))
    }
}
