//! Containers: the named streams of a file, and their extents.
//!
//! Uses `geometry`, `records` and the errors of `parse`.

mod append;
mod codecs;
mod coding;
mod contents;
mod fault;
mod labels;
mod lookup;
mod names;
mod stream;
mod streams;
mod table;
mod texts;

pub use contents::Container;
pub use fault::Fault;
pub use stream::{Family, Stream};
pub use streams::{Numbered, Streams};
