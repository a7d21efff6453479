//! Packets as they were captured, and the directions of connections.

use core::net::SocketAddr;

use crate::formats::FormatError;
use crate::geometry::Extents;

/// The format's name.
pub(crate) const NAME: &str = "pcap";

/// A fault of this format.
pub(super) fn fault(offset: usize, what: &'static str) -> FormatError {
    FormatError::new(NAME, offset, what)
}

/// A direction of a connection: from where, to where, and where its bytes are.
pub(in crate::formats) type Direction = (SocketAddr, SocketAddr, Extents);

/// A packet as it was captured.
#[derive(Clone, Copy)]
pub(super) struct Packet {
    /// Where it is in the file.
    pub(super) offset: usize,
    /// Bytes that were captured.
    pub(super) captured: usize,
    /// Bytes that it had.
    pub(super) original: usize,
    /// The link type: a LINKTYPE number.
    pub(super) link: u32,
}
