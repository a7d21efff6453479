//! Search for one byte in memory that others may write: each byte is read once.
//!
//! On x86-64 with vectors of 16 bytes, which every such processor has, or of 32, if the processor has them
//! and `std` is there to ask it; elsewhere byte by byte.

#[cfg(all(target_arch = "x86_64", not(fragview_portable_copy), not(miri)))]
mod machine {
    use core::arch::asm;
    use core::arch::x86_64::{
        __m128i, __m256i, _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_or_si128, _mm_set1_epi8, _mm256_cmpeq_epi8,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
    };

    pub(super) const IS_QUICK: bool = true;

    /// From this many bytes on, it pays to ask whether the processor has vectors of 32 bytes.
    const WIDE: usize = 128;

    /// True if there are vectors of 32 bytes. O(1): it is asked of the processor once.
    #[inline]
    fn is_wide(count: usize) -> bool {
        #[cfg(feature = "std")]
        return count >= WIDE && std::arch::is_x86_feature_detected!("avx2");
        #[cfg(not(feature = "std"))]
        return count >= WIDE && cfg!(target_feature = "avx2");
    }

    /// # Safety
    /// The byte at `from` is valid for reads, but for races.
    #[inline]
    unsafe fn load(from: *const u8) -> u8 {
        let byte;
        // SAFETY: one load of a valid byte, no stack, no flags.
        unsafe {
            asm!("mov {byte}, byte ptr [{from}]", byte = out(reg_byte) byte, from = in(reg) from,
                 options(readonly, nostack, preserves_flags));
        }
        byte
    }

    /// Which of 16 bytes are `wanted`, a bit each; each byte is read once.
    ///
    /// # Safety
    /// The bytes at `from` are valid for reads, but for races.
    #[inline]
    unsafe fn equal_16(from: *const u8, wanted: __m128i) -> u32 {
        let bytes: __m128i;
        // SAFETY: one load of valid bytes, no stack, no flags; the comparison is of registers.
        unsafe {
            asm!("movups {bytes}, xmmword ptr [{from}]", bytes = out(xmm_reg) bytes, from = in(reg) from,
                 options(readonly, nostack, preserves_flags));
            _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)).cast_unsigned()
        }
    }

    /// Which of 64 bytes are `wanted`, a bit each; each byte is read once.
    ///
    /// # Safety
    /// As [`equal_16`].
    #[inline]
    unsafe fn equal_64(from: *const u8, wanted: __m128i) -> u64 {
        let (a, b, c, d): (__m128i, __m128i, __m128i, __m128i);
        // SAFETY: four loads of valid bytes, no stack, no flags; the comparison is of registers.
        unsafe {
            asm!("movups {a}, xmmword ptr [{from}]", "movups {b}, xmmword ptr [{from} + 16]",
                 "movups {c}, xmmword ptr [{from} + 32]", "movups {d}, xmmword ptr [{from} + 48]",
                 a = out(xmm_reg) a, b = out(xmm_reg) b, c = out(xmm_reg) c, d = out(xmm_reg) d,
                 from = in(reg) from, options(readonly, nostack, preserves_flags));
            let (a, b) = (_mm_cmpeq_epi8(a, wanted), _mm_cmpeq_epi8(b, wanted));
            let (c, d) = (_mm_cmpeq_epi8(c, wanted), _mm_cmpeq_epi8(d, wanted));
            if _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d))) == 0 {
                return 0;
            }
            let bits = |equal| u64::from(_mm_movemask_epi8(equal).cast_unsigned());
            bits(a) | bits(b) << 16 | bits(c) << 32 | bits(d) << 48
        }
    }

    /// Which of 32 bytes are `wanted`, a bit each; each byte is read once.
    ///
    /// # Safety
    /// As [`equal_16`].
    #[target_feature(enable = "avx2")]
    unsafe fn equal_32(from: *const u8, wanted: __m256i) -> u32 {
        let bytes: __m256i;
        // SAFETY: one load of valid bytes, no stack, no flags.
        unsafe {
            asm!("vmovdqu {bytes}, ymmword ptr [{from}]", bytes = out(ymm_reg) bytes, from = in(reg) from,
                 options(readonly, nostack, preserves_flags));
        }
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, wanted)).cast_unsigned()
    }

    /// Which of 128 bytes are `wanted`, a bit each; each byte is read once.
    ///
    /// # Safety
    /// As [`equal_16`].
    #[target_feature(enable = "avx2")]
    unsafe fn equal_128(from: *const u8, wanted: __m256i) -> u128 {
        let (a, b, c, d): (__m256i, __m256i, __m256i, __m256i);
        // SAFETY: four loads of valid bytes, no stack, no flags.
        unsafe {
            asm!("vmovdqu {a}, ymmword ptr [{from}]", "vmovdqu {b}, ymmword ptr [{from} + 32]",
                 "vmovdqu {c}, ymmword ptr [{from} + 64]", "vmovdqu {d}, ymmword ptr [{from} + 96]",
                 a = out(ymm_reg) a, b = out(ymm_reg) b, c = out(ymm_reg) c, d = out(ymm_reg) d,
                 from = in(reg) from, options(readonly, nostack, preserves_flags));
        }
        let (a, b) = (_mm256_cmpeq_epi8(a, wanted), _mm256_cmpeq_epi8(b, wanted));
        let (c, d) = (_mm256_cmpeq_epi8(c, wanted), _mm256_cmpeq_epi8(d, wanted));
        if _mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d))) == 0 {
            return 0;
        }
        let bits = |equal| u128::from(_mm256_movemask_epi8(equal).cast_unsigned());
        bits(a) | bits(b) << 32 | bits(c) << 64 | bits(d) << 96
    }

    /// As [`find`], but for the last few bytes: the error is the number of bytes that were searched.
    ///
    /// # Safety
    /// As [`find`], and the processor has vectors of 32 bytes.
    #[target_feature(enable = "avx2")]
    unsafe fn find_wide(from: *const u8, byte: u8, count: usize) -> Result<usize, usize> {
        let wanted = _mm256_set1_epi8(byte.cast_signed());
        let mut at = 0;
        // SAFETY: the loops read only bytes below `count`.
        unsafe {
            while count - at >= 128 {
                let bits = equal_128(from.add(at), wanted);
                if bits != 0 {
                    return Ok(at + bits.trailing_zeros() as usize);
                }
                at += 128;
            }
            while count - at >= 32 {
                let bits = equal_32(from.add(at), wanted);
                if bits != 0 {
                    return Ok(at + bits.trailing_zeros() as usize);
                }
                at += 32;
            }
        }
        Err(at)
    }

    /// As [`rfind`], but for the first few bytes: the error is their number.
    ///
    /// # Safety
    /// As [`rfind`], and the processor has vectors of 32 bytes.
    #[target_feature(enable = "avx2")]
    unsafe fn rfind_wide(from: *const u8, byte: u8, count: usize) -> Result<usize, usize> {
        let wanted = _mm256_set1_epi8(byte.cast_signed());
        let mut end = count;
        // SAFETY: the loops read only bytes below `count`.
        unsafe {
            while end >= 128 {
                let bits = equal_128(from.add(end - 128), wanted);
                if bits != 0 {
                    return Ok(end - 1 - bits.leading_zeros() as usize);
                }
                end -= 128;
            }
            while end >= 32 {
                let bits = equal_32(from.add(end - 32), wanted);
                if bits != 0 {
                    return Ok(end - 1 - bits.leading_zeros() as usize);
                }
                end -= 32;
            }
        }
        Err(end)
    }

    /// # Safety
    /// `from` is valid for reads of `count` bytes, but for races.
    #[inline]
    pub(super) unsafe fn find(from: *const u8, byte: u8, count: usize) -> Option<usize> {
        let mut at = 0;
        if is_wide(count) {
            // SAFETY: the caller's, and the processor was asked.
            match unsafe { find_wide(from, byte, count) } {
                Ok(found) => return Some(found),
                Err(looked_at) => at = looked_at,
            }
        }
        // SAFETY: the loops read only bytes below `count`; every x86-64 has vectors of 16 bytes.
        unsafe {
            let wanted = _mm_set1_epi8(byte.cast_signed());
            while count - at >= 64 {
                let bits = equal_64(from.add(at), wanted);
                if bits != 0 {
                    return Some(at + bits.trailing_zeros() as usize);
                }
                at += 64;
            }
            while count - at >= 16 {
                let bits = equal_16(from.add(at), wanted);
                if bits != 0 {
                    return Some(at + bits.trailing_zeros() as usize);
                }
                at += 16;
            }
            (at..count).find(|&at| load(from.add(at)) == byte)
        }
    }

    /// # Safety
    /// As [`find`].
    #[inline]
    pub(super) unsafe fn rfind(from: *const u8, byte: u8, count: usize) -> Option<usize> {
        let mut end = count;
        if is_wide(count) {
            // SAFETY: the caller's, and the processor was asked.
            match unsafe { rfind_wide(from, byte, count) } {
                Ok(found) => return Some(found),
                Err(left) => end = left,
            }
        }
        // SAFETY: as in `find`.
        unsafe {
            let wanted = _mm_set1_epi8(byte.cast_signed());
            while end >= 64 {
                let bits = equal_64(from.add(end - 64), wanted);
                if bits != 0 {
                    return Some(end - 1 - bits.leading_zeros() as usize);
                }
                end -= 64;
            }
            while end >= 16 {
                let bits = equal_16(from.add(end - 16), wanted);
                if bits != 0 {
                    // The 16 bits are the lower half.
                    return Some(end - 1 - (bits.leading_zeros() as usize - 16));
                }
                end -= 16;
            }
            (0..end).rev().find(|&at| load(from.add(at)) == byte)
        }
    }
}

#[cfg(not(all(target_arch = "x86_64", not(fragview_portable_copy), not(miri))))]
mod machine {
    use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

    pub(super) const IS_QUICK: bool = false;

    /// # Safety
    /// The byte at `at` is valid for reads, but for races.
    unsafe fn load(at: *const u8) -> u8 {
        // SAFETY: the caller's; an `AtomicU8` has no alignment.
        unsafe { AtomicU8::from_ptr(at.cast_mut()) }.load(Relaxed)
    }

    /// # Safety
    /// `from` is valid for reads of `count` bytes, but for races.
    pub(super) unsafe fn find(from: *const u8, byte: u8, count: usize) -> Option<usize> {
        // SAFETY: `at` is below `count`.
        (0..count).find(|&at| unsafe { load(from.add(at)) } == byte)
    }

    /// # Safety
    /// As [`find`].
    pub(super) unsafe fn rfind(from: *const u8, byte: u8, count: usize) -> Option<usize> {
        // SAFETY: `at` is below `count`.
        (0..count).rev().find(|&at| unsafe { load(from.add(at)) } == byte)
    }
}

/// True if [`find`] and [`rfind`] are quicker than a search in a copy.
pub(in crate::memory) const IS_QUICK: bool = machine::IS_QUICK;

/// The first place of a byte among `count` bytes of shared memory, as they are when they are looked at.
///
/// # Safety
/// `from` is valid for reads, but for races.
#[inline]
pub(in crate::memory) unsafe fn find(from: *const u8, byte: u8, count: usize) -> Option<usize> {
    // SAFETY: the caller's.
    unsafe { machine::find(from, byte, count) }
}

/// The last place of a byte among `count` bytes of shared memory, as they are when they are looked at.
///
/// # Safety
/// `from` is valid for reads, but for races.
#[inline]
pub(in crate::memory) unsafe fn rfind(from: *const u8, byte: u8, count: usize) -> Option<usize> {
    // SAFETY: the caller's.
    unsafe { machine::rfind(from, byte, count) }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    /// The byte at each place of every count, or nowhere; the bytes around are full of it.
    #[test]
    fn finds_exactly() {
        for count in (0..140).chain([159, 160, 255, 256, 300]) {
            for place in 0..=count {
                let mut bytes = vec![7; count + 2];
                bytes[1..=count].fill(0xF8);
                let expected = (place < count).then_some(place);
                if let Some(place) = expected {
                    bytes[1 + place] = 7;
                }
                // SAFETY: there are `count` bytes behind the first.
                let found = unsafe {
                    (
                        super::find(bytes.as_ptr().add(1), 7, count),
                        super::rfind(bytes.as_ptr().add(1), 7, count),
                    )
                };
                assert_eq!(found, (expected, expected));
                if count > 0 {
                    bytes[1] = 7;
                    bytes[count] = 7;
                    // SAFETY: as above.
                    let found = unsafe {
                        (
                            super::find(bytes.as_ptr().add(1), 7, count),
                            super::rfind(bytes.as_ptr().add(1), 7, count),
                        )
                    };
                    assert_eq!(found, (Some(0), Some(count - 1)));
                }
            }
        }
    }
}
