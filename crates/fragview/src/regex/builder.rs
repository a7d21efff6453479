//! From a pattern to automata.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use regex_automata::hybrid::dfa::{self, DFA};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::{MatchKind, PatternID};
use regex_syntax::hir::{Hir, Look};
use regex_syntax::{Error as SyntaxError, ParserBuilder};

use super::cache::Pool;
use super::{Inner, PatternError, Regex};

/// The most heap that the NFA of a pattern may take, as in the crate `regex`.
const NFA_LIMIT: usize = 10 << 20;

/// The most slots that finding groups may need: 16 bytes each.
const SLOT_LIMIT: usize = 1 << 22;

/// Automata for one way to search.
pub(super) struct Program {
    /// Finds where the leftmost match ends.
    pub(super) forward: DFA,
    /// Finds where a match begins whose end is known.
    pub(super) backward: DFA,
    /// Finds where a match may begin, where that is quicker than the automaton.
    pub(super) prefilter: Option<Prefilter>,
}

impl Program {
    /// The NFA with the groups.
    pub(super) fn nfa(&self) -> &NFA {
        self.forward.get_nfa()
    }
}

/// Flags for a pattern, which it can also set itself: `(?i)`.
///
/// ```
/// use fragview::{FrozenView, regex::RegexBuilder};
/// let regex = RegexBuilder::new(b"LEVEL=.*").case_insensitive(true).build().unwrap();
/// assert!(regex.find(&FrozenView::from_slices([&b"lev"[..], b"el=info"])?).is_some());
/// # Ok::<(), fragview::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RegexBuilder<'p> {
    pattern: &'p [u8],
    parser: ParserBuilder,
}

impl<'p> RegexBuilder<'p> {
    /// No flags yet.
    #[must_use]
    pub fn new(pattern: &'p [u8]) -> Self {
        let mut parser = ParserBuilder::new();
        parser.unicode(false).utf8(false);
        Self { pattern, parser }
    }

    /// Letters of ASCII match in either case: `(?i)`.
    #[must_use]
    pub fn case_insensitive(mut self, yes: bool) -> Self {
        self.parser.case_insensitive(yes);
        self
    }

    /// `^` and `$` match at the start and the end of each line: `(?m)`.
    #[must_use]
    pub fn multi_line(mut self, yes: bool) -> Self {
        self.parser.multi_line(yes);
        self
    }

    /// `.` matches a newline too: `(?s)`.
    #[must_use]
    pub fn dot_matches_new_line(mut self, yes: bool) -> Self {
        self.parser.dot_matches_new_line(yes);
        self
    }

    /// White space in the pattern is nothing, and `#` begins a comment: `(?x)`.
    #[must_use]
    pub fn ignore_whitespace(mut self, yes: bool) -> Self {
        self.parser.ignore_whitespace(yes);
        self
    }

    /// Compiles the pattern. As [`Regex::new`].
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn build(&self) -> Result<Regex, PatternError> {
        let hir = self.parse()?;
        let program = program(&hir)?;
        let whole = program_whole(hir)?;
        let groups = program.nfa().group_info();
        let names: Vec<Option<Box<str>>> = groups
            .pattern_names(PatternID::ZERO)
            .map(|name| name.map(Box::from))
            .collect();
        let slots = program.nfa().states().len().saturating_mul(2 * names.len());
        if names.len() > 1 && slots > SLOT_LIMIT {
            return Err(PatternError::new("too many groups for so large a pattern", None));
        }
        let inner = Inner {
            pattern: self.pattern.into(),
            program,
            whole,
            pools: [Pool::new(), Pool::new()],
            names,
        };
        Ok(Regex {
            inner: Arc::new(inner),
        })
    }

    fn parse(&self) -> Result<Hir, PatternError> {
        let (text, places) = readable(self.pattern);
        let parsed = self.parser.build().parse(&text);
        let place = |offset: usize| places.get(offset).copied();
        parsed.map_err(|error| match error {
            SyntaxError::Parse(error) => PatternError::new(error.kind(), place(error.span().start.offset)),
            SyntaxError::Translate(error) => {
                PatternError::new(error.kind(), place(error.span().start.offset))
            }
            other => PatternError::new(&other, None),
        })
    }
}

const HEX: [&str; 16] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B", "C", "D", "E", "F",
];

/// The pattern as text, where a byte that is not ASCII is an escape; and for each byte of that text, and its end, the
/// place in the pattern. Python's `\Z` becomes `\z`, which means the same.
fn readable(pattern: &[u8]) -> (String, Vec<usize>) {
    let (mut text, mut places) = (String::new(), Vec::new());
    let mut at = 0;
    while let Some(&byte) = pattern.get(at) {
        let start = at;
        at += 1;
        let (escaped, byte) = match pattern.get(at) {
            Some(&next) if byte == b'\\' => {
                at += 1;
                (true, next)
            }
            _ => (false, byte),
        };
        if byte.is_ascii() {
            if escaped {
                text.push('\\');
            }
            text.push(if escaped && byte == b'Z' {
                'z'
            } else {
                char::from(byte)
            });
        } else {
            text.extend(["\\x", HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        places.resize(text.len(), start);
    }
    places.push(pattern.len());
    (text, places)
}

fn program(hir: &Hir) -> Result<Program, PatternError> {
    let forward = nfa(hir, false)?;
    let backward = nfa(hir, true)?;
    let prefilter = if forward.is_always_start_anchored() {
        None
    } else {
        Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, hir).filter(Prefilter::is_fast)
    };
    Ok(Program {
        forward: dfa(forward, MatchKind::LeftmostFirst, prefilter.is_some())?,
        backward: dfa(backward, MatchKind::All, false)?,
        prefilter,
    })
}

/// The program for matches that end with the view.
fn program_whole(hir: Hir) -> Result<Program, PatternError> {
    program(&Hir::concat(vec![hir, Hir::look(Look::End)]))
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
