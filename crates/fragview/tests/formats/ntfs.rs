//! NTFS: the rules on a small volume, and broken ones. `tests/test_formats_disk.py` compares with ntfs-3g.
#![allow(
    clippy::cast_possible_truncation,
    reason = "files of the tests' own, of known sizes"
)]

use crate::broken::no_checksums as verify;
use crate::corpus::{named, names, refused};
use fragview::Bytes;
use fragview::formats::{self, Container, FormatError, Options, ntfs};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    ntfs::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    ntfs::open(bytes, Options::LENIENT)
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// An attribute with a value, or with what stands in its place.
fn attribute(kind: u32, id: u16, flags: u16, name: &str, content: &Content) -> Vec<u8> {
    let name_bytes = utf16(name);
    let (head, fields) = match content {
        Content::Value(_) => (24, false),
        Content::Runs { .. } => (64, true),
    };
    let value_at = (head + name_bytes.len()).next_multiple_of(8);
    let mut bytes = vec![0; value_at];
    put(&mut bytes, 0, &kind.to_le_bytes());
    bytes[8] = u8::from(fields);
    bytes[9] = u8::try_from(name.encode_utf16().count()).unwrap();
    put(&mut bytes, 10, &u16::try_from(head).unwrap().to_le_bytes());
    put(&mut bytes, 12, &flags.to_le_bytes());
    put(&mut bytes, 14, &id.to_le_bytes());
    put(&mut bytes, head, &name_bytes);
    match content {
        Content::Value(value) => {
            put(&mut bytes, 16, &u32::try_from(value.len()).unwrap().to_le_bytes());
            put(&mut bytes, 20, &u16::try_from(value_at).unwrap().to_le_bytes());
            bytes.extend(value);
        }
        Content::Runs { runs, size, written } => {
            put(&mut bytes, 32, &u16::try_from(value_at).unwrap().to_le_bytes());
            put(&mut bytes, 48, &size.to_le_bytes());
            put(&mut bytes, 56, &written.to_le_bytes());
            bytes.extend(*runs);
        }
    }
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let length = u32::try_from(bytes.len()).unwrap();
    put(&mut bytes, 4, &length.to_le_bytes());
    bytes
}

enum Content {
    Value(Vec<u8>),
    Runs {
        runs: &'static [u8],
        size: u64,
        written: u64,
    },
}

fn data(id: u16, name: &str, runs: &'static [u8], size: u64, written: u64) -> Vec<u8> {
    attribute(0x80, id, 0, name, &Content::Runs { runs, size, written })
}

fn file_name(parent: u8, name: &str, space: u8) -> Vec<u8> {
    let mut value = vec![0; 66];
    value[0] = parent;
    value[64] = u8::try_from(name.encode_utf16().count()).unwrap();
    value[65] = space;
    value.extend(utf16(name));
    attribute(0x30, 9, 0, "", &Content::Value(value))
}

/// A record of 1024 bytes, sealed by its update sequence.
fn record(flags: u8, base: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; 56];
    put(&mut bytes, 0, b"FILE\x30\0\x03\0");
    bytes[20] = 56;
    bytes[22] = flags;
    bytes[32] = base;
    bytes.extend(attributes.concat());
    bytes.extend([0xff; 4]);
    bytes.resize(1024, 0);
    put(&mut bytes, 48, b"\x77\x66");
    for sector in 1..3 {
        let last = sector * 512 - 2;
        let kept = [bytes[last], bytes[last + 1]];
        put(&mut bytes, 48 + sector * 2, &kept);
        put(&mut bytes, last, b"\x77\x66");
    }
    bytes
}

/// The entry of an attribute list.
fn entry(kind: u32, record: u8, id: u8) -> Vec<u8> {
    let mut entry = vec![0; 32];
    put(&mut entry, 0, &kind.to_le_bytes());
    entry[4] = 32;
    entry[7] = 26;
    entry[16] = record;
    entry[24] = id;
    entry
}

const RECORDS: u8 = 12;

/// Clusters of 512 bytes: the boot sector, the table from cluster 2 on, and clusters full of their numbers
/// behind.
fn volume(records: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut file = vec![0; 512 * 40];
    put(&mut file, 3, b"NTFS    ");
    file[12] = 2;
    file[13] = 1;
    file[48] = 2;
    file[64] = 0xf6;
    put(&mut file, 510, b"\x55\xaa");
    let table = data(
        1,
        "",
        &[0x11, 2 * RECORDS, 2, 0],
        1024 * u64::from(RECORDS),
        1024 * u64::from(RECORDS),
    );
    put(&mut file, 1024, &record(1, 0, &[file_name(5, "$MFT", 3), table]));
    put(&mut file, 1024 + 5 * 1024, &record(3, 0, &[file_name(5, ".", 3)]));
    for (number, record) in records {
        put(&mut file, 1024 + number * 1024, record);
    }
    for (number, cluster) in file
        .chunks_mut(512)
        .enumerate()
        .skip(2 + 2 * usize::from(RECORDS))
    {
        cluster.fill(u8::try_from(number).unwrap());
    }
    file
}

fn value(content: Vec<u8>) -> Vec<u8> {
    attribute(0x80, 2, 0, "", &Content::Value(content))
}

fn sample() -> Vec<u8> {
    let long: Vec<u8> = (0..700_u32).map(|index| index as u8).collect();
    let list = [entry(0x30, 9, 9), entry(0x80, 10, 4), entry(0x80, 11, 5)].concat();
    volume(&[
        (6, record(1, 0, &[file_name(5, "resident", 1), value(long)])),
        // Two clusters, a sparse one, and one before them; the last bytes were never written.
        (
            7,
            record(
                1,
                0,
                &[
                    file_name(8, "RUNS~1", 2),
                    file_name(8, "runs", 1),
                    file_name(5, "link", 1),
                    data(2, "", &[0x11, 2, 30, 0x01, 1, 0x11, 1, 0xfe, 0], 1900, 1600),
                    attribute(0x80, 3, 0, "named", &Content::Value(b"stream".to_vec())),
                ],
            ),
        ),
        (8, record(3, 0, &[file_name(5, "folder", 3)])),
        (
            9,
            record(
                1,
                0,
                &[
                    attribute(0x20, 1, 0, "", &Content::Value(list)),
                    file_name(5, "list", 1),
                ],
            ),
        ),
        (10, record(1, 9, &[data(4, "", &[0x11, 1, 35, 0], 1000, 1000)])),
        (11, record(1, 9, &[data(5, "", &[0x11, 1, 33, 0], 0, 0)])),
    ])
}

#[test]
fn files() {
    let file = sample();
    let container = formats::open(&file, None, Options::STRICT).expect("valid");
    assert_eq!(container.format, "ntfs");
    assert_eq!(
        names(&container),
        [
            "$MFT",
            "resident",
            "folder/runs",
            "link",
            "folder/runs:named",
            "link:named",
            "list"
        ]
    );
    let long: Vec<u8> = (0..700_u32).map(|index| index as u8).collect();
    assert_eq!(named(&file, &container, "resident"), long);
    let runs = [
        vec![30; 512],
        vec![31; 512],
        vec![0; 512],
        vec![28; 64],
        vec![0; 300],
    ]
    .concat();
    assert_eq!(named(&file, &container, "folder/runs"), runs);
    assert_eq!(named(&file, &container, "link"), runs);
    assert_eq!(named(&file, &container, "link:named"), b"stream");
    assert_eq!(
        named(&file, &container, "list"),
        [vec![35; 512], vec![33; 488]].concat()
    );
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
}

#[test]
fn compressed_and_encrypted_data_stay_what_they_are() {
    let content = || Content::Runs {
        runs: &[0x11, 1, 30, 0x01, 15, 0],
        size: 5000,
        written: 5000,
    };
    let file = volume(&[(
        6,
        record(
            1,
            0,
            &[
                file_name(5, "a", 1),
                attribute(0x80, 2, 1, "", &content()),
                attribute(0x80, 3, 0x4000, "s", &content()),
            ],
        ),
    )]);
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["$MFT", "a.lznt1", "a:s.efs"]);
    assert_eq!(named(&file, &container, "a.lznt1"), [30; 512]);
}

#[test]
fn what_is_refused() {
    let wrong = |attributes: &[Vec<u8>], what: &str| {
        let file = volume(&[(6, record(1, 0, attributes))]);
        refused(open, &file, what);
        assert_eq!(lenient(&&file[..]).expect("lenient").faults.len(), 1, "{what}");
    };
    wrong(
        &[file_name(5, "a", 1), data(2, "", &[0x11, 1, 39, 0], 1000, 1000)],
        "end before",
    );
    wrong(
        &[file_name(5, "a", 1), data(2, "", &[0x11, 2, 39, 0], 1000, 1000)],
        "past the end",
    );
    wrong(
        &[file_name(5, "a", 1), data(2, "", &[0x91, 1, 39, 0], 1000, 1000)],
        "an invalid data run",
    );
    wrong(
        &[file_name(7, "a", 1), value(b"x".to_vec())],
        "folder is not there",
    );
    let list = attribute(0x20, 1, 0, "", &Content::Value(entry(0x80, 5, 4)));
    wrong(&[list, file_name(5, "a", 1)], "another file");
    let itself = volume(&[
        (6, record(3, 0, &[file_name(6, "a", 1)])),
        (7, record(1, 0, &[file_name(6, "b", 1)])),
    ]);
    refused(open, &itself, "folders loop");
    // A table that says to be longer than the file, or is told twice, would make records without end.
    for runs in [&[0x11_u8, 0x7f, 2, 0][..], &[0x11, 24, 2, 0x11, 24, 0, 0]] {
        let table = data(1, "", runs, 1 << 20, 0);
        let file = volume(&[(0, record(1, 0, &[file_name(5, "$MFT", 3), table]))]);
        refused(open, &file, "longer than the file");
    }
    let mut torn = sample();
    torn[1024 + 6 * 1024 + 510] ^= 1;
    refused(open, &torn, "torn");
    refused(open, b"nothing, and more of it", "no boot sector");
}

#[test]
fn broken_files() {
    let file = sample();
    crate::broken::change(&file, 0..72, open, verify);
    crate::broken::change(&file, 1024 + 56..1024 + 250, open, verify);
    crate::broken::change(&file, 1024 + 9 * 1024 + 56..1024 + 9 * 1024 + 200, open, verify);
    crate::broken::change(
        &file,
        1024 + 7 * 1024 + 300..1024 + 7 * 1024 + 500,
        lenient,
        verify,
    );
}
