//! `IpFragments` of IP packets: RFC 791 3.2 and RFC 8200 4.5.

use alloc::collections::BinaryHeap;
use core::cmp::Reverse;
use core::hash::BuildHasher;
use core::net::IpAddr;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::error::Error;
use crate::geometry::{Chunked, Extents};

/// The fields that the fragments of a packet share: addresses, identification, and the protocol in IPv4.
pub(super) type Key = (IpAddr, IpAddr, u32, u8);

/// A fragment: its place in the packet, and where its bytes lie in the file.
pub(super) struct Fragment {
    pub(super) start: usize,
    pub(super) extents: Extents,
    /// More follow.
    pub(super) more: bool,
    /// The protocol of the packet's payload.
    pub(super) protocol: u8,
}

/// A packet of which not all fragments have come.
struct Partial {
    key: Key,
    /// The protocol that the first fragment tells.
    protocol: Option<u8>,
    /// The length, once the last fragment has come: at most 16 bits, and a fragment's length.
    length: Option<u32>,
    /// The bytes from the start on, without a gap.
    head: Extents,
    /// The fragments after a missing range: start, offset in the file, length. Of those with one start the
    /// first in the file comes first.
    rest: BinaryHeap<Reverse<(u32, usize, u32)>>,
}

/// The packets of which not all fragments have come. About 120 bytes each: the smallest fragment has 36 in
/// the file.
#[derive(Default)]
pub(super) struct IpFragments {
    all: Chunked<Partial>,
    /// The packets by their keys.
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// A place in `all` whose packet is whole, if any: the next packet takes it.
    free: Option<u32>,
}

impl IpFragments {
    /// Adds a fragment. Returns the payload of the packet and its protocol, if this was the last missing one.
    /// If fragments overlap, the first one counts. O(log), amortised.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub(super) fn add(&mut self, key: Key, fragment: &Fragment) -> Result<Option<(Extents, u8)>, Error> {
        let index = self.index_of(key)?;
        let Some(partial) = self.all.get_mut(index as usize) else {
            return Ok(None);
        };
        let end = fragment.start.saturating_add(fragment.extents.byte_len());
        let Ok(end) = u32::try_from(end) else {
            return Ok(None);
        };
        if !fragment.more {
            partial.length.get_or_insert(end);
        }
        if fragment.start == 0 {
            partial.protocol.get_or_insert(fragment.protocol);
        }
        let mut start = fragment.start;
        for extent in &fragment.extents {
            if start <= partial.head.byte_len() {
                partial.extend(start, extent.offset, extent.length)?;
            } else if let Some(offset) = extent.offset {
                if partial.rest.len() == partial.rest.capacity() {
                    let more = (partial.rest.len() / 2).max(1);
                    partial
                        .rest
                        .try_reserve_exact(more)
                        .map_err(|_| Error::OutOfMemory)?;
                }
                // Neither is over `end`, which has 32 bits.
                let (Ok(start), Ok(length)) = (u32::try_from(start), u32::try_from(extent.length)) else {
                    return Ok(None);
                };
                partial.rest.push(Reverse((start, offset, length)));
            }
            start += extent.length;
        }
        while let Some(&Reverse((start, offset, length))) = partial.rest.peek()
            && start as usize <= partial.head.byte_len()
        {
            partial.rest.pop();
            partial.extend(start as usize, Some(offset), length as usize)?;
        }
        match partial.length {
            Some(length) if partial.head.byte_len() >= length as usize => {
                let payload = partial.head.try_slice(0..length as usize)?;
                let protocol = partial.protocol;
                self.remove(index);
                Ok(protocol.map(|protocol| (payload, protocol)))
            }
            _ => Ok(None),
        }
    }

    /// The place of the packet with this key, which is a new one if there was none.
    fn index_of(&mut self, key: Key) -> Result<u32, Error> {
        let Self {
            all,
            index,
            hasher,
            free,
        } = self;
        let hash = hasher.hash_one(key);
        let is_it = |&index: &u32| all.get(index as usize).is_some_and(|partial| partial.key == key);
        if let Some(&found) = index.find(hash, is_it) {
            return Ok(found);
        }
        let of = |&index: &u32| hasher.hash_one(all.get(index as usize).map_or(key, |partial| partial.key));
        index.try_reserve(1, of).map_err(|_| Error::OutOfMemory)?;
        let new = Partial {
            key,
            protocol: None,
            length: None,
            head: Extents::new(),
            rest: BinaryHeap::new(),
        };
        let place = if let Some(place) = free.take() {
            if let Some(partial) = all.get_mut(place as usize) {
                *partial = new;
            }
            place
        } else {
            let place = u32::try_from(all.len()).map_err(|_| Error::OutOfMemory)?;
            all.push(new)?;
            place
        };
        index.insert_unique(hash, place, |_| hash);
        Ok(place)
    }

    /// Forgets a packet that is whole.
    fn remove(&mut self, place: u32) {
        let Some(partial) = self.all.get_mut(place as usize) else {
            return;
        };
        let hash = self.hasher.hash_one(partial.key);
        partial.head = Extents::new();
        partial.rest = BinaryHeap::new();
        if let Ok(entry) = self.index.find_entry(hash, |&other| other == place) {
            entry.remove();
        }
        self.free = Some(place);
    }
}

impl Partial {
    /// Appends what is new of the bytes that begin at `start`, which is no gap.
    fn extend(&mut self, start: usize, offset: Option<usize>, length: usize) -> Result<(), Error> {
        let seen = self.head.byte_len() - start;
        if seen < length {
            let offset = offset.map(|offset| offset.saturating_add(seen));
            self.head.try_push(offset, length - seen)?;
        }
        Ok(())
    }
}
