//! Sets of numbers that take memory for their members only.

use core::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::error::Error;

/// A set of numbers, in words of 64: a file that says it has 2⁵⁰ sectors and names three takes three words.
#[derive(Debug, Default)]
pub(in crate::formats) struct SparseSet {
    words: HashTable<(usize, u64)>,
    hasher: DefaultHashBuilder,
}

impl SparseSet {
    /// Adds a number; false if it was there. Amortised O(1).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub(in crate::formats) fn insert(&mut self, number: usize) -> Result<bool, Error> {
        let Self { words, hasher } = self;
        let (index, bit) = (number / 64, 1_u64 << (number % 64));
        let hash = hasher.hash_one(index);
        if let Some((_, word)) = words.find_mut(hash, |word| word.0 == index) {
            let is_new = *word & bit == 0;
            *word |= bit;
            return Ok(is_new);
        }
        let of = |word: &(usize, u64)| hasher.hash_one(word.0);
        words.try_reserve(1, of).map_err(|_| Error::OutOfMemory)?;
        words.insert_unique(hash, (index, bit), of);
        Ok(true)
    }

    /// True if the number is in the set. O(1) in the mean.
    pub(in crate::formats) fn contains(&self, number: usize) -> bool {
        let index = number / 64;
        let word = self
            .words
            .find(self.hasher.hash_one(index), |word| word.0 == index);
        word.is_some_and(|word| word.1 >> (number % 64) & 1 != 0)
    }
}
