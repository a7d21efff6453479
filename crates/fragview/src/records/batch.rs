//! Some records at a time: what a scan has found and the table does not have yet.

use alloc::vec::Vec;

/// Records that wait for the table, so that its columns grow by many values at once.
pub(super) struct Batch {
    pub(super) offsets: Vec<i64>,
    pub(super) lengths: Vec<i64>,
    /// As many headers as records fit, and room for the one that is read next.
    headers: Vec<u8>,
    header: usize,
    most: usize,
}

/// Bytes of headers in a batch, about: they fit the first-level cache.
const BYTES: usize = 8192;

impl Batch {
    /// An empty batch for headers of this many bytes; `None` where memory is short.
    pub(super) fn new(header: usize) -> Option<Self> {
        let most = (BYTES / header.max(1)).clamp(1, 512);
        let mut headers = Vec::new();
        headers.try_reserve_exact(most.checked_mul(header)?).ok()?;
        headers.resize(most * header, 0);
        let numbers = || Vec::with_capacity(most);
        Some(Self {
            offsets: numbers(),
            lengths: numbers(),
            headers,
            header,
            most,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.offsets.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() == self.most
    }

    /// Where the next record's header is to be read. Pre: the batch is not full.
    #[inline]
    pub(super) fn next_header(&mut self) -> &mut [u8] {
        let start = self.len() * self.header;
        &mut self.headers[start..start + self.header]
    }

    /// Keeps the header that was read.
    #[inline]
    #[expect(clippy::cast_possible_wrap, reason = "no bytes are longer than isize::MAX")]
    pub(super) fn push(&mut self, offset: usize, content: usize) {
        self.offsets.push(offset as i64);
        self.lengths.push(content as i64);
    }

    /// The headers kept, one after the other, and the bytes of each.
    pub(super) fn headers(&self) -> (&[u8], usize) {
        (&self.headers[..self.len() * self.header], self.header)
    }

    pub(super) fn clear(&mut self) {
        self.offsets.clear();
        self.lengths.clear();
    }
}
