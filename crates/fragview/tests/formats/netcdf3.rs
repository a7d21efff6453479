//! `NetCDF` classic: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, netcdf3};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    netcdf3::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    netcdf3::open(bytes, Options::LENIENT)
}

use crate::broken::no_checksums as verify;

fn put(file: &mut Vec<u8>, number: u32) {
    file.extend(number.to_be_bytes());
}

fn name(file: &mut Vec<u8>, name: &str) {
    put(file, name.len() as u32);
    file.extend(name.as_bytes());
    file.resize(file.len().next_multiple_of(4), 0);
}

/// Dimensions `t` (of records) and `x` of 3, and variables: a name, its dimensions, its type, its first
/// value.
fn header(records: u32, variables: &[(&str, &[u32], u32, u32)]) -> Vec<u8> {
    let mut file = b"CDF\x01".to_vec();
    put(&mut file, records);
    for number in [10, 2] {
        put(&mut file, number);
    }
    name(&mut file, "t");
    put(&mut file, 0);
    name(&mut file, "x");
    for number in [3, 12, 1] {
        put(&mut file, number);
    }
    name(&mut file, "title");
    for number in [2, 3] {
        put(&mut file, number);
    }
    file.extend(b"abc\0");
    for number in [11, variables.len() as u32] {
        put(&mut file, number);
    }
    for (text, dimensions, kind, begin) in variables {
        name(&mut file, text);
        put(&mut file, dimensions.len() as u32);
        for &dimension in *dimensions {
            put(&mut file, dimension);
        }
        for number in [0, 0, *kind, 0, *begin] {
            put(&mut file, number);
        }
    }
    file
}

/// `a(t, x)` of bytes, `b(t)` of shorts, `c(x)` of integers; two records.
fn file() -> Vec<u8> {
    let variables = |at: u32| -> Vec<u8> {
        header(
            2,
            &[
                ("a", &[0, 1], 1, at + 12),
                ("b", &[0], 3, at + 16),
                ("c", &[1], 4, at),
            ],
        )
    };
    let mut file = variables(variables(0).len() as u32);
    file.extend(*b"ccccCCCCcccc");
    file.extend(*b"aaa.bb..AAA.BB..");
    file
}

#[test]
fn variables() {
    let file = file();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["a", "b", "c"]);
    assert_eq!(named(&file, &container, "a"), b"aaaAAA");
    assert_eq!(named(&file, &container, "b"), b"bbBB");
    assert_eq!(named(&file, &container, "c"), b"ccccCCCCcccc");
    // A single record variable has no padding, and a file that is being written no number of records.
    let at = header(0, &[("a", &[0, 1], 2, 0)]).len() as u32;
    for records in [3, u32::MAX] {
        let mut file = header(records, &[("a", &[0, 1], 2, at)]);
        file.extend(*b"onetwosix");
        assert_eq!(named(&file, &open(&&file[..]).expect("valid"), "a"), b"onetwosix");
    }
    assert!(open(&&header(0, &[])[..]).is_ok());
}

#[test]
fn what_is_refused() {
    refused(open, b"CDF\x03\0\0\0\0", "signature");
    refused(open, &header(0, &[("a", &[1], 7, 100)]), "type");
    refused(
        open,
        &header(0, &[("a", &[2], 1, 100)]),
        "dimension that is not there",
    );
    refused(open, &header(0, &[("a", &[1, 0], 1, 100)]), "not the first");
    refused(open, &header(0, &[("a", &[1], 1, 1 << 30)]), "past the end");
    refused(
        open,
        &header(1000, &[("a", &[0], 1, 100)]),
        "records past the end",
    );
    refused(open, b"CDF\x01\0\0\0\0\0\0\0\x0b\0\0\0\0", "an unexpected list");
    let file = file();
    let cut = &file[..file.len() - 3];
    refused(open, cut, "past the end");
    let container = lenient(&cut).expect("values are there");
    assert_eq!(named(cut, &container, "a"), b"aaaAAA");
    assert_eq!(named(cut, &container, "b"), b"bbB");
    assert_eq!(container.faults[0].streams, ["b"]);
}

#[test]
fn broken_files() {
    let file = file();
    let least = file.len() - 2;
    crate::broken::cut(&file, open, verify, |end, opened| opened == (end >= least));
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("netcdf3_records", "netcdf3", Names::Own);
}
