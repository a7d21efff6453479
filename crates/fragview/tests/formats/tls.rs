//! TLS in captures, real ones and made ones.

#![allow(clippy::cast_possible_truncation, reason = "the records are small")]

use crate::broken::no_checksums;
use crate::captures::{ACK, capture, segment, text};
use crate::corpus::Names;
use fragview::formats::{Options, pcap, tls};

const RAW: u32 = 101;
const CLIENT: &str = "stream0:10.0.0.1:99->10.0.0.2:25";
const SERVER: &str = "stream0:10.0.0.2:25->10.0.0.1:99";
const HANDSHAKE: &str = " plaintext handshake messages joined";
const DATA: &str = " application_data record bodies joined (ciphertext)";

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3], &(content.len() as u16).to_be_bytes()[..], content].concat()
}

fn message(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind], &(content.len() as u32).to_be_bytes()[1..], content].concat()
}

/// A capture of a connection, in segments of so many bytes, the second before the first.
fn file(client: &[u8], server: &[u8], size: usize) -> Vec<u8> {
    let mut packets = Vec::new();
    for (is_client, stream) in [(true, client), (false, server)] {
        packets.push(segment(is_client, 1, 1, ACK, b""));
        let first = packets.len();
        for (index, part) in stream.chunks(size).enumerate() {
            packets.push(segment(is_client, 1 + (index * size) as u32, 1, ACK, part));
        }
        if packets.len() > first + 1 {
            packets.swap(first, first + 1);
        }
    }
    capture(RAW, &packets)
}

fn streams(client: &[u8], server: &[u8]) -> Vec<(String, String)> {
    let file = file(client, server, 7);
    spoken(&file)
}

/// The TLS streams of a capture: the TCP streams come first, whole.
fn spoken(file: &[u8]) -> Vec<(String, String)> {
    let all = text(file, &tls::open(&file, Options::default()).unwrap());
    let tcp = pcap::open(&file, Options::default()).unwrap();
    assert_eq!(all[..tcp.len()], text(file, &tcp));
    all[tcp.len()..].to_vec()
}

fn named(direction: &str, kind: &str, content: &[u8]) -> (String, String) {
    (
        format!("{direction}{kind}"),
        content.iter().map(|&byte| char::from(byte)).collect(),
    )
}

#[test]
fn real_files() {
    crate::corpus::check("tls_pcap", "tls", Names::Same);
}

#[test]
fn a_message_over_records_over_segments() {
    let hello = message(1, b"a hello that is spread over three records");
    let certificate = message(11, &vec![b'c'; 40_000]);
    let client = [
        record(22, &hello[..10]),
        record(22, &hello[10..11]),
        record(22, &hello[11..]),
    ]
    .concat();
    let mut server: Vec<u8> = certificate
        .chunks(16384)
        .flat_map(|part| record(22, part))
        .collect();
    server.extend(
        [
            record(20, &[1]),
            record(22, b"encrypted"),
            record(23, b"data"),
            record(23, b""),
            record(23, b"more"),
        ]
        .concat(),
    );
    let file = file(&client, &server, 1400);
    let container = tls::open(&&file[..], Options::default()).unwrap();
    assert_eq!(
        spoken(&file),
        [
            named(CLIENT, HANDSHAKE, &hello),
            named(SERVER, HANDSHAKE, &certificate),
            named(SERVER, DATA, b"datamore"),
        ]
    );
    assert!(container.extents(3).unwrap().len() > 29);
}

#[test]
fn where_encryption_begins() {
    let hello = message(1, b"hello");
    // TLS 1.3 without a ChangeCipherSpec: application data begins it; alerts and heartbeats are passed over.
    let stream = [
        record(22, &hello),
        record(21, &[1, 0]),
        record(24, b"hb"),
        record(23, b"x"),
        record(22, b"y"),
    ]
    .concat();
    assert_eq!(
        streams(&stream, b""),
        [named(CLIENT, HANDSHAKE, &hello), named(CLIENT, DATA, b"x")]
    );
    // An unfinished message does not count, nor does an unfinished record.
    let stream = [
        record(22, &[&hello[..], &hello[..7]].concat()),
        record(23, b"x")[..5].to_vec(),
    ]
    .concat();
    assert_eq!(streams(&stream, b""), [named(CLIENT, HANDSHAKE, &hello)]);
}

#[test]
fn a_second_hello_after_a_retry() {
    let random = b"\xCF\x21\xAD\x74\xE5\x9A\x61\x11\xBE\x1D\x8C\x02\x1E\x65\xB8\x91\xC2\xA2\x11\x16\x7A\xBB\x8C\x5E\x07\x9E\x09\xE2\xC8\xA8\x33\x9C";
    let hello = message(1, b"hello");
    let retry = message(2, &[&[3, 3], &random[..], b"rest"].concat());
    let client = [
        record(22, &hello),
        record(20, &[1]),
        record(22, &hello),
        record(23, b"x"),
    ]
    .concat();
    let server = [
        record(22, &retry),
        record(20, &[1]),
        record(22, &message(2, b"hi")),
        record(23, b"y"),
    ]
    .concat();
    assert_eq!(
        streams(&client, &server),
        [
            named(CLIENT, HANDSHAKE, &[&hello[..], &hello].concat()),
            named(CLIENT, DATA, b"x"),
            named(SERVER, HANDSHAKE, &[&retry[..], &message(2, b"hi")].concat()),
            named(SERVER, DATA, b"y"),
        ]
    );
}

#[test]
fn an_old_hello() {
    let old = [&[0x80, 6, 1, 3, 1][..], b"xyz"].concat();
    let stream = [old, record(22, &message(16, b"key"))].concat();
    assert_eq!(
        streams(&stream, b""),
        [named(CLIENT, HANDSHAKE, &message(16, b"key"))]
    );
}

#[test]
fn what_is_no_record_ends_the_stream() {
    let hello = message(1, b"hello");
    for bad in [
        &b"\x16\x04\x01\0\x01x"[..],
        b"\x19\x03\x01\0\x01x",
        b"\x16\x03\x09\0\x01x",
        b"\x16\x03\x03\xFF\xFFx",
    ] {
        let stream = [&record(22, &hello)[..], bad, &record(23, b"later")].concat();
        assert_eq!(streams(&stream, b""), [named(CLIENT, HANDSHAKE, &hello)]);
    }
    // A hole in a record is one in the stream; one in a header ends it.
    let hello = record(22, &message(1, b"0123456789"));
    let packets = [
        segment(true, 1, 0, ACK, &hello[..12]),
        segment(true, 15, 0, ACK, &hello[14..]),
    ];
    let file = capture(RAW, &packets);
    let streams = spoken(&file);
    assert_eq!(streams, [named(CLIENT, HANDSHAKE, b"\x01\0\0\x0A012~~56789")]);
}

#[test]
fn refusals() {
    let none = file(b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", 100);
    let error = tls::open(&&none[..], Options::default()).unwrap_err();
    assert!(error.what.contains("no TLS"), "{error}");
    let error = tls::open(&&none[..50], Options::default()).unwrap_err();
    assert_eq!(error.format, "tls");
    assert!(tls::open(&&b"RIFF"[..], Options::default()).is_err());
}

#[test]
fn mutations() {
    let client = [
        record(22, &message(1, b"hello")),
        record(20, &[1]),
        record(23, b"data"),
    ]
    .concat();
    let server = [record(22, &message(2, &[7; 40])), record(23, b"data")].concat();
    let file = file(&client, &server, 20);
    crate::broken::cut(
        &file,
        |bytes| tls::open(bytes, Options::default()),
        no_checksums,
        |_, _| true,
    );
    crate::broken::change(
        &file,
        0..file.len(),
        |bytes| tls::open(bytes, Options::default()),
        no_checksums,
    );
}
