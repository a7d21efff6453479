//! IP packets: RFC 791 and RFC 8200, and the TCP segments in them: RFC 9293.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::fragments::{Fragment, IpFragments};
use super::link::{self, Found, Link};
use super::packet::Packet;
use super::part::Part;
use super::tcp::{Connections, Segment};
use crate::bytes::{Bytes, Within};
use crate::error::Error;
use crate::geometry::Extent;

/// IP packets in IP packets that are looked into.
const MAX_TUNNELS: usize = 8;

// Protocol numbers.
const HOP_BY_HOP: u8 = 0;
const IPV4: u8 = 4;
const TCP: u8 = 6;
const UDP: u8 = 17;
const IPV6: u8 = 41;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const GRE: u8 = 47;
const ESP: u8 = 50;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;
/// Ethernet within IP (RFC 3378), behind two bytes.
const ETHERNET: u8 = 97;
const MOBILITY: u8 = 135;
const HOST_IDENTITY: u8 = 139;
const SHIM6: u8 = 140;

/// Finds TCP segments in frames.
pub(super) struct Dissector<'a> {
    bytes: &'a dyn Bytes,
    fragments: IpFragments,
    connections: Connections,
    /// What could not be looked into, and the first packet of it.
    opaque: BTreeMap<&'static str, usize>,
    /// Where the packet of the frame lies.
    offset: usize,
    /// Whether memory was short.
    result: Result<(), Error>,
}

impl<'a> Dissector<'a> {
    pub(super) fn new(bytes: &'a dyn Bytes) -> Self {
        Self {
            bytes,
            fragments: IpFragments::default(),
            connections: Connections::default(),
            opaque: BTreeMap::new(),
            offset: 0,
            result: Ok(()),
        }
    }

    /// Takes a frame.
    pub(super) fn frame(&mut self, link: Link, packet: Packet) -> Result<(), Error> {
        let frame = Part {
            bytes: self.bytes,
            extents: None,
            start: packet.offset,
            end: packet.offset.saturating_add(packet.captured),
            full_end: packet.offset.saturating_add(packet.original.max(packet.captured)),
        };
        self.offset = packet.offset;
        let _ = self.found(link.open(frame), MAX_TUNNELS);
        core::mem::replace(&mut self.result, Ok(()))
    }

    /// The connections, and what could not be looked into, each with the first packet of it.
    pub(super) fn finish(self) -> (Connections, BTreeMap<&'static str, usize>) {
        (self.connections, self.opaque)
    }

    /// What a frame or a tunnel holds.
    fn found(&mut self, found: Found<'_>, tunnels: usize) -> Option<()> {
        match found {
            Found::Ip(part) => self.ip(part, tunnels),
            Found::Nothing => None,
            Found::Opaque(what) => {
                self.opaque.entry(what).or_insert(self.offset);
                None
            }
        }
    }

    /// An IP packet of either version. `None`, here as below, if it isn't one or holds no TCP segment.
    fn ip(&mut self, part: Part<'_>, tunnels: usize) -> Option<()> {
        let tunnels = tunnels.checked_sub(1)?;
        match part.array::<1>(0)?[0] >> 4 {
            4 => self.ipv4(part, tunnels),
            6 => self.ipv6(part, tunnels),
            _ => None,
        }
    }

    fn ipv4(&mut self, part: Part<'_>, tunnels: usize) -> Option<()> {
        let header: [u8; 20] = part.array(0)?;
        let header_length = usize::from(header[0] & 15) * 4;
        // The length is 0 if the network card cuts the packet to size only after it was captured.
        let length = match u16::from_be_bytes([header[2], header[3]]) {
            0 => part.full_end - part.start,
            length => usize::from(length),
        };
        if header_length < 20 {
            return None;
        }
        let payload = part.narrow(header_length, length)?;
        let address = |at: usize| {
            IpAddr::V4(Ipv4Addr::new(
                header[at],
                header[at + 1],
                header[at + 2],
                header[at + 3],
            ))
        };
        let (source, target, protocol) = (address(12), address(16), header[9]);
        let flags = u16::from_be_bytes([header[6], header[7]]);
        let (more, start) = (flags & 0x2000 != 0, usize::from(flags & 0x1FFF) * 8);
        if !more && start == 0 {
            return self.payload(payload, protocol, source, target, tunnels);
        }
        let id = u32::from(u16::from_be_bytes([header[4], header[5]]));
        let fragment = Fragment {
            start,
            extents: payload.whole()?,
            more,
            protocol,
        };
        self.fragment((source, target, id, protocol), &fragment, tunnels)
    }

    fn ipv6(&mut self, part: Part<'_>, tunnels: usize) -> Option<()> {
        let header: [u8; 40] = part.array(0)?;
        // The length is 0 in a jumbogram, too, whose own length then is the frame's.
        let length = match u16::from_be_bytes([header[4], header[5]]) {
            0 => part.full_end - part.start,
            length => usize::from(length) + 40,
        };
        let payload = part.narrow(40, length)?;
        let address = |at: usize| {
            let mut octets = [0; 16];
            octets.copy_from_slice(&header[at..at + 16]);
            IpAddr::V6(Ipv6Addr::from(octets))
        };
        self.payload(payload, header[6], address(8), address(24), tunnels)
    }

    /// The payload of an IP packet, after any extension headers.
    fn payload(
        &mut self,
        mut part: Part<'_>,
        mut protocol: u8,
        source: IpAddr,
        target: IpAddr,
        tunnels: usize,
    ) -> Option<()> {
        // Each turn drops at least 8 bytes, or ends.
        loop {
            let all = part.full_end - part.start;
            match protocol {
                TCP => return self.tcp(part, source, target),
                IPV4 | IPV6 => return self.ip(part, tunnels),
                UDP => return self.found(link::udp(part)?, tunnels),
                GRE => return self.found(link::gre(part)?, tunnels),
                ETHERNET => return self.found(link::payload(link::ETHERNET, part.skip(2)?), tunnels),
                ESP => return self.found(Found::Opaque("IPsec (ESP) is not looked into"), tunnels),
                FRAGMENT => {
                    let header: [u8; 8] = part.array(0)?;
                    let place = u16::from_be_bytes([header[2], header[3]]);
                    let id = u32::from_be_bytes([header[4], header[5], header[6], header[7]]);
                    part = part.narrow(8, all)?;
                    protocol = header[0];
                    // A fragment that is the whole packet (RFC 6946).
                    if place & 0xFFF9 == 0 {
                        continue;
                    }
                    let fragment = Fragment {
                        start: usize::from(place & 0xFFF8),
                        extents: part.whole()?,
                        more: place & 1 != 0,
                        protocol,
                    };
                    return self.fragment((source, target, id, 0), &fragment, tunnels);
                }
                HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | MOBILITY | HOST_IDENTITY | SHIM6
                | AUTHENTICATION => {
                    let [next, length] = part.array(0)?;
                    let length = if protocol == AUTHENTICATION {
                        (usize::from(length) + 2) * 4
                    } else {
                        (usize::from(length) + 1) * 8
                    };
                    part = part.narrow(length, all)?;
                    protocol = next;
                }
                _ => return None,
            }
        }
    }

    /// A fragment; with the last one that missed, the packet.
    fn fragment(&mut self, key: super::fragments::Key, fragment: &Fragment, tunnels: usize) -> Option<()> {
        let (source, target) = (key.0, key.1);
        let (extents, protocol) = match self.fragments.add(key, fragment) {
            Ok(whole) => whole?,
            Err(error) => {
                self.result = Err(error);
                return None;
            }
        };
        let tunnels = tunnels.checked_sub(1)?;
        let bytes = self.bytes;
        let within = Within::new(bytes, &extents);
        let part = Part {
            bytes: &within,
            extents: Some(&extents),
            start: 0,
            end: extents.byte_len(),
            full_end: extents.byte_len(),
        };
        self.payload(part, protocol, source, target, tunnels)
    }

    /// A TCP segment (RFC 9293 3.1).
    fn tcp(&mut self, part: Part<'_>, source: IpAddr, target: IpAddr) -> Option<()> {
        let header: [u8; 20] = part.array(0)?;
        let short = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let long =
            |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let segment = Segment {
            source: SocketAddr::new(source, short(0)),
            target: SocketAddr::new(target, short(2)),
            sequence: long(4),
            acknowledgement: long(8),
            flags: header[13],
        };
        let header_length = usize::from(header[12] >> 4) * 4;
        let data = part
            .narrow(header_length, part.full_end - part.start)
            .filter(|_| header_length >= 20);
        let Some(data) = data else {
            self.result = self.connections.add(segment, 0, &[]);
            return None;
        };
        let length = data.full_end - data.start;
        let run = Extent {
            offset: Some(data.start),
            length: data.captured(),
        };
        if data.extents.is_some() {
            let runs: Vec<Extent> = data.in_file().iter().collect();
            self.result = self.connections.add(segment, length, &runs);
        } else {
            self.result = self.connections.add(segment, length, &[run]);
        }
        Some(())
    }
}
