//! Packet captures: pcap (draft-ietf-opsawg-pcap) and pcapng (draft-ietf-opsawg-pcapng), and the TCP streams
//! in them.
//!
//! Each direction of each TCP connection that carries data is a stream, named
//! `stream0:10.0.0.1:1470->10.0.0.2:25` (`stream1:[2001:db8::1]:80->…` in IPv6). Connections are numbered
//! from 0 in the order of their first packets, as tshark does, also those without data. How segments become a
//! stream is told in the module `tcp`: retransmissions and overlaps are dropped, reordered segments put in
//! place, and what the capture misses is a hole.
//!
//! - Files: pcap of either byte order with micro- or nanoseconds, also with the longer headers of
//!   `0xA1B2CD34`; pcapng with any number of sections, each of its own byte order, and interfaces; enhanced,
//!   simple and obsolete packet blocks. Other blocks, and options, are skipped.
//! - Links: Ethernet (VLAN, `QinQ`, MPLS, `PPPoE`, TRILL, Cisco `MetaData`, LLC/SNAP), raw IP, Linux cooked 1
//!   and 2, BSD loopback, PPP, Cisco HDLC, netfilter log, and Wi-Fi with or without radiotap. Packets of
//!   other links are left out, which is a fault; a capture that has no others is refused.
//! - IPv4 with options and fragments, IPv6 with extension headers and fragments, each also in the other, and
//!   in GRE, ERSPAN, VXLAN, Geneve, and Ethernet over MPLS. Padding after the IP packet is not payload; a
//!   packet cut off by the snapshot length has a hole at its end. What is encrypted, or a header of a tunnel
//!   that is not known, is told in the faults, once for each kind.
//!
//! Checksums are not looked at: captures on the sending host often are of packets that have none yet.
//!
//! Refused: a file cut off in a header or a packet, invalid block lengths, a packet of an
//! interface that was not described. A lenient reading ends there, and takes a packet that is cut
//! off as far as it goes.

mod blocks;
mod fragments;
mod ip;
mod link;
mod open;
mod packet;
mod part;
mod tcp;

pub use open::open;
pub(crate) use open::{NAME, detect};
pub(in crate::formats) use open::{connections, connections_for, stream_name};
