//! Tests of reading and writing.

#[path = "../support/mod.rs"]
mod support;

mod buf;
mod standard;
mod tokio;
mod transfer;
