//! A stream: a name and its extents.

use alloc::string::String;

use crate::geometry::Extents;

/// A logical stream: a name, and the parts of the file that it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The stream's name, unique in its container.
    pub name: String,
    /// Where its bytes lie in the file.
    pub extents: Extents,
}

/// A family of numbered streams that a format adds to; [`Container::family`](super::Container::family) makes
/// it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family(pub(super) u32);
