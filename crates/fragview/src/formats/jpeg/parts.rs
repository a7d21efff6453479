//! Data spread over several segments in an order of their own: ICC profiles, extended XMP.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;
use crate::geometry::Extents;

/// An ICC profile, in up to 255 segments: the number of each, from 1, and their count, then a part of the
/// profile.
#[derive(Default)]
pub(in crate::formats) struct Profile {
    count: u8,
    parts: BTreeMap<u8, (usize, usize)>,
    /// The place of the first part.
    offset: usize,
}

impl Profile {
    /// Takes the segment whose numbers begin at `start`, and whose content ends at `end`.
    pub(in crate::formats) fn add(
        &mut self,
        input: &Input,
        start: usize,
        end: usize,
    ) -> Result<(), FormatError> {
        let [number, count] = match end - start {
            0 | 1 => return input.fault(start, "an ICC segment without its numbers"),
            _ => input.array(start)?,
        };
        if self.parts.is_empty() {
            (self.count, self.offset) = (count, start);
        }
        if number == 0 || number > count {
            return input.fault(start, format!("ICC segment {number} of {count}"));
        }
        if count != self.count {
            return input.fault(start + 1, "ICC segments that give different counts");
        }
        let content = start + 2;
        match self.parts.insert(number, (content, end - content)) {
            None => Ok(()),
            Some(_) => input.fault(start, format!("ICC segment {number} comes twice")),
        }
    }

    /// The profile, if there is one.
    pub(in crate::formats) fn finish(&self, input: &Input) -> Result<Option<Extents>, FormatError> {
        if self.parts.is_empty() {
            return Ok(None);
        }
        // All numbers are different and from 1 to the count, so that many are all.
        if self.parts.len() != usize::from(self.count) {
            return input.fault(
                self.offset,
                format!("{} of {} ICC segments", self.parts.len(), self.count),
            );
        }
        Ok(Some(self.parts.values().copied().collect()))
    }
}

/// Extended XMP: by the digest that names a packet, in order of the digests' first segments.
///
/// A segment has that digest (32 bytes), the packet's length, and the offset of its part, then the part.
#[derive(Default)]
pub(in crate::formats) struct ExtendedXmp {
    packets: Vec<Packet>,
    by_digest: BTreeMap<[u8; 32], usize>,
}

/// One packet: its length, where its first segment lies, and its parts: offset in the packet, offset in the
/// file, length.
struct Packet {
    length: u32,
    offset: usize,
    parts: Vec<(u64, usize, usize)>,
}

impl ExtendedXmp {
    /// Takes the segment whose digest begins at `start`, and whose content ends at `end`.
    pub(in crate::formats) fn add(
        &mut self,
        input: &Input,
        start: usize,
        end: usize,
    ) -> Result<(), FormatError> {
        let content = start + 40;
        if end < content {
            return input.fault(start, "an extended XMP segment without its numbers");
        }
        let digest = input.array(start)?;
        let length = input.u32(start + 32)?;
        let packets = &mut self.packets;
        packets.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        let index = *self.by_digest.entry(digest).or_insert_with(|| {
            packets.push(Packet {
                length,
                offset: start,
                parts: Vec::new(),
            });
            packets.len() - 1
        });
        let packet = &mut packets[index];
        if packet.length != length {
            return input.fault(start + 32, "extended XMP that gives different lengths");
        }
        let part = (u64::from(input.u32(start + 36)?), content, end - content);
        packet.parts.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        packet.parts.push(part);
        Ok(())
    }

    /// The packets.
    pub(in crate::formats) fn finish(self, input: &Input) -> Result<Vec<Extents>, FormatError> {
        let mut packets = Vec::new();
        packets
            .try_reserve_exact(self.packets.len())
            .map_err(|_| Error::OutOfMemory)?;
        for mut packet in self.packets {
            packet.parts.sort_unstable();
            let mut extents = Extents::new();
            for (offset, start, length) in packet.parts {
                if offset != extents.byte_len() as u64 {
                    return input.fault(start, "extended XMP with a gap or an overlap");
                }
                extents.try_push(Some(start), length)?;
            }
            if extents.byte_len() as u64 != u64::from(packet.length) {
                return input.fault(packet.offset, "extended XMP of a length other than it says");
            }
            packets.push(extents);
        }
        Ok(packets)
    }
}
