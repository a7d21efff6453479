//! Operations on views: casts, comparison, edits, fragments, extents, structs.
//!
//! Uses `items` and the folders below it.

pub(crate) mod blocks;
pub(crate) mod cast;
pub(crate) mod compare;
pub(crate) mod extents;
pub(crate) mod fragments;
pub(crate) mod hash;
pub(crate) mod origin;
pub(crate) mod sequence;
pub(crate) mod splice;
pub(crate) mod struct_cache;
pub(crate) mod structs;
