//! Narrow floats, rounded as Python rounds them.

use half::f16;

/// The half-precision float nearest to `value`, ties to even; infinite from 65520 on.
#[inline]
pub(super) fn to_half(value: f64) -> u16 {
    // `half` rounds a double after it has dropped the low 32 bits, or by way of a single. So a value just
    // above the middle of two halves would go down. Its low bits only say "more than the middle": one bit
    // says that too, and leaves a value that a single holds exactly.
    let bits = value.to_bits();
    let low = bits & 0xFFFF_FFFF;
    let rest = u64::from(low != 0) << 32;
    f16::from_f64(f64::from_bits((bits - low) | rest)).to_bits()
}

/// The value of a half-precision float, exactly.
#[inline]
pub(super) fn from_half(bits: u16) -> f64 {
    f16::from_bits(bits).to_f64()
}

/// The single-precision float nearest to `value`, ties to even; infinite if it is too large.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "rounding is the purpose")]
pub(super) fn to_single(value: f64) -> u32 {
    (value as f32).to_bits()
}

/// The value of a single-precision float, exactly.
#[inline]
pub(super) fn from_single(bits: u32) -> f64 {
    f64::from(f32::from_bits(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_comes_back() {
        for bits in 0..=u16::MAX {
            let value = from_half(bits);
            if value.is_nan() {
                assert!(from_half(to_half(value)).is_nan());
            } else {
                assert_eq!(to_half(value), bits);
            }
        }
    }

    #[test]
    fn a_double_goes_to_the_nearest_half_and_a_tie_to_the_even_one() {
        for bits in 0..0x7BFF {
            let (below, above) = (from_half(bits), from_half(bits + 1));
            // Exact: two neighbours differ by one bit in the last place.
            let middle = below + (above - below) / 2.0;
            assert_eq!(to_half(middle.next_down()), bits);
            assert_eq!(to_half(middle), bits + (bits & 1));
            assert_eq!(to_half(middle.next_up()), bits + 1);
            assert_eq!(to_half(-middle.next_up()), 0x8000 | (bits + 1));
        }
    }

    #[test]
    fn the_largest_half_ends_halfway_to_the_next_step() {
        assert_eq!(to_half(65520.0_f64.next_down()), 0x7BFF);
        assert_eq!(to_half(65520.0), 0x7C00);
        assert_eq!(to_half(f64::MAX), 0x7C00);
        assert_eq!(to_half(f64::MIN_POSITIVE), 0);
        assert_eq!(to_half(f64::from_bits(1)), 0);
        // A NaN whose payload lies only in the low bits stays one.
        assert!(from_half(to_half(f64::from_bits(0x7FF0_0000_0000_0001))).is_nan());
    }
}
