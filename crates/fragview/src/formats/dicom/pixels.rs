//! Encapsulated pixel data of a DICOM file: fragments, and which frame they belong to.

use alloc::format;

use super::element::Element;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError};
use crate::geometry::{Extent, Spans};

const ITEM: u32 = 0xfffe_e000;
const SEQUENCE_END: u32 = 0xfffe_e0dd;

/// No extents yet.
const NONE: [Extent; 0] = [];

/// The data set's elements about the fragments.
pub(super) struct PixelFragments<'a> {
    /// The number of frames.
    pub(super) frames: usize,
    /// The place of the extended offset table, and its lengths.
    pub(super) extended: Option<((usize, usize), (usize, usize))>,
    /// Where the basic offset table's item is, the first one.
    pub(super) start: usize,
    /// The transfer syntax, which names the codec.
    pub(super) syntax: &'a str,
}

/// Adds the streams of encapsulated pixel data.
pub(super) fn encapsulated(
    input: &Input,
    fragments: &PixelFragments,
    container: &mut Container,
    faults: &Faults,
) -> Result<(), FormatError> {
    let Some((table, first)) = item(input, fragments.start)? else {
        return input.fault(fragments.start, "no basic offset table");
    };
    let mut parts = Spans::new();
    let all = container.len();
    container.push("pixel_data", NONE)?;
    container.codec_last(fragments.syntax)?;
    let mut at = first;
    loop {
        let (content, next) = match fragment(input, at, faults) {
            Ok(Some(item)) => item,
            Ok(None) => break,
            Err(error) => {
                faults.pass_last(error, container)?;
                break;
            }
        };
        parts.begin()?;
        parts.push(Some(content), next - content)?;
        container.extend([(content, next - content)])?;
        at = next;
    }
    let items = Items { input, first, parts };
    let result = items.by_tables(table, fragments, all, container);
    let result = match result {
        // If the tables are invalid, only the fragments are known.
        Err(error) if faults.lenient() && container.len() == all + 1 => {
            faults.pass(error)?;
            items.all(fragments.frames, all, container)
        }
        result => faults.ok(result).map(|_| ()),
    };
    for pattern in ["frame{}", "fragment{}"] {
        let family = container.family(pattern)?;
        container.codec_of(family, fragments.syntax)?;
    }
    result
}

impl Items<'_> {
    /// Adds the frames that the offset tables tell, or else the fragments.
    fn by_tables(
        &self,
        table: usize,
        fragments: &PixelFragments,
        all: usize,
        container: &mut Container,
    ) -> Result<(), FormatError> {
        let Self { input, first, .. } = *self;
        if table < first {
            let offsets = Numbers::new(input, (table, first), 4)?;
            self.frames(&offsets, None, container)
        } else if let Some((offsets_at, lengths_at)) = fragments.extended {
            let offsets = Numbers::new(input, offsets_at, 8)?;
            let lengths = Numbers::new(input, lengths_at, 8)?;
            if lengths.count != offsets.count {
                return input.fault(lengths_at.0, "the numbers of lengths and of offsets differ");
            }
            self.frames(&offsets, Some(&lengths), container)
        } else {
            self.all(fragments.frames, all, container)
        }
    }

    /// Adds the fragments, as frames if there are as many or one frame; the stream `all` is all of them.
    fn all(&self, frames: usize, all: usize, container: &mut Container) -> Result<(), FormatError> {
        if frames == 1 && !self.parts.is_empty() {
            let frames = container.family("frame{}")?;
            container.push_in(frames, NONE)?;
            return container.same_last(all);
        }
        let name = if frames == self.parts.len() {
            "frame{}"
        } else {
            "fragment{}"
        };
        let family = container.family(name)?;
        for part in self.parts.spans(0) {
            container.push_in(family, part)?;
        }
        Ok(())
    }
}

/// The fragments: where each lies.
struct Items<'a> {
    input: &'a Input<'a>,
    /// Where the first item is, from which offsets count.
    first: usize,
    parts: Spans,
}

impl Items<'_> {
    /// Adds the frames: each from the fragment at its offset to the next frame's, or as long as its length
    /// says.
    fn frames(
        &self,
        offsets: &Numbers,
        lengths: Option<&Numbers>,
        container: &mut Container,
    ) -> Result<(), FormatError> {
        let Self { input, first, parts } = self;
        let table = offsets.start;
        let frames = container.family("frame{}")?;
        let mut index = 0;
        let mut next = offsets.get(0)?;
        if next.is_some_and(|offset| offset != 0) {
            return input.fault(table, "an offset table that does not begin with 0");
        }
        let mut at = *first;
        for part in parts.spans(0) {
            let length = part.byte_len();
            let content = at + 8;
            // Both ascend, so each fragment is looked at once.
            if next == Some((at - first) as u64) {
                match lengths {
                    None => container.push_in(frames, NONE)?,
                    Some(lengths) => {
                        let cut = lengths.get(index)?.unwrap_or(0);
                        let end = input.end(content, cut, content + length)?;
                        container.push_in(frames, [(content, end - content)])?;
                    }
                }
                index += 1;
                next = offsets.get(index)?;
            }
            if lengths.is_none() && index > 0 {
                container.extend([(content, length)])?;
            }
            at = content + length;
        }
        match next {
            Some(offset) => input.fault(table, format!("a frame at {offset}, where no fragment begins")),
            None => Ok(()),
        }
    }
}

/// As [`item`], of a fragment, which may be cut off in a lenient reading.
fn fragment(input: &Input, at: usize, faults: &Faults) -> Result<Option<(usize, usize)>, FormatError> {
    let element = Element::read(input, at, true)?;
    match element.length {
        Some(length) if element.tag == ITEM => {
            let end = faults.end(input, element.value, length, input.len())?;
            Ok(Some((element.value, end)))
        }
        _ => item(input, at),
    }
}

/// The item at `at`: where its content begins, and where the next item does. `None` for the delimiter after
/// the last.
fn item(input: &Input, at: usize) -> Result<Option<(usize, usize)>, FormatError> {
    let element = Element::read(input, at, true)?;
    match (element.tag, element.end(input)?) {
        (ITEM, Some(end)) => Ok(Some((element.value, end))),
        (SEQUENCE_END, Some(end)) if end == element.value => Ok(None),
        _ => input.fault(at, "neither a fragment nor the end of pixel data"),
    }
}

/// A table of numbers in the file.
struct Numbers<'a> {
    input: &'a Input<'a>,
    start: usize,
    width: usize,
    count: usize,
}

impl<'a> Numbers<'a> {
    /// The numbers of `width` bytes at `range`.
    fn new(input: &'a Input<'a>, range: (usize, usize), width: usize) -> Result<Self, FormatError> {
        let length = range.1 - range.0;
        if !length.is_multiple_of(width) {
            return input.fault(
                range.0,
                format!("an offset table that is not a multiple of {width} bytes"),
            );
        }
        Ok(Self {
            input,
            start: range.0,
            width,
            count: length / width,
        })
    }

    /// The number of this index; none past the last one.
    fn get(&self, index: usize) -> Result<Option<u64>, FormatError> {
        if index >= self.count {
            return Ok(None);
        }
        let at = self.start + index * self.width;
        match self.width {
            4 => self.input.u32(at).map(u64::from),
            _ => self.input.u64(at),
        }
        .map(Some)
    }
}
