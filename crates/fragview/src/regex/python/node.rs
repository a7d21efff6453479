//! Expressions, and the properties that their automata need.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Dot, Hir, Look, Repetition};

use super::tokens::error;
use crate::regex::error::PatternError;

/// The translation of `$` without `(?m)`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dollar {
    /// The end: for matches that end there anyway.
    End,
    /// The end, or a last newline, which is taken, and before which this group stands: the match ends where
    /// that does.
    Newline(u32),
}

/// The kind of an expression, which a quantifier checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A place between bytes, which can't be repeated.
    Place,
    /// A repetition, which can't either.
    Repetition,
    /// Anything else.
    Other,
}

/// A part of a pattern.
pub(super) struct Node {
    pub(super) hir: Hir,
    pub(super) kind: Kind,
    /// True if there is a group in it that captures.
    captures: bool,
    /// True if it may prefer nothing to something: a lazy repetition, an alternative that may be empty
    /// before others.
    pub(super) prefers_nothing: bool,
    /// Where a `$` stands that looks at a last newline.
    pub(super) dollar: Option<usize>,
}

impl Node {
    fn new(hir: Hir, kind: Kind) -> Self {
        Self {
            hir,
            kind,
            captures: false,
            prefers_nothing: false,
            dollar: None,
        }
    }

    /// One byte, or either case of it.
    pub(super) fn byte(byte: u8, fold: bool) -> Self {
        if fold && byte.is_ascii_alphabetic() {
            let mut class = ClassBytes::new([ClassBytesRange::new(byte, byte)]);
            class.case_fold_simple();
            return Self::class(class);
        }
        Self::new(Hir::literal([byte]), Kind::Other)
    }

    pub(super) fn class(class: ClassBytes) -> Self {
        Self::new(Hir::class(Class::Bytes(class)), Kind::Other)
    }

    pub(super) fn dot(new_line: bool) -> Self {
        let dot = if new_line {
            Dot::AnyByte
        } else {
            Dot::AnyByteExceptLF
        };
        Self::new(Hir::dot(dot), Kind::Other)
    }

    pub(super) fn look(look: Look) -> Self {
        Self::new(Hir::look(look), Kind::Place)
    }

    /// A `$` without `(?m)`.
    pub(super) fn dollar(dollar: Dollar, at: usize) -> Self {
        let end = || Hir::look(Look::End);
        let hir = match dollar {
            Dollar::End => end(),
            Dollar::Newline(group) => {
                let mark = capture(group, Hir::empty());
                Hir::alternation(vec![end(), Hir::concat(vec![mark, Hir::literal([b'\n']), end()])])
            }
        };
        Self {
            dollar: Some(at),
            ..Self::new(hir, Kind::Place)
        }
    }

    pub(super) fn group(self, index: u32) -> Self {
        Self {
            hir: capture(index, self.hir),
            kind: Kind::Other,
            captures: true,
            ..self
        }
    }

    fn may_be_empty(&self) -> bool {
        self.hir.properties().minimum_len().is_none_or(|least| least == 0)
    }

    /// One part behind the other.
    pub(super) fn concat(nodes: Vec<Self>) -> Result<Self, PatternError> {
        if let Some((_, all)) = nodes.split_last()
            && let Some(at) = all.iter().find_map(|node| node.dollar)
        {
            return Err(early_dollar(at));
        }
        Ok(Self::join(nodes, Hir::concat))
    }

    /// One or another, the first preferred.
    pub(super) fn alternation(nodes: Vec<Self>) -> Self {
        let others = nodes.len() - 1;
        let prefers_nothing = nodes.iter().take(others).any(Self::may_be_empty);
        let joined = Self::join(nodes, Hir::alternation);
        Self {
            prefers_nothing: joined.prefers_nothing || prefers_nothing,
            ..joined
        }
    }

    fn join(nodes: Vec<Self>, join: impl Fn(Vec<Hir>) -> Hir) -> Self {
        Self {
            kind: Kind::Other,
            captures: nodes.iter().any(|node| node.captures),
            prefers_nothing: nodes.iter().any(|node| node.prefers_nothing),
            dollar: nodes.iter().find_map(|node| node.dollar),
            hir: join(nodes.into_iter().map(|node| node.hir).collect()),
        }
    }

    /// A repetition, whose quantifier stands at `at`.
    pub(super) fn repeat(
        self,
        min: u32,
        max: Option<u32>,
        greedy: bool,
        at: usize,
    ) -> Result<Self, PatternError> {
        let again = max != Some(0) && max != Some(1);
        if again && let Some(at) = self.dollar {
            return Err(early_dollar(at));
        }
        if again
            && max != Some(min)
            && self.may_be_empty()
            && (self.captures || self.prefers_nothing || !greedy)
        {
            let text = "a repetition of what may match nothing is not supported where a group, an alternative or a lazy \
                        quantifier in it shows it";
            return Err(error(text, at));
        }
        let hir = Hir::repetition(Repetition {
            min,
            max,
            greedy,
            sub: Box::new(self.hir),
        });
        Ok(Self {
            hir,
            kind: Kind::Repetition,
            captures: self.captures,
            prefers_nothing: self.prefers_nothing || !greedy,
            dollar: self.dollar,
        })
    }
}

fn capture(index: u32, hir: Hir) -> Hir {
    Hir::capture(Capture {
        index,
        name: None,
        sub: Box::new(hir),
    })
}

fn early_dollar(at: usize) -> PatternError {
    error(
        "'$' is supported at the end of a pattern only: write \\Z, or (?m:$) for the ends of lines",
        at,
    )
}
