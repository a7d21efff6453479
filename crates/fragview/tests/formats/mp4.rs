//! MP4: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    clippy::trivially_copy_pass_by_ref,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, mp4};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    mp4::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    mp4::open(bytes, Options::LENIENT)
}

use crate::broken::no_checksums as verify;

fn part(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes(), &kind[..], content].concat()
}

fn full(kind: &[u8; 4], flags: u32, numbers: &[u32]) -> Vec<u8> {
    let numbers: Vec<_> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    part(kind, &[&flags.to_be_bytes(), &numbers[..]].concat())
}

fn track(number: u32, handler: &[u8; 4], tables: &[Vec<u8>]) -> Vec<u8> {
    let handler = [&[0; 8], &handler[..], &[0; 12]].concat();
    let references = [&full(b"dref", 0, &[1])[8..], &full(b"url ", 1, &[])].concat();
    let media = [
        part(b"hdlr", &handler),
        part(
            b"minf",
            &[
                part(b"dinf", &part(b"dref", &references)),
                part(b"stbl", &tables.concat()),
            ]
            .concat(),
        ),
    ];
    part(
        b"trak",
        &[full(b"tkhd", 0, &[0, 0, number]), part(b"mdia", &media.concat())].concat(),
    )
}

const DATA: &[u8] = b"onetwothreefour";

/// The data at 20, then a movie: a video track of three samples in two chunks, and sound of one size.
fn movie() -> Vec<u8> {
    let video = track(
        1,
        b"vide",
        &[
            full(b"stsz", 0, &[0, 3, 3, 3, 4]),
            full(b"stsc", 0, &[2, 1, 2, 1, 2, 1, 1]),
            full(b"stco", 0, &[2, 20, 31]),
        ],
    );
    let sound = track(
        7,
        b"soun",
        &[
            full(b"stsz", 0, &[1, 5]),
            full(b"stsc", 0, &[1, 1, 5, 1]),
            part(b"co64", &[&[0; 4][..], &[0, 0, 0, 1], &[0; 7], &[26]].concat()),
        ],
    );
    [
        part(b"ftyp", b"isom"),
        part(b"mdat", DATA),
        part(b"moov", &[video, sound].concat()),
    ]
    .concat()
}

#[test]
fn samples() {
    let file = movie();
    assert_eq!(&file[20..35], DATA);
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        [
            "stream0_video",
            "stream0_video.packet[0]",
            "stream0_video.packet[1]",
            "stream0_video.packet[2]",
            "stream1_audio",
            "stream1_audio.packet[0]",
        ]
    );
    assert_eq!(named(&file, &container, "stream0_video"), b"onetwofour");
    assert_eq!(named(&file, &container, "stream0_video.packet[2]"), b"four");
    assert_eq!(named(&file, &container, "stream1_audio"), b"three");
    // Small sizes of 4, 8 and 16 bits.
    for (width, sizes) in [
        (4_u32, &[0x33, 0x40][..]),
        (8, &[3, 3, 4]),
        (16, &[0, 3, 0, 3, 0, 4]),
    ] {
        let numbers = [[0; 4], width.to_be_bytes(), [0, 0, 0, 3]].concat();
        let tables = [
            part(b"stz2", &[&numbers[..], sizes].concat()),
            full(b"stsc", 0, &[1, 1, 3, 1]),
            full(b"stco", 0, &[1, 20]),
        ];
        let movie = part(b"moov", &track(1, b"vide", &tables));
        let file = [part(b"ftyp", b"isom"), part(b"mdat", DATA), movie].concat();
        let container = open(&&file[..]).expect("valid");
        assert_eq!(named(&file, &container, "stream0_video.packet[2]"), b"thre");
    }
}

/// A movie without samples, and a fragment of two tracks with this data behind it.
fn fragmented() -> Vec<u8> {
    let empty = |number, handler| {
        track(
            number,
            handler,
            &[
                full(b"stsz", 0, &[0, 0]),
                full(b"stsc", 0, &[0]),
                full(b"stco", 0, &[0]),
            ],
        )
    };
    let defaults = part(b"mvex", &full(b"trex", 0, &[9, 1, 0, 4, 0]));
    let start = [
        part(b"ftyp", b"isom"),
        part(
            b"moov",
            &[empty(3, b"vide"), empty(9, b"soun"), defaults].concat(),
        ),
    ]
    .concat();
    let fragment = |offset: u32| {
        let video = [
            full(b"tfhd", 0x02_0000, &[3]),
            full(b"trun", 0x301, &[2, offset, 0, 3, 0, 3]),
        ]
        .concat();
        // No offset: behind the video's data. And a run behind it, with a default size.
        let sound = [full(b"tfhd", 0x10, &[9, 5]), full(b"trun", 0, &[1])].concat();
        let more = [full(b"tfhd", 0, &[9]), full(b"trun", 4, &[1, 0])].concat();
        part(
            b"moof",
            &[part(b"traf", &video), part(b"traf", &sound), part(b"traf", &more)].concat(),
        )
    };
    let length = fragment(0).len() as u32;
    [start, fragment(length + 8), part(b"mdat", DATA)].concat()
}

#[test]
fn fragments() {
    let file = fragmented();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(named(&file, &container, "stream0_video"), b"onetwo");
    assert_eq!(named(&file, &container, "stream1_audio"), b"threefour");
    assert_eq!(named(&file, &container, "stream1_audio.packet[1]"), b"four");
    let cut = &file[..file.len() - 2];
    refused(open, cut, "past the end");
    let container = lenient(&cut).expect("samples are there");
    assert_eq!(named(cut, &container, "stream1_audio"), b"threefo");
}

#[test]
fn items() {
    let kinds = part(
        b"iinf",
        &[
            &[0, 0, 0, 0, 0, 2][..],
            &part(b"infe", b"\x02\0\0\0\0\x01\0\0hvc1\0"),
            &part(b"infe", b"\x02\0\0\0\0\x02\0\0Exif\0"),
        ]
        .concat(),
    );
    let places = part(
        b"iloc",
        &[
            &b"\x01\0\0\0\x44\0\0\x02"[..],
            b"\0\x01\0\0\0\0\0\x02\0\0\0\x14\0\0\0\x03\0\0\0\x1f\0\0\0\x04",
            b"\0\x02\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x02",
        ]
        .concat(),
    );
    let meta = part(
        b"meta",
        &[&[0; 4][..], &kinds, &places, &part(b"idat", b"abcd")].concat(),
    );
    let file = [part(b"ftyp", b"heic"), part(b"mdat", DATA), meta].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["item1_hvc1", "item2_Exif"]);
    assert_eq!(named(&file, &container, "item1_hvc1"), b"onefour");
    assert_eq!(named(&file, &container, "item2_Exif"), b"bc");
    crate::broken::change(&file, 35..2048, open, verify);
    crate::broken::change(&file, 35..2048, lenient, verify);
}

#[test]
fn what_is_refused() {
    let with = |tables: [Vec<u8>; 3]| {
        let movie = part(b"moov", &track(1, b"vide", &tables));
        [part(b"ftyp", b"isom"), part(b"mdat", DATA), movie].concat()
    };
    let sizes = || full(b"stsz", 0, &[0, 2, 3, 3]);
    let runs = |samples| full(b"stsc", 0, &[1, 1, samples, 1]);
    let chunks = |offset| full(b"stco", 0, &[1, offset]);
    assert!(open(&&with([sizes(), runs(2), chunks(20)])[..]).is_ok());
    refused(open, &with([sizes(), runs(1), chunks(20)]), "without a chunk");
    refused(open, &with([sizes(), runs(3), chunks(20)]), "more samples");
    refused(open, &with([sizes(), runs(0), chunks(20)]), "without samples");
    refused(open, &with([sizes(), runs(2), chunks(1 << 30)]), "past the end");
    refused(
        open,
        &with([sizes(), full(b"stsc", 0, &[2, 1, 1, 1, 1, 1, 1]), chunks(20)]),
        "ascend",
    );
    refused(
        open,
        &with([sizes(), full(b"stsc", 0, &[1, 2, 1, 1]), chunks(20)]),
        "no number of samples",
    );
    // Four thousand million samples of no bytes.
    let many = with([full(b"stsz", 0, &[0, 0]), runs(1), chunks(20)]);
    assert!(lenient(&&many[..]).is_ok());
    let mut vast = fragmented();
    let at = vast.windows(4).position(|kind| kind == b"trun").expect("a run") + 8;
    vast[at - 4..at + 4].copy_from_slice(&[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
    refused(open, &vast, "more packets than bytes");
    let elsewhere = part(
        b"moov",
        &part(
            b"trak",
            &[
                full(b"tkhd", 0, &[0, 0, 1]),
                part(
                    b"mdia",
                    &part(
                        b"minf",
                        &part(
                            b"dinf",
                            &part(b"dref", &[&[0; 7][..], &[1], &full(b"url ", 0, &[])].concat()),
                        ),
                    ),
                ),
            ]
            .concat(),
        ),
    );
    refused(open, &elsewhere, "another file");
    refused(open, &part(b"moov", &part(b"cmov", b"")), "compressed");
    refused(open, &part(b"moov", &part(b"trak", b"")), "without its header");
    refused(
        open,
        &[part(b"ftyp", b"isom"), b"\0\0\0\x04mdat".to_vec()].concat(),
        "shorter than its header",
    );
    refused(
        open,
        &[
            part(b"ftyp", b"isom"),
            b"\0\0\0\0moof".to_vec(),
            part(b"traf", &full(b"tfhd", 0, &[5])),
        ]
        .concat(),
        "no header",
    );
}

#[test]
fn broken_files() {
    let file = movie();
    // Behind 35 bytes there are media data, and no box tells what they are.
    crate::broken::cut(&file, open, verify, |end, opened| opened == (end == 12));
    refused(open, &file[..35], "no box tells");
    let container = lenient(&&file[..35]).expect("media data");
    assert_eq!(names(&container), ["mdat"]);
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
    let file = fragmented();
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("mp4", "mp4", Names::Same);
    crate::corpus::check("mp4_fragmented", "mp4", Names::Same);
}
