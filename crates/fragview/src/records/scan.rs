//! Scanning: from header to header.

use core::ops::Range;

use alloc::vec::Vec;

use super::batch::Batch;
use super::column::Column;
use super::error::{RecordError, RecordFault};
use super::layout::{Length, RecordLayout};
use super::table::RecordTable;
use crate::bytes::Bytes;
use crate::format::{FieldKind, ScalarValue};
use crate::memory::Hint;

impl RecordLayout {
    /// The records in `range` of `bytes`. O(records); only headers are read.
    ///
    /// # Errors
    /// [`RecordError`] at the first record that is not whole, or makes no sense.
    pub fn scan(
        &self,
        bytes: &(impl Bytes + ?Sized),
        range: Range<usize>,
    ) -> Result<RecordTable, RecordError> {
        match self.scan_some(bytes, range) {
            (table, None) => Ok(table),
            (_, Some(error)) => Err(error),
        }
    }

    /// The records in `range` of `bytes` up to the first fault, and that fault. O(records); only headers are read.
    pub fn scan_some(
        &self,
        bytes: &(impl Bytes + ?Sized),
        range: Range<usize>,
    ) -> (RecordTable, Option<RecordError>) {
        let mut table = RecordTable::new(self);
        let fault = self.scan_into(&mut table, bytes, &range);
        table.shrink();
        (table, fault)
    }

    fn scan_into(
        &self,
        table: &mut RecordTable,
        bytes: &(impl Bytes + ?Sized),
        range: &Range<usize>,
    ) -> Option<RecordError> {
        let end = range.end.min(bytes.length());
        let mut offset = range.start;
        let mut hint = Hint::default();
        // A header that is longer than what there is need not be read to be seen as cut off.
        let left = end.saturating_sub(offset);
        if offset < end && left < self.header_size() {
            let fault = RecordFault::TruncatedHeader {
                header: self.header_size(),
                left,
            };
            return Some(RecordError {
                offset,
                index: 0,
                fault,
            });
        }
        let Some(mut batch) = Batch::new(self.header_size()) else {
            return Some(RecordError {
                offset,
                index: 0,
                fault: RecordFault::OutOfMemory,
            });
        };
        while offset < end {
            let index = table.len() + batch.len();
            let fault = |fault| RecordError { offset, index, fault };
            let header = batch.next_header();
            match self.step(bytes, &mut hint, header, range, offset, end) {
                Step::Padding(next) => offset = next,
                Step::Fault(found) => {
                    let found = fault(found);
                    return Some(if table.push_batch(&mut batch, &self.fields).is_some() {
                        found
                    } else {
                        fault(RecordFault::OutOfMemory)
                    });
                }
                Step::Record { content, next } => {
                    let last = self.is_last(header);
                    batch.push(offset, content);
                    if (last || batch.is_full()) && table.push_batch(&mut batch, &self.fields).is_none() {
                        return Some(fault(RecordFault::OutOfMemory));
                    }
                    if last {
                        return None;
                    }
                    offset = next;
                }
            }
        }
        let index = table.len();
        let pushed = table.push_batch(&mut batch, &self.fields);
        pushed.is_none().then_some(RecordError {
            offset,
            index,
            fault: RecordFault::OutOfMemory,
        })
    }

    #[inline]
    fn is_last(&self, header: &[u8]) -> bool {
        let met = |(index, value): &(usize, Vec<u8>)| {
            let field = &self.fields[*index];
            let found = header
                .get(field.offset..field.offset + field.kind.size())
                .unwrap_or(&[]);
            // Of some kinds several bytes are one value.
            found == value
                || Column::has_synonyms(field.kind) && {
                    let column = Column::new(field.kind);
                    let wanted = column.wanted(value);
                    wanted.is_some() && column.wanted(found) == wanted
                }
        };
        !self.until.is_empty() && self.until.iter().all(met)
    }

    /// Looks at what is at `offset`, which is below `end`, and reads the header that is there.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the loop's body; measured")]
    fn step(
        &self,
        bytes: &(impl Bytes + ?Sized),
        hint: &mut Hint,
        header: &mut [u8],
        range: &Range<usize>,
        offset: usize,
        end: usize,
    ) -> Step {
        let mut limit = end;
        if let Some(block) = self.block {
            let left = block - (offset - range.start) % block;
            if left < header.len() {
                return Step::Padding(offset.saturating_add(left));
            }
            limit = end.min(offset.saturating_add(left));
        }
        if end - offset < header.len() || bytes.read_near(hint, offset, header).is_none() {
            return Step::Fault(RecordFault::TruncatedHeader {
                header: header.len(),
                left: end - offset,
            });
        }
        let content = match self.content_length(header) {
            Ok(content) => content,
            Err(value) => return Step::Fault(RecordFault::BadLength { value }),
        };
        let body = content.checked_add(self.trailer);
        let size = body.and_then(|body| body.checked_add(header.len()));
        let (Some(body), Some(size)) = (body, size) else {
            return Step::Fault(RecordFault::BadLength {
                value: content as i128,
            });
        };
        if size > limit - offset {
            let left = limit - offset;
            return Step::Fault(if limit < end {
                RecordFault::PastBlock { size, left }
            } else {
                RecordFault::Truncated {
                    needed: body,
                    left: left - header.len(),
                }
            });
        }
        if size == 0 {
            return Step::Fault(RecordFault::NoAdvance);
        }
        // What lies past the end after rounding up is past every record.
        let next = (offset - range.start + size).checked_next_multiple_of(self.align);
        let next = next
            .and_then(|next| next.checked_add(range.start))
            .unwrap_or(usize::MAX);
        Step::Record { content, next }
    }

    /// The content's length in bytes, or the length that makes none.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the loop's body; measured")]
    fn content_length(&self, header: &[u8]) -> Result<usize, i128> {
        let count = match self.length {
            Length::Constant(count) => i128::from(count),
            Length::Field(index) => {
                let field = &self.fields[index];
                let FieldKind::Scalar(scalar) = field.kind else {
                    return Err(0);
                };
                match header
                    .get(field.offset..field.offset + scalar.size())
                    .map(|item| scalar.unpack(item))
                {
                    Some(ScalarValue::Unsigned(count)) => i128::from(count),
                    Some(ScalarValue::Signed(count)) => i128::from(count),
                    _ => return Err(0),
                }
            }
        };
        if self.scale == 1 && self.bias == 0 {
            return usize::try_from(count).map_err(|_| count);
        }
        let length = count
            .checked_mul(i128::from(self.scale))
            .and_then(|bytes| bytes.checked_add(i128::from(self.bias)));
        length
            .and_then(|length| usize::try_from(length).ok())
            .ok_or(count)
    }
}

/// What is at an offset.
enum Step {
    /// The rest of a block, up to here.
    Padding(usize),
    /// A record with so many bytes of content; the next one begins there.
    Record { content: usize, next: usize },
    /// Something wrong.
    Fault(RecordFault),
}
