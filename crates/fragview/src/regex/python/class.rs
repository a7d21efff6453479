//! Sets of bytes in brackets.

use regex_syntax::hir::{ClassBytes, ClassBytesRange};

use super::escape::{Escape, class_escape};
use super::tokens::{Token, Tokens, error};
use crate::regex::error::PatternError;

/// Reads a set whose `[` is taken. In brackets only `]`, `^`, `-` and the backslash mean something: `[[a&&b]`
/// is six bytes.
pub(super) fn class(tokens: &mut Tokens<'_>, fold: bool) -> Result<ClassBytes, PatternError> {
    let start = tokens.at() - 1;
    let unterminated = || error("unterminated character set", start);
    let negated = tokens.take_if(b'^');
    let mut class = ClassBytes::empty();
    let mut first = true;
    loop {
        let at = tokens.at();
        let low = match tokens.take().ok_or_else(unterminated)? {
            Token::Byte(b']') if !first => break,
            token => item(tokens, token, at)?,
        };
        first = false;
        if !tokens.take_if(b'-') {
            add(&mut class, low);
            continue;
        }
        let high_at = tokens.at();
        let high = match tokens.take().ok_or_else(unterminated)? {
            Token::Byte(b']') => {
                add(&mut class, low);
                add(&mut class, Escape::Byte(b'-'));
                break;
            }
            token => item(tokens, token, high_at)?,
        };
        match (low, high) {
            (Escape::Byte(low), Escape::Byte(high)) if low <= high => {
                class.push(ClassBytesRange::new(low, high));
            }
            _ => {
                let text = alloc::format!("bad character range {}", tokens.shown(at));
                return Err(error(text, at));
            }
        }
    }
    if fold {
        class.case_fold_simple();
    }
    if negated {
        class.negate();
    }
    Ok(class)
}

fn item(tokens: &mut Tokens<'_>, token: Token, at: usize) -> Result<Escape, PatternError> {
    match token {
        Token::Byte(byte) => Ok(Escape::Byte(byte)),
        Token::Escape(byte) => class_escape(tokens, byte, at),
    }
}

fn add(class: &mut ClassBytes, item: Escape) {
    match item {
        Escape::Byte(byte) => class.push(ClassBytesRange::new(byte, byte)),
        Escape::Class(other) => class.union(&other),
        // No escape in brackets is a place.
        Escape::Look(_) => {}
    }
}
