//! Whole items: all values of one read, written and compared.

use super::error::{PackError, UnpackError};
use super::field::{FieldKind, Fields};
use super::layout::Format;
use super::value::{ScalarValue, Value, ValueRef};
use alloc::vec::Vec;
use core::iter::FusedIterator;
use core::slice;

/// The values of one item from front to back, by [`Format::values`].
#[derive(Clone, Debug)]
pub struct Values<'a> {
    fields: Fields<'a>,
    item: &'a [u8],
}

impl<'a> Iterator for Values<'a> {
    type Item = ValueRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<ValueRef<'a>> {
        let field = self.fields.next()?;
        let bytes = self
            .item
            .get(field.offset..)
            .and_then(|rest| rest.get(..field.kind.size()));
        // All fields lie within the item, whose size `Format::values` has checked.
        Some(field.kind.unpack(bytes.unwrap_or_default()))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.fields.size_hint()
    }
}

impl ExactSizeIterator for Values<'_> {}
impl FusedIterator for Values<'_> {}

impl Format {
    /// Reads an item value by value, without an allocation. O(1) a value.
    ///
    /// # Errors
    ///
    /// [`UnpackError::Opaque`]; [`UnpackError::WrongSize`] if `item.len()` is not the
    /// [`item_size`](Self::item_size).
    ///
    /// ```
    /// use fragview::format::{Format, ScalarValue, ValueRef};
    ///
    /// let format = Format::parse("<H2s")?;
    /// let mut values = format.values(b"\x01\x00ab")?;
    /// assert_eq!(values.next(), Some(ValueRef::Scalar(ScalarValue::Unsigned(1))));
    /// assert_eq!(values.next(), Some(ValueRef::Bytes(b"ab")));
    /// assert_eq!(values.next(), None);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[inline]
    pub fn values<'a>(&'a self, item: &'a [u8]) -> Result<Values<'a>, UnpackError> {
        if self.is_opaque() {
            return Err(UnpackError::Opaque);
        }
        if item.len() != self.item_size() {
            return Err(UnpackError::WrongSize {
                expected: self.item_size(),
                actual: item.len(),
            });
        }
        Ok(Values {
            fields: self.fields(),
            item,
        })
    }

    /// Reads an item, as `struct.unpack` does. O(item size + values) in time and memory.
    ///
    /// # Errors
    ///
    /// As [`values`](Self::values); [`UnpackError::OutOfMemory`] if there is no memory for the list.
    ///
    /// ```
    /// use fragview::format::{Format, ScalarValue, Value};
    ///
    /// let values = Format::parse(">bd")?.unpack(b"\xff\x3f\xf0\0\0\0\0\0\0")?;
    /// assert_eq!(values, [Value::Scalar(ScalarValue::Signed(-1)), Value::Scalar(ScalarValue::Float(1.0))]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn unpack(&self, item: &[u8]) -> Result<Vec<Value>, UnpackError> {
        let values = self.values(item)?;
        let mut list = Vec::new();
        list.try_reserve_exact(values.len())
            .map_err(|_| UnpackError::OutOfMemory)?;
        for value in values {
            list.push(match value {
                ValueRef::Scalar(value) => Value::Scalar(value),
                ValueRef::Bytes(bytes) => {
                    let mut copy = Vec::new();
                    copy.try_reserve_exact(bytes.len())
                        .map_err(|_| UnpackError::OutOfMemory)?;
                    copy.extend_from_slice(bytes);
                    Value::Bytes(copy)
                }
            });
        }
        Ok(list)
    }

    /// Writes an item, as `struct.pack` does: pad bytes are zero, bytes too short for `s` or `p` are filled
    /// up with zeros, and bytes too long are cut off. O(item size + values), without an allocation.
    ///
    /// All values are checked before the first byte is written.
    ///
    /// # Errors
    ///
    /// [`PackError::Opaque`]; [`PackError::WrongSize`] if `item.len()` is not the
    /// [`item_size`](Self::item_size); [`PackError::WrongCount`] if there are not
    /// [`value_count`](Self::value_count) values; and for each value as
    /// [`Scalar::pack`](super::Scalar::pack), where `s` and `p` take only bytes and no other code but `c` and
    /// `?` does.
    ///
    /// ```
    /// use fragview::format::{Format, ScalarValue, Value};
    ///
    /// let mut item = [0xFF; 6];
    /// let values = [Value::Scalar(ScalarValue::Unsigned(7)), Value::Bytes(b"ab".to_vec())];
    /// Format::parse(">Hx3s")?.pack(&values, &mut item)?;
    /// assert_eq!(item, [0, 7, 0, b'a', b'b', 0]);
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn pack(&self, values: &[Value], item: &mut [u8]) -> Result<(), PackError> {
        if self.is_opaque() {
            return Err(PackError::Opaque);
        }
        if item.len() != self.item_size() {
            return Err(PackError::WrongSize {
                expected: self.item_size(),
                actual: item.len(),
            });
        }
        if values.len() != self.value_count() {
            return Err(PackError::WrongCount {
                expected: self.value_count(),
                actual: values.len(),
            });
        }
        for (field, value) in self.fields().zip(values) {
            encode(field.kind, value)?;
        }
        item.fill(0);
        for (field, value) in self.fields().zip(values) {
            let bytes = item
                .get_mut(field.offset..)
                .and_then(|rest| rest.get_mut(..field.kind.size()));
            // Both always hold: fields lie within the item, and the value was checked above.
            if let (Some(bytes), Ok(encoded)) = (bytes, encode(field.kind, value)) {
                write(field.kind, encoded, bytes);
            }
        }
        Ok(())
    }

    /// Whether two items unpack to equal values, as Python compares them: `<I` and `d` agree on 1. Opaque
    /// items, and items of a wrong size, equal nothing, not even themselves. O(item size + values), without
    /// an allocation.
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// let (byte, float) = (Format::BYTE, Format::parse(">f")?);
    /// assert!(Format::items_equal(&byte, &[1], &float, &1.0_f32.to_be_bytes()));
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    pub fn items_equal(left: &Self, a: &[u8], right: &Self, b: &[u8]) -> bool {
        match (left.values(a), right.values(b)) {
            (Ok(left), Ok(right)) if left.len() == right.len() => {
                left.zip(right).all(|(left, right)| left.equals(right))
            }
            _ => false,
        }
    }
}

/// A value that its field takes.
enum Encoded<'a> {
    Bits(u64),
    Bytes(&'a [u8]),
}

fn encode(kind: FieldKind, value: &Value) -> Result<Encoded<'_>, PackError> {
    let code = match kind {
        FieldKind::Scalar(scalar) => {
            let bits = match value {
                Value::Scalar(value) => scalar.encode(*value),
                Value::Bytes(bytes) => scalar.encode_bytes(bytes),
            };
            return bits.map(Encoded::Bits);
        }
        FieldKind::String { .. } => 's',
        FieldKind::Pascal { .. } => 'p',
    };
    match value {
        Value::Bytes(bytes) => Ok(Encoded::Bytes(bytes)),
        Value::Scalar(ScalarValue::Byte(byte)) => Ok(Encoded::Bytes(slice::from_ref(byte))),
        Value::Scalar(_) => Err(PackError::WrongType { code }),
    }
}

/// Writes a value to its field's bytes, which are zero.
fn write(kind: FieldKind, encoded: Encoded<'_>, field: &mut [u8]) {
    match (kind, encoded, field) {
        (FieldKind::Scalar(scalar), Encoded::Bits(bits), field) => scalar.store(bits, field),
        (FieldKind::Pascal { .. }, Encoded::Bytes(bytes), [length, content @ ..]) => {
            // Python writes bytes beyond the 255th too, though the length can't tell of them.
            *length = u8::try_from(bytes.len().min(content.len())).unwrap_or(u8::MAX);
            copy_front(bytes, content);
        }
        (FieldKind::String { .. }, Encoded::Bytes(bytes), field) => copy_front(bytes, field),
        _ => {}
    }
}

/// Copies as many bytes as both have.
fn copy_front(from: &[u8], to: &mut [u8]) {
    let length = from.len().min(to.len());
    if let (Some(from), Some(to)) = (from.get(..length), to.get_mut(..length)) {
        to.copy_from_slice(from);
    }
}
