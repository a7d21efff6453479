//! The data of a view, and how it is made from arguments.
//!
//! Uses the folders below: `runtime`, `error`, `buffers`, `args`.

pub(crate) mod assemble;
pub(crate) mod construct;
pub(crate) mod handle;
pub(crate) mod select;
pub(crate) mod state;
