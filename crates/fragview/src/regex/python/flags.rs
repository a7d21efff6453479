//! Flags, and their groups in a pattern: `(?i)`, `(?s-i:…)`.

use super::tokens::{Token, Tokens, error};
use crate::regex::error::PatternError;

/// The flags that change the meaning of a pattern.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of `re` on its own")]
pub(crate) struct Flags {
    /// I: a letter of ASCII is either case.
    pub(crate) case_insensitive: bool,
    /// M: `^` and `$` know lines.
    pub(crate) multi_line: bool,
    /// S: `.` is a newline too.
    pub(crate) dot_matches_new_line: bool,
    /// X: white space and comments are nothing.
    pub(crate) ignore_whitespace: bool,
}

/// The contents of a group `(?…` with flags.
pub(super) enum Inline {
    /// `(?i)`: for the whole pattern. The group is over.
    Global(Flags),
    /// `(?i:`: for the group that begins.
    Scoped(Flags),
}

/// Letters of flags that were given.
#[derive(Clone, Copy, Default)]
struct Letters {
    flags: Flags,
    /// `a`, which bytes always are.
    ascii: bool,
    /// `L`.
    locale: bool,
}

const NAMES: &[u8] = b"aiLmsux";

/// Reads flags up to the `)` or `:`, with those of the pattern so far, and the first letter or `-`, which is
/// taken.
pub(super) fn inline(tokens: &mut Tokens<'_>, flags: Flags, first: u8) -> Result<Inline, PatternError> {
    let (mut on, mut off) = (Letters::default(), Letters::default());
    let mut letter = first;
    while letter != b'-' {
        let at = tokens.at();
        match letter {
            b'u' => {
                let text = "bad inline flags: cannot use 'u' flag with a bytes pattern";
                return Err(error(text, at));
            }
            b'L' if on.ascii => return Err(incompatible(at)),
            b'L' => on.locale = true,
            b'a' if on.locale => return Err(incompatible(at)),
            _ => on.set(letter),
        }
        letter = next(tokens, b")-:", "missing -, : or )")?;
        if letter == b')' || letter == b':' {
            break;
        }
    }
    if on.locale {
        return Err(error(
            "the flag 'L' is not supported: patterns are of ASCII",
            tokens.at(),
        ));
    }
    if letter == b')' {
        return Ok(Inline::Global(on.flags.or(flags)));
    }
    if letter == b'-' {
        letter = next(tokens, b"", "missing flag")?;
        while letter != b':' {
            if matches!(letter, b'a' | b'u' | b'L') {
                let text = "bad inline flags: cannot turn off flags 'a', 'u' and 'L'";
                return Err(error(text, tokens.at()));
            }
            off.set(letter);
            letter = next(tokens, b":", "missing :")?;
        }
    }
    if on.flags.and(off.flags) != Flags::default() {
        let text = "bad inline flags: flag turned on and off";
        return Err(error(text, tokens.at() - 1));
    }
    Ok(Inline::Scoped(flags.or(on.flags).without(off.flags)))
}

/// The next letter: a flag's, or one of `ends`.
fn next(tokens: &mut Tokens<'_>, ends: &[u8], missing: &str) -> Result<u8, PatternError> {
    let at = tokens.at();
    match tokens.take() {
        Some(Token::Byte(byte)) if ends.contains(&byte) || NAMES.contains(&byte) => Ok(byte),
        Some(Token::Byte(byte)) if byte.is_ascii_alphabetic() => Err(error("unknown flag", at)),
        _ => Err(error(missing, at)),
    }
}

fn incompatible(at: usize) -> PatternError {
    error("bad inline flags: flags 'a', 'u' and 'L' are incompatible", at)
}

/// True for what begins flags behind `(?`.
pub(super) fn begins(byte: u8) -> bool {
    byte == b'-' || NAMES.contains(&byte)
}

impl Letters {
    fn set(&mut self, letter: u8) {
        match letter {
            b'a' => self.ascii = true,
            b'i' => self.flags.case_insensitive = true,
            b'm' => self.flags.multi_line = true,
            b's' => self.flags.dot_matches_new_line = true,
            _ => self.flags.ignore_whitespace = true,
        }
    }
}

impl Flags {
    fn each(self, other: Self, both: impl Fn(bool, bool) -> bool) -> Self {
        Self {
            case_insensitive: both(self.case_insensitive, other.case_insensitive),
            multi_line: both(self.multi_line, other.multi_line),
            dot_matches_new_line: both(self.dot_matches_new_line, other.dot_matches_new_line),
            ignore_whitespace: both(self.ignore_whitespace, other.ignore_whitespace),
        }
    }

    fn or(self, other: Self) -> Self {
        self.each(other, |a, b| a || b)
    }

    fn and(self, other: Self) -> Self {
        self.each(other, |a, b| a && b)
    }

    fn without(self, other: Self) -> Self {
        self.each(other, |a, b| a && !b)
    }
}
