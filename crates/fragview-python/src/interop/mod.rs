//! Memory of ours, going out: the buffer protocol, NumPy, pickles.
//!
//! Uses `io` and the folders below it.

pub(crate) mod buffer_protocol;
pub(crate) mod gather;
pub(crate) mod numpy;
pub(crate) mod pickle;
