//! WebSocket: the rules on small buffers, and broken ones.

use crate::broken::no_checksums as verify;
use crate::corpus::{named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, websocket};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    websocket::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    websocket::open(bytes, Options::LENIENT)
}

/// A frame: its first byte, and its payload; with a key, masked.
fn frame(first: u8, payload: &[u8], key: Option<[u8; 4]>) -> Vec<u8> {
    let mask = if key.is_some() { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload.len() {
        length @ ..126 => frame.push(u8::try_from(length).unwrap() | mask),
        length @ ..65536 => {
            frame.push(0x7e | mask);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(0x7f | mask);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(key.iter().flatten());
    let key = key.unwrap_or_default();
    frame.extend(
        payload
            .iter()
            .enumerate()
            .map(|(index, byte)| byte ^ key[index % 4]),
    );
    frame
}

#[test]
fn messages() {
    let long = vec![7; 70_000];
    let file = [
        frame(0x01, b"one", None),
        frame(0x89, b"ping", None),
        frame(0x00, b"", None),
        frame(0x80, &[5; 200], None),
        frame(0x82, &long, None),
        frame(0xc1, b"deflated", None),
        frame(0x88, b"\x03\xe8", None),
    ]
    .concat();
    let container = open(&file).expect("valid");
    assert_eq!(lenient(&file).expect("valid"), container);
    assert_eq!(
        named(&file, &container, "message[0]"),
        [&b"one"[..], &[5; 200]].concat()
    );
    assert_eq!(
        named(&file, &container, "header[0]"),
        b"\x01\x03\0\0\x80\x7e\0\xc8"
    );
    assert_eq!(named(&file, &container, "message[1]"), long);
    assert_eq!(named(&file, &container, "header[2]")[0] & 0x40, 0x40);
    assert_eq!(named(&file, &container, "control[0]"), b"ping");
    assert_eq!(named(&file, &container, "control_header[1]"), b"\x88\x02");
    assert_eq!(container.len(), 3 * 2 + 2 * 2);
}

#[test]
fn masked_frames_stay_masked() {
    let handshake = b"GET /chat HTTP/1.1\r\nHost: x\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";
    let (one, two) = ([1, 2, 3, 4], [9, 8, 7, 6]);
    let file = [
        &handshake[..],
        &frame(1, b"hello ", Some(one)),
        &frame(0x80, b"world", Some(two)),
    ]
    .concat();
    let container = fragview::formats::open(&file, None, Options::STRICT).expect("valid");
    assert_eq!(container.format, "websocket");
    assert_eq!(names(&container), ["message[0].masked", "header[0]"]);
    let header = named(&file, &container, "header[0]");
    assert_eq!(header, [&[1, 0x86][..], &one, &[0x80, 0x85], &two].concat());
    let masked = named(&file, &container, "message[0].masked");
    let keys = one.iter().cycle().take(6).chain(two.iter().cycle());
    let text: Vec<_> = masked.iter().zip(keys).map(|(byte, key)| byte ^ key).collect();
    assert_eq!(text, b"hello world");
}

#[test]
fn what_is_refused() {
    refused(open, b"", "no frame");
    refused(open, b"\x83\0", "an opcode");
    refused(open, b"\xa1\0", "a flag");
    refused(open, b"\xc9\0", "a flag");
    refused(open, b"\x81\x7e\0\x05hello", "more bytes than it needs");
    refused(open, b"\x81\x7f\0\0\0\0\0\0\xff\xff", "more bytes than it needs");
    refused(open, b"\x81\x7f\xff\0\0\0\0\0\0\0", "negative");
    refused(open, b"\x09\0", "a control frame");
    refused(open, b"\x89\x7e\0\x7e", "a control frame");
    refused(open, b"\x80\0", "a part of no message");
    refused(open, b"\x01\0\x81\0", "a message within another");
    refused(open, b"\x81\0\x81\x80\0\0\0\0", "masked frames");
    refused(open, b"\x01\0", "does not end");
    refused(open, b"\x88\0\x81\0", "behind a close");
    refused(open, b"\x81\x80\0\0", "cut off");
    let cut = b"\x81\x01x\x81\x05hel";
    refused(open, cut, "cut off");
    let container = lenient(cut).expect("two messages");
    assert_eq!(named(cut, &container, "message[1]"), b"hel");
    assert_eq!(container.faults.len(), 1);
}

#[test]
fn broken_files() {
    let file = [
        frame(0x01, b"one", Some([1, 2, 3, 4])),
        frame(0x89, b"p", Some([5; 4])),
        frame(0x80, &[5; 200], Some([6; 4])),
    ]
    .concat();
    crate::broken::cut(&file, open, verify, |_, opened| !opened);
    crate::broken::change(&file, 0..40, open, verify);
    crate::broken::change(&file, 0..40, lenient, verify);
}
