//! Arguments from Python: integers, slices, and arguments that may be left out.
//!
//! Uses `runtime`, `error` and `buffers`.

pub(crate) mod given;
pub(crate) mod index;
pub(crate) mod integer;
