//! Tests of views.

#[path = "../extents_oracle/mod.rs"]
mod extents_oracle;
#[path = "../support/mod.rs"]
mod support;

mod assign;
mod blocks;
mod build;
mod compare;
mod concat;
mod extents;
mod extents_exclusive;
mod lend;
mod locate;
mod oracle;
mod random;
mod read;
mod strided;
mod threads;
mod write;
