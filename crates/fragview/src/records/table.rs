//! `RecordTable`: the records of a scan, as columns.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::column::Column;
use super::error::TrimError;
use super::layout::RecordLayout;
use crate::error::Error;
use crate::format::Field;
use crate::geometry::{Extent, Extents};
use crate::interrupt::Interrupt;

/// Records found by a scan: where each lies, and a column for each field of their headers.
///
/// 24 bytes a record and the header's fields; offsets are those of the bytes that were scanned. A clone
/// shares all of it: O(fields).
#[derive(Clone, Debug)]
pub struct RecordTable {
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Column>,
    /// The start of each record; signed, as array libraries and Arrow like offsets.
    pub(super) offsets: Arc<Vec<i64>>,
    /// The start of each content.
    pub(super) starts: Arc<Vec<i64>>,
    /// Bytes of each content.
    pub(super) lengths: Arc<Vec<i64>>,
    /// The starts and lengths as they were scanned, if contents are trimmed.
    pub(super) scanned: Option<[Arc<Vec<i64>>; 2]>,
    /// Bytes of a trailer.
    pub(super) trailer: usize,
    /// The start of the scan.
    pub(super) begin: usize,
}

impl RecordTable {
    /// A table without records, of a scan from `begin` on.
    pub(super) fn new(layout: &RecordLayout, begin: usize) -> Self {
        Self {
            names: layout.names.clone(),
            columns: (0..layout.fields.len())
                .map(|index| layout.column(index))
                .collect(),
            offsets: Arc::new(Vec::new()),
            starts: Arc::new(Vec::new()),
            lengths: Arc::new(Vec::new()),
            scanned: None,
            trailer: layout.trailer,
            begin,
        }
    }

    /// A table of contents without headers, fields and trailers. Pre: both have one length.
    pub(crate) fn from_contents(starts: Vec<i64>, lengths: Vec<i64>) -> Self {
        let starts = Arc::new(starts);
        Self {
            names: Vec::new(),
            columns: Vec::new(),
            begin: starts
                .first()
                .map_or(0, |&first| usize::try_from(first).unwrap_or(0)),
            offsets: Arc::clone(&starts),
            starts,
            lengths: Arc::new(lengths),
            scanned: None,
            trailer: 0,
        }
    }

    /// The offset of each record and the length of its content, to append to; the headers must follow in
    /// [`push_headers`](Self::push_headers).
    pub(super) fn places(&mut self) -> (&mut Vec<i64>, &mut Vec<i64>) {
        (Arc::make_mut(&mut self.offsets), Arc::make_mut(&mut self.lengths))
    }

    /// Takes the headers, `header` bytes each, of the records pushed since the last call. Pre: there is room.
    #[expect(clippy::cast_possible_wrap, reason = "no header is longer than isize::MAX")]
    pub(super) fn push_headers(&mut self, headers: &[u8], header: usize, fields: &[Field]) {
        let offsets = &self.offsets[self.starts.len()..];
        Arc::make_mut(&mut self.starts).extend(offsets.iter().map(|offset| offset + header as i64));
        for (column, field) in self.columns.iter_mut().zip(fields) {
            column.extend(headers, header, field.offset);
        }
    }

    /// Notes that the header of record `index` is longer by `more` bytes.
    #[expect(clippy::cast_possible_wrap, reason = "at most 8")]
    pub(super) fn lengthen_header(&mut self, index: usize, more: usize) {
        if let Some(start) = Arc::make_mut(&mut self.starts).get_mut(index) {
            *start += more as i64;
        }
    }

    /// Makes room for `count` more records; `None`, with the table as it was, if memory is short. It grows
    /// to what is expected, but at least by a quarter, so that the cost stays linear, and at most to eight
    /// times the present number, so that a wrong length takes no memory out of proportion.
    pub(super) fn make_room(&mut self, count: usize, expected: usize) -> Option<()> {
        let wanted = self.len().checked_add(count)?;
        if wanted <= self.offsets.capacity() {
            return Some(());
        }
        let most = expected.min(wanted.saturating_mul(8));
        let more = wanted.max(self.len() / 4 * 5).max(most) - self.len();
        for column in &mut self.columns {
            column.reserve(more)?;
        }
        for numbers in [&mut self.starts, &mut self.lengths, &mut self.offsets] {
            Arc::get_mut(numbers)?.try_reserve_exact(more).ok()?;
        }
        Some(())
    }

    /// Gives back the room that growing has left over.
    pub(super) fn shrink(&mut self) {
        for numbers in [&mut self.offsets, &mut self.starts, &mut self.lengths] {
            if let Some(numbers) = Arc::get_mut(numbers) {
                numbers.shrink_to_fit();
            }
        }
        for column in &mut self.columns {
            column.shrink();
        }
    }

    /// The number of records. O(1).
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// True if there is no record. O(1).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The fields' names, in the header's order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The column of a field. O(fields).
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .get(self.names.iter().position(|field| field == name)?)
    }

    /// All columns with their names, in the header's order.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.names.iter().map(String::as_str).zip(&self.columns)
    }

    /// The start of each record, in bytes. O(1).
    #[must_use]
    pub fn offsets(&self) -> &[i64] {
        &self.offsets
    }

    /// The start of each content, in bytes. O(1).
    #[must_use]
    pub fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// Bytes of each content. O(1).
    #[must_use]
    pub fn lengths(&self) -> &[i64] {
        &self.lengths
    }

    /// The place of the content of record `index`; nothing past the last one. O(1).
    #[must_use]
    pub fn content(&self, index: usize) -> Extent {
        let number = |column: &[i64]| column.get(index).and_then(|&number| usize::try_from(number).ok());
        Extent {
            offset: number(&self.starts),
            length: number(&self.lengths).unwrap_or(0),
        }
    }

    /// The offset of each record, the offset and the length of its content, to keep. O(1).
    #[cfg(feature = "arrow")]
    pub(super) fn shared_places(&self) -> [Arc<Vec<i64>>; 2] {
        [Arc::clone(&self.starts), Arc::clone(&self.lengths)]
    }

    /// The contents laid end to end. O(records).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn join(&self) -> Result<Extents, Error> {
        self.join_with(&mut Interrupt::never())
    }

    /// As [`join`](Self::join); asks now and then whether to go on.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::Interrupted`].
    pub fn join_with(&self, interrupt: &mut Interrupt<'_>) -> Result<Extents, Error> {
        let mut all = Extents::new();
        for part in Interrupt::parts(self.len()) {
            interrupt.turns(part.len())?;
            all.try_extend(part.map(|index| self.content(index)))?;
        }
        Ok(all)
    }

    /// The same records with `front` bytes less at the beginning of each content, and `back` at its end.
    ///
    /// Both are asked with each record's index. O(records).
    ///
    /// # Errors
    /// [`TrimError`]: the first record whose content is shorter than what is to be trimmed, or memory is
    /// short.
    pub fn trim(
        &self,
        front: impl Fn(usize) -> usize,
        back: impl Fn(usize) -> usize,
    ) -> Result<Self, TrimError> {
        self.trim_with(front, back, &mut Interrupt::never())
    }

    /// As [`trim`](Self::trim); asks now and then whether to go on.
    ///
    /// # Errors
    /// As [`trim`](Self::trim), and [`TrimError::Interrupted`].
    pub fn trim_with(
        &self,
        front: impl Fn(usize) -> usize,
        back: impl Fn(usize) -> usize,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<Self, TrimError> {
        let mut starts = collected(self.len(), self.starts.iter().copied())?;
        let mut lengths = collected(self.len(), self.lengths.iter().copied())?;
        let every = Interrupt::EVERY;
        let parts = starts.chunks_mut(every).zip(lengths.chunks_mut(every));
        for (part, (starts, lengths)) in parts.enumerate() {
            interrupt.turns(starts.len())?;
            for (index, (start, length)) in starts.iter_mut().zip(lengths).enumerate() {
                let index = part * every + index;
                let too_short = TrimError::TooShort { index };
                let front = i64::try_from(front(index)).map_err(|_| too_short)?;
                let less = i64::try_from(back(index))
                    .ok()
                    .and_then(|back| back.checked_add(front))
                    .filter(|less| less <= length)
                    .ok_or(too_short)?;
                *start += front;
                *length -= less;
            }
        }
        Ok(Self {
            starts: Arc::new(starts),
            lengths: Arc::new(lengths),
            scanned: match &self.scanned {
                Some(scanned) => Some(scanned.clone()),
                None => Some([Arc::clone(&self.starts), Arc::clone(&self.lengths)]),
            },
            ..self.clone()
        })
    }

    /// The contents joined from each start to the next: a message over several records. Records before the
    /// first start belong to none. O(records).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn messages(&self, starts: impl Fn(usize) -> bool) -> Result<Vec<Extents>, Error> {
        self.messages_with(starts, &mut Interrupt::never())
    }

    /// As [`messages`](Self::messages); asks now and then whether to go on.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::Interrupted`].
    pub fn messages_with(
        &self,
        starts: impl Fn(usize) -> bool,
        interrupt: &mut Interrupt<'_>,
    ) -> Result<Vec<Extents>, Error> {
        let mut messages: Vec<Extents> = Vec::new();
        for part in Interrupt::parts(self.len()) {
            interrupt.turns(part.len())?;
            for index in part {
                if starts(index) {
                    try_push(&mut messages, Extents::new())?;
                }
                if let Some(message) = messages.last_mut() {
                    let content = self.content(index);
                    message.try_push(content.offset, content.length)?;
                }
            }
        }
        Ok(messages)
    }

    /// The bytes of heap the table takes. O(fields).
    #[must_use]
    pub fn heap_size(&self) -> usize {
        let scanned = self.scanned.iter().flatten().map(|numbers| numbers.capacity());
        let numbers = self.offsets.capacity()
            + self.starts.capacity()
            + self.lengths.capacity()
            + scanned.sum::<usize>();
        numbers * size_of::<i64>()
            + self
                .columns
                .iter()
                .map(|column| column.data().len())
                .sum::<usize>()
    }
}

/// The values in a vector with room for `most`.
pub(super) fn collected<T>(most: usize, values: impl Iterator<Item = T>) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    all.try_reserve_exact(most).map_err(|_| Error::OutOfMemory)?;
    all.extend(values.take(most));
    Ok(all)
}

/// Appends, or says that memory is short.
pub(super) fn try_push<T>(values: &mut Vec<T>, value: T) -> Result<(), Error> {
    values.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
    values.push(value);
    Ok(())
}
