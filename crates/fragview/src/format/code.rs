//! Format codes: the meaning, the size and the alignment of each letter of a format.

use super::scalar::Kind;
use core::ffi::{c_int, c_long, c_longlong, c_short};

/// One letter's meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Code {
    /// `x`: a byte without a value.
    Pad,
    /// `s`: the count is a length.
    String,
    /// `p`: the count is a length, the length byte included.
    Pascal,
    /// A value of its own for each repetition.
    Scalar { kind: Kind, size: u8, align: u8 },
}

impl Code {
    /// A letter's meaning with this machine's sizes and alignment.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no C type here is larger than 8 bytes"
    )]
    pub(super) const fn native(code: u8) -> Option<Self> {
        macro_rules! like {
            ($kind:ident, $c_type:ty) => {
                Self::Scalar {
                    kind: Kind::$kind,
                    size: size_of::<$c_type>() as u8,
                    align: align_of::<$c_type>() as u8,
                }
            };
        }
        Some(match code {
            b'h' => like!(Signed, c_short),
            b'H' => like!(Unsigned, c_short),
            b'i' => like!(Signed, c_int),
            b'I' => like!(Unsigned, c_int),
            b'l' => like!(Signed, c_long),
            b'L' => like!(Unsigned, c_long),
            b'q' => like!(Signed, c_longlong),
            b'Q' => like!(Unsigned, c_longlong),
            b'n' => like!(Signed, isize),
            b'N' => like!(Unsigned, usize),
            b'P' => like!(Unsigned, *const u8),
            // C has no half-precision type; Python aligns it as a short.
            b'e' => like!(Float, c_short),
            b'f' => like!(Float, f32),
            b'd' => like!(Float, f64),
            _ => return Self::standard(code),
        })
    }

    /// A letter's meaning with standard sizes and no alignment.
    pub(super) const fn standard(code: u8) -> Option<Self> {
        let (kind, size) = match code {
            b'x' => return Some(Self::Pad),
            b's' => return Some(Self::String),
            b'p' => return Some(Self::Pascal),
            b'c' => (Kind::Byte, 1),
            b'?' => (Kind::Bool, 1),
            b'b' => (Kind::Signed, 1),
            b'B' => (Kind::Unsigned, 1),
            b'h' => (Kind::Signed, 2),
            b'H' => (Kind::Unsigned, 2),
            b'i' | b'l' => (Kind::Signed, 4),
            b'I' | b'L' => (Kind::Unsigned, 4),
            b'q' => (Kind::Signed, 8),
            b'Q' => (Kind::Unsigned, 8),
            b'e' => (Kind::Float, 2),
            b'f' => (Kind::Float, 4),
            b'd' => (Kind::Float, 8),
            _ => return None,
        };
        Some(Self::Scalar { kind, size, align: 1 })
    }

    /// The bytes that one repetition takes.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::Pad | Self::String | Self::Pascal => 1,
            Self::Scalar { size, .. } => size as usize,
        }
    }

    /// The alignment: the offset of each repetition is a multiple of it; a power of two.
    pub(super) const fn align(self) -> usize {
        match self {
            Self::Pad | Self::String | Self::Pascal => 1,
            Self::Scalar { align, .. } => align as usize,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_alignments_are_what_the_rest_relies_on() {
        for letter in 0..=u8::MAX {
            for code in [Code::native(letter), Code::standard(letter)]
                .into_iter()
                .flatten()
            {
                assert!(matches!(code.size(), 1 | 2 | 4 | 8), "{letter}");
                assert!(
                    code.align().is_power_of_two() && code.align() <= code.size(),
                    "{letter}"
                );
            }
        }
    }

    #[test]
    fn only_n_and_p_need_native_sizes() {
        let native_only: std::vec::Vec<u8> = (0..=u8::MAX)
            .filter(|&l| Code::native(l).is_some() && Code::standard(l).is_none())
            .collect();
        assert_eq!(native_only, b"NPn");
    }
}
