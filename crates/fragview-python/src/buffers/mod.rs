//! Buffers of Python objects as sources, and the filling of the buffers that we export.
//!
//! Uses `runtime` and `error`.

pub(crate) mod bytes;
pub(crate) mod export;
pub(crate) mod layout;
pub(crate) mod memory;
pub(crate) mod native;
pub(crate) mod request;
pub(crate) mod rows;
pub(crate) mod zeros;
