//! Arguments as Python passes them, as numbers and slices.
//!
//! Uses `runtime`, `error` and `buffers`.

pub(crate) mod given;
pub(crate) mod index;
pub(crate) mod integer;
