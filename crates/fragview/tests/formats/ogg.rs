//! Ogg: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names, refused};
use crc::{Algorithm, CRC_32_MPEG_2, Crc};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, ogg};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    ogg::open(bytes, Options::default())
}

use ogg::verify;

const CONTINUED: u8 = 1;
const FIRST: u8 = 2;
const LAST: u8 = 4;

const CRC: Crc<u32> = Crc::<u32>::new(&Algorithm {
    init: 0,
    ..CRC_32_MPEG_2
});

/// A page with these lacing values; its content counts up from `serial`.
fn page(flags: u8, serial: u8, number: u8, lacing: &[u8]) -> Vec<u8> {
    let mut page = b"OggS\0".to_vec();
    page.push(flags);
    page.extend([0; 8]);
    page.extend([serial, 0, 0, 0, number, 0, 0, 0, 0, 0, 0, 0]);
    page.push(u8::try_from(lacing.len()).expect("short"));
    page.extend(lacing);
    let length: usize = lacing.iter().map(|&value| usize::from(value)).sum();
    page.extend(
        (0..=250)
            .cycle()
            .map(|index| serial.wrapping_add(index))
            .take(length),
    );
    let crc = CRC.checksum(&page);
    page[22..26].copy_from_slice(&crc.to_le_bytes());
    page
}

#[test]
fn packets_are_laced() {
    let file = page(FIRST | LAST, 7, 0, &[3, 0, 255, 2, 255, 0]);
    let container = open(&&file[..]).expect("valid");
    let lengths: Vec<usize> = container
        .streams()
        .map(|stream| stream.extents.byte_len())
        .collect();
    assert_eq!(lengths, [515, 3, 0, 257, 255]);
    assert_eq!(
        names(&container)[..2],
        ["serial_00000007", "serial_00000007.packet[0]"]
    );
    assert_eq!(named(&file, &container, "serial_00000007.packet[0]"), [7, 8, 9]);
    verify(&&file[..], &container).expect("the CRC is right");
}

#[test]
fn packets_go_on_over_pages() {
    let file = [
        page(FIRST, 1, 0, &[1, 255]),
        page(CONTINUED, 1, 1, &[255, 255]),
        page(0, 1, 2, &[]),
        page(CONTINUED | LAST, 1, 3, &[0, 4]),
    ]
    .concat();
    let container = open(&&file[..]).expect("valid");
    let lengths: Vec<usize> = container
        .streams()
        .map(|stream| stream.extents.byte_len())
        .collect();
    assert_eq!(lengths, [770, 1, 765, 4]);
    assert_eq!(container.extents(2).unwrap().len(), 2);
}

#[test]
fn streams_are_multiplexed_and_chained() {
    let file = [
        page(FIRST, 1, 0, &[1]),
        page(FIRST, 2, 0, &[2]),
        page(0, 2, 1, &[3, 255]),
        page(LAST, 1, 1, &[4]),
        page(CONTINUED | LAST, 2, 2, &[5]),
        page(FIRST | LAST, 1, 0, &[6]),
    ]
    .concat();
    let container = open(&&file[..]).expect("valid");
    let streams: Vec<(String, usize)> = container
        .streams()
        .filter(|stream| !stream.name.contains("packet"))
        .map(|stream| (stream.name, stream.extents.byte_len()))
        .collect();
    assert_eq!(
        streams,
        [
            ("serial_00000001".into(), 5),
            ("serial_00000002".into(), 265),
            ("serial_00000001@1".into(), 6)
        ]
    );
    assert!(container.stream("serial_00000001@1.packet[0]").is_some());
}

#[test]
fn what_is_refused() {
    let first = page(FIRST, 1, 0, &[1]);
    let open_packet = page(FIRST, 1, 0, &[255]);
    let after = |page: Vec<u8>| [&first[..], &page].concat();
    refused(open, b"junk", "no Ogg page");
    refused(
        open,
        &after(b"junk, no page, and it is as long as one".to_vec()),
        "no page",
    );
    refused(open, &page(0, 1, 0, &[1]), "does not begin");
    refused(open, &after(page(0, 2, 0, &[1])), "does not begin");
    refused(open, &after(page(0, 1, 2, &[1])), "missing or out of order");
    refused(open, &after(page(CONTINUED, 1, 1, &[1])), "continued");
    refused(
        open,
        &[&open_packet[..], &page(0, 1, 1, &[1])].concat(),
        "continued",
    );
    refused(open, &open_packet, "cut off");
    refused(open, &[open_packet.clone(), first.clone()].concat(), "cut off");
    refused(
        open,
        &[page(FIRST | LAST, 1, 0, &[1]), page(0, 1, 1, &[1])].concat(),
        "after its last page",
    );
    let mut version = after(page(0, 1, 1, &[1]));
    version[29 + 4] = 1;
    refused(open, &version, "version");
}

#[test]
fn broken_files() {
    let first = page(FIRST, 1, 0, &[1]);
    let file = [
        &first[..],
        &page(0, 1, 1, &[3, 255]),
        &page(CONTINUED | LAST, 1, 2, &[5]),
    ]
    .concat();
    crate::broken::cut(&file, open, verify, |end, opened| opened == (end == first.len()));
    crate::broken::change(&file, 0..2048, open, verify);
    let mut flipped = file.clone();
    for at in 0..file.len() {
        flipped[at] ^= 0x40;
        let result = open(&&flipped[..]).and_then(|container| verify(&&flipped[..], &container));
        assert!(result.is_err(), "a flipped bit at {at}");
        flipped[at] ^= 0x40;
    }
}

#[test]
fn the_corpus() {
    crate::corpus::check("ogg", "ogg", Names::Same);
}
