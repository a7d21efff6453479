//! Inodes.

use super::volume::Volume;
use crate::formats::FormatError;
use crate::geometry::Extents;

const EXTENTS: u32 = 0x8_0000;
const INLINE: u32 = 0x1000_0000;

/// The type of an inode.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Other,
}

/// Where an inode's bytes are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A tree of extents.
    Extents,
    /// Direct and indirect blocks.
    Map,
    /// In the inode itself.
    Inline,
}

/// The fields of an inode.
pub(super) struct Inode {
    pub(super) offset: usize,
    pub(super) kind: Kind,
    pub(super) size: usize,
    pub(super) layout: Layout,
    length: usize,
}

impl Inode {
    pub(super) fn read(volume: &Volume<'_>, offset: usize, length: usize) -> Result<Self, FormatError> {
        let input = &volume.input;
        input.end(offset, length as u64, usize::MAX)?;
        let kind = match input.u16(offset)? >> 12 {
            8 => Kind::File,
            4 => Kind::Folder,
            _ => Kind::Other,
        };
        let size = u64::from(input.u32(offset + 108)?) << 32 | u64::from(input.u32(offset + 4)?);
        let Some(size) = usize::try_from(size)
            .ok()
            .filter(|&size| isize::try_from(size).is_ok())
        else {
            return input.fault(offset + 4, "a file is longer than memory can be");
        };
        let flags = input.u32(offset + 32)?;
        Ok(Self {
            offset,
            kind,
            size,
            layout: if flags & INLINE != 0 {
                Layout::Inline
            } else if flags & EXTENTS != 0 {
                Layout::Extents
            } else {
                Layout::Map
            },
            length,
        })
    }

    /// Where the map or the tree's root is: 60 bytes.
    pub(super) const fn block(&self) -> usize {
        self.offset + 40
    }

    /// The bytes that are in the inode: those in place of the map, then those of the attribute `system.data`.
    pub(super) fn inline(&self, volume: &Volume<'_>) -> Result<Extents, FormatError> {
        let input = &volume.input;
        let mut extents = Extents::new();
        extents.try_push(Some(self.block()), self.size.min(60))?;
        let Some(left) = self.size.checked_sub(60).filter(|&left| left > 0) else {
            return Ok(extents);
        };
        let end = self.offset + self.length;
        if self.length > 128 {
            let first = self.offset + 128 + usize::from(input.u16(self.offset + 128)?);
            // The magic, then entries: lengths of name, its space, where the value is, its inode, its size, a
            // hash.
            let mut at = first + 4;
            if first + 4 <= end && input.u32(first)? == 0xea02_0000 {
                while at + 16 <= end && input.u32(at)? != 0 {
                    let name = usize::from(input.u8(at)?);
                    let is_data = input.u8(at + 1)? == 7 && name == 4 && input.array(at + 16)? == *b"data";
                    if is_data {
                        let start = first + 4 + usize::from(input.u16(at + 2)?);
                        let length = input.u32(at + 8)? as usize;
                        if left > length || start.checked_add(left).is_none_or(|value| value > end) {
                            break;
                        }
                        extents.try_push(Some(start), left)?;
                        return Ok(extents);
                    }
                    at += 16 + name.next_multiple_of(4);
                }
            }
        }
        input.fault(self.offset, "a file in its inode is longer than the inode's data")
    }
}

impl Volume<'_> {
    /// The inode of this number, which the bytes at `at` name.
    pub(super) fn inode(&self, number: u32, at: usize) -> Result<Inode, FormatError> {
        let (offset, size) = self.inode_place(number, at)?;
        Inode::read(self, offset, size)
    }
}
