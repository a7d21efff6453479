//! Captures, real ones and made ones: files, links, and IP. TCP has a file of its own.

#![allow(clippy::cast_possible_truncation, reason = "the packets are small")]

use crate::broken::no_checksums;
use crate::captures::{ACK, capture, ipv4, ipv6, only, segment, tcp};
use crate::corpus::Names;
use fragview::formats::{Options, pcap};

const RAW: u32 = 101;

fn refused(file: &[u8], what: &str) {
    let error = pcap::open(&file, Options::default()).expect_err(what);
    assert!(error.what.contains(what), "{error}, not {what}");
    assert!(error.offset <= file.len(), "{error}");
}

/// Two segments, `abc` and `de`.
fn two() -> [Vec<u8>; 2] {
    [segment(true, 7, 0, ACK, b"abc"), segment(true, 10, 0, ACK, b"de")]
}

#[test]
fn real_files() {
    crate::corpus::check("tcp_pcap", "pcap", Names::Same);
}

/// A function from a number to its bytes.
type ToBytes<N, const SIZE: usize> = fn(N) -> [u8; SIZE];

/// The bytes of a number of 32 bits, and of one of 16 bits.
fn in_order(big: bool) -> (ToBytes<u32, 4>, ToBytes<u16, 2>) {
    if big {
        (u32::to_be_bytes, u16::to_be_bytes)
    } else {
        (u32::to_le_bytes, u16::to_le_bytes)
    }
}

#[test]
fn byte_orders_and_magics() {
    for (magic, more) in [(0xA1B2_C3D4_u32, 0), (0xA1B2_3C4D, 0), (0xA1B2_CD34, 8)] {
        for big in [false, true] {
            let (long, short) = in_order(big);
            let mut file = [&long(magic)[..], &short(2), &short(4), &[0; 8], &long(65535)].concat();
            file.extend(long(RAW | 0x5400_0000 & 0xF000_0000));
            for packet in two() {
                file.extend(
                    [
                        &[0; 8][..],
                        &long(packet.len() as u32),
                        &long(packet.len() as u32),
                    ]
                    .concat(),
                );
                file.extend(vec![0; more]);
                file.extend(packet);
            }
            assert_eq!(only(&file), "abcde");
        }
    }
}

fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let (long, _) = in_order(big);
    let length = long(12 + body.len() as u32);
    [&long(kind), &length, body, &length].concat()
}

/// A section with one packet a kind of block, and options and blocks that are skipped.
fn section(big: bool, packets: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let (long, short) = in_order(big);
    let mut file = block(
        big,
        0x0A0D_0D0A,
        &[&long(0x1A2B_3C4D)[..], &short(1), &short(0), &[0xFF; 8]].concat(),
    );
    let options = [&short(9)[..], &short(1), &[9, 0, 0, 0], &short(0), &short(0)].concat();
    file.extend(block(
        big,
        1,
        &[&short(RAW as u16)[..], &[0; 6], &options].concat(),
    ));
    file.extend(block(big, 5, &[0; 12]));
    for (kind, packet) in packets {
        let length = long(packet.len() as u32);
        let mut padded = packet.clone();
        padded.resize(packet.len().next_multiple_of(4), 0);
        let body = match kind {
            3 => [&length[..], &padded].concat(),
            2 => [&[0; 12][..], &length, &length, &padded, &options].concat(),
            _ => [&long(0)[..], &[0; 8], &length, &length, &padded, &options].concat(),
        };
        file.extend(block(big, *kind, &body));
    }
    file
}

#[test]
fn pcapng() {
    let parts = [
        (6, segment(true, 1, 0, ACK, b"enhanced ")),
        (3, segment(true, 10, 0, ACK, b"simple ")),
        (2, segment(true, 17, 0, ACK, b"obsolete ")),
    ];
    for big in [false, true] {
        let mut file = section(big, &parts);
        file.extend(section(!big, &[(6, segment(true, 26, 0, ACK, b"other order"))]));
        assert_eq!(only(&file), "enhanced simple obsolete other order");
    }
    // The first section's interface is none of the second one's.
    let mut file = section(true, &parts);
    let mut other = section(false, &[]);
    other.truncate(28);
    file.extend(other);
    file.extend(block(false, 3, &[0; 8]));
    refused(&file, "not described");
}

#[test]
fn pcapng_that_is_not() {
    let file = section(true, &[(6, segment(true, 1, 0, ACK, b"abcd"))]);
    let with = |at: usize, bytes: &[u8]| {
        let mut file = file.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    refused(&with(8, &[0x1A, 0x2B, 0x3C, 0x4E]), "not a packet capture");
    refused(&with(12, &[0, 2]), "version");
    refused(&with(4, &[0, 0, 0, 0]), "an impossible length");
    refused(&with(4, &[0, 0, 0, 30]), "an impossible length");
    refused(&with(4, &[0xFF, 0xFF, 0xFF, 0xFC]), "cut off");
    refused(&with(24, &[0, 0, 0, 32]), "two lengths differ");
    let packet = 28 + 32 + 24;
    refused(&with(packet + 8, &[0, 0, 0, 1]), "not described");
    refused(&with(packet + 20, &[0, 0, 1, 0]), "longer than its block");
    refused(&file[..file.len() - 4], "cut off");
    refused(&[&file[..28], &block(true, 1, &[0; 4])].concat(), "too short");
    refused(&[&file[..28], &block(true, 6, &[0; 12])].concat(), "too short");
    refused(&[&file[..], &[0, 0]].concat(), "cut off");
}

#[test]
fn pcaps_that_are_not() {
    let file = capture(RAW, &two());
    refused(b"\x89PNG", "not a packet capture");
    refused(b"", "not a packet capture");
    refused(&file[..20], "cut off");
    refused(&file[..30], "cut off");
    refused(&file[..file.len() - 1], "cut off");
    refused(&capture(147, &two()), "link type 147");
    let mut other = file.clone();
    other[5] = 3;
    refused(&other, "version");
    assert!(
        pcap::open(&&capture::<&[u8]>(147, &[])[..], Options::default())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn links() {
    let (v4, v6) = (
        segment(true, 1, 0, ACK, b"data"),
        ipv6(true, 6, &tcp(true, 1, 0, ACK, b"data")),
    );
    let mac = [2; 12];
    for (link, front, kind) in [
        (1, &mac[..], &b""[..]),
        (1, &mac, b"\x81\0\0\x05"),
        (1, &mac, b"\x88\xA8\0\x05\x81\0\0\x07"),
        (1, &mac, b"\x91\0\0\x05\x81\0\0\x07\x81\0\0\x07"),
        (1, &mac, b"\0\x48\xAA\xAA\x03\0\0\0"),
        (113, &[0; 14], b""),
    ] {
        for (packet, kind_of_ip) in [(&v4, [8, 0]), (&v6, [0x86, 0xDD])] {
            let mut frame = [front, kind, &kind_of_ip, packet].concat();
            frame.extend([b'#'; 20]); // padding
            assert_eq!(only(&capture(link, &[frame])), "data", "{link} {kind:?}");
        }
    }
    for (link, front) in [
        (0, &[2, 0, 0, 0][..]),
        (0, &[0, 0, 0, 2]),
        (108, &[0, 0, 0, 2]),
        (12, &[]),
        (14, &[]),
        (228, &[]),
        (276, &[8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0]),
        (
            1,
            &[
                2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x88, 0x64, 0x11, 0, 0, 1, 0, 46, 0, 0x21,
            ],
        ),
        (
            1,
            &[
                2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0x88, 0x47, 0, 1, 0, 64, 0, 1, 1, 64,
            ],
        ),
    ] {
        assert_eq!(only(&capture(link, &[[front, &v4].concat()])), "data", "{link}");
    }
    // ARP, LLC without SNAP, another protocol, an unknown family, another version.
    let arp = [&mac[..], &[8, 6], &v4].concat();
    let llc = [&mac[..], &[0, 50], &v4].concat();
    assert!(
        pcap::open(&&capture(1, &[arp, llc])[..], Options::default())
            .unwrap()
            .is_empty()
    );
    let udp = ipv4(true, 0, 0, &[], 17, &tcp(true, 1, 0, ACK, b"data"));
    assert!(
        pcap::open(&&capture(RAW, &[udp, vec![0x55; 60]])[..], Options::default())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn ipv4_options_fragments_and_tunnels() {
    let whole = tcp(true, 1, 0, ACK, b"in three fragments");
    let options = ipv4(true, 0, 0, &[1; 8], 6, &whole);
    assert_eq!(only(&capture(RAW, &[options])), "in three fragments");
    // The first cut is within TCP's own header.
    let more = 0x2000;
    let [a, b, c] = [
        ipv4(true, 9, more, &[], 6, &whole[..8]),
        ipv4(true, 9, more | 1, &[1; 4], 6, &whole[8..24]),
        ipv4(true, 9, 3, &[], 6, &whole[24..]),
    ];
    let other = ipv4(true, 8, more, &[], 6, &whole[..8]);
    for order in [[&a, &b, &c], [&c, &b, &a], [&b, &c, &a]] {
        let packets = [order[0], &other, order[1], order[1], order[0], order[2]];
        assert_eq!(only(&capture(RAW, &packets)), "in three fragments");
    }
    assert!(
        pcap::open(&&capture(RAW, &[&a, &c])[..], Options::default())
            .unwrap()
            .is_empty()
    );
    // The length is 0 where the network card cuts the packet.
    let mut big = segment(true, 1, 0, ACK, b"offloaded");
    big[2..4].fill(0);
    assert_eq!(only(&capture(RAW, &[big])), "offloaded");
    let inner = segment(true, 1, 0, ACK, b"inner");
    assert_eq!(only(&capture(RAW, &[ipv4(true, 0, 0, &[], 4, &inner)])), "inner");
    let mut deep = inner;
    for _ in 0..100 {
        deep = ipv4(true, 0, 0, &[], 4, &deep);
    }
    assert!(
        pcap::open(&&capture(RAW, &[deep])[..], Options::default())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn ipv6_extensions_and_fragments() {
    let whole = tcp(true, 1, 0, ACK, b"behind extensions");
    let options = [
        &[60, 0, 1, 4, 0, 0, 0, 0][..],
        &[51, 1, 1, 12],
        &[0; 12],
        &[6, 4],
        &[0; 22],
        &whole,
    ]
    .concat();
    assert_eq!(
        only(&capture(RAW, &[ipv6(true, 0, &options)])),
        "behind extensions"
    );
    let fragment = |start: u16, more: u16, part: &[u8]| {
        let place = (start | more).to_be_bytes();
        ipv6(
            true,
            44,
            &[&[6, 0, place[0], place[1], 0, 0, 0, 7], part].concat(),
        )
    };
    let [a, b] = [fragment(0, 1, &whole[..16]), fragment(16, 0, &whole[16..])];
    assert_eq!(only(&capture(RAW, &[&b, &a])), "behind extensions");
    assert_eq!(
        only(&capture(RAW, &[fragment(0, 0, &whole)])),
        "behind extensions"
    );
}

#[test]
fn headers_that_lie() {
    let bad = |at: usize, value: u8| {
        let mut packet = segment(true, 1, 0, ACK, b"data");
        packet[at] = value;
        pcap::open(&&capture(RAW, &[packet])[..], Options::default())
            .unwrap()
            .len()
    };
    assert_eq!(bad(0, 0x44), 0); // an IPv4 header of 16 bytes
    assert_eq!(bad(0, 0x4F), 0); // one past the end
    assert_eq!(bad(3, 19), 0); // a packet shorter than its header
    assert_eq!(bad(32, 0x40), 0); // a TCP header of 16 bytes
    assert_eq!(bad(32, 0xF0), 0); // one past the end
    assert_eq!(bad(3, 200), 1); // a packet longer than its frame
}

#[test]
fn mutations() {
    let whole = tcp(true, 7, 0, ACK, b"fragments");
    let mut packets = two().to_vec();
    packets.push(ipv4(true, 9, 0x2000, &[], 6, &whole[..24]));
    packets.push(ipv4(true, 9, 3, &[], 6, &whole[24..]));
    packets.push(ipv6(
        true,
        0,
        &[&[6, 0, 1, 4, 0, 0, 0, 0][..], &tcp(false, 7, 10, ACK, b"abc")].concat(),
    ));
    let file = capture(RAW, &packets);
    crate::broken::cut(
        &file,
        |bytes| pcap::open(bytes, Options::default()),
        no_checksums,
        |_, _| true,
    );
    crate::broken::change(
        &file,
        0..file.len(),
        |bytes| pcap::open(bytes, Options::default()),
        no_checksums,
    );
    let numbered: Vec<_> = packets
        .into_iter()
        .zip([6, 3, 2, 6, 6])
        .map(|(packet, kind)| (kind, packet))
        .collect();
    let file = section(false, &numbered);
    crate::broken::cut(
        &file,
        |bytes| pcap::open(bytes, Options::default()),
        no_checksums,
        |_, _| true,
    );
    crate::broken::change(
        &file,
        0..file.len(),
        |bytes| pcap::open(bytes, Options::default()),
        no_checksums,
    );
}
