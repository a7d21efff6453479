//! Memory of Python objects: buffers that come in, and what a buffer that goes out is filled with.
//!
//! Uses `runtime` and `error`.

pub(crate) mod bytes;
pub(crate) mod export;
pub(crate) mod layout;
pub(crate) mod memory;
pub(crate) mod native;
pub(crate) mod request;
pub(crate) mod zeros;
