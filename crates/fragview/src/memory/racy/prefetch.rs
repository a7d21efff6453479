//! Prefetch: a hint to the processor that bytes are needed soon.

/// How far ahead a walk from record to record prefetches, in bytes. The next record's place is known only
/// when this one's header has been read, so without the prefetch each record waits for memory.
pub(crate) const AHEAD: usize = 768;

/// Asks for the cache line at an address, which need not be valid: a hint reads nothing and never faults.
#[inline(always)]
pub(crate) fn prefetch(address: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    // SAFETY: the instruction is part of SSE, which x86-64 has, and has no effect but on caches.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = address;
}
