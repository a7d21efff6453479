//! Tests of the formats, one file a format: one program, so that what they share is compiled once.

#[path = "../broken/mod.rs"]
mod broken;
#[path = "../captures/mod.rs"]
mod captures;
#[path = "../compound_files/mod.rs"]
mod compound_files;
#[path = "../corpus/mod.rs"]
mod corpus;

mod asf;
mod avro;
mod bgzf;
mod biff8;
mod container;
mod dicom;
mod elf_core;
mod ext;
mod fat;
mod flv;
mod fortran;
mod gif;
mod http;
mod iso9660;
mod jpeg;
mod lenient;
mod leveldb_log;
mod matroska;
mod minidump;
mod mp4;
mod mpegps;
mod mpegts;
mod netcdf3;
mod ntfs;
mod ogg;
mod ole;
mod parquet;
mod pcap;
mod pcap_tcp;
mod pdb;
mod pg_wal;
mod png;
mod qcow2;
mod regf;
mod riff;
mod sqlite;
mod tar;
mod tfrecord;
mod tiff;
mod tls;
mod vdi;
mod vhd;
mod vmdk;
mod warc;
mod websocket;
mod woff;
mod zip;
