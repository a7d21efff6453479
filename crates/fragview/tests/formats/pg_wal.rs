//! `PostgreSQL`'s write-ahead log: the rules on small logs, and broken ones.

use crate::corpus::{named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, pg_wal};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    pg_wal::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    pg_wal::open(bytes, Options::LENIENT)
}

const PAGE: usize = 512;
const SEGMENT: usize = 1 << 20;
const BASE: u64 = 3 << 20;

/// A log that is written record by record.
struct Log {
    file: Vec<u8>,
    last: u64,
}

impl Log {
    fn new() -> Self {
        Self {
            file: Vec::new(),
            last: 0,
        }
    }

    /// Begins a page, where one begins, in which `left` bytes of a record go on.
    fn page(&mut self, left: usize) {
        let at = self.file.len();
        if !at.is_multiple_of(PAGE) {
            return;
        }
        let is_long = at.is_multiple_of(SEGMENT);
        let flags = u8::from(left > 0) | if is_long { 2 } else { 0 };
        self.file.extend([0x13, 0xd1, flags, 0, 1, 0, 0, 0]);
        self.file.extend((BASE + at as u64).to_le_bytes());
        self.file.extend(u32::try_from(left).unwrap().to_le_bytes());
        self.file.extend([0; 4]);
        if is_long {
            self.file.extend([7; 8]);
            self.file.extend(u32::try_from(SEGMENT).unwrap().to_le_bytes());
            self.file.extend(u32::try_from(PAGE).unwrap().to_le_bytes());
        }
    }

    /// Adds a record with this content, of this manager; its bytes.
    fn record(&mut self, content: &[u8], info: u8, manager: u8) -> Vec<u8> {
        self.page(0);
        let mut record = u32::try_from(content.len() + 24).unwrap().to_le_bytes().to_vec();
        record.extend([9, 0, 0, 0]);
        record.extend(self.last.to_le_bytes());
        record.extend([info, manager, 0, 0]);
        let mut sum = [content, &record].concat();
        // CRC-32C, bit by bit.
        let mut crc = !0_u32;
        for byte in sum.drain(..) {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = crc >> 1 ^ if crc & 1 != 0 { 0x82f6_3b78 } else { 0 };
            }
        }
        record.extend((!crc).to_le_bytes());
        record.extend(content);
        self.last = BASE + self.file.len() as u64;
        let mut left = &record[..];
        while !left.is_empty() {
            self.page(left.len());
            let (part, rest) = left.split_at(left.len().min(PAGE - self.file.len() % PAGE));
            self.file.extend(part);
            left = rest;
        }
        self.file.resize(self.file.len().next_multiple_of(8), 0);
        record
    }

    /// The file, whose last page is filled with zeros.
    fn whole(&self) -> Vec<u8> {
        let mut file = self.file.clone();
        file.resize(file.len().next_multiple_of(PAGE), 0);
        file
    }
}

fn sample() -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut log = Log::new();
    let lengths = [0, 1, 400, 3, 2000, 24, 470, 5];
    let records = lengths
        .iter()
        .map(|&length: &usize| log.record(&vec![length.to_le_bytes()[0]; length], 0, 10))
        .collect();
    (log.whole(), records)
}

#[test]
fn records_over_pages() {
    let (file, records) = sample();
    let container = open(&file).expect("valid");
    assert_eq!(lenient(&file).expect("valid"), container);
    pg_wal::verify(&file, &container).expect("its checksums are right");
    assert_eq!(container.len(), records.len());
    for (index, record) in records.iter().enumerate() {
        assert_eq!(&named(&file, &container, &format!("record[{index}]")), record);
    }
    assert!(container.extents(4).expect("long").len() >= 5);
    let found = fragview::formats::open(&file, None, Options::STRICT);
    assert_eq!(found.expect("valid").format, "pg_wal");
    let mut wrong = file;
    wrong[PAGE + 100] ^= 1;
    assert!(pg_wal::verify(&wrong, &container).is_err());
}

/// A segment begins and ends within a record; two segments are one log; a switch ends the first.
#[test]
fn segments() {
    let mut log = Log::new();
    let mut records = Vec::new();
    while log.file.len() < SEGMENT {
        records.push(log.record(&[3; 10_001], 0, 10));
    }
    let last = log.record(&[4; 10], 0, 10);
    let both = log.whole();
    let (first, second) = both.split_at(SEGMENT);
    let container = open(&first).expect("valid");
    assert_eq!(container.len(), records.len());
    assert_eq!(container.name(container.len() - 1).as_deref(), Some("unfinished"));
    let start = named(first, &container, "unfinished");
    let container = open(&second).expect("valid");
    assert_eq!(names(&container), ["continued", "record[0]"]);
    let rest = named(second, &container, "continued");
    assert_eq!([start, rest].concat(), *records.last().unwrap());
    assert_eq!(named(second, &container, "record[0]"), last);
    assert_eq!(open(&both).expect("valid").len(), records.len() + 1);
    let mut log = Log::new();
    log.record(b"", 0x40, 0);
    log.file.resize(SEGMENT, 0);
    log.record(b"behind", 0, 10);
    let file = log.whole();
    let container = open(&file).expect("valid");
    assert_eq!(named(&file, &container, "record[1]")[24..], *b"behind");
}

#[test]
fn where_a_log_ends() {
    let (file, records) = sample();
    let pages = file.len() / PAGE;
    // A page that an older segment left, and one of another version.
    let page = pages - 1;
    for (at, value) in [(9, 0xee), (0, 0x01)] {
        let mut older = file.clone();
        older[page * PAGE + at] ^= value;
        let container = open(&older).expect("it ends there");
        assert!(
            container.len() < records.len() + 1 && container.faults.is_empty(),
            "{container:?}"
        );
    }
    let mut zeros = file.clone();
    zeros.resize(file.len() + 3 * PAGE, 0);
    assert_eq!(open(&zeros).expect("valid"), open(&file).expect("valid"));
    // What was written over the rest of a record that the server abandoned.
    let mut log = Log::new();
    log.record(&[1; 10], 0, 10);
    let last = log.last;
    log.record(&[2; 600], 0, 10);
    log.file.truncate(PAGE);
    log.last = last;
    let behind = log.record(b"behind", 0, 10);
    let mut file = log.whole();
    file[PAGE + 2] |= 8;
    let container = open(&file).expect("valid");
    assert_eq!(container.len(), 2);
    assert_eq!(named(&file, &container, "record[1]"), behind);
}

#[test]
fn what_is_refused() {
    let (file, records) = sample();
    let change = |at: usize, new: &[u8]| {
        let mut changed = file.clone();
        changed[at..at + new.len()].copy_from_slice(new);
        changed
    };
    refused(open, &change(0, b"\0\0"), "no first page");
    refused(open, &change(36, b"\x01"), "page's size");
    refused(open, &change(32, b"\x01"), "segment's size");
    refused(open, &change(8, b"\x08"), "no segment begins");
    refused(open, &change(40, b"\x17"), "shorter than its header");
    refused(open, &change(40 + 24 + 8, b"\x17"), "not linked");
    refused(open, &change(PAGE + 16, b"\xff"), "go on");
    refused(open, &change(PAGE, b"xx"), "no page");
    refused(open, &change(PAGE + 2, b"\x21"), "unknown flags");
    refused(open, &file[..PAGE + 100], "cut off");
    // A page that is lost takes its records with it, and no others.
    let broken = change(PAGE, b"xx");
    let container = lenient(&broken).expect("the others");
    assert!(container.len() >= 4 && !container.faults.is_empty());
    let last = named(&broken, &container, &format!("record[{}]", container.len() - 1));
    assert_eq!(&last, records.last().unwrap());
}

#[test]
fn broken_files() {
    let mut log = Log::new();
    log.record(&[1; 20], 0, 10);
    log.record(&[2; 700], 0, 10);
    let file = log.whole();
    for open in [open, lenient] {
        crate::broken::change(&file, 0..130, open, pg_wal::verify);
        crate::broken::change(&file, PAGE..PAGE + 30, open, pg_wal::verify);
        for end in 0..file.len() {
            let _ = open(&&file[..end]);
        }
    }
}
