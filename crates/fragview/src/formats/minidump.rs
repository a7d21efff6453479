//! Minidumps: the memory of a process that crashed (Microsoft's `minidumpapiset.h`: `MINIDUMP_HEADER`,
//! `MINIDUMP_DIRECTORY`, `MINIDUMP_MEMORY_LIST`, `MINIDUMP_MEMORY64_LIST`).
//!
//! | stream | |
//! | --- | --- |
//! | `all_memory_ranges_joined` | the process's memory that is there, by ascending addresses |
//! | `memory[0]`… | each range of it |
//! | `va_<hex>` | each range by its address, if ranges have 64 bytes and more in the mean |
//! | `stream_0x<hex>` | each stream of the directory by its type |
//!
//! Refused: streams and ranges past the end. Leniently these end with the file.

use alloc::format;
use alloc::vec::Vec;

use super::parse::faults::tolerate;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::error::Error;
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "minidump";

const MEMORY_LIST: u32 = 5;
const MEMORY64_LIST: u32 = 9;
/// A range shorter than this takes more memory by name than it has.
const LEAST_NAMED: usize = 64;

/// Whether the file begins as a minidump does.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    matches!(array(bytes, 0), Some([b'M', b'D', b'M', b'P', 0x93, 0xa7]))
}

/// A range of the process's memory.
struct Memory {
    address: u64,
    start: usize,
    length: usize,
}

/// The streams of a minidump, and the memory in it. O(streams + ranges); reads the directory and the lists.
///
/// # Errors
/// [`FormatError`] if the file is malformed or cut off.
///
/// ```
/// use fragview::formats::{Options, minidump};
/// // The header, a directory of one stream, and the list of one range.
/// let mut file = vec![0; 100];
/// file[..6].copy_from_slice(b"MDMP\x93\xa7");
/// for (at, number) in [(8, 1), (12, 32), (32, 5), (36, 20), (40, 44), (44, 1), (48, 0x1000), (56, 36), (60, 64)] {
///     file[at..at + 4].copy_from_slice(&u32::to_le_bytes(number));
/// }
/// let container = minidump::open(&file, Options::default())?;
/// assert_eq!(container.stream("memory[0]").unwrap().extents, [(64, 36)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    if !detect(bytes) {
        return input.fault(0, "not a minidump");
    }
    let (count, directory) = (input.u32(8)? as usize, input.u32(12)? as usize);
    let mut container = Container::new(NAME);
    let family = container.family("memory[{}]")?;
    container.push_joined("all_memory_ranges_joined", family)?;
    let mut memory = Vec::new();
    for index in 0..count {
        let at = directory.saturating_add(index.saturating_mul(12));
        if let Err(error) = input.end(at, 12_u64, usize::MAX) {
            tolerate(&mut container, options, error)?;
            break;
        }
        let kind = input.u32(at)?;
        let (length, start) = (input.u32(at + 4)? as usize, input.u32(at + 8)? as usize);
        // Unused entries.
        if kind == 0 {
            continue;
        }
        container.push(&format!("stream_0x{kind:x}"), [] as [Extent; 0])?;
        let there = within(&mut container, options, &input, start, length, at)?;
        container.extend([(start, there)])?;
        let result = match kind {
            MEMORY_LIST => list(&input, start, there, &mut memory),
            MEMORY64_LIST => list64(&input, start, there, &mut memory),
            _ => Ok(()),
        };
        if let Err(error) = result {
            tolerate(&mut container, options, error)?;
        }
    }
    memory.sort_by_key(|range| range.address);
    let mut total = 0_usize;
    for range in &mut memory {
        container.push_in(family, [] as [Extent; 0])?;
        range.length = within(
            &mut container,
            options,
            &input,
            range.start,
            range.length,
            range.start,
        )?;
        container.extend([(range.start, range.length)])?;
        total = total.saturating_add(range.length);
    }
    if total / LEAST_NAMED >= memory.len() {
        for range in &memory {
            container.push(&format!("va_{:x}", range.address), [(range.start, range.length)])?;
        }
    }
    Ok(container)
}

/// Those of `length` bytes at `start` that are in the file; missing ones are a fault of the last
/// stream.
fn within(
    container: &mut Container,
    options: Options,
    input: &Input<'_>,
    start: usize,
    length: usize,
    at: usize,
) -> Result<usize, FormatError> {
    if input.end(start, length as u64, usize::MAX).is_ok() {
        return Ok(length);
    }
    let what = "the data of an entry go past the end";
    let error = FormatError::new(NAME, at.min(input.len()), what);
    tolerate(container, options, error)?;
    Ok(input.len().saturating_sub(start).min(length))
}

/// The ranges of a list: a count, and for each its address, its length and where it is.
fn list(input: &Input<'_>, start: usize, length: usize, memory: &mut Vec<Memory>) -> Result<(), FormatError> {
    let count = input.u32(start)? as usize;
    // Some writers align the entries to 8 bytes.
    let skip = if count.checked_mul(16).and_then(|entries| entries.checked_add(8)) == Some(length) {
        8
    } else {
        4
    };
    if count > length.saturating_sub(skip) / 16 {
        return input.fault(start, "a list has more ranges than it can hold");
    }
    memory.try_reserve(count).map_err(|_| Error::OutOfMemory)?;
    for at in (start + skip..).step_by(16).take(count) {
        memory.push(Memory {
            address: input.u64(at)?,
            length: input.u32(at + 8)? as usize,
            start: input.u32(at + 12)? as usize,
        });
    }
    Ok(())
}

/// The ranges of a list of a full dump: their bytes follow each other.
fn list64(
    input: &Input<'_>,
    start: usize,
    length: usize,
    memory: &mut Vec<Memory>,
) -> Result<(), FormatError> {
    let number = |at: usize| -> Result<usize, FormatError> {
        Ok(usize::try_from(input.u64(at)?).unwrap_or(usize::MAX))
    };
    let count = number(start)?;
    if count > length.saturating_sub(16) / 16 {
        return input.fault(start, "a list has more ranges than it can hold");
    }
    let mut place = number(start + 8)?;
    memory.try_reserve(count).map_err(|_| Error::OutOfMemory)?;
    for at in (start + 16..).step_by(16).take(count) {
        let length = number(at + 8)?;
        memory.push(Memory {
            address: input.u64(at)?,
            length,
            start: place,
        });
        place = place.saturating_add(length);
    }
    Ok(())
}
