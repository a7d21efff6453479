//! VMDK: `VMware`'s sparse disks ("Virtual Disk Format 5.0": "Hosted Sparse Extents").
//!
//! | stream | |
//! | --- | --- |
//! | `raw_disk` | the disk as the guest sees it; grains never written are holes |
//! | `descriptor` | the text that describes the disk, if it is in the file |
//!
//! Refused: compressed grains (`streamOptimized`), a disk over another one; tables and grains past the end, a
//! table that serves twice. Leniently such grains are holes, and their tables are passed over.

use super::parse::faults::tolerate;
use super::parse::input::Input;
use super::parse::sparse::SparseSet;
use super::{Container, FormatError, Options};
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "vmdk";

const SECTOR: usize = 512;
/// Flags: an entry of 1 is a grain of zeros; grains are compressed.
const ZERO_GRAINS: u32 = 4;
const COMPRESSED: u32 = 1 << 16;

/// Whether the file begins as a sparse extent does.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    matches!(array(bytes, 0), Some([b'K', b'D', b'M', b'V', 1..=3, 0, 0, 0]))
}

/// The disk in a sparse VMDK file. O(entries of the tables that are there); reads these.
///
/// # Errors
/// [`FormatError`] if the file is malformed, or the disk's bytes are not all in it as they are.
///
/// ```
/// use fragview::formats::{Options, vmdk};
/// // A disk of 8 sectors, a grain, whose table says that it is not there.
/// let mut file = [0; 2048];
/// file[..4].copy_from_slice(b"KDMV");
/// file[4] = 1; // the version
/// file[12] = 8; // the disk's sectors
/// file[20] = 8; // sectors of a grain
/// file[44..46].copy_from_slice(&[0, 2]); // grains of a table
/// file[56] = 1; // the directory's sector
/// let container = vmdk::open(&file, Options::default())?;
/// assert_eq!(container.stream("raw_disk").unwrap().extents, [(None, 4096)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    if !detect(bytes) {
        return input.fault(0, "not a sparse VMDK extent");
    }
    let flags = input.u32(8)?;
    if flags & COMPRESSED != 0 || input.u16(77)? != 0 {
        return input.fault(8, "the grains are compressed; a view can't show them");
    }
    let sectors = |at: usize| -> Result<usize, FormatError> {
        match usize::try_from(input.u64(at)?)
            .ok()
            .and_then(|count| count.checked_mul(SECTOR))
        {
            Some(length) if isize::try_from(length).is_ok() => Ok(length),
            _ => input.fault(at, "a size is larger than memory can be"),
        }
    };
    let (size, grain) = (sectors(12)?, sectors(20)?);
    if !grain.is_power_of_two() {
        return input.fault(20, "a grain's size is not a power of two");
    }
    let entries = input.u32(44)? as usize;
    let Some(covered) = entries.checked_mul(grain).filter(|&covered| covered > 0) else {
        return input.fault(44, "a table has no grains, or too many");
    };
    let (text, text_size) = (sectors(28)?, sectors(36)?);
    let mut container = Container::new(NAME);
    if text > 0 {
        input.end(text, text_size as u64, usize::MAX)?;
        let length = check_descriptor(&input, text, text_size)?;
        container.push("descriptor", [(text, length)])?;
    }
    container.push("raw_disk", [] as [Extent; 0])?;
    let directory = sectors(56)?;
    let tables = size.div_ceil(covered);
    input.end(directory, (tables as u64).saturating_mul(4), usize::MAX)?;
    let mut seen = SparseSet::default();
    let mut done = 0;
    for index in 0..tables {
        let length = covered.min(size - done);
        done += length;
        let at = directory + index * 4;
        let table = input.u32(at)? as usize * SECTOR;
        if table == 0 {
            container.extend([(None, length)])?;
            continue;
        }
        let is_there = input
            .end(table, length.div_ceil(grain) as u64 * 4, usize::MAX)
            .is_ok();
        if !is_there || !seen.insert(table / SECTOR)? {
            let error = FormatError::new(NAME, at, "a table serves twice, or lies past the end");
            tolerate(&mut container, options, error)?;
            container.extend([(None, length)])?;
            continue;
        }
        for (index, skip) in (0..length).step_by(grain).enumerate() {
            let (at, part) = (table + index * 4, grain.min(length - skip));
            let start = match input.u32(at)? as usize {
                0 => None,
                1 if flags & ZERO_GRAINS != 0 => None,
                sector => Some(sector * SECTOR),
            };
            match start {
                // The file may end with the disk, within the last grain.
                Some(start) if input.end(start, part as u64, usize::MAX).is_err() => {
                    let error = FormatError::new(NAME, at, "a grain goes past the end");
                    tolerate(&mut container, options, error)?;
                    let there = input.len().saturating_sub(start).min(part);
                    container.extend([(Some(start), there), (None, part - there)])?;
                }
                start => container.extend([(start, part)])?,
            }
        }
    }
    Ok(container)
}

/// The length of the descriptor, which must not name a parent.
fn check_descriptor(input: &Input<'_>, start: usize, length: usize) -> Result<usize, FormatError> {
    let mut line = [0; 80];
    let (mut filled, mut end) = (0, length);
    for at in 0..length {
        let byte = input.u8(start + at)?;
        if byte == 0 {
            end = at;
            break;
        }
        if byte == b'\n' {
            if let Some(parent) = line[..filled].strip_prefix(b"parentCID=")
                && !parent.trim_ascii().eq_ignore_ascii_case(b"ffffffff")
            {
                return input.fault(start + at, "the disk needs its parent, which is another file");
            }
            filled = 0;
        } else if filled < line.len() {
            line[filled] = byte;
            filled += 1;
        }
    }
    Ok(end)
}
