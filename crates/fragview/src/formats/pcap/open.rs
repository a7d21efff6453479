//! The TCP streams of a capture.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use core::net::SocketAddr;

use super::blocks;
use super::ip::Dissector;
use super::link::Link;
pub(crate) use super::packet::NAME;
use super::tcp::Connections;
use crate::bytes::Bytes;
use crate::formats::parse::faults::Faults;
use crate::formats::{Container, FormatError, Options};

/// Whether the file is a pcap or a pcapng.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    blocks::detect(bytes)
}

/// The TCP streams of a capture. Only headers are read.
///
/// ```
/// use fragview::formats::{Options, pcap};
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
/// let container = pcap::open(&file, Options::default())?;
/// let stream = container.stream("stream0:10.0.0.1:99->10.0.0.2:25").unwrap();
/// assert_eq!(stream.extents, [(24 + 16 + 40, 3), (24 + 16 + 43 + 16 + 40, 2)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
///
/// # Errors
/// [`FormatError`] if the file is not a capture, is cut off, or has only links that are not known.
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let mut container = Container::new(NAME);
    let faults = Faults::new(options);
    for (number, connection) in connections(bytes, &faults)?.finish().enumerate() {
        for (source, target, extents) in connection? {
            if !extents.is_empty() {
                container.push(&stream_name(number, source, target), &extents)?;
            }
        }
    }
    faults.give(&mut container);
    Ok(container)
}

/// The name of a direction of the connection with this number.
pub(in crate::formats) fn stream_name(number: usize, source: SocketAddr, target: SocketAddr) -> String {
    format!("stream{number}:{source}->{target}")
}

/// The TCP connections, for another format: errors name that one.
pub(in crate::formats) fn connections_for(
    format: &'static str,
    bytes: &dyn Bytes,
    faults: &Faults,
) -> Result<Connections, FormatError> {
    connections(bytes, faults).map_err(|error| FormatError { format, ..error })
}

/// The TCP connections.
pub(in crate::formats) fn connections(
    bytes: &dyn Bytes,
    faults: &Faults,
) -> Result<Connections, FormatError> {
    let mut dissector = Dissector::new(bytes);
    let mut unknown: BTreeMap<u32, usize> = BTreeMap::new();
    let mut known = false;
    let result = blocks::packets(bytes, faults, &mut |packet| {
        if let Some(link) = Link::from_number(packet.link) {
            known = true;
            Ok(dissector.frame(link, packet)?)
        } else {
            unknown.entry(packet.link).or_insert(packet.offset);
            Ok(())
        }
    });
    match result {
        Err(error) if detect(bytes) => faults.pass(error)?,
        result => result?,
    }
    for (link, offset) in unknown {
        let what = format!("unknown link type {link}");
        if known {
            faults.note(offset, what)?;
        } else {
            faults.pass(FormatError::new(NAME, offset, what))?;
        }
    }
    let (connections, opaque) = dissector.finish();
    for (what, offset) in opaque {
        faults.note(offset, what)?;
    }
    Ok(connections)
}
