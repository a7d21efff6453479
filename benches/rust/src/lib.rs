//! Fragview against its peers. `bin/ratios.rs` measures A B A B, `bin/growth.rs` how cost grows with the
//! fragments, and `benches/absolute.rs` gives criterion's figures for the same workloads.

pub mod access;
pub mod build;
pub mod bulk;
pub mod find;
pub mod iterate;
pub mod layout;
pub mod peers;
pub mod records;
pub mod row;
pub mod shared;
pub mod side;
pub mod timer;
