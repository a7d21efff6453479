//! The groups of a match, by a simulation of the NFA, byte by byte.
//!
//! The library's own engines for this need a contiguous match. This one takes fragments of any size, and its
//! memory depends on the pattern only, not on the length of the match.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use regex_automata::nfa::thompson::{NFA, State};
use regex_automata::util::primitives::StateID;

use super::program::Program;

/// A slot that no thread has written.
const UNSET: usize = usize::MAX;

/// Threads of one place in order of preference, each at a state of its own, with where its groups began and
/// ended.
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

    /// Adds a state; false if it is there already.
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

/// A task in following the transitions that take no byte.
enum Task {
    Follow(StateID),
    Restore { slot: usize, old: usize },
}

/// The bytes beside a place, for `^`, `$` and `\b`.
#[derive(Clone, Copy)]
pub(super) struct Beside {
    pub(super) before: Option<u8>,
    pub(super) behind: Option<u8>,
}

/// The context of a thread that follows transitions at one place.
#[derive(Clone, Copy)]
struct Meeting {
    at: usize,
    beside: Beside,
    /// A slot that no thread may write here: it ends.
    forbidden: usize,
}

/// Where a match is, and its groups but the whole match.
pub(super) type Found = (Range<usize>, Box<[Option<(usize, usize)>]>);

/// The simulation.
pub(super) struct Groups {
    /// Slots a thread: two for each group, and for the whole match.
    stride: usize,
    now: Threads,
    next: Threads,
    tasks: Vec<Task>,
    scratch: Vec<usize>,
    best: Vec<usize>,
    /// The groups that a match tells.
    group_count: usize,
    /// The slot where the group before a last newline begins.
    newline: Option<usize>,
    /// The place where an empty match is not allowed; `None` if any match is.
    not_empty_at: Option<usize>,
}

impl Groups {
    pub(super) fn new(program: &Program) -> Self {
        Self {
            stride: program.nfa().group_info().slot_len(),
            group_count: program.groups,
            newline: program.newline_group.map(|group| 2 * group),
            not_empty_at: None,
            now: Threads::default(),
            next: Threads::default(),
            tasks: Vec::new(),
            scratch: Vec::new(),
            best: Vec::new(),
        }
    }

    /// The cost of the next byte, in some nanoseconds: the states to visit, and their slots.
    pub(super) const fn effort(&self) -> usize {
        self.now.order.len() * (1 + self.stride / 8)
    }

    /// Begins with a match that begins at `at`; with one that is not empty, if `not_empty`.
    pub(super) fn begin(&mut self, nfa: &NFA, at: usize, beside: Beside, not_empty: bool) {
        let states = nfa.states().len();
        self.now.resize(states, self.stride);
        self.next.resize(states, self.stride);
        self.now.order.clear();
        self.best.clear();
        self.scratch.clear();
        self.scratch.resize(self.stride, UNSET);
        self.not_empty_at = not_empty.then_some(at);
        let meeting = Meeting {
            at,
            beside,
            // A newline that is not the match's leaves it empty.
            forbidden: self.newline.filter(|_| not_empty).unwrap_or(UNSET),
        };
        follow(
            nfa,
            &mut self.tasks,
            &mut self.scratch,
            &mut self.now,
            nfa.start_anchored(),
            meeting,
        );
    }

    /// Takes the byte at `at`; false if there is nothing left to find out.
    pub(super) fn step(&mut self, nfa: &NFA, at: usize, byte: u8, behind: Option<u8>) -> bool {
        let meeting = Meeting {
            at: at + 1,
            beside: Beside {
                before: Some(byte),
                behind,
            },
            forbidden: UNSET,
        };
        self.next.order.clear();
        for &state in &self.now.order {
            let slots = &self.now.slots[state.as_usize() * self.stride..][..self.stride];
            let next = match nfa.state(state) {
                State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
                State::Sparse(transitions) => transitions.matches_byte(byte),
                State::Dense(transitions) => transitions.matches_byte(byte),
                State::Match { .. } if self.not_empty_at == Some(slots[1]) => None,
                State::Match { .. } => {
                    self.best.clear();
                    self.best.extend_from_slice(slots);
                    // The threads after it are less preferred.
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
                    meeting,
                );
            }
        }
        core::mem::swap(&mut self.now, &mut self.next);
        !self.now.order.is_empty()
    }

    /// The match and its groups, once all bytes are taken. None if there is no match.
    pub(super) fn finish(&mut self, nfa: &NFA) -> Option<Found> {
        for &state in &self.now.order {
            let slots = &self.now.slots[state.as_usize() * self.stride..][..self.stride];
            if matches!(nfa.state(state), State::Match { .. }) && self.not_empty_at != Some(slots[1]) {
                self.best.clear();
                self.best.extend_from_slice(slots);
                break;
            }
        }
        let (&[start, mut end], _) = self.best.split_first_chunk()?;
        if let Some(&newline) = self.newline.and_then(|slot| self.best.get(slot))
            && newline != UNSET
        {
            end = newline;
        }
        // Groups that end behind that newline end before it, too.
        let group = |slots: &[usize]| match *slots {
            [first, last] if first != UNSET && last != UNSET => Some((first.min(end), last.min(end))),
            _ => None,
        };
        let mut groups: Vec<_> = self
            .best
            .chunks_exact(2)
            .take(self.group_count)
            .skip(1)
            .map(group)
            .collect();
        // A group that can't match has no slots.
        groups.resize(self.group_count - 1, None);
        Some((start..end, groups.into_boxed_slice()))
    }
}

/// Adds the states that a thread at `state` reaches without a byte, the preferred ones first.
fn follow(
    nfa: &NFA,
    tasks: &mut Vec<Task>,
    slots: &mut [usize],
    threads: &mut Threads,
    state: StateID,
    meeting: Meeting,
) {
    let Meeting {
        at,
        beside,
        forbidden,
    } = meeting;
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
                    if slot == forbidden {
                        break;
                    }
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
