//! The scratch of searches: states of automata made so far, and lists of threads.

use alloc::vec::Vec;
use std::sync::{Mutex, MutexGuard, TryLockError};

use regex_automata::hybrid::dfa;

use super::feed::Blocks;
use super::groups::Groups;
use super::program::Program;

/// The scratch of one search.
pub(super) struct Cache {
    pub(super) forward: dfa::Cache,
    /// Made when it is first needed.
    pub(super) backward: Option<dfa::Cache>,
    pub(super) groups: Groups,
    pub(super) blocks: Blocks,
}

/// Caches that no search is using.
pub(super) struct Pool(Mutex<Vec<Cache>>);

impl Pool {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// A cache that has served before, or a new one.
    pub(super) fn take(&self, program: &Program) -> Cache {
        let used = self.free().and_then(|mut caches| caches.pop());
        used.unwrap_or_else(|| Cache {
            forward: program.forward.create_cache(),
            backward: None,
            groups: Groups::new(program),
            blocks: Blocks::default(),
        })
    }

    pub(super) fn give_back(&self, cache: Cache) {
        if let Some(mut caches) = self.free() {
            caches.push(cache);
        }
    }

    /// The caches, unless another search is at them this moment: a cache is soon made, and no search waits
    /// for another.
    fn free(&self) -> Option<MutexGuard<'_, Vec<Cache>>> {
        match self.0.try_lock() {
            Ok(caches) => Some(caches),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}
