//! A file's blocks: by a tree of extents, or by a map of direct and indirect blocks.

use alloc::vec::Vec;

use super::inode::Inode;
use super::volume::Volume;
use crate::error::Error;
use crate::formats::FormatError;
use crate::geometry::Extent;

/// Levels of a tree of extents.
const DEEPEST: u16 = 5;

/// A file that is put together.
pub(super) struct Blocks<'v, 'a, 'e> {
    pub(super) volume: &'v mut Volume<'a>,
    pub(super) size: usize,
    /// How far it is, in bytes.
    pub(super) at: usize,
    pub(super) each: &'e mut dyn FnMut(Extent) -> Result<(), FormatError>,
}

impl Blocks<'_, '_, '_> {
    /// Appends zeros up to byte `end` of the file.
    fn hole(&mut self, end: usize) -> Result<(), FormatError> {
        let end = end.min(self.size);
        if end > self.at {
            (self.each)(Extent {
                offset: None,
                length: end - self.at,
            })?;
            self.at = end;
        }
        Ok(())
    }

    /// Appends `count` blocks from `number` on; `named_at` is where the file says so.
    fn run(&mut self, number: u64, count: usize, named_at: usize) -> Result<(), FormatError> {
        let length = count.saturating_mul(self.volume.block).min(self.size - self.at);
        if length > 0 {
            let offset = self.volume.block(number, length, named_at)?;
            (self.each)(Extent {
                offset: Some(offset),
                length,
            })?;
            self.at += length;
        }
        Ok(())
    }

    /// All that the inode's tree of extents names.
    pub(super) fn extents(&mut self, inode: &Inode) -> Result<(), FormatError> {
        let input = self.volume.input;
        // Nodes that are left to do: where they are, how many bytes they have, and their depth.
        let mut nodes = Vec::from([(inode.block(), 60, None)]);
        while let Some((node, length, depth)) = nodes.pop() {
            if input.u16(node)? != 0xf30a {
                return input.fault(node, "no node of an extent tree");
            }
            let (count, here) = (usize::from(input.u16(node + 2)?), input.u16(node + 6)?);
            if count > (length - 12) / 12 || here > DEEPEST || depth.is_some_and(|depth| depth != here) {
                return input.fault(
                    node,
                    "a node of an extent tree has too many entries, or is of another depth",
                );
            }
            if here > 0 {
                nodes.try_reserve(count).map_err(|_| Error::OutOfMemory)?;
                for at in (0..count).rev().map(|index| node + 12 + index * 12) {
                    let number = u64::from(input.u16(at + 8)?) << 32 | u64::from(input.u32(at + 4)?);
                    nodes.push((
                        self.volume.tree_block(number, at)?,
                        self.volume.block,
                        Some(here - 1),
                    ));
                }
                continue;
            }
            for at in (0..count).map(|index| node + 12 + index * 12) {
                let start = (input.u32(at)? as usize).saturating_mul(self.volume.block);
                let number = u64::from(input.u16(at + 6)?) << 32 | u64::from(input.u32(at + 8)?);
                let count = input.u16(at + 4)?;
                if start < self.at && self.at < self.size {
                    return input.fault(at, "extents are out of order");
                }
                self.hole(start)?;
                // An extent with a length over 0x8000 was never written, and reads as zeros.
                match count.checked_sub(0x8000) {
                    Some(unwritten @ 1..) => {
                        let length = usize::from(unwritten) * self.volume.block;
                        self.hole(start.saturating_add(length))?;
                    }
                    _ => self.run(number, usize::from(count), at)?,
                }
            }
        }
        self.hole(self.size)
    }

    /// All that the inode's map names: 12 blocks, then an indirect one, a doubly and a triply indirect one.
    pub(super) fn map(&mut self, inode: &Inode) -> Result<(), FormatError> {
        for index in 0..15_usize {
            let level = index.saturating_sub(11);
            self.entry(inode.block() + index * 4, level)?;
        }
        self.hole(self.size)
    }

    /// What the number at `at` names: a block, or a block of numbers. At most three deep.
    fn entry(&mut self, at: usize, level: usize) -> Result<(), FormatError> {
        if self.at == self.size {
            return Ok(());
        }
        let number = self.volume.input.u32(at)?;
        let fan = self.volume.block / 4;
        if number == 0 {
            let blocks = (0..level).fold(1_usize, |blocks, _| blocks.saturating_mul(fan));
            return self.hole(self.at.saturating_add(blocks.saturating_mul(self.volume.block)));
        }
        if level == 0 {
            return self.run(u64::from(number), 1, at);
        }
        let table = self.volume.tree_block(u64::from(number), at)?;
        for index in 0..fan {
            self.entry(table + index * 4, level - 1)?;
        }
        Ok(())
    }
}
