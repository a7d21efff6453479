//! WARC: the rules on small files, and broken files.

use crate::broken::no_checksums as verify;
use crate::corpus::{named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, warc};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    warc::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    warc::open(bytes, Options::LENIENT)
}

fn record(fields: &str, block: &str) -> String {
    let length = block.len();
    format!("WARC/1.1\r\n{fields}Content-Length: {length}\r\n\r\n{block}\r\n\r\n")
}

#[test]
fn records() {
    let http = "Content-Type: application/http; msgtype=response\r\n";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let file = [
        record("WARC-Type: warcinfo\r\n", "software: x\r\n"),
        record(http, &format!("{chunked}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")),
        record(http, &format!("{chunked}as it is")),
        record("folded: a\r\n b\r\n", ""),
    ]
    .concat();
    let file = file.as_bytes();
    let container = open(&file).expect("valid");
    assert_eq!(lenient(&file).expect("valid"), container);
    let expected = [
        "record0/head",
        "record0/block",
        "record1/head",
        "record1/block",
        "record1/payload",
        "record2/head",
        "record2/block",
        "record2/payload",
        "record3/head",
        "record3/block",
    ];
    assert_eq!(names(&container), expected);
    assert_eq!(named(file, &container, "record0/block"), b"software: x\r\n");
    assert_eq!(named(file, &container, "record1/payload"), b"abcde");
    assert_eq!(named(file, &container, "record2/payload"), b"as it is");
    assert!(named(file, &container, "record3/head").ends_with(b"b\r\nContent-Length: 0\r\n\r\n"));
    let found = fragview::formats::open(file, None, Options::STRICT);
    assert_eq!(found.expect("valid").format, "warc");
}

/// Segments are joined up to the first that is not there; those of other records lie between.
#[test]
fn segments() {
    let first = |id| format!("WARC-Record-ID: <{id}>\r\nWARC-Segment-Number: 1\r\n");
    let next = |id, number| format!("WARC-Segment-Origin-ID: <{id}>\r\nWARC-Segment-Number: {number}\r\n");
    let file = [
        record(&next("z", 2), "lost"),
        record(&first("a"), "one "),
        record(&first("b"), "eins "),
        record(&next("a", 2), "two "),
        record(&next("b", 2), "zwei"),
        record(&next("a", 3), "three"),
        record(&next("b", 4), "vier"),
        record(&first("c"), "alone"),
    ]
    .concat();
    let file = file.as_bytes();
    let container = open(&file).expect("valid");
    assert_eq!(named(file, &container, "record1/segments"), b"one two three");
    assert_eq!(named(file, &container, "record2/segments"), b"eins zwei");
    assert_eq!(container.len(), 8 * 2 + 2);
}

#[test]
fn what_is_refused() {
    refused(open, b"", "no record");
    refused(open, b"WARC/1.1", "does not end");
    refused(open, b"WARX/1.1\r\n\r\n", "no version");
    refused(open, b"WARC/1.1\r\n\r\n", "without a length");
    refused(open, b"WARC/1.1\r\nfield\r\n\r\n", "without a colon");
    for value in ["x", "-1", "", "99999999999999999999", "1\r\nContent-Length: 1"] {
        let file = format!("WARC/1.1\r\nContent-Length: {value}\r\n\r\nx\r\n\r\n");
        refused(open, file.as_bytes(), "several lengths");
    }
    let good = record("", "body");
    let cut = &good.as_bytes()[..good.len() - 6];
    refused(open, cut, "past the end");
    let container = lenient(&cut).expect("a part");
    assert_eq!(named(cut, &container, "record0/block"), b"bo");
    assert_eq!(container.faults[0].streams, ["record0/block"]);
    // A block that is longer than its length says, and junk: the next record is found.
    let junk = "\nWARC/x ".repeat(900);
    let file = [
        good.trim_end(),
        "more\r\n\r\n",
        &junk,
        "\r\n",
        &record("", "second"),
    ]
    .concat();
    refused(open, file.as_bytes(), "no two line ends");
    let container = lenient(&file.as_bytes()).expect("two");
    assert_eq!(named(file.as_bytes(), &container, "record1/block"), b"second");
}

#[test]
fn broken_files() {
    let file = [
        record("WARC-Record-ID: <a>\r\nWARC-Segment-Number: 1\r\n", "one"),
        record(
            "Content-Type: application/http\r\n",
            "HTTP/1.1 200 OK\r\n\r\nbody",
        ),
    ]
    .concat();
    let first = record("WARC-Record-ID: <a>\r\nWARC-Segment-Number: 1\r\n", "one").len();
    crate::broken::cut(file.as_bytes(), open, verify, |end, opened| {
        opened == (end == first)
    });
    crate::broken::change(file.as_bytes(), 0..2048, open, verify);
    crate::broken::change(file.as_bytes(), 0..2048, lenient, verify);
}
