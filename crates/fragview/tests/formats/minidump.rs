//! Minidumps: the rules on small files, broken files, and the corpus.

use crate::broken::no_checksums as verify;
use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, minidump};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    minidump::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    minidump::open(bytes, Options::LENIENT)
}

/// A stream of this type with these numbers, then the memory.
fn dump(kind: u32, numbers: &[u32], memory: &[u8]) -> Vec<u8> {
    let length = u32::try_from(numbers.len() * 4).unwrap();
    let mut file = b"MDMP\x93\xa7\0\0".to_vec();
    let head = [1, 32, 0, 0, 0, 0, kind, length, 44];
    file.extend(head.iter().chain(numbers).flat_map(|number| number.to_le_bytes()));
    file.extend(memory);
    file
}

#[test]
fn lists() {
    // At 44 the list of 36 bytes, at 80 the memory.
    let file = dump(
        5,
        &[2, 0x3000, 0, 100, 80, 0x1000, 1, 60, 180],
        &[vec![1; 100], vec![2; 60]].concat(),
    );
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        [
            "all_memory_ranges_joined",
            "stream_0x5",
            "memory[0]",
            "memory[1]",
            "va_3000",
            "va_100001000"
        ]
    );
    assert_eq!(named(&file, &container, "va_3000"), [1; 100]);
    assert_eq!(named(&file, &container, "memory[1]"), [2; 60]);
    assert_eq!(
        named(&file, &container, "all_memory_ranges_joined"),
        [vec![1; 100], vec![2; 60]].concat()
    );
    // With 4 bytes of padding after the count.
    let aligned = dump(5, &[1, 0, 0x1000, 0, 3, 68], b"abc");
    assert_eq!(
        named(&aligned, &open(&&aligned[..]).unwrap(), "memory[0]"),
        b"abc"
    );
    // A full dump: the bytes follow each other. By the addresses the second range is the first.
    let full = dump(9, &[2, 0, 92, 0, 0x2000, 0, 3, 0, 0x1000, 0, 4, 0], b"abcdefg");
    let container = open(&&full[..]).expect("valid");
    assert_eq!(named(&full, &container, "all_memory_ranges_joined"), b"defgabc");
    // Ranges of a few bytes have no names of their own.
    assert!(container.stream("va_1000").is_none());
    assert_eq!(lenient(&&full[..]).expect("valid"), container);
}

#[test]
fn what_is_refused() {
    refused(open, b"MDMQ\x93\xa7", "not a minidump");
    refused(open, &dump(5, &[9, 0], b""), "more ranges");
    refused(open, &dump(9, &[9, 0, 0, 0], b""), "more ranges");
    let file = dump(5, &[1, 0x1000, 0, 8, 64], b"abc");
    refused(open, &file, "past the end");
    let container = lenient(&&file[..]).expect("lenient");
    assert_eq!(named(&file, &container, "memory[0]"), b"abc");
    assert_eq!(container.faults[0].streams, ["memory[0]"]);
}

#[test]
fn broken_files() {
    let file = dump(9, &[2, 0, 92, 0, 0x2000, 0, 3, 0, 0x1000, 0, 4, 0], b"abcdefg");
    for open in [open, lenient] {
        crate::broken::change(&file, 8..file.len(), open, verify);
    }
    crate::broken::cut(&file, open, verify, |_, opened| !opened);
}

#[test]
fn the_corpus() {
    crate::corpus::check("minidump", "minidump", Names::Same);
}
