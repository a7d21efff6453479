//! Batches of records: headers that a scan has read, before their fields go to the table's columns.

use alloc::vec::Vec;

/// Headers that wait for the table, so that its columns grow by many values at once.
pub(super) struct Batch {
    headers: Vec<u8>,
    header: usize,
    most: usize,
}

/// Bytes of headers in a batch, about: they fit the first-level cache.
const BYTES: usize = 8192;

impl Batch {
    /// An empty batch for headers of this many bytes; `None` if memory is short.
    pub(super) fn new(header: usize) -> Option<Self> {
        let most = (BYTES / header.max(1)).clamp(1, 512);
        let mut headers = Vec::new();
        headers.try_reserve_exact(most.checked_mul(header)?).ok()?;
        headers.resize(most * header, 0);
        Some(Self {
            headers,
            header,
            most,
        })
    }

    /// The number of headers that it takes.
    pub(super) const fn most(&self) -> usize {
        self.most
    }

    /// Room for the first `count` headers.
    pub(super) fn slots(&mut self, count: usize) -> &mut [u8] {
        &mut self.headers[..count.min(self.most) * self.header]
    }

    /// The first `count` headers, one after the other.
    pub(super) fn headers(&self, count: usize) -> &[u8] {
        &self.headers[..count.min(self.most) * self.header]
    }
}
