//! The files of a volume.

use super::boot::{Volume, Width, is_boot_sector};
use super::entries::{self, Entry};
use super::exfat;
use super::name::NAME;
use crate::bytes::Bytes;
use crate::formats::parse::faults::{tolerate, tolerate_apart};
use crate::formats::parse::folders::Folders;
use crate::formats::{Container, FormatError, Options};
use crate::geometry::{Extent, Extents};

/// Whether the file begins with a boot sector that makes sense.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    is_boot_sector(bytes)
}

/// The files of a FAT or exFAT volume. O(entries + clusters in use); reads folders and the FAT.
///
/// # Errors
/// [`FormatError`] if the volume is malformed or cut off.
///
/// ```
/// use fragview::formats::{Options, fat};
/// // A boot sector, a FAT, a root of 16 entries, and a cluster.
/// let mut file = vec![0; 512 * 4];
/// file[..3].copy_from_slice(b"\xeb\x3c\x90");
/// file[11..24].copy_from_slice(b"\0\x02\x01\x01\0\x01\x10\0\x04\0\xf8\x01\0");
/// file[510..512].copy_from_slice(b"\x55\xaa");
/// file[512..517].copy_from_slice(b"\xf8\xff\xff\xff\x0f");
/// file[1024..1035].copy_from_slice(b"A       TXT");
/// file[1050] = 2; // its first cluster
/// file[1052] = 5; // its size
/// let container = fat::open(&file, Options::default())?;
/// assert_eq!(container.stream("A.TXT").unwrap().extents, [(1536, 5)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let mut volume = Volume::read(bytes)?;
    let width = volume.width;
    let mut container = Container::new(NAME);
    let root = match volume.fixed_root {
        Some((start, length)) => volume
            .input
            .end(start, length as u64, usize::MAX)
            .map(|_| Extents::from_iter([(start, length)])),
        None => volume.folder(volume.root, None, false, 44),
    }?;
    let mut folders = Folders::new(root, bytes.len());
    while let Some((path, extents)) = folders.next() {
        let mut each = |entry: Entry| {
            let Some(name) = folders.path(&path, &entry.name)? else {
                return volume
                    .input
                    .fault(entry.offset, "the paths are longer than the file");
            };
            let length = entry.length;
            if entry.is_folder {
                match volume.folder(entry.first, length, entry.is_contiguous, entry.offset) {
                    Ok(extents) => folders.add(name, extents)?,
                    Err(error) => tolerate_apart(&mut container, options, error)?,
                }
                return Ok(());
            }
            container.push(&name, [] as [Extent; 0])?;
            let (whole, written) = (length.unwrap_or_default(), entry.written);
            if whole == 0 {
                return Ok(());
            }
            // Bytes that were never written read as zeros, whatever their clusters hold.
            let mut left = written;
            let result = volume.chain(
                entry.first,
                length,
                entry.is_contiguous,
                entry.offset,
                &mut |extent| {
                    let part = extent.length.min(left);
                    left -= part;
                    container.extend([(extent.offset, part), (None, extent.length - part)])
                },
            );
            if let Err(error) = result {
                tolerate(&mut container, options, error)?;
            }
            Ok(())
        };
        match width {
            Width::Exfat => exfat::for_each(bytes, &extents, &mut each)?,
            _ => entries::for_each(bytes, &extents, &mut each)?,
        }
    }
    Ok(container)
}
