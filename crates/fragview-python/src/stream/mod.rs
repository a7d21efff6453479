//! `FragBuffer`: a stream that arrives in packets.
//!
//! Uses `records` and the folders below it.

pub(crate) mod frag_buffer;
