//! The streams of a compound file.

use super::directory::Directory;
pub(crate) use super::fault::NAME;
use super::fault::fault;
use super::sectors::{MINI_CUTOFF, Sectors};
use crate::bytes::{Bytes, array};
use crate::formats::parse::faults::Faults;
use crate::formats::{Container, FormatError, Options};
use crate::geometry::Extent;

/// The first bytes of each compound file ([MS-CFB] 2.2).
const MAGIC: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Whether the file begins as a compound file does.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(MAGIC)
}

/// The streams of a compound file. Only the header, the FATs and the directory are read.
///
/// ```
/// use fragview::formats::{Options, ole};
///
/// // The header, a FAT sector, a directory sector, and eight sectors of data.
/// let mut file = vec![0; 512 * 11];
/// file[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
/// file[24..34].copy_from_slice(b"\x3E\0\x03\0\xFE\xFF\x09\0\x06\0"); // version 3, sectors of 512 and 64 bytes
/// file[44..52].copy_from_slice(b"\x01\0\0\0\x01\0\0\0"); // one FAT sector; the directory is sector 1
/// file[56..76].copy_from_slice(b"\0\x10\0\0\xFE\xFF\xFF\xFF\0\0\0\0\xFE\xFF\xFF\xFF\0\0\0\0");
/// for sector in [0xFFFF_FFFD_u32, 0xFFFF_FFFE, 3, 4, 5, 6, 7, 8, 9, 0xFFFF_FFFE].into_iter().enumerate() {
///     file[512 + sector.0 * 4..][..4].copy_from_slice(&sector.1.to_le_bytes());
/// }
/// for (at, name, kind, child, start, size) in
///     [(1024, "R", 5, 1_u32, 0xFFFF_FFFE_u32, 0_u32), (1152, "A", 2, u32::MAX, 2, 4096)]
/// {
///     file[at] = name.as_bytes()[0];
///     file[at + 64] = 4;
///     file[at + 66] = kind;
///     file[at + 68..at + 76].fill(0xFF);
///     file[at + 76..at + 80].copy_from_slice(&child.to_le_bytes());
///     file[at + 116..at + 120].copy_from_slice(&start.to_le_bytes());
///     file[at + 120..at + 124].copy_from_slice(&size.to_le_bytes());
/// }
/// let container = ole::open(&file, Options::default())?;
/// let stream = container.stream("A").unwrap();
/// assert_eq!(stream.extents, [(512 * 3, 4096)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
///
/// # Errors
/// [`FormatError`] if the file breaks [MS-CFB], or is cut off.
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    if !detect(bytes) {
        return Err(fault(0, "not a compound file"));
    }
    let faults = Faults::new(options);
    let mut sectors = Sectors::read(bytes, &faults)?;
    let directory = Directory::read(bytes, &mut sectors, &faults)?;
    let mut container = Container::new(NAME);
    directory.for_each_stream(&faults, &mut |entry| {
        container.push(entry.path, [] as [Extent; 0])?;
        let mut each = |extent| container.extend([extent]);
        let result = if entry.size < MINI_CUTOFF {
            sectors.mini_stream(entry.start, entry.size, entry.offset, &mut each)
        } else {
            sectors.stream(entry.start, entry.size, entry.offset, &mut each)
        };
        match result {
            Err(error) => faults.pass_last(error, &container),
            Ok(()) => Ok(()),
        }
    })?;
    faults.give(&mut container);
    Ok(container)
}
