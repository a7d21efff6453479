//! Indices of what is known by a key, in memory that may run out.

use core::hash::Hash;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::error::Error;

/// From a key to an index. The keys are addresses, which nobody chooses, so the seed may be fixed.
#[derive(Debug)]
pub(super) struct Known<K>(HashMap<K, usize, FixedState>);

impl<K> Known<K> {
    pub(super) const fn new() -> Self {
        Self(HashMap::with_hasher(FixedState::with_seed(0)))
    }
}

impl<K: Eq + Hash> Known<K> {
    /// Amortised O(1).
    pub(super) fn get(&self, key: &K) -> Option<usize> {
        self.0.get(key).copied()
    }

    /// Makes room, so that `count` more inserts don't fail.
    pub(super) fn reserve(&mut self, count: usize) -> Result<(), Error> {
        self.0.try_reserve(count).map_err(|_| Error::OutOfMemory)
    }

    /// Amortised O(1). Pre: `reserve` has made room.
    pub(super) fn insert(&mut self, key: K, index: usize) {
        self.0.insert(key, index);
    }
}
