//! The racy primitives: how bytes move, and are found ([`find`]), that others may write at the same time. The
//! one module to audit for races.
//!
//! Rust's ordinary reads and writes, `copy_nonoverlapping` included, are undefined behaviour in a race.
//! Shared memory is therefore touched in two ways only:
//!
//! - on x86-64 by **inline assembly**, which does what the machine does: a racing load gives old or new
//!   bytes;
//! - elsewhere, and under sanitizers (`--cfg fragview_portable_copy`), by **relaxed atomics**, word by word
//!   where the shared side is aligned.
//!
//! Either way the result of a race is a mix of old and new bytes. Nothing here forms a reference to shared
//! memory, reads a byte twice to decide something, or touches a byte outside of what it is given.

pub(super) mod find;
mod prefetch;

pub(crate) use prefetch::{AHEAD, prefetch};

#[cfg(all(target_arch = "x86_64", not(fragview_portable_copy), not(miri)))]
mod machine {
    use core::arch::asm;

    /// Loads an integer of the width of `$register` from memory that may be racy.
    macro_rules! load {
        ($name:ident, $int:ty, $register:ident, $template:literal) => {
            /// # Safety
            /// The bytes at `from` are valid for reads, but for races.
            #[inline(always)]
            unsafe fn $name(from: *const u8) -> $int {
                let value: $int;
                // SAFETY: one load of valid bytes, no stack, no flags.
                unsafe {
                    asm!($template, value = out($register) value, from = in(reg) from,
                         options(readonly, nostack, preserves_flags));
                }
                value
            }
        };
    }

    /// Stores an integer to memory that may be racy.
    macro_rules! store {
        ($name:ident, $int:ty, $register:ident, $template:literal) => {
            /// # Safety
            /// The bytes at `to` are valid for writes, but for races.
            #[inline(always)]
            unsafe fn $name(to: *mut u8, value: $int) {
                // SAFETY: one store to valid bytes, no stack, no flags.
                unsafe {
                    asm!($template, value = in($register) value, to = in(reg) to,
                         options(nostack, preserves_flags));
                }
            }
        };
    }

    use core::arch::x86_64::__m128i;

    load!(load_8, u8, reg_byte, "mov {value}, byte ptr [{from}]");
    load!(load_16, u16, reg, "movzx {value:e}, word ptr [{from}]");
    load!(load_32, u32, reg, "mov {value:e}, dword ptr [{from}]");
    load!(load_64, u64, reg, "mov {value:r}, qword ptr [{from}]");
    load!(load_128, __m128i, xmm_reg, "movups {value}, xmmword ptr [{from}]");
    store!(store_8, u8, reg_byte, "mov byte ptr [{to}], {value}");
    store!(store_16, u16, reg, "mov word ptr [{to}], {value:x}");
    store!(store_32, u32, reg, "mov dword ptr [{to}], {value:e}");
    store!(store_64, u64, reg, "mov qword ptr [{to}], {value:r}");
    store!(store_128, __m128i, xmm_reg, "movups xmmword ptr [{to}], {value}");

    /// From this many bytes on, the processor's own copying loop is as quick as any.
    const STRING_COPY: usize = 2048;

    /// # Safety
    /// `from` is valid for reads and `to` for writes of `count` bytes, but for races; the two do not overlap.
    #[inline]
    pub(super) unsafe fn copy(from: *const u8, to: *mut u8, count: usize) {
        // SAFETY: every access is within `count` bytes of its side. If two accesses of a side overlap,
        // they carry the same bytes of the other side (or, in a race, bytes that one of them saw).
        unsafe {
            match count {
                0 => {}
                1 => store_8(to, load_8(from)),
                2..4 => {
                    let (head, tail) = (load_16(from), load_16(from.add(count - 2)));
                    store_16(to, head);
                    store_16(to.add(count - 2), tail);
                }
                4..8 => {
                    let (head, tail) = (load_32(from), load_32(from.add(count - 4)));
                    store_32(to, head);
                    store_32(to.add(count - 4), tail);
                }
                8..16 => {
                    let (head, tail) = (load_64(from), load_64(from.add(count - 8)));
                    store_64(to, head);
                    store_64(to.add(count - 8), tail);
                }
                16..=32 => {
                    let (head, tail) = (load_128(from), load_128(from.add(count - 16)));
                    store_128(to, head);
                    store_128(to.add(count - 16), tail);
                }
                33..STRING_COPY => copy_vectors(from, to, count),
                _ => copy_string(from, to, count),
            }
        }
    }

    /// # Safety
    /// As [`copy`]; `count >= 32`.
    #[inline]
    unsafe fn copy_vectors(from: *const u8, to: *mut u8, count: usize) {
        // SAFETY: the loops stay at `at + 64 <= count` and `at + 32 <= count`, the last two vectors end at
        // `count`.
        unsafe {
            let mut at = 0;
            while count - at > 64 {
                let (a, b) = (load_128(from.add(at)), load_128(from.add(at + 16)));
                let (c, d) = (load_128(from.add(at + 32)), load_128(from.add(at + 48)));
                store_128(to.add(at), a);
                store_128(to.add(at + 16), b);
                store_128(to.add(at + 32), c);
                store_128(to.add(at + 48), d);
                at += 64;
            }
            while count - at > 32 {
                let (a, b) = (load_128(from.add(at)), load_128(from.add(at + 16)));
                store_128(to.add(at), a);
                store_128(to.add(at + 16), b);
                at += 32;
            }
            let (a, b) = (load_128(from.add(count - 32)), load_128(from.add(count - 16)));
            store_128(to.add(count - 32), a);
            store_128(to.add(count - 16), b);
        }
    }

    /// # Safety
    /// As [`copy`].
    #[inline]
    unsafe fn copy_string(from: *const u8, to: *mut u8, count: usize) {
        // SAFETY: copies `count` bytes upwards; the direction flag is clear, as the ABI demands.
        unsafe {
            asm!("rep movsb", inout("rcx") count => _, inout("rsi") from => _, inout("rdi") to => _,
                 options(nostack, preserves_flags));
        }
    }

    /// # Safety
    /// `to` is valid for writes of `count` bytes, but for races.
    #[inline]
    pub(super) unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
        // SAFETY: stores `count` bytes upwards; the direction flag is clear, as the ABI demands.
        unsafe {
            asm!("rep stosb", inout("rcx") count => _, inout("rdi") to => _, in("al") byte,
                 options(nostack, preserves_flags));
        }
    }

    /// # Safety
    /// As [`copy`]; `to` is private, so that the compiler may keep what is small in registers.
    #[inline]
    pub(super) unsafe fn copy_out(from: *const u8, to: *mut u8, count: usize) {
        // SAFETY: the caller's; each arm touches `count` bytes of both sides.
        unsafe {
            match count {
                1 => to.write(load_8(from)),
                2 => to.cast::<u16>().write_unaligned(load_16(from)),
                4 => to.cast::<u32>().write_unaligned(load_32(from)),
                8 => to.cast::<u64>().write_unaligned(load_64(from)),
                _ => copy(from, to, count),
            }
        }
    }

    /// # Safety
    /// As [`copy`]; `from` is private.
    #[inline]
    pub(super) unsafe fn copy_in(from: *const u8, to: *mut u8, count: usize) {
        // SAFETY: the caller's; each arm touches `count` bytes of both sides.
        unsafe {
            match count {
                1 => store_8(to, from.read()),
                2 => store_16(to, from.cast::<u16>().read_unaligned()),
                4 => store_32(to, from.cast::<u32>().read_unaligned()),
                8 => store_64(to, from.cast::<u64>().read_unaligned()),
                _ => copy(from, to, count),
            }
        }
    }
}

#[cfg(not(all(target_arch = "x86_64", not(fragview_portable_copy), not(miri))))]
mod machine {
    use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

    const WORD: usize = size_of::<usize>();

    /// # Safety
    /// `at` is valid for reads, but for races.
    #[inline]
    unsafe fn byte<'a>(at: *const u8) -> &'a AtomicU8 {
        // SAFETY: the caller's; an `AtomicU8` has no alignment and every access through it is atomic.
        unsafe { AtomicU8::from_ptr(at.cast_mut()) }
    }

    /// # Safety
    /// `at` is aligned to a word and valid for reads of one, but for races.
    #[inline]
    unsafe fn word<'a>(at: *const u8) -> &'a AtomicUsize {
        // SAFETY: the caller's.
        #[expect(clippy::cast_ptr_alignment, reason = "the caller has aligned it")]
        unsafe {
            AtomicUsize::from_ptr(at.cast_mut().cast())
        }
    }

    /// # Safety
    /// `from` is valid for reads of `count` bytes, but for races; `to` is private and valid for writes.
    pub(super) unsafe fn copy_out(from: *const u8, to: *mut u8, count: usize) {
        let head = from.align_offset(WORD).min(count);
        let words = (count - head) / WORD;
        // SAFETY: head, words and tail together are `count` bytes; the words begin aligned in `from`.
        unsafe {
            for at in (0..head).chain(head + words * WORD..count) {
                to.add(at).write(byte(from.add(at)).load(Relaxed));
            }
            for at in (head..head + words * WORD).step_by(WORD) {
                to.add(at)
                    .cast::<usize>()
                    .write_unaligned(word(from.add(at)).load(Relaxed));
            }
        }
    }

    /// # Safety
    /// `to` is valid for writes of `count` bytes, but for races; `from` is private and valid for reads.
    pub(super) unsafe fn copy_in(from: *const u8, to: *mut u8, count: usize) {
        let head = to.align_offset(WORD).min(count);
        let words = (count - head) / WORD;
        // SAFETY: head, words and tail together are `count` bytes; the words begin aligned in `to`.
        unsafe {
            for at in (0..head).chain(head + words * WORD..count) {
                byte(to.add(at)).store(from.add(at).read(), Relaxed);
            }
            for at in (head..head + words * WORD).step_by(WORD) {
                word(to.add(at)).store(from.add(at).cast::<usize>().read_unaligned(), Relaxed);
            }
        }
    }

    /// # Safety
    /// `from` is valid for reads and `to` for writes of `count` bytes, but for races on both sides.
    pub(super) unsafe fn copy(from: *const u8, to: *mut u8, count: usize) {
        let mut scratch = [0_u8; 512];
        let mut at = 0;
        while at < count {
            let part = (count - at).min(scratch.len());
            // SAFETY: `part` bytes from `at` on are within `count`, and fit the scratch.
            unsafe {
                copy_out(from.add(at), scratch.as_mut_ptr(), part);
                copy_in(scratch.as_ptr(), to.add(at), part);
            }
            at += part;
        }
    }

    /// # Safety
    /// `to` is valid for writes of `count` bytes, but for races.
    pub(super) unsafe fn fill(to: *mut u8, value: u8, count: usize) {
        for at in 0..count {
            // SAFETY: `at` is below `count`.
            unsafe { byte(to.add(at)).store(value, Relaxed) };
        }
    }
}

/// Copies `count` bytes of shared memory into private memory.
///
/// # Safety
/// `from` is valid for reads, but for races; `to` is valid for writes, and private; they do not overlap.
#[inline]
pub(super) unsafe fn copy_out(from: *const u8, to: *mut u8, count: usize) {
    // SAFETY: the caller's.
    unsafe { machine::copy_out(from, to, count) }
}

/// Copies `count` bytes of private memory into shared memory.
///
/// # Safety
/// `from` is valid for reads, and not written; `to` is valid for writes, but for races; they do not
/// overlap.
#[inline]
pub(super) unsafe fn copy_in(from: *const u8, to: *mut u8, count: usize) {
    // SAFETY: the caller's.
    unsafe { machine::copy_in(from, to, count) }
}

/// Copies `count` bytes of shared memory into shared memory.
///
/// # Safety
/// `from` is valid for reads and `to` for writes, but for races; they do not overlap.
#[inline]
pub(super) unsafe fn copy(from: *const u8, to: *mut u8, count: usize) {
    // SAFETY: the caller's.
    unsafe { machine::copy(from, to, count) }
}

/// Fills `count` bytes of shared memory.
///
/// # Safety
/// `to` is valid for writes, but for races.
#[inline]
pub(super) unsafe fn fill(to: *mut u8, byte: u8, count: usize) {
    // SAFETY: the caller's.
    unsafe { machine::fill(to, byte, count) }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    /// Every count up to `MOST` at every alignment of both sides, with canaries around the target.
    #[test]
    fn copies_exactly() {
        const MOST: usize = 150;
        let source: Vec<u8> = (0..u8::MAX).cycle().take(MOST + 16).collect();
        for copy in [super::copy, super::copy_in, super::copy_out] {
            for count in (0..MOST).chain([1023, 1024, 1025, 2047, 2048, 2049, 5000]) {
                let source: Vec<u8> = if count < MOST {
                    source.clone()
                } else {
                    (0..u8::MAX).cycle().take(count + 16).collect()
                };
                for (from, to) in [(0, 0), (1, 0), (0, 1), (3, 5), (7, 7), (8, 9)] {
                    let mut target = vec![0xEE; count + 32];
                    // SAFETY: both sides have room for `count` bytes behind the offsets.
                    unsafe { copy(source.as_ptr().add(from), target.as_mut_ptr().add(to + 8), count) };
                    assert_eq!(target[to + 8..to + 8 + count], source[from..from + count]);
                    assert!(
                        target[..to + 8]
                            .iter()
                            .chain(&target[to + 8 + count..])
                            .all(|&byte| byte == 0xEE)
                    );
                }
            }
        }
    }

    #[test]
    fn fills_exactly() {
        for count in 0..100 {
            let mut target = vec![0xEE; count + 2];
            // SAFETY: there is room for `count` bytes behind the first.
            unsafe { super::fill(target.as_mut_ptr().add(1), 7, count) };
            assert!(target[1..=count].iter().all(|&byte| byte == 7));
            assert_eq!((target[0], target[count + 1]), (0xEE, 0xEE));
        }
    }
}
