//! Fields: where in an item its values lie.

use super::scalar::Scalar;
use super::value::ValueRef;
use core::iter::FusedIterator;
use core::slice;

/// One value's place in an item. Pad bytes belong to no field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    /// The start of the value in the item, in bytes.
    pub offset: usize,
    /// How its bytes are read.
    pub kind: FieldKind,
}

/// How a field's bytes are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// A value of a fixed size.
    Scalar(Scalar),
    /// The code `s`: bytes, all of them the value, zeros too.
    String {
        /// The bytes it takes.
        length: usize,
    },
    /// The code `p`: a length byte, and then at most that many bytes.
    Pascal {
        /// The bytes it takes, the length byte included; 0 has no length byte, and is always empty.
        length: usize,
    },
}

impl FieldKind {
    /// The bytes that the field takes in its item.
    ///
    /// ```
    /// use fragview::format::FieldKind;
    ///
    /// assert_eq!(FieldKind::Pascal { length: 4 }.size(), 4);
    /// ```
    #[inline]
    pub const fn size(self) -> usize {
        match self {
            Self::Scalar(scalar) => scalar.size(),
            Self::String { length } | Self::Pascal { length } => length,
        }
    }

    /// Reads the field's own bytes. Pre: there are exactly [`size`](Self::size).
    #[inline]
    pub(super) fn unpack(self, bytes: &[u8]) -> ValueRef<'_> {
        match self {
            Self::Scalar(scalar) => ValueRef::Scalar(scalar.unpack(bytes)),
            Self::String { .. } => ValueRef::Bytes(bytes),
            Self::Pascal { .. } => ValueRef::Bytes(match bytes {
                [length, content @ ..] => content.get(..usize::from(*length)).unwrap_or(content),
                [] => &[],
            }),
        }
    }
}

/// Fields of one kind, one after the other: a code with its repeat count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Run {
    /// The start of the first one.
    pub(super) offset: usize,
    /// Never 0. All of them lie within an item, whose size is at most `isize::MAX`.
    pub(super) count: usize,
    pub(super) kind: FieldKind,
}

/// The fields of a format from front to back, by [`Format::fields`](super::Format::fields).
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    /// The rest of the current run; its count may be 0.
    current: Option<Run>,
    rest: slice::Iter<'a, Run>,
    remaining: usize,
}

impl<'a> Fields<'a> {
    /// `first` and then `rest`. Pre: `remaining` is the sum of their counts.
    #[inline]
    pub(super) fn new(first: Option<Run>, rest: &'a [Run], remaining: usize) -> Self {
        Self {
            current: first,
            rest: rest.iter(),
            remaining,
        }
    }
}

impl Iterator for Fields<'_> {
    type Item = Field;

    #[inline]
    fn next(&mut self) -> Option<Field> {
        let run = loop {
            match &mut self.current {
                Some(run) if run.count > 0 => break run,
                current => *current = Some(*self.rest.next()?),
            }
        };
        let field = Field {
            offset: run.offset,
            kind: run.kind,
        };
        run.count -= 1;
        // Within the item or at its end, so this never saturates.
        run.offset = run.offset.saturating_add(run.kind.size());
        self.remaining = self.remaining.saturating_sub(1);
        Some(field)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl ExactSizeIterator for Fields<'_> {}
impl FusedIterator for Fields<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn runs_expand_one_field_at_a_time() {
        let run = |offset, count, length| Run {
            offset,
            count,
            kind: FieldKind::String { length },
        };
        let rest = [run(6, 1, 0), run(7, 2, 1)];
        let mut fields = Fields::new(Some(run(0, 2, 3)), &rest, 5);
        assert_eq!(fields.len(), 5);
        assert_eq!(
            fields.clone().map(|field| field.offset).collect::<Vec<_>>(),
            [0, 3, 6, 7, 8]
        );
        fields.next();
        assert_eq!(fields.len(), 4);
        assert_eq!(fields.by_ref().count(), 4);
        assert_eq!(fields.next(), None);
    }

    #[test]
    fn a_pascal_string_ends_with_its_field() {
        let unpack = |bytes| FieldKind::Pascal { length: 3 }.unpack(bytes);
        assert_eq!(unpack(b"\x02ab"), ValueRef::Bytes(b"ab"));
        assert_eq!(unpack(b"\x00ab"), ValueRef::Bytes(b""));
        assert_eq!(unpack(b"\xffab"), ValueRef::Bytes(b"ab"));
        assert_eq!(FieldKind::Pascal { length: 0 }.unpack(b""), ValueRef::Bytes(b""));
    }
}
