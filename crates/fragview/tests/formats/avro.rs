//! Avro: the rules on small files, broken files, and the corpus.
#![allow(
    clippy::cast_possible_truncation,
    reason = "files of the tests' own, of known sizes"
)]

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, avro};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    avro::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    avro::open(bytes, Options::LENIENT)
}

use crate::broken::no_checksums as verify;

const MARKER: &[u8] = b"0123456789abcdef";

fn header(keys: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut file = b"Obj\x01".to_vec();
    if !keys.is_empty() {
        file.push(keys.len() as u8 * 2);
    }
    for (key, value) in keys {
        file.push(key.len() as u8 * 2);
        file.extend(*key);
        file.push(value.len() as u8 * 2);
        file.extend(*value);
    }
    file.push(0);
    file.extend(MARKER);
    file
}

fn block(data: &[u8]) -> Vec<u8> {
    [&[2, data.len() as u8 * 2], data, MARKER].concat()
}

#[test]
fn blocks() {
    let file = [
        header(&[(b"avro.schema", b"{}"), (b"avro.codec", b"null")]),
        block(b"one"),
        block(b""),
        block(b"two"),
    ];
    let file = file.concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        [
            "decoded_blocks_joined",
            "block[0]",
            "block[1]",
            "block[2]",
            "meta/avro.schema",
            "meta/avro.codec"
        ]
    );
    assert_eq!(named(&file, &container, "decoded_blocks_joined"), b"onetwo");
    assert_eq!(named(&file, &container, "block[2]"), b"two");
    assert_eq!(named(&file, &container, "meta/avro.schema"), b"{}");
    let file = [header(&[(b"avro.codec", b"deflate")]), block(b"zip")].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        ["blocks_joined", "block[0]", "meta/avro.codec"]
    );
    // The keys of the header in a block that says its size.
    let file = [b"Obj\x01\x01\x08\x02k\x02v\0", MARKER].concat();
    assert_eq!(named(&file, &open(&&file[..]).expect("valid"), "meta/k"), b"v");
}

#[test]
fn what_is_refused() {
    refused(
        open,
        &[header(&[]), b"\x01\x02x".to_vec(), MARKER.to_vec()].concat(),
        "negative count",
    );
    refused(
        open,
        &[header(&[]), vec![0xff; 12]].concat(),
        "more than 10 bytes",
    );
    refused(open, b"Obj\x01\x02\x01", "negative length");
    let mut file = [header(&[]), block(b"one"), block(b"two"), block(b"three")].concat();
    let at = 21 + 5;
    file[at] = b'!';
    refused(open, &file, "no marker");
    let container = lenient(&&file[..]).expect("blocks are there");
    assert_eq!(named(&file, &container, "decoded_blocks_joined"), b"onethree");
    let cut = &file[..file.len() - 18];
    let container = lenient(&cut).expect("blocks are there");
    assert_eq!(named(cut, &container, "decoded_blocks_joined"), b"onethr");
}

#[test]
fn broken_files() {
    let file = [header(&[(b"avro.codec", b"null")]), block(b"one"), block(b"two")].concat();
    let first = file.len() - 42;
    crate::broken::cut(&file, open, verify, |end, opened| {
        opened == (end == first || end == first + 21)
    });
    crate::broken::change(&file, 0..2048, open, verify);
    crate::broken::change(&file, 0..2048, lenient, verify);
}

/// The manifest calls a stream decoded that the codec leaves as it is.
#[test]
fn the_streams_of_the_corpus() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/avro");
    for (name, blocks, bytes) in [
        ("test-null.avro", 53, 12117),
        ("java-generated-uuid.avro", 1, 8195),
    ] {
        let Ok(file) = std::fs::read(folder.join(name)) else {
            println!("skipped, {name} is not there");
            continue;
        };
        let container = open(&&file[..]).expect("valid");
        assert_eq!(named(&file, &container, "decoded_blocks_joined").len(), bytes);
        assert_eq!(
            container.numbered("block").map(|blocks| blocks.len()),
            Some(blocks)
        );
    }
}

#[test]
fn the_corpus() {
    crate::corpus::check("avro", "avro", Names::Same);
}
