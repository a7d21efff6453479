//! `FragBuffer`: a stream that arrives in packets.
//!
//! Uses `records` and the folders below it.

mod find;
pub(crate) mod frag_buffer;
mod frag_buffer_methods;
mod source;
