//! RIFF, WAV and AVI: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names};
use fragview::formats::{Container, FormatError, Options, riff};

fn chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short").to_le_bytes();
    let pad = &[0][..content.len() % 2];
    [kind, &length, content, pad].concat()
}

fn list(kind: &[u8], of: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(kind, &[of, &chunks.concat()].concat())
}

fn open(file: &[u8]) -> Result<Container, FormatError> {
    riff::open(&file, Options::default())
}

#[track_caller]
fn refused(file: &[u8], what: &str) {
    let error = open(file).expect_err(what);
    assert!(error.what.contains(what), "{error}");
}

fn header(kind: &[u8]) -> Vec<u8> {
    list(b"LIST", b"strl", &[chunk(b"strh", kind), chunk(b"strf", b"f")])
}

/// Two streams, in two parts, with records, indexes and palettes.
fn avi() -> Vec<u8> {
    let headers = [chunk(b"avih", b"main"), header(b"vidsXVID"), header(b"auds")];
    let record = [
        chunk(b"00dc", b"deo"),
        chunk(b"01wb", b"aud"),
        chunk(b"ix00", b"index"),
    ];
    let movie = [
        chunk(b"00db", b"vi"),
        list(b"LIST", b"rec ", &record),
        chunk(b"00pc", b"palette"),
    ];
    let first = [
        list(b"LIST", b"hdrl", &headers),
        chunk(b"JUNK", b"padding"),
        list(b"LIST", b"movi", &movie),
        chunk(b"idx1", b"i"),
    ];
    let more = [chunk(b"01wb", b"io"), chunk(b"JUNK", b"x"), chunk(b"00dc", b"")];
    let second = [list(b"LIST", b"movi", &more)];
    [list(b"RIFF", b"AVI ", &first), list(b"RIFF", b"AVIX", &second)].concat()
}

#[test]
fn chunks_are_streams() {
    let tags = [
        chunk(b"INAM", b"name"),
        chunk(b"IART", b"odd"),
        chunk(b"IART", b"two"),
    ];
    let chunks = [
        chunk(b"fmt ", b"\x01\0"),
        list(b"LIST", b"INFO", &tags),
        chunk(b"data", b"sound"),
        chunk(b"a\xffb ", b"odd type"),
        chunk(b"none", b""),
    ];
    let file = [&list(b"RIFF", b"WAVE", &chunks)[..], b"TAG trailing"].concat();
    let container = open(&file).expect("valid");
    let expected = ["fmt", "INFO/INAM", "INFO/IART", "INFO/IART@1", "data", "a%ffb"];
    assert_eq!(names(&container), expected);
    assert_eq!(named(&file, &container, "data"), b"sound");
    assert_eq!(named(&file, &container, "INFO/IART@1"), b"two");
}

#[test]
fn packets_are_joined_by_stream() {
    let file = avi();
    let container = open(&file).expect("valid");
    assert_eq!(named(&file, &container, "stream0_video"), b"video");
    assert_eq!(named(&file, &container, "stream1_audio"), b"audio");
    assert_eq!(named(&file, &container, "hdrl/strl/strh@1"), b"auds");
    assert_eq!(named(&file, &container, "idx1"), b"i");
    assert_eq!(names(&container).len(), 8);
}

#[test]
fn the_last_padding_may_be_missing() {
    for counted in [0, 1] {
        let mut file = list(b"RIFF", b"WAVE", &[chunk(b"data", b"odd")]);
        file.pop();
        file[4] -= counted;
        let result = open(&file);
        if counted == 1 {
            assert_eq!(named(&file, &result.expect("valid"), "data"), b"odd");
        } else {
            assert!(result.expect_err("short").what.contains("past the end"));
        }
    }
}

#[test]
fn big_endian_lengths_are_read() {
    let file = b"RIFX\0\0\0\x0eWAVEdata\0\0\0\x02hi";
    assert_eq!(named(file, &open(file).expect("valid"), "data"), b"hi");
}

#[test]
fn long_lengths_are_looked_up() {
    let mut sizes = [0; 28 + 12];
    sizes[0] = 4 + 48 + 10 + 12;
    sizes[8] = 2;
    sizes[24] = 1;
    sizes[28..33].copy_from_slice(b"long\x04");
    let mut file = list(
        b"RF64",
        b"WAVE",
        &[
            chunk(b"ds64", &sizes),
            chunk(b"data", b"hi"),
            chunk(b"long", b"four"),
        ],
    );
    for at in [4, 64, 74] {
        file[at..at + 4].fill(0xff);
    }
    let container = open(&file).expect("valid");
    assert_eq!(named(&file, &container, "data"), b"hi");
    assert_eq!(named(&file, &container, "long"), b"four");
    file[70] = b'x';
    refused(&file, "ds64 does not give");
    refused(&list(b"BW64", b"WAVE", &[]), "truncated");
    refused(&list(b"BW64", b"WAVE", &[chunk(b"data", &[0; 30])]), "no ds64");
}

#[test]
fn broken_structure_is_refused() {
    refused(b"RIFE\x04\0\0\0WAVE", "no RIFF");
    refused(b"RIFF\x03\0\0\0WAVE", "too short");
    refused(b"RIFF\x05\0\0\0WAVE", "past the end");
    refused(&list(b"RIFF", b"WAVE", &[b"rest".to_vec()]), "too few bytes");
    refused(&list(b"RIFF", b"WAVE", &[chunk(b"LIST", b"odd")]), "too short");
    // A chunk that ends in the file, but after its list.
    let mut inner = chunk(b"INAM", b"name");
    inner[4] = 6;
    let lists = [list(b"LIST", b"INFO", &[inner]), chunk(b"data", b"more")];
    refused(&list(b"RIFF", b"WAVE", &lists), "past the end");
    let movie = list(b"LIST", b"movi", &[chunk(b"00dc", b"data")]);
    refused(&list(b"RIFF", b"AVI ", &[movie]), "has no header");
    let short = list(b"LIST", b"hdrl", &[header(b"vid")]);
    refused(&list(b"RIFF", b"AVI ", &[short]), "without its type");
    let mut broken = avi();
    broken.truncate(broken.len() - 2);
    refused(&broken, "past the end");
}

#[test]
fn deep_lists_are_refused() {
    let mut inner = chunk(b"leaf", b"x");
    for _ in 0..15 {
        inner = list(b"LIST", b"deep", &[inner]);
    }
    let file = list(b"RIFF", b"WAVE", std::slice::from_ref(&inner));
    assert!(open(&file).expect("valid").name(0).unwrap().ends_with("/leaf"));
    let deeper = list(b"LIST", b"deep", &[inner]);
    refused(&list(b"RIFF", b"WAVE", &[deeper]), "nested too deep");
}

#[test]
fn broken_files_never_panic() {
    let file = avi();
    let second = file.windows(4).rposition(|kind| kind == b"AVIX").expect("there") - 8;
    // What is cut before the second part has a whole first part.
    for end in 0..file.len() {
        let is_whole = end >= second && end < second + 12;
        assert_eq!(open(&file[..end]).is_ok(), is_whole, "cut at {end}");
    }
    crate::broken::change(
        &file,
        0..4096,
        |bytes| riff::open(bytes, Options::default()),
        crate::broken::no_checksums,
    );
}

#[test]
fn real_files() {
    crate::corpus::check("riff_wav", "riff", Names::Own);
    crate::corpus::check("avi", "riff", Names::Own);
}
