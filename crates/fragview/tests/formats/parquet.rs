//! Parquet: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::type_complexity,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, parquet};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    parquet::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    parquet::open(bytes, Options::LENIENT)
}

use parquet::verify;

/// A struct of fields, each a number and its value with its type.
fn fields(fields: &[(u8, u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut last = 0;
    for (number, kind, value) in fields {
        bytes.push((number - last) << 4 | kind);
        bytes.extend(value);
        last = *number;
    }
    bytes.push(0);
    bytes
}

fn number(value: i64) -> Vec<u8> {
    let mut left = ((value << 1) ^ (value >> 63)) as u64;
    let mut bytes = Vec::new();
    while left > 0x7f {
        bytes.push(left as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
    bytes
}

fn list(of: &[Vec<u8>], kind: u8) -> Vec<u8> {
    [vec![(of.len() as u8) << 4 | kind], of.concat()].concat()
}

fn text(text: &str) -> Vec<u8> {
    [&[text.len() as u8], text.as_bytes()].concat()
}

/// A page: its header, with a struct that is passed over, and its body.
fn page(kind: i64, body: &[u8]) -> Vec<u8> {
    let checksum = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(body);
    let inner = fields(&[(1, 5, number(1)), (4, 1, vec![]), (5, 9, list(&[vec![7]], 3))]);
    let header = fields(&[
        (1, 5, number(kind)),
        (2, 5, number(body.len() as i64)),
        (3, 5, number(body.len() as i64)),
        (4, 5, number(i64::from(checksum as i32))),
        (5, 12, inner),
    ]);
    [&header[..], body].concat()
}

/// A file of row groups, each the columns' pages.
fn file(groups: &[&[(&[&str], Vec<Vec<u8>>)]]) -> Vec<u8> {
    let mut file = b"PAR1".to_vec();
    let mut all = Vec::new();
    for group in groups {
        let mut columns = Vec::new();
        for (path, pages) in *group {
            let at = file.len() as i64;
            let parts: Vec<_> = path.iter().map(|part| text(part)).collect();
            let metadata = fields(&[
                (3, 8 + 1, list(&parts, 8)),
                (7, 6, number(pages.concat().len() as i64)),
                (9, 6, number(at)),
            ]);
            columns.push(fields(&[(2, 6, number(at)), (3, 12, metadata)]));
            file.extend(pages.concat());
        }
        all.push(fields(&[(1, 9, list(&columns, 12)), (2, 6, number(0))]));
    }
    let metadata = fields(&[(1, 5, number(1)), (4, 9, list(&all, 12)), (6, 8, text("us"))]);
    file.extend(&metadata);
    file.extend((metadata.len() as u32).to_le_bytes());
    file.extend(b"PAR1");
    file
}

#[test]
fn columns() {
    let file = file(&[
        &[
            (&["a"], vec![page(2, b"dict"), page(0, b"one")]),
            (&["l", "element"], vec![page(3, b"two")]),
        ],
        &[
            (&["a"], vec![page(0, b"three"), page(0, b"four")]),
            (&["l", "element"], vec![page(1, b"index")]),
        ],
    ]);
    let container = open(&&file[..]).expect("valid");
    assert_eq!(named(&file, &container, "a"), b"onethreefour");
    assert_eq!(named(&file, &container, "a.dictionary[0]"), b"dict");
    assert_eq!(named(&file, &container, "a.page[2]"), b"four");
    assert_eq!(named(&file, &container, "l/element"), b"two");
    assert_eq!(container.len(), 2 + 1 + 3 + 1, "{:?}", names(&container));
    verify(&&file[..], &container).expect("the checksums are right");
}

#[test]
fn what_is_refused() {
    let valid = file(&[&[(&["a"], vec![page(0, b"one"), page(0, b"two")])]]);
    let with = |at: usize, byte: u8| {
        let mut file = valid.clone();
        file[at] = byte;
        file
    };
    let end = valid.len();
    refused(open, &with(0, b'x'), "signature");
    refused(open, &with(end - 1, b'E'), "encrypted");
    refused(open, &with(end - 1, b'x'), "no magic");
    refused(open, &with(end - 6, 1), "longer than the file");
    refused(open, b"PAR1PAR1", "too short");
    refused(open, &file(&[]), "no columns");
    let two = file(&[&[(&["a"], vec![])], &[(&["a"], vec![]), (&["b"], vec![])]]);
    refused(open, &two, "columns differ");
    // The second page is longer than the column.
    let second = 4 + page(0, b"one").len();
    let broken = with(second + 5, 40);
    refused(open, &broken, "past the end");
    let container = lenient(&&broken[..]).expect("a page is there");
    assert_eq!(named(&broken, &container, "a"), b"one");
    assert_eq!(container.faults.len(), 1);
    let flipped = with(second - 1, b'x');
    let error = verify(&&flipped[..], &open(&&flipped[..]).expect("valid")).expect_err("a wrong CRC");
    assert_eq!(error.offset, second - 3);
    // Lists in lists, without end.
    let mut deep = b"PAR1\x19".to_vec();
    deep.extend([0x19; 100]);
    deep.extend(101_u32.to_le_bytes());
    deep.extend(b"PAR1");
    refused(open, &deep, "nested too deep");
}

#[test]
fn broken_files() {
    let file = file(&[&[(&["a"], vec![page(2, b"dict"), page(0, b"one")])]]);
    crate::broken::cut(&file, open, verify, |_, opened| !opened);
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("parquet", "parquet", Names::Own);
}
