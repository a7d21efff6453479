//! MPEG-2 transport streams: the rules on small files, broken files, and the corpus.

use std::ops::Range;

use crate::corpus::{Names, faulty, named, names, refused};
use crc::{CRC_32_MPEG_2, Crc};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, mpegts};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    mpegts::open(bytes, Options::default())
}

use mpegts::verify;

/// Payload that fills a packet to its end, after an adaptation field that takes the rest.
fn packet(pid: u16, starts: bool, counter: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = pid.to_be_bytes();
    let stuffed = payload.len() < 184;
    let flags = 0x10 | if stuffed { 0x20 } else { 0 } | counter & 0xf;
    let mut packet = vec![0x47, high | if starts { 0x40 } else { 0 }, low, flags];
    if stuffed {
        let field = 183 - payload.len();
        packet.push(u8::try_from(field).expect("short"));
        packet.extend([0, 0xff].iter().take(field));
        packet.resize(5 + field, 0xff);
    }
    packet.extend(payload);
    assert_eq!(packet.len(), 188);
    packet
}

/// A section with its CRC.
fn section(table: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len() + 4).expect("short");
    let mut section = [&[table, 0xb0, length][..], body].concat();
    let crc = Crc::<u32>::new(&CRC_32_MPEG_2).checksum(&section);
    section.extend(crc.to_be_bytes());
    section
}

/// Sections in a packet, with pointer field and stuffing.
fn tables(pid: u16, counter: u8, sections: &[&[u8]]) -> Vec<u8> {
    let mut payload = [&[0][..], &sections.concat()].concat();
    payload.resize(184, 0xff);
    packet(pid, true, counter, &payload)
}

/// The program association: a network's table, and one program whose map is on PID 0x1000.
fn association() -> Vec<u8> {
    section(0, &[0, 1, 0xc1, 0, 0, 0, 0, 0xe0, 0x10, 0, 1, 0xf0, 0])
}

/// A program map of streams: each a type, a PID and descriptors.
fn map(streams: &[(u8, u16, &[u8])]) -> Vec<u8> {
    let mut body = vec![0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 2, 0x83, 0];
    for &(kind, pid, descriptors) in streams {
        let [high, low] = pid.to_be_bytes();
        body.extend([
            kind,
            0xe0 | high,
            low,
            0xf0,
            u8::try_from(descriptors.len()).expect("short"),
        ]);
        body.extend(descriptors);
    }
    section(2, &body)
}

/// A PES packet; its length says nothing where it is `None`.
fn pes(id: u8, length: Option<u8>, content: &[u8]) -> Vec<u8> {
    let header = [0, 0, 1, id, 0, length.unwrap_or(0), 0x80, 0, 2, 0xff, 0xff];
    [&header[..], content].concat()
}

fn content(range: Range<u8>) -> Vec<u8> {
    range.collect()
}

/// Tables, a video of two PES packets over three packets, and an audio.
fn stream() -> Vec<u8> {
    [
        tables(0, 0, &[&association()]),
        tables(0x1000, 0, &[&map(&[(0x1b, 0x100, b""), (0x0f, 0x101, b"")])]),
        packet(0x100, true, 0, &pes(0xe0, None, &content(0..173))),
        packet(0x101, true, 0, &pes(0xc0, Some(8), b"audioxxx")),
        packet(0x1fff, false, 0, &[0xff; 184]),
        packet(0x100, false, 1, &content(173..200)),
        packet(0x100, true, 2, &pes(0xe0, None, &content(200..210))),
    ]
    .concat()
}

#[test]
fn elementary_streams() {
    let file = stream();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        [
            "stream0_video",
            "stream1_audio",
            "pid_0x0.section[0]",
            "pid_0x1000.section[0]",
            "pid_0x0",
            "pid_0x100",
            "pid_0x101",
            "pid_0x1000",
        ]
    );
    assert_eq!(named(&file, &container, "stream0_video"), content(0..210));
    // The PES packet is as long as its length says.
    assert_eq!(named(&file, &container, "stream1_audio"), b"aud");
    assert_eq!(named(&file, &container, "pid_0x0.section[0]"), association());
    assert_eq!(named(&file, &container, "pid_0x100").len(), 184 + 27 + 21);
    verify(&&file[..], &container).expect("the CRCs are right");
}

#[test]
fn packets_of_192_and_204_bytes() {
    let file = stream();
    let timed: Vec<u8> = file
        .chunks(188)
        .flat_map(|packet| [&[0x47, 1, 2, 3], packet].concat())
        .collect();
    let coded: Vec<u8> = file
        .chunks(188)
        .flat_map(|packet| [packet, &[0x47; 16]].concat())
        .collect();
    for file in [timed, coded] {
        let container = open(&&file[..]).expect("valid");
        assert_eq!(named(&file, &container, "stream0_video"), content(0..210));
    }
}

#[test]
fn a_packet_may_be_repeated_once() {
    let start = packet(0x100, true, 0, &pes(0xe0, None, b"one"));
    let next = |counter, text: &[u8]| packet(0x100, false, counter, text);
    let payload = |packets: &[&[u8]]| {
        let file = packets.concat();
        let container = open(&&file[..]).expect("valid");
        named(&file, &container, "stream0_video")
    };
    assert_eq!(payload(&[&start, &start, &next(1, b"two")]), b"onetwo");
    assert_eq!(payload(&[&start, &next(1, b"two"), &next(1, b"two")]), b"onetwo");
    // Three times is no repetition, nor is another payload, nor packets apart by a round of the counter.
    assert_eq!(
        payload(&[&start, &next(1, b"a"), &next(1, b"a"), &next(1, b"a")]),
        b"oneaa"
    );
    assert_eq!(
        payload(&[&start, &next(1, b"two"), &next(1, b"2wo")]),
        b"onetwo2wo"
    );
    assert_eq!(payload(&[&start, &next(9, b"two")]), b"onetwo");
    // Packets without payload do not count.
    let mut empty = next(0, b"");
    empty[3] = 0x20;
    assert_eq!(payload(&[&start, &empty, &empty, &next(1, b"two")]), b"onetwo");
    let mut reserved = next(5, &[1; 184]);
    reserved[3] &= 0xf;
    assert_eq!(payload(&[&start, &reserved, &next(1, b"two")]), b"onetwo");
}

#[test]
fn sections_go_on_over_packets() {
    let long = section(0x42, &[7; 220]);
    let short = section(0x42, &[8; 20]);
    let first = [&[0][..], &long[..183]].concat();
    let rest = [
        &[u8::try_from(long.len() - 183).expect("short")][..],
        &long[183..],
        &short,
        &short,
    ]
    .concat();
    let file = |counter| {
        let mut rest = rest.clone();
        rest.resize(184, 0xff);
        [packet(0x11, true, 3, &first), packet(0x11, true, counter, &rest)].concat()
    };
    let whole = file(4);
    let container = open(&&whole[..]).expect("valid");
    assert_eq!(named(&whole, &container, "pid_0x11.section[0]"), long);
    assert_eq!(named(&whole, &container, "pid_0x11.section[2]"), short);
    verify(&&whole[..], &container).expect("the CRCs are right");
    // Where packets are missing in it, it is left out.
    let broken = file(6);
    let container = open(&&broken[..]).expect("valid");
    assert_eq!(named(&broken, &container, "pid_0x11.section[0]"), short);
    let mut flipped = whole;
    flipped[100] ^= 1;
    let container = open(&&flipped[..]).expect("valid");
    assert!(verify(&&flipped[..], &container).is_err());
    let mut past = tables(0x11, 0, &[]);
    past[4] = 184;
    refused(open, &past, "pointer field");
}

#[test]
fn kinds_of_streams() {
    let program = map(&[
        (0x06, 0x100, b"\x05\x04Opus"),
        (0x06, 0x101, b"\x0a\x04eng\0\x59\x00"),
        (0x06, 0x102, b"\x52\x01\x00"),
        (0x86, 0x103, b""),
        (0x24, 0x104, b""),
        (0x02, 0x105, b""),
    ]);
    let mut scrambled = packet(0x105, true, 0, b"no start code");
    scrambled[3] |= 0x80;
    let file = [
        tables(0, 0, &[&association()]),
        tables(0x1000, 0, &[&program]),
        packet(0x104, true, 0, &pes(0xe0, None, b"hevc")),
        packet(
            0x102,
            true,
            0,
            &[0, 0, 1, 0xbf, 0, 7, b'p', b'r', b'i', b'v', b'a', b't', b'e'],
        ),
        packet(0x101, true, 0, &pes(0xbd, None, b"sub")),
        packet(0x100, true, 0, &[0, 0, 1, 0xbe, 0, 2, 0xff, 0xff]),
        packet(0x100, true, 1, &pes(0xbd, None, b"opus")),
        tables(0x103, 0, &[&section(0xfc, &[1; 20])]),
        scrambled,
    ]
    .concat();
    let container = open(&&file[..]).expect("valid");
    let streams = [
        ("stream0_audio", &b"opus"[..]),
        ("stream1_subtitle", b"sub"),
        ("stream2_data", b"private"),
        ("stream4_video", b"hevc"),
    ];
    for (name, bytes) in streams {
        assert_eq!(named(&file, &container, name), bytes);
    }
    assert_eq!(
        names(&container)
            .iter()
            .filter(|name| name.starts_with("stream"))
            .count(),
        4
    );
    assert!(container.stream("pid_0x103.section[0]").is_some());
}

#[test]
fn what_is_refused() {
    let file = stream();
    refused(open, b"", "no packets");
    refused(open, &[0x46; 188], "no packets");
    faulty(open, &file[..188 * 6 + 100], "cut off");
    let many = file.repeat(6);
    let mut lost = many.clone();
    lost[188 * 40] = 0;
    refused(open, &lost, "no sync byte");
    let mut field = file.clone();
    (field[188 * 3 + 3], field[188 * 3 + 4]) = (0x30, 184);
    refused(open, &field, "adaptation field");
    let mut code = file.clone();
    code[188 * 6 + 188 - 21] = 1;
    refused(open, &code, "no start code");
    let mut marks = file.clone();
    marks[188 * 2 + 10] = 0;
    refused(open, &marks, "marker bits");
    for (at, byte) in [(12, 0xff), (19, 0xff), (24, 0xff), (24, 1)] {
        let mut program = file.clone();
        program[188 + 4 + at] = byte;
        refused(open, &program, "past its section");
    }
    let mut association = file;
    association[5 + 2] -= 1;
    refused(open, &association, "an impossible length");
}

#[test]
fn broken_files() {
    let file = stream();
    // 204 bytes are a packet with its code, too.
    crate::broken::cut(&file, open, verify, |end, opened| opened == (end >= 188));
    crate::broken::change(&file, 0..2048, open, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("mpegts", "mpegts", Names::Same);
}
