//! Real files, and what independent readers found in them.

#![allow(dead_code, reason = "each test file uses a part")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use fragview::formats::{Container, FormatError};
use fragview::geometry::Extents;
use fragview::{Bytes, Within};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How a format is opened.
pub(crate) type Open = fn(&dyn Bytes) -> Result<Container, FormatError>;

/// The folder of real files, if it is there.
fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    folder.join("MANIFEST.json").exists().then_some(folder)
}

/// The bytes that the extents name.
pub(crate) fn gather(bytes: &dyn Bytes, extents: &Extents) -> Vec<u8> {
    let mut gathered = vec![0; extents.byte_len()];
    Within::new(bytes, extents)
        .read(0, &mut gathered)
        .expect("every extent lies in the file");
    gathered
}

/// Opens each file of a shape and compares each stream with the manifest, except those that `is_view` leaves out.
pub(crate) fn check(shape: &str, open: Open, is_view: fn(&str) -> bool) {
    let Some(folder) = folder() else {
        println!("{shape}: skipped, the folder of real files is not there");
        return;
    };
    let manifest = fs::read(folder.join("MANIFEST.json")).expect("the manifest can be read");
    let manifest: Vec<Value> = serde_json::from_slice(&manifest).expect("the manifest is JSON");
    let (mut matched, mut streams) = (0, 0);
    for entry in manifest.iter().filter(|entry| entry["shape"] == shape) {
        let name = entry["file"].as_str().expect("a file has a name");
        let file = fs::read(folder.join(name)).expect("the file can be read");
        let opened = open(&&file[..]);
        if entry["expect"] == "malformed" {
            assert!(opened.is_err(), "{name} is not refused");
            continue;
        }
        let container = opened.unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut names: Vec<_> = container.streams.iter().map(|stream| &stream.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(
            names.len(),
            container.streams.len(),
            "{name}: two streams have one name"
        );
        let logical = entry["logical"].as_array().expect("there are streams");
        for expected in logical {
            let stream_name = expected["name"].as_str().expect("a stream has a name");
            if !is_view(stream_name) {
                continue;
            }
            streams += 1;
            let stream = container
                .stream(stream_name)
                .unwrap_or_else(|| panic!("{name}: no stream {stream_name:?} among {names:?}"));
            assert_eq!(
                Some(stream.extents.byte_len() as u64),
                expected["length"].as_u64(),
                "{name} {stream_name:?}"
            );
            let mut sha256 = String::new();
            for byte in Sha256::digest(gather(&&file[..], &stream.extents)) {
                let _ = write!(sha256, "{byte:02x}");
            }
            assert_eq!(
                Some(&*sha256),
                expected["sha256"].as_str(),
                "{name} {stream_name:?}"
            );
            matched += 1;
        }
    }
    println!("{shape}: {matched} of {streams} streams matched");
    assert!(matched > 0, "{shape}: the manifest has nothing of this shape");
}

/// Opens every truncation of the file, and the file with each byte of `headers` replaced by others and each 32-bit
/// number by big ones: an error, or streams that lie in the file, but no panic and no hang.
pub(crate) fn mutate(file: &[u8], headers: core::ops::Range<usize>, open: Open) {
    for length in 0..file.len() {
        open_any(&file[..length], open);
    }
    let mut changed = file.to_vec();
    for at in headers.clone() {
        let old = file[at];
        for new in [
            !old,
            0,
            1,
            0x7F,
            0x80,
            0xFF,
            old.wrapping_add(1),
            old.wrapping_sub(1),
            old ^ 0x40,
        ] {
            changed[at] = new;
            open_any(&changed, open);
        }
        changed[at] = old;
    }
    for at in headers.start..headers.end.saturating_sub(3) {
        for new in [
            [0xFF; 4],
            [0xFF, 0xFF, 0xFF, 0x7F],
            [0x7F, 0xFF, 0xFF, 0xFF],
            [0xFE, 0xFF, 0xFF, 0xFF],
        ] {
            changed[at..at + 4].copy_from_slice(&new);
            open_any(&changed, open);
        }
        changed[at..at + 4].copy_from_slice(&file[at..at + 4]);
    }
}

fn open_any(file: &[u8], open: Open) {
    if let Ok(container) = open(&file) {
        for stream in &container.streams {
            for extent in &stream.extents {
                if let Some(offset) = extent.offset {
                    assert!(
                        offset + extent.length <= file.len(),
                        "{} leaves the file",
                        stream.name
                    );
                }
            }
        }
    }
}
