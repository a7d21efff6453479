//! Blocks and their lacing: RFC 9559, 10.

use super::elements::{Element, number};
use super::name::NAME;
use super::tracks::Stripped;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::tracks::Tracks;

/// How the sizes of a block's frames are told.
const XIPH: u8 = 1;
const FIXED: u8 = 2;
const EBML: u8 = 3;

/// Adds the frames of a block.
pub(super) fn read(
    input: &Input,
    faults: &Faults,
    block: Element,
    tracks: &mut Tracks,
    stripped: &Stripped,
) -> Result<(), FormatError> {
    let (track, _, at) = number(input, block.start, block.end)?;
    let Some(place) = tracks.find(track) else {
        return faults.pass(FormatError::new(
            NAME,
            block.start,
            "a block of a track that has no header",
        ));
    };
    // A time, and flags.
    let data = input.end(at, 3_u64, block.end)?;
    let lacing = input.u8(at + 2)? >> 1 & 3;
    let mut frame = |at: usize, end: usize| {
        tracks.begin(place, at)?;
        if let Some(&(start, length)) = stripped.get(&place) {
            tracks.extend(place, start, length)?;
        }
        tracks.extend(place, at, end - at)
    };
    if lacing == 0 {
        return frame(data, block.end);
    }
    let sizes = input.end(data, 1_u64, block.end)?;
    let count = usize::from(input.u8(data)?) + 1;
    let mut lengths = [0_usize; 256];
    let lengths = lengths.get_mut(..count).unwrap_or_default();
    let mut at = match lacing {
        FIXED => {
            let size = (block.end - sizes) / count;
            if size == 0 || size * count != block.end - sizes {
                return input.fault(data, "frames of one size do not fill their block");
            }
            lengths.fill(size);
            sizes
        }
        XIPH => xiph(input, sizes, block.end, lengths)?,
        EBML => ebml(input, sizes, block.end, lengths)?,
        _ => sizes,
    };
    let mut left = block.end - at;
    let last = lengths.len() - 1;
    for (index, &length) in lengths.iter().enumerate() {
        let length = if index == last && lacing != FIXED {
            left
        } else {
            length
        };
        if length > left {
            return input.fault(data, "the frames do not fit in their block");
        }
        frame(at, at + length)?;
        at += length;
        left -= length;
    }
    Ok(())
}

/// Reads the sizes of all frames but the last: each is the sum of bytes up to one below 255. Where they end.
fn xiph(input: &Input, mut at: usize, limit: usize, lengths: &mut [usize]) -> Result<usize, FormatError> {
    let told = lengths.len() - 1;
    for length in &mut lengths[..told] {
        loop {
            let end = input.end(at, 1_u64, limit)?;
            let byte = input.u8(at)?;
            *length += usize::from(byte);
            at = end;
            if byte < 255 {
                break;
            }
        }
    }
    Ok(at)
}

/// Reads the sizes of all frames but the last: the first one's, and then how they differ. Where they end.
fn ebml(input: &Input, mut at: usize, limit: usize, lengths: &mut [usize]) -> Result<usize, FormatError> {
    let told = lengths.len() - 1;
    let mut last: Option<usize> = None;
    for length in &mut lengths[..told] {
        let (value, _, end) = number(input, at, limit)?;
        let size = match last {
            None => usize::try_from(value).ok(),
            Some(last) => {
                // As many bits as there are in a number of this width, and half of its range is negative.
                let bias = (1_i64 << (7 * (end - at) - 1)) - 1;
                let difference = value.cast_signed() - bias;
                isize::try_from(difference)
                    .ok()
                    .and_then(|more| last.checked_add_signed(more))
            }
        };
        let Some(size) = size.filter(|&size| size <= limit) else {
            return input.fault(at, "the frames do not fit in their block");
        };
        *length = size;
        last = Some(size);
        at = end;
    }
    Ok(at)
}
