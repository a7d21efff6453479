//! The corpus of real files, and what the tests of the formats of streams, logs, cores and disks do with it.

#![allow(dead_code, reason = "each test binary uses some of it")]

use std::fs;
use std::path::{Path, PathBuf};

use fragview::formats::{self, Container, FormatError, Stream};
use fragview::{Bytes, Within};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) type Open = fn(&dyn Bytes) -> Result<Container, FormatError>;
pub(crate) type Verify = fn(&dyn Bytes, &Container) -> Result<(), FormatError>;

/// A file of the corpus.
pub(crate) struct Entry {
    pub(crate) file: String,
    pub(crate) bytes: Vec<u8>,
    /// Whether it must be refused: it is malformed, or its bytes are not all in it as they are.
    pub(crate) refused: bool,
    /// The logical streams: name, length, SHA-256 in hex.
    pub(crate) streams: Vec<(String, usize, String)>,
}

/// The corpus' files of a shape; none, with a printed line, where the corpus isn't there.
pub(crate) fn files(shape: &str) -> Vec<Entry> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Ok(manifest) = fs::read(folder.join("MANIFEST.json")) else {
        println!("{shape}: skipped, no corpus");
        return Vec::new();
    };
    let manifest: Vec<Value> = serde_json::from_slice(&manifest).expect("the manifest is a list");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let of_shape = manifest.iter().filter(|entry| entry["shape"] == shape);
    of_shape
        .map(|entry| Entry {
            file: text(&entry["file"]),
            bytes: fs::read(folder.join(text(&entry["file"]))).expect("the file is there"),
            // An image over another one is no view of one file.
            refused: entry["expect"] != "ok" || entry.get("companions").is_some(),
            streams: (entry["logical"].as_array().expect("a list").iter())
                .map(|stream| {
                    let length = stream["length"].as_u64().expect("a length");
                    let length = usize::try_from(length).expect("a length");
                    (text(&stream["name"]), length, text(&stream["sha256"]))
                })
                .collect(),
        })
        .collect()
}

/// A stream's bytes.
pub(crate) fn content(file: &[u8], stream: &Stream) -> Vec<u8> {
    let within = Within::new(&file, &stream.extents);
    let mut bytes = vec![0; within.len()];
    within.read(0, &mut bytes).expect("the stream lies in the file");
    bytes
}

/// The bytes of the stream of this name.
#[track_caller]
pub(crate) fn named(file: &[u8], container: &Container, name: &str) -> Vec<u8> {
    let Some(stream) = container.stream(name) else {
        panic!("no {name} in {:?}", names(container));
    };
    content(file, stream)
}

/// The names of all streams.
pub(crate) fn names(container: &Container) -> Vec<&str> {
    container.streams.iter().map(|stream| &*stream.name).collect()
}

/// A file that must be refused for a reason that holds these words.
#[track_caller]
pub(crate) fn refused(open: Open, file: &[u8], what: &str) {
    match open(&file) {
        Ok(container) => panic!("opened, though {what}: {:?}", names(&container)),
        Err(error) => assert!(error.what.contains(what), "{error}, and not {what}"),
    }
}

/// Opens every file of a shape by its magic: each of the manifest's streams must come out under its name, and what must
/// be refused must not open.
pub(crate) fn check(shape: &str, format: &str) {
    let (mut found, mut all, mut refused) = (0, 0, 0);
    for entry in files(shape) {
        let bytes = &&entry.bytes[..];
        let result = formats::open(bytes, None, true);
        if entry.refused {
            let error = result.expect_err(&entry.file);
            assert_eq!(error.format, format);
            println!("{}: refused: {error}", entry.file);
            refused += 1;
            continue;
        }
        let container = result.unwrap_or_else(|error| panic!("{}: {error}", entry.file));
        assert_eq!(container.format, format, "{}", entry.file);
        for (name, length, sha256) in &entry.streams {
            all += 1;
            let bytes = named(&entry.bytes, &container, name);
            assert_eq!(bytes.len(), *length, "{}: {name}", entry.file);
            let digest = hex(&Sha256::digest(&bytes));
            assert_eq!(digest, *sha256, "{}: {name}", entry.file);
            found += 1;
        }
    }
    println!("{shape}: {found} of {all} streams match, {refused} files refused");
}

fn hex(bytes: &[u8]) -> String {
    let digit = |number: u8| char::from(b"0123456789abcdef"[usize::from(number)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Opens broken variants of a small valid file: cut at every byte, and with each of its first bytes set to other
/// values. What opens must lie in the file and have a name of its own for each stream. The file opens when cut at one
/// of `whole`, and at no other place.
pub(crate) fn mutate(file: &[u8], open: Open, verify: Verify, whole: impl Fn(usize) -> bool) {
    let opens = |bytes: &[u8]| match open(&bytes) {
        Ok(container) => {
            sound(bytes, &container);
            let _ = verify(&bytes, &container);
            true
        }
        Err(error) => {
            assert!(!error.what.is_empty());
            false
        }
    };
    assert!(opens(file), "{:?}", open(&file));
    verify(&file, &open(&file).expect("valid")).expect("the checksums are right");
    for end in 0..file.len() {
        assert_eq!(
            opens(&file[..end]),
            whole(end),
            "cut at {end}: {:?}",
            open(&&file[..end])
        );
    }
    let mut broken = file.to_vec();
    for at in 0..file.len().min(2048) {
        for flip in [0x01, 0x02, 0x10, 0x20, 0x80, 0xff] {
            broken[at] ^= flip;
            opens(&broken);
            broken[at] ^= flip;
        }
        for width in [2, 4, 8] {
            for fill in [0, 0xff, 0x7f, 0x80] {
                let end = (at + width).min(file.len());
                broken[at..end].fill(fill);
                opens(&broken);
                broken[at..end].copy_from_slice(&file[at..end]);
            }
        }
    }
}

/// Checks that all streams lie in the file, that no two have one name, and that they are no more than the file can hold.
fn sound(bytes: &[u8], container: &Container) {
    let mut names = names(container);
    let count = names.len();
    assert!(count <= 16 + 2 * bytes.len(), "{count} streams");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two streams have one name");
    for stream in &container.streams {
        assert!(stream.extents.len() <= 16 + bytes.len());
        for extent in &stream.extents {
            if let Some(offset) = extent.offset {
                let end = offset.checked_add(extent.length);
                assert!(
                    end.is_some_and(|end| end <= bytes.len()),
                    "{} goes past the end",
                    stream.name
                );
            }
        }
    }
}
