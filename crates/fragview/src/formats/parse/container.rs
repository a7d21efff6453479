//! What a file holds: named streams.

use alloc::string::String;
use alloc::vec::Vec;

use crate::geometry::Extents;

/// A logical stream: a name, and the parts of the file that it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The stream's name, unique in its container.
    pub name: String,
    /// Where its bytes lie in the file.
    pub extents: Extents,
}

/// A file's logical streams, in the order in which the format gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Container {
    /// The format's name, as `formats::open` takes it.
    pub format: &'static str,
    /// The streams; no two have one name.
    pub streams: Vec<Stream>,
}

impl Container {
    /// A container without streams.
    #[must_use]
    pub const fn new(format: &'static str) -> Self {
        Self {
            format,
            streams: Vec::new(),
        }
    }

    /// Appends a stream. O(1); pre: the name is new.
    pub fn push(&mut self, name: impl Into<String>, extents: Extents) {
        self.streams.push(Stream {
            name: name.into(),
            extents,
        });
    }

    /// The stream of this name. O(streams).
    #[must_use]
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.name == name)
    }
}
