//! Values: the result of unpacking an item, with Python's comparison.

use alloc::vec::Vec;

/// One value of a fixed size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScalarValue {
    /// Of the codes `b h i l q n`.
    Signed(i64),
    /// Of the codes `B H I L Q N P`.
    Unsigned(u64),
    /// Of the codes `e f d`.
    Float(f64),
    /// Of the code `?`.
    Bool(bool),
    /// Of the code `c`: in Python a `bytes` object of length 1.
    Byte(u8),
}

/// One value, owned.
///
/// `==` compares the representation, [`Value::equals`] what Python sees.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of any code but `s` and `p`.
    Scalar(ScalarValue),
    /// Of the codes `s` and `p`.
    Bytes(Vec<u8>),
}

/// One value, the bytes of `s` and `p` borrowed from its item.
///
/// `==` compares the representation, [`ValueRef::equals`] what Python sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// Of any code but `s` and `p`.
    Scalar(ScalarValue),
    /// Of the codes `s` and `p`.
    Bytes(&'a [u8]),
}

/// A number as wide as any code needs, truth values among them.
enum Number {
    Integer(i128),
    Float(f64),
}

impl ScalarValue {
    /// Whether Python's `==` holds: by value, whatever the type, and exactly. NaN equals nothing, a byte no
    /// number.
    ///
    /// ```
    /// use fragview::format::ScalarValue::{Bool, Byte, Float, Signed, Unsigned};
    ///
    /// assert!(Signed(1).equals(Float(1.0)) && Unsigned(1).equals(Bool(true)));
    /// assert!(!Signed((1 << 53) + 1).equals(Float(9007199254740992.0)));
    /// assert!(!Float(f64::NAN).equals(Float(f64::NAN)));
    /// assert!(!Byte(1).equals(Unsigned(1)));
    /// ```
    #[inline]
    pub fn equals(self, other: Self) -> bool {
        match (self, other) {
            (Self::Signed(left), Self::Signed(right)) => left == right,
            (Self::Unsigned(left), Self::Unsigned(right)) => left == right,
            (Self::Byte(left), Self::Byte(right)) => left == right,
            (left, right) => match (left.number(), right.number()) {
                (Some(left), Some(right)) => left.equals(&right),
                _ => false,
            },
        }
    }

    /// Python's `bool(value)`: false for zero only. A byte is true, because it is bytes of length 1.
    #[inline]
    pub(super) fn is_true(self) -> bool {
        match self {
            Self::Signed(value) => value != 0,
            Self::Unsigned(value) => value != 0,
            Self::Float(value) => value != 0.0,
            Self::Bool(value) => value,
            Self::Byte(_) => true,
        }
    }

    #[inline]
    fn number(self) -> Option<Number> {
        Some(match self {
            Self::Signed(value) => Number::Integer(value.into()),
            Self::Unsigned(value) => Number::Integer(value.into()),
            Self::Float(value) => Number::Float(value),
            Self::Bool(value) => Number::Integer(value.into()),
            Self::Byte(_) => return None,
        })
    }
}

impl Number {
    #[expect(clippy::float_cmp, reason = "Python compares exactly")]
    #[inline]
    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => left == right,
            (Self::Float(left), Self::Float(right)) => left == right,
            (Self::Integer(integer), Self::Float(float)) | (Self::Float(float), Self::Integer(integer)) => {
                float_equals_integer(*float, *integer)
            }
        }
    }
}

/// Exact comparison. Pre: the integer is within 65 bits, as all integers here are.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "see the comment inside"
)]
#[expect(clippy::float_cmp, reason = "Python compares exactly")]
#[inline]
fn float_equals_integer(float: f64, integer: i128) -> bool {
    // The cast cuts the fraction off, so it comes back to the same float only if there is no fraction.
    // Floats out of i128's range saturate, far beyond any integer here; NaN becomes 0, which comes back as
    // something else.
    let whole = float as i128;
    whole == integer && whole as f64 == float
}

impl ValueRef<'_> {
    /// Whether Python's `==` holds, as [`ScalarValue::equals`] says; bytes equal only bytes. O(length) for
    /// bytes.
    ///
    /// ```
    /// use fragview::format::{ScalarValue, ValueRef};
    ///
    /// assert!(ValueRef::Scalar(ScalarValue::Byte(b'a')).equals(ValueRef::Bytes(b"a")));
    /// ```
    #[inline]
    pub fn equals(self, other: ValueRef<'_>) -> bool {
        match (self, other) {
            (Self::Scalar(left), ValueRef::Scalar(right)) => left.equals(right),
            (Self::Bytes(left), ValueRef::Bytes(right)) => left == right,
            (Self::Scalar(scalar), ValueRef::Bytes(bytes))
            | (Self::Bytes(bytes), ValueRef::Scalar(scalar)) => {
                matches!((scalar, bytes), (ScalarValue::Byte(left), [right]) if left == *right)
            }
        }
    }

    /// The same value with bytes of its own. O(length) for bytes.
    ///
    /// ```
    /// use fragview::format::{Value, ValueRef};
    ///
    /// assert_eq!(ValueRef::Bytes(b"ab").to_value(), Value::Bytes(b"ab".to_vec()));
    /// ```
    pub fn to_value(self) -> Value {
        match self {
            Self::Scalar(value) => Value::Scalar(value),
            Self::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        }
    }
}

impl Value {
    /// Whether Python's `==` holds, as [`ScalarValue::equals`] says; bytes equal only bytes. O(length) for
    /// bytes.
    ///
    /// ```
    /// use fragview::format::{ScalarValue, Value};
    ///
    /// assert!(Value::Scalar(ScalarValue::Byte(b'a')).equals(&Value::Bytes(b"a".to_vec())));
    /// assert!(!Value::Scalar(ScalarValue::Unsigned(97)).equals(&Value::Bytes(b"a".to_vec())));
    /// ```
    #[inline]
    pub fn equals(&self, other: &Self) -> bool {
        self.as_value_ref().equals(other.as_value_ref())
    }

    /// The same value, its bytes borrowed. O(1).
    ///
    /// ```
    /// use fragview::format::{Value, ValueRef};
    ///
    /// assert_eq!(Value::Bytes(b"ab".to_vec()).as_value_ref(), ValueRef::Bytes(b"ab"));
    /// ```
    #[inline]
    pub fn as_value_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Scalar(value) => ValueRef::Scalar(*value),
            Self::Bytes(bytes) => ValueRef::Bytes(bytes),
        }
    }
}

impl From<ScalarValue> for Value {
    fn from(value: ScalarValue) -> Self {
        Self::Scalar(value)
    }
}

#[cfg(test)]
mod tests {
    use super::ScalarValue::{Bool, Byte, Float, Signed, Unsigned};
    use super::*;

    #[test]
    fn integers_equal_floats_exactly() {
        let two_to_the_63 = 9_223_372_036_854_775_808.0;
        assert!(Signed(i64::MIN).equals(Float(-two_to_the_63)));
        assert!(!Signed(i64::MAX).equals(Float(two_to_the_63)));
        assert!(Unsigned(1 << 63).equals(Float(two_to_the_63)));
        assert!(!Unsigned(u64::MAX).equals(Float(two_to_the_63 * 2.0)));
        assert!(!Signed(i64::MIN).equals(Unsigned(1 << 63)));
        assert!(Signed(1 << 53).equals(Float(9_007_199_254_740_992.0)));
        assert!(!Signed((1 << 53) + 1).equals(Float(9_007_199_254_740_992.0)));
        assert!(
            Float(-0.0).equals(Signed(0)) && Float(-0.0).equals(Float(0.0)) && Float(0.0).equals(Bool(false))
        );
        assert!(!Float(0.5).equals(Signed(0)) && !Float(1e300).equals(Signed(i64::MAX)));
        for other in [Signed(0), Unsigned(0), Bool(false), Float(f64::NAN), Byte(0)] {
            assert!(!Float(f64::NAN).equals(other) && !other.equals(Float(f64::NAN)));
            assert!(!Float(f64::INFINITY).equals(other) && !other.equals(Float(f64::NEG_INFINITY)));
        }
        assert!(Float(f64::INFINITY).equals(Float(f64::INFINITY)));
    }

    #[test]
    fn bytes_equal_bytes_only() {
        let byte = Value::from(Byte(1));
        assert!(byte.equals(&Value::Bytes(std::vec![1])) && Value::Bytes(std::vec![1]).equals(&byte));
        assert!(!byte.equals(&Value::Bytes(std::vec![])) && !byte.equals(&Value::Bytes(std::vec![1, 1])));
        for number in [Signed(1), Unsigned(1), Float(1.0), Bool(true)] {
            assert!(!byte.equals(&number.into()) && !Value::Bytes(std::vec![1]).equals(&number.into()));
        }
    }

    #[test]
    fn truth_is_pythons() {
        let truths = [
            Signed(-1),
            Unsigned(2),
            Float(f64::NAN),
            Float(1e-320),
            Bool(true),
            Byte(0),
        ];
        assert!(truths.into_iter().all(ScalarValue::is_true));
        let lies = [Signed(0), Unsigned(0), Float(-0.0), Bool(false)];
        assert!(!lies.into_iter().any(ScalarValue::is_true));
    }
}
