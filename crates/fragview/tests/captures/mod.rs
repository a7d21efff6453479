//! Makes captures.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::cast_possible_truncation, reason = "the packets are small")]

use fragview::formats::{Container, Options, pcap};

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const ACK: u8 = 16;

/// A TCP segment of the client (port 99) or the server (port 25).
pub(crate) fn tcp(client: bool, sequence: u32, acknowledgement: u32, flags: u8, data: &[u8]) -> Vec<u8> {
    let (from, to) = if client { (99_u16, 25_u16) } else { (25, 99) };
    let mut segment = [from.to_be_bytes(), to.to_be_bytes()].concat();
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledgement.to_be_bytes());
    segment.extend([0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]);
    segment.extend(data);
    segment
}

/// An IPv4 packet; `place` has the fragment's flags and offset.
pub(crate) fn ipv4(
    client: bool,
    id: u16,
    place: u16,
    options: &[u8],
    protocol: u8,
    payload: &[u8],
) -> Vec<u8> {
    let header = 20 + options.len();
    let mut packet = vec![0x40 | (header / 4) as u8, 0];
    packet.extend(((header + payload.len()) as u16).to_be_bytes());
    packet.extend(id.to_be_bytes());
    packet.extend(place.to_be_bytes());
    packet.extend([64, protocol, 0, 0]);
    let (from, to) = if client { (1, 2) } else { (2, 1) };
    packet.extend([10, 0, 0, from, 10, 0, 0, to]);
    packet.extend(options);
    packet.extend(payload);
    packet
}

/// An IPv6 packet.
pub(crate) fn ipv6(client: bool, next: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next, 64]);
    for last in if client { [1, 2] } else { [2, 1] } {
        packet.extend([0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    packet.extend(payload);
    packet
}

/// A segment in an IPv4 packet.
pub(crate) fn segment(client: bool, sequence: u32, acknowledgement: u32, flags: u8, data: &[u8]) -> Vec<u8> {
    ipv4(
        client,
        0,
        0,
        &[],
        6,
        &tcp(client, sequence, acknowledgement, flags, data),
    )
}

/// A pcap in big-endian order.
pub(crate) fn capture<P: AsRef<[u8]>>(link: u32, packets: &[P]) -> Vec<u8> {
    let mut file = b"\xA1\xB2\xC3\xD4\0\x02\0\x04\0\0\0\0\0\0\0\0\0\x04\0\0".to_vec();
    file.extend(link.to_be_bytes());
    for packet in packets {
        let packet = packet.as_ref();
        file.extend([0; 8]);
        file.extend((packet.len() as u32).to_be_bytes());
        file.extend((packet.len() as u32).to_be_bytes());
        file.extend(packet);
    }
    file
}

/// The names of the streams, and their bytes as characters; `~` for each byte of a hole.
pub(crate) fn text(file: &[u8], container: &Container) -> Vec<(String, String)> {
    let streams = container.streams();
    streams
        .map(|stream| {
            let mut text = String::new();
            for extent in &stream.extents {
                match extent.offset {
                    Some(offset) => text.extend(
                        file[offset..offset + extent.length]
                            .iter()
                            .map(|&byte| char::from(byte)),
                    ),
                    None => text += &"~".repeat(extent.length),
                }
            }
            (stream.name.clone(), text)
        })
        .collect()
}

/// The bytes of the only stream.
pub(crate) fn only(file: &[u8]) -> String {
    let streams = text(file, &pcap::open(&file, Options::default()).expect("a capture"));
    assert_eq!(streams.len(), 1, "{streams:?}");
    streams[0].1.clone()
}
