//! Regular expressions over views, without joining them.
//!
//! A [`Regex`] is made of a pattern of bytes in the syntax of the crate `regex`, with Unicode off: `.` is a
//! byte, `\w`, `\d`, `\s` and `(?i)` know ASCII. [`Syntax::Python`] reads patterns as Python's module `re`
//! does. There are no backreferences and nothing that looks around but `^`, `$`, `\b` and their like;
//! therefore a search takes time linear in the bytes it looks at, whatever the pattern.
//!
//! The automata are `regex-automata`'s, which take one byte at a time: one finds the end of the leftmost
//! match, a reversed one its start. Both need the bytes in order only, so fragments of any size will do, and
//! a search can pause anywhere. A simulation of the NFA over the match alone finds the groups.

#![forbid(unsafe_code)]

mod automaton;
mod builder;
mod cache;
mod compiled;
mod error;
mod feed;
mod find;
mod groups;
mod match_;
mod mode;
mod program;
mod python;
mod search;
mod split;

pub use builder::{RegexBuilder, Syntax};
pub use compiled::Regex;
pub use error::PatternError;
pub use match_::Match;
pub use mode::Mode;
pub use search::{Resume, Search};
pub use split::Split;
