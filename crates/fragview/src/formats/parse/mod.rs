//! Shared code of the formats: checked reading, checksums, sparse sets, errors.

pub(super) mod blocks;
pub(super) mod checksum;
pub(super) mod cp437;
pub(super) mod error;
pub(super) mod faults;
pub(super) mod folders;
pub(super) mod holes;
pub(super) mod input;
pub(super) mod sparse;
