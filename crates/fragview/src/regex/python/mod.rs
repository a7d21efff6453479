//! Patterns in the syntax of Python's module `re`, for bytes.
//!
//! A port of the parser of `CPython` (`re/_parser.py`, 3.11 to 3.14): it accepts and refuses the same
//! patterns, with the same messages and places, and makes an [`Hir`](regex_syntax::hir::Hir) that matches the
//! same bytes. It also refuses patterns that an automaton can't match as `re` does, with messages of its own:
//!
//! - references to groups, lookahead and lookbehind, atomic groups, possessive and conditional parts;
//! - `$` without `(?m)`, but at the end of the pattern: it looks two bytes ahead, at a last newline;
//! - a repetition of what may match nothing, where `re`'s rule for an empty turn shows in the result.
//!
//! The layers, each of which knows those before it: `tokens` reads bytes and escapes, `escape` and `flags`
//! give them a meaning, `node` builds an expression and knows what its automaton will do, `class` and
//! `parser` have the grammar.

mod class;
mod escape;
mod flags;
mod node;
mod parser;
mod tokens;

pub(super) use flags::Flags;
pub(super) use node::Dollar;
pub(super) use parser::parse;
