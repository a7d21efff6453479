//! File formats as streams: the extents of a file that make up each logical stream in it.
//!
//! Each format is a short module on [`records`](crate::records) and
//! [`geometry::Extents`](crate::geometry::Extents); it reads headers through [`Bytes`](crate::Bytes) and
//! gives a [`Container`], which names extents and copies nothing.
//!
//! ```
//! use fragview::{View, formats};
//!
//! let file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR.............crc!\0\0\0\x03IDATabccrc!\0\0\0\x02IDATdecrc!\0\0\0\0IENDcrc!";
//! let container = formats::open(file, None, formats::Options::default())?;
//! let stream = container.stream("idat").ok_or("no picture")?;
//! assert_eq!(View::from_extents(file, &stream.extents)?, b"abcde");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`open`] takes any bytes; the formats' own functions take `&dyn Bytes`: `png::open(&vec, options)`, and of
//! a slice `png::open(&slice, options)`.

#![forbid(unsafe_code)]
// A file sizes memory here: it is asked for with `try_reserve`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_macros))]

pub mod asf;
pub mod avro;
pub mod bgzf;
pub mod biff8;
mod container;
pub mod dicom;
pub mod elf_core;
pub mod ext;
pub mod fat;
pub mod flv;
mod format;
pub mod fortran;
pub mod gif;
pub mod http;
pub mod iso9660;
pub mod jpeg;
pub mod leveldb_log;
pub mod matroska;
pub mod minidump;
pub mod mp4;
pub mod mpegps;
pub mod mpegts;
pub mod netcdf3;
pub mod ntfs;
pub mod ogg;
pub mod ole;
mod options;
pub mod parquet;
mod parse;
pub mod pcap;
pub mod pdb;
pub mod pg_wal;
pub mod png;
pub mod qcow2;
pub mod regf;
mod registry;
pub mod riff;
pub mod sqlite;
pub mod tar;
pub mod tfrecord;
pub mod tiff;
pub mod tls;
mod tracks;
pub mod vdi;
pub mod vhd;
pub mod vmdk;
pub mod warc;
pub mod websocket;
pub mod woff;
pub mod zip;

pub use container::{Container, Family, Fault, Numbered, Stream, Streams};
pub use format::Format;
pub use options::Options;
pub use parse::error::{FormatError, FormatErrorKind};
pub use registry::{Registry, names, open};
