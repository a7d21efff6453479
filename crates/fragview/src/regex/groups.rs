//! Where the groups of a match are: a simulation of the NFA, byte by byte.
//!
//! The library's own engines for this want the match in one piece; this one takes it in pieces of any size, and needs
//! memory for the pattern only, however long the match is.

use alloc::boxed::Box;
use alloc::vec::Vec;

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::primitives::StateID;

/// A slot that no thread has written.
const UNSET: usize = usize::MAX;

/// Threads of one place in order of preference, each at a state of its own, with where its groups began and ended.
#[derive(Default)]
struct Threads {
    order: Vec<StateID>,
    /// Where in `order` a state may be.
    places: Vec<usize>,
    slots: Vec<usize>,
}

impl Threads {
    fn resize(&mut self, states: usize, stride: usize) {
        self.places.resize(states, 0);
        self.slots.resize(states * stride, UNSET);
    }

    /// Adds a state; false where it is there already.
    fn insert(&mut self, state: StateID) -> bool {
        let place = self.places[state.as_usize()];
        if self.order.get(place) == Some(&state) {
            return false;
        }
        self.places[state.as_usize()] = self.order.len();
        self.order.push(state);
        true
    }
}

/// What is still to do in following the transitions that take no byte.
enum Task {
    Follow(StateID),
    Restore { slot: usize, old: usize },
}

/// The bytes beside a place: what `^`, `$` and `\b` look at.
#[derive(Clone, Copy)]
pub(super) struct Beside {
    pub(super) before: Option<u8>,
    pub(super) behind: Option<u8>,
}

/// The simulation.
pub(super) struct Groups {
    /// Slots a thread: two for each group, and for the whole match.
    stride: usize,
    now: Threads,
    next: Threads,
    tasks: Vec<Task>,
    scratch: Vec<usize>,
    best: Vec<usize>,
}

impl Groups {
    pub(super) fn new(nfa: &NFA) -> Self {
        Self {
            stride: nfa.group_info().slot_len(),
            now: Threads::default(),
            next: Threads::default(),
            tasks: Vec::new(),
            scratch: Vec::new(),
            best: Vec::new(),
        }
    }

    /// True where there are groups besides the whole match.
    pub(super) const fn any(&self) -> bool {
        self.stride > 2
    }

    /// What the next byte costs, in some nanoseconds: the states to look at, and their slots.
    pub(super) const fn effort(&self) -> usize {
        self.now.order.len() * (1 + self.stride / 8)
    }

    /// Begins with a match that begins at `at`.
    pub(super) fn begin(&mut self, nfa: &NFA, at: usize, beside: Beside) {
        let states = nfa.states().len();
        self.now.resize(states, self.stride);
        self.next.resize(states, self.stride);
        self.now.order.clear();
        self.best.clear();
        self.scratch.clear();
        self.scratch.resize(self.stride, UNSET);
        follow(
            nfa,
            &mut self.tasks,
            &mut self.scratch,
            &mut self.now,
            nfa.start_anchored(),
            at,
            beside,
        );
    }

    /// Takes the byte at `at`; false where there is nothing left to find out.
    pub(super) fn step(&mut self, nfa: &NFA, at: usize, byte: u8, behind: Option<u8>) -> bool {
        let beside = Beside {
            before: Some(byte),
            behind,
        };
        self.next.order.clear();
        for &state in &self.now.order {
            let slots = &self.now.slots[state.as_usize() * self.stride..][..self.stride];
            let next = match nfa.state(state) {
                State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
                State::Sparse(transitions) => transitions.matches_byte(byte),
                State::Dense(transitions) => transitions.matches_byte(byte),
                State::Match { .. } => {
                    self.best.clear();
                    self.best.extend_from_slice(slots);
                    // What follows is less preferred.
                    break;
                }
                _ => None,
            };
            if let Some(next) = next {
                self.scratch.copy_from_slice(slots);
                follow(
                    nfa,
                    &mut self.tasks,
                    &mut self.scratch,
                    &mut self.next,
                    next,
                    at + 1,
                    beside,
                );
            }
        }
        core::mem::swap(&mut self.now, &mut self.next);
        !self.now.order.is_empty()
    }

    /// The groups, once all bytes of the match are taken.
    pub(super) fn finish(&mut self, nfa: &NFA) -> Box<[Option<(usize, usize)>]> {
        let matched = |state: &&StateID| matches!(nfa.state(**state), State::Match { .. });
        if let Some(state) = self.now.order.iter().find(matched) {
            self.best.clear();
            self.best
                .extend_from_slice(&self.now.slots[state.as_usize() * self.stride..][..self.stride]);
        }
        // Without a thread at the end somebody has changed the bytes meanwhile, and no group matched.
        self.best.resize(self.stride, UNSET);
        let group = |slots: &[usize]| match *slots {
            [start, end] if start != UNSET && end != UNSET => Some((start, end)),
            _ => None,
        };
        self.best.chunks_exact(2).skip(1).map(group).collect()
    }
}

/// Adds the states that a thread at `state` reaches without a byte, the preferred ones first.
fn follow(
    nfa: &NFA,
    tasks: &mut Vec<Task>,
    slots: &mut [usize],
    threads: &mut Threads,
    state: StateID,
    at: usize,
    beside: Beside,
) {
    // The matcher wants a slice; no assertion looks farther than one byte.
    let both = [beside.before.unwrap_or(0), beside.behind.unwrap_or(0)];
    let around = &both[usize::from(beside.before.is_none())..=usize::from(beside.behind.is_some())];
    tasks.push(Task::Follow(state));
    while let Some(task) = tasks.pop() {
        let mut state = match task {
            Task::Follow(state) => state,
            Task::Restore { slot, old } => {
                slots[slot] = old;
                continue;
            }
        };
        while threads.insert(state) {
            state = match nfa.state(state) {
                &State::Look { look, next } => {
                    let place = usize::from(beside.before.is_some());
                    if !nfa.look_matcher().matches(look, around, place) {
                        break;
                    }
                    next
                }
                State::Union { alternates } => {
                    let Some((&first, others)) = alternates.split_first() else {
                        break;
                    };
                    tasks.extend(others.iter().rev().map(|&state| Task::Follow(state)));
                    first
                }
                &State::BinaryUnion { alt1, alt2 } => {
                    tasks.push(Task::Follow(alt2));
                    alt1
                }
                &State::Capture { next, slot, .. } => {
                    let slot = slot.as_usize();
                    tasks.push(Task::Restore {
                        slot,
                        old: slots[slot],
                    });
                    slots[slot] = at;
                    next
                }
                State::ByteRange { .. }
                | State::Sparse(_)
                | State::Dense(_)
                | State::Match { .. }
                | State::Fail => {
                    threads.slots[state.as_usize() * slots.len()..][..slots.len()].copy_from_slice(slots);
                    break;
                }
            };
        }
    }
}
