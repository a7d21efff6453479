//! `LevelDB` and `RocksDB` logs: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, faulty, named, names, refused};
use crc::{CRC_32_ISCSI, Crc};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, leveldb_log};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    leveldb_log::open(bytes, Options::default())
}

use leveldb_log::verify;

const BLOCK: usize = 32 * 1024;

/// A physical record; with the log's number, one of a recycled log.
fn record(kind: u8, number: Option<u32>, content: &[u8]) -> Vec<u8> {
    let number = number.map_or(vec![], |number| number.to_le_bytes().to_vec());
    let covered = [&[kind][..], &number, content].concat();
    let crc = Crc::<u32>::new(&CRC_32_ISCSI).checksum(&covered);
    let crc = crc.rotate_right(15).wrapping_add(0xa282_ead8);
    let length = u16::try_from(content.len()).expect("short");
    [&crc.to_le_bytes()[..], &length.to_le_bytes(), &covered].concat()
}

fn plain(kind: u8, content: &[u8]) -> Vec<u8> {
    record(kind, None, content)
}

#[test]
fn parts_are_joined_over_blocks() {
    let first = plain(2, &vec![1; BLOCK - 7]);
    let middle = plain(3, &vec![2; BLOCK - 7]);
    // After the last part 6 bytes are left of the block, too few for a header.
    let last = plain(4, &vec![3; BLOCK - 13]);
    let file = [first, middle, last, vec![0; 6], plain(1, b"full")].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        ["all_records_joined", "record[0]", "record[1]"]
    );
    assert_eq!(container.extents(1).unwrap().len(), 3);
    let record = named(&file, &container, "record[0]");
    assert_eq!(
        (record.len(), record[BLOCK - 8], record[BLOCK - 7]),
        (3 * BLOCK - 27, 1, 2)
    );
    assert_eq!(named(&file, &container, "record[1]"), b"full");
    verify(&&file[..], &container).expect("the checksums are right");
}

#[test]
fn an_empty_first_part_fits_the_end_of_a_block() {
    let begin = plain(1, &vec![1; BLOCK - 14]);
    let file = [&begin[..], &plain(2, b""), &plain(4, b"rest")].concat();
    assert_eq!(
        named(&file, &open(&&file[..]).expect("valid"), "record[1]"),
        b"rest"
    );
    // Old writers began again in the next block.
    let file = [&begin[..], &plain(2, b""), &plain(1, b"again")].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        (container.len(), named(&file, &container, "record[1]")),
        (3, b"again".to_vec())
    );
}

#[test]
fn zeros_were_never_written() {
    let mut file = plain(1, b"one");
    let short = [&file[..], &[0; 3]].concat();
    assert_eq!(open(&&short[..]).expect("valid").len(), 2);
    file.resize(2 * BLOCK, 0);
    file.extend(plain(1, b"two"));
    let container = open(&&file[..]).expect("valid");
    assert_eq!(named(&file, &container, "all_records_joined"), b"onetwo");
    let mut file = plain(2, b"one");
    file.resize(BLOCK, 0);
    file.extend(plain(4, b"two"));
    refused(open, &file, "zeros within");
}

#[test]
fn a_recycled_log_ends_where_the_older_one_shows() {
    let recycled = |kind, number, content: &[u8]| record(kind, Some(number), content);
    let new = [
        recycled(5, 9, b"one"),
        recycled(6, 9, b"tw"),
        recycled(8, 9, b"o"),
    ]
    .concat();
    let expect = |old: &[u8]| {
        let file = [&new[..], old].concat();
        let container = open(&&file[..]).expect("valid");
        assert_eq!(names(&container).len(), 3);
        assert_eq!(named(&file, &container, "record[1]"), b"two");
        verify(&&file[..], &container).expect("the checksums are right");
    };
    expect(b"");
    expect(&recycled(5, 8, b"older"));
    expect(&recycled(5, 8, b"older")[..9]);
    expect(&plain(1, b"older"));
    expect(b"\xff\xff\xff\xff\xff\xff\x05\xff\xff\xff\xffa part of an older record");
    expect(&[0; 50]);
    // A torn tail is no corruption.
    for torn in [&recycled(6, 9, b"t")[..], &recycled(5, 9, b"three")[..14]] {
        let container = faulty(open, &[&new[..], torn].concat(), "last record is cut off");
        assert_eq!(names(&container).len(), 3);
    }
    refused(
        open,
        &[plain(1, b"one"), recycled(5, 9, b"two")].concat(),
        "recyclable",
    );
}

#[test]
fn records_about_the_log_are_passed_over() {
    let file = [plain(10, b"sizes"), plain(130, b"before"), plain(1, b"one")].concat();
    assert_eq!(names(&open(&&file[..]).expect("valid")).len(), 2);
    let number = Some(4);
    let file = [record(5, number, b"one"), record(11, number, b"sizes")].concat();
    assert_eq!(names(&open(&&file[..]).expect("valid")).len(), 2);
    refused(open, &plain(9, b"\x02"), "compressed");
}

#[test]
fn values_of_batches() {
    let batch = |count: u8, writes: &[&[u8]]| {
        let writes = writes.concat();
        plain(
            1,
            &[&[1, 0, 0, 0, 0, 0, 0, 0, count, 0, 0, 0], &writes[..]].concat(),
        )
    };
    let put = b"\x01\x01k\x05value";
    let of_family = b"\x05\x80\x01\x03key\x01v";
    let other = [
        &b"\x00\x01k"[..],
        b"\x04\x02\x01k",
        b"\x0f\x01a\x01b",
        b"\x03\x02hi",
    ];
    let file = [
        batch(1, &[put]),
        batch(5, &[put, of_family, other[0], other[1], other[2], other[3]]),
    ]
    .concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(named(&file, &container, "values_joined"), b"valuevaluev");
    // A wrong count, an unknown write, a string past the end: no batch.
    for writes in [
        batch(2, &[put]),
        batch(1, &[b"\x7f"]),
        batch(1, &[b"\x01\x01k\x06value"]),
    ] {
        let container = open(&&writes[..]).expect("valid");
        assert!(container.stream("values_joined").is_none());
    }
}

#[test]
fn what_is_refused() {
    let one = plain(1, b"one");
    refused(open, &plain(3, b"x"), "without its first part");
    refused(
        open,
        &[&one[..], &plain(4, b"x")].concat(),
        "without its first part",
    );
    refused(open, &[plain(2, b"x"), plain(1, b"y")].concat(), "within another");
    refused(open, &[plain(2, b"x"), plain(2, b"y")].concat(), "within another");
    faulty(open, &plain(2, b"x"), "cut off");
    refused(open, &plain(12, b"x"), "not known");
    refused(open, &plain(0, b"x"), "not known");
    let mut long = one.clone();
    (long[4], long[5]) = (0xf9, 0x7f);
    faulty(open, &long, "cut off");
    // Not in the last block.
    (long[4], long[5]) = (0xff, 0xff);
    faulty(open, &long, "cut off");
    long.resize(32 * 1024 + 1, 0);
    refused(open, &long, "past its block");
}

#[test]
fn broken_files() {
    let file = [plain(1, b"one"), plain(2, b"t"), plain(3, b"w"), plain(4, b"o")].concat();
    crate::broken::cut(&file, open, verify, |_, opened| opened);
    crate::broken::change(&file, 0..2048, open, verify);
    let mut flipped = file.clone();
    for at in [6, 9, 17] {
        flipped[at] ^= 0x80;
        let result = open(&&flipped[..]).and_then(|container| verify(&&flipped[..], &container));
        assert!(result.is_err(), "a flipped bit at {at}");
        flipped[at] ^= 0x80;
    }
}

#[test]
fn the_corpus() {
    crate::corpus::check("leveldb_log", "leveldb_log", Names::Same);
    crate::corpus::check("rocksdb_wal", "leveldb_log", Names::Same);
}
