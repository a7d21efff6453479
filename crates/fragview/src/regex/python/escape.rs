//! Escapes: a backslash and the bytes after it.

use regex_syntax::hir::{ClassBytes, ClassBytesRange, Look};

use super::tokens::{Tokens, error};
use crate::regex::error::PatternError;

/// The meaning of an escape.
pub(super) enum Escape {
    /// One byte.
    Byte(u8),
    /// One byte of a set: `\d`.
    Class(ClassBytes),
    /// A place between bytes: `\b`.
    Look(Look),
}

/// Reads an escape outside of brackets, whose first two bytes are taken. `start` is where its backslash is.
pub(super) fn escape(tokens: &mut Tokens<'_>, byte: u8, start: usize) -> Result<Escape, PatternError> {
    let look = match byte {
        b'A' => Look::Start,
        // `\z` is `re`'s from CPython 3.14 on.
        b'Z' | b'z' => Look::End,
        b'b' => Look::WordAscii,
        b'B' => Look::WordAsciiNegate,
        b'0' => {
            tokens.take_while(2, is_octal);
            return octal(tokens, start).map(Escape::Byte);
        }
        b'1'..=b'9' => return digits(tokens, byte, start),
        _ => return both(tokens, byte, start),
    };
    Ok(Escape::Look(look))
}

/// Reads an escape in brackets.
pub(super) fn class_escape(tokens: &mut Tokens<'_>, byte: u8, start: usize) -> Result<Escape, PatternError> {
    match byte {
        b'b' => Ok(Escape::Byte(8)),
        b'0'..=b'7' => {
            tokens.take_while(2, is_octal);
            octal(tokens, start).map(Escape::Byte)
        }
        _ => both(tokens, byte, start),
    }
}

/// Escapes with the same meaning in brackets and outside.
fn both(tokens: &mut Tokens<'_>, byte: u8, start: usize) -> Result<Escape, PatternError> {
    let byte = match byte {
        b'a' => 7,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'x' => {
            let digits = tokens.take_while(2, |byte| byte.is_ascii_hexdigit());
            if digits.len() < 2 {
                let text = alloc::format!("incomplete escape {}", tokens.shown(start));
                return Err(error(text, start));
            }
            let value = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0);
            let number = digits.iter().fold(0, |number, &digit| number * 16 + value(digit));
            u8::try_from(number).unwrap_or(u8::MAX)
        }
        b'd' | b'D' => return Ok(Escape::Class(class(&[(b'0', b'9')], byte == b'D'))),
        b's' | b'S' => return Ok(Escape::Class(class(&[(9, 13), (b' ', b' ')], byte == b'S'))),
        b'w' | b'W' => {
            let word = [(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')];
            return Ok(Escape::Class(class(&word, byte == b'W')));
        }
        _ if byte.is_ascii_alphanumeric() => {
            return Err(error(alloc::format!("bad escape \\{}", char::from(byte)), start));
        }
        other => other,
    };
    Ok(Escape::Byte(byte))
}

/// Three octal digits are a byte; anything else that begins with a digit refers to a group.
fn digits(tokens: &mut Tokens<'_>, first: u8, start: usize) -> Result<Escape, PatternError> {
    let second = tokens.take_while(1, |byte| byte.is_ascii_digit());
    if is_octal(first) && second.first().is_some_and(|&byte| is_octal(byte)) {
        let third = tokens.take_while(1, is_octal);
        if !third.is_empty() {
            return octal(tokens, start).map(Escape::Byte);
        }
    }
    let text = alloc::format!("references to groups are not supported: {}", tokens.shown(start));
    Err(error(text, start))
}

/// The value of the octal digits between the backslash at `start` and here.
fn octal(tokens: &Tokens<'_>, start: usize) -> Result<u8, PatternError> {
    let shown = tokens.shown(start);
    u8::from_str_radix(&shown[1..], 8).map_err(|_| {
        let text = alloc::format!("octal escape value {shown} outside of range 0-0o377");
        error(text, start)
    })
}

const fn is_octal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'7')
}

fn class(ranges: &[(u8, u8)], negated: bool) -> ClassBytes {
    let ranges = ranges
        .iter()
        .map(|&(start, end)| ClassBytesRange::new(start, end));
    let mut class = ClassBytes::new(ranges);
    if negated {
        class.negate();
    }
    class
}
