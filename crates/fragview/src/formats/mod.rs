//! Real formats as streams: which parts of a file make up each logical stream in it.
//!
//! Each format is a short module on [`records`](crate::records) and [`geometry::Extents`](crate::geometry::Extents);
//! it reads headers through [`Bytes`](crate::Bytes) and gives a [`Container`], which names extents and copies nothing.

pub mod biff8;
mod container;
mod error;
pub mod gif;
mod input;
pub mod jpeg;
mod jpeg_parts;
pub mod ole;
pub mod pcap;
pub mod png;
mod registry;
pub mod tiff;
pub mod tls;

pub use container::{Container, Stream};
pub use error::FormatError;
pub use registry::{names, open};
