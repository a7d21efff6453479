//! Real formats as streams: which parts of a file make up each logical stream in it.
//!
//! Each format is a short module on [`records`](crate::records) and [`geometry::Extents`](crate::geometry::Extents);
//! it reads headers through [`Bytes`](crate::Bytes) and gives a [`Container`], which names extents and copies nothing.
//!
//! ```
//! use fragview::{View, formats};
//!
//! let file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR.............crc!\0\0\0\x03IDATabccrc!\0\0\0\x02IDATdecrc!\0\0\0\0IENDcrc!";
//! let container = formats::open(file, None, false)?;
//! let stream = container.stream("idat").ok_or("no picture")?;
//! assert_eq!(View::from_extents(file, &stream.extents)?, b"abcde");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`open`] takes any bytes; the formats' own functions take `&dyn Bytes`: `png::open(&vec)`, and of a slice
//! `png::open(&slice)`.

pub mod biff8;
mod checksum;
mod container;
pub mod dicom;
mod dicom_pixels;
pub mod elf_core;
mod error;
pub mod fortran;
pub mod gif;
mod input;
pub mod jpeg;
mod jpeg_parts;
pub mod leveldb_log;
pub mod mpegts;
mod mpegts_pes;
mod mpegts_psi;
pub mod ogg;
pub mod ole;
pub mod pcap;
pub mod png;
pub mod qcow2;
mod registry;
pub mod riff;
pub mod tfrecord;
pub mod tiff;
pub mod tls;
mod write_batch;

pub use container::{Container, Stream};
pub use error::FormatError;
pub use registry::{names, open};
