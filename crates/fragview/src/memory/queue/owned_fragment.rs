//! A fragment of a queue, with its owner.

use crate::error::Error;
use crate::memory::{Address, Owner};

/// One fragment and its owner.
///
/// Invariant: `length` is not 0; the bytes are valid as long as the owner, or, without an owner, as long as
/// the kind of memory says.
#[derive(Debug)]
pub(super) struct OwnedFragment<O> {
    /// Where it begins on a line that wraps round.
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) address: Address,
    pub(super) owner: Option<O>,
    pub(super) writable: bool,
}

impl<O> OwnedFragment<O> {
    /// Cuts the first `count` bytes off. Pre: there are more.
    pub(super) fn cut_front(&mut self, count: usize) {
        self.start = self.start.wrapping_add(count);
        self.address = self.address.plus(count);
        self.length -= count;
    }
}

impl<O: Owner> OwnedFragment<O> {
    /// Returns the `length` bytes from `within` on, kept valid by the owner that `clone` makes of this one's.
    /// Pre: they lie in the fragment.
    ///
    /// # Errors
    /// [`Error::ForeignOwner`] if that owner does not keep them valid.
    pub(super) fn part(
        &self,
        within: usize,
        length: usize,
        clone: impl FnOnce(&O) -> O,
    ) -> Result<Self, Error> {
        let mut part = Self {
            start: self.start.wrapping_add(within),
            length,
            address: self.address.plus(within),
            owner: None,
            writable: self.writable,
        };
        if let Some(owner) = &self.owner {
            let twin = clone(owner);
            part.address = part.address_in(owner, &twin).ok_or(Error::ForeignOwner)?;
            part.owner = Some(twin);
        }
        Ok(part)
    }

    /// The address of these bytes of `owner` for a holder of `twin` instead; `None` if `twin` does not keep
    /// them valid.
    fn address_in(&self, owner: &O, twin: &O) -> Option<Address> {
        if self.writable && !twin.is_writable() {
            return None;
        }
        // Bytes in the twin's own memory are valid by the contract of `Owner`.
        let (first, size) = twin.memory();
        let offset = self.address.number().wrapping_sub(first.addr());
        if offset <= size && self.length <= size - offset {
            return Some(Address::new(first.wrapping_add(offset).cast_mut()));
        }
        // Bytes of `Builder::push_address` lie elsewhere; owners of one identity keep the same ones valid.
        let same = twin.identity() == owner.identity() && (first, size) == owner.memory();
        same.then_some(self.address)
    }
}
