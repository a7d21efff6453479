//! A folder's entries.

use alloc::string::String;

use crate::bytes::{Bytes, Within, array};
use crate::formats::FormatError;
use crate::formats::parse::input::Input;
use crate::geometry::Extents;

/// An entry: an inode by its name.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) inode: u32,
    pub(super) offset: usize,
}

/// Gives the entries of the folder in `extents`. Blocks of hashed folders look like empty entries. Of a
/// folder in its inode the first 4 bytes are its parent, and what is behind the map is a block of its own.
pub(super) fn for_each(
    bytes: &dyn Bytes,
    input: Input<'_>,
    block: usize,
    extents: &Extents,
    is_inline: bool,
    each: &mut dyn FnMut(Entry) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let within = Within::new(bytes, extents);
    let mut at = if is_inline { 4 } else { 0 };
    let size = extents.byte_len();
    while at < size {
        let block_end = match (is_inline, at < 60) {
            (true, true) => size.min(60),
            (true, false) => size,
            _ => size.min((at / block + 1) * block),
        };
        let offset = extents.runs(at..at + 1).next().and_then(|extent| extent.offset);
        let offset = offset.unwrap_or_default();
        let Some([i0, i1, i2, i3, l0, l1, name, _]) = array::<8>(&within, at) else {
            return input.fault(offset, "a folder's entry is cut off");
        };
        let inode = u32::from_le_bytes([i0, i1, i2, i3]);
        // Blocks of 64 KiB don't fit in 16 bits.
        let length = match usize::from(u16::from_le_bytes([l0, l1])) {
            0xffff | 0 if block >= 65536 => 65536,
            length => (length & 0xfffc) | (length & 3) << 16,
        };
        let name = usize::from(name);
        if length < 8 + name || length < 12 || at + length > block_end {
            return input.fault(offset, "a folder's entry does not fit in its block");
        }
        if inode != 0 && name > 0 {
            let mut raw = [0; 255];
            let raw = &mut raw[..name];
            if within.read(at + 8, raw).is_none() {
                return input.fault(offset, "a folder's entry is cut off");
            }
            if !matches!(&*raw, b"." | b"..") {
                each(Entry {
                    name: String::from_utf8_lossy(raw).into_owned(),
                    inode,
                    offset,
                })?;
            }
        }
        at += length;
    }
    Ok(())
}
