//! Tests of the map.

#[path = "../support/mod.rs"]
mod support;

mod extend;
mod extents;
mod fragment_run;
mod map;
mod slice;
mod spans;
mod window;
