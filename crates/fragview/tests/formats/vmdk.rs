//! VMDK: the rules on small files, broken files, and the corpus.

use crate::broken::no_checksums as verify;
use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, vmdk};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    vmdk::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    vmdk::open(bytes, Options::LENIENT)
}

fn put(file: &mut [u8], at: usize, value: u32) {
    file[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// Grains of 512 bytes, 4 a table: the header, the descriptor, the directory, a table, and grains from sector
/// 4 on, each full of its sector's number.
fn image(sectors: u32, tables: &[u32], grains: &[u32], data: u8) -> Vec<u8> {
    let mut file = vec![0; 512 * (4 + usize::from(data))];
    file[..8].copy_from_slice(b"KDMV\x01\0\0\0");
    for (at, value) in [(8, 5), (12, sectors), (20, 1), (28, 1), (36, 1), (44, 4), (56, 2)] {
        put(&mut file, at, value);
    }
    file[512..544].copy_from_slice(b"# Disk\nparentCID=ffffffff\nCID=1\n");
    for (index, &table) in tables.iter().enumerate() {
        put(&mut file, 1024 + 4 * index, table);
    }
    for (index, &grain) in grains.iter().enumerate() {
        put(&mut file, 1536 + 4 * index, grain);
    }
    for (sector, bytes) in file.chunks_mut(512).enumerate().skip(4) {
        bytes.fill(u8::try_from(sector).expect("few"));
    }
    file
}

#[test]
fn grains_and_holes() {
    let file = image(10, &[3, 0, 0], &[5, 0, 4, 1], 2);
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["descriptor", "raw_disk"]);
    let mut disk = vec![0; 5120];
    disk[..512].fill(5);
    disk[1024..1536].fill(4);
    assert_eq!(named(&file, &container, "raw_disk"), disk);
    assert_eq!(
        named(&file, &container, "descriptor"),
        b"# Disk\nparentCID=ffffffff\nCID=1\n"
    );
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
}

#[test]
fn what_is_refused() {
    let valid = image(4, &[3], &[4, 0, 0, 0], 1);
    let with = |at: usize, byte: u8| {
        let mut file = valid.clone();
        file[at] = byte;
        file
    };
    for (at, byte, what) in [
        (0, 0, "not a sparse VMDK"),
        (10, 1, "compressed"),
        (77, 1, "compressed"),
        (20, 3, "power of two"),
        (44, 0, "no grains"),
        (19, 0x80, "larger than memory"),
        (58, 1, "past the end"),
        (1026, 1, "past the end"),
        (1538, 1, "past the end"),
        (529, b'0', "parent"),
    ] {
        refused(open, &with(at, byte), what);
    }
    refused(open, &image(8, &[3, 3], &[4], 1), "serves twice");
}

#[test]
fn what_is_missing_is_a_hole_leniently() {
    let mut file = image(4, &[3], &[4, 5, 0, 0], 2);
    file.truncate(512 * 5 + 100);
    let container = lenient(&&file[..]).expect("lenient");
    let mut disk = [4; 2048];
    disk[512..612].fill(5);
    disk[612..].fill(0);
    assert_eq!(named(&file, &container, "raw_disk"), disk);
    assert_eq!(container.faults.len(), 1);
    assert_eq!(container.faults[0].streams, ["raw_disk"]);
}

#[test]
fn broken_files() {
    let file = image(4, &[3], &[4, 0, 5, 0], 2);
    for open in [open, lenient] {
        crate::broken::change(&file, 0..128, open, verify);
        crate::broken::change(&file, 1024..1600, open, verify);
    }
    crate::broken::cut(&file, open, verify, |_, opened| !opened);
}

#[test]
fn the_corpus() {
    crate::corpus::check("vmdk_vhd", "vmdk", Names::Same);
}
