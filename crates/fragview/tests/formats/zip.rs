//! ZIP: the rules on small archives, and broken ones. `tests/test_formats_disk.py` compares with `zipfile`.

use crate::broken::no_checksums as verify;
use crate::corpus::{named, names, refused};
use fragview::Bytes;
use fragview::formats::{self, Container, FormatError, Options, zip};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    zip::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    zip::open(bytes, Options::LENIENT)
}

fn numbers(parts: &[(u64, usize)]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|&(value, width)| value.to_le_bytes()[..width].to_vec())
        .collect()
}

/// An archive of files: the name, the method, the flags, the bytes; with ZIP64's fields or without.
fn archive(files: &[(&str, u64, u64, &[u8])], is_64: bool) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    let most = u64::from(u32::MAX);
    for (name, method, flags, content) in files {
        let (start, size, length) = (file.len() as u64, content.len() as u64, name.len() as u64);
        file.extend(b"PK\x03\x04");
        file.extend(numbers(&[
            (20, 2),
            (*flags, 2),
            (*method, 2),
            (0, 8),
            (size, 4),
            (size, 4),
            (length, 2),
            (3, 2),
        ]));
        file.extend(name.as_bytes());
        file.extend(b"eee");
        file.extend(*content);
        directory.extend(b"PK\x01\x02");
        directory.extend(numbers(&[(20, 2), (20, 2), (*flags, 2), (*method, 2), (0, 8)]));
        let field = if is_64 { 28 } else { 0 };
        let said = if is_64 { most } else { size };
        directory.extend(numbers(&[
            (said, 4),
            (said, 4),
            (length, 2),
            (field, 2),
            (0, 2),
            (0, 8),
        ]));
        directory.extend(numbers(&[(if is_64 { most } else { start }, 4)]));
        directory.extend(name.as_bytes());
        if is_64 {
            directory.extend(numbers(&[(1, 2), (24, 2), (size, 8), (size, 8), (start, 8)]));
        }
    }
    let (start, size, count) = (file.len() as u64, directory.len() as u64, files.len() as u64);
    file.extend(directory);
    let (mut said_count, mut said_start, mut said_size) = (count, start, size);
    if is_64 {
        let end64 = file.len() as u64;
        file.extend(b"PK\x06\x06");
        file.extend(numbers(&[
            (44, 8),
            (45, 2),
            (45, 2),
            (0, 8),
            (count, 8),
            (count, 8),
            (size, 8),
            (start, 8),
        ]));
        file.extend(b"PK\x06\x07");
        file.extend(numbers(&[(0, 4), (end64, 8), (1, 4)]));
        (said_count, said_start, said_size) = (0xffff, most, most);
    }
    file.extend(b"PK\x05\x06");
    file.extend(numbers(&[
        (0, 4),
        (said_count, 2),
        (said_count, 2),
        (said_size, 4),
        (said_start, 4),
        (7, 2),
    ]));
    file.extend(b"comment");
    file
}

const FILES: [(&str, u64, u64, &[u8]); 6] = [
    ("a.txt", 0, 0, b"Hello"),
    ("folder/", 0, 0, b""),
    ("folder/b", 8, 0, b"deflated"),
    ("../c", 0, 0, b""),
    ("d", 99, 0, b"other"),
    ("e", 0, 1, b"secret"),
];

#[test]
fn files() {
    for is_64 in [false, true] {
        let file = archive(&FILES, is_64);
        let container = formats::open(&file, None, Options::STRICT).expect("valid");
        assert_eq!(container.format, "zip");
        assert_eq!(
            names(&container),
            ["a.txt", "folder/b.deflate", "_../c", "d.method99", "e.encrypted"]
        );
        assert_eq!(named(&file, &container, "a.txt"), b"Hello");
        assert_eq!(named(&file, &container, "folder/b.deflate"), b"deflated");
        assert_eq!(lenient(&&file[..]).expect("valid"), container);
        // What stands before it, as a program that unpacks the rest.
        if !is_64 {
            let moved = [b"#!/bin/sh\n", &file[..]].concat();
            assert_eq!(
                named(&moved, &open(&&moved[..]).expect("valid"), "a.txt"),
                b"Hello"
            );
        }
    }
}

#[test]
fn what_is_refused() {
    let file = archive(&FILES, false);
    refused(open, &file[..file.len() - 8], "no end");
    let with = |at: usize, byte: u8| {
        let mut file = file.clone();
        file[at] = byte;
        file
    };
    let end = file.len() - 29;
    refused(open, &with(end + 4, 1), "several files");
    refused(open, &with(end + 10, 9), "fewer files");
    refused(open, &with(end + 14, 9), "longer than");
    refused(open, &with(end + 18, 9), "past its end");
    refused(open, &with(0, b'Q'), "no local header");
    let container = lenient(&&with(0, b'Q')[..]).expect("lenient");
    assert_eq!((container.len(), container.faults.len()), (5, 1));
}

#[test]
fn broken_files() {
    for is_64 in [false, true] {
        let file = archive(&FILES[..3], is_64);
        for open in [open, lenient] {
            crate::broken::change(&file, 20..file.len(), open, verify);
        }
        crate::broken::cut(&file, open, verify, |_, opened| !opened);
    }
}
