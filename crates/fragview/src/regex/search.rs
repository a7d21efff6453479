//! One search, in steps.

use alloc::boxed::Box;
use core::iter::FusedIterator;
use core::mem;
use core::ops::Range;

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache as States, DFA};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::util::start::Config;
use regex_automata::{Anchored, Span};

use super::builder::Program;
use super::cache::Cache;
use super::feed::{Fed, Feed};
use super::groups::Beside;
use super::{Match, Regex};
use crate::memory::{Kind, Reader};
use crate::search::Step;

/// Where a match may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Anywhere from the search's start on.
    Anywhere,
    /// At the search's start.
    Start,
    /// From the search's start to the view's end.
    Whole,
}

/// A search for matches from left to right; made by [`Regex::search`] and [`Regex::find_iter`].
///
/// A match begins where the one before ends; one byte later, where that was empty.
pub struct Search<'v, K, O> {
    regex: Regex,
    mode: Mode,
    feed: Feed<'v, K, O>,
    cache: Option<Cache>,
    from: usize,
    phase: Phase,
}

/// What the search is about.
enum Phase {
    /// It has not begun, or found a match and goes on from `from`.
    Begin,
    /// Where a match ends.
    Forward(Run),
    /// Where a match begins that ends at `end`.
    Backward { run: Run, end: usize },
    /// Where the groups of a match are.
    Groups {
        range: Range<usize>,
        at: usize,
        held: Option<u8>,
    },
    /// There is nothing more to find.
    Done,
}

/// A run of an automaton.
#[derive(Clone, Copy)]
struct Run {
    state: LazyStateID,
    /// The place that it has reached.
    at: usize,
    /// The last place where it matched.
    found: Option<usize>,
}

/// How a run went.
enum Outcome {
    Paused(Run),
    Done(Option<usize>),
}

impl<'v, K: Kind, O> Search<'v, K, O> {
    pub(super) fn new(regex: Regex, reader: Reader<'v, K, O>, from: usize, mode: Mode) -> Self {
        let phase = if from > reader.len() {
            Phase::Done
        } else {
            Phase::Begin
        };
        let (program, pool) = regex.program(mode);
        let mut cache = pool.take(program);
        let scratch = mem::take(&mut cache.scratch);
        Self {
            regex,
            mode,
            feed: Feed::new(reader, scratch),
            cache: Some(cache),
            from,
            phase,
        }
    }

    /// The first match.
    pub(super) fn finish(mut self) -> Option<Match> {
        self.next()
    }

    /// The next match, if it is found by looking at `bytes` bytes, or a few more; where a byte may cost more because the
    /// pattern is large, or has groups, fewer. For whoever has to see to other things during a long search.
    pub fn next_within(&mut self, mut bytes: usize) -> Step<Match> {
        let Self {
            regex,
            mode,
            feed,
            cache: Some(cache),
            from,
            phase,
        } = self
        else {
            return Step::End;
        };
        let (program, _) = regex.program(*mode);
        loop {
            let range = match mem::replace(phase, Phase::Done) {
                Phase::Done => return Step::End,
                Phase::Begin => {
                    feed.restart();
                    let run = begin_forward(program, cache, feed, *from, *mode);
                    *phase = Phase::Forward(run);
                    continue;
                }
                Phase::Forward(run) => {
                    let prefilter = program.prefilter.as_ref().filter(|_| *mode == Mode::Anywhere);
                    match forward(
                        &program.forward,
                        &mut cache.forward,
                        prefilter,
                        feed,
                        run,
                        &mut bytes,
                    ) {
                        Outcome::Paused(run) => {
                            *phase = Phase::Forward(run);
                            return Step::Paused;
                        }
                        Outcome::Done(None) => return Step::End,
                        Outcome::Done(Some(end)) if *mode == Mode::Anywhere && end > *from => {
                            feed.restart();
                            let run = begin_backward(program, cache, feed, end);
                            *phase = Phase::Backward { run, end };
                            continue;
                        }
                        Outcome::Done(Some(end)) => *from..end,
                    }
                }
                Phase::Backward { run, end } => {
                    let states = cache
                        .backward
                        .get_or_insert_with(|| program.backward.create_cache());
                    match backward(&program.backward, states, feed, *from, run, &mut bytes) {
                        Outcome::Paused(run) => {
                            *phase = Phase::Backward { run, end };
                            return Step::Paused;
                        }
                        Outcome::Done(Some(start)) => start..end,
                        Outcome::Done(None) => {
                            // Somebody has changed the bytes meanwhile: what was there is gone.
                            *from = end;
                            *phase = Phase::Begin;
                            continue;
                        }
                    }
                }
                Phase::Groups { range, at, held } => {
                    let paused = groups(program, cache, feed, &range, at, held, &mut bytes);
                    if let Some((at, held)) = paused {
                        *phase = Phase::Groups { range, at, held };
                        return Step::Paused;
                    }
                    let groups = cache.groups.finish(program.nfa());
                    *phase = go_on(from, &range, feed.count(), *mode);
                    return Step::Found(Match::new(range, groups));
                }
            };
            if !cache.groups.any() {
                *phase = go_on(from, &range, feed.count(), *mode);
                return Step::Found(Match::new(range, Box::default()));
            }
            feed.restart();
            let beside = Beside {
                before: feed.byte_before(range.start),
                behind: feed.byte(range.start),
            };
            cache.groups.begin(program.nfa(), range.start, beside);
            *phase = Phase::Groups {
                at: range.start,
                range,
                held: None,
            };
        }
    }
}

/// What follows a match.
fn go_on(from: &mut usize, range: &Range<usize>, count: usize, mode: Mode) -> Phase {
    *from = range.end + usize::from(range.is_empty());
    if mode == Mode::Anywhere && *from <= count {
        Phase::Begin
    } else {
        Phase::Done
    }
}

/// The state that an automaton begins with.
fn start(dfa: &DFA, states: &mut States, anchored: Anchored, beside: Option<u8>) -> LazyStateID {
    let config = Config::new().anchored(anchored).look_behind(beside);
    match dfa.start_state(states, &config) {
        Ok(state) => state,
        Err(_) => unreachable!("the automaton gives up on no byte, has both starts, and may clear its cache"),
    }
}

/// States of an automaton of NFA states are made as they are met, at worst one a byte, and each costs as much as the pattern
/// is long: what a byte counts, so that a step of a search takes no longer for a large pattern.
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

fn begin_forward<K: Kind, O>(
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

fn begin_backward<K: Kind, O>(
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
fn forward<K: Kind, O>(
    dfa: &DFA,
    states: &mut States,
    prefilter: Option<&Prefilter>,
    feed: &mut Feed<'_, K, O>,
    mut run: Run,
    bytes: &mut usize,
) -> Outcome {
    let (count, weight) = (feed.count(), weight(dfa));
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
        *bytes = bytes.saturating_sub(block.len().saturating_mul(weight));
        run.at += block.len();
    }
    Outcome::Done(run.found)
}

/// Runs on as long as states are known and nothing special: most bytes take this way. The state and the index reached.
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
fn backward<K: Kind, O>(
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
        for (index, &byte) in block.iter().enumerate().rev() {
            run.state = next(dfa, states, run.state, byte);
            if run.state.is_tagged() {
                if run.state.is_match() {
                    run.found = Some(start + index + 1);
                } else if run.state.is_dead() {
                    break;
                }
            }
        }
        *bytes = bytes.saturating_sub(block.len().saturating_mul(weight));
        run.at = start;
    }
    Outcome::Done(run.found)
}

/// Takes the bytes of a match, each with the one behind it: where it pauses, and the byte it holds; `None` at the end.
fn groups<K: Kind, O>(
    program: &Program,
    cache: &mut Cache,
    feed: &mut Feed<'_, K, O>,
    range: &Range<usize>,
    mut at: usize,
    mut held: Option<u8>,
    bytes: &mut usize,
) -> Option<(usize, Option<u8>)> {
    let nfa = program.nfa();
    while at < range.end {
        let zeros;
        let block = match feed.forward(at..range.end, usize::MAX) {
            Fed::Bytes(block) => block,
            Fed::Zeros(count) => {
                zeros = [0; 256];
                &zeros[..count.min(zeros.len())]
            }
        };
        for &byte in block {
            if *bytes == 0 {
                return Some((at, held));
            }
            if let Some(held) = held
                && !cache.groups.step(nfa, at - 1, held, Some(byte))
            {
                return None;
            }
            held = Some(byte);
            at += 1;
            // A byte costs far more here than in the automaton.
            *bytes = bytes.saturating_sub(16 + cache.groups.effort());
        }
    }
    if let Some(held) = held {
        let behind = feed.byte(range.end);
        cache.groups.step(nfa, range.end - 1, held, behind);
    }
    None
}

impl<K: Kind, O> Iterator for Search<'_, K, O> {
    type Item = Match;

    fn next(&mut self) -> Option<Match> {
        loop {
            match self.next_within(usize::MAX) {
                Step::Found(found) => return Some(found),
                Step::End => return None,
                Step::Paused => {}
            }
        }
    }
}

impl<K: Kind, O> FusedIterator for Search<'_, K, O> {}

impl<K, O> Drop for Search<'_, K, O> {
    fn drop(&mut self) {
        if let Some(mut cache) = self.cache.take() {
            cache.scratch = self.feed.take_scratch();
            self.regex.program(self.mode).1.give_back(cache);
        }
    }
}
