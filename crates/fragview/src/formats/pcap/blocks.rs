//! The packets of a pcap or pcapng file.

use alloc::vec::Vec;

use super::packet::{Packet, fault};
use crate::bytes::{Bytes, array};
use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;

/// The block type of a section header; it reads the same in both byte orders.
const SECTION: u32 = 0x0A0D_0D0A;
const BYTE_ORDER: u32 = 0x1A2B_3C4D;
const INTERFACE: u32 = 1;
/// The obsolete packet block.
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// No packet is longer, as tshark has it for links that are known here.
const LONGEST: usize = 1 << 18;

/// The byte order of a file or a section.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn long(self, bytes: &dyn Bytes, offset: usize) -> Option<u32> {
        let number = array(bytes, offset)?;
        Some(match self {
            Self::Little => u32::from_le_bytes(number),
            Self::Big => u32::from_be_bytes(number),
        })
    }

    fn short(self, bytes: &dyn Bytes, offset: usize) -> Option<u16> {
        let number = array(bytes, offset)?;
        Some(match self {
            Self::Little => u16::from_le_bytes(number),
            Self::Big => u16::from_be_bytes(number),
        })
    }
}

/// The byte order of a pcap, and the length of its packets' headers.
fn classic(bytes: &dyn Bytes) -> Option<(Order, usize)> {
    let of = |magic| match magic {
        // Micro- and nanoseconds.
        0xA1B2_C3D4 | 0xA1B2_3C4D => Some(16),
        // Kuznetzov's, with an interface, a protocol and a type after each packet's lengths.
        0xA1B2_CD34 => Some(24),
        _ => None,
    };
    let magic = array(bytes, 0)?;
    let little = of(u32::from_le_bytes(magic)).map(|header| (Order::Little, header));
    little.or_else(|| of(u32::from_be_bytes(magic)).map(|header| (Order::Big, header)))
}

/// Whether the file is a pcap or a pcapng.
pub(super) fn detect(bytes: &dyn Bytes) -> bool {
    let section = || {
        let order = array(bytes, 8).map(u32::from_le_bytes);
        array(bytes, 0) == Some(SECTION.to_le_bytes())
            && order.is_some_and(|order| order == BYTE_ORDER || order == BYTE_ORDER.swap_bytes())
    };
    classic(bytes).is_some() || section()
}

/// Takes a packet.
type Each<'a> = &'a mut dyn FnMut(Packet) -> Result<(), FormatError>;

/// Gives each packet of the file.
pub(super) fn packets(bytes: &dyn Bytes, faults: &Faults, each: Each<'_>) -> Result<(), FormatError> {
    match classic(bytes) {
        Some((order, header)) => classic_packets(bytes, order, header, faults, each),
        None if detect(bytes) => Blocks::default().packets(bytes, faults, each),
        None => Err(fault(0, "not a packet capture")),
    }
}

fn classic_packets(
    bytes: &dyn Bytes,
    order: Order,
    header: usize,
    faults: &Faults,
    each: Each<'_>,
) -> Result<(), FormatError> {
    let cut = |offset| move || fault(offset, "the capture is cut off");
    let major = order.short(bytes, 4).ok_or_else(cut(4))?;
    let minor = order.short(bytes, 6).ok_or_else(cut(6))?;
    // The upper bits tell of frame check sequences, which IP's own length leaves out.
    let link = order.long(bytes, 20).ok_or_else(cut(20))? & 0x0FFF_FFFF;
    if major != 2 {
        return Err(fault(4, "the capture's version is not 2"));
    }
    let mut at = 24;
    while at < bytes.len() {
        let mut captured = order.long(bytes, at + 8).ok_or_else(cut(at))? as usize;
        let mut original = order.long(bytes, at + 12).ok_or_else(cut(at))? as usize;
        // Before version 2.3 the lengths were the other way round; in 2.3 they may be.
        if minor < 3 || (minor == 3 && captured > original) {
            core::mem::swap(&mut captured, &mut original);
        }
        let offset = at + header;
        let end = offset.checked_add(captured).filter(|&end| end <= bytes.len());
        let Some(end) = end else {
            // A last packet that is cut off; one of an impossible length is junk.
            faults.pass(cut(at)())?;
            let captured = bytes.len().saturating_sub(offset);
            if captured > 0 && original <= LONGEST {
                each(Packet {
                    offset,
                    captured,
                    original: captured,
                    link,
                })?;
            }
            return Ok(());
        };
        at = end;
        each(Packet {
            offset,
            captured,
            original,
            link,
        })?;
    }
    Ok(())
}

/// The state of a scan of a pcapng: the blocks of its current section so far.
struct Blocks {
    order: Order,
    /// Link type and snapshot length of each interface.
    interfaces: Vec<(u16, u32)>,
}

impl Default for Blocks {
    fn default() -> Self {
        Self {
            order: Order::Little,
            interfaces: Vec::new(),
        }
    }
}

impl Blocks {
    fn packets(&mut self, bytes: &dyn Bytes, faults: &Faults, each: Each<'_>) -> Result<(), FormatError> {
        let mut at = 0;
        while at < bytes.len() {
            let cut = || fault(at, "a block is cut off");
            let mut kind = self.order.long(bytes, at).ok_or_else(cut)?;
            if kind == SECTION {
                self.section(bytes, at)?;
                kind = SECTION;
            }
            let length = self.order.long(bytes, at + 4).ok_or_else(cut)? as usize;
            if length < 12 || !length.is_multiple_of(4) {
                return Err(fault(at + 4, "a block has an impossible length"));
            }
            let end = at.checked_add(length).filter(|&end| end <= bytes.len());
            let Some(end) = end else {
                faults.pass(cut())?;
                // A last packet that is cut off.
                if let (PACKET | SIMPLE_PACKET | ENHANCED_PACKET, Some(body)) = (kind, at.checked_add(8))
                    && length <= LONGEST
                    && let Ok(packet) = self.packet(bytes, kind, body, at.saturating_add(length - 4))
                {
                    let captured = packet.captured.min(bytes.len().saturating_sub(packet.offset));
                    each(Packet {
                        captured,
                        original: captured,
                        ..packet
                    })?;
                }
                return Ok(());
            };
            if self.order.long(bytes, end - 4) != self.order.long(bytes, at + 4) {
                return Err(fault(end - 4, "a block's two lengths differ"));
            }
            // The body lies between the two lengths.
            let (body, body_end) = (at + 8, end - 4);
            match kind {
                SECTION if body_end - body < 16 => {
                    return Err(fault(at + 4, "a section header is too short"));
                }
                INTERFACE => {
                    let (Some(link), Some(snap), true) = (
                        self.order.short(bytes, body),
                        self.order.long(bytes, body + 4),
                        body_end - body >= 8,
                    ) else {
                        return Err(fault(at, "an interface description is too short"));
                    };
                    self.interfaces.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                    self.interfaces.push((link, snap));
                }
                PACKET | SIMPLE_PACKET | ENHANCED_PACKET => {
                    each(self.packet(bytes, kind, body, body_end)?)?;
                }
                _ => {}
            }
            at = end;
        }
        Ok(())
    }

    /// A section begins: it has its own byte order and interfaces.
    fn section(&mut self, bytes: &dyn Bytes, at: usize) -> Result<(), FormatError> {
        let mark = Order::Little.long(bytes, at + 8);
        self.order = match mark {
            Some(BYTE_ORDER) => Order::Little,
            Some(mark) if mark == BYTE_ORDER.swap_bytes() => Order::Big,
            Some(_) => return Err(fault(at + 8, "a section has no byte order mark")),
            None => return Err(fault(at, "a block is cut off")),
        };
        match self.order.short(bytes, at + 12) {
            Some(1) => {}
            Some(_) => return Err(fault(at + 12, "a section's version is not 1")),
            None => return Err(fault(at, "a block is cut off")),
        }
        self.interfaces.clear();
        Ok(())
    }

    /// The packet of a packet block.
    fn packet(&self, bytes: &dyn Bytes, kind: u32, body: usize, end: usize) -> Result<Packet, FormatError> {
        let short = || fault(body, "a packet block is too short");
        let long = |at: usize| self.order.long(bytes, body + at).ok_or_else(short);
        let header = if kind == SIMPLE_PACKET { 4 } else { 20 };
        if end - body < header {
            return Err(short());
        }
        let interface = match kind {
            SIMPLE_PACKET => 0,
            PACKET => u32::from(self.order.short(bytes, body).ok_or_else(short)?),
            _ => long(0)?,
        };
        let &(link, snap) = self
            .interfaces
            .get(interface as usize)
            .ok_or_else(|| fault(body, "a packet is of an interface that was not described"))?;
        let (captured, original) = if kind == SIMPLE_PACKET {
            let original = long(0)?;
            // No length is stored; a snapshot length of 0 means no limit.
            (if snap == 0 { original } else { original.min(snap) }, original)
        } else {
            (long(12)?, long(16)?)
        };
        if captured as usize > end - body - header {
            return Err(fault(body, "a packet is longer than its block"));
        }
        Ok(Packet {
            offset: body + header,
            captured: captured as usize,
            original: original as usize,
            link: u32::from(link),
        })
    }
}
