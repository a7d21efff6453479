//! MPEG program streams: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, mpegps};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    mpegps::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    mpegps::open(bytes, Options::LENIENT)
}

use crate::broken::no_checksums as verify;

const PACK: &[u8] = b"\0\0\x01\xba\x44\0\x04\0\x04\x01\0\0\x03\xf8";

fn packet(id: u8, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16).to_be_bytes();
    [&[0, 0, 1, id], &length[..], data].concat()
}

fn file() -> Vec<u8> {
    [
        PACK,
        &packet(0xbb, &[0; 6]),
        &packet(0xe0, b"\x80\x80\x05.....vid"),
        &packet(0xbd, b"\x80\0\0\x80\x01\0\x01ac3"),
        &packet(0xbf, b"nav"),
        &packet(0xbe, b"\xff\xff"),
        b"\0\0\x01\xba\x44\0\x04\0\x04\x01\0\0\x03\xf9\xff",
        &packet(0xe0, b"\x80\0\0eo"),
        &packet(0xbd, b"\x80\0\0\xa0\x01\0\x01...pcm"),
        &packet(0xbd, b"\x80\0\0\x20sub"),
        b"\0\0\x01\xb9",
    ]
    .concat()
}

#[test]
fn packets() {
    let file = file();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        [
            "stream0_video",
            "stream1_audio",
            "stream2_audio",
            "stream3_subtitle",
            "pes_0xbf"
        ]
    );
    for (name, bytes) in [
        ("stream0_video", &b"video"[..]),
        ("stream1_audio", b"ac3"),
        ("stream2_audio", b"pcm"),
        ("stream3_subtitle", b"sub"),
        ("pes_0xbf", b"nav"),
    ] {
        assert_eq!(named(&file, &container, name), bytes, "{name}");
    }
    // MPEG-1: another pack, stuffing, a buffer's size, times.
    let file = [
        b"\0\0\x01\xba\x21\0\x01\0\x01\x80\0\x01",
        &packet(0xc0, b"\xff\xff\x40\x20\x21\0\x01\0\x01one")[..],
        &packet(0xc0, b"\x31\0\x01\0\x01\x11\0\x01\0\x01two"),
        &packet(0xc0, b"\x0fsix"),
    ]
    .concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(named(&file, &container, "stream0_audio"), b"onetwosix");
}

#[test]
fn what_is_refused() {
    let mut file = file();
    file.extend(b"what follows the end");
    assert!(open(&&file[..]).is_ok());
    refused(open, &[PACK, b"garbage"].concat(), "no pack or packet");
    refused(open, &[PACK, &packet(0xe0, b"\0\0\0")].concat(), "marker bits");
    refused(
        open,
        &[PACK, &packet(0xe0, b"\x80\0\x09")].concat(),
        "past the end",
    );
    refused(
        open,
        &[PACK, b"\0\0\x01\xba\0\0\0\0\0\0\0\0\0\0"].concat(),
        "marker bits",
    );
    let broken = [
        PACK,
        &packet(0xe0, b"\x80\0\0one"),
        b"garbage",
        PACK,
        &packet(0xe0, b"\x80\0\0two"),
    ]
    .concat();
    refused(open, &broken, "no pack or packet");
    let container = lenient(&&broken[..]).expect("packets are there");
    assert_eq!(named(&broken, &container, "stream0_video"), b"onetwo");
    let cut = &broken[..broken.len() - 1];
    assert_eq!(
        named(cut, &lenient(&cut).expect("packets are there"), "stream0_video"),
        b"onetw"
    );
}

#[test]
fn broken_files() {
    let file = [
        PACK,
        &packet(0xe0, b"\x80\x80\x05.....vid"),
        &packet(0xbd, b"\x80\0\0\x80\x01\0\x01ac3"),
    ]
    .concat();
    crate::broken::cut(&file, open, verify, |end, opened| {
        opened == (end == 14 || end == 31)
    });
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("mpegps", "mpegps", Names::Same);
}
