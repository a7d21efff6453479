//! VHD: the rules on small files, and broken files.

use crate::broken::no_checksums as verify;
use crate::corpus::{named, names, refused};
use fragview::Bytes;
use fragview::formats::{self, Container, FormatError, Options, vhd};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    vhd::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    vhd::open(bytes, Options::LENIENT)
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

fn seal(part: &mut [u8], at: usize) {
    part[at..at + 4].fill(0);
    let sum: u32 = part.iter().map(|&byte| u32::from(byte)).sum();
    put(part, at, &(!sum).to_be_bytes());
}

fn footer(kind: u8, size: u64, header: u64) -> Vec<u8> {
    let mut footer = vec![0; 512];
    put(&mut footer, 0, b"conectix");
    put(&mut footer, 16, &header.to_be_bytes());
    put(&mut footer, 48, &size.to_be_bytes());
    footer[63] = kind;
    seal(&mut footer, 64);
    footer
}

/// A dynamic disk with blocks of 512 bytes: the footer's copy, the header, the table in sector 3, then for
/// each block a map and data.
fn dynamic(size: u64, table: &[u32], blocks: u8) -> Vec<u8> {
    let mut file = footer(3, size, 512);
    let mut header = vec![0; 1024];
    put(&mut header, 0, b"cxsparse");
    put(&mut header, 16, &1536_u64.to_be_bytes());
    put(
        &mut header,
        28,
        &u32::try_from(table.len()).unwrap().to_be_bytes(),
    );
    put(&mut header, 32, &512_u32.to_be_bytes());
    seal(&mut header, 36);
    file.extend(header);
    file.extend(table.iter().flat_map(|entry| entry.to_be_bytes()));
    file.resize(2048, 0xff);
    for block in 0..blocks {
        // A map of one sector takes a sector, all of it here.
        file.extend([0; 0]);
        file.extend([block + 1; 512]);
    }
    file.extend(footer(3, size, 512));
    file
}

#[test]
fn fixed() {
    let file = [vec![7; 1024], footer(2, 1024, u64::MAX)].concat();
    let container = formats::open(&file, None, Options::STRICT).expect("valid");
    assert_eq!(
        (container.format, names(&container)),
        ("vhd", vec!["raw_disk".to_string()])
    );
    assert_eq!(named(&file, &container, "raw_disk"), [7; 1024]);
    refused(
        open,
        &[vec![7; 512], footer(2, 1024, u64::MAX)].concat(),
        "longer than the file",
    );
}

#[test]
fn blocks_and_holes() {
    // A map of a block of one sector rounds up to no sector at all: 512 / 512 / 8 = 0 bytes.
    let file = dynamic(1300, &[5, u32::MAX, 4], 2);
    let container = open(&&file[..]).expect("valid");
    let disk = [vec![2; 512], vec![0; 512], vec![1; 276]].concat();
    assert_eq!(named(&file, &container, "raw_disk"), disk);
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
    // Without its end the footer's copy serves.
    let cut = &file[..file.len() - 400];
    refused(open, cut, "no footer");
    let container = lenient(&cut).expect("lenient");
    assert_eq!(named(cut, &container, "raw_disk"), disk);
    assert_eq!(container.faults.len(), 1);
}

#[test]
fn what_is_refused() {
    refused(open, &dynamic(1024, &[4, 4], 1), "serves twice");
    refused(open, &dynamic(1024, &[4, 900], 1), "past the end");
    refused(open, &dynamic(4096, &[4], 1), "too small");
    refused(open, &footer(4, 512, 0), "parent");
    refused(open, &footer(9, 512, 0), "unknown type");
    let mut file = footer(2, 0, 0);
    file[20] ^= 1;
    refused(open, &file, "checksum");
}

#[test]
fn broken_files() {
    let file = dynamic(1300, &[4, u32::MAX, 5], 2);
    for open in [open, lenient] {
        crate::broken::change(&file, 1536..1560, open, verify);
        crate::broken::change(&file, 512..600, open, verify);
    }
    crate::broken::cut(&file, open, verify, |_, opened| !opened);
}
