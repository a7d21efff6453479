//! Sectors, and the tables that chain them: [MS-CFB] 2.2 to 2.5.

use alloc::vec::Vec;

use super::fault::fault;
use crate::bytes::{Bytes, Within, array};
use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::sparse::SparseSet;
use crate::geometry::{Extent, Extents};

/// Streams below this size lie in the mini stream.
pub(super) const MINI_CUTOFF: u64 = 4096;
/// Sector numbers above this mean something else ([MS-CFB] 2.1).
const MAX_REGULAR: u32 = 0xFFFF_FFFA;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FREE: u32 = 0xFFFF_FFFF;
/// Mini sectors have 64 bytes.
const MINI_SHIFT: u16 = 6;
/// FAT sectors that the header itself names.
const HEADER_DIFAT: usize = 109;
const DIFAT_OFFSET: usize = 76;

/// The header's fields, and the use of each sector.
pub(super) struct Sectors<'a> {
    bytes: &'a dyn Bytes,
    /// Sectors have `1 << shift` bytes.
    shift: u16,
    /// Version 3, whose sizes have 32 bits.
    pub(super) short_sizes: bool,
    /// The start of the directory.
    pub(super) first_directory: u32,
    first_mini_fat: u32,
    /// The sectors of the FAT, in order.
    fat: Vec<u32>,
    used: SparseSet,
    mini: Mini,
    faults: &'a Faults,
}

/// The mini stream, which is in sectors, and its table.
#[derive(Default)]
struct Mini {
    stream: Extents,
    fat: Extents,
    used: SparseSet,
}

impl<'a> Sectors<'a> {
    /// Reads the header and finds the sectors of the FAT.
    pub(super) fn read(bytes: &'a dyn Bytes, faults: &'a Faults) -> Result<Self, FormatError> {
        let field16 = |offset| array(bytes, offset).map(u16::from_le_bytes);
        let field32 = |offset| array(bytes, offset).map(u32::from_le_bytes);
        // 512 bytes of header in each version; in version 4 zeros follow.
        let cut = || fault(bytes.len(), "the header is cut off");
        if bytes.len() < 512 {
            return Err(cut());
        }
        let version = field16(26).ok_or_else(cut)?;
        let order = field16(28).ok_or_else(cut)?;
        let shift = field16(30).ok_or_else(cut)?;
        if order != 0xFFFE {
            return Err(fault(28, "the byte order mark is not that of a compound file"));
        }
        if !matches!((version, shift), (3, 9) | (4, 12)) {
            return Err(fault(
                26,
                "version and sector size are neither 3 and 512 nor 4 and 4096",
            ));
        }
        if field16(32) != Some(MINI_SHIFT) {
            return Err(fault(32, "mini sectors don't have 64 bytes"));
        }
        if field32(56).map(u64::from) != Some(MINI_CUTOFF) {
            return Err(fault(56, "the mini stream's limit is not 4096"));
        }
        let sectors = (bytes.len() - (1_usize << shift).min(bytes.len())).div_ceil(1 << shift);
        let mut this = Self {
            bytes,
            shift,
            short_sizes: version == 3,
            first_directory: field32(48).ok_or_else(cut)?,
            first_mini_fat: field32(60).ok_or_else(cut)?,
            fat: Vec::new(),
            used: SparseSet::default(),
            mini: Mini::default(),
            faults,
        };
        let count = field32(44).ok_or_else(cut)? as usize;
        if count > sectors {
            faults.pass(fault(44, "there are more FAT sectors than sectors in the file"))?;
        }
        let count = count.min(sectors);
        let first_difat = field32(68).ok_or_else(cut)?;
        if let Err(error) = this.read_difat(count, first_difat) {
            faults.pass(error)?;
        }
        Ok(this)
    }

    /// The FAT's own sectors: 109 in the header, the rest in a chain of sectors that end with the next one's
    /// number.
    fn read_difat(&mut self, count: usize, first: u32) -> Result<(), FormatError> {
        self.read_difat_part(DIFAT_OFFSET, HEADER_DIFAT, count)?;
        let last = (1_usize << self.shift) - 4;
        let mut next = first;
        while self.fat.len() < count {
            if next > MAX_REGULAR {
                return Err(fault(
                    44,
                    "the DIFAT names fewer FAT sectors than the header counts",
                ));
            }
            let offset = self.take(next, 68)?;
            self.read_difat_part(offset, last / 4, count)?;
            next = self.number(offset + last)?;
        }
        Ok(())
    }

    fn read_difat_part(&mut self, offset: usize, entries: usize, count: usize) -> Result<(), FormatError> {
        for entry in 0..entries {
            if self.fat.len() == count {
                break;
            }
            let at = offset + entry * 4;
            let sector = self.number(at)?;
            if sector == FREE {
                continue;
            }
            // A sector that is not there keeps its place in the table.
            if let Err(error) = self.take(sector, at) {
                self.faults.pass(error)?;
            }
            self.fat.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            self.fat.push(sector);
        }
        Ok(())
    }

    /// The number at `offset` of the file.
    fn number(&self, offset: usize) -> Result<u32, FormatError> {
        let number = array(self.bytes, offset).map(u32::from_le_bytes);
        number.ok_or_else(|| fault(offset, "a sector of a table is cut off"))
    }

    /// Takes the sector for a chain that `named_at` names, and says where it begins in the file.
    fn take(&mut self, sector: u32, named_at: usize) -> Result<usize, FormatError> {
        let offset = (sector as usize)
            .checked_add(1)
            .and_then(|index| index.checked_mul(1 << self.shift))
            .filter(|&offset| sector <= MAX_REGULAR && offset < self.bytes.len())
            .ok_or_else(|| fault(named_at, "a chain leaves the file"))?;
        if self.used.insert(sector as usize)? {
            Ok(offset)
        } else {
            Err(fault(named_at, "a sector is in two chains, or a chain loops"))
        }
    }

    /// The number that follows `sector` in its chain, and where that stands in the file.
    fn next(&self, sector: u32) -> Result<(u32, usize), FormatError> {
        let entries = 1_u32 << (self.shift - 2);
        let index = (sector / entries) as usize;
        let table = self
            .fat
            .get(index)
            .ok_or_else(|| fault(44, "the FAT has no entry for a sector in use"))?;
        let at = (*table as usize)
            .checked_add(1)
            .and_then(|index| index.checked_mul(1 << self.shift))
            .and_then(|start| start.checked_add((sector % entries) as usize * 4))
            .ok_or_else(|| fault(44, "the FAT has no entry for a sector in use"))?;
        Ok((self.number(at)?, at))
    }

    /// The chain that begins with sector `first`, which `named_at` names, to its end.
    pub(super) fn chain(&mut self, first: u32, named_at: usize) -> Result<Extents, FormatError> {
        let mut extents = Extents::new();
        let result = self.walk(first, named_at, usize::MAX, &mut |extent| {
            Ok(extents.try_push(extent.offset, extent.length)?)
        });
        self.faults.ok(result)?;
        Ok(extents)
    }

    /// Gives the sectors of a chain, up to those that have `most` bytes.
    fn walk(&mut self, first: u32, named_at: usize, most: usize, each: Each<'_>) -> Result<(), FormatError> {
        let (mut sector, mut named_at, mut left) = (first, named_at, most);
        while sector != END_OF_CHAIN && left > 0 {
            left = left.saturating_sub(1 << self.shift);
            let offset = self.take(sector, named_at)?;
            // The file's last sector need not be whole where the stream ends in it.
            each(Extent {
                offset: Some(offset),
                length: (self.bytes.len() - offset).min(1 << self.shift),
            })?;
            (sector, named_at) = self.next(sector)?;
        }
        Ok(())
    }

    /// Gives the extents of the stream of `size` bytes that begins with sector `first`; the entry at
    /// `named_at` names both.
    pub(super) fn stream(
        &mut self,
        first: u32,
        size: u64,
        named_at: usize,
        each: Each<'_>,
    ) -> Result<(), FormatError> {
        let mut left = size;
        let most = if self.faults.lenient() {
            usize::try_from(size).unwrap_or(usize::MAX)
        } else {
            usize::MAX
        };
        self.walk(first, named_at, most, &mut |extent| cut(extent, &mut left, each))?;
        is_whole(left, named_at)
    }

    /// Reads the mini FAT; the root's entry at `named_at` names the mini stream.
    pub(super) fn read_mini(&mut self, first: u32, size: u64, named_at: usize) -> Result<(), FormatError> {
        if size == 0 {
            return Ok(());
        }
        let fat = self.chain(self.first_mini_fat, 60)?;
        let mut stream = Extents::new();
        let result = self.stream(first, size, named_at, &mut |extent| {
            Ok(stream.try_push(extent.offset, extent.length)?)
        });
        self.faults.ok(result)?;
        self.mini = Mini {
            used: SparseSet::default(),
            stream,
            fat,
        };
        Ok(())
    }

    /// Gives the extents of the stream of `size` bytes that begins with mini sector `first`; the entry at
    /// `named_at` names both.
    pub(super) fn mini_stream(
        &mut self,
        first: u32,
        size: u64,
        named_at: usize,
        each: Each<'_>,
    ) -> Result<(), FormatError> {
        let strict = !self.faults.lenient();
        let Mini { stream, fat, used } = &mut self.mini;
        let length = stream.byte_len();
        let (mut sector, mut left) = (first, size);
        while size > 0 && sector != END_OF_CHAIN && (strict || left > 0) {
            let offset = (sector as usize)
                .checked_mul(1 << MINI_SHIFT)
                .filter(|&offset| offset < length)
                .ok_or_else(|| fault(named_at, "a chain leaves the mini stream"))?;
            if !used.insert(sector as usize)? {
                return Err(fault(
                    named_at,
                    "a mini sector is in two chains, or a chain loops",
                ));
            }
            for extent in stream.runs(offset..offset.saturating_add(1 << MINI_SHIFT)) {
                cut(extent, &mut left, each)?;
            }
            sector = array(&Within::new(self.bytes, fat), sector as usize * 4)
                .map(u32::from_le_bytes)
                .ok_or_else(|| fault(60, "the mini FAT has no entry for a sector in use"))?;
        }
        is_whole(left, named_at)
    }
}

/// Takes extents, one after the other.
type Each<'a> = &'a mut dyn FnMut(Extent) -> Result<(), FormatError>;

/// Gives what `left` leaves of an extent: a chain may be longer than its stream.
fn cut(extent: Extent, left: &mut u64, each: Each<'_>) -> Result<(), FormatError> {
    let length = usize::try_from(*left).unwrap_or(usize::MAX).min(extent.length);
    if length == 0 {
        return Ok(());
    }
    *left -= length as u64;
    each(Extent {
        offset: extent.offset,
        length,
    })
}

/// Checks that a stream's chain was long enough.
fn is_whole(left: u64, named_at: usize) -> Result<(), FormatError> {
    if left == 0 {
        Ok(())
    } else {
        Err(fault(named_at, "a chain is shorter than the size of its stream"))
    }
}
