//! MSF 7.00: the container of Microsoft's program databases, PDB (LLVM's "The MSF File Format": "The
//! Superblock", "The Stream Directory").
//!
//! | stream | |
//! | --- | --- |
//! | `stream0`… | each stream by its number: 1 is the PDB stream, 2 types (TPI), 3 debug information (DBI), 4 ids (IPI) |
//!
//! Streams that were deleted are passed over; the numbers stay.
//!
//! Refused: invalid block sizes, blocks out of range or with two uses, a directory that is cut off.
//! Leniently a stream ends before such a block.

use super::parse::faults::tolerate;
use super::parse::input::Input;
use super::parse::sparse::SparseSet;
use super::{Container, FormatError, Options};
use crate::bytes::Within;
use crate::geometry::{Extent, Extents};
use crate::{Bytes, array};

pub(crate) const NAME: &str = "pdb";

/// A stream that was deleted.
const NIL: u32 = 0xffff_ffff;

/// Whether the file begins as MSF 7.00 does.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(*b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0")
}

/// The streams of a PDB file. O(blocks); reads the directory.
///
/// # Errors
/// [`FormatError`] if the file is malformed or cut off.
///
/// ```
/// use fragview::formats::{Options, pdb};
/// // Blocks of 512 bytes: the superblock, two free block maps, the directory's map, the directory, a stream.
/// let mut file = vec![0; 512 * 6];
/// file[..32].copy_from_slice(b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0");
/// for (at, number) in [(32, 512), (36, 1), (40, 6), (44, 12), (52, 3), (1536, 4), (2048, 1), (2052, 5), (2056, 5)] {
///     file[at..at + 4].copy_from_slice(&u32::to_le_bytes(number));
/// }
/// let container = pdb::open(&file, Options::default())?;
/// assert_eq!(container.stream("stream0").unwrap().extents, [(2560, 5)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    if !detect(bytes) {
        return input.fault(0, "not an MSF 7.00 file");
    }
    let block = input.u32(32)? as usize;
    if !block.is_power_of_two() || !(512..=65536).contains(&block) {
        return input.fault(32, "a block's size is not a power of two from 512 to 65536");
    }
    let mut blocks = Blocks {
        input,
        size: block,
        count: input.u32(40)? as usize,
        seen: SparseSet::default(),
    };
    // The directory's blocks are named in blocks, whose first one the superblock names.
    let length = input.u32(44)? as usize;
    let map = input.u32(52)? as usize * block;
    let mut directory = Extents::new();
    for (index, skip) in (0..length).step_by(block).enumerate() {
        let at = map.saturating_add(index * 4);
        let extent = blocks.take(input.u32(at)?, block.min(length - skip), at)?;
        directory.try_push(extent.offset, extent.length)?;
    }
    let within = Within::new(bytes, &directory);
    let place = |at: usize| {
        let mut runs = directory.runs(at.min(length)..length.min(at.saturating_add(1)));
        runs.next().and_then(|extent| extent.offset).unwrap_or(map)
    };
    let number = |at: usize| match array(&within, at) {
        Some(number) => Ok(u32::from_le_bytes(number)),
        None => input.fault(place(at), "the directory is cut off"),
    };
    let count = number(0)? as usize;
    let mut at = count.saturating_mul(4).saturating_add(4);
    if at > length {
        return input.fault(place(0), "the directory has more streams than it can hold");
    }
    let mut container = Container::new(NAME);
    let family = container.family("stream{}")?;
    for stream in 0..count {
        let size = number(4 + stream * 4)?;
        if size == NIL {
            continue;
        }
        container.push_numbered(family, stream, [] as [Extent; 0])?;
        let size = size as usize;
        let mut is_whole = true;
        for skip in (0..size).step_by(block) {
            let part = block.min(size - skip);
            let extent = number(at).and_then(|number| blocks.take(number, part, place(at)));
            at = at.saturating_add(4);
            match extent {
                Ok(extent) if is_whole => container.extend([extent])?,
                Ok(_) => {}
                Err(error) => {
                    if is_whole {
                        tolerate(&mut container, options, error)?;
                    }
                    is_whole = false;
                    if at > length {
                        break;
                    }
                }
            }
        }
    }
    Ok(container)
}

/// The file's blocks, and those that are in use.
struct Blocks<'a> {
    input: Input<'a>,
    size: usize,
    count: usize,
    seen: SparseSet,
}

impl Blocks<'_> {
    /// The first `length` bytes of the block that the bytes at `at` name.
    fn take(&mut self, number: u32, length: usize, at: usize) -> Result<Extent, FormatError> {
        let number = number as usize;
        let offset = number.saturating_mul(self.size);
        if number >= self.count || self.input.end(offset, length as u64, usize::MAX).is_err() {
            return self.input.fault(at, "a block is out of range");
        }
        if !self.seen.insert(number)? {
            return self.input.fault(at, "a block has two uses");
        }
        Ok(Extent {
            offset: Some(offset),
            length,
        })
    }
}
