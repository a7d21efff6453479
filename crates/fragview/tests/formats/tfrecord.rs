//! `TFRecord`: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names, refused};
use crc::{CRC_32_ISCSI, Crc};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, tfrecord};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    tfrecord::open(bytes, Options::default())
}

use tfrecord::verify;

fn masked(bytes: &[u8]) -> [u8; 4] {
    let crc = Crc::<u32>::new(&CRC_32_ISCSI).checksum(bytes);
    crc.rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked(&length), data, &masked(data)].concat()
}

#[test]
fn records() {
    let file = [record(b"one"), record(b""), record(&[7; 9000])].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        ["records_joined", "record[0]", "record[1]", "record[2]"]
    );
    assert_eq!(named(&file, &container, "record[0]"), b"one");
    assert_eq!(named(&file, &container, "record[1]"), b"");
    assert_eq!(named(&file, &container, "records_joined").len(), 9003);
    verify(&&file[..], &container).expect("the checksums are right");
    let mut file = file;
    file[9000] ^= 1;
    let error = verify(&&file[..], &open(&&file[..]).expect("valid")).expect_err("a flipped bit");
    assert_eq!(
        (error.offset, &*error.what),
        (47, "the checksum of record 2 is wrong")
    );
}

#[test]
fn broken_files() {
    let file = [record(b"one"), record(b""), record(b"three")].concat();
    crate::broken::cut(&file, open, verify, |end, opened| {
        opened == matches!(end, 0 | 19 | 35)
    });
    crate::broken::change(&file, 0..2048, open, verify);
    let mut flipped = file.clone();
    for at in 0..12 {
        flipped[at] ^= 0x10;
        refused(open, &flipped, "checksum of the length");
        flipped[at] ^= 0x10;
    }
    // The right checksum does not make a length right.
    for length in [u64::MAX, u64::MAX - 15, 1 << 60, 100] {
        let length = length.to_le_bytes();
        let file = [&length[..], &masked(&length), b"data"].concat();
        assert!(open(&&file[..]).is_err());
    }
}

#[test]
fn the_corpus() {
    crate::corpus::check("tfrecord", "tfrecord", Names::Same);
}
