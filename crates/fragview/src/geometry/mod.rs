//! Geometry: where each fragment starts, and which bytes a window shows. No pointers, no `unsafe`.
//!
//! A [`Map`] is generic over the *payload* of a fragment: the memory layer puts an address there, a test can
//! put a name. Everything here is arithmetic on offsets, checked where an input could overflow.

#![forbid(unsafe_code)]
// A file sizes memory here: it is asked for with `try_reserve`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_macros))]

mod chunked;
mod directory;
mod divisor;
mod extend;
mod extent;
mod extents;
mod fragment_run;
mod map;
mod map_builder;
mod runs;
mod slice;
mod spans;
mod tokens;
mod window;

pub(crate) use chunked::Chunked;
pub use extent::Extent;
pub use extents::{Extents, IntoIter, Iter};
pub use fragment_run::{FragmentRun, FragmentRuns};
pub use map::{Map, Place};
pub use map_builder::MapBuilder;
pub use runs::Runs;
pub use slice::Slice;
pub use spans::{Span, Spans};
pub use window::Window;
