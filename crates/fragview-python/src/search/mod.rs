//! Searches in views: for bytes, items and patterns.
//!
//! Uses `ops` and the folders below it.

pub(crate) mod bytes;
pub(crate) mod items;
pub(crate) mod match_;
pub(crate) mod matches;
pub(crate) mod pattern;
mod pattern_methods;
