//! The superblock, and where inodes lie.

use super::name::NAME;
use crate::bytes::Bytes;
use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;
use crate::formats::parse::sparse::SparseSet;

/// Where the superblock lies.
const SUPER: usize = 1024;

/// Incompatible features: descriptors spread over groups, 64-bit block numbers.
const META_BG: u32 = 0x10;
const BITS64: u32 = 0x80;
/// Those that are known: file types in folders, recovery, meta groups, extents, 64 bits, multi-mount
/// protection, flexible groups, values in inodes, checksums' seed, large folders, inline data, encryption,
/// casefolding.
const KNOWN: u32 = 0x2
    | 0x4
    | META_BG
    | 0x40
    | BITS64
    | 0x100
    | 0x200
    | 0x400
    | 0x2000
    | 0x4000
    | 0x8000
    | 0x1_0000
    | 0x2_0000;

/// A volume.
pub(super) struct Volume<'a> {
    pub(super) input: Input<'a>,
    /// Bytes of a block.
    pub(super) block: usize,
    first_block: usize,
    inodes: u32,
    inodes_per_group: u32,
    blocks_per_group: usize,
    inode_size: usize,
    descriptor: usize,
    /// The first meta group, if descriptors are spread; else no group.
    meta_group: Option<usize>,
    /// Blocks of extent trees and maps, which have one use.
    seen: SparseSet,
}

impl<'a> Volume<'a> {
    pub(super) fn read(bytes: &'a dyn Bytes) -> Result<Self, FormatError> {
        let input = Input::little(bytes, NAME);
        if input.u16(SUPER + 56)? != 0xef53 {
            return input.fault(SUPER + 56, "no superblock of ext2, ext3 or ext4");
        }
        let shift = input.u32(SUPER + 24)?;
        if shift > 6 {
            return input.fault(SUPER + 24, "a block's size is out of range");
        }
        // Revision 0 has fixed inodes and no features.
        let is_dynamic = input.u32(SUPER + 76)? != 0;
        let features = if is_dynamic { input.u32(SUPER + 96)? } else { 0 };
        if features & !KNOWN != 0 {
            return input.fault(SUPER + 96, "an incompatible feature that is not known");
        }
        let inode_size = if is_dynamic {
            usize::from(input.u16(SUPER + 88)?)
        } else {
            128
        };
        let block = 1024_usize << shift;
        if !inode_size.is_power_of_two() || inode_size < 128 || inode_size > block {
            return input.fault(SUPER + 88, "an inode's size is out of range");
        }
        let descriptor = match features & BITS64 {
            0 => 32,
            _ => usize::from(input.u16(SUPER + 254)?),
        };
        if !descriptor.is_power_of_two() || !(32..=1024).contains(&descriptor) {
            return input.fault(SUPER + 254, "a descriptor's size is out of range");
        }
        let this = Self {
            input,
            block,
            first_block: input.u32(SUPER + 20)? as usize,
            inodes: input.u32(SUPER)?,
            inodes_per_group: input.u32(SUPER + 40)?,
            blocks_per_group: input.u32(SUPER + 32)? as usize,
            inode_size,
            descriptor,
            meta_group: match features & META_BG {
                0 => None,
                _ => Some(input.u32(SUPER + 260)? as usize),
            },
            seen: SparseSet::default(),
        };
        if this.inodes_per_group == 0 || this.blocks_per_group == 0 {
            return input.fault(SUPER + 32, "groups have no blocks or no inodes");
        }
        Ok(this)
    }

    /// Where the descriptor of a group lies.
    fn descriptor(&self, group: usize) -> usize {
        let in_block = self.block / self.descriptor;
        let index = group / in_block;
        let block = match self.meta_group {
            // A meta group is as many groups as have descriptors in a block, which its first group has, after
            // its copy of the superblock, if it has one.
            Some(first) if index >= first => {
                let start = (index * in_block)
                    .saturating_mul(self.blocks_per_group)
                    .saturating_add(self.first_block);
                start.saturating_add(usize::from(self.has_super(index * in_block)))
            }
            _ => self.first_block.saturating_add(1 + index),
        };
        block
            .saturating_mul(self.block)
            .saturating_add(group % in_block * self.descriptor)
    }

    /// Whether a group has a copy of the superblock: all, or (with sparse copies) 0, 1 and powers of 3, 5
    /// and 7.
    fn has_super(&self, group: usize) -> bool {
        let is_sparse = self
            .input
            .u32(SUPER + 100)
            .is_ok_and(|features| features & 1 != 0);
        let is_power = |base: usize| {
            let mut power = base;
            while power < group {
                power *= base;
            }
            power == group
        };
        !is_sparse || group <= 1 || is_power(3) || is_power(5) || is_power(7)
    }

    /// The offset of the inode of this number, which the bytes at `at` name, and its bytes.
    pub(super) fn inode_place(&self, number: u32, at: usize) -> Result<(usize, usize), FormatError> {
        if number == 0 || number > self.inodes {
            return self.input.fault(at, "an inode's number is out of range");
        }
        let group = ((number - 1) / self.inodes_per_group) as usize;
        let index = ((number - 1) % self.inodes_per_group) as usize;
        let descriptor = self.descriptor(group);
        let low = u64::from(self.input.u32(descriptor.saturating_add(8))?);
        let high = match self.descriptor {
            64.. => u64::from(self.input.u32(descriptor.saturating_add(40))?),
            _ => 0,
        };
        let offset = usize::try_from(high << 32 | low)
            .unwrap_or(usize::MAX)
            .saturating_mul(self.block)
            .saturating_add(index * self.inode_size);
        Ok((offset, self.inode_size))
    }

    /// Where the block of this number begins, which the bytes at `at` name, and whose first `length` bytes
    /// must be there.
    pub(super) fn block(&self, number: u64, length: usize, at: usize) -> Result<usize, FormatError> {
        let offset = usize::try_from(number)
            .unwrap_or(usize::MAX)
            .saturating_mul(self.block);
        match self.input.end(offset, length as u64, usize::MAX) {
            Ok(_) => Ok(offset),
            Err(_) => self.input.fault(at, "a block lies past the end"),
        }
    }

    /// The same, of a block of a tree, which has this one use.
    pub(super) fn tree_block(&mut self, number: u64, at: usize) -> Result<usize, FormatError> {
        let offset = self.block(number, self.block, at)?;
        if !self
            .seen
            .insert(offset / self.block)
            .map_err(|_| Error::OutOfMemory)?
        {
            return self.input.fault(at, "a block of a tree has two uses");
        }
        Ok(offset)
    }
}
