//! HTTP: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, http};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    http::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    http::open(bytes, Options::LENIENT)
}

use crate::broken::no_checksums as verify;

#[test]
fn messages() {
    let file = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nHEAD /b HTTP/1.1\r\n\r\nPOST /c HTTP/1.1\r\n\
        content-LENGTH: 4\r\n\r\nbody\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\
        Transfer-Encoding: gzip, chunked\r\n\r\n3;a=b\r\none\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n\
        HTTP/1.0 200 OK\n\nto the end";
    let container = open(&file).expect("valid");
    assert_eq!(
        named(file, &container, "request0/head"),
        b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    );
    assert_eq!(named(file, &container, "request2/body"), b"body");
    assert_eq!(named(file, &container, "response1/body"), b"one0123456789");
    assert!(!container.contains("response2/body"), "{:?}", names(&container));
    assert_eq!(named(file, &container, "response4/body"), b"to the end");
    assert_eq!(container.len(), 3 + 1 + 5 + 2);
}

#[test]
fn what_is_refused() {
    refused(open, b"", "no message");
    refused(open, b"hello\r\n", "no start line");
    refused(open, b"get / HTTP/1.1\r\n\r\n", "no start line");
    refused(open, b"GET / HTTP/1.1", "does not end");
    refused(open, b"GET / HTTP/1.1\r\nfield\r\n\r\n", "without a colon");
    let length = |value: &str| format!("POST / HTTP/1.1\r\nContent-Length: {value}\r\n\r\nbody");
    for value in ["4\r\nContent-Length: 5", "-4", "", "99999999999999999999"] {
        refused(
            open,
            length(value).as_bytes(),
            "lengths that differ or are invalid",
        );
    }
    let cut = length("5");
    refused(open, cut.as_bytes(), "cut off");
    let container = lenient(&cut.as_bytes()).expect("a part is there");
    assert_eq!(named(cut.as_bytes(), &container, "request0/body"), b"body");
    assert_eq!(container.faults[0].streams, ["request0/body"]);
    let chunked = |body: &str| format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
    refused(open, chunked("x\r\n").as_bytes(), "not a number");
    refused(open, chunked("1 x\r\n").as_bytes(), "not a number");
    refused(open, chunked("2\r\nabcd\r\n").as_bytes(), "line end");
    refused(open, chunked("2\r\nab\r\n0\r\n").as_bytes(), "cut off");
    refused(open, chunked("ffffffffffffffff\r\nab\r\n").as_bytes(), "cut off");
    let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(1 << 16));
    refused(open, long.as_bytes(), "does not end");
}

#[test]
fn detected() {
    let format = |file: &str| {
        fragview::formats::open(file.as_bytes(), None, Options::STRICT).map(|container| container.format)
    };
    assert_eq!(format("PROPFIND /a HTTP/1.1\r\n\r\n"), Ok("http"));
    assert_eq!(format("HTTP/1.1 200\r\n\r\n"), Ok("http"));
    assert!(format("HTTP/1.1 is a protocol\r\n").is_err());
    assert!(format("GET out\r\n").is_err());
}

#[test]
fn broken_files() {
    let file = b"GET / HTTP/1.1\r\nHost: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n";
    crate::broken::cut(file, open, verify, |end, opened| opened == (end == 27));
    crate::broken::change(file, 0..2048, open, verify);
    crate::broken::change(file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("http_chunked", "http", Names::Own);
}
