//! What the tests of hostile callers share.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;

/// What a closure that panics says.
pub(crate) const PANIC: &str = "a hostile panic";

/// Runs what is to panic, without a trace on the terminal.
pub(crate) fn panics<R>(work: impl FnOnce() -> R) {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    let text = outcome
        .err()
        .and_then(|panic| panic.downcast_ref::<&str>().copied());
    assert_eq!(text, Some(PANIC));
}

/// Memory of its own, as long as it lives: what is freed is seen by `AddressSanitizer`.
pub(crate) fn owned(bytes: &[u8]) -> Bytes {
    Bytes::from_owner(bytes.to_vec())
}

/// As [`panics`], whatever the message.
pub(crate) fn panics_in<R>(work: impl FnOnce() -> R) {
    assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
}

pub(crate) const PARTS: [&[u8]; 4] = [b"abcd", b"e", b"fghij", b"klm"];
pub(crate) const WHOLE: &[u8] = b"abcdefghijklm";
