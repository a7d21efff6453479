//! The extents of many streams, packed into a few bytes a stream.

use core::iter::FusedIterator;

use super::chunked::Chunked;
use super::extent::Extent;
use super::tokens::{Cursor, Tokens};
use crate::error::Error;

/// Streams between two places from which reading can begin.
const BLOCK: usize = 64;

/// The extents of many streams, in the order in which they are pushed, in a few bytes each.
///
/// An extent is recorded by its length and by the gap between it and the extent before it, each in as few
/// bytes as it needs: a stream of one short extent takes 2 to 4 bytes, and a quarter of a byte more for an
/// index. If 64 streams repeat one length and one gap, as records of one size do, all 64 together take as
/// much as one. Memory grows in steps of 32 KiB and is never copied, so that it does not peak either.
///
/// ```
/// use fragview::geometry::{Extent, Spans};
/// let mut spans = Spans::new();
/// for record in 0..1000 {
///     spans.begin()?;
///     spans.push(Some(record * 88 + 4), 80)?;
/// }
/// assert_eq!(spans.span(700).collect::<Vec<_>>(), [Extent { offset: Some(700 * 88 + 4), length: 80 }]);
/// assert!(spans.heap_size() < 1 << 17);
/// # Ok::<(), fragview::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Spans {
    tokens: Tokens,
    blocks: Chunked<Block>,
    /// The streams.
    len: usize,
    /// The end of the last extent that is in `tokens`.
    base: usize,
    /// The last extent of the last stream, which may still become longer.
    pending: Option<Extent>,
}

/// The start of a block of streams.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// The end of the extent before in the source.
    base: usize,
    /// The start of its tokens.
    at: usize,
    /// All streams of the block have the same tokens, which are kept once.
    is_regular: bool,
}

// Flags in a token's first number, beside the length.
const MORE: u128 = 1;
const HOLE: u128 = 2;
const FLAGS: u32 = 2;

impl Spans {
    /// No streams.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            tokens: Tokens::new(),
            blocks: Chunked::new(),
            len: 0,
            base: 0,
            pending: None,
        }
    }

    /// The number of streams. O(1).
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if there is no stream. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Begins another stream, without any bytes yet, and returns its index. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]; the streams stay as they were.
    pub fn begin(&mut self) -> Result<usize, Error> {
        if self.len > 0 {
            self.end_stream()?;
        }
        if self.len.is_multiple_of(BLOCK) {
            self.end_block();
            self.blocks.push(Block {
                base: self.base,
                at: self.tokens.len(),
                is_regular: false,
            })?;
        }
        self.len += 1;
        Ok(self.len - 1)
    }

    /// Appends `length` bytes at `offset`, or as many of a hole, to the last stream. Amortised O(1). Does
    /// nothing if there is no stream.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]; the streams stay as they were.
    pub fn push(&mut self, offset: Option<usize>, length: usize) -> Result<(), Error> {
        if length == 0 || self.len == 0 {
            return Ok(());
        }
        let extent = Extent { offset, length };
        if let Some(pending) = &mut self.pending
            && pending.touches(extent)
            && let Some(length) = pending.length.checked_add(length)
        {
            pending.length = length;
            return Ok(());
        }
        if let Some(pending) = self.pending {
            self.write(pending, MORE)?;
        }
        self.pending = Some(extent);
        Ok(())
    }

    /// Writes the last token of the last stream.
    fn end_stream(&mut self) -> Result<(), Error> {
        let last = self.pending.unwrap_or(Extent::EMPTY);
        self.write(last, 0)?;
        self.pending = None;
        Ok(())
    }

    /// Writes an extent; one of no bytes, which is a whole stream, as a hole.
    fn write(&mut self, extent: Extent, more: u128) -> Result<(), Error> {
        let hole = if extent.offset.is_none() { HOLE } else { 0 };
        let head = (extent.length as u128) << FLAGS | hole | more;
        let gap = extent.offset.map(|offset| {
            let gap = offset.wrapping_sub(self.base).cast_signed();
            // Small numbers of either sign have few bits.
            (gap.cast_unsigned() << 1) ^ (gap >> (isize::BITS - 1)).cast_unsigned()
        });
        self.tokens
            .push(head, gap.map(|gap| gap as u128))
            .ok_or(Error::OutOfMemory)?;
        if let Some(offset) = extent.offset {
            self.base = offset.wrapping_add(extent.length);
        }
        Ok(())
    }

    /// Keeps the tokens of the last block once, if its streams all have the same.
    fn end_block(&mut self) {
        if let Some(block) = self.blocks.last_mut() {
            block.is_regular = self.tokens.keep_one_of(block.at, BLOCK);
        }
    }

    /// The extents of stream `index`, in order; none past the last stream. O(1), then O(1) an extent.
    #[must_use]
    pub fn span(&self, index: usize) -> Span<'_> {
        self.spans(index).next().unwrap_or(Span {
            spans: self,
            cursor: Tokens::cursor(0),
            base: 0,
            pending: None,
            is_done: true,
        })
    }

    /// The streams from `first` on, each as its extents. O(1), then O(extents) a stream.
    pub fn spans(&self, first: usize) -> impl Iterator<Item = Span<'_>> + '_ {
        let mut index = first;
        let mut place = None;
        core::iter::from_fn(move || {
            if index >= self.len {
                return None;
            }
            let (cursor, base) = match place.take() {
                Some(place) if !index.is_multiple_of(BLOCK) => place,
                _ => self.find(index)?,
            };
            let span = Span {
                spans: self,
                cursor,
                base,
                pending: if index + 1 == self.len { self.pending } else { None },
                is_done: false,
            };
            let mut rest = span.clone();
            rest.by_ref().for_each(drop);
            // In a regular block the tokens are those of each stream.
            let is_regular = self
                .blocks
                .get(index / BLOCK)
                .is_some_and(|block| block.is_regular);
            place = Some((if is_regular { cursor } else { rest.cursor }, rest.base));
            index += 1;
            Some(span)
        })
    }

    /// The start of the tokens of stream `index`, and the end of the extent before it.
    fn find(&self, index: usize) -> Option<(Cursor, usize)> {
        let block = *self.blocks.get(index / BLOCK)?;
        let skip = index % BLOCK;
        let mut span = Span {
            spans: self,
            cursor: Tokens::cursor(block.at),
            base: block.base,
            pending: None,
            is_done: false,
        };
        if block.is_regular {
            let cursor = span.cursor;
            span.by_ref().for_each(drop);
            let step = span.base.wrapping_sub(block.base);
            return Some((cursor, block.base.wrapping_add(step.wrapping_mul(skip))));
        }
        for _ in 0..skip {
            span.is_done = false;
            span.by_ref().for_each(drop);
        }
        Some((span.cursor, span.base))
    }

    /// The bytes of heap they take. O(1).
    #[must_use]
    pub fn heap_size(&self) -> usize {
        self.tokens.heap_size() + self.blocks.heap_size()
    }
}

/// The extents of one stream of [`Spans`], in order.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    spans: &'a Spans,
    cursor: Cursor,
    base: usize,
    /// The last extent, if it is not among the tokens yet.
    pending: Option<Extent>,
    is_done: bool,
}

impl Span<'_> {
    /// The bytes of all extents together. O(extents).
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.clone()
            .fold(0, |length, extent| length.saturating_add(extent.length))
    }
}

impl Iterator for Span<'_> {
    type Item = Extent;

    fn next(&mut self) -> Option<Extent> {
        if self.is_done {
            return None;
        }
        let tokens = &self.spans.tokens;
        let Some(head) = tokens.next(&mut self.cursor) else {
            // The last stream's last extent is not written yet.
            self.is_done = true;
            return self.pending.take();
        };
        self.is_done = head & MORE == 0;
        let length = usize::try_from(head >> FLAGS).unwrap_or(usize::MAX);
        if head & HOLE != 0 {
            return (length > 0).then_some(Extent { offset: None, length });
        }
        let gap = usize::try_from(tokens.next(&mut self.cursor)?).unwrap_or(usize::MAX);
        let gap = (gap >> 1) ^ (gap & 1).wrapping_neg();
        let offset = self.base.wrapping_add(gap);
        self.base = offset.wrapping_add(length);
        Some(Extent {
            offset: Some(offset),
            length,
        })
    }
}

impl FusedIterator for Span<'_> {}
