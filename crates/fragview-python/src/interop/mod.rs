//! Exports of our memory: the buffer protocol, native code, NumPy, pickles.
//!
//! Uses `io` and the folders below it.

pub(crate) mod buffer_protocol;
pub(crate) mod c_fragments;
pub(crate) mod gather;
pub(crate) mod numpy;
pub(crate) mod pickle;
pub(crate) mod remap;
pub(crate) mod segments;
