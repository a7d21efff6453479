//! Real formats as streams: which parts of a file make up each logical stream in it.
//!
//! Each format is a short module on [`records`](crate::records) and [`geometry::Extents`](crate::geometry::Extents);
//! it reads headers through [`Bytes`](crate::Bytes) and gives a [`Container`], which names extents and copies nothing.

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
