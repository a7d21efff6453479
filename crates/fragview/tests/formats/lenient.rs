//! Strict and lenient readings of real files, sound and faulty: the matrix of files × faults × formats, and
//! the field's files, which an independent reader opens.
#![allow(clippy::format_collect, reason = "files of the tests' own, of known sizes")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fragview::formats::{self, Container, FormatError, Options};
use fragview::geometry::Extents;
use fragview::{Bytes, Within};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The corpus's shapes, and the format of each.
const SHAPES: [(&str, &str); 40] = [
    ("apng", "png"),
    ("asf", "asf"),
    ("avi", "riff"),
    ("avro", "avro"),
    ("bgzf", "bgzf"),
    ("dicom", "dicom"),
    ("elf_core", "elf_core"),
    ("ext", "ext"),
    ("fat", "fat"),
    ("flv", "flv"),
    ("fortran", "fortran"),
    ("gif", "gif"),
    ("http_chunked", "http"),
    ("jpeg_segments", "jpeg"),
    ("leveldb_log", "leveldb_log"),
    ("matroska", "matroska"),
    ("minidump", "minidump"),
    ("mp4", "mp4"),
    ("mp4_fragmented", "mp4"),
    ("mpegps", "mpegps"),
    ("mpegts", "mpegts"),
    ("netcdf3_records", "netcdf3"),
    ("ogg", "ogg"),
    ("ole", "ole"),
    ("parquet", "parquet"),
    ("pdb_msf", "pdb"),
    ("png", "png"),
    ("qcow2", "qcow2"),
    ("riff_wav", "riff"),
    ("rocksdb_wal", "leveldb_log"),
    ("sqlite_overflow", "sqlite"),
    ("tar_multivolume", "tar"),
    ("tar_sparse", "tar"),
    ("tcp_pcap", "pcap"),
    ("tfrecord", "tfrecord"),
    ("tiff", "tiff"),
    ("tls_pcap", "tls"),
    ("vmdk_vhd", "vmdk"),
    ("woff", "woff"),
    ("xls_biff8", "biff8"),
];

/// Formats that say where they end, so that what follows is no part of them.
const WITH_END: [&str; 9] = [
    "png", "gif", "jpeg", "riff", "tiff", "ole", "biff8", "qcow2", "elf_core",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus")
}

fn manifest(path: &Path) -> Vec<Value> {
    if let Ok(manifest) = fs::read(path) {
        serde_json::from_slice(&manifest).expect("the manifest is a list")
    } else {
        println!("skipped, the corpus is not there");
        Vec::new()
    }
}

fn open(file: &[u8], format: Option<&str>, options: Options) -> Result<Container, FormatError> {
    formats::open(file, format, options)
}

/// The sound files of the corpus: name, format, bytes.
fn sound() -> Vec<(String, &'static str, Vec<u8>)> {
    let folder = folder();
    let mut files = Vec::new();
    for entry in manifest(&folder.join("MANIFEST.json")) {
        let shape = SHAPES.iter().find(|shape| entry["shape"] == shape.0);
        // Volumes are one file; an image over another one is none.
        let companions = entry["companions"].as_array();
        let is_whole = companions.is_none() || entry["shape"] == "tar_multivolume";
        if let (Some(&(_, format)), true) = (shape, entry["expect"] == "ok" && is_whole) {
            let name = entry["file"].as_str().expect("a file has a name").to_owned();
            let mut bytes = fs::read(folder.join(&name)).expect("the file can be read");
            for companion in companions.into_iter().flatten() {
                let name = companion["file"].as_str().expect("a file has a name");
                bytes.extend(fs::read(folder.join(name)).expect("the file can be read"));
            }
            files.push((name, format, bytes));
        }
    }
    files
}

/// The bytes of the file that are in streams.
fn total(container: &Container) -> usize {
    let mut ranges: Vec<_> = (0..container.len())
        .filter_map(|position| container.extents(position))
        .flat_map(|extents| extents.iter().collect::<Vec<_>>())
        .filter_map(|extent| Some((extent.offset?, extent.offset? + extent.length)))
        .collect();
    ranges.sort_unstable();
    let mut end = 0;
    let mut total = 0;
    for (start, stop) in ranges {
        total += stop.saturating_sub(start.max(end));
        end = end.max(stop);
    }
    total
}

/// All streams lie in the file.
fn check(file: &[u8], name: &str, container: &Container) {
    for stream in container.streams() {
        for extent in &stream.extents {
            let end = extent.offset.map_or(0, |offset| offset + extent.length);
            assert!(end <= file.len(), "{name}: {} goes past the end", stream.name);
        }
    }
}

#[test]
fn strict_and_lenient_agree_on_sound_files() {
    for (name, format, file) in sound() {
        let strict = open(&file, Some(format), Options::STRICT);
        let lenient = open(&file, Some(format), Options::LENIENT);
        let strict = strict.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(lenient.is_ok_and(|lenient| lenient == strict), "{name}");
    }
}

#[test]
fn the_matrix_of_faults() {
    let mut rows: BTreeMap<(&str, &str), [usize; 3]> = BTreeMap::new();
    for (name, format, file) in sound() {
        let whole = total(&open(&file, Some(format), Options::STRICT).expect("sound"));
        let mut state = 0x2545_F491_u32;
        let noise: Vec<u8> = (0..100)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let faults = [
            ("cut by 1 byte", file[..file.len() - 1].to_vec()),
            (
                "cut by 10 %",
                file[..file.len() - file.len().div_ceil(10)].to_vec(),
            ),
            ("100 bytes after", [&file[..], &noise].concat()),
            ("512 zeros after", [&file[..], &[0; 512]].concat()),
        ];
        for (fault, broken) in faults {
            let strict = open(&broken, Some(format), Options::STRICT);
            let lenient = open(&broken, Some(format), Options::LENIENT);
            if let Ok(container) = &lenient {
                check(&broken, &name, container);
            }
            // Nine tenths of a file have at least some of its bytes; all else, nearly all.
            let least = if fault == "cut by 10 %" { 1 } else { whole * 9 / 10 };
            let gives = lenient.as_ref().is_ok_and(|container| total(container) >= least);
            let row = rows.entry((format, fault)).or_default();
            row[0] += 1;
            row[1] += usize::from(strict.is_ok());
            row[2] += usize::from(gives || whole == 0);
            if !gives && whole > 0 {
                println!(
                    "{name}, {fault}: {:?}",
                    lenient.map(|container| total(&container))
                );
            }
            if fault.ends_with("after") && WITH_END.contains(&format) {
                assert!(strict.is_ok(), "{name}, {fault}: {strict:?}");
            }
        }
    }
    println!("format       fault             files strict lenient");
    let (mut files, mut lenient) = (0, 0);
    for ((format, fault), [all, strict, gives]) in &rows {
        println!("{format:12} {fault:17} {all:5} {strict:6} {gives:7}");
        files += all;
        lenient += gives;
    }
    println!("lenient gives data in {lenient} of {files}");
    // Of 6 that are cut by 10 % nothing is left to find the data with: their directories are at the end, or
    // their data.
    assert!((files - lenient) * 50 <= files, "{lenient} of {files}");
}

/// What the field's files give: the reader's bytes are a stream's, or its beginning.
#[test]
fn files_of_the_field() {
    let folder = folder();
    let (mut found, mut missing) = (0, Vec::new());
    for entry in manifest(&folder.join("field/MANIFEST.json")) {
        let name = entry["file"].as_str().expect("a file has a name");
        let file = fs::read(folder.join(name)).expect("the file can be read");
        let strict = open(&file, None, Options::STRICT);
        let container = strict.clone().or_else(|_| open(&file, None, Options::LENIENT));
        let container = match container {
            Ok(container) => container,
            Err(error) => {
                missing.push(format!("{name}: {error}"));
                continue;
            }
        };
        check(&file, name, &container);
        println!(
            "{name}: {} {}, {} streams, {:?}",
            container.format,
            if strict.is_ok() { "strict" } else { "lenient" },
            container.len(),
            container.faults.first().map(|fault| (&fault.what, fault.offset))
        );
        for expected in entry["logical"].as_array().expect("a list of streams") {
            let length = usize::try_from(expected["length"].as_u64().expect("a length")).expect("small");
            let is_it = |content: &[u8]| {
                let digest = Sha256::digest(content);
                let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                content.len() == length && expected["sha256"] == *digest
            };
            let is_there = |position| {
                let extents = container.extents(position).expect("a stream");
                let mut content = vec![0; length];
                let is_read = Within::new(&file, &extents).read(0, &mut content).is_some();
                let reader = entry["reader"].as_str().unwrap_or_default();
                (is_read && is_it(&content)) || is_it(&as_the_reader_has_it(reader, &file, &extents))
            };
            if length == 0 || (0..container.len()).any(is_there) {
                found += 1;
            } else {
                missing.push(format!("{name}: {} of {length} bytes", expected["name"]));
            }
        }
    }
    println!("{found} streams of the field match; missing: {missing:#?}");
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A stream as two readers of the field have it, who give more than the stream's bytes: tshark writes in
/// words how many bytes a capture misses, where a view has a hole; pydicom gives encapsulated pixel data with
/// the headers of their items.
fn as_the_reader_has_it(reader: &str, file: &[u8], extents: &Extents) -> Vec<u8> {
    let mut content = Vec::new();
    if reader.starts_with("pydicom") {
        content.extend(b"\xfe\xff\x00\xe0\0\0\0\0");
    }
    for extent in extents {
        match extent.offset {
            Some(offset) => {
                if reader.starts_with("pydicom") {
                    content.extend(b"\xfe\xff\x00\xe0");
                    content.extend(u32::try_from(extent.length).expect("small").to_le_bytes());
                }
                content.extend(&file[offset..offset + extent.length]);
            }
            None if reader.starts_with("tshark") => {
                content.extend(format!("[{} bytes missing in capture file]\0", extent.length).bytes());
            }
            None => content.resize(content.len() + extent.length, 0),
        }
    }
    content
}
