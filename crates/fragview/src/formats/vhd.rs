//! VHD: Connectix's and Microsoft's disks ("Virtual Hard Disk Image Format Specification" 1.0: "Hard Disk
//! Footer Format", "Dynamic Disk Header Format", "Block Allocation Table and Data Blocks").
//!
//! | stream | |
//! | --- | --- |
//! | `raw_disk` | the disk as the guest sees it; blocks never written are holes |
//!
//! A block's own map of sectors is not read: sectors that it calls unwritten hold zeros.
//!
//! Refused: disks over another one; a wrong checksum of a header; blocks past the end or in two places.
//! Leniently such blocks are holes, and the copy of the footer at the start serves where the end is cut off.

use super::parse::blocks::Blocks;
use super::parse::faults::tolerate_apart;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::{Bytes, array};

pub(crate) const NAME: &str = "vhd";

const SECTOR: usize = 512;
const FOOTER: [u8; 8] = *b"conectix";

/// Whether the file ends with a footer, or begins with the copy of one.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let last = bytes.len().checked_sub(SECTOR).and_then(|at| array(bytes, at));
    last == Some(FOOTER) || array(bytes, 0) == Some(FOOTER)
}

/// The disk in a VHD file, of fixed size or dynamic. O(blocks); reads the footer, the header and the table.
///
/// # Errors
/// [`FormatError`] if the file is malformed, or the disk's bytes are not all in it.
///
/// ```
/// use fragview::formats::{Options, vhd};
/// // A disk of a sector, and the footer.
/// let mut file = [0; 1024];
/// file[512..520].copy_from_slice(b"conectix");
/// file[512 + 54] = 2; // the disk's size
/// file[512 + 63] = 2; // a fixed disk
/// let sum: u32 = file[512..].iter().map(|&byte| u32::from(byte)).sum();
/// file[512 + 64..512 + 68].copy_from_slice(&(!sum).to_be_bytes());
/// let container = vhd::open(&file, Options::default())?;
/// assert_eq!(container.stream("raw_disk").unwrap().extents, [(0, 512)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let mut container = Container::new(NAME);
    let last = bytes.len().saturating_sub(SECTOR);
    let mut footer = last;
    if array(bytes, last) != Some(FOOTER) {
        let error = FormatError::new(NAME, last, "no footer at the end");
        if array(bytes, 0) != Some(FOOTER) {
            return Err(error);
        }
        tolerate_apart(&mut container, options, error)?;
        footer = 0;
    }
    check_sum(&input, footer, 512, 64)?;
    let Some(size) = usize::try_from(input.u64(footer + 48)?)
        .ok()
        .filter(|&size| isize::try_from(size).is_ok())
    else {
        return input.fault(footer + 48, "the disk is longer than memory can be");
    };
    match input.u32(footer + 60)? {
        2 => {
            let length = if size > footer {
                let error = FormatError::new(NAME, footer + 48, "the disk is longer than the file");
                tolerate_apart(&mut container, options, error)?;
                footer
            } else {
                size
            };
            container.push("raw_disk", [(0, length)])?;
            return Ok(container);
        }
        3 => {}
        4 => {
            return input.fault(footer + 60, "the disk needs its parent, which is another file");
        }
        _ => return input.fault(footer + 60, "a disk of an unknown type"),
    }
    let place = |at: usize| -> Result<usize, FormatError> {
        Ok(usize::try_from(input.u64(at)?).unwrap_or(usize::MAX))
    };
    let header = place(footer + 16)?;
    input.end(header, 1024_u64, usize::MAX)?;
    if input.array(header)? != *b"cxsparse" {
        return input.fault(header, "no header of a dynamic disk");
    }
    check_sum(&input, header, 1024, 36)?;
    let table = place(header + 16)?;
    let block = input.u32(header + 32)? as usize;
    if !block.is_power_of_two() || block < SECTOR {
        return input.fault(header + 32, "a block's size is not a power of two of sectors");
    }
    let blocks = size.div_ceil(block);
    if (input.u32(header + 28)? as usize) < blocks {
        return input.fault(header + 28, "the table is too small for the disk");
    }
    input.end(table, blocks as u64 * 4, usize::MAX)?;
    let map = (block / SECTOR / 8).next_multiple_of(SECTOR);
    let mut disk = Blocks::new(input, options, container)?;
    for index in 0..blocks {
        let (at, length) = (table + index * 4, block.min(size - index * block));
        let sector = input.u32(at)?;
        if sector == u32::MAX {
            disk.hole(length)?;
            continue;
        }
        let start = (sector as usize * SECTOR).saturating_add(map);
        disk.block(at, sector, start, length)?;
    }
    Ok(disk.finish())
}

/// Checks the complement of the sum of the `length` bytes at `start`, which stands `skip` bytes in.
fn check_sum(input: &Input<'_>, start: usize, length: usize, skip: usize) -> Result<(), FormatError> {
    let mut sum = 0_u32;
    for at in (0..length).filter(|&at| !(skip..skip + 4).contains(&at)) {
        sum = sum.wrapping_add(u32::from(input.u8(start + at)?));
    }
    if input.u32(start + skip)? == !sum {
        Ok(())
    } else {
        input.fault(start + skip, "a wrong checksum of a header")
    }
}
