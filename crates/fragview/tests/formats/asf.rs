//! ASF: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, asf};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    asf::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    asf::open(bytes, Options::LENIENT)
}

use crate::broken::no_checksums as verify;

const HEADER: &[u8; 16] = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const DATA: &[u8; 16] = b"\x36\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const FILE: &[u8; 16] = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65";
const STREAM: &[u8; 16] = b"\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65";
const EXTENSION: &[u8; 16] = b"\xb5\x03\xbf\x5f\x2e\xa9\xcf\x11\x8e\xe3\x00\xc0\x0c\x20\x53\x65";
const EXTENDED: &[u8; 16] = b"\xcb\xa5\xe6\x14\x72\xc6\x32\x43\x83\x99\xa9\x69\x52\x06\x5b\x5a";
const VIDEO: &[u8; 16] = b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
const AUDIO: &[u8; 16] = b"\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
const PACKET: usize = 64;

fn object(kind: &[u8; 16], content: &[u8]) -> Vec<u8> {
    [&kind[..], &(content.len() as u64 + 24).to_le_bytes(), content].concat()
}

fn stream(kind: &[u8; 16], number: u8) -> Vec<u8> {
    object(STREAM, &[&kind[..], &[0; 32], &[number, 0], &[0; 4]].concat())
}

fn file(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut properties = vec![0; 80];
    properties[68] = PACKET as u8;
    properties[72] = PACKET as u8;
    let mut extended = vec![0; 64];
    extended[60] = 1; // a name
    extended[62] = 1; // and a system of extensions
    extended.extend(b"\0\0\x02\0n\0");
    extended.extend([&[0; 18][..], &[1, 0, 0, 0, 9]].concat());
    extended.extend(stream(AUDIO, 2));
    let extension = [vec![0; 22], object(EXTENDED, &extended)].concat();
    let header = [
        object(FILE, &properties),
        stream(VIDEO, 1),
        object(EXTENSION, &extension),
    ]
    .concat();
    let header = object(HEADER, &[&[3, 0, 0, 0, 1, 2], &header[..]].concat());
    let start = [&[0; 16][..], &(packets.len() as u64).to_le_bytes(), &[1, 1]].concat();
    [header, object(DATA, &[start, packets.concat()].concat())].concat()
}

/// A packet of several payloads, each with a length of 2 bytes; filled up with padding.
fn packet(payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut packet = b"\x82\0\0\x09\x5d\0".to_vec(); // error correction; several payloads, padding of a byte
    packet.extend([0; 6]);
    packet.push(0x80 | payloads.len() as u8);
    packet.extend(payloads.concat());
    packet[5] = (PACKET - packet.len()) as u8;
    packet.resize(PACKET, 0);
    packet
}

fn payload(stream: u8, object: u8, offset: u32, size: u32, data: &[u8]) -> Vec<u8> {
    let mut payload = vec![stream, object];
    payload.extend(offset.to_le_bytes());
    payload.push(8);
    payload.extend(size.to_le_bytes());
    payload.extend([0; 4]);
    payload.extend((data.len() as u16).to_le_bytes());
    payload.extend(data);
    payload
}

fn valid() -> Vec<u8> {
    // Several media objects in one payload: each after its length.
    let several = b"\x02\x00\0\0\0\0\x01\x05\x09\0\x03one\x04four".to_vec();
    file(&[
        packet(&[payload(1, 0, 0, 5, b"vid"), several]),
        packet(&[payload(1, 0, 3, 5, b"eo"), payload(1, 1, 0, 3, b"end")]),
    ])
}

#[test]
fn payloads() {
    let file = valid();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        [
            "stream0_video",
            "stream0_video.packet[0]",
            "stream0_video.packet[1]",
            "stream1_audio",
            "stream1_audio.packet[0]",
            "stream1_audio.packet[1]",
        ]
    );
    assert_eq!(named(&file, &container, "stream0_video.packet[0]"), b"video");
    assert_eq!(named(&file, &container, "stream0_video"), b"videoend");
    assert_eq!(named(&file, &container, "stream1_audio.packet[1]"), b"four");
}

#[test]
fn what_is_refused() {
    refused(open, &HEADER[..], "truncated");
    refused(open, &file(&[packet(&[payload(3, 0, 0, 1, b"x")])]), "no header");
    refused(open, &file(&[packet(&[payload(1, 0, 0, 2, b"x")])]), "not whole");
    refused(
        open,
        &file(&[packet(&[payload(1, 0, 1, 2, b"x")])]),
        "the parts before it",
    );
    refused(
        open,
        &file(&[packet(&[payload(1, 0, 0, 1, b"xy")])]),
        "longer than its media object",
    );
    let mut wrong = packet(&[]);
    wrong[5] = 99;
    refused(open, &file(&[wrong]), "more padding");
    let mut wrong = packet(&[]);
    wrong[4] = 0;
    refused(open, &file(&[wrong]), "stream numbers");
    let mut wrong = packet(&[]);
    wrong[0] = 0x92;
    refused(open, &file(&[wrong]), "unknown kind");
    let mut sizes = valid();
    sizes[30 + 24 + 68] = 1;
    refused(open, &sizes, "several sizes");
    // The second packet is damaged.
    let mut broken = valid();
    let second = broken.len() - PACKET;
    broken[second] = 0xff;
    refused(open, &broken, "unknown kind");
    let container = lenient(&&broken[..]).expect("a packet is there");
    assert_eq!(named(&broken, &container, "stream0_video"), b"vid");
    assert_eq!(container.faults.len(), 2);
}

#[test]
fn broken_files() {
    let file = valid();
    crate::broken::cut(&file, open, verify, |_, opened| !opened);
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("asf", "asf", Names::Same);
}
