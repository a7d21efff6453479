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
        let program = Program::new(&hir)?;
        let whole = Program::whole(hir)?;
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

impl Regex {
    /// Compiles a pattern. O(pattern), where a counted repetition counts as often as it is repeated.
    ///
    /// # Errors
    /// [`PatternError`], with the place where it knows one.
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
