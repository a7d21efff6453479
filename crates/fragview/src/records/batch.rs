//! Some records at a time: headers that a scan has read and whose fields the table does not have yet.

use alloc::vec::Vec;

/// Headers that wait for the table, so that its columns grow by many values at once.
pub(super) struct Batch {
    /// As many headers as the batch takes, the last one but read and not kept.
    headers: Vec<u8>,
    header: usize,
    count: usize,
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
        Some(Self {
            headers,
            header,
            count: 0,
            most,
        })
    }

    /// The number of headers that it takes.
    pub(super) const fn most(&self) -> usize {
        self.most
    }

    pub(super) const fn is_full(&self) -> bool {
        self.count == self.most
    }

    /// Where the next record's header is to be read. Pre: the batch is not full.
    #[inline]
    pub(super) fn next_header(&mut self) -> &mut [u8] {
        let start = self.count * self.header;
        &mut self.headers[start..start + self.header]
    }

    /// Keeps the header that was read. Pre: the batch is not full.
    #[inline]
    pub(super) const fn keep(&mut self) {
        self.count += 1;
    }

    /// The headers kept, one after the other, and the bytes of each.
    pub(super) fn headers(&self) -> (&[u8], usize) {
        (&self.headers[..self.count * self.header], self.header)
    }

    pub(super) const fn clear(&mut self) {
        self.count = 0;
    }
}
