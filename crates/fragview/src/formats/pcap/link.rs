//! Link layers: the offset of the IP packet in a frame.

use crate::bytes::{Bytes, array};

/// Tags and labels of a frame that are looked through; more make no sense.
const MAX_TAGS: usize = 16;

/// The link types that are known (<https://www.tcpdump.org/linktypes.html>).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Ethernet,
    /// The address family, in either byte order, or in network order on `OpenBSD`.
    Loopback,
    /// IP, whose first bits tell the version.
    Raw,
    LinuxCooked,
    LinuxCooked2,
}

impl Link {
    /// The link of a LINKTYPE number.
    pub(super) const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 | 108 => Some(Self::Loopback),
            1 => Some(Self::Ethernet),
            // 101, what LINKTYPE_RAW is on some systems, and IPv4 and IPv6 alone.
            12 | 14 | 101 | 228 | 229 => Some(Self::Raw),
            113 => Some(Self::LinuxCooked),
            276 => Some(Self::LinuxCooked2),
            _ => None,
        }
    }

    /// The offset of the IP packet in the frame at `offset`, if the frame holds one. Later checks refuse
    /// bytes past the frame's end.
    pub(super) fn payload(self, bytes: &dyn Bytes, offset: usize) -> Option<usize> {
        let short = |at: usize| array(bytes, offset.checked_add(at)?).map(u16::from_be_bytes);
        match self {
            Self::Raw => Some(0),
            Self::Loopback => {
                let family: [u8; 4] = array(bytes, offset)?;
                let families = [u32::from_le_bytes(family), u32::from_be_bytes(family)];
                // IPv4 is 2 everywhere; IPv6 is 10 on Linux, 23 on Windows, 24, 28 and 30 on the BSDs.
                families
                    .iter()
                    .any(|family| matches!(family, 2 | 10 | 23 | 24 | 28 | 30))
                    .then_some(4)
            }
            Self::Ethernet => protocol(bytes, offset, short(12)?, 14),
            Self::LinuxCooked => protocol(bytes, offset, short(14)?, 16),
            Self::LinuxCooked2 => protocol(bytes, offset, short(0)?, 20),
        }
    }
}

/// Looks through the tags of an `EtherType`'s payload, which begins `at` bytes into the frame at `offset`.
fn protocol(bytes: &dyn Bytes, offset: usize, mut protocol: u16, mut at: usize) -> Option<usize> {
    let short = |at: usize| array(bytes, offset.checked_add(at)?).map(u16::from_be_bytes);
    for _ in 0..MAX_TAGS {
        match protocol {
            0x0800 | 0x86DD => return Some(at),
            // VLAN (802.1Q), provider bridges (802.1ad), and what came before them.
            0x8100 | 0x88A8 | 0x9100 | 0x9200 => {
                protocol = short(at + 2)?;
                at += 4;
            }
            // PPPoE session (RFC 2516), and the PPP numbers of IPv4 and IPv6.
            0x8864 => {
                return matches!(short(at + 6)?, 0x0021 | 0x0057).then_some(at + 8);
            }
            // MPLS (RFC 3032): labels up to the one with the bottom bit. The next bits tell the IP version.
            0x8847 | 0x8848 => {
                let bottom = short(at + 2)? & 0x0100 != 0;
                at += 4;
                if bottom {
                    let [first] = array(bytes, offset.checked_add(at)?)?;
                    return matches!(first >> 4, 4 | 6).then_some(at);
                }
            }
            // A length (802.3): LLC, and SNAP with an EtherType (RFC 1042).
            0..=1500 => {
                let snap: [u8; 6] = array(bytes, offset.checked_add(at)?)?;
                if snap != [0xAA, 0xAA, 3, 0, 0, 0] {
                    return None;
                }
                protocol = short(at + 6)?;
                at += 8;
            }
            _ => return None,
        }
    }
    None
}
