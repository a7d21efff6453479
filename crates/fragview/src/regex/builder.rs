//! From a pattern to automata.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use regex_automata::PatternID;
use regex_syntax::hir::Hir;
use regex_syntax::{Error as SyntaxError, ParserBuilder};

use super::cache::Pool;
use super::compiled::{Inner, Regex};
use super::error::PatternError;
use super::program::Program;
use super::python::{self, Dollar, Flags};

/// The most slots that finding groups may need: 16 bytes each.
const SLOT_LIMIT: usize = 1 << 22;

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
    syntax: Syntax,
    flags: Flags,
}

/// A language of patterns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Syntax {
    /// That of the crate `regex`, with Unicode off.
    #[default]
    Rust,
    /// The syntax of Python's module `re`, for bytes: a pattern has the same meaning, or is refused.
    Python,
}

/// The expressions from which the automata are made.
struct Expression {
    hir: Hir,
    /// The same for matches that end with the view.
    whole: Hir,
    /// The groups' names, the whole match first, if the syntax tells them.
    names: Option<Vec<Option<Box<str>>>>,
    newline_group: Option<usize>,
    prefers_nothing: bool,
}

impl<'p> RegexBuilder<'p> {
    /// Makes a builder without flags.
    #[must_use]
    pub fn new(pattern: &'p [u8]) -> Self {
        Self {
            pattern,
            syntax: Syntax::Rust,
            flags: Flags::default(),
        }
    }

    /// Sets the language of the pattern.
    ///
    /// ```
    /// use fragview::regex::{RegexBuilder, Syntax};
    /// let python = |pattern| RegexBuilder::new(pattern).syntax(Syntax::Python).build();
    /// assert!(python(br"\x41{,3}(?#three)$").is_ok());
    /// let error = python(br"a(?=b)").err().unwrap();
    /// assert_eq!((error.to_string().as_str(), error.position), ("lookahead is not supported", Some(1)));
    /// ```
    #[must_use]
    pub const fn syntax(mut self, syntax: Syntax) -> Self {
        self.syntax = syntax;
        self
    }

    /// Letters of ASCII match in either case: `(?i)`.
    #[must_use]
    pub const fn case_insensitive(mut self, yes: bool) -> Self {
        self.flags.case_insensitive = yes;
        self
    }

    /// `^` and `$` match at the start and the end of each line: `(?m)`.
    #[must_use]
    pub const fn multi_line(mut self, yes: bool) -> Self {
        self.flags.multi_line = yes;
        self
    }

    /// `.` matches a newline too: `(?s)`.
    #[must_use]
    pub const fn dot_matches_new_line(mut self, yes: bool) -> Self {
        self.flags.dot_matches_new_line = yes;
        self
    }

    /// White space in the pattern is nothing, and `#` begins a comment: `(?x)`.
    #[must_use]
    pub const fn ignore_whitespace(mut self, yes: bool) -> Self {
        self.flags.ignore_whitespace = yes;
        self
    }

    /// Compiles the pattern. As [`Regex::new`].
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn build(&self) -> Result<Regex, PatternError> {
        let expression = match self.syntax {
            Syntax::Rust => self.parse_rust()?,
            Syntax::Python => self.parse_python()?,
        };
        let may_be_empty = expression
            .hir
            .properties()
            .minimum_len()
            .is_none_or(|least| least == 0);
        let mut program = Program::new(&expression.hir)?;
        let mut whole = Program::whole(expression.whole)?;
        let names = expression.names.unwrap_or_else(|| {
            let names = program.nfa().group_info().pattern_names(PatternID::ZERO);
            names.map(|name| name.map(Box::from)).collect()
        });
        program.newline_group = expression.newline_group;
        program.tries_again = expression.prefers_nothing && may_be_empty;
        for program in [&mut program, &mut whole] {
            program.groups = names.len();
            let slots = program.nfa().group_info().slot_len();
            let slots = program.nfa().states().len().saturating_mul(slots);
            if program.needs_slots() && slots > SLOT_LIMIT {
                return Err(PatternError::new("too many groups for so large a pattern", None));
            }
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

    fn parse_python(&self) -> Result<Expression, PatternError> {
        let whole = python::parse(self.pattern, self.flags, Dollar::End)?;
        let mut expression = Expression {
            hir: whole.hir.clone(),
            whole: whole.hir,
            newline_group: None,
            prefers_nothing: whole.prefers_nothing,
            names: None,
        };
        if whole.has_dollar {
            let group = whole.names.len();
            let number = u32::try_from(group).map_err(|_| PatternError::new("too many groups", None))?;
            expression.hir = python::parse(self.pattern, self.flags, Dollar::Newline(number))?.hir;
            expression.newline_group = Some(group);
        }
        expression.names = Some(whole.names);
        Ok(expression)
    }

    fn parse_rust(&self) -> Result<Expression, PatternError> {
        let (text, places) = readable(self.pattern);
        let mut parser = ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .case_insensitive(self.flags.case_insensitive)
            .multi_line(self.flags.multi_line)
            .dot_matches_new_line(self.flags.dot_matches_new_line)
            .ignore_whitespace(self.flags.ignore_whitespace)
            .build();
        let place = |offset: usize| places.get(offset).copied();
        let hir = parser.parse(&text).map_err(|error| match error {
            SyntaxError::Parse(error) => PatternError::new(error.kind(), place(error.span().start.offset)),
            SyntaxError::Translate(error) => {
                PatternError::new(error.kind(), place(error.span().start.offset))
            }
            other => PatternError::new(&other, None),
        })?;
        Ok(Expression {
            whole: hir.clone(),
            hir,
            names: None,
            newline_group: None,
            prefers_nothing: false,
        })
    }
}

impl Regex {
    /// Compiles a pattern. O(pattern), where a counted repetition counts as often as it is repeated.
    ///
    /// # Errors
    /// [`PatternError`], with the place if it knows one.
    ///
    /// ```
    /// use fragview::regex::Regex;
    /// let error = Regex::new(b"ab(c").err().unwrap();
    /// assert_eq!((error.to_string().as_str(), error.position), ("unclosed group", Some(2)));
    /// ```
    pub fn new(pattern: &[u8]) -> Result<Self, PatternError> {
        RegexBuilder::new(pattern).build()
    }
}

const HEX: [&str; 16] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B", "C", "D", "E", "F",
];

/// The pattern as text, where a byte that is not ASCII is an escape; and for each byte of that text, and its
/// end, the place in the pattern. `\Z` becomes `\z`, which means the same.
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
