//! BGZF: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, bgzf};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    bgzf::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    bgzf::open(bytes, Options::LENIENT)
}

use bgzf::verify;

fn block(deflate: &[u8], crc: u32, length: u32) -> Vec<u8> {
    let mut file = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0".to_vec();
    file.extend((deflate.len() as u16 + 25).to_le_bytes());
    file.extend(deflate);
    file.extend(crc.to_le_bytes());
    file.extend(length.to_le_bytes());
    file
}

fn stored(parts: &[&[u8]]) -> Vec<u8> {
    let mut deflate = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        deflate.push(u8::from(index + 1 == parts.len()));
        deflate.extend((part.len() as u16).to_le_bytes());
        deflate.extend((!(part.len() as u16)).to_le_bytes());
        deflate.extend(*part);
    }
    let data = parts.concat();
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&data);
    block(&deflate, crc, data.len() as u32)
}

fn end() -> Vec<u8> {
    block(b"\x03\0", 0, 0)
}

#[test]
fn blocks() {
    let file = [stored(&[b"one", b"two"]), stored(&[b"three"]), end()].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        ["block[0]", "block[1]", "block[2]", "decompressed"]
    );
    assert_eq!(named(&file, &container, "decompressed"), b"onetwothree");
    assert_eq!(named(&file, &container, "block[0]"), b"onetwo");
    let file = [stored(&[b"one"]), block(b"\x4b\x04\0", 0xe8b7_be43, 1), end()].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["block[0]", "block[1].deflate", "block[2]"]);
    assert_eq!(named(&file, &container, "block[1].deflate"), b"\x4b\x04\0");
}

#[test]
fn what_is_refused() {
    let valid = stored(&[b"one"]);
    refused(
        open,
        &[&valid[..], b"\x1f\x8b\x08\0", &[0; 20]].concat(),
        "no block",
    );
    let mut wrong = valid.clone();
    wrong[21] = 0;
    refused(open, &wrong, "length of a stored block");
    let mut wrong = valid.clone();
    wrong[30] = 9;
    refused(open, &wrong, "a length other");
    let mut wrong = valid.clone();
    wrong[12] = b'X';
    refused(open, &wrong, "how long it is");
    let mut wrong = valid.clone();
    wrong[24] = b'O';
    let error = verify(&&wrong[..], &open(&&wrong[..]).expect("valid")).expect_err("a wrong CRC");
    assert!(error.what.contains("CRC"));
    // Garbage between blocks.
    let file = [&valid[..], b"garbage", &stored(&[b"two"])].concat();
    refused(open, &file, "no block");
    let container = lenient(&&file[..]).expect("blocks are there");
    assert_eq!(names(&container), ["block[0]", "block[1]"]);
    assert_eq!(container.faults.len(), 1);
}

#[test]
fn broken_files() {
    let file = [
        stored(&[b"one", b"two"]),
        block(b"\x4b\x04\0", 0xe8b7_be43, 1),
        end(),
    ]
    .concat();
    let ends = [file.len() - 28, file.len() - 28 - 29];
    crate::broken::cut(&file, open, verify, |end, opened| opened == ends.contains(&end));
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("bgzf", "bgzf", Names::Same);
}
