//! TCP streams in made captures.
//!
//! What one must give is what tshark 4.0.17 gives, with holes where that writes "[n bytes missing]".

#![allow(clippy::cast_possible_truncation, reason = "the packets are small")]

use crate::captures::{ACK, FIN, SYN, capture, ipv6, only, segment, tcp, text};
use fragview::formats::{Options, pcap};

const RAW: u32 = 101;

/// The data of the client, whose segments have these numbers and bytes.
fn follow(segments: &[(u32, &[u8])]) -> String {
    let packets: Vec<_> = segments
        .iter()
        .map(|&(at, data)| segment(true, at, 0, ACK, data))
        .collect();
    only(&capture(RAW, &packets))
}

#[test]
fn names_and_numbers() {
    let packets = [
        segment(true, 5, 0, SYN, b""),
        ipv6(false, 6, &tcp(false, 1, 0, ACK, b"six")),
        segment(false, 50, 6, SYN | ACK, b""),
        segment(false, 51, 6, ACK, b"server"),
        segment(true, 6, 57, ACK, b"client"),
    ];
    let file = capture(RAW, &packets);
    let container = pcap::open(&&file[..], Options::default()).unwrap();
    let expected = [
        ("stream0:10.0.0.1:99->10.0.0.2:25", "client"),
        ("stream0:10.0.0.2:25->10.0.0.1:99", "server"),
        ("stream1:[2001:db8::2]:25->[2001:db8::1]:99", "six"),
    ];
    assert_eq!(
        text(&file, &container),
        expected.map(|(name, text)| (name.into(), text.into()))
    );
}

#[test]
fn retransmission_reordering_and_overlap() {
    assert_eq!(
        follow(&[(1, b"abc"), (1, b"abc"), (4, b"def"), (4, b"xyz")]),
        "abcdef"
    );
    assert_eq!(follow(&[(1, b"abc"), (7, b"ghi"), (4, b"def")]), "abcdefghi");
    assert_eq!(follow(&[(1, b"abc"), (1, b"XXXdef")]), "abcdef");
    assert_eq!(follow(&[(1, b"abc"), (2, b"XXdef"), (5, b"Y")]), "abcdef");
    // Of those that wait, the one that came first.
    assert_eq!(
        follow(&[(1, b"a"), (3, b"cc"), (4, b"dd"), (4, b"DDD"), (2, b"b")]),
        "abccdD"
    );
    assert_eq!(
        follow(&[(1, b"a"), (4, b"DDDD"), (3, b"ccc"), (2, b"bb")]),
        "abbDDDD"
    );
    // A keep-alive has the number before the next one.
    assert_eq!(follow(&[(1, b"abc"), (3, b"\0"), (3, b""), (4, b"d")]), "abcd");
}

#[test]
fn numbers_wrap() {
    let start = u32::MAX - 2;
    assert_eq!(
        follow(&[(start, b"abcdef"), (6, b"jk"), (3, b"ghi"), (start, b"abc")]),
        "abcdefghijk"
    );
    let packets = [
        segment(true, u32::MAX, 0, SYN, b""),
        segment(true, 0, 0, ACK, b"zero"),
    ];
    assert_eq!(only(&capture(RAW, &packets)), "zero");
}

#[test]
fn ports_used_again() {
    let packets = [
        segment(true, 5, 0, SYN, b""),
        segment(true, 5, 0, SYN, b""),
        segment(true, 6, 0, ACK, b"one"),
        segment(true, 9, 0, FIN | ACK, b""),
        segment(true, 70, 0, SYN, b"fast"),
        segment(false, 1000, 75, SYN | ACK, b""),
        segment(true, 75, 0, ACK, b" open"),
    ];
    let file = capture(RAW, &packets);
    let container = pcap::open(&&file[..], Options::default()).unwrap();
    let expected = [
        ("stream0:10.0.0.1:99->10.0.0.2:25", "one"),
        ("stream1:10.0.0.1:99->10.0.0.2:25", "fast open"),
    ];
    assert_eq!(
        text(&file, &container),
        expected.map(|(name, text)| (name.into(), text.into()))
    );
}

#[test]
fn gaps() {
    // Acknowledged: the receiver had it, and a late copy counts no more.
    let packets = [
        segment(true, 1, 0, ACK, b"ab"),
        segment(true, 5, 0, ACK, b"ef"),
        segment(false, 1, 7, ACK, b""),
        segment(true, 3, 0, ACK, b"cd"),
        segment(true, 7, 0, ACK, b"gh"),
    ];
    assert_eq!(only(&capture(RAW, &packets)), "ab~~efgh");
    // Not acknowledged: it is waited for, up to the capture's end.
    assert_eq!(follow(&[(1, b"ab"), (5, b"ef"), (3, b"cd")]), "abcdef");
    assert_eq!(follow(&[(1, b"ab"), (5, b"ef"), (9, b"ij")]), "ab~~ef~~ij");
    // Farther ahead than any window.
    assert_eq!(follow(&[(1, b"ab"), (0x5000_0000, b"ef")]), "ab");
}

#[test]
fn packets_cut_by_the_snapshot_length() {
    let cut = |packets: &[Vec<u8>], captured: usize| {
        let mut file = capture::<&[u8]>(RAW, &[]);
        for packet in packets {
            let captured = captured.min(packet.len());
            file.extend([0; 8]);
            file.extend((captured as u32).to_be_bytes());
            file.extend((packet.len() as u32).to_be_bytes());
            file.extend(&packet[..captured]);
        }
        file
    };
    let packets = [
        segment(true, 1, 0, ACK, b"abcdef"),
        segment(true, 7, 0, ACK, b"ghijk"),
    ];
    assert_eq!(only(&cut(&packets, 43)), "abc~~~ghi~~");
    for captured in [0, 10, 20, 30, 39, 40] {
        assert!(
            pcap::open(&&cut(&packets, captured)[..], Options::default())
                .unwrap()
                .is_empty()
        );
    }
    // Another copy fills the gap.
    let mut file = cut(&packets[..1], 43);
    file.extend(&capture(RAW, &[segment(true, 1, 0, ACK, b"abcdef")])[24..]);
    assert_eq!(only(&file), "abcdef");
}

#[test]
fn many_segments_that_wait() {
    let packets: Vec<_> = (0..50_000_u32)
        .rev()
        .map(|i| segment(true, 10 + i, 0, ACK, b"x"))
        .collect();
    let mut all = vec![segment(true, 9, 0, ACK, b"s")];
    all.extend(packets);
    assert_eq!(only(&capture(RAW, &all)).len(), 50_001);
}
