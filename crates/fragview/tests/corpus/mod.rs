//! Real files, what independent readers found in them, and the bytes of streams.

#![allow(dead_code, reason = "each test file uses a part")]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use fragview::formats::{self, Container, Options, Stream};
use fragview::geometry::Extents;
use fragview::{Bytes, Within};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::broken::Open;

/// How the manifest calls a stream.
#[derive(Clone, Copy)]
pub(crate) enum Names {
    /// As the format does.
    Same,
    /// By a name of its own: the stream is found by its digest.
    Own,
}

/// What the manifest also has and no view can show: what a decoder makes of the bytes.
const DECODED: [&str; 5] = ["decoded", "inflated", "scanlines", "array", "json"];

/// Opens every file of a shape, checksums included: each of the manifest's streams must come out, and a
/// file that is malformed, or whose bytes are not all in it as they are, must be refused.
pub(crate) fn check(shape: &str, format: &str, by: Names) {
    check_files(shape, format, by, false);
}

/// As [`check`], of files that are one with their companions, end to end.
pub(crate) fn check_joined(shape: &str, format: &str, by: Names) {
    check_files(shape, format, by, true);
}

fn check_files(shape: &str, format: &str, by: Names, joined: bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let Ok(manifest) = fs::read(folder.join("MANIFEST.json")) else {
        println!("{shape}: skipped, the corpus is not there");
        return;
    };
    let manifest: Vec<Value> = serde_json::from_slice(&manifest).expect("the manifest is a list");
    let (mut found, mut refused, mut opened) = (0, 0, 0);
    for entry in manifest.iter().filter(|entry| entry["shape"] == shape) {
        let file = entry["file"].as_str().expect("a file has a name");
        let mut bytes = fs::read(folder.join(file)).expect("the file can be read");
        let companions = entry.get("companions").and_then(Value::as_array);
        for companion in companions.into_iter().flatten().filter(|_| joined) {
            let file = companion["file"].as_str().expect("a file has a name");
            bytes.extend(fs::read(folder.join(file)).expect("the file can be read"));
        }
        let result = formats::open(
            &&bytes[..],
            Some(format),
            Options {
                verify: true,
                ..Options::default()
            },
        );
        // Blocks that are compressed come out as they are.
        if (format, entry["expect"].as_str()) == ("bgzf", Some("codec_needed")) {
            assert!(result.is_ok(), "{file}");
            opened += 1;
            continue;
        }
        // An image over another one is no view of one file.
        if entry["expect"] != "ok" || (companions.is_some() && !joined) {
            // A part that is broken and can be left out is a fault; all else is an error.
            match result {
                Err(error) => {
                    assert_eq!(error.format, format, "{file}");
                    println!("{file}: refused: {error}");
                }
                Ok(container) => {
                    assert!(!container.faults.is_empty(), "{file}: {container:?}");
                    println!("{file}: {:?}", container.faults);
                }
            }
            refused += 1;
            continue;
        }
        let container = result.unwrap_or_else(|error| panic!("{file}: {error}"));
        // By its magic a capture of TCP with TLS in it opens as TLS, and one of HTTP as a capture.
        let by_magic = formats::open(
            &&bytes[..],
            None,
            Options {
                verify: false,
                ..Options::default()
            },
        )
        .map(|container| container.format);
        assert!(
            by_magic == Ok(format)
                || matches!((format, by_magic), ("pcap", Ok("tls")) | ("http", Ok("pcap"))),
            "{file}"
        );
        opened += 1;
        let contents = container.streams().map(|stream| content(&bytes, &stream));
        let contents: Vec<_> = contents
            .map(|bytes| (bytes.len() as u64, sha256(&bytes)))
            .collect();
        for expected in entry["logical"].as_array().expect("a list of streams") {
            let name = expected["name"].as_str().expect("a stream has a name");
            if DECODED.iter().any(|decoded| name.contains(decoded)) {
                continue;
            }
            let digest = expected["sha256"].as_str().expect("a stream has a digest");
            let index = match by {
                Names::Same => container.position(name),
                Names::Own => contents.iter().position(|(_, found)| found == digest),
            };
            let index = index.unwrap_or_else(|| panic!("{file}: no {name} in {:?}", names(&container)));
            assert_eq!(
                Some(contents[index].0),
                expected["length"].as_u64(),
                "{file}: {name}"
            );
            assert_eq!(contents[index].1, digest, "{file}: {name}");
            found += 1;
        }
    }
    println!("{shape}: {found} streams of {opened} files match, {refused} files refused");
    assert!(
        opened + refused > 0,
        "{shape}: the manifest has nothing of this shape"
    );
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The bytes that the extents name.
pub(crate) fn gather(bytes: &dyn Bytes, extents: &Extents) -> Vec<u8> {
    let within = Within::new(bytes, extents);
    let mut gathered = vec![0; within.len()];
    within
        .read(0, &mut gathered)
        .expect("every extent lies in the file");
    gathered
}

/// A stream's bytes.
pub(crate) fn content(file: &[u8], stream: &Stream) -> Vec<u8> {
    gather(&file, &stream.extents)
}

/// The bytes of the stream of this name.
#[track_caller]
pub(crate) fn named(file: &[u8], container: &Container, name: &str) -> Vec<u8> {
    let Some(stream) = container.stream(name) else {
        panic!("no {name} in {:?}", names(container));
    };
    content(file, &stream)
}

/// The names of all streams.
pub(crate) fn names(container: &Container) -> Vec<String> {
    container.streams().map(|stream| stream.name).collect()
}

/// A file that must open, with a fault that holds these words.
#[track_caller]
pub(crate) fn faulty(open: Open, file: &[u8], what: &str) -> Container {
    let container = open(&file).expect(what);
    let found = container.faults.iter().any(|fault| fault.what.contains(what));
    assert!(found, "{:?}, and not {what}", container.faults);
    container
}

/// A file that must be refused for a reason that holds these words.
#[track_caller]
pub(crate) fn refused(open: Open, file: &[u8], what: &str) {
    match open(&file) {
        Ok(container) => panic!("opened, though {what}: {:?}", names(&container)),
        Err(error) => assert!(error.what.contains(what), "{error}, and not {what}"),
    }
}
