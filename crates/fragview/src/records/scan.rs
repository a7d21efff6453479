//! Scanning: from header to header.
//!
//! ```text
//! offset = the range's start
//! while offset < end:
//!     header  = the bytes at offset; fewer than a header has: the record is truncated
//!     content = the header's length field * scale + bias, or the constant
//!     record  = header + content + trailer; past the end or the block, or of no bytes: an error
//!     keep the offset, the content's length, and the header's fields as columns
//!     stop behind the record that `until` describes
//!     offset += record, rounded up to `align`, and past the padding at a block's end
//! ```
//!
//! Invariant: offset rises with each record, so a scan of n bytes ends after at most n records, whatever they
//! say. Post: the table has all records before the first fault. O(records): only headers are read, in batches
//! that are turned into columns at once. Most headers lie in the fragment of the one before, which is kept;
//! others are looked up.

use core::ops::{Bound, Range, RangeBounds};

use alloc::vec::Vec;

use super::batch::Batch;
use super::error::{RecordError, RecordFault};
use super::layout::RecordLayout;
use super::length::{Length, Then, escape_of, integer};
use super::table::RecordTable;
use crate::bytes::Bytes;
use crate::format::Scalar;
use crate::memory::Fragment;

impl RecordLayout {
    /// The records in `range` of `bytes`, cut to the end of `bytes`; `..` is all. O(records); only headers
    /// are read.
    ///
    /// # Errors
    /// [`RecordError`] at the first record that is cut off or invalid.
    pub fn scan(
        &self,
        bytes: &(impl Bytes + ?Sized),
        range: impl RangeBounds<usize>,
    ) -> Result<RecordTable, RecordError> {
        match self.scan_some(bytes, range) {
            (table, None) => Ok(table),
            (_, Some(error)) => Err(error),
        }
    }

    /// The records in `range` of `bytes` up to the first fault, and that fault. O(records); only headers are
    /// read.
    pub fn scan_some(
        &self,
        bytes: &(impl Bytes + ?Sized),
        range: impl RangeBounds<usize>,
    ) -> (RecordTable, Option<RecordError>) {
        // A bound past usize::MAX is past all bytes as well; saturating keeps it so.
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&end) => end.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => usize::MAX,
        };
        let mut table = RecordTable::new(self, start);
        let fault = self.scan_into(&mut table, bytes, &(start..end));
        table.shrink();
        (table, fault)
    }

    fn scan_into(
        &self,
        table: &mut RecordTable,
        bytes: &(impl Bytes + ?Sized),
        range: &Range<usize>,
    ) -> Option<RecordError> {
        let (end, size) = (range.end.min(bytes.len()), self.header_size());
        let fault = |offset, index, fault| RecordError { offset, index, fault };
        let truncated = |offset, index| fault(offset, index, RecordFault::truncated(size, end - offset));
        let mut offset = self.past_padding(range.start, range);
        // A header that is longer than what there is need not be read to be seen as cut off.
        if offset < end && end - offset < size {
            return Some(truncated(offset, 0));
        }
        let Some(mut batch) = Batch::new(size) else {
            return Some(fault(offset, 0, RecordFault::OutOfMemory));
        };
        let plain = Plain::new(self);
        let checked = !self.expect.is_empty();
        // The records of a batch whose length follows the header, and by how much that lengthens it.
        let mut longer: Vec<(usize, usize)> = Vec::new();
        if !self.escapes.is_empty() && longer.try_reserve_exact(batch.most()).is_err() {
            return Some(fault(offset, 0, RecordFault::OutOfMemory));
        }
        let mut stopped = None;
        let mut fragment: Option<Fragment<'_>> = None;
        let mut batches = 0_u32;
        while offset < end && stopped.is_none() {
            // The fragment is asked for again at intervals, so that the bytes can end the scan.
            batches = batches.wrapping_add(1);
            if batches.is_multiple_of(64) {
                fragment = None;
            }
            // No more records fit than headers.
            let most = batch.most().min((end - offset) / size + 1);
            let before = table.len();
            let expected = expected(before, offset - range.start, end - range.start);
            if table.make_room(most, expected).is_none() {
                return Some(fault(offset, before, RecordFault::OutOfMemory));
            }
            let (offsets, lengths) = table.places();
            for header in batch.slots(most).chunks_exact_mut(size) {
                let at = offset;
                let near = fragment.as_ref().and_then(|fragment| fragment.read(at, header));
                if near.is_none() && read_far(bytes, &mut fragment, at, header).is_none() {
                    // Bytes that are fewer than their length says.
                    stopped = Some(Some(truncated(at, offsets.len())));
                    break;
                }
                if checked && let Some(unexpected) = self.unexpected(header) {
                    stopped = Some(Some(fault(
                        at,
                        offsets.len(),
                        RecordFault::Unexpected(unexpected),
                    )));
                    break;
                }
                if let Some(plain) = &plain
                    && let Some(content) = plain.content(header, end - at)
                {
                    offsets.push(signed(at));
                    lengths.push(signed(content));
                    offset = at + plain.around + content;
                } else {
                    let sizes = match self.measure(bytes, header, range, at, end) {
                        Ok(sizes) => sizes,
                        Err(found) => {
                            stopped = Some(Some(fault(at, offsets.len(), found)));
                            break;
                        }
                    };
                    if sizes.extension > 0 {
                        longer.push((offsets.len(), sizes.extension));
                    }
                    offsets.push(signed(at));
                    lengths.push(signed(sizes.content));
                    if !self.until.is_empty() && self.is_last(header) {
                        stopped = Some(None);
                        break;
                    }
                    offset = self.next(at + sizes.record, range);
                }
                if offset >= end {
                    break;
                }
                if end - offset < size {
                    stopped = Some(Some(truncated(offset, offsets.len())));
                    break;
                }
            }
            let count = table.len() - before;
            table.push_headers(batch.headers(count), size, &self.fields);
            for (index, more) in longer.drain(..) {
                table.lengthen_header(index, more);
            }
        }
        stopped.flatten()
    }

    /// Where the record after one that ends at `end` begins, which may be past all bytes.
    fn next(&self, end: usize, range: &Range<usize>) -> usize {
        // If rounding up passes the end, no more records follow.
        let next = (end - range.start)
            .checked_next_multiple_of(self.align)
            .and_then(|next| next.checked_add(range.start))
            .unwrap_or(usize::MAX);
        self.past_padding(next, range)
    }

    /// The same place, or the next block if the rest of this one is too small for a header.
    fn past_padding(&self, offset: usize, range: &Range<usize>) -> usize {
        let Some(block) = self.block else {
            return offset;
        };
        let left = block - (offset - range.start) % block;
        if left < self.header_size() {
            offset.saturating_add(left)
        } else {
            offset
        }
    }

    /// The sizes of the record whose header is at `offset`.
    fn measure(
        &self,
        bytes: &(impl Bytes + ?Sized),
        header: &[u8],
        range: &Range<usize>,
        offset: usize,
        end: usize,
    ) -> Result<Sizes, RecordFault> {
        let limit = match self.block {
            Some(block) => end.min(offset.saturating_add(block - (offset - range.start) % block)),
            None => end,
        };
        let left = limit - offset;
        let count = self.length.count(header);
        let (mut extension, mut value) = (0, count);
        match escape_of(&self.escapes, count) {
            None => {}
            Some(Then::ToEnd) => {
                let around = header.len().checked_add(self.trailer);
                let content = around.and_then(|around| left.checked_sub(around));
                return match content {
                    Some(_) if left == 0 => Err(RecordFault::NoAdvance),
                    Some(content) => Ok(Sizes {
                        content,
                        record: left,
                        extension,
                    }),
                    None => Err(RecordFault::Truncated {
                        needed: self.trailer,
                        left: left.saturating_sub(header.len()),
                    }),
                };
            }
            Some(Then::Wide(scalar)) => {
                extension = scalar.size();
                let mut wide = [0; 8];
                let wide = &mut wide[..extension];
                let fits = header.len() + extension <= left;
                if !fits || bytes.read(offset + header.len(), wide).is_none() {
                    return Err(RecordFault::truncated(header.len() + extension, left));
                }
                value = integer(scalar, wide);
            }
        }
        let content = self
            .content_length(value, header.len(), extension)
            .ok_or(RecordFault::BadLength { value })?;
        let body = content.checked_add(self.trailer);
        let size = body.and_then(|body| body.checked_add(header.len() + extension));
        let (Some(body), Some(size)) = (body, size) else {
            let value = content as i128;
            return Err(RecordFault::BadLength { value });
        };
        if size > left {
            return Err(if limit < end {
                RecordFault::PastBlock { size, left }
            } else {
                RecordFault::Truncated {
                    needed: body,
                    left: left.saturating_sub(header.len() + extension),
                }
            });
        }
        if size == 0 {
            return Err(RecordFault::NoAdvance);
        }
        Ok(Sizes {
            content,
            record: size,
            extension,
        })
    }

    /// The content's length in bytes, if the number in the header or after it makes one.
    fn content_length(&self, count: i128, header: usize, extension: usize) -> Option<usize> {
        let mut bias = i128::from(self.bias);
        // A length that counts the header counts what lengthens it.
        if bias <= -(header as i128) {
            bias -= extension as i128;
        }
        let length = count.checked_mul(i128::from(self.scale))?.checked_add(bias)?;
        usize::try_from(length).ok()
    }
}

/// The bytes of a record's content, of the record, and of the length after its header.
struct Sizes {
    content: usize,
    record: usize,
    extension: usize,
}

/// Reads a header that is not in the fragment before: in another fragment, or in several.
#[cold]
fn read_far<'b>(
    bytes: &'b (impl Bytes + ?Sized),
    fragment: &mut Option<Fragment<'b>>,
    offset: usize,
    header: &mut [u8],
) -> Option<()> {
    *fragment = bytes.fragment_at(offset);
    let near = fragment
        .as_ref()
        .and_then(|fragment| fragment.read(offset, header));
    near.or_else(|| bytes.read(offset, header))
}

/// How many records there will be, if the rest of `all` bytes is like the first `bytes` with their `count`
/// records; a little more, so that small differences need no more room.
fn expected(count: usize, bytes: usize, all: usize) -> usize {
    let mean = bytes / count.max(1);
    let rest = all.saturating_sub(bytes) / mean.max(1);
    count.saturating_add(rest).saturating_add(rest / 32)
}

/// A number of bytes as the columns keep it.
#[inline]
#[expect(clippy::cast_possible_wrap, reason = "no bytes are longer than isize::MAX")]
const fn signed(bytes: usize) -> i64 {
    bytes as i64
}

/// The common layout: a field counts bytes, and the next record follows at once.
struct Plain {
    length: Scalar,
    at: usize,
    bias: i64,
    /// Bytes of header and trailer.
    around: usize,
}

impl Plain {
    fn new(layout: &RecordLayout) -> Option<Self> {
        let follows = layout.align <= 1 && layout.block.is_none();
        let follows = follows && layout.until.is_empty() && layout.escapes.is_empty();
        match layout.length {
            Length::Scalar { offset, scalar } if follows && layout.scale == 1 => Some(Self {
                length: scalar,
                at: offset,
                bias: layout.bias,
                around: layout.header_size().checked_add(layout.trailer)?,
            }),
            _ => None,
        }
    }

    /// The bytes of the content, if the record is whole within `left` bytes.
    #[inline]
    fn content(&self, header: &[u8], left: usize) -> Option<usize> {
        let item = header.get(self.at..self.at + self.length.size())?;
        let count = self.length.unpack_integer(item).checked_add(self.bias)?;
        // A length with the highest bit set is negative, or longer than all bytes: the long way tells which.
        let content = usize::try_from(count).ok()?;
        (content <= left.checked_sub(self.around)?).then_some(content)
    }
}
