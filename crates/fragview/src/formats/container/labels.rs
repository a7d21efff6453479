//! Names without their numbers: each text once, found by its hash.

use core::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::texts::Texts;
use crate::error::Error;
use crate::geometry::Chunked;

/// Stands in a label where a family has its number. No name has it, because it is a control character.
pub(super) const NUMBER: char = '\0';

/// The labels of a container, numbered in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    texts: Texts,
    entries: Chunked<Label>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    /// Whether any label has an `@`, so that it may look like another one with a number.
    has_at: bool,
    /// Whether any label is a family's.
    has_families: bool,
}

/// A label: where its text is, and its streams.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    text: u32,
    /// The number that its next stream gets.
    pub(super) next: u32,
    /// The first run of its streams, or [`NO_RUN`].
    pub(super) first: u32,
    /// The second run, or [`NO_RUN`]; if there are more, the list of all, with [`LIST`] added.
    pub(super) more: u32,
}

/// The index of no run.
pub(super) const NO_RUN: u32 = u32::MAX;
/// Marks the index of a list. There are fewer runs, because streams with an extent each take memory.
pub(super) const LIST: u32 = 1 << 31;

impl Labels {
    /// The text of a label. O(1).
    pub(super) fn text(&self, label: u32) -> &str {
        let label = self.entries.get(label as usize);
        label.map_or("", |label| self.texts.get(label.text))
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
        let index = u32::try_from(self.entries.len()).map_err(|_| Error::OutOfMemory)?;
        let Self {
            texts,
            entries: labels,
            table,
            hasher,
            ..
        } = self;
        let of = |label: &u32| {
            let label = labels.get(*label as usize);
            hasher.hash_one(label.map_or("", |label| texts.get(label.text)))
        };
        table.try_reserve(1, of).map_err(|_| Error::OutOfMemory)?;
        let label = Label {
            text: texts.push(text)?,
            next: 0,
            first: NO_RUN,
            more: NO_RUN,
        };
        labels.push(label)?;
        let hash = hasher.hash_one(text);
        table.insert_unique(hash, index, |_| hash);
        self.has_at |= text.contains('@');
        self.has_families |= text.contains(NUMBER);
        Ok(index)
    }

    /// The bytes of heap they take. O(1).
    pub(super) fn heap_size(&self) -> usize {
        self.texts.heap_size()
            + self.entries.heap_size()
            // A number and a byte of hash a slot.
            + self.table.capacity() * 8 / 7 * 5
    }
}
