//! Names without their numbers: each text once, found by its hash.

use alloc::string::String;
use alloc::vec::Vec;
use core::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::error::Error;

/// Stands in a label where a family has its number. No name has it, because it is a control character.
pub(super) const NUMBER: char = '\0';

/// The labels of a container, numbered in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    text: String,
    entries: Vec<Label>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Whether any label has an `@`, so that it may look like another one with a number.
    has_at: bool,
    /// Whether any label is a family's.
    has_families: bool,
}

/// A label: where its text ends, and its streams.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    end: usize,
    /// The number that its next stream gets.
    pub(super) next: u32,
    pub(super) runs: Runs,
}

/// The runs of a label's streams.
#[derive(Clone, Copy, Debug)]
pub(super) enum Runs {
    None,
    /// One run, of this index.
    One(u32),
    /// Several; their indices are in the list of this index.
    Many(u32),
}

impl Labels {
    /// The text of a label. O(1).
    pub(super) fn text(&self, label: u32) -> &str {
        let index = label as usize;
        let end = |index: usize| self.entries.get(index).map_or(0, |label| label.end);
        let start = index.checked_sub(1).map_or(0, end);
        self.text.get(start..end(index)).unwrap_or("")
    }

    /// The label of this text. O(1) in the mean.
    pub(super) fn find(&self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        self.table.find(hash, |&label| self.text(label) == text).copied()
    }

    pub(super) fn get(&self, label: u32) -> Option<&Label> {
        self.entries.get(label as usize)
    }

    pub(super) fn get_mut(&mut self, label: u32) -> Option<&mut Label> {
        self.entries.get_mut(label as usize)
    }

    /// Whether a label's name may pass for another label's with a number.
    pub(super) const fn has_at(&self) -> bool {
        self.has_at
    }

    pub(super) const fn has_families(&self) -> bool {
        self.has_families
    }

    /// Adds a label, which is a new one. Amortised O(1).
    pub(super) fn add(&mut self, text: &str) -> Result<u32, Error> {
        let short = |_| Error::OutOfMemory;
        let index = u32::try_from(self.entries.len()).map_err(|_| Error::OutOfMemory)?;
        if self.entries.len() == self.entries.capacity() {
            self.entries
                .try_reserve_exact((self.entries.len() / 2).max(1))
                .map_err(short)?;
        }
        if self.text.capacity() - self.text.len() < text.len() {
            let more = text.len().max(self.text.len() / 2);
            self.text.try_reserve_exact(more).map_err(short)?;
        }
        let Self {
            text: texts,
            entries: labels,
            table,
            hasher,
            ..
        } = self;
        let of = |label: &u32| {
            let index = *label as usize;
            let end = |index: usize| labels.get(index).map_or(0, |label: &Label| label.end);
            let start = index.checked_sub(1).map_or(0, end);
            hasher.hash_one(texts.get(start..end(index)).unwrap_or(""))
        };
        table.try_reserve(1, of).map_err(|_| Error::OutOfMemory)?;
        let hash = hasher.hash_one(text);
        table.insert_unique(hash, index, |_| hash);
        self.text.push_str(text);
        self.entries.push(Label {
            end: self.text.len(),
            next: 0,
            runs: Runs::None,
        });
        self.has_at |= text.contains('@');
        self.has_families |= text.contains(NUMBER);
        Ok(index)
    }

    /// The bytes of heap they take. O(1).
    pub(super) fn heap_size(&self) -> usize {
        self.text.capacity()
            + self.entries.capacity() * size_of::<Label>()
            // A number and a byte of hash a slot.
            + self.table.capacity() * 8 / 7 * 5
    }
}
