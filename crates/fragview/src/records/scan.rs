//! Scanning: from header to header.

use core::ops::Range;

use alloc::vec::Vec;

use super::batch::Batch;
use super::column::Column;
use super::error::{RecordError, RecordFault};
use super::layout::{Length, RecordLayout};
use super::table::RecordTable;
use crate::bytes::Bytes;
use crate::format::{FieldKind, Kind};
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
        let memory = |offset, index| {
            let fault = RecordFault::OutOfMemory;
            Some(RecordError { offset, index, fault })
        };
        let Some(mut batch) = Batch::new(self.header_size()) else {
            return memory(offset, 0);
        };
        let mut stopped = None;
        while offset < end && stopped.is_none() {
            // No more records fit than headers.
            let most = batch.most().min((end - offset) / self.header_size() + 1);
            let expected = expected(table.len(), offset - range.start, end - range.start);
            if table.make_room(most, expected).is_none() {
                return memory(offset, table.len());
            }
            while offset < end && !batch.is_full() {
                let header = batch.next_header();
                match self.step(bytes, &mut hint, header, range, offset, end) {
                    Step::Padding(next) => offset = next,
                    Step::Fault(fault) => {
                        let index = table.len();
                        stopped = Some(Some(RecordError { offset, index, fault }));
                        break;
                    }
                    Step::Record { content, next } => {
                        let last = self.is_last(header);
                        table.push(offset, content);
                        batch.keep();
                        if last {
                            stopped = Some(None);
                            break;
                        }
                        offset = next;
                    }
                }
            }
            table.push_headers(&mut batch, &self.fields);
        }
        stopped.flatten()
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
        let mut next = offset + size;
        if self.align > 1 {
            // What lies past the end after rounding up is past every record. The division is slow, and in most formats
            // not needed.
            next = (next - range.start)
                .checked_next_multiple_of(self.align)
                .and_then(|next| next.checked_add(range.start))
                .unwrap_or(usize::MAX);
        }
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
                let item = header.get(field.offset..field.offset + scalar.size());
                match item.map(|item| scalar.unpack_integer(item)) {
                    // Lengths that are as they stand, which most are.
                    Some(count) if count >= 0 && self.scale == 1 && self.bias == 0 => {
                        return usize::try_from(count).map_err(|_| count.into());
                    }
                    Some(count) if count >= 0 || scalar.kind() == Kind::Signed => i128::from(count),
                    Some(count) => i128::from(count.cast_unsigned()),
                    None => return Err(0),
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

/// How many records there will be, if the rest of `all` bytes is like the first `bytes` with their `count` records; a
/// little more, so that small differences need no more room.
fn expected(count: usize, bytes: usize, all: usize) -> usize {
    let mean = bytes / count.max(1);
    let rest = all.saturating_sub(bytes) / mean.max(1);
    count.saturating_add(rest).saturating_add(rest / 32)
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
