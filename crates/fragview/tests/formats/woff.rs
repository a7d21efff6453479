//! WOFF: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, woff};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    woff::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    woff::open(bytes, Options::LENIENT)
}

use crate::broken::no_checksums as verify;

fn font(tables: &[(&[u8; 4], &[u8], u32)]) -> Vec<u8> {
    let mut file = b"wOFF\0\x01\0\0".to_vec();
    file.extend([0; 36]);
    file[13] = tables.len() as u8;
    let mut at = 44 + 20 * tables.len();
    for (tag, data, whole) in tables {
        file.extend(*tag);
        for value in [at as u32, data.len() as u32, *whole, 0] {
            file.extend(value.to_be_bytes());
        }
        at += data.len().next_multiple_of(4);
    }
    for (_, data, _) in tables {
        file.extend(*data);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    let length = file.len() as u32;
    file[8..12].copy_from_slice(&length.to_be_bytes());
    file
}

#[test]
fn tables() {
    let mut file = font(&[
        (b"OS/2", b"zipped", 96),
        (b"cvt ", b"plain", 5),
        (b"gasp", b"", 0),
    ]);
    let at = file.len() as u32;
    file[36..40].copy_from_slice(&at.to_be_bytes());
    file[43] = 7;
    file.extend(b"private");
    file[11] += 7;
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["OS_2.zlib", "cvt", "gasp", "private"]);
    assert_eq!(named(&file, &container, "OS_2.zlib"), b"zipped");
    assert_eq!(named(&file, &container, "cvt"), b"plain");
    assert_eq!(named(&file, &container, "private"), b"private");
}

#[test]
fn what_is_refused() {
    let valid = font(&[(b"cvt ", b"plain", 5), (b"gasp", b"data", 4)]);
    let with = |at: usize, byte: u8| {
        let mut file = valid.clone();
        file[at] = byte;
        file
    };
    for (at, byte, what) in [
        (0, b'x', "signature"),
        (11, 0, "a length other"),
        (13, 0, "without tables"),
        (12, 1, "past the end"),
        (44, b'z', "ascend"),
        (59, 1, "longer compressed"),
        (51, 80, "within the directory"),
        (50, 1, "past the end"),
        (71, 84, "overlap"),
    ] {
        refused(open, &with(at, byte), what);
    }
    let cut = &valid[..valid.len() - 2];
    let container = lenient(&cut).expect("a part is there");
    assert_eq!(named(cut, &container, "gasp"), b"da");
    assert_eq!(container.faults.len(), 2);
}

#[test]
fn broken_files() {
    let file = font(&[(b"cvt ", b"plain", 5), (b"gasp", b"data", 4)]);
    crate::broken::cut(&file, open, verify, |_, opened| !opened);
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("woff", "woff", Names::Same);
}
