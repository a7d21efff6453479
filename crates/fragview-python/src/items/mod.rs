//! One item, many items: keys, reading, writing, iterating.
//!
//! Uses `view` and the folders below it.

pub(crate) mod assign;
pub(crate) mod fast;
pub(crate) mod item;
pub(crate) mod iterator;
pub(crate) mod key;
pub(crate) mod subscript;
