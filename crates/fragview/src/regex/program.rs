//! Automata for one way to search.

use alloc::vec;

use regex_automata::MatchKind;
use regex_automata::hybrid::dfa::{self, DFA};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_automata::util::prefilter::Prefilter;
use regex_syntax::hir::{Hir, Look};

use super::error::PatternError;

/// The most heap that the NFA of a pattern may take, as in the crate `regex`.
const NFA_LIMIT: usize = 10 << 20;

/// Automata for one way to search.
pub(super) struct Program {
    /// Finds where the leftmost match ends.
    pub(super) forward: DFA,
    /// Finds where a match begins whose end is known.
    pub(super) backward: DFA,
    /// Finds where a match may begin, where that is quicker than the automaton.
    pub(super) prefilter: Option<Prefilter>,
    /// The number of groups, the whole match among them.
    pub(super) groups: usize,
    /// The group that stands before a last newline which is not the match's: where it matched, the match ends
    /// there.
    pub(super) newline_group: Option<usize>,
    /// True if something is to be tried at the place of an empty match.
    pub(super) tries_again: bool,
}

impl Program {
    /// The automata that match `hir`.
    pub(super) fn new(hir: &Hir) -> Result<Self, PatternError> {
        let forward = nfa(hir, false)?;
        let backward = nfa(hir, true)?;
        let prefilter = if forward.is_always_start_anchored() {
            None
        } else {
            Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, hir).filter(Prefilter::is_fast)
        };
        Ok(Self {
            forward: dfa(forward, MatchKind::LeftmostFirst, prefilter.is_some())?,
            backward: dfa(backward, MatchKind::All, false)?,
            prefilter,
            groups: 1,
            newline_group: None,
            tries_again: false,
        })
    }

    /// The automata for matches that end with the view.
    pub(super) fn whole(hir: Hir) -> Result<Self, PatternError> {
        Self::new(&Hir::concat(vec![hir, Hir::look(Look::End)]))
    }

    /// True if the simulation of the NFA may have to run, with all slots.
    pub(super) const fn needs_slots(&self) -> bool {
        self.groups > 1 || self.newline_group.is_some() || self.tries_again
    }

    /// The NFA with the groups.
    pub(super) fn nfa(&self) -> &NFA {
        self.forward.get_nfa()
    }
}

fn nfa(hir: &Hir, reverse: bool) -> Result<NFA, PatternError> {
    let captures = if reverse {
        WhichCaptures::None
    } else {
        WhichCaptures::All
    };
    let config = thompson::Config::new()
        .utf8(false)
        .nfa_size_limit(Some(NFA_LIMIT))
        .reverse(reverse)
        .which_captures(captures);
    let built = thompson::Compiler::new().configure(config).build_from_hir(hir);
    built.map_err(|error| match error.size_limit() {
        Some(_) => PatternError::new("the pattern is too large", None),
        None => PatternError::new(&error, None),
    })
}

fn dfa(nfa: NFA, kind: MatchKind, starts: bool) -> Result<DFA, PatternError> {
    let config = dfa::Config::new()
        .match_kind(kind)
        .specialize_start_states(starts)
        .skip_cache_capacity_check(true);
    let built = dfa::Builder::new().configure(config).build_from_nfa(nfa);
    built.map_err(|error| PatternError::new(&error, None))
}
