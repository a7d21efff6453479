//! VDI: `VirtualBox`'s disks (the header of version 1.1 in `VirtualBox`'s `VDICore.h`; there is no
//! specification).
//!
//! | stream | |
//! | --- | --- |
//! | `raw_disk` | the disk as the guest sees it; blocks never written, or of zeros, are holes |
//!
//! Refused: versions other than 1, disks over another one; blocks past the end or in two places. Leniently
//! such blocks are holes.

use super::parse::blocks::Blocks;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::{Bytes, array};

pub(crate) const NAME: &str = "vdi";

/// Blocks that are not there: never written, or of zeros.
const FREE: u32 = 0xffff_ffff;
const ZERO: u32 = 0xffff_fffe;

/// Whether the file has the signature, which follows 64 bytes of text.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 64) == Some(0xbeda_107f_u32.to_le_bytes())
}

/// The disk in a VDI file. O(blocks); reads the header and the table.
///
/// # Errors
/// [`FormatError`] if the file is malformed, or the disk's bytes are not all in it.
///
/// ```
/// use fragview::formats::{Options, vdi};
/// // A disk of a block of a MiB that was never written.
/// let mut file = [0; 1024];
/// file[64..68].copy_from_slice(&[0x7f, 0x10, 0xda, 0xbe]);
/// file[70] = 1; // the version
/// file[76] = 1; // a dynamic disk
/// file[341] = 2; // where the table is
/// file[370] = 16; // the disk's size
/// file[378] = 16; // a block's size
/// file[384] = 1; // blocks
/// file[512..516].fill(0xff);
/// let container = vdi::open(&file, Options::default())?;
/// assert_eq!(container.stream("raw_disk").unwrap().extents, [(None, 1 << 20)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    if !detect(bytes) {
        return input.fault(64, "no VDI signature");
    }
    if input.u16(70)? != 1 {
        return input.fault(68, "a version other than 1");
    }
    match input.u32(76)? {
        1 | 2 => {}
        3 | 4 => {
            return input.fault(76, "the disk needs its parent, which is another file");
        }
        _ => return input.fault(76, "a disk of an unknown type"),
    }
    let (table, data) = (input.u32(340)? as usize, input.u32(344)? as usize);
    let Some(size) = usize::try_from(input.u64(368)?)
        .ok()
        .filter(|&size| isize::try_from(size).is_ok())
    else {
        return input.fault(368, "the disk is longer than memory can be");
    };
    let (block, extra) = (input.u32(376)? as usize, input.u32(380)? as usize);
    if block == 0 {
        return input.fault(376, "blocks have no bytes");
    }
    let blocks = size.div_ceil(block);
    if (input.u32(384)? as usize) < blocks {
        return input.fault(384, "the table is too small for the disk");
    }
    input.end(table, blocks as u64 * 4, usize::MAX)?;
    let mut disk = Blocks::new(input, options, Container::new(NAME))?;
    for index in 0..blocks {
        let (at, length) = (table + index * 4, block.min(size - index * block));
        let number = input.u32(at)?;
        if matches!(number, FREE | ZERO) {
            disk.hole(length)?;
            continue;
        }
        let start = (number as usize)
            .saturating_mul(block.saturating_add(extra))
            .saturating_add(data)
            .saturating_add(extra);
        disk.block(at, number, start, length)?;
    }
    Ok(disk.finish())
}
