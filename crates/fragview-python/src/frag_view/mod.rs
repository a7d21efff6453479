//! The methods of the class `FragView`, as Python calls them. Its data is in `view::handle`.
//!
//! Uses all other folders. Only `lib.rs` is above it.

mod attributes;
mod construct;
mod convert;
mod fragments;
mod items;
mod lifetime;
mod native;
mod search;
mod structs;
mod transfer;
