//! Buffers of streams: memory that comes in at one end and goes out at the other.

#![forbid(unsafe_code)]

mod append;
mod find;
mod frag_buffer;
mod stream;

pub use frag_buffer::FragBuffer;
