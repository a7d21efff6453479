//! Columns: one field of every record.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;

use super::encode::number_of;
use crate::error::Error;
use crate::format::{Endian, FieldKind, Format, Kind, Scalar, ScalarValue};
use crate::interrupt::Interrupt;

/// One field of every record, in this machine's byte order, so that an array library reads it as it is.
#[derive(Clone, Debug)]
pub struct Column {
    kind: FieldKind,
    /// How a value is read back, if it is a scalar.
    native: Option<Scalar>,
    /// True if the layout's byte order is not this machine's.
    swapped: bool,
    width: usize,
    /// The bytes of a number that is in a string's field, and their order; the column has it in 4 or 8 bytes.
    packed: Option<(usize, Endian)>,
    /// Shared with clones of the table and with what array libraries hold of it.
    data: Arc<Vec<u8>>,
}

impl Column {
    pub(super) fn new(kind: FieldKind) -> Self {
        let native = match kind {
            FieldKind::Scalar(scalar) => {
                let code = [scalar.native_letter()];
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
            packed: None,
            data: Arc::new(Vec::new()),
        }
    }

    /// A column of unsigned numbers of `size` bytes each in the header, at most 8.
    pub(super) fn of_number(size: usize, endian: Endian) -> Self {
        let code = if size <= 4 { "I" } else { "Q" };
        let kind = Format::parse(code).ok().and_then(|code| code.scalar());
        Self {
            packed: Some((size, endian)),
            ..Self::new(kind.map_or(FieldKind::String { length: size }, FieldKind::Scalar))
        }
    }

    /// The type of a value.
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

    /// True if there are no values. O(1).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// All values, one after the other, numbers in this machine's byte order. O(1).
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The same bytes, to keep. O(1).
    #[cfg(feature = "arrow")]
    pub(super) fn shared(&self) -> Arc<Vec<u8>> {
        Arc::clone(&self.data)
    }

    /// The `struct` code of a value if it is one scalar: native, so without a byte order.
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

    /// Value `index` if it is a scalar. O(1).
    #[must_use]
    pub fn scalar(&self, index: usize) -> Option<ScalarValue> {
        Some(self.native?.unpack(self.bytes(index)?))
    }

    /// True if different bytes may be the same value.
    pub(super) const fn has_synonyms(kind: FieldKind) -> bool {
        match kind {
            FieldKind::Scalar(scalar) => matches!(scalar.kind(), Kind::Bool | Kind::Float),
            FieldKind::Pascal { .. } => true,
            FieldKind::String { .. } => false,
        }
    }

    /// A value's bytes such that equal values have equal bytes: truth values are 0 or 1, there is one zero,
    /// and the bytes after a Pascal string's end do not count.
    pub(super) fn canonical(&self, value: &[u8]) -> Vec<u8> {
        let mut bytes = value.to_vec();
        match (self.kind, self.native.map(|native| native.unpack(value))) {
            (_, Some(ScalarValue::Bool(truth))) => bytes.fill(truth.into()),
            (_, Some(ScalarValue::Float(0.0))) => bytes.fill(0),
            (FieldKind::Pascal { length }, _) if length > 0 => {
                let count = usize::from(bytes[0]).min(length - 1);
                bytes[0] = u8::try_from(count).unwrap_or(u8::MAX);
                bytes[count + 1..].fill(0);
            }
            _ => {}
        }
        bytes
    }

    /// True if no value equals this one, as Python compares: it is not a number.
    fn equals_nothing(&self, value: &[u8]) -> bool {
        matches!(self.native.map(|native| native.unpack(value)), Some(ScalarValue::Float(number)) if number.is_nan())
    }

    /// The canonical bytes of a value in the layout's byte order that some record may have.
    pub(super) fn wanted(&self, encoded: &[u8]) -> Option<Vec<u8>> {
        let mut native = Self::new(self.kind);
        native.push(encoded);
        (!self.equals_nothing(&native.data)).then(|| self.canonical(&native.data))
    }

    pub(super) fn reserve(&mut self, count: usize) -> Option<()> {
        let data = Arc::get_mut(&mut self.data)?;
        data.try_reserve_exact(count.checked_mul(self.width)?).ok()
    }

    /// Gives back the room that growing has left over.
    pub(super) fn shrink(&mut self) {
        if let Some(data) = Arc::get_mut(&mut self.data) {
            data.shrink_to_fit();
        }
    }

    /// Appends one value, in the layout's byte order.
    pub(super) fn push(&mut self, field: &[u8]) {
        self.extend(field, field.len().max(1), 0);
    }

    /// Appends the value at `offset` of each header, in the layout's byte order; headers have `size` bytes.
    /// O(bytes).
    pub(super) fn extend(&mut self, headers: &[u8], size: usize, offset: usize) {
        if let Some((length, endian)) = self.packed {
            return self.extend_numbers(headers, size, offset..offset + length, endian);
        }
        // Widths that the compiler knows make a move each.
        match self.width {
            1 => self.extend_fixed::<1>(headers, size, offset),
            2 => self.extend_fixed::<2>(headers, size, offset),
            4 => self.extend_fixed::<4>(headers, size, offset),
            8 => self.extend_fixed::<8>(headers, size, offset),
            width => {
                let data = Arc::make_mut(&mut self.data);
                for header in headers.chunks_exact(size) {
                    data.extend_from_slice(header.get(offset..offset + width).unwrap_or(&[]));
                }
            }
        }
    }

    fn extend_fixed<const WIDTH: usize>(&mut self, headers: &[u8], size: usize, offset: usize) {
        let data = Arc::make_mut(&mut self.data);
        let start = data.len();
        data.resize(start + headers.len() / size * WIDTH, 0);
        let (values, _) = data[start..].as_chunks_mut::<WIDTH>();
        for (value, header) in values.iter_mut().zip(headers.chunks_exact(size)) {
            if let Some(&field) = header.get(offset..).and_then(|rest| rest.first_chunk::<WIDTH>()) {
                *value = field;
                if self.swapped {
                    value.reverse();
                }
            }
        }
    }

    fn extend_numbers(&mut self, headers: &[u8], size: usize, place: Range<usize>, endian: Endian) {
        let width = self.width;
        let data = Arc::make_mut(&mut self.data);
        for header in headers.chunks_exact(size) {
            let number = number_of(header.get(place.clone()).unwrap_or(&[]), endian);
            // A number of at most `width` bytes, so that the bytes left out are zeros.
            let bytes = number.to_ne_bytes();
            let first = if Endian::NATIVE == Endian::Big {
                8 - width
            } else {
                0
            };
            data.extend_from_slice(bytes.get(first..first + width).unwrap_or(&bytes));
        }
    }

    /// The values at `indices`. O(indices). Pre: the indices are in range; others are left out.
    pub(super) fn select(&self, indices: &[usize], interrupt: &mut Interrupt<'_>) -> Result<Self, Error> {
        let bytes = indices.len().checked_mul(self.width).ok_or(Error::OutOfMemory)?;
        let mut data = Vec::new();
        data.try_reserve_exact(bytes).map_err(|_| Error::OutOfMemory)?;
        for part in indices.chunks(Interrupt::EVERY) {
            interrupt.turns(part.len())?;
            for &index in part {
                data.extend_from_slice(self.bytes(index).unwrap_or(&[]));
            }
        }
        Ok(Self {
            data: Arc::new(data),
            ..Self::new(self.kind)
        })
    }
}
