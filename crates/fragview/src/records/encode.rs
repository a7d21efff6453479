//! Values as the bytes of a field.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use crate::format::{Endian, FieldKind, ScalarValue, Value};

/// The bytes of the field that equals a value, if one does: numbers compare by value, whatever their type,
/// and a short string is NUL-padded.
pub(super) fn encode(kind: FieldKind, value: &Value) -> Option<Vec<u8>> {
    let FieldKind::Scalar(scalar) = kind else {
        return pack(kind, value);
    };
    let bytes = match *value {
        Value::Scalar(ScalarValue::Float(number)) if scalar.is_integer() => {
            pack(kind, &whole(number)?.into())
        }
        _ => pack(kind, value),
    }?;
    // A value that was rounded, or a truth value's number, may no longer be equal.
    let packed = Value::Scalar(scalar.unpack(&bytes));
    packed.equals(value).then_some(bytes)
}

/// The integer that equals a float, if there is one that a field can have.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "what the first cast loses, the cast back shows"
)]
#[expect(clippy::float_cmp, reason = "only the same number will do")]
fn whole(number: f64) -> Option<ScalarValue> {
    let integer = number as i128;
    let signed = i64::try_from(integer).map(ScalarValue::Signed);
    let integer_value = signed.or_else(|_| u64::try_from(integer).map(ScalarValue::Unsigned));
    integer_value.ok().filter(|_| integer as f64 == number)
}

/// A value as the bytes of a field, if it fits. A float is rounded to the field's precision.
pub(super) fn pack(kind: FieldKind, value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(kind.size()).ok()?;
    bytes.resize(kind.size(), 0);
    match (kind, value) {
        (FieldKind::Scalar(scalar), &Value::Scalar(value)) => scalar.pack(value, &mut bytes).ok()?,
        (FieldKind::Scalar(scalar), Value::Bytes(text)) => {
            let &[byte] = text.as_slice() else { return None };
            scalar.pack(ScalarValue::Byte(byte), &mut bytes).ok()?;
        }
        (FieldKind::String { .. }, Value::Bytes(text)) => bytes.get_mut(..text.len())?.copy_from_slice(text),
        (FieldKind::Pascal { .. }, Value::Bytes(text)) => {
            let count = u8::try_from(text.len()).ok()?;
            *bytes.first_mut()? = count;
            bytes.get_mut(1..=text.len())?.copy_from_slice(text);
        }
        _ => return None,
    }
    Some(bytes)
}

/// The number of at most 8 bytes.
pub(super) fn number_of(bytes: &[u8], endian: Endian) -> u64 {
    let add = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
    match endian {
        Endian::Big => bytes.iter().fold(0, add),
        Endian::Little => bytes.iter().rev().fold(0, add),
    }
}

/// A number in `size` bytes, if it fits; `size` is at most 8.
pub(super) fn bytes_of(number: u64, size: usize, endian: Endian) -> Option<Vec<u8>> {
    let bytes = number.to_le_bytes();
    let (kept, rest) = bytes.split_at_checked(size)?;
    if rest.iter().any(|&byte| byte != 0) {
        return None;
    }
    let mut bytes = kept.to_owned();
    if endian == Endian::Big {
        bytes.reverse();
    }
    Some(bytes)
}
