//! A source: an owner, and the memory that it keeps valid.

use super::owner::Owner;

/// Memory that one owner keeps valid.
#[derive(Clone, Debug)]
pub(in crate::memory) struct Source<O> {
    pub(in crate::memory) owner: O,
    pub(in crate::memory) address: *const u8,
    pub(in crate::memory) length: usize,
    pub(in crate::memory) writable: bool,
}

/// The identity of a source: address, length, writability, and the owner's identity.
pub(in crate::memory) type SourceKey = (usize, usize, bool, usize);

impl<O: Owner> Source<O> {
    /// The memory of `owner`.
    pub(in crate::memory) fn of(owner: O) -> Self {
        let (address, length) = owner.memory();
        let writable = owner.is_writable();
        Self {
            owner,
            address,
            length,
            writable,
        }
    }

    /// Two sources of one key are the same memory, and the owner of one will do.
    pub(in crate::memory) fn key(&self) -> SourceKey {
        (
            self.address.addr(),
            self.length,
            self.writable,
            self.owner.identity(),
        )
    }
}
