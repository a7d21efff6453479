//! Arguments as Python passes them, as numbers and slices.
//!
//! Uses `runtime` and `error`.

pub(crate) mod given;
