//! A hash table of indices, keyed by the entries that they refer to.

use core::hash::{BuildHasher, Hash};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

use super::owners::sources::narrow;
use crate::error::Error;

/// Indices of things that have a key each and are kept elsewhere: 5 to 10 bytes an index.
#[derive(Debug)]
pub(super) struct IndexTable {
    places: HashTable<u32>,
}

impl IndexTable {
    pub(super) const fn new() -> Self {
        Self {
            places: HashTable::new(),
        }
    }

    /// The place of the thing with this key, if it is known; `key_at` tells the key at a place. O(1).
    pub(super) fn get<Key: Eq + Hash>(
        &self,
        key: &Key,
        key_at: impl Fn(usize) -> Option<Key>,
    ) -> Option<usize> {
        let same = |&place: &u32| key_at(place as usize).as_ref() == Some(key);
        let place = self.places.find(FxBuildHasher.hash_one(key), same)?;
        Some(*place as usize)
    }

    /// Makes room, so that `count` more calls of `insert` do not fail. Amortised O(count).
    pub(super) fn reserve<Key: Hash>(
        &mut self,
        count: usize,
        key_at: impl Fn(usize) -> Option<Key>,
    ) -> Result<(), Error> {
        self.places
            .try_reserve(count, |&place| hash(&key_at, place))
            .map_err(|_| Error::OutOfMemory)
    }

    /// Remembers the thing at `place`. Pre: none with its key is known. Amortised O(1).
    pub(super) fn insert<Key: Hash>(&mut self, place: usize, key_at: impl Fn(usize) -> Option<Key>) {
        let place = narrow(place);
        self.places
            .insert_unique(hash(&key_at, place), place, |&place| hash(&key_at, place));
    }
}

fn hash<Key: Hash>(key_at: &impl Fn(usize) -> Option<Key>, place: u32) -> u64 {
    key_at(place as usize).map_or(0, |key| FxBuildHasher.hash_one(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_inserted() {
        let keys: alloc::vec::Vec<usize> = (0..1000).map(|number| number * 4096).collect();
        let key_at = |place: usize| keys.get(place).copied();
        let mut known = IndexTable::new();
        for place in 0..500 {
            known.reserve(1, key_at).unwrap();
            known.insert(place, key_at);
        }
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(known.get(key, key_at), (place < 500).then_some(place));
        }
    }
}
