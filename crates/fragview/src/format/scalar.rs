//! Scalars: values of a fixed size, read and written without a look at the format's text.

use super::endian::Endian;
use super::error::PackError;
use super::float;
use super::value::ScalarValue;

/// The type of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An integer in two's complement.
    Signed,
    /// An integer from zero on.
    Unsigned,
    /// An IEEE 754 binary float.
    Float,
    /// A truth value, the code `?`.
    Bool,
    /// One byte that is not a number, the code `c`.
    Byte,
}

/// A value of 1, 2, 4 or 8 bytes: its type, its size and its byte order.
///
/// ```
/// use fragview::format::{Endian, Format, Kind, ScalarValue};
///
/// let scalar = Format::parse(">h")?.scalar().unwrap();
/// assert_eq!((scalar.kind(), scalar.size(), scalar.endian()), (Kind::Signed, 2, Endian::Big));
/// assert_eq!((scalar.code(), scalar.native()), (b'h', false));
/// assert_eq!(scalar.unpack(&[0xFF, 0xFE]), ScalarValue::Signed(-2));
/// # Ok::<(), fragview::format::FormatError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scalar {
    kind: Kind,
    size: u8,
    endian: Endian,
    code: u8,
    native: bool,
}

impl Scalar {
    /// Pre: the size is 1, 2, 4 or 8, and not 1 for a float.
    pub(super) const fn new(kind: Kind, size: u8, endian: Endian, code: u8, native: bool) -> Self {
        Self {
            kind,
            size,
            endian,
            code,
            native,
        }
    }

    /// The value's type.
    #[inline]
    pub const fn kind(self) -> Kind {
        self.kind
    }

    /// The value's size in bytes: 1, 2, 4 or 8.
    #[inline]
    pub const fn size(self) -> usize {
        self.size as usize
    }

    /// The order of its bytes.
    #[inline]
    pub const fn endian(self) -> Endian {
        self.endian
    }

    /// Its letter in the format, as `b'B'`.
    #[inline]
    pub const fn code(self) -> u8 {
        self.code
    }

    /// The letter of a value of this type and size in native mode, without a prefix, as `b'B'`.
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert_eq!(Format::parse(">l")?.scalar().unwrap().native_letter(), b'i');
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    pub const fn native_letter(self) -> u8 {
        match (self.kind, self.size) {
            (Kind::Signed, 1) => b'b',
            (Kind::Signed, 2) => b'h',
            (Kind::Signed, 4) => b'i',
            (Kind::Signed, _) => b'q',
            (Kind::Unsigned, 1) => b'B',
            (Kind::Unsigned, 2) => b'H',
            (Kind::Unsigned, 4) => b'I',
            (Kind::Unsigned, _) => b'Q',
            (Kind::Float, 2) => b'e',
            (Kind::Float, 4) => b'f',
            (Kind::Float, _) => b'd',
            (Kind::Bool, _) => b'?',
            (Kind::Byte, _) => b'c',
        }
    }

    /// Whether the format has the prefix `@` or none.
    #[inline]
    pub const fn native(self) -> bool {
        self.native
    }

    /// Whether it is a number without a fraction: [`Kind::Signed`] or [`Kind::Unsigned`].
    #[inline]
    pub const fn is_integer(self) -> bool {
        matches!(self.kind, Kind::Signed | Kind::Unsigned)
    }

    /// Whether it is one byte from 0 to 255.
    #[inline]
    pub(super) const fn is_unsigned_byte(self) -> bool {
        self.size == 1 && matches!(self.kind, Kind::Unsigned)
    }

    /// Reads a value. Any bytes are one; every nonzero byte of `?` is true. O(1), without an allocation.
    ///
    /// Pre: `item.len()` is [`size`](Self::size). Debug builds assert it. Without assertions more bytes are
    /// ignored, and missing ones are read as zero.
    ///
    /// ```
    /// use fragview::format::{Format, ScalarValue};
    ///
    /// let scalar = Format::parse("<e")?.scalar().unwrap();
    /// assert_eq!(scalar.unpack(&[0x00, 0x3E]), ScalarValue::Float(1.5));
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the bits beyond the size are zero"
    )]
    pub fn unpack(self, item: &[u8]) -> ScalarValue {
        debug_assert_eq!(item.len(), self.size(), "the item is one value");
        let bits = self.load(item).unwrap_or_else(|| self.load_short(item));
        match self.kind {
            Kind::Unsigned => ScalarValue::Unsigned(bits),
            Kind::Signed => {
                let unused = self.unused_bits();
                ScalarValue::Signed((bits << unused).cast_signed() >> unused)
            }
            Kind::Float => ScalarValue::Float(match self.size {
                2 => float::from_half(bits as u16),
                4 => float::from_single(bits as u32),
                _ => f64::from_bits(bits),
            }),
            Kind::Bool => ScalarValue::Bool(bits != 0),
            Kind::Byte => ScalarValue::Byte(bits as u8),
        }
    }

    /// An integer from its bytes, loaded as one number of this machine: a signed one as it is, an unsigned
    /// one as the same 64 bits. Of a value that is no integer it gives the bits. O(1).
    ///
    /// Pre: the bits beyond the size are zero.
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// let scalar = Format::parse("<h")?.scalar().unwrap();
    /// assert_eq!(scalar.integer(u16::from_ne_bytes([0xFE, 0xFF]).into()), -2);
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn integer(self, loaded: u64) -> i64 {
        let unused = self.unused_bits();
        let bits = if self.endian == Endian::NATIVE {
            loaded
        } else {
            loaded.swap_bytes() >> unused
        };
        match self.kind {
            Kind::Signed => (bits << unused).cast_signed() >> unused,
            _ => bits.cast_signed(),
        }
    }

    /// Reads an integer: as [`integer`](Self::integer). O(1). Pre: as [`unpack`](Self::unpack).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// let scalar = Format::parse(">h")?.scalar().unwrap();
    /// assert_eq!(scalar.unpack_integer(&[0xFF, 0xFE]), -2);
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn unpack_integer(self, item: &[u8]) -> i64 {
        let bits = self
            .load(item)
            .unwrap_or_else(|| self.load_short(item))
            .cast_signed();
        match self.kind {
            Kind::Signed => {
                let unused = self.unused_bits();
                (bits << unused) >> unused
            }
            _ => bits,
        }
    }

    /// Reads one value after the other from items of one size; bytes at the end that are not a whole item are
    /// ignored.
    ///
    /// O(1) a value, without an allocation.
    ///
    /// ```
    /// use fragview::format::{Format, ScalarValue};
    ///
    /// let scalar = Format::parse("<H")?.scalar().unwrap();
    /// let values = scalar.unpack_run(&[1, 0, 2, 0]);
    /// assert!(values.eq([ScalarValue::Unsigned(1), ScalarValue::Unsigned(2)]));
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn unpack_run(
        self,
        items: &[u8],
    ) -> impl ExactSizeIterator<Item = ScalarValue> + DoubleEndedIterator + Clone {
        // The size is never 0; `max` lets the compiler see it.
        items
            .chunks_exact(self.size().max(1))
            .map(move |item| self.unpack(item))
    }

    /// Writes a value, or nothing if there is an error. O(1), without an allocation.
    ///
    /// The conversions are Python's: a truth value is the integer 0 or 1; an integer becomes the nearest
    /// float; a float never becomes an integer; `?` takes any value by its truth; `P` takes a negative
    /// integer as its two's complement. Floats round to the nearest, ties to even.
    ///
    /// # Errors
    ///
    /// [`PackError::WrongSize`] if `item.len()` is not [`size`](Self::size); [`PackError::WrongType`],
    /// [`PackError::OutOfRange`], [`PackError::FloatTooLarge`] if the code does not take the value.
    ///
    /// ```
    /// use fragview::format::{Format, PackError, ScalarValue};
    ///
    /// let scalar = Format::parse(">H")?.scalar().unwrap();
    /// let mut item = [0; 2];
    /// scalar.pack(ScalarValue::Signed(258), &mut item)?;
    /// assert_eq!(item, [1, 2]);
    /// let error = scalar.pack(ScalarValue::Float(1.0), &mut item).unwrap_err();
    /// assert_eq!(error, PackError::WrongType { code: 'H' });
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[inline]
    pub fn pack(self, value: ScalarValue, item: &mut [u8]) -> Result<(), PackError> {
        if item.len() != self.size() {
            return Err(PackError::WrongSize {
                expected: self.size(),
                actual: item.len(),
            });
        }
        self.store(self.encode(value)?, item);
        Ok(())
    }

    /// Writes encoded bits to the front of an item. Pre: it is long enough; nothing is written otherwise.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only the low bytes are the value's"
    )]
    pub(super) fn store(self, bits: u64, item: &mut [u8]) {
        macro_rules! store {
            ($integer:ty) => {
                if let Some(bytes) = item.first_chunk_mut() {
                    *bytes = match self.endian {
                        Endian::Little => (bits as $integer).to_le_bytes(),
                        Endian::Big => (bits as $integer).to_be_bytes(),
                    };
                }
            };
        }
        match self.size {
            1 => store!(u8),
            2 => store!(u16),
            4 => store!(u32),
            _ => store!(u64),
        }
    }

    /// How many of 64 bits the value leaves.
    #[inline]
    pub(super) const fn unused_bits(self) -> u32 {
        64_u32.saturating_sub(8 * self.size as u32)
    }

    #[inline]
    fn load(self, item: &[u8]) -> Option<u64> {
        macro_rules! load {
            ($integer:ty) => {{
                let bytes = *item.first_chunk()?;
                match self.endian {
                    Endian::Little => <$integer>::from_le_bytes(bytes),
                    Endian::Big => <$integer>::from_be_bytes(bytes),
                }
                .into()
            }};
        }
        Some(match self.size {
            1 => (*item.first()?).into(),
            2 => load!(u16),
            4 => load!(u32),
            _ => load!(u64),
        })
    }

    /// Loads an item that ends too early, as if zeros followed it.
    #[cold]
    fn load_short(self, item: &[u8]) -> u64 {
        let mut padded = [0; 8];
        for (to, from) in padded.iter_mut().zip(item) {
            *to = *from;
        }
        self.load(&padded).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn big(kind: Kind, size: u8) -> Scalar {
        Scalar::new(kind, size, Endian::Big, b'?', false)
    }

    #[test]
    fn short_items_are_read_with_zeros() {
        let item = [1_u8, 2];
        assert_eq!(big(Kind::Unsigned, 4).load(&item), None);
        assert_eq!(big(Kind::Unsigned, 4).load_short(&item), 0x0102_0000);
        assert_eq!(
            Scalar {
                endian: Endian::Little,
                ..big(Kind::Unsigned, 8)
            }
            .load_short(&item),
            0x0201
        );
        assert_eq!(big(Kind::Byte, 1).load_short(&[]), 0);
    }

    #[test]
    fn a_wrong_size_writes_nothing() {
        let mut item = [7; 3];
        let error = big(Kind::Unsigned, 2).pack(ScalarValue::Unsigned(1), &mut item);
        assert_eq!(
            error,
            Err(PackError::WrongSize {
                expected: 2,
                actual: 3
            })
        );
        assert_eq!(item, [7; 3]);
    }
}
