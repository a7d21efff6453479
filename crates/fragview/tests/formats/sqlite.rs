//! `SQLite`: the rules on a small database, broken ones, and the corpus. `tests/test_formats_disk.py`
//! compares with `SQLite` itself.

use crate::broken::no_checksums as verify;
use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, sqlite};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    sqlite::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    sqlite::open(bytes, Options::LENIENT)
}

/// A leaf of a table with these cells, from the page's end on; `skip` bytes stand before.
fn leaf(page: &mut [u8], skip: usize, cells: &[Vec<u8>]) {
    page[skip] = 13;
    page[skip + 4] = u8::try_from(cells.len()).unwrap();
    let mut end = page.len();
    for (index, cell) in cells.iter().enumerate() {
        end -= cell.len();
        page[end..end + cell.len()].copy_from_slice(cell);
        let pointer = u16::try_from(end).unwrap().to_be_bytes();
        page[skip + 8 + 2 * index..skip + 10 + 2 * index].copy_from_slice(&pointer);
    }
}

const SQL: &[u8; 22] = b"CREATE TABLE t(a, b/*)";

/// Pages of 512 bytes: the schema, the table `t` with the rows 1 and 7, and two pages of overflow.
fn database() -> Vec<u8> {
    let mut file = vec![0; 512 * 4];
    file[..16].copy_from_slice(b"SQLite format 3\0");
    file[16] = 2;
    file[59] = 1;
    let mut schema = vec![0, 1, 6, 23, 15, 15, 1, 57];
    schema.extend(b"tablett\x02");
    schema.extend(SQL);
    schema[0] = u8::try_from(schema.len() - 2).unwrap();
    leaf(&mut file[..512], 100, &[schema]);
    // A blob of 1200 bytes: 1205 bytes of payload, of which 39 + (1205 - 39) % 508 = 189 are in the page.
    let mut long = vec![0x89, 0x35, 7, 4, 1, 0x92, 0x6c, 5];
    long.extend([b'x'; 184]);
    long.extend([0, 0, 0, 4]);
    let short = [5, 1, 3, 15, 17, b'a', b'b', b'c'];
    let short = [vec![6], short[1..].to_vec()].concat();
    leaf(&mut file[512..1024], 0, &[short, long]);
    file[1024 + 4..1536].fill(b'z');
    file[1536..1540].copy_from_slice(&[0, 0, 0, 3]);
    file[1540..2048].fill(b'y');
    file
}

#[test]
fn rows_and_their_overflow() {
    let file = database();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["sqlite_schema/1", "t/1", "t/7", "t/7/b"]);
    assert_eq!(named(&file, &container, "t/1"), b"\x03\x0f\x11abc");
    let blob = [vec![b'x'; 184], vec![b'y'; 508], vec![b'z'; 508]].concat();
    assert_eq!(named(&file, &container, "t/7/b"), blob);
    assert_eq!(container.stream("t/7").unwrap().extents.len(), 3);
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
}

#[test]
fn what_is_refused() {
    let with = |at: usize, bytes: &[u8]| {
        let mut file = database();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    refused(open, &with(0, b"X"), "not an SQLite");
    refused(open, &with(16, &[3]), "power of two");
    refused(open, &with(20, &[200]), "usable");
    refused(open, &with(512, &[14]), "unknown type");
    refused(open, &with(516, &[255]), "more cells");
    refused(open, &with(520, &[9]), "outside its page");
    refused(open, &with(1536, &[0, 0, 0, 4]), "two uses");
    refused(open, &with(1536, &[0, 0, 0, 9]), "out of range");
    refused(open, &with(28, &[0, 0, 0, 9]), "shorter");
    let file = with(1536, &[0, 0, 0, 9]);
    let container = lenient(&&file[..]).expect("lenient");
    assert_eq!(container.byte_len(2), Some(189 + 508));
    assert_eq!(container.faults[0].streams, ["t/7"]);
}

#[test]
fn broken_files() {
    let file = database();
    for open in [open, lenient] {
        crate::broken::change(&file, 16..120, open, verify);
        crate::broken::change(&file, 440..530, open, verify);
        crate::broken::change(&file, 820..840, open, verify);
        crate::broken::change(&file, 1010..1028, open, verify);
    }
    crate::broken::cut(&file, open, verify, |_, opened| !opened);
}

#[test]
fn the_corpus() {
    crate::corpus::check("sqlite_overflow", "sqlite", Names::Own);
}
