//! The format itself: its text, the size of its items, and where their values lie.

use super::endian::Endian;
use super::error::FormatError;
use super::field::{FieldKind, Fields, Run};
use super::parse::parse;
use super::scalar::{Kind, Scalar};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::slice;
use core::str::{self, FromStr};

/// The meaning of an item's bytes, with the text it was made from. A clone never allocates.
///
/// ```
/// use fragview::format::Format;
///
/// let format = Format::parse("@BHx")?;
/// assert_eq!(format.text(), "@BHx");
/// assert_eq!(format.item_size(), 5);  // a pad byte aligns H; there is none at the end but the one asked for
/// assert_eq!(format.value_count(), 2);
/// # Ok::<(), fragview::format::FormatError>(())
/// ```
#[derive(Clone)]
pub struct Format(Repr);

/// Small enough that a view is free to hold one.
const _: () = assert!(size_of::<Format>() <= 16);

#[derive(Clone)]
enum Repr {
    /// One code, maybe with a prefix.
    Single {
        scalar: Scalar,
        /// 0 if there is no field.
        prefix: u8,
        /// The prefix and the code, or the code and 0.
        text: [u8; 2],
    },
    /// Anything else.
    Shared(Arc<Shared>),
}

struct Shared {
    text: Box<str>,
    item_size: usize,
    value_count: usize,
    runs: Box<[Run]>,
    /// The only value, if it is as large as the item.
    scalar: Option<Scalar>,
    opaque: bool,
}

impl Format {
    /// The format `B`: plain bytes.
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert_eq!(Format::BYTE.text(), "B");
    /// ```
    pub const BYTE: Self = Self(Repr::Single {
        scalar: Scalar::new(Kind::Unsigned, 1, Endian::NATIVE, b'B', true),
        prefix: 0,
        text: [b'B', 0],
    });

    /// Reads a format of Python's `struct` module. O(length) in time and memory, whatever the repeat counts
    /// are.
    ///
    /// # Errors
    ///
    /// [`FormatError`] for an invalid text, or if the items are larger than `isize::MAX` bytes.
    ///
    /// ```
    /// use fragview::format::{Format, FormatError};
    ///
    /// assert_eq!(Format::parse("<IHH")?.item_size(), 8);
    /// assert_eq!(Format::parse("<3n").unwrap_err(), FormatError::NeedsNativeSizes { code: 'n', index: 2 });
    /// # Ok::<(), FormatError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let parsed = parse(text)?;
        let scalar = match *parsed.runs {
            [
                Run {
                    offset: 0,
                    count: 1,
                    kind: FieldKind::Scalar(scalar),
                },
            ] if scalar.size() == parsed.item_size => Some(scalar),
            _ => None,
        };
        if let (Some(scalar), &([_] | [b'@' | b'=' | b'<' | b'>' | b'!', _])) = (scalar, text.as_bytes()) {
            let (prefix, text) = match *text.as_bytes() {
                [prefix, code] => (prefix, [prefix, code]),
                _ => (0, [scalar.code(), 0]),
            };
            return Ok(Self(Repr::Single { scalar, prefix, text }));
        }
        Ok(Self(Repr::Shared(Arc::new(Shared {
            text: text.into(),
            item_size: parsed.item_size,
            value_count: parsed.value_count,
            runs: parsed.runs.into(),
            scalar,
            opaque: false,
        }))))
    }

    /// A format that `struct` does not know, such as `T{...}` or `Zd`, kept for its text and its size: its
    /// items have no fields, and can be neither read nor written. O(length).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// let complex = Format::opaque("Zd", 16);
    /// assert!(complex.is_opaque() && complex.fields().next().is_none());
    /// assert_eq!((complex.text(), complex.item_size()), ("Zd", 16));
    /// ```
    pub fn opaque(text: &str, item_size: usize) -> Self {
        Self(Repr::Shared(Arc::new(Shared {
            text: text.into(),
            item_size,
            value_count: 0,
            runs: Box::default(),
            scalar: None,
            opaque: true,
        })))
    }

    /// The text, exactly as it was given. O(1).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert_eq!(Format::parse("@B")?.text(), "@B");
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    pub fn text(&self) -> &str {
        match &self.0 {
            Repr::Single {
                prefix: 0,
                text: [code, _],
                ..
            } => str::from_utf8(slice::from_ref(code)),
            Repr::Single { text, .. } => str::from_utf8(text),
            Repr::Shared(shared) => Ok(&*shared.text),
        }
        // Parsed text is ASCII.
        .unwrap_or_default()
    }

    /// The bytes that one item takes; may be 0. O(1).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert_eq!(Format::parse("<qb")?.item_size(), 9);
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn item_size(&self) -> usize {
        match &self.0 {
            Repr::Single { scalar, .. } => scalar.size(),
            Repr::Shared(shared) => shared.item_size,
        }
    }

    /// The item's only value, if it has exactly one of a fixed size and no pad bytes. O(1).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert!(Format::parse(">d")?.scalar().is_some() && Format::parse("1d")?.scalar().is_some());
    /// assert!(Format::parse("dx")?.scalar().is_none() && Format::parse("1s")?.scalar().is_none());
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn scalar(&self) -> Option<Scalar> {
        match &self.0 {
            Repr::Single { scalar, .. } => Some(*scalar),
            Repr::Shared(shared) => shared.scalar,
        }
    }

    /// Whether an item is one unsigned byte: the code `B`, in any byte order. O(1), quicker than by
    /// [`scalar`](Self::scalar).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert!(Format::BYTE.is_unsigned_byte() && Format::parse(">B")?.is_unsigned_byte());
    /// assert!(!Format::parse("b")?.is_unsigned_byte() && !Format::parse("2B")?.is_unsigned_byte());
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn is_unsigned_byte(&self) -> bool {
        match &self.0 {
            Repr::Single { scalar, .. } => scalar.is_unsigned_byte(),
            Repr::Shared(shared) => shared.scalar.is_some_and(Scalar::is_unsigned_byte),
        }
    }

    /// Whether it was made by [`opaque`](Self::opaque). O(1).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert!(Format::opaque("B", 1).is_opaque() && !Format::BYTE.is_opaque());
    /// ```
    #[inline]
    pub fn is_opaque(&self) -> bool {
        matches!(&self.0, Repr::Shared(shared) if shared.opaque)
    }

    /// Whether the text is `B`, `b` or `c`, maybe after `@`: the formats whose items `memoryview` knows as
    /// bytes. O(1).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert!(Format::parse("@c")?.is_byte());
    /// assert!(!Format::parse("<B")?.is_byte() && !Format::parse("?")?.is_byte());
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn is_byte(&self) -> bool {
        matches!(self.native_code(), Some(b'B' | b'b' | b'c'))
    }

    /// The code, if the text is one native code of a scalar, with or without `@`: the formats of
    /// `memoryview.cast`. O(1).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert_eq!(Format::parse("@I")?.native_code(), Some(b'I'));
    /// assert_eq!(Format::parse("=I")?.native_code(), None);
    /// assert_eq!(Format::parse("1I")?.native_code(), None);
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn native_code(&self) -> Option<u8> {
        match &self.0 {
            Repr::Single { scalar, .. } if scalar.native() => Some(scalar.code()),
            _ => None,
        }
    }

    /// How many values one item unpacks to: `4B` has four, `4s` one, `4x` none. O(1).
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// assert_eq!(Format::parse("4B 4s 4x")?.value_count(), 5);
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn value_count(&self) -> usize {
        match &self.0 {
            Repr::Single { .. } => 1,
            Repr::Shared(shared) => shared.value_count,
        }
    }

    /// Where the values lie in an item, from front to back; none where the format is opaque.
    ///
    /// O(1) a field, without an allocation: repeat counts are expanded on the way.
    ///
    /// ```
    /// use fragview::format::Format;
    ///
    /// let format = Format::parse("<2H3xB")?;
    /// assert!(format.fields().map(|field| field.offset).eq([0, 2, 7]));
    /// # Ok::<(), fragview::format::FormatError>(())
    /// ```
    #[inline]
    pub fn fields(&self) -> Fields<'_> {
        match &self.0 {
            Repr::Single { scalar, .. } => {
                let run = Run {
                    offset: 0,
                    count: 1,
                    kind: FieldKind::Scalar(*scalar),
                };
                Fields::new(Some(run), &[], 1)
            }
            Repr::Shared(shared) => Fields::new(None, &shared.runs, shared.value_count),
        }
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Format");
        debug
            .field("text", &self.text())
            .field("item_size", &self.item_size());
        if self.is_opaque() {
            debug.finish_non_exhaustive()
        } else {
            debug.finish()
        }
    }
}

/// [`Format::parse`].
impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn single_codes_are_held_inline() {
        for (text, inline) in [
            ("B", true),
            ("@B", true),
            ("!d", true),
            ("=?", true),
            ("1B", false),
            ("B ", false),
        ] {
            let format = Format::parse(text).unwrap();
            assert_eq!(matches!(format.0, Repr::Single { .. }), inline, "{text}");
            assert_eq!((format.text(), format.scalar().is_some()), (text, true));
        }
    }

    #[test]
    fn a_scalar_is_the_whole_item() {
        for text in [
            "", "@", "x", "4x", "s", "1p", "0B", "2B", "Bx", "xB", "B0i", "bb", "B0s",
        ] {
            assert!(Format::parse(text).unwrap().scalar().is_none(), "{text}");
        }
        for text in ["0xB", " B", "1q", "0lB", "B0x", "B0b"] {
            assert!(Format::parse(text).unwrap().scalar().is_some(), "{text}");
        }
    }

    #[test]
    fn debug_shows_the_text() {
        assert_eq!(
            format!("{:?}", Format::BYTE),
            "Format { text: \"B\", item_size: 1 }"
        );
        assert_eq!(
            format!("{:?}", Format::opaque("Zd", 16)),
            "Format { text: \"Zd\", item_size: 16, .. }"
        );
    }
}
