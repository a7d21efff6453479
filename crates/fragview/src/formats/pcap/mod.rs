//! Packet captures: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), and the TCP streams in them.
//!
//! Each direction of each TCP connection that carries data is a stream, named
//! `stream0:10.0.0.1:1470->10.0.0.2:25` (`stream1:[2001:db8::1]:80->…` in IPv6). Connections are numbered from 0 in the
//! order of their first packets, as tshark does, also those without data. How segments become a stream is told in
//! the module `tcp`: retransmissions and overlaps are dropped, reordered segments put in place, and what the
//! capture misses is a hole.
//!
//! - Files: pcap of either byte order with micro- or nanoseconds, also with the longer headers of `0xA1B2CD34`;
//!   pcapng with any number of sections, each of its own byte order, and interfaces; enhanced, simple and obsolete
//!   packet blocks. Other blocks, and options, are skipped.
//! - Links: Ethernet (VLAN, `QinQ`, MPLS, `PPPoE`, LLC/SNAP), raw IP, Linux cooked 1 and 2, BSD loopback. Packets of other links are left
//!   out; a capture that has no others is refused.
//! - IPv4 with options and fragments, IPv6 with extension headers and fragments, each also in the other. Padding
//!   after the IP packet is no payload; a packet cut off by the snapshot length has a hole at its end.
//!
//! Checksums are not looked at: captures on the sending host often are of packets that have none yet.
//!
//! Refused: a file cut off in a header or a packet, block lengths that make no sense, a packet of an interface that
//! was not described.

mod blocks;
mod fragments;
mod ip;
mod link;
mod tcp;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::SocketAddr;

use self::ip::Dissector;
use self::link::Link;
use crate::bytes::Bytes;
use crate::formats::{Container, FormatError};
use crate::geometry::Extents;

/// The format's name.
pub(crate) const NAME: &str = "pcap";

fn fault(offset: usize, what: &'static str) -> FormatError {
    FormatError::new(NAME, offset, what)
}

/// A direction of a connection: from where, to where, and where its bytes are.
pub(in crate::formats) type Direction = (SocketAddr, SocketAddr, Extents);

/// A packet as it was captured.
#[derive(Clone, Copy)]
struct Packet {
    /// Where it is in the file.
    offset: usize,
    /// Bytes that were captured.
    captured: usize,
    /// Bytes that it had.
    original: usize,
    /// What link it was on: a LINKTYPE number.
    link: u32,
}

/// Whether the file is a pcap or a pcapng.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    blocks::detect(bytes)
}

/// The TCP streams of a capture. Only headers are read.
///
/// ```
/// use fragview::formats::pcap;
///
/// // A capture of raw IP packets, in big-endian order, and two packets with five bytes of data together.
/// let mut file = b"\xA1\xB2\xC3\xD4\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\xFF\xFF\0\0\0\x65".to_vec();
/// for (sequence, data) in [(7, b"abc".as_slice()), (10, b"de")] {
///     let length = 40 + data.len() as u8;
///     file.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, length, 0, 0, 0, length]);
///     file.extend([0x45, 0, 0, length, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]); // IPv4
///     file.extend([0, 99, 0, 25, 0, 0, 0, sequence, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0]); // TCP
///     file.extend(data);
/// }
/// let container = pcap::open(&file)?;
/// let stream = container.stream("stream0:10.0.0.1:99->10.0.0.2:25").unwrap();
/// assert_eq!(stream.extents, [(24 + 16 + 40, 3), (24 + 16 + 43 + 16 + 40, 2)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
///
/// # Errors
/// [`FormatError`] where the file is no capture, is cut off, or has only links that are not known.
pub fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    let mut container = Container::new(NAME);
    for (number, connection) in connections(bytes)?.into_iter().enumerate() {
        for (source, target, extents) in connection {
            if !extents.is_empty() {
                container.push(stream_name(number, source, target), extents);
            }
        }
    }
    Ok(container)
}

/// What a direction of the connection of this number is called.
pub(in crate::formats) fn stream_name(number: usize, source: SocketAddr, target: SocketAddr) -> String {
    format!("stream{number}:{source}->{target}")
}

/// Both directions of each TCP connection: from, to, and where the data is.
pub(in crate::formats) fn connections(bytes: &dyn Bytes) -> Result<Vec<[Direction; 2]>, FormatError> {
    let mut dissector = Dissector::new(bytes);
    let mut unknown = None;
    let mut known = false;
    blocks::packets(bytes, &mut |packet| {
        if let Some(link) = Link::from_number(packet.link) {
            known = true;
            dissector.frame(link, packet);
        } else {
            unknown.get_or_insert(packet);
        }
    })?;
    if let (Some(packet), false) = (unknown, known) {
        let what = format!("packets of the link type {} are not known", packet.link);
        return Err(FormatError::new(NAME, packet.offset, what));
    }
    Ok(dissector.finish())
}

/// Nothing is checked: a capture has no checksums of its own, and those of its packets often were not yet made when
/// they were captured.
///
/// # Errors
/// None.
pub const fn verify(_bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    Ok(())
}
