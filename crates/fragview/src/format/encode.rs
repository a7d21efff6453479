//! From a value to a scalar's bits, where Python takes the value.

use super::error::PackError;
use super::float;
use super::scalar::{Kind, Scalar};
use super::value::ScalarValue;

impl Scalar {
    /// The bits of a value, in the low bytes; the bits above them are to be ignored.
    #[inline]
    pub(super) fn encode(self, value: ScalarValue) -> Result<u64, PackError> {
        match self.kind() {
            Kind::Unsigned => self.encode_unsigned(value),
            Kind::Signed => self.encode_signed(value),
            Kind::Float => self.encode_float(value),
            Kind::Bool => Ok(value.is_true().into()),
            Kind::Byte => match value {
                ScalarValue::Byte(byte) => Ok(byte.into()),
                _ => Err(self.wrong_type()),
            },
        }
    }

    /// The bits of a `bytes` object, if Python takes one: its truth for `?`, its only byte for `c`.
    pub(super) fn encode_bytes(self, value: &[u8]) -> Result<u64, PackError> {
        match (self.kind(), value) {
            (Kind::Bool, _) => Ok((!value.is_empty()).into()),
            (Kind::Byte, &[byte]) => Ok(byte.into()),
            (Kind::Byte, _) => Err(self.out_of_range()),
            _ => Err(self.wrong_type()),
        }
    }

    #[inline]
    fn encode_unsigned(self, value: ScalarValue) -> Result<u64, PackError> {
        let number = match value {
            ScalarValue::Unsigned(number) => number,
            ScalarValue::Bool(truth) => truth.into(),
            // Python's `PyLong_AsVoidPtr` takes a pointer for either sign; so both must fit a pointer.
            ScalarValue::Signed(number) if self.code() == b'P' => {
                return if isize::try_from(number).is_ok() || usize::try_from(number).is_ok() {
                    Ok(number.cast_unsigned())
                } else {
                    Err(self.out_of_range())
                };
            }
            ScalarValue::Signed(number) => u64::try_from(number).map_err(|_| self.out_of_range())?,
            ScalarValue::Float(_) | ScalarValue::Byte(_) => return Err(self.wrong_type()),
        };
        if number > u64::MAX >> self.unused_bits() {
            return Err(self.out_of_range());
        }
        Ok(number)
    }

    #[inline]
    fn encode_signed(self, value: ScalarValue) -> Result<u64, PackError> {
        let number = match value {
            ScalarValue::Signed(number) => number,
            ScalarValue::Bool(truth) => truth.into(),
            ScalarValue::Unsigned(number) => i64::try_from(number).map_err(|_| self.out_of_range())?,
            ScalarValue::Float(_) | ScalarValue::Byte(_) => return Err(self.wrong_type()),
        };
        let unused = self.unused_bits();
        if (number << unused) >> unused != number {
            return Err(self.out_of_range());
        }
        Ok(number.cast_unsigned())
    }

    #[inline]
    #[expect(
        clippy::cast_precision_loss,
        reason = "Python rounds an integer to the nearest float, as the cast does"
    )]
    fn encode_float(self, value: ScalarValue) -> Result<u64, PackError> {
        let number = match value {
            ScalarValue::Float(number) => number,
            ScalarValue::Signed(number) => number as f64,
            ScalarValue::Unsigned(number) => number as f64,
            ScalarValue::Bool(truth) => truth.into(),
            ScalarValue::Byte(_) => return Err(self.wrong_type()),
        };
        let (bits, rounded) = match self.size() {
            2 => {
                let bits = float::to_half(number);
                (bits.into(), float::from_half(bits))
            }
            4 => {
                let bits = float::to_single(number);
                // A native `f` is a C cast in Python, and becomes infinite without a word.
                (
                    bits.into(),
                    if self.native() {
                        number
                    } else {
                        float::from_single(bits)
                    },
                )
            }
            _ => (number.to_bits(), number),
        };
        if rounded.is_infinite() && number.is_finite() {
            return Err(PackError::FloatTooLarge {
                code: self.code().into(),
            });
        }
        Ok(bits)
    }

    #[cold]
    fn wrong_type(self) -> PackError {
        PackError::WrongType {
            code: self.code().into(),
        }
    }

    #[cold]
    fn out_of_range(self) -> PackError {
        PackError::OutOfRange {
            code: self.code().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ScalarValue::{Bool, Byte, Float, Signed, Unsigned};
    use super::*;
    use crate::format::Endian;

    const fn big(kind: Kind, size: u8) -> Scalar {
        Scalar::new(kind, size, Endian::Big, b'?', false)
    }

    #[test]
    fn integers_end_where_their_size_ends() {
        for size in [1, 2, 4, 8_u8] {
            let signed = big(Kind::Signed, size);
            let (least, most) = (i64::MIN >> signed.unused_bits(), i64::MAX >> signed.unused_bits());
            assert!(signed.encode(Signed(least)).is_ok() && signed.encode(Signed(most)).is_ok());
            assert!(signed.encode(Unsigned(most.cast_unsigned())).is_ok());
            assert_eq!(
                signed.encode(Unsigned(most.cast_unsigned() + 1)),
                Err(signed.out_of_range())
            );
            let unsigned = big(Kind::Unsigned, size);
            let most = u64::MAX >> unsigned.unused_bits();
            assert_eq!(unsigned.encode(Unsigned(most)), Ok(most));
            assert_eq!(unsigned.encode(Signed(-1)), Err(unsigned.out_of_range()));
            if size < 8 {
                assert_eq!(signed.encode(Signed(least - 1)), Err(signed.out_of_range()));
                assert_eq!(unsigned.encode(Unsigned(most + 1)), Err(unsigned.out_of_range()));
            }
            assert_eq!(unsigned.encode(Bool(true)), Ok(1));
            assert_eq!(signed.encode(Float(1.0)), Err(signed.wrong_type()));
            assert_eq!(unsigned.encode(Byte(1)), Err(unsigned.wrong_type()));
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a pointer has at most 8 bytes")]
    const POINTER_SIZE: u8 = size_of::<usize>() as u8;

    #[test]
    fn pointers_take_both_signs() {
        let pointer = Scalar::new(Kind::Unsigned, POINTER_SIZE, Endian::NATIVE, b'P', true);
        let mut item = [0; size_of::<usize>()];
        pointer.pack(Signed(-1), &mut item).unwrap();
        assert_eq!(pointer.unpack(&item), Unsigned(usize::MAX as u64));
    }
}
