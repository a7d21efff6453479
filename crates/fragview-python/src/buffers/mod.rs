//! Memory of Python objects, coming in through the buffer protocol.
//!
//! Uses `runtime` and `error`.

pub(crate) mod export;
pub(crate) mod memory;
pub(crate) mod zeros;
