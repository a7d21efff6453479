//! The bytes of a pattern, where a backslash and the byte behind it are one token.

use alloc::string::String;
use core::fmt::Write;

use crate::regex::error::PatternError;

/// A token of the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A byte that no backslash precedes.
    Byte(u8),
    /// A backslash and this byte.
    Escape(u8),
}

/// Reads a pattern's tokens, one ahead.
pub(super) struct Tokens<'p> {
    pattern: &'p [u8],
    /// The start of the next token.
    at: usize,
}

impl<'p> Tokens<'p> {
    /// Refuses a pattern whose last backslash has no byte behind it, wherever that stands: so does `re`.
    pub(super) fn new(pattern: &'p [u8]) -> Result<Self, PatternError> {
        let mut tokens = Self { pattern, at: 0 };
        while let Some(token) = tokens.next() {
            tokens.at += width(token);
        }
        if tokens.at < pattern.len() {
            return Err(PatternError::new("bad escape (end of pattern)", Some(tokens.at)));
        }
        tokens.at = 0;
        Ok(tokens)
    }

    /// The start of the next token.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Goes back to where a token begins.
    pub(super) const fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// The next token, which stays the next one.
    pub(super) fn next(&self) -> Option<Token> {
        match *self.pattern.get(self.at)? {
            b'\\' => self.pattern.get(self.at + 1).map(|&byte| Token::Escape(byte)),
            byte => Some(Token::Byte(byte)),
        }
    }

    /// The next byte, if no backslash precedes it.
    pub(super) fn next_byte(&self) -> Option<u8> {
        match self.next()? {
            Token::Byte(byte) => Some(byte),
            Token::Escape(_) => None,
        }
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Option<Token> {
        let token = self.next()?;
        self.at += width(token);
        Some(token)
    }

    /// Takes the next token if it is this byte.
    pub(super) fn take_if(&mut self, byte: u8) -> bool {
        let matches = self.next_byte() == Some(byte);
        self.at += usize::from(matches);
        matches
    }

    /// Takes at most `most` bytes of a kind.
    pub(super) fn take_while(&mut self, most: usize, kind: impl Fn(u8) -> bool) -> &'p [u8] {
        let start = self.at;
        while self.at - start < most && self.next_byte().is_some_and(&kind) {
            self.at += 1;
        }
        &self.pattern[start..self.at]
    }

    /// Takes the bytes before `end`, and that byte. Errors call them `what`.
    pub(super) fn take_until(&mut self, end: u8, what: &str) -> Result<&'p [u8], PatternError> {
        let start = self.at;
        while let Some(token) = self.take() {
            if token == Token::Byte(end) {
                let taken = &self.pattern[start..self.at - 1];
                return if taken.is_empty() {
                    Err(error(alloc::format!("missing {what}"), start))
                } else {
                    Ok(taken)
                };
            }
        }
        Err(if start == self.at {
            error(alloc::format!("missing {what}"), start)
        } else {
            error(
                alloc::format!("missing {}, unterminated name", char::from(end)),
                start,
            )
        })
    }

    /// The pattern from `start` up to here, as an error shows it.
    pub(super) fn shown(&self, start: usize) -> String {
        shown(&self.pattern[start..self.at])
    }
}

const fn width(token: Token) -> usize {
    match token {
        Token::Byte(_) => 1,
        Token::Escape(_) => 2,
    }
}

/// Bytes as an error shows them.
pub(super) fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        if byte.is_ascii() {
            text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// An error at a place of the pattern.
pub(super) fn error(message: impl AsRef<str>, at: usize) -> PatternError {
    PatternError::new(message.as_ref(), Some(at))
}
