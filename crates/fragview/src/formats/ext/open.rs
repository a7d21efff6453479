//! The files of a volume.

use hashbrown::HashMap;

use super::blocks::Blocks;
use super::folder;
use super::inode::{Inode, Kind, Layout};
use super::name::NAME;
use super::volume::Volume;
use crate::bytes::{Bytes, array};
use crate::error::Error;
use crate::formats::parse::faults::{tolerate, tolerate_apart};
use crate::formats::parse::folders::Folders;
use crate::formats::parse::sparse::SparseSet;
use crate::formats::{Container, FormatError, Options};
use crate::geometry::{Extent, Extents};

/// The root's inode.
const ROOT: u32 = 2;

/// Whether there is a superblock: its magic, and a block's size that can be.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 1080) == Some([0x53, 0xef]) && matches!(array(bytes, 1048), Some([0..=6, 0, 0, 0]))
}

/// The files of an ext2, ext3 or ext4 volume. O(entries + extents); reads folders, inodes and trees.
///
/// # Errors
/// [`FormatError`] if the volume is malformed or cut off.
///
/// ```
/// use fragview::formats::{Options, ext};
/// // Blocks of 1024 bytes: nothing, the superblock, the descriptor, two inodes, the root.
/// let mut file = vec![0; 1024 * 5];
/// let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
/// for (at, number) in [(1024, 2), (1044, 1), (1056, 8192), (1064, 2), (2056, 3), (3204, 1024), (3240, 4)] {
///     put(at, &u32::to_le_bytes(number));
/// }
/// put(1080, b"\x53\xef");
/// put(3200, b"\xed\x41"); // a folder
/// put(4096, b"\x02\0\0\0\x00\x04\x01\x02."); // itself
/// assert!(ext::open(&file, Options::default())?.is_empty());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let mut volume = Volume::read(bytes)?;
    let mut container = Container::new(NAME);
    let root = volume.inode(ROOT, 1024)?;
    if root.kind != Kind::Folder {
        return volume.input.fault(root.offset, "the root is not a folder");
    }
    // Folders that were read, and the streams of files: another name of one is an alias.
    let mut read = SparseSet::default();
    let mut named: HashMap<u32, usize> = HashMap::default();
    read.insert(ROOT as usize)?;
    let mut folders = Folders::new(root, bytes.len());
    while let Some((path, inode)) = folders.next() {
        let mut extents = Extents::new();
        let result = contents(&mut volume, &inode, &mut |extent| {
            // A hole in a folder would be as long as it says.
            match extent.offset {
                Some(_) => Ok(extents.try_push(extent.offset, extent.length)?),
                None => Err(FormatError::new(NAME, inode.offset, "a folder has holes")),
            }
        });
        if let Err(error) = result {
            tolerate_apart(&mut container, options, error)?;
        }
        let (input, block) = (volume.input, volume.block);
        let is_inline = inode.layout == Layout::Inline;
        let result = folder::for_each(bytes, input, block, &extents, is_inline, &mut |entry| {
            let Some(path) = folders.path(&path, &entry.name)? else {
                return input.fault(entry.offset, "the paths are longer than the file");
            };
            let child = match volume.inode(entry.inode, entry.offset) {
                Ok(child) => child,
                Err(error) => return tolerate_apart(&mut container, options, error),
            };
            match child.kind {
                Kind::Folder if read.insert(entry.inode as usize)? => Ok(folders.add(path, child)?),
                Kind::Folder => {
                    let error = FormatError::new(NAME, entry.offset, "a folder has two names");
                    tolerate_apart(&mut container, options, error)
                }
                Kind::File => {
                    let position = container.len();
                    container.push(&path, [] as [Extent; 0])?;
                    if let Some(&first) = named.get(&entry.inode) {
                        return container.same_last(first);
                    }
                    named.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                    named.insert(entry.inode, position);
                    match contents(&mut volume, &child, &mut |extent| container.extend([extent])) {
                        Ok(()) => Ok(()),
                        Err(error) => tolerate(&mut container, options, error),
                    }
                }
                Kind::Other => Ok(()),
            }
        });
        if let Err(error) = result {
            tolerate_apart(&mut container, options, error)?;
        }
    }
    Ok(container)
}

/// Gives the extents of an inode's bytes.
fn contents(
    volume: &mut Volume<'_>,
    inode: &Inode,
    each: &mut dyn FnMut(Extent) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    if inode.layout == Layout::Inline {
        return inode.inline(volume)?.iter().try_for_each(each);
    }
    let mut blocks = Blocks {
        volume,
        size: inode.size,
        at: 0,
        each,
    };
    match inode.layout {
        Layout::Extents => blocks.extents(inode),
        _ => blocks.map(inode),
    }
}
