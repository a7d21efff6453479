//! One search of a pattern, in steps.
//!
//! ```text
//! Begin     run the automaton forward from `from`; it ends where the leftmost match ends
//! Forward   no match: done. Else
//! Backward  run the reversed automaton from that end; the match starts at the last place where it accepts
//! Groups    if the pattern has groups: simulate the NFA over the match alone
//! give the match; `from` = its end, one more if it is empty; Begin
//! ```
//!
//! After an empty match Python's rules allow another one, not empty, at the same place: `Again` looks for it
//! by the NFA. Each phase takes one byte at a time and can stop behind any: [`Step::Paused`] keeps the state
//! and the place, so a caller can heed signals. Time is linear in the bytes looked at, times the pattern's
//! size in the worst case; memory depends on the pattern only.
//!
//! Shared bytes may change between the phases. Then a match may be gone when its start is looked for, and the
//! search goes on behind its end; it never leaves the view.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::iter::FusedIterator;
use core::mem;
use core::ops::Range;

use super::automaton::{Outcome, Run, backward, begin_backward, begin_forward, forward};
use super::cache::Cache;
use super::compiled::Regex;
use super::feed::{Fed, Feed};
use super::groups::Beside;
use super::match_::Match;
use super::mode::Mode;
use super::program::Program;
use crate::error::Error;
use crate::memory::{Kind, Reader};
use crate::search::Step;

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

/// The state of the search.
enum Phase {
    /// It has not begun, or found a match and continues at `from`.
    Begin,
    /// The end of a match.
    Forward(Run),
    /// The start of a match that ends at `end`.
    Backward { run: Run, end: usize },
    /// An empty match was found at `from`, and something may match there, too.
    BeginAgain,
    /// The search for a match there that is not empty.
    Again { at: usize, held: Option<u8> },
    /// Where the groups of a match are.
    Groups {
        range: Range<usize>,
        at: usize,
        held: Option<u8>,
    },
    /// There is nothing more to find.
    Done,
}

/// The cost of a match besides its bytes, in bytes.
const MATCH_COST: usize = 32;

/// The place where a search for matches continues; [`Search::resume_point`] returns it, [`Regex::resume`]
/// takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    from: usize,
    /// True if an empty match was found at `from`, and something may match there, too.
    again: bool,
}

impl Resume {
    /// A search that begins at byte `from`.
    #[must_use]
    pub const fn new(from: usize) -> Self {
        Self { from, again: false }
    }
}

impl<'v, K: Kind, O> Search<'v, K, O> {
    pub(super) fn resume(regex: Regex, reader: Reader<'v, K, O>, point: Resume) -> Self {
        let mut search = Self::new(regex, reader, point.from, Mode::Anywhere);
        if point.again && matches!(search.phase, Phase::Begin) {
            search.phase = Phase::BeginAgain;
        }
        search
    }

    /// The place after the matches so far, for a later search of the same bytes. O(1).
    pub const fn resume_point(&self) -> Resume {
        match self.phase {
            Phase::Done => Resume::new(usize::MAX),
            Phase::BeginAgain | Phase::Again { .. } => Resume {
                from: self.from,
                again: true,
            },
            _ => Resume::new(self.from),
        }
    }

    /// Appends the next matches, at most `most`, as long as they are found by looking at `bytes` bytes in
    /// all, or a few more. `End` if there are no more matches, `Found` if there may be.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn collect_within(
        &mut self,
        matches: &mut Vec<Match>,
        most: usize,
        mut bytes: usize,
    ) -> Result<Step<()>, Error> {
        for _ in 0..most {
            match self.advance(&mut bytes) {
                Step::Found(found) => {
                    matches.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                    matches.push(found);
                    bytes = bytes.saturating_sub(MATCH_COST);
                }
                Step::End => return Ok(Step::End),
                Step::Paused => return Ok(Step::Paused),
            }
        }
        Ok(Step::Found(()))
    }

    pub(super) fn new(regex: Regex, reader: Reader<'v, K, O>, from: usize, mode: Mode) -> Self {
        let phase = if from > reader.len() {
            Phase::Done
        } else {
            Phase::Begin
        };
        let (program, pool) = regex.program(mode);
        let mut cache = pool.take(program);
        let blocks = mem::take(&mut cache.blocks);
        Self {
            regex,
            mode,
            feed: Feed::new(reader, blocks),
            cache: Some(cache),
            from,
            phase,
        }
    }

    /// The first match.
    pub(super) fn finish(mut self) -> Option<Match> {
        self.next()
    }

    /// The next match, or a pause after about `bytes` bytes; fewer if the pattern is large or has groups,
    /// because a byte then costs more. For callers with other work during a long search.
    pub fn next_within(&mut self, mut bytes: usize) -> Step<Match> {
        self.advance(&mut bytes)
    }

    /// As [`next_within`](Self::next_within); the bytes that were looked at are taken off `bytes`.
    #[expect(clippy::too_many_lines, reason = "one state machine, a state an arm")]
    fn advance(&mut self, bytes: &mut usize) -> Step<Match> {
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
                    let run = begin_forward(program, cache, feed, *from, *mode);
                    *phase = Phase::Forward(run);
                    continue;
                }
                Phase::Forward(run) => {
                    let prefilter = program.prefilter.as_ref().filter(|_| *mode == Mode::Anywhere);
                    match forward(&program.forward, &mut cache.forward, prefilter, feed, run, bytes) {
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
                    match backward(&program.backward, states, feed, *from, run, bytes) {
                        Outcome::Paused(run) => {
                            *phase = Phase::Backward { run, end };
                            return Step::Paused;
                        }
                        Outcome::Done(Some(start)) => start..end,
                        Outcome::Done(None) => {
                            // Another thread has changed the bytes meanwhile: the match is gone.
                            *from = end;
                            *phase = Phase::Begin;
                            continue;
                        }
                    }
                }
                Phase::BeginAgain => {
                    begin_groups(program, cache, feed, *from, true);
                    *phase = Phase::Again {
                        at: *from,
                        held: None,
                    };
                    continue;
                }
                Phase::Again { at, held } => {
                    let rest = *from..feed.len();
                    let paused = groups(program, cache, feed, &rest, at, held, bytes);
                    if let Some((at, held)) = paused {
                        *phase = Phase::Again { at, held };
                        return Step::Paused;
                    }
                    let Some((range, groups)) = cache.groups.finish(program.nfa()) else {
                        *from += 1;
                        *phase = if *from <= feed.len() {
                            Phase::Begin
                        } else {
                            Phase::Done
                        };
                        continue;
                    };
                    *phase = go_on(program, from, &range, feed.len(), *mode);
                    return Step::Found(Match::new(range, groups));
                }
                Phase::Groups { range, at, held } => {
                    let paused = groups(program, cache, feed, &range, at, held, bytes);
                    if let Some((at, held)) = paused {
                        *phase = Phase::Groups { range, at, held };
                        return Step::Paused;
                    }
                    let (range, groups) = match cache.groups.finish(program.nfa()) {
                        Some((inner, groups)) => (range.start..inner.end.min(range.end), groups),
                        // Another thread has changed the bytes meanwhile, and no group matched.
                        None => (range, vec![None; program.groups - 1].into()),
                    };
                    *phase = go_on(program, from, &range, feed.len(), *mode);
                    return Step::Found(Match::new(range, groups));
                }
            };
            let may_leave_newline = program.newline_group.is_some()
                && !range.is_empty()
                && range.end == feed.len()
                && feed.byte_before(range.end) == Some(b'\n');
            if program.groups == 1 && !may_leave_newline {
                *phase = go_on(program, from, &range, feed.len(), *mode);
                return Step::Found(Match::new(range, Box::default()));
            }
            begin_groups(program, cache, feed, range.start, false);
            *phase = Phase::Groups {
                at: range.start,
                range,
                held: None,
            };
        }
    }
}

/// Begins to look for the groups of a match that begins at `at`.
fn begin_groups<K: Kind, O>(
    program: &Program,
    cache: &mut Cache,
    feed: &mut Feed<'_, K, O>,
    at: usize,
    not_empty: bool,
) {
    feed.restart();
    let beside = Beside {
        before: feed.byte_before(at),
        behind: feed.byte(at),
    };
    cache.groups.begin(program.nfa(), at, beside, not_empty);
}

/// The place after a match.
fn go_on(program: &Program, from: &mut usize, range: &Range<usize>, count: usize, mode: Mode) -> Phase {
    *from = range.end;
    if range.is_empty() {
        if mode == Mode::Anywhere && program.tries_again {
            return Phase::BeginAgain;
        }
        *from += 1;
    }
    if mode == Mode::Anywhere && *from <= count {
        Phase::Begin
    } else {
        Phase::Done
    }
}

/// Takes the bytes of a match, each with the one behind it: where it pauses, and the byte it holds; `None` at
/// the end.
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
            cache.blocks = self.feed.take_blocks();
            self.regex.program(self.mode).1.give_back(cache);
        }
    }
}
