//! VDI: the rules on small files, and broken files.

use crate::broken::no_checksums as verify;
use crate::corpus::{named, refused};
use fragview::Bytes;
use fragview::formats::{self, Container, FormatError, Options, vdi};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    vdi::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    vdi::open(bytes, Options::LENIENT)
}

/// A disk with blocks of 64 bytes behind 8 bytes of their own, from 1024 on.
fn image(size: u32, table: &[u32], blocks: u8) -> Vec<u8> {
    let mut file = vec![0; 1024];
    let count = u32::try_from(table.len()).unwrap();
    for (at, value) in [
        (64, 0xbeda_107f),
        (68, 0x1_0001),
        (76, 1),
        (340, 512),
        (344, 1024),
        (368, size),
        (376, 64),
        (380, 8),
        (384, count),
    ] {
        file[at..at + 4].copy_from_slice(&u32::to_le_bytes(value));
    }
    for (index, entry) in table.iter().enumerate() {
        file[512 + 4 * index..516 + 4 * index].copy_from_slice(&entry.to_le_bytes());
    }
    for block in 0..blocks {
        file.extend([0xee; 8]);
        file.extend([block + 1; 64]);
    }
    file
}

#[test]
fn blocks_and_holes() {
    let file = image(230, &[1, u32::MAX, u32::MAX - 1, 0], 2);
    let container = formats::open(&file, None, Options::STRICT).expect("valid");
    assert_eq!(container.format, "vdi");
    let disk = [vec![2; 64], vec![0; 128], vec![1; 38]].concat();
    assert_eq!(named(&file, &container, "raw_disk"), disk);
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
    let cut = &file[..file.len() - 10];
    let container = lenient(&cut).expect("lenient");
    assert_eq!(
        named(cut, &container, "raw_disk")[..64],
        [vec![2; 54], vec![0; 10]].concat()
    );
    assert_eq!(container.faults.len(), 1);
}

#[test]
fn what_is_refused() {
    refused(open, &image(128, &[0, 0], 1), "serves twice");
    refused(open, &image(128, &[0, 7], 1), "past the end");
    refused(open, &image(512, &[0], 1), "too small");
    for (at, byte, what) in [
        (64, 0, "signature"),
        (70, 2, "version"),
        (76, 4, "parent"),
        (76, 7, "unknown type"),
    ] {
        let mut file = image(64, &[0], 1);
        file[at] = byte;
        refused(open, &file, what);
    }
}

#[test]
fn broken_files() {
    let file = image(230, &[1, u32::MAX, u32::MAX - 1, 0], 2);
    for open in [open, lenient] {
        crate::broken::change(&file, 336..400, open, verify);
        crate::broken::change(&file, 512..530, open, verify);
    }
    crate::broken::cut(&file, open, verify, |_, opened| !opened);
}
