//! Columns: one field of every record.

use alloc::vec::Vec;

use crate::format::{Endian, FieldKind, Format, Scalar, ScalarValue};

/// One field of every record, in this machine's byte order, so that an array library reads it as it is.
#[derive(Clone, Debug)]
pub struct Column {
    kind: FieldKind,
    /// How a value is read back, where it is a scalar.
    native: Option<Scalar>,
    /// True where the layout's byte order is not this machine's.
    swapped: bool,
    width: usize,
    data: Vec<u8>,
}

impl Column {
    pub(super) fn new(kind: FieldKind) -> Self {
        let native = match kind {
            FieldKind::Scalar(scalar) => {
                let code = [native_code(scalar)];
                core::str::from_utf8(&code)
                    .ok()
                    .and_then(|code| Format::parse(code).ok())
                    .and_then(|code| code.scalar())
            }
            _ => None,
        };
        Self {
            kind,
            native,
            swapped: matches!(kind, FieldKind::Scalar(scalar) if scalar.endian() != Endian::NATIVE),
            width: kind.size(),
            data: Vec::new(),
        }
    }

    /// What a value is.
    #[must_use]
    pub const fn kind(&self) -> FieldKind {
        self.kind
    }

    /// Bytes a value. O(1).
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// The number of values. O(1).
    #[must_use]
    pub fn len(&self) -> usize {
        self.data.len().checked_div(self.width).unwrap_or(0)
    }

    /// True where there is none. O(1).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// All values, one after the other, numbers in this machine's byte order. O(1).
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The `struct` code of a value where it is one scalar: native, so without a byte order.
    #[must_use]
    pub fn code(&self) -> Option<u8> {
        self.native.map(Scalar::code)
    }

    /// The bytes of value `index`. O(1).
    #[must_use]
    pub fn bytes(&self, index: usize) -> Option<&[u8]> {
        let start = index.checked_mul(self.width)?;
        self.data.get(start..start.checked_add(self.width)?)
    }

    /// Value `index` where it is a scalar. O(1).
    #[must_use]
    pub fn scalar(&self, index: usize) -> Option<ScalarValue> {
        Some(self.native?.unpack(self.bytes(index)?))
    }

    pub(super) fn reserve(&mut self, count: usize) -> Option<()> {
        self.data.try_reserve(count.checked_mul(self.width)?).ok()
    }

    /// Appends the value that begins `field` bytes, in the layout's byte order. Amortised O(width).
    #[inline]
    pub(super) fn push(&mut self, field: &[u8]) {
        // Widths that the compiler knows make a store each.
        match (field, self.swapped) {
            (&[a], _) => self.data.push(a),
            (&[a, b], false) => self.data.extend_from_slice(&[a, b]),
            (&[a, b], true) => self.data.extend_from_slice(&[b, a]),
            (&[a, b, c, d], false) => self.data.extend_from_slice(&[a, b, c, d]),
            (&[a, b, c, d], true) => self.data.extend_from_slice(&[d, c, b, a]),
            (_, swapped) => {
                let start = self.data.len();
                self.data.extend_from_slice(field);
                if swapped {
                    self.data[start..].reverse();
                }
            }
        }
    }

    /// The values at `indices`. O(indices). Pre: the indices are in range; others are left out.
    pub(super) fn take(&self, indices: &[usize]) -> Self {
        let mut taken = Self::new(self.kind);
        for &index in indices {
            taken.data.extend_from_slice(self.bytes(index).unwrap_or(&[]));
        }
        taken
    }
}

/// The native `struct` code with the size and the kind of a scalar that may have had a byte order.
const fn native_code(scalar: Scalar) -> u8 {
    use crate::format::Kind::{Bool, Byte, Float, Signed, Unsigned};
    match (scalar.kind(), scalar.size()) {
        (Signed, 1) => b'b',
        (Signed, 2) => b'h',
        (Signed, 4) => b'i',
        (Signed, _) => b'q',
        (Unsigned, 1) => b'B',
        (Unsigned, 2) => b'H',
        (Unsigned, 4) => b'I',
        (Unsigned, _) => b'Q',
        (Float, 2) => b'e',
        (Float, 4) => b'f',
        (Float, _) => b'd',
        (Bool, _) => b'?',
        (Byte, _) => b'c',
    }
}
