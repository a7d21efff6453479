//! The class `FragView` as data, and how views are made from arguments.
//!
//! Uses `args` and the folders below it.

pub(crate) mod assemble;
pub(crate) mod bytes_of;
pub(crate) mod construct;
pub(crate) mod copy_out;
pub(crate) mod from_extents;
pub(crate) mod handle;
pub(crate) mod integers;
pub(crate) mod peek;
pub(crate) mod state;
pub(crate) mod view_of_extents;
pub(crate) mod width;
