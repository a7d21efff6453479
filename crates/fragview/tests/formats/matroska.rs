//! Matroska: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, matroska};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    matroska::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    matroska::open(bytes, Options::LENIENT)
}

use crate::broken::no_checksums as verify;

fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let size = (content.len() as u16 | 0x4000).to_be_bytes();
    [id, &size, content].concat()
}

const SEGMENT: &[u8] = b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff";
const TRACKS: &[u8] = b"\x16\x54\xae\x6b";
const CLUSTER: &[u8] = b"\x1f\x43\xb6\x75";

fn track(number: u8, kind: u8, more: &[u8]) -> Vec<u8> {
    element(b"\xae", &[&[0xd7, 0x81, number, 0x83, 0x81, kind], more].concat())
}

fn block(track: u8, flags: u8, data: &[u8]) -> Vec<u8> {
    element(b"\xa3", &[&[0x80 | track, 0, 0, flags], data].concat())
}

fn start() -> Vec<u8> {
    let stripping = element(
        b"\x6d\x80",
        &element(
            b"\x62\x40",
            &element(
                b"\x50\x34",
                &[element(b"\x42\x54", b"\x03"), element(b"\x42\x55", b"HD")].concat(),
            ),
        ),
    );
    let tracks = [
        track(1, 1, &element(b"\x63\xa2", b"avcC")),
        track(2, 2, &stripping),
    ]
    .concat();
    [
        element(b"\x1a\x45\xdf\xa3", b""),
        SEGMENT.to_vec(),
        element(b"\xec", b"void"),
        element(TRACKS, &tracks),
    ]
    .concat()
}

#[test]
fn blocks() {
    let file = [
        start(),
        element(
            CLUSTER,
            &[
                block(1, 0, b"one"),
                block(1, 2, b"\x02\x03\0twothree.."), // Xiph's: sizes 3 and 0, and the rest
                element(
                    b"\xa0",
                    &[
                        element(b"\xa1", b"\x82\0\0\x04\x01abcd"),
                        element(b"\x9b", b"\x01"),
                    ]
                    .concat(),
                ),
            ]
            .concat(),
        ),
        // A cluster whose size is not told; EBML's: 2, then one more.
        [CLUSTER, b"\xff"].concat(),
        block(1, 6, b"\x02\x82\xc0twothree"),
        element(
            b"\x19\x41\xa4\x69",
            &element(
                b"\x61\xa7",
                &[element(b"\x46\x6e", b"a/b.ttf"), element(b"\x46\x5c", b"font")].concat(),
            ),
        ),
        element(CLUSTER, &block(1, 0, b"end")),
    ]
    .concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        named(&file, &container, "stream0_video"),
        b"onetwothree..twothreeend"
    );
    assert_eq!(named(&file, &container, "stream0_video.packet[2]"), b"");
    assert_eq!(named(&file, &container, "stream0_video.packet[4]"), b"tw");
    assert_eq!(named(&file, &container, "stream0_video.packet[5]"), b"oth");
    assert_eq!(named(&file, &container, "stream0_video.packet[6]"), b"ree");
    assert_eq!(named(&file, &container, "stream1_audio"), b"HDabHDcd");
    assert_eq!(named(&file, &container, "stream0_video.config"), b"avcC");
    assert_eq!(named(&file, &container, "attachment/a_b.ttf"), b"font");
    assert_eq!(container.len(), 1 + 8 + 1 + 2 + 2, "{:?}", names(&container));
}

#[test]
fn what_is_refused() {
    let with = |cluster: &[u8]| [start(), element(CLUSTER, cluster)].concat();
    refused(open, &element(b"\x1a\x45\xdf\xa3", b""), "no segment");
    refused(
        open,
        &[element(b"\x1a\x45\xdf\xa3", b""), SEGMENT.to_vec()].concat(),
        "no tracks",
    );
    refused(open, &with(&block(3, 0, b"x")), "no header");
    refused(open, &with(b"\x00"), "no element");
    refused(open, &with(b"\xa3\x90"), "past the end");
    refused(open, &with(b"\xa0\xff"), "must have a size");
    refused(open, &with(&block(1, 4, b"\x01abc")), "do not fill");
    refused(open, &with(&block(1, 4, b"\x01")), "do not fill");
    refused(open, &with(&block(1, 2, b"\x01\x05abc")), "do not fit");
    refused(open, &with(&block(1, 2, b"\x01\xff")), "past the end");
    refused(open, &with(&block(1, 6, b"\x02\x81\x80abc")), "do not fit");
    refused(open, &with(&element(b"\xa3", b"\x81\0")), "past the end");
    let twice = [
        element(b"\x1a\x45\xdf\xa3", b""),
        SEGMENT.to_vec(),
        element(TRACKS, &[track(1, 1, b""), track(1, 1, b"")].concat()),
    ]
    .concat();
    refused(open, &twice, "two tracks");
    // A cluster of garbage, and one behind it.
    let broken = [
        with(&[block(1, 0, b"one"), vec![0; 9]].concat()),
        element(CLUSTER, &block(1, 0, b"two")),
    ]
    .concat();
    refused(open, &broken, "no element");
    let container = lenient(&&broken[..]).expect("blocks are there");
    assert_eq!(named(&broken, &container, "stream0_video"), b"onetwo");
    let cut = &broken[..broken.len() - 1];
    assert_eq!(
        named(cut, &lenient(&cut).expect("blocks are there"), "stream0_video"),
        b"onetw"
    );
}

#[test]
fn broken_files() {
    let file = [
        start(),
        element(
            CLUSTER,
            &[block(1, 2, b"\x01\x03onetwo"), block(2, 4, b"\x01abcd")].concat(),
        ),
    ]
    .concat();
    let least = start().len();
    crate::broken::cut(&file, open, verify, |end, opened| opened == (end == least));
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("matroska", "matroska", Names::Same);
}
