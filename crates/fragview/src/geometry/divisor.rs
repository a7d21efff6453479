//! Division by a size that does not change, for maps whose fragments all have one size.

/// Division by a number known beforehand, as a multiplication.
///
/// With `inverse = floor(2^64 / size) + 1` the product overshoots by less than one for every dividend below
/// 2^63, so one comparison corrects it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Divisor {
    size: u64,
    inverse: u64,
}

impl Divisor {
    /// `None` for 0 and 1, whose inverse has no room in 64 bits, and if an index would not fit 32 bits
    /// anyway.
    pub(super) fn new(size: usize) -> Option<Self> {
        let size = size as u64;
        (size > 1).then(|| Self {
            size,
            inverse: u64::MAX / size + 1,
        })
    }

    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a quotient of a usize is no larger than it"
    )]
    pub(super) fn divide(self, dividend: usize) -> usize {
        let dividend = dividend as u64;
        let quotient = ((u128::from(dividend) * u128::from(self.inverse)) >> 64) as u64;
        // Wrapping: an overshoot past 2^64 compares as it should, because the true product is below 2^63.
        (if quotient.wrapping_mul(self.size) > dividend {
            quotient - 1
        } else {
            quotient
        }) as usize
    }
}
