//! Encapsulated pixel data of a DICOM file: fragments, and which frame they belong to.

use alloc::format;
use alloc::vec::Vec;

use super::Element;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError};
use crate::geometry::Extents;

const ITEM: u32 = 0xfffe_e000;
const SEQUENCE_END: u32 = 0xfffe_e0dd;

/// What the data set says of the fragments.
pub(in crate::formats) struct Fragments {
    /// The number of frames.
    pub(in crate::formats) frames: usize,
    /// Where the extended offset table lies, and its lengths.
    pub(in crate::formats) extended: Option<((usize, usize), (usize, usize))>,
    /// Where the basic offset table's item is, the first one.
    pub(in crate::formats) start: usize,
}

/// Adds the streams of encapsulated pixel data.
pub(in crate::formats) fn encapsulated(
    input: &Input,
    fragments: &Fragments,
    container: &mut Container,
) -> Result<(), FormatError> {
    let Some((table, first)) = item(input, fragments.start)? else {
        return input.fault(fragments.start, "no basic offset table");
    };
    let mut parts = Vec::new();
    let mut at = first;
    while let Some((content, next)) = item(input, at)? {
        parts.push((content, next - content));
        at = next;
    }
    container.push("pixel_data", parts.iter().copied().collect());

    let mut name = "frame";
    let frames: Vec<Extents> = if table < first {
        let offsets = numbers(input, (table, first), 4)?;
        let starts = frame_starts(input, table, first, &offsets, &parts)?;
        let ends = starts.iter().copied().skip(1).chain([parts.len()]);
        (starts.iter().zip(ends))
            .map(|(&start, end)| parts[start..end].iter().copied().collect())
            .collect()
    } else if let Some((offsets_at, lengths_at)) = fragments.extended {
        let offsets = numbers(input, offsets_at, 8)?;
        let lengths = numbers(input, lengths_at, 8)?;
        let starts = frame_starts(input, offsets_at.0, first, &offsets, &parts)?;
        if lengths.len() != starts.len() {
            return input.fault(lengths_at.0, "another number of lengths than of offsets");
        }
        (starts.into_iter().zip(lengths))
            .map(|(start, length)| {
                let (content, all) = parts[start];
                let end = input.end(content, length, content + all)?;
                Ok(Extents::from_iter([(content, end - content)]))
            })
            .collect::<Result<_, FormatError>>()?
    } else if fragments.frames == 1 && !parts.is_empty() {
        Vec::from([parts.into_iter().collect()])
    } else {
        if fragments.frames != parts.len() {
            name = "fragment";
        }
        parts.into_iter().map(|part| Extents::from_iter([part])).collect()
    };
    for (index, frame) in frames.into_iter().enumerate() {
        container.push(format!("{name}{index}"), frame);
    }
    Ok(())
}

/// The item at `at`: where its content begins, and where the next item does. `None` for the delimiter after the last.
fn item(input: &Input, at: usize) -> Result<Option<(usize, usize)>, FormatError> {
    let element = Element::read(input, at, true)?;
    match (element.tag, element.end(input)?) {
        (ITEM, Some(end)) => Ok(Some((element.value, end))),
        (SEQUENCE_END, Some(end)) if end == element.value => Ok(None),
        _ => input.fault(at, "neither a fragment nor the end of pixel data"),
    }
}

/// The table of numbers of `width` bytes at `range`.
fn numbers(input: &Input, range: (usize, usize), width: usize) -> Result<Vec<u64>, FormatError> {
    if !(range.1 - range.0).is_multiple_of(width) {
        return input.fault(
            range.0,
            format!("an offset table that is no multiple of {width} bytes"),
        );
    }
    (range.0..range.1)
        .step_by(width)
        .map(|at| match width {
            4 => input.u32(at).map(u64::from),
            _ => input.u64(at),
        })
        .collect()
}

/// The fragment with which each frame begins, by the frames' `offsets` from the first fragment's item, at `first`.
/// `table` is where the offsets stand, for errors.
fn frame_starts(
    input: &Input,
    table: usize,
    first: usize,
    offsets: &[u64],
    parts: &[(usize, usize)],
) -> Result<Vec<usize>, FormatError> {
    if offsets.first().is_some_and(|&offset| offset != 0) {
        return input.fault(table, "an offset table that does not begin with 0");
    }
    let mut starts = Vec::with_capacity(offsets.len());
    // Both ascend, so each fragment is looked at once.
    let mut items = (parts.iter().enumerate()).map(|(index, part)| (index, (part.0 - 8 - first) as u64));
    for &offset in offsets {
        match items.find(|item| item.1 >= offset) {
            Some((index, at)) if at == offset => starts.push(index),
            _ => return input.fault(table, format!("a frame at {offset}, where no fragment begins")),
        }
    }
    Ok(starts)
}
