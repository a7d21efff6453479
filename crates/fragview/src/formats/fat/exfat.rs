//! The entries of a folder in exFAT: sets of a file's entry, its stream extension and its name.

use alloc::vec::Vec;

use super::entries::Entry;
use super::names::utf16;
use crate::bytes::{Bytes, Within, array};
use crate::formats::FormatError;
use crate::geometry::Extents;

const FILE: u8 = 0x85;
const STREAM: u8 = 0xc0;
const NAME: u8 = 0xc1;

/// Gives the entries of the folder in `extents`.
pub(super) fn for_each(
    bytes: &dyn Bytes,
    extents: &Extents,
    each: &mut dyn FnMut(Entry) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let within = Within::new(bytes, extents);
    let mut at = 0;
    while let Some(raw) = array::<32>(&within, at) {
        let start = at;
        at += 32;
        match raw[0] {
            0 => break,
            FILE => {}
            _ => continue,
        }
        let offset = extents
            .runs(start..start + 1)
            .next()
            .and_then(|extent| extent.offset);
        let Some(stream) = array::<32>(&within, at).filter(|stream| stream[0] == STREAM && raw[1] >= 2)
        else {
            continue;
        };
        let long = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&stream[at..at + 8]);
            usize::try_from(u64::from_le_bytes(number))
                .unwrap_or(usize::MAX)
                .min(isize::MAX.cast_unsigned())
        };
        let mut units: Vec<u16> = Vec::new();
        for index in 1..usize::from(raw[1]) {
            let Some(name) = array::<32>(&within, at + 32 * index).filter(|name| name[0] == NAME) else {
                break;
            };
            let (pairs, _) = name[2..].as_chunks::<2>();
            units.extend(pairs.iter().map(|&unit| u16::from_le_bytes(unit)));
        }
        units.truncate(usize::from(stream[3]));
        at += 32 * usize::from(raw[1]);
        let length = long(24);
        each(Entry {
            name: utf16(units),
            is_folder: raw[4] & 0x10 != 0,
            first: u32::from_le_bytes([stream[20], stream[21], stream[22], stream[23]]),
            length: Some(length),
            written: long(8).min(length),
            is_contiguous: stream[1] & 2 != 0,
            offset: offset.unwrap_or_default(),
        })?;
    }
    Ok(())
}
