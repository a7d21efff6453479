//! Pausable runs of lazy automata over a view's bytes.

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache as States, DFA};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::util::start::Config;
use regex_automata::{Anchored, Span};

use super::cache::Cache;
use super::feed::{Fed, Feed};
use super::mode::Mode;
use super::program::Program;
use crate::memory::Kind;

/// A run of an automaton.
#[derive(Clone, Copy)]
pub(super) struct Run {
    state: LazyStateID,
    /// The place that it has reached.
    at: usize,
    /// The last place where it matched.
    found: Option<usize>,
}

/// How a run went.
pub(super) enum Outcome {
    Paused(Run),
    Done(Option<usize>),
}

/// The state that an automaton begins with.
fn start(dfa: &DFA, states: &mut States, anchored: Anchored, beside: Option<u8>) -> LazyStateID {
    let config = Config::new().anchored(anchored).look_behind(beside);
    match dfa.start_state(states, &config) {
        Ok(state) => state,
        Err(_) => unreachable!("the automaton gives up on no byte, has both starts, and may clear its cache"),
    }
}

/// The automaton makes its states as it meets them, in the worst case one a byte, and each costs as much as
/// the pattern is long. A byte's cost counts this, so that a step of a search takes no longer for a large
/// pattern.
fn weight(dfa: &DFA) -> usize {
    1 + dfa.get_nfa().states().len() / 64
}

/// The state after a byte.
#[inline]
fn next(dfa: &DFA, states: &mut States, state: LazyStateID, byte: u8) -> LazyStateID {
    match dfa.next_state(states, state, byte) {
        Ok(state) => state,
        Err(_) => unreachable!("the automaton may clear its cache as often as it likes"),
    }
}

/// The state after the last byte.
fn next_end(dfa: &DFA, states: &mut States, state: LazyStateID) -> LazyStateID {
    match dfa.next_eoi_state(states, state) {
        Ok(state) => state,
        Err(_) => unreachable!("the automaton may clear its cache as often as it likes"),
    }
}

/// A run that looks for where the leftmost match ends.
pub(super) fn begin_forward<K: Kind, O>(
    program: &Program,
    cache: &mut Cache,
    feed: &mut Feed<'_, K, O>,
    from: usize,
    mode: Mode,
) -> Run {
    let anchored = if mode == Mode::Anywhere {
        Anchored::No
    } else {
        Anchored::Yes
    };
    let beside = feed.byte_before(from);
    Run {
        state: start(&program.forward, &mut cache.forward, anchored, beside),
        at: from,
        found: None,
    }
}

/// A run that looks for where the match begins that ends at `end`.
pub(super) fn begin_backward<K: Kind, O>(
    program: &Program,
    cache: &mut Cache,
    feed: &mut Feed<'_, K, O>,
    end: usize,
) -> Run {
    let states = cache
        .backward
        .get_or_insert_with(|| program.backward.create_cache());
    let beside = feed.byte(end);
    Run {
        state: start(&program.backward, states, Anchored::Yes, beside),
        at: end,
        found: None,
    }
}

/// Runs on to where the leftmost match ends. A match shows one byte late.
pub(super) fn forward<K: Kind, O>(
    dfa: &DFA,
    states: &mut States,
    prefilter: Option<&Prefilter>,
    feed: &mut Feed<'_, K, O>,
    mut run: Run,
    bytes: &mut usize,
) -> Outcome {
    let (count, weight) = (feed.len(), weight(dfa));
    while !run.state.is_dead() {
        if run.at == count {
            run.state = next_end(dfa, states, run.state);
            if run.state.is_match() {
                run.found = Some(count);
            }
            break;
        }
        if *bytes == 0 {
            return Outcome::Paused(run);
        }
        let most = bytes.div_ceil(weight);
        let block = match feed.forward(run.at..count, most) {
            Fed::Bytes(block) => block,
            Fed::Zeros(zeros) => {
                let end = run.at + zeros;
                let places = run.at..end;
                let (last, seen) = zeros_from(dfa, states, &mut run, places.take(most), |at| at);
                *bytes = bytes.saturating_sub(seen.saturating_mul(weight));
                if last {
                    // All that is left of the hole does what its last byte did.
                    run.at = end;
                    if run.state.is_match() {
                        run.found = Some(end - 1);
                    }
                } else {
                    run.at += seen;
                }
                continue;
            }
        };
        let mut index = 0;
        let mut state = run.state;
        while index < block.len() {
            if state.is_tagged() {
                if state.is_start()
                    && let Some(prefilter) = prefilter
                {
                    let place = candidate(prefilter, block, index);
                    if place > index {
                        index = place;
                        state = start(dfa, states, Anchored::No, Some(block[place - 1]));
                        continue;
                    }
                }
            } else {
                (state, index) = untagged(dfa, states, state, block, index);
                if index == block.len() {
                    break;
                }
            }
            state = next(dfa, states, state, block[index]);
            if state.is_match() {
                run.found = Some(run.at + index);
            } else if state.is_dead() {
                break;
            }
            index += 1;
        }
        run.state = state;
        let looked_at = block.len().min(index + 1);
        *bytes = bytes.saturating_sub(looked_at.saturating_mul(weight));
        run.at += block.len();
    }
    Outcome::Done(run.found)
}

/// Runs on as long as states are known and nothing special: most bytes take this way. The state and the index
/// reached.
#[inline]
fn untagged(
    dfa: &DFA,
    states: &States,
    mut state: LazyStateID,
    block: &[u8],
    mut index: usize,
) -> (LazyStateID, usize) {
    while let Some(&byte) = block.get(index) {
        let next = dfa.next_state_untagged(states, state, byte);
        if next.is_tagged() {
            break;
        }
        state = next;
        index += 1;
    }
    (state, index)
}

/// The first place from `index` on where a match may begin, or may be cut by the block's end.
fn candidate(prefilter: &Prefilter, block: &[u8], index: usize) -> usize {
    match prefilter.find(block, Span::from(index..block.len())) {
        Some(span) => span.start,
        None => index.max(
            block
                .len()
                .saturating_sub(prefilter.max_needle_len().saturating_sub(1)),
        ),
    }
}

/// Takes zeros until the automaton stays where it is: then true; and how many.
fn zeros_from(
    dfa: &DFA,
    states: &mut States,
    run: &mut Run,
    places: impl Iterator<Item = usize>,
    matched: impl Fn(usize) -> usize,
) -> (bool, usize) {
    let mut seen = 0;
    for at in places {
        let (before, clears) = (run.state, states.clear_count());
        run.state = next(dfa, states, before, 0);
        seen += 1;
        if run.state.is_match() {
            run.found = Some(matched(at));
        } else if run.state.is_dead() {
            break;
        }
        // Numbers of states change their meaning when the cache is cleared.
        if run.state == before && clears == states.clear_count() {
            return (true, seen);
        }
    }
    (false, seen)
}

/// Runs back to where the match begins, which is not before `from`.
pub(super) fn backward<K: Kind, O>(
    dfa: &DFA,
    states: &mut States,
    feed: &mut Feed<'_, K, O>,
    from: usize,
    mut run: Run,
    bytes: &mut usize,
) -> Outcome {
    let weight = weight(dfa);
    while !run.state.is_dead() {
        if run.at == from {
            run.state = match feed.byte_before(from) {
                Some(byte) => next(dfa, states, run.state, byte),
                None => next_end(dfa, states, run.state),
            };
            if run.state.is_match() {
                run.found = Some(from);
            }
            break;
        }
        if *bytes == 0 {
            return Outcome::Paused(run);
        }
        let most = bytes.div_ceil(weight);
        let block = match feed.backward(from..run.at, most) {
            Fed::Bytes(block) => block,
            Fed::Zeros(zeros) => {
                let start = run.at - zeros;
                let places = (start..run.at).rev();
                let (last, seen) = zeros_from(dfa, states, &mut run, places.take(most), |at| at + 1);
                *bytes = bytes.saturating_sub(seen.saturating_mul(weight));
                if last {
                    run.at = start;
                    if run.state.is_match() {
                        run.found = Some(start + 1);
                    }
                } else {
                    run.at -= seen;
                }
                continue;
            }
        };
        let start = run.at - block.len();
        let mut looked_at = 0;
        for (index, &byte) in block.iter().enumerate().rev() {
            looked_at += 1;
            run.state = next(dfa, states, run.state, byte);
            if run.state.is_tagged() {
                if run.state.is_match() {
                    run.found = Some(start + index + 1);
                } else if run.state.is_dead() {
                    break;
                }
            }
        }
        *bytes = bytes.saturating_sub(looked_at * weight);
        run.at = start;
    }
    Outcome::Done(run.found)
}
