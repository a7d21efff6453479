//! Fragments across languages: a C struct that says where the fragments of a view lie, and keeps them valid
//! until it is released.
//!
//! The rules of ownership are those of Arrow's C data interface. The consumer calls `release` once, from any
//! thread. A consumer that keeps the fragments copies the struct and sets `release` of the original to null:
//! it has *taken* it. `python/fragview/include/fragview.h` declares the same struct for C and C++.

mod export;
mod import;
mod layout;

pub use import::{ForeignError, ForeignFragments, ForeignOwner};
pub use layout::{CFragments, IoVec, VERSION};
