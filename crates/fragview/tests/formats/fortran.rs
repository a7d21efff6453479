//! Fortran unformatted files: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, fortran};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    fortran::open(bytes, Options::default())
}

use crate::broken::no_checksums as verify;

/// A subrecord between markers of 4 bytes.
fn little(before: i32, content: &[u8], after: i32) -> Vec<u8> {
    [&before.to_le_bytes()[..], content, &after.to_le_bytes()].concat()
}

#[test]
fn widths_and_byte_orders() {
    let marked = |marker: &[u8]| [marker, b"abc", marker, marker, b"def", marker].concat();
    let files = [
        marked(&3_i32.to_le_bytes()),
        marked(&3_i32.to_be_bytes()),
        marked(&3_i64.to_le_bytes()),
        marked(&3_i64.to_be_bytes()),
    ];
    for file in files {
        let container = open(&&file[..]).expect("valid");
        assert_eq!(
            names(&container),
            ["all_records_joined", "record[0]", "record[1]"]
        );
        assert_eq!(named(&file, &container, "all_records_joined"), b"abcdef");
        assert_eq!(named(&file, &container, "record[1]"), b"def");
        crate::broken::cut(&file, open, verify, |end, opened| {
            opened == (end == 0 || end == file.len() / 2)
        });
        crate::broken::change(&file, 0..2048, open, verify);
    }
}

#[test]
fn subrecords_are_joined() {
    let file = [
        little(1, b"x", 1),
        little(-2, b"ab", 2),
        little(-2, b"cd", -2),
        little(1, b"e", -1),
        little(0, b"", 0),
        little(-2, b"fg", 2),
        little(0, b"", 0),
    ]
    .concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(named(&file, &container, "record[1]"), b"abcde");
    assert_eq!(container.extents(2).unwrap().len(), 3);
    assert_eq!(named(&file, &container, "record[2]"), b"");
    assert_eq!(named(&file, &container, "record[3]"), b"fg");
    assert_eq!(named(&file, &container, "all_records_joined"), b"xabcdefg");
    crate::broken::cut(&file, open, verify, |end, opened| {
        opened == matches!(end, 0 | 9 | 38 | 46)
    });
    crate::broken::change(&file, 0..2048, open, verify);
}

#[test]
fn wide_subrecords() {
    let marked = |before: i64, content: &[u8], after: i64| {
        [&before.to_be_bytes()[..], content, &after.to_be_bytes()].concat()
    };
    let file = [marked(-1, b"a", 1), marked(2, b"bc", -2)].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(named(&file, &container, "record[0]"), b"abc");
}

#[test]
fn text_may_follow() {
    let record = little(2, b"ab", 2);
    let file = [&record[..], b"! written by main.f90\n"].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["all_records_joined", "record[0]"]);
    refused(open, b"! written by main.f90\n", "past the end");
    refused(open, &[&record[..], b"! written\0"].concat(), "past the end");
    refused(
        open,
        &[&little(-1, b"a", 1)[..], b"! written by"].concat(),
        "past the end",
    );
}

#[test]
fn what_is_refused() {
    refused(open, &little(2, b"ab", 3), "differ");
    refused(open, &little(2, b"ab", -2), "sign");
    refused(open, &little(-2, b"ab", 2), "missing");
    refused(
        open,
        &[little(-2, b"ab", 2), little(2, b"ab", 2)].concat(),
        "sign",
    );
    for marker in [i64::MIN, i64::MAX, i64::from(i32::MIN), i64::from(i32::MAX)] {
        for file in [marker.to_le_bytes().repeat(2), marker.to_be_bytes().repeat(2)] {
            assert!(open(&&file[..]).is_err());
        }
    }
    refused(open, b"abc", "truncated");
}

#[test]
fn an_empty_file_has_no_records() {
    assert_eq!(names(&open(&&b""[..]).expect("valid")), ["all_records_joined"]);
}

#[test]
fn the_corpus() {
    crate::corpus::check("fortran", "fortran", Names::Same);
}
