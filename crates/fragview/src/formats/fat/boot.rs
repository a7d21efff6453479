//! The boot sector, and chains of clusters.

use super::name::NAME;
use crate::bytes::{Bytes, array};
use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;
use crate::formats::parse::sparse::SparseSet;
use crate::geometry::{Extent, Extents};

/// How wide an entry of the FAT is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Fat12,
    Fat16,
    Fat32,
    Exfat,
}

/// A volume.
pub(super) struct Volume<'a> {
    pub(super) input: Input<'a>,
    pub(super) width: Width,
    /// Where the FAT begins, and where its clusters do: the first one has the number 2.
    fat: usize,
    heap: usize,
    /// Bytes of a cluster, and their number.
    pub(super) cluster: usize,
    count: u32,
    /// Where the root lies in FAT12 and FAT16, and its bytes.
    pub(super) fixed_root: Option<(usize, usize)>,
    /// The root's first cluster else.
    pub(super) root: u32,
    /// Clusters that are in use.
    seen: SparseSet,
}

/// The fields of a boot sector, if they are valid.
pub(super) fn is_boot_sector(bytes: &dyn Bytes) -> bool {
    let Some(sector) = array::<512>(bytes, 0) else {
        return false;
    };
    if is_exfat(bytes) {
        return true;
    }
    let size = u16::from_le_bytes([sector[11], sector[12]]);
    matches!(sector[0], 0xeb | 0xe9)
        && sector[510..] == [0x55, 0xaa]
        && matches!(size, 512 | 1024 | 2048 | 4096)
        && sector[13].is_power_of_two()
        && sector[14..16] != [0, 0]
        && matches!(sector[16], 1 | 2)
        && (sector[21] == 0xf0 || sector[21] >= 0xf8)
        && sector[3..11] != *b"NTFS    "
}

pub(super) fn is_exfat(bytes: &dyn Bytes) -> bool {
    array(bytes, 3) == Some(*b"EXFAT   ")
}

impl<'a> Volume<'a> {
    pub(super) fn read(bytes: &'a dyn Bytes) -> Result<Self, FormatError> {
        let input = Input::little(bytes, NAME);
        if !is_boot_sector(bytes) {
            return input.fault(0, "no boot sector of a FAT file system");
        }
        if is_exfat(bytes) {
            Self::exfat(input)
        } else {
            Self::fat(input)
        }
    }

    fn fat(input: Input<'a>) -> Result<Self, FormatError> {
        let sector = usize::from(input.u16(11)?);
        let cluster = sector * usize::from(input.u8(13)?);
        let reserved = usize::from(input.u16(14)?);
        let root_bytes = usize::from(input.u16(17)?) * 32;
        let short_or_long = |short: usize, long: usize| -> Result<usize, FormatError> {
            match input.u16(short)? {
                0 => Ok(input.u32(long)? as usize),
                count => Ok(usize::from(count)),
            }
        };
        let (sectors, fat_sectors) = (short_or_long(19, 32)?, short_or_long(22, 36)?);
        let root = reserved + usize::from(input.u8(16)?).saturating_mul(fat_sectors);
        let data = root.saturating_add(root_bytes.div_ceil(sector));
        if sectors < data {
            return input.fault(19, "the volume is shorter than its tables");
        }
        let count = (sectors - data) / (cluster / sector);
        let width = match count {
            ..4085 => Width::Fat12,
            4085..65525 => Width::Fat16,
            _ => Width::Fat32,
        };
        // FAT32 has its root in clusters; a small one is told by that (mkfs makes such).
        let (width, fixed_root, root_cluster) = if root_bytes == 0 {
            (Width::Fat32, None, input.u32(44)?)
        } else {
            (width, Some((root.saturating_mul(sector), root_bytes)), 0)
        };
        let bits = match width {
            Width::Fat12 => 12,
            Width::Fat16 => 16,
            _ => 32,
        };
        if (count + 2).saturating_mul(bits).div_ceil(8) > fat_sectors.saturating_mul(sector) {
            return input.fault(22, "the FAT is too small for the volume");
        }
        Ok(Self {
            input,
            width,
            fat: reserved * sector,
            heap: data.saturating_mul(sector),
            cluster,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            fixed_root,
            root: root_cluster,
            seen: SparseSet::default(),
        })
    }

    fn exfat(input: Input<'a>) -> Result<Self, FormatError> {
        let (shift, more) = (input.u8(108)?, input.u8(109)?);
        if !(9..=12).contains(&shift) || more > 25 - shift {
            return input.fault(108, "a sector's or a cluster's size is out of range");
        }
        let sectors = |at: usize| -> Result<usize, FormatError> {
            Ok((input.u32(at)? as usize).saturating_mul(1 << shift))
        };
        let count = input.u32(92)?;
        if (count as usize).saturating_add(2).saturating_mul(4) > sectors(84)? {
            return input.fault(84, "the FAT is too small for the volume");
        }
        Ok(Self {
            input,
            width: Width::Exfat,
            fat: sectors(80)?,
            heap: sectors(88)?,
            cluster: 1 << (shift + more),
            count,
            fixed_root: None,
            root: input.u32(96)?,
            seen: SparseSet::default(),
        })
    }

    /// The next cluster of a chain, `None` at its end, and the offset of its entry in the FAT.
    fn next(&self, cluster: u32) -> Result<(Option<u32>, usize), FormatError> {
        let index = cluster as usize;
        let (at, next, end) = match self.width {
            Width::Fat12 => {
                let at = self.fat.saturating_add(index + index / 2);
                let pair = u32::from(self.input.u16(at)?);
                let next = if index.is_multiple_of(2) {
                    pair & 0xfff
                } else {
                    pair >> 4
                };
                (at, next, 0xff8)
            }
            Width::Fat16 => {
                let at = self.fat.saturating_add(index * 2);
                (at, u32::from(self.input.u16(at)?), 0xfff8)
            }
            Width::Fat32 => {
                let at = self.fat.saturating_add(index * 4);
                (at, self.input.u32(at)? & 0x0fff_ffff, 0x0fff_fff8)
            }
            Width::Exfat => {
                let at = self.fat.saturating_add(index * 4);
                (at, self.input.u32(at)?, 0xffff_fff8)
            }
        };
        Ok(((next < end).then_some(next), at))
    }

    /// The cluster of this number, which the bytes at `at` name, and which no other use has.
    fn take(&mut self, number: u32, length: usize, at: usize) -> Result<Extent, FormatError> {
        let index = match number.checked_sub(2) {
            Some(index) if index < self.count => index as usize,
            _ => return self.input.fault(at, "a chain leaves the volume"),
        };
        let offset = index.saturating_mul(self.cluster).saturating_add(self.heap);
        if self.input.end(offset, length as u64, usize::MAX).is_err() {
            return self.input.fault(at, "a cluster lies past the end");
        }
        if !self.seen.insert(index).map_err(|_| Error::OutOfMemory)? {
            return self.input.fault(at, "a cluster has two uses");
        }
        Ok(Extent {
            offset: Some(offset),
            length,
        })
    }

    /// Gives the clusters of a chain: up to `length` bytes, if these are known; else up to its end. The
    /// bytes at `at` name the first one. Clusters that are known to follow each other have no entries in the
    /// FAT.
    pub(super) fn chain(
        &mut self,
        first: u32,
        length: Option<usize>,
        is_contiguous: bool,
        at: usize,
        each: &mut dyn FnMut(Extent) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let (mut number, mut at) = (first, at);
        let mut left = length.unwrap_or(usize::MAX);
        while left > 0 {
            let part = left.min(self.cluster);
            each(self.take(number, part, at)?)?;
            left -= part;
            if left == 0 {
                break;
            }
            if is_contiguous {
                number = number.saturating_add(1);
                continue;
            }
            let (next, here) = self.next(number)?;
            match next {
                Some(next) => (number, at) = (next, here),
                None if length.is_none() => break,
                None => return self.input.fault(here, "a chain ends before its file"),
            }
        }
        Ok(())
    }

    /// The extents of a folder.
    pub(super) fn folder(
        &mut self,
        first: u32,
        length: Option<usize>,
        is_contiguous: bool,
        at: usize,
    ) -> Result<Extents, FormatError> {
        let mut extents = Extents::new();
        self.chain(first, length, is_contiguous, at, &mut |extent| {
            Ok(extents.try_push(extent.offset, extent.length)?)
        })?;
        Ok(extents)
    }
}
