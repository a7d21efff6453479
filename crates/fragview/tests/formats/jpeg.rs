//! JPEG: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names};
use fragview::formats::{Container, FormatError, Options, jpeg};

fn segment(code: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).expect("short").to_be_bytes();
    [&[0xff, code][..], &length, content].concat()
}

fn file(segments: &[Vec<u8>]) -> Vec<u8> {
    [b"\xff\xd8", &segments.concat()[..], b"\xff\xd9"].concat()
}

fn open(file: &[u8]) -> Result<Container, FormatError> {
    jpeg::open(&file, Options::default())
}

#[track_caller]
fn refused(file: &[u8], what: &str) {
    let error = open(file).expect_err(what);
    assert!(error.what.contains(what), "{error}");
}

#[track_caller]
fn left_out(file: &[u8], what: &str) {
    let container = crate::corpus::faulty(|bytes| jpeg::open(bytes, Options::default()), file, what);
    assert!(
        names(&container)
            .iter()
            .all(|name| name != "icc_profile" && name != "xmp_extended")
    );
}

/// A profile that is refused in a strict reading, and left out with a fault in a lenient one.
fn broken_profile(file: &[u8], what: &str) {
    crate::corpus::refused(|bytes| jpeg::open(bytes, Options::default()), file, what);
    let lenient = Options {
        strict: false,
        ..Options::default()
    };
    let container = jpeg::open(&file, lenient).expect("the rest is there");
    assert!(container.faults.iter().any(|fault| fault.what.contains(what)));
    assert!(names(&container).iter().all(|name| name != "icc_profile"));
}

fn icc(number: u8, count: u8, part: &[u8]) -> Vec<u8> {
    segment(0xe2, &[b"ICC_PROFILE\0", &[number, count][..], part].concat())
}

fn extended(digest: u8, length: u8, offset: u8, part: &[u8]) -> Vec<u8> {
    let numbers = [0, 0, 0, length, 0, 0, 0, offset];
    let name = b"http://ns.adobe.com/xmp/extension/\0";
    segment(0xe1, &[&name[..], &[digest; 32], &numbers, part].concat())
}

fn frame() -> Vec<u8> {
    segment(0xc0, b"\x08\0\x01\0\x01\x01\x01\x11\0")
}

fn scan(data: &[u8]) -> Vec<u8> {
    [&segment(0xda, b"\x01\x01\0\0\x3f\0"), data].concat()
}

#[test]
fn segments_are_streams() {
    let file = file(&[
        segment(0xe0, b"JFIF\0"),
        segment(0xe1, b"Exif\0\0II"),
        segment(0xe1, b"Exif\0\0*\0"), // a long one goes on in the next segment
        b"\xff\xff\xff\x01".to_vec(),  // fill bytes, and a marker without a segment
        segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        segment(0xed, b"Photoshop 3.0\08BI"),
        segment(0xdb, b"q"),
        segment(0xed, b"Photoshop 3.0\0M"),
        segment(0xdb, b"r"),
        segment(0xfe, b""),
        segment(0xe2, b"MPF\0"),
    ]);
    let container = open(&file).expect("valid");
    assert_eq!(
        names(&container),
        ["app0", "xmp", "dqt", "dqt@1", "app2", "exif", "photoshop"]
    );
    for (name, content) in [
        ("exif", &b"II*\0"[..]),
        ("xmp", b"<x/>"),
        ("dqt@1", b"r"),
        ("app2", b"MPF\0"),
        ("photoshop", b"8BIM"),
    ] {
        assert_eq!(named(&file, &container, name), content, "{name}");
    }
}

#[test]
fn a_scan_ends_at_a_marker() {
    let first = b"abc\xff\0d\xff\xd0e\xff\xff\0\xff\xd7".as_slice();
    let file = file(&[
        frame(),
        scan(first),
        b"\xff\xff".to_vec(),
        segment(0xc4, b"t"),
        scan(b""),
    ]);
    let container = open(&[&file[..], b"after"].concat()).expect("valid");
    assert_eq!(
        names(&container),
        ["sof0", "sos", "scan0", "dht", "sos@1", "scan1"]
    );
    assert_eq!(named(&file, &container, "scan0"), first);
    assert_eq!(named(&file, &container, "scan1"), b"");
}

#[test]
fn jpeg_ls_stuffs_bits() {
    let data = b"a\xff\x7fb\xff\x01".as_slice();
    let file = file(&[segment(0xf7, b"frame"), scan(data)]);
    let container = open(&file).expect("valid");
    assert_eq!(named(&file, &container, "scan0"), data);
}

#[test]
fn a_scan_is_found_across_reads() {
    for length in 4080..4110 {
        let data = vec![b'x'; length];
        let file = file(&[frame(), scan(&data)]);
        let container = open(&file).expect("valid");
        assert_eq!(named(&file, &container, "scan0"), data);
    }
}

#[test]
fn a_profile_is_put_in_order() {
    let file = file(&[
        icc(3, 3, b"le"),
        icc(1, 3, b"pr"),
        segment(0xfe, b"!"),
        icc(2, 3, b"ofi"),
    ]);
    assert_eq!(
        named(&file, &open(&file).expect("valid"), "icc_profile"),
        b"profile"
    );
}

#[test]
fn broken_profiles_are_left_out() {
    broken_profile(&file(&[icc(1, 2, b"")]), "1 of 2 ICC segments");
    broken_profile(&file(&[icc(1, 2, b"a"), icc(1, 2, b"a")]), "comes twice");
    broken_profile(&file(&[icc(0, 1, b"")]), "ICC segment 0 of 1");
    broken_profile(&file(&[icc(2, 1, b"")]), "ICC segment 2 of 1");
    broken_profile(&file(&[icc(1, 0, b"")]), "ICC segment 1 of 0");
    broken_profile(&file(&[icc(1, 2, b""), icc(2, 3, b"")]), "different counts");
    broken_profile(
        &file(&[segment(0xe2, b"ICC_PROFILE\0\x01")]),
        "without its numbers",
    );
}

#[test]
fn extended_xmp_is_put_in_order() {
    let parts = [
        extended(b'a', 5, 2, b"llo"),
        extended(b'b', 1, 0, b"!"),
        extended(b'a', 5, 0, b"he"),
    ];
    let file = file(&parts);
    let container = open(&file).expect("valid");
    assert_eq!(named(&file, &container, "xmp_extended"), b"hello");
    assert_eq!(named(&file, &container, "xmp_extended@1"), b"!");
}

#[test]
fn broken_extended_xmp_is_left_out() {
    left_out(
        &file(&[extended(1, 5, 0, b"he"), extended(1, 5, 3, b"lo")]),
        "a gap",
    );
    left_out(
        &file(&[extended(1, 5, 0, b"hel"), extended(1, 5, 2, b"llo")]),
        "an overlap",
    );
    left_out(&file(&[extended(1, 9, 0, b"hello")]), "a length other");
    left_out(
        &file(&[extended(1, 5, 0, b"he"), extended(1, 6, 2, b"llo")]),
        "different lengths",
    );
    left_out(
        &file(&[segment(0xe1, b"http://ns.adobe.com/xmp/extension/\0short")]),
        "without its numbers",
    );
}

#[test]
fn broken_structure_is_refused() {
    refused(b"\xff\xd9", "no start");
    refused(b"\xff\xd8\xff\xd8\xff\xd9", "out of place");
    refused(b"\xff\xd8\xff\xd0\xff\xd9", "out of place");
    refused(b"\xff\xd8\xff\x02\xff\xd9", "reserved");
    refused(b"\xff\xd8x\xff\xd9", "no marker");
    refused(b"\xff\xd8\xff\xfe\0\x01\xff\xd9", "under 2");
    refused(b"\xff\xd8\xff\xfe\0\x05\xff\xd9", "past the end");
    refused(b"\xff\xd8\xff\xff\xff", "truncated");
    refused(&file(&[scan(b"x")]), "without a frame");
    refused(
        &[&b"\xff\xd8"[..], &frame(), &scan(b"x\xff\0\xff")].concat(),
        "truncated in a scan",
    );
}

#[test]
fn broken_files_never_panic() {
    let file = file(&[
        segment(0xe1, b"Exif\0\0II*\0"),
        icc(2, 2, b"le"),
        icc(1, 2, b"profi"),
        extended(b'a', 5, 2, b"llo"),
        extended(b'a', 5, 0, b"he"),
        segment(0xed, b"Photoshop 3.0\08BIM"),
        frame(),
        scan(b"abc\xff\0\xff\xd0\xff\xff"),
        scan(b"d"),
    ]);
    crate::broken::cut(
        &file,
        |bytes| jpeg::open(bytes, Options::default()),
        crate::broken::no_checksums,
        |_, opened| !opened,
    );
    crate::broken::change(
        &file,
        0..4096,
        |bytes| jpeg::open(bytes, Options::default()),
        crate::broken::no_checksums,
    );
}

#[test]
fn real_files() {
    crate::corpus::check("jpeg_segments", "jpeg", Names::Same);
}
