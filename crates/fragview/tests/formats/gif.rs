//! GIF: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names};
use fragview::formats::{Container, FormatError, Options, gif};

const SCREEN: &[u8] = b"GIF89a\x02\0\x02\0\0\0\0";
const IMAGE: &[u8] = b"\x2c\0\0\0\0\x02\0\x02\0\0\x02\x03abc\x02de\0";

fn open(parts: &[&[u8]]) -> (Vec<u8>, Result<Container, FormatError>) {
    let file = parts.concat();
    let result = gif::open(&&file[..], Options::default());
    (file, result)
}

#[track_caller]
fn refused(parts: &[&[u8]], offset: usize, what: &str) {
    let error = open(parts).1.expect_err(what);
    assert!(error.what.contains(what) && error.offset == offset, "{error}");
}

#[test]
fn sub_blocks_are_joined() {
    let control = b"\x21\xf9\x04\0\0\0\0\0";
    let (file, container) = open(&[
        SCREEN,
        b"\x21\xfe\x02hi\0\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0",
        control,
        IMAGE,
        b"\x21\xfe\0",
        control,
        IMAGE,
        b"\x3btrailing",
    ]);
    let container = container.expect("valid");
    assert_eq!(
        names(&container),
        ["ext_fe@0", "ext_ff@0", "image0.lzw", "image1.lzw"],
        "an extension without data is no stream"
    );
    assert_eq!(named(&file, &container, "image1.lzw"), b"abcde");
    assert_eq!(named(&file, &container, "ext_ff@0"), b"NETSCAPE2.0\x01\0\0");
}

#[test]
fn color_tables_are_passed_over() {
    let global = [b"GIF87a\x01\0\x01\0\x81\0\0".as_slice(), &[0x3b; 12]].concat();
    let local = [
        b"\x2c\0\0\0\0\x01\0\x01\0\x80".as_slice(),
        &[0x3b; 6],
        b"\x08\x01x\0",
    ]
    .concat();
    let (file, container) = open(&[&global, &local, b"\x3b"]);
    assert_eq!(named(&file, &container.expect("valid"), "image0.lzw"), b"x");
}

#[test]
fn a_profile_loses_its_name() {
    let (file, container) = open(&[SCREEN, b"\x21\xff\x0bICCRGBG1012\x03pro\x04file\0\x3b"]);
    let container = container.expect("valid");
    assert_eq!(named(&file, &container, "icc"), b"profile");
    assert_eq!(named(&file, &container, "ext_ff@0"), b"ICCRGBG1012profile");
}

#[test]
fn xmp_lies_in_one_piece() {
    let packet = b"<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta/><?xpacket end='w'?>";
    let trailer: Vec<u8> = [1].into_iter().chain((0..=255).rev()).chain([0]).collect();
    let (file, container) = open(&[
        SCREEN,
        b"\x21\xff\x0bXMP DataXMP",
        packet,
        &trailer,
        IMAGE,
        b"\x3b",
    ]);
    let container = container.expect("valid");
    assert_eq!(named(&file, &container, "xmp"), packet);
    assert_eq!(named(&file, &container, "image0.lzw"), b"abcde");
    let (_, container) = open(&[SCREEN, b"\x21\xff\x0bXMP DataXMP\x03abc\0\x3b"]);
    let container = container.expect("the rest of the file is there");
    assert!(container.stream("xmp").is_none());
    assert!(container.faults[0].what.contains("magic trailer"));
}

#[test]
fn broken_structure_is_refused() {
    refused(&[b"GIF88a\0\0\0\0\0\0\0\x3b"], 0, "signature");
    refused(&[b"GIF89a\0\0\0\0\x87\0\0\x3b"], 13, "past the end");
    refused(&[SCREEN], 13, "truncated");
    refused(&[SCREEN, b"\0\x3b"], 13, "neither");
    refused(&[SCREEN, b"\x21\xfe\x05four"], 16, "past the end");
    refused(&[SCREEN, b"\x21\xfe\x04four"], 20, "truncated");
    for size in [b"\0", b"\x09"] {
        refused(
            &[SCREEN, b"\x2c\0\0\0\0\x01\0\x01\0\0", size, b"\0\x3b"],
            23,
            "code size",
        );
    }
}

#[test]
fn broken_files_never_panic() {
    let trailer: Vec<u8> = [1].into_iter().chain((0..=255).rev()).chain([0]).collect();
    let (file, _) = open(&[
        SCREEN,
        b"\x21\xff\x0bICCRGBG1012\x03pro\x04file\0",
        IMAGE,
        b"\x21\xff\x0bXMP DataXMP<x/>",
        &trailer,
        b"\x21\xfe\x02hi\0\x3b",
    ]);
    crate::broken::cut(
        &file,
        |bytes| gif::open(bytes, Options::default()),
        crate::broken::no_checksums,
        |_, opened| !opened,
    );
    crate::broken::change(
        &file,
        0..4096,
        |bytes| gif::open(bytes, Options::default()),
        crate::broken::no_checksums,
    );
}

#[test]
fn real_files() {
    crate::corpus::check("gif", "gif", Names::Same);
}
