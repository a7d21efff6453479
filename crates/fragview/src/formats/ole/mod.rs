//! OLE compound files: [MS-CFB] versions 3 and 4, as in `.doc`, `.ppt`, `.msg` and `.xls`.
//!
//! A compound file is a file system in a file: sectors in chains (2.3, the FAT), a directory tree (2.6), and a stream
//! of small sectors for what is below 4096 bytes (2.4, the mini FAT). Each stream object is a stream, named by its
//! path: `Data Object Store 000001/ICC Profile 0001`; siblings come in the order of the directory's tree.
//!
//! Refused: another version, sector size or byte order; a chain that loops, ends early, leaves the file or shares a
//! sector with another; a directory tree with a loop; paths that together
//! are longer than 4 times the file; any truncated part.

mod directory;
mod sectors;

use self::directory::Directory;
use self::sectors::Sectors;
use crate::bytes::{Bytes, array};
use crate::formats::{Container, FormatError};

/// The format's name.
pub(crate) const NAME: &str = "ole";

/// The first bytes of each compound file ([MS-CFB] 2.2).
const MAGIC: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// A fault of this format.
fn fault(offset: usize, what: &'static str) -> FormatError {
    FormatError::new(NAME, offset, what)
}

/// Whether the file begins as a compound file does.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(MAGIC)
}

/// The streams of a compound file. Only the header, the FATs and the directory are read.
///
/// ```
/// use fragview::formats::ole;
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
/// let container = ole::open(&file)?;
/// let stream = container.stream("A").unwrap();
/// assert_eq!(stream.extents, [(512 * 3, 4096)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
///
/// # Errors
/// [`FormatError`] where the file breaks [MS-CFB], or is cut off.
pub fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    if !detect(bytes) {
        return Err(fault(0, "no compound file"));
    }
    let mut sectors = Sectors::read(bytes)?;
    let directory = Directory::read(bytes, &mut sectors)?;
    let mut container = Container::new(NAME);
    for entry in directory.streams()? {
        let extents = if entry.size < sectors::MINI_CUTOFF {
            sectors.mini_stream(entry.start, entry.size, entry.offset)?
        } else {
            sectors.stream(entry.start, entry.size, entry.offset)?
        };
        container.push(entry.path, extents);
    }
    Ok(container)
}

/// Nothing to check: a compound file has no checksums.
///
/// # Errors
/// None.
pub const fn verify(_bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    Ok(())
}
