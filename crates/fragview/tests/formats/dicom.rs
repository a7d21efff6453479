//! DICOM: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names};
use fragview::formats::{Container, FormatError, Options, dicom};

const JPEG: &str = "1.2.840.10008.1.2.4.50";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const UNDEFINED: &[u8] = &[0xff; 4];
const PIXELS: &[u8] = b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff";
const END: &[u8] = b"\xfe\xff\xdd\xe0\0\0\0\0";
const ITEM_END: &[u8] = b"\xfe\xff\x0d\xe0\0\0\0\0";
const UNDEFINED_ITEM: &[u8] = b"\xfe\xff\x00\xe0\xff\xff\xff\xff";

fn file(syntax: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut syntax = syntax.as_bytes().to_vec();
    syntax.resize(syntax.len().next_multiple_of(2), 0);
    let length = u8::try_from(syntax.len()).expect("short");
    let version = b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01";
    [
        &[0; 128],
        &b"DICM"[..],
        version,
        b"\x02\0\x10\0UI",
        &[length, 0],
        &syntax,
        &parts.concat(),
    ]
    .concat()
}

fn item(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short").to_le_bytes();
    [b"\xfe\xff\x00\xe0", &length[..], content].concat()
}

fn frames(number: &[u8]) -> Vec<u8> {
    [b"\x28\0\x08\0IS\x02\0", number].concat()
}

fn table(offsets: &[u32]) -> Vec<u8> {
    item(
        &offsets
            .iter()
            .flat_map(|offset| offset.to_le_bytes())
            .collect::<Vec<_>>(),
    )
}

fn long(element: u8, values: &[u64]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let length = u32::try_from(values.len()).expect("short").to_le_bytes();
    [b"\xe0\x7f", &[element, 0][..], b"OV\0\0", &length, &values].concat()
}

fn open(file: &[u8]) -> Result<Container, FormatError> {
    dicom::open(&file, Options::default())
}

#[track_caller]
fn streams(file: &[u8]) -> Vec<(String, String)> {
    let container = open(file).unwrap_or_else(|error| panic!("{error}"));
    let content = |name: &str| String::from_utf8(named(file, &container, name)).expect("text");
    (names(&container).into_iter())
        .map(|name| (name.clone(), content(&name)))
        .collect()
}

#[track_caller]
fn check(file: &[u8], expected: &[(&str, &str)]) {
    let found = streams(file);
    let found: Vec<_> = found
        .iter()
        .map(|(name, content)| (&**name, &**content))
        .collect();
    assert_eq!(found, expected);
}

#[track_caller]
fn refused(file: &[u8], what: &str) {
    let error = open(file).expect_err(what);
    assert!(error.what.contains(what), "{error}");
}

fn two_frames(prefix: &[u8], offsets: &[u32]) -> Vec<u8> {
    let parts = [item(b"ab"), item(b"cd"), item(b"ef")].concat();
    file(JPEG, &[prefix, PIXELS, &table(offsets), &parts, END, b"trailing"])
}

#[test]
fn frames_are_found() {
    let all = ("pixel_data", "abcdef");
    let three = [all, ("frame0", "ab"), ("frame1", "cd"), ("frame2", "ef")];
    check(&two_frames(b"", &[]), &[all, ("frame0", "abcdef")]);
    check(&two_frames(&frames(b"1 "), &[]), &[all, ("frame0", "abcdef")]);
    check(
        &two_frames(&frames(b"2\0"), &[0, 20]),
        &[all, ("frame0", "abcd"), ("frame1", "ef")],
    );
    check(
        &two_frames(&frames(b"2 "), &[0, 10]),
        &[all, ("frame0", "ab"), ("frame1", "cdef")],
    );
    check(&two_frames(&frames(b"3 "), &[]), &three);
    let unknown = [all, ("fragment0", "ab"), ("fragment1", "cd"), ("fragment2", "ef")];
    check(&two_frames(&frames(b"2 "), &[]), &unknown);
    let extended = [frames(b"3 "), long(1, &[0, 10, 20]), long(2, &[2, 1, 2])].concat();
    check(
        &two_frames(&extended, &[]),
        &[all, ("frame0", "ab"), ("frame1", "c"), ("frame2", "ef")],
    );
    check(&file(JPEG, &[PIXELS, &table(&[]), END]), &[("pixel_data", "")]);
}

#[test]
fn a_delimiter_within_a_fragment_is_data() {
    let file = file(JPEG, &[PIXELS, &item(b""), &item(END), END]);
    assert_eq!(named(&file, &open(&file).expect("valid"), "frame0"), END);
}

#[test]
fn broken_offset_tables_are_refused() {
    refused(&two_frames(b"", &[10]), "begin with 0");
    refused(&two_frames(b"", &[0, 11]), "at 11");
    refused(&two_frames(b"", &[0, 20, 10]), "at 10");
    refused(&two_frames(b"", &[0, 0]), "at 0");
    refused(&two_frames(b"", &[0, u32::MAX]), "at 4294967295");
    refused(&file(JPEG, &[PIXELS, &item(b"odd"), END]), "multiple of 4");
    refused(
        &two_frames(&[long(1, &[0, 30]), long(2, &[2, 2])].concat(), &[]),
        "at 30",
    );
    refused(
        &two_frames(&[long(1, &[0, 10]), long(2, &[2])].concat(), &[]),
        "numbers of lengths and of offsets differ",
    );
    refused(
        &two_frames(&[long(1, &[0]), long(2, &[3])].concat(), &[]),
        "past the end",
    );
    refused(&two_frames(&frames(b"-1"), &[]), "\"-1\" frames");
}

#[test]
fn sequences_are_passed_over() {
    let sequence = b"\x08\0\x40\x11SQ\0\0".as_slice();
    let unknown = b"\x09\0\x40\x11UN\0\0".as_slice();
    let icon = [PIXELS, &item(b""), &item(b"icon"), END].concat();
    let native = b"\xe0\x7f\x10\0OW\0\0\x02\0\0\0xy";
    let implicit = b"\x10\0\x10\0\x02\0\0\0AB".as_slice();
    // A defined sequence; an undefined one with a defined item, and an undefined item with an icon; an
    // unknown one.
    let prefix = [
        &[sequence, b"\x08\0\0\0", &item(b"")].concat(),
        &[
            sequence,
            UNDEFINED,
            &item(implicit),
            UNDEFINED_ITEM,
            &icon,
            ITEM_END,
            END,
        ]
        .concat()[..],
        &[unknown, UNDEFINED, UNDEFINED_ITEM, implicit, ITEM_END, END].concat(),
    ];
    let file_of = |last: &[u8]| file(EXPLICIT, &[&prefix.concat(), last]);
    check(&file_of(native), &[("pixel_data", "xy")]);
    check(&file_of(b""), &[]);
    refused(&file_of(ITEM_END), "out of place");
    refused(&file_of(END), "out of place");
    refused(&file_of(&item(b"")), "out of place");
    refused(&file_of(&[sequence, UNDEFINED].concat()), "truncated");
    refused(&file_of(&[sequence, UNDEFINED, native].concat()), "out of place");
    refused(
        &file_of(&[sequence, UNDEFINED, ITEM_END].concat()),
        "out of place",
    );
    refused(
        &file_of(&[sequence, UNDEFINED, UNDEFINED_ITEM, END].concat()),
        "out of place",
    );
    refused(
        &file_of(b"\x10\0\x10\0OB\0\0\xff\xff\xff\xff"),
        "undefined length",
    );
}

#[test]
fn other_syntaxes_are_read() {
    let implicit = file(
        "1.2.840.10008.1.2",
        &[b"\x10\0\x10\0\x02\0\0\0AB\xe0\x7f\x10\0\x02\0\0\0xy"],
    );
    check(&implicit, &[("pixel_data", "xy")]);
    let big = file(
        "1.2.840.10008.1.2.2",
        &[b"\0\x10\0\x10PN\0\x02AB\x7f\xe0\0\x10OW\0\0\0\0\0\x02xy"],
    );
    check(&big, &[("pixel_data", "xy")]);
    for deflated in ["1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95"] {
        refused(&file(deflated, &[b"??"]), "deflated");
    }
}

#[test]
fn broken_structure_is_refused() {
    refused(&[0; 200], "no DICM");
    refused(&[&[0; 128], &b"DICM"[..]].concat(), "no transfer syntax");
    refused(
        &file(JPEG, &[b"\xe0\x7f\x10\0OB\0\0\x02\0\0\0xy"]),
        "native pixel data",
    );
    refused(
        &file("1.2.840.10008.1.2.5", &[b"\xe0\x7f\x10\0OB\0\0\x02\0\0\0xy"]),
        "native pixel data",
    );
    refused(
        &file(EXPLICIT, &[b"\xe0\x7f\x10\0OB\0\0\x03\0\0\0xy"]),
        "past the end",
    );
    refused(
        &file(EXPLICIT, &[b"\x10\0\x10\0??\0\0"]),
        "no value representation",
    );
    refused(&file(&"1".repeat(70), &[]), "too long");
    refused(&file(JPEG, &[PIXELS]), "truncated");
    refused(&file(JPEG, &[PIXELS, END]), "no basic offset table");
    refused(&file(JPEG, &[PIXELS, &item(b""), &item(b"ab")]), "truncated");
    refused(
        &file(JPEG, &[PIXELS, &item(b""), UNDEFINED_ITEM, END]),
        "neither a fragment",
    );
    refused(
        &file(JPEG, &[PIXELS, &item(b""), b"\xfe\xff\xdd\xe0\x02\0\0\0xy"]),
        "neither a fragment",
    );
    let undefined = b"\x02\0\x12\0OB\0\0\xff\xff\xff\xff";
    refused(&file(JPEG, &[undefined]), "file meta");
}

#[test]
fn broken_files_never_panic() {
    let sequence = b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff".as_slice();
    let extended = [long(1, &[0, 10]), long(2, &[2, 1])].concat();
    for (prefix, offsets) in [(&frames(b"2 "), &[0, 10][..]), (&extended, &[])] {
        let pixels = [PIXELS, &table(offsets), &item(b"ab"), &item(b"cd"), END].concat();
        let icon = [sequence, UNDEFINED_ITEM, &pixels, ITEM_END, END].concat();
        let file = file(JPEG, &[&icon, prefix, &pixels]);
        let data_set = file.len() - icon.len() - prefix.len() - pixels.len();
        // A data set may end between its elements.
        let ends = [
            0,
            icon.len(),
            icon.len() + prefix.len(),
            icon.len() + extended.len() / 2,
        ];
        for end in data_set..file.len() {
            assert!(
                open(&file[..end]).is_err() || ends.contains(&(end - data_set)),
                "cut at {end}"
            );
        }
        crate::broken::change(
            &file,
            0..4096,
            |bytes| dicom::open(bytes, Options::default()),
            crate::broken::no_checksums,
        );
    }
}

#[test]
fn real_files() {
    crate::corpus::check("dicom", "dicom", Names::Own);
}
