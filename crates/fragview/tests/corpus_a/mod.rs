//! The corpus of real files, and what every format's tests do with it.

use std::fs;
use std::path::{Path, PathBuf};

use fragview::formats::{Container, FormatError, Stream};
use fragview::{Bytes, Within};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A file of the corpus.
pub(crate) struct Entry {
    pub(crate) file: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) malformed: bool,
    /// The logical streams that are plain views: name, SHA-256 in hex.
    pub(crate) streams: Vec<(String, String)>,
}

/// What a decoder makes of the bytes is no view of them.
const DECODED: [&str; 5] = ["decoded", "inflated", "scanlines", "array", "json"];

/// The corpus' files of a shape; none, with a printed line, where the corpus isn't there.
pub(crate) fn files(shape: &str) -> Vec<Entry> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Ok(manifest) = fs::read(folder.join("MANIFEST.json")) else {
        println!("skipped: no corpus for {shape}");
        return Vec::new();
    };
    let manifest: Vec<Value> = serde_json::from_slice(&manifest).expect("the manifest is a list");
    let of_shape = manifest.iter().filter(|entry| entry["shape"] == shape);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    of_shape
        .map(|entry| Entry {
            file: text(&entry["file"]),
            bytes: fs::read(folder.join(text(&entry["file"]))).expect("the file is there"),
            malformed: entry["expect"] == "malformed",
            streams: (entry["logical"].as_array().expect("a list").iter())
                .map(|stream| (text(&stream["name"]), text(&stream["sha256"])))
                .filter(|(name, _)| !DECODED.iter().any(|decoded| name.contains(decoded)))
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
pub(crate) fn named(file: &[u8], container: &Container, name: &str) -> Vec<u8> {
    let stream = container.stream(name);
    content(
        file,
        stream.unwrap_or_else(|| panic!("no {name} in {:?}", names(container))),
    )
}

/// The names of all streams.
pub(crate) fn names(container: &Container) -> Vec<&str> {
    container.streams.iter().map(|stream| &*stream.name).collect()
}

type Open = fn(&dyn Bytes) -> Result<Container, FormatError>;
type Verify = fn(&dyn Bytes, &Container) -> Result<(), FormatError>;

/// Opens every file of a shape: each stream of the manifest must come out, and what is malformed must not open.
pub(crate) fn check(shape: &str, open: Open, verify: Verify) {
    let (mut found, mut all, mut refused) = (0, 0, 0);
    for entry in files(shape) {
        let bytes = &&entry.bytes[..];
        let result = open(bytes).and_then(|container| verify(bytes, &container).map(|()| container));
        if entry.malformed {
            let error = result.expect_err(&entry.file);
            println!("{}: refused: {error}", entry.file);
            refused += 1;
            continue;
        }
        let container = result.unwrap_or_else(|error| panic!("{}: {error}", entry.file));
        let digests: Vec<String> = (container.streams.iter())
            .map(|stream| Sha256::digest(content(&entry.bytes, stream)))
            .map(|digest| {
                digest
                    .iter()
                    .flat_map(|byte| [byte >> 4, byte & 15])
                    .collect::<Vec<u8>>()
            })
            .map(|digits| {
                digits
                    .iter()
                    .filter_map(|&digit| char::from_digit(digit.into(), 16))
                    .collect()
            })
            .collect();
        println!("{}: {} streams", entry.file, container.streams.len());
        for (name, sha256) in &entry.streams {
            all += 1;
            let place = digests.iter().position(|digest| digest == sha256);
            let place =
                place.unwrap_or_else(|| panic!("{}: no {name} in {:?}", entry.file, names(&container)));
            println!("  {name} = {}", container.streams[place].name);
            found += 1;
        }
    }
    println!("{shape}: {found} of {all} streams match, {refused} malformed files refused");
}

/// Opens broken variants of a valid file: cut at every byte, and with each byte of it (up to 4096) set to other values.
/// What opens must lie in the file; a file cut before `must_fail_below` must not open.
pub(crate) fn mutate(file: &[u8], must_fail_below: usize, open: Open, verify: Verify) {
    let try_one = |bytes: &[u8]| match open(&bytes) {
        Ok(container) => {
            let mut names = names(&container);
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "two streams have one name");
            for stream in &container.streams {
                for extent in &stream.extents {
                    let end = extent.offset.unwrap_or(0) + extent.length;
                    assert!(end <= bytes.len(), "{} goes past the end", stream.name);
                }
            }
            let _ = verify(&bytes, &container);
            true
        }
        Err(error) => {
            assert!(!error.what.is_empty());
            false
        }
    };
    assert!(try_one(file), "{:?}", open(&file));
    for end in 0..file.len() {
        let opened = try_one(&file[..end]);
        assert!(!opened || end >= must_fail_below, "opened, though cut at {end}");
    }
    let mut broken = file.to_vec();
    for at in 0..file.len().min(4096) {
        for flip in [0x01, 0x80, 0xff, 0x20] {
            broken[at] ^= flip;
            try_one(&broken);
            broken[at] ^= flip;
        }
        for width in [2, 4, 8] {
            for fill in [0, 0xff, 0x7f] {
                let end = (at + width).min(file.len());
                broken[at..end].fill(fill);
                try_one(&broken);
                broken[at..end].copy_from_slice(&file[at..end]);
            }
        }
    }
}
