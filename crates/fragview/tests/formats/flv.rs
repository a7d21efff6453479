//! FLV: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, flv};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    flv::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    flv::open(bytes, Options::LENIENT)
}

use crate::broken::no_checksums as verify;

fn tag(kind: u8, data: &[u8]) -> Vec<u8> {
    let size = (data.len() as u32).to_be_bytes();
    let whole = (data.len() as u32 + 11).to_be_bytes();
    [&[kind], &size[1..], &[0; 7], data, &whole].concat()
}

fn file(tags: &[Vec<u8>]) -> Vec<u8> {
    [&b"FLV\x01\x05\0\0\0\x09\0\0\0\0"[..], &tags.concat()].concat()
}

#[test]
fn tags() {
    let file = file(&[
        tag(18, b"meta"),
        tag(9, b"\x17\0\0\0\0avcC"),
        tag(8, b"\xaf\0asc"),
        tag(9, b"\x17\x01\0\0\0key"),
        tag(8, b"\xaf\x01aac"),
        tag(9, b"\x57ignored"),
        tag(9, b"\x22h263"),
        tag(9, b"\x24\0vp6"),
        tag(8, b""),
        tag(9, b"\x91hvc1\0\0\0hevc"),
        tag(9, b"\x93av01av1"),
        tag(9, b"\x90av01config"),
    ]);
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        [
            "stream0_video",
            "stream0_video.packet[0]",
            "stream0_video.packet[1]",
            "stream0_video.packet[2]",
            "stream0_video.packet[3]",
            "stream0_video.packet[4]",
            "stream1_audio",
            "stream1_audio.packet[0]",
            "script[0]",
            "video_config",
            "audio_config",
            "video_config@1",
        ]
    );
    assert_eq!(named(&file, &container, "stream0_video"), b"keyh263vp6hevcav1");
    assert_eq!(named(&file, &container, "stream1_audio"), b"aac");
    assert_eq!(named(&file, &container, "video_config"), b"avcC");
    assert_eq!(named(&file, &container, "audio_config"), b"asc");
    assert_eq!(named(&file, &container, "script[0]"), b"meta");
}

#[test]
fn what_is_refused() {
    refused(open, &file(&[tag(0x29, b"x")]), "encrypted");
    refused(open, &file(&[tag(3, b"x")]), "unknown type");
    refused(open, &file(&[tag(9, b"\x96....")]), "several tracks");
    refused(open, &file(&[tag(9, b"\x27\x01")]), "too short for its header");
    let mut wrong = file(&[tag(8, b"\x2fmp3")]);
    let last = wrong.len() - 1;
    wrong[last] = 0;
    refused(open, &wrong, "size behind a tag");
    let container = lenient(&&wrong[..]).expect("the tag is there");
    assert_eq!(named(&wrong, &container, "stream0_audio"), b"mp3");
    assert_eq!(container.faults.len(), 1);
    let cut = &wrong[..last - 4];
    refused(open, cut, "past the end");
    let container = lenient(&cut).expect("a part is there");
    assert_eq!(named(cut, &container, "stream0_audio"), b"mp");
}

#[test]
fn broken_files() {
    let file = file(&[tag(18, b"meta"), tag(9, b"\x17\x01\0\0\0key"), tag(8, b"\x2fmp3")]);
    let ends = [13, 13 + 19, 13 + 19 + 23];
    crate::broken::cut(&file, open, verify, |end, opened| opened == ends.contains(&end));
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("flv", "flv", Names::Same);
}
