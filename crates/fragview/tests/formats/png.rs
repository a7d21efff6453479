//! PNG and APNG: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names};
use fragview::formats::{Container, FormatError, Options, png};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

fn chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short").to_be_bytes();
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let typed = [kind, content].concat();
    [&length[..], &typed, &crc.checksum(&typed).to_be_bytes()].concat()
}

fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = SIGNATURE.to_vec();
    for (kind, content) in chunks {
        file.extend(chunk(*kind, content));
    }
    file
}

fn open(file: &[u8]) -> Result<Container, FormatError> {
    png::open(&file, Options::default())
}

#[track_caller]
fn refused(chunks: &[(&[u8; 4], &[u8])], what: &str) {
    let error = open(&file(chunks)).expect_err(what);
    assert!(error.what.contains(what), "{error}");
}

#[track_caller]
fn still(chunks: &[(&[u8; 4], &[u8])], what: &str) {
    let container = crate::corpus::faulty(|bytes| png::open(bytes, Options::default()), &file(chunks), what);
    assert_eq!(names(&container)[0], "idat");
    assert!(names(&container).iter().all(|name| !name.starts_with("frame")));
}

const HEAD: (&[u8; 4], &[u8]) = (b"IHDR", &[0; 13]);
const END: (&[u8; 4], &[u8]) = (b"IEND", b"");

/// An `fcTL`'s content.
fn control(sequence: u8) -> [u8; 26] {
    let mut control = [0; 26];
    control[3] = sequence;
    control
}

const TWO_FRAMES: (&[u8; 4], &[u8]) = (b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
const ONE_FRAME: (&[u8; 4], &[u8]) = (b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]);

fn animated() -> Vec<u8> {
    file(&[
        HEAD,
        TWO_FRAMES,
        (b"fcTL", &control(0)),
        (b"IDAT", b"im"),
        (b"IDAT", b"age"),
        (b"fcTL", &control(1)),
        (b"fdAT", b"\0\0\0\x02sec"),
        (b"tEXt", b"k\0between"),
        (b"fdAT", b"\0\0\0\x03ond"),
        END,
    ])
}

#[test]
fn the_image_is_one_stream() {
    let file = file(&[
        HEAD,
        (b"tEXt", b"a\0b"),
        (b"tEXt", b"c\0d"),
        (b"idat", b"private"),
        (b"IDAT", b"im"),
        (b"IDAT", b""),
        (b"IDAT", b"age"),
        END,
    ]);
    let container = open(&file).expect("valid");
    assert_eq!(names(&container), ["idat", "IHDR", "tEXt", "tEXt@1", "idat@1"]);
    assert_eq!(named(&file, &container, "idat"), b"image");
    assert_eq!(named(&file, &container, "tEXt@1"), b"c\0d");
    assert_eq!(png::verify(&&file[..], &container), Ok(()));
}

#[test]
fn frames_drop_their_sequence_numbers() {
    let file = animated();
    let container = open(&file).expect("valid");
    assert_eq!(named(&file, &container, "idat"), b"image");
    assert_eq!(named(&file, &container, "frame0"), b"image");
    assert_eq!(named(&file, &container, "frame1"), b"second");
}

#[test]
fn the_image_need_not_be_a_frame() {
    let first = control(0);
    let file = file(&[
        HEAD,
        ONE_FRAME,
        (b"IDAT", b"image"),
        (b"fcTL", &first),
        (b"fdAT", b"\0\0\0\x01one"),
        END,
    ]);
    let container = open(&file).expect("valid");
    assert_eq!(named(&file, &container, "idat"), b"image");
    assert_eq!(named(&file, &container, "frame0"), b"one");
}

#[test]
fn without_animation_control_it_is_a_still_image() {
    let file = file(&[HEAD, (b"fdAT", b"?"), (b"IDAT", b"image"), (b"fcTL", b"!"), END]);
    let container = open(&file).expect("valid");
    assert_eq!(names(&container), ["idat", "IHDR"]);
}

#[test]
fn what_follows_the_end_is_left_alone() {
    let mut file = animated();
    file.extend(b"trailing");
    assert!(open(&file).is_ok());
}

#[test]
fn broken_structure_is_refused() {
    let data: (&[u8; 4], &[u8]) = (b"IDAT", b"x");
    refused(&[data, HEAD, END], "the first chunk");
    refused(&[HEAD, HEAD, data, END], "the first chunk");
    refused(&[(b"IHDR", &[0; 12]), data, END], "13 bytes");
    refused(&[HEAD, END], "no IDAT");
    refused(&[HEAD, data], "truncated");
    refused(&[HEAD, data, (b"tEXt", b""), data, END], "not consecutive");
    refused(&[HEAD, data, (b"PLTE", b"rgb"), END], "PLTE");
    refused(&[HEAD, (b"PLTE", b"rgb"), (b"PLTE", b"rgb"), data, END], "PLTE");
    refused(&[HEAD, data, (b"IEND", b"x")], "IEND must be empty");
    refused(&[HEAD, (b"a1Bc", b""), data, END], "four letters");
    assert_eq!(
        open(b"GIF89a.."),
        Err(FormatError::new("png", 0, "no PNG signature"))
    );
}

#[test]
fn a_broken_animation_leaves_the_still_image() {
    let data: (&[u8; 4], &[u8]) = (b"IDAT", b"x");
    let (first, second) = (control(0), control(1));
    let (first, second): ((&[u8; 4], &[u8]), _) = ((b"fcTL", &first), (b"fcTL", &second[..]));
    let frame: (&[u8; 4], &[u8]) = (b"fdAT", b"\0\0\0\x01y");
    still(&[HEAD, ONE_FRAME, data, second, END], "out of sequence");
    still(&[HEAD, ONE_FRAME, data, first, first, END], "out of sequence");
    still(
        &[HEAD, ONE_FRAME, data, first, (b"fdAT", b"\0\0\0\x02y"), END],
        "out of sequence",
    );
    still(&[HEAD, ONE_FRAME, data, first, END], "without data");
    still(&[HEAD, ONE_FRAME, first, second, data, END], "without data");
    still(
        &[HEAD, ONE_FRAME, data, (b"fdAT", b"\0\0\0\0y"), END],
        "without fcTL",
    );
    still(&[HEAD, ONE_FRAME, first, frame, data, END], "before IDAT");
    still(
        &[HEAD, ONE_FRAME, first, data, (b"tEXt", b""), frame, END],
        "without fcTL",
    );
    still(
        &[HEAD, ONE_FRAME, first, data, (b"fdAT", b"\0\0"), END],
        "sequence number",
    );
    still(&[HEAD, TWO_FRAMES, first, data, END], "2 frames, there are 1");
    still(&[HEAD, (b"acTL", &[0; 8]), data, END], "0 frames");
    still(&[HEAD, (b"acTL", &[0; 7]), data, END], "8 bytes");
    still(&[HEAD, ONE_FRAME, (b"fcTL", &[0; 25]), data, END], "26 bytes");
    still(&[HEAD, ONE_FRAME, ONE_FRAME, first, data, END], "acTL");
    still(&[HEAD, data, ONE_FRAME, END], "acTL");
}

#[test]
fn lengths_past_the_end_are_refused() {
    for (length, what) in [
        ([0, 0, 1, 0], "past the end"),
        ([0x7f, 255, 255, 255], "past the end"),
        ([255; 4], "2^31"),
    ] {
        let mut file = animated();
        file[8..12].copy_from_slice(&length);
        let error = open(&file).expect_err("too long");
        assert!(error.what.contains(what), "{error}");
    }
}

#[test]
fn a_wrong_crc_is_found_on_request() {
    let mut file = animated();
    let at = file.len() - 1;
    file[at] ^= 1;
    let container = open(&file).expect("the structure is sound");
    let error = png::verify(&&file[..], &container).expect_err("wrong CRC");
    assert_eq!((error.offset, &*error.what), (at - 3, "wrong CRC of IEND"));
}

#[test]
fn broken_files_never_panic() {
    let file = animated();
    crate::broken::cut(
        &file,
        |bytes| png::open(bytes, Options::default()),
        png::verify,
        |_, opened| !opened,
    );
    crate::broken::change(
        &file,
        0..4096,
        |bytes| png::open(bytes, Options::default()),
        png::verify,
    );
}

#[test]
fn real_files() {
    crate::corpus::check("png", "png", Names::Same);
    crate::corpus::check("apng", "png", Names::Own);
}
