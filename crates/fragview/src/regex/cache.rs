//! The scratch of searches: states of automata made so far, and lists of threads.

use alloc::vec::Vec;
use std::sync::{Mutex, PoisonError};

use regex_automata::hybrid::dfa;

use super::builder::Program;
use super::groups::Groups;

/// What one search needs at a time.
pub(super) struct Cache {
    pub(super) forward: dfa::Cache,
    /// Made when it is first needed.
    pub(super) backward: Option<dfa::Cache>,
    pub(super) groups: Groups,
    pub(super) scratch: Vec<u8>,
}

/// Caches that no search is using.
pub(super) struct Pool(Mutex<Vec<Cache>>);

impl Pool {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// A cache that has served before, or a new one.
    pub(super) fn take(&self, program: &Program) -> Cache {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        used.unwrap_or_else(|| Cache {
            forward: program.forward.create_cache(),
            backward: None,
            groups: Groups::new(program.nfa()),
            scratch: Vec::new(),
        })
    }

    pub(super) fn give_back(&self, cache: Cache) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(cache);
    }
}
