//! Strict and lenient readings of real files, sound and faulty: the matrix of files × faults × formats, and
//! the field's files, which an independent reader opens.
#![allow(clippy::format_collect, reason = "files of the tests' own, of known sizes")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fragview::formats::{self, Container, FormatError, Options};
use fragview::{Bytes, Within};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The corpus's shapes, and the format of each.
const SHAPES: [(&str, &str); 20] = [
    ("apng", "png"),
    ("avi", "riff"),
    ("dicom", "dicom"),
    ("elf_core", "elf_core"),
    ("fortran", "fortran"),
    ("gif", "gif"),
    ("jpeg_segments", "jpeg"),
    ("leveldb_log", "leveldb_log"),
    ("mpegts", "mpegts"),
    ("ogg", "ogg"),
    ("ole", "ole"),
    ("png", "png"),
    ("qcow2", "qcow2"),
    ("riff_wav", "riff"),
    ("rocksdb_wal", "leveldb_log"),
    ("tcp_pcap", "pcap"),
    ("tfrecord", "tfrecord"),
    ("tiff", "tiff"),
    ("tls_pcap", "tls"),
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
        if let (Some(&(_, format)), true) = (shape, entry["expect"] == "ok" && entry["companions"].is_null())
        {
            let name = entry["file"].as_str().expect("a file has a name").to_owned();
            let bytes = fs::read(folder.join(&name)).expect("the file can be read");
            files.push((name, format, bytes));
        }
    }
    files
}

/// The bytes of all streams, of which some are in several.
fn total(container: &Container) -> usize {
    (0..container.len())
        .filter_map(|position| container.extents(position))
        .flat_map(|extents| extents.iter().collect::<Vec<_>>())
        .filter(|extent| extent.offset.is_some())
        .map(|extent| extent.length)
        .sum()
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
    // Of 5 that are cut by 10 % nothing is left to find the data with: the directory is at the end.
    assert!(files - lenient <= 5, "{lenient} of {files}");
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
            let is_there = |position| {
                let extents = container.extents(position).expect("a stream");
                let mut content = vec![0; length];
                let within = Within::new(&file, &extents);
                within.read(0, &mut content).is_some() && {
                    let digest = Sha256::digest(&content);
                    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                    expected["sha256"] == *digest
                }
            };
            if length == 0 || (0..container.len()).any(is_there) {
                found += 1;
            } else {
                missing.push(format!("{name}: {} of {length} bytes", expected["name"]));
            }
        }
    }
    println!("{found} streams of the field match; missing: {missing:#?}");
    assert!(missing.len() <= MISSING, "{missing:#?}");
}

/// What the field's readers give and this does not: four directions of a capture with large segments in
/// fragments of GRE, and encapsulated pixel data with the headers of their items, as pydicom has them.
const MISSING: usize = 5;
