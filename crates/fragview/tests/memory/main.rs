//! Tests of memory and its owners.

#[path = "../support/mod.rs"]
mod support;

mod builder;
mod hint;
mod holes;
mod shared;
mod table;
mod writable;
