//! The entries of a folder in FAT12, FAT16 and FAT32.

use alloc::string::String;

use super::names::{LongName, short};
use crate::bytes::{Bytes, Within, array};
use crate::formats::FormatError;
use crate::geometry::Extents;

/// A file or a folder.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) is_folder: bool,
    pub(super) first: u32,
    /// Its bytes; of a folder only exFAT tells them.
    pub(super) length: Option<usize>,
    /// The bytes that were written: zeros follow.
    pub(super) written: usize,
    /// Whether its clusters follow each other, without a chain.
    pub(super) is_contiguous: bool,
    /// Where the entry is.
    pub(super) offset: usize,
}

/// Gives the entries of the folder in `extents`.
pub(super) fn for_each(
    bytes: &dyn Bytes,
    extents: &Extents,
    each: &mut dyn FnMut(Entry) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let within = Within::new(bytes, extents);
    let mut long = LongName::default();
    for at in (0..extents.byte_len()).step_by(32) {
        let Some(raw) = array::<32>(&within, at) else {
            break;
        };
        let offset = extents.runs(at..at + 1).next().and_then(|extent| extent.offset);
        match raw {
            [0, ..] => break,
            [0xe5, ..] => long.clear(),
            _ if raw[11] & 0x3f == 0x0f => long.take(&raw),
            // A volume's label.
            _ if raw[11] & 0x08 != 0 => long.clear(),
            [b'.', ..] => long.clear(),
            _ => {
                let name = long.finish(&raw).unwrap_or_else(|| short(&raw));
                let is_folder = raw[11] & 0x10 != 0;
                let number = |at: usize| u32::from(u16::from_le_bytes([raw[at], raw[at + 1]]));
                let length = u32::from_le_bytes([raw[28], raw[29], raw[30], raw[31]]) as usize;
                each(Entry {
                    name,
                    is_folder,
                    first: number(20) << 16 | number(26),
                    length: (!is_folder).then_some(length),
                    written: length,
                    is_contiguous: false,
                    offset: offset.unwrap_or_default(),
                })?;
            }
        }
    }
    Ok(())
}
