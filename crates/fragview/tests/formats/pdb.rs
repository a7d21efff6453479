//! PDB: the rules on small files, broken files, and the corpus.

use crate::broken::no_checksums as verify;
use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, pdb};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    pdb::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    pdb::open(bytes, Options::LENIENT)
}

/// Blocks of 512 bytes: the superblock, two maps of free blocks, the directory's map in block 3, the
/// directory in block 4, and blocks full of their numbers.
fn image(directory: &[u32], data: u8) -> Vec<u8> {
    let mut file = vec![0; 512 * (5 + usize::from(data))];
    file[..32].copy_from_slice(b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0");
    let count = u32::from(data) + 5;
    let length = u32::try_from(directory.len() * 4).unwrap();
    for (at, value) in [(32, 512), (36, 1), (40, count), (44, length), (52, 3), (1536, 4)] {
        file[at..at + 4].copy_from_slice(&u32::to_le_bytes(value));
    }
    for (index, number) in directory.iter().enumerate() {
        file[2048 + 4 * index..2052 + 4 * index].copy_from_slice(&number.to_le_bytes());
    }
    for (number, block) in file.chunks_mut(512).enumerate().skip(5) {
        block.fill(u8::try_from(number).unwrap());
    }
    file
}

#[test]
fn streams() {
    let file = image(&[4, 600, u32::MAX, 0, 5, 7, 5, 6], 3);
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["stream0", "stream2", "stream3"]);
    assert_eq!(
        named(&file, &container, "stream0"),
        [vec![7; 512], vec![5; 88]].concat()
    );
    assert_eq!(named(&file, &container, "stream2"), b"");
    assert_eq!(named(&file, &container, "stream3"), [6; 5]);
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
}

#[test]
fn what_is_refused() {
    refused(open, &image(&[2, 5, 5, 5, 5], 1), "two uses");
    refused(open, &image(&[1, 5, 9], 1), "out of range");
    refused(open, &image(&[1, 600, 5], 1), "cut off");
    refused(open, &image(&[9], 1), "more streams");
    refused(open, &image(&[1, 5, 4], 1), "two uses");
    let mut file = image(&[0], 0);
    file[33] = 3;
    refused(open, &file, "power of two");
    let file = image(&[2, 600, 5, 5, 99, 6], 2);
    let container = lenient(&&file[..]).expect("lenient");
    assert_eq!(named(&file, &container, "stream0"), [5; 512]);
    assert_eq!(named(&file, &container, "stream1"), [6; 5]);
    assert_eq!(container.faults.len(), 1);
}

#[test]
fn broken_files() {
    let file = image(&[3, 600, u32::MAX, 5, 5, 6, 7], 3);
    for open in [open, lenient] {
        crate::broken::change(&file, 32..60, open, verify);
        crate::broken::change(&file, 1536..1544, open, verify);
        crate::broken::change(&file, 2048..2080, open, verify);
    }
    crate::broken::cut(&file, open, verify, |end, opened| opened == (end >= 7 * 512 + 5));
}

#[test]
fn the_corpus() {
    crate::corpus::check("pdb_msf", "pdb", Names::Own);
}
