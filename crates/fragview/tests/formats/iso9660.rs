//! ISO 9660: the rules on small images, and broken ones. `tests/test_formats_disk.py` compares with xorriso.
#![allow(
    clippy::large_stack_arrays,
    reason = "files of the tests' own, of known sizes"
)]

use crate::broken::no_checksums as verify;
use crate::corpus::{named, names, refused};
use fragview::Bytes;
use fragview::formats::{self, Container, FormatError, Options, iso9660};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    iso9660::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    iso9660::open(bytes, Options::LENIENT)
}

const SECTOR: usize = 2048;

fn record(sector: u8, length: u16, flags: u8, name: &[u8], more: &[u8]) -> Vec<u8> {
    let mut record = vec![0; (33 + name.len()).next_multiple_of(2)];
    record.extend(more);
    record[0] = u8::try_from(record.len()).unwrap();
    record[2] = sector;
    record[10..12].copy_from_slice(&length.to_le_bytes());
    record[25] = flags;
    record[32] = u8::try_from(name.len()).unwrap();
    record[33..33 + name.len()].copy_from_slice(name);
    record
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Descriptors from sector 16 on, the root in sector 19, a folder in 20, Joliet's root in 21, and data.
fn image(root: &[Vec<u8>], folder: &[Vec<u8>], joliet: Option<&[Vec<u8>]>) -> Vec<u8> {
    let mut file = vec![0; SECTOR * 26];
    put(&mut file, 16 * SECTOR, b"\x01CD001");
    put(&mut file, 17 * SECTOR, b"\x02CD001");
    put(&mut file, 18 * SECTOR, b"\xffCD001");
    for (descriptor, sector) in [(16, 19), (17, 21)] {
        file[descriptor * SECTOR + 129] = 8;
        put(
            &mut file,
            descriptor * SECTOR + 156,
            &record(sector, 2048, 2, b"\0", b""),
        );
    }
    if joliet.is_some() {
        put(&mut file, 17 * SECTOR + 88, b"%/E");
    }
    for (sector, records) in [(19, root), (20, folder), (21, joliet.unwrap_or(&[]))] {
        put(&mut file, sector * SECTOR, &records.concat());
    }
    for sector in 22..26 {
        file[sector * SECTOR..(sector + 1) * SECTOR].fill(u8::try_from(sector).unwrap());
    }
    file
}

fn itself(more: &[u8]) -> Vec<u8> {
    record(19, 2048, 2, b"\0", more)
}

fn sample() -> Vec<u8> {
    image(
        &[
            itself(b""),
            record(19, 2048, 2, b"\x01", b""),
            record(22, 2048, 0x80, b"BIG.BIN;1", b""),
            record(24, 100, 0, b"BIG.BIN;1", b""),
            record(20, 2048, 2, b"FOLDER", b""),
            record(23, 5, 0, b"A.;1", b""),
        ],
        &[record(25, 3, 0, b"B.TXT;2", b"")],
        None,
    )
}

#[test]
fn files() {
    let file = sample();
    let container = formats::open(&file, None, Options::STRICT).expect("valid");
    assert_eq!(container.format, "iso9660");
    assert_eq!(names(&container), ["BIG.BIN", "A", "FOLDER/B.TXT"]);
    assert_eq!(
        named(&file, &container, "BIG.BIN"),
        [vec![22; 2048], vec![24; 100]].concat()
    );
    assert_eq!(named(&file, &container, "FOLDER/B.TXT"), [25; 3]);
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
}

#[test]
fn longer_names() {
    let plain = [itself(b""), record(22, 1, 0, b"A.;1", b"")];
    let joliet = [itself(b""), record(22, 1, 0, b"\0\xe4\0 \0b", b"")];
    let file = image(&plain, &[], Some(&joliet));
    assert_eq!(names(&open(&&file[..]).expect("valid")), ["ä b"]);
    // Rock Ridge comes first; the name goes on in another area.
    let mut area = *b"CE\x1c\x01\x19\0\0\0____\0\0\0\0____\x07\0\0\0____";
    area[8..12].fill(0);
    let more = [&b"NM\x08\x01\x01abc"[..], &area].concat();
    let plain = [itself(b"SP\x07\x01\xbe\xef\0"), record(22, 1, 0, b"A.;1", &more)];
    let mut file = image(&plain, &[], Some(&joliet));
    put(&mut file, 25 * SECTOR, b"NM\x07\x01\0de");
    assert_eq!(names(&open(&&file[..]).expect("valid")), ["abcde"]);
}

#[test]
fn what_is_refused() {
    refused(open, &[0; 40000], "no primary");
    let wrong = |records: &[Vec<u8>], what: &str| {
        let mut all = vec![itself(b"")];
        all.extend_from_slice(records);
        refused(open, &image(&all, &[], None), what);
    };
    wrong(&[record(200, 5, 0, b"A", b"")], "past the end");
    wrong(&[record(19, 2048, 2, b"A", b"")], "two places");
    wrong(&[record(200, 2048, 2, b"A", b"")], "past the end");
    let mut interleaved = record(22, 5, 0, b"A", b"");
    interleaved[26] = 1;
    wrong(&[interleaved], "interleaved");
    let mut long = record(22, 5, 0, b"A", b"");
    long[32] = 99;
    wrong(&[long], "does not fit");
    let file = image(&[itself(b""), record(25, 4000, 0, b"A", b"")], &[], None);
    let container = lenient(&&file[..]).expect("lenient");
    assert_eq!(named(&file, &container, "A"), [25; 2048]);
    assert_eq!(container.faults[0].streams, ["A"]);
}

#[test]
fn broken_files() {
    let file = sample();
    for open in [open, lenient] {
        crate::broken::change(&file, 16 * SECTOR + 128..16 * SECTOR + 190, open, verify);
        crate::broken::change(&file, 19 * SECTOR..19 * SECTOR + 240, open, verify);
    }
}
