//! What the formats share: reading headers, checksums, containers and errors.

pub(super) mod checksum;
pub(super) mod error;
pub(super) mod input;
pub(super) mod sparse;
