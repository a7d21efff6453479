//! DICOM files: PS3.10, section 7.1 (preamble and file meta information), PS3.5, sections 7 "The Data Set" and A.4
//! "Transfer syntaxes for encapsulation of encoded pixel data", PS3.3, section C.7.6.3.1.8 (extended offset table).
//!
//! | stream | |
//! | --- | --- |
//! | `pixel_data` | native pixel data, or all fragments of encapsulated pixel data, joined |
//! | `frame0`, `frame1`… | of encapsulated pixel data: the fragments of each frame, joined |
//! | `fragment0`, `fragment1`… | each fragment, where the file does not say which frame it belongs to |
//!
//! The frames are those of the basic offset table or the extended one (which cuts a frame to the length that it gives);
//! without either all fragments are the only frame, or there is one for each frame. Pixel data within sequences
//! (icons) are no streams. Explicit and implicit value representations, both byte orders.
//!
//! Refused: files without preamble or transfer syntax, deflated data sets, elements past the end, delimiters and items
//! out of place, sequences and pixel data without their end, native pixel data in a JPEG or RLE syntax, and offset
//! tables that do not ascend from 0 or do not name fragments. What follows the pixel data is not read.

mod pixels;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError};
use crate::geometry::Extents;
use crate::{Bytes, array};
use pixels::{Fragments, encapsulated};

pub(crate) const NAME: &str = "dicom";

const TRANSFER_SYNTAX: u32 = 0x0002_0010;
const NUMBER_OF_FRAMES: u32 = 0x0028_0008;
const EXTENDED_OFFSETS: u32 = 0x7fe0_0001;
const EXTENDED_LENGTHS: u32 = 0x7fe0_0002;
const PIXEL_DATA: u32 = 0x7fe0_0010;
const ITEM: u32 = 0xfffe_e000;
const ITEM_END: u32 = 0xfffe_e00d;
const SEQUENCE_END: u32 = 0xfffe_e0dd;

/// True where the preamble ends with DICOM's prefix.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 128) == Some(*b"DICM")
}

/// The streams of a DICOM file. O(elements + fragments).
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::{formats::dicom, geometry::Extents};
/// let mut file = [&[0; 128][..], b"DICM\x02\0\x10\0UI\x16\x001.2.840.10008.1.2.4.50"].concat();
/// file.extend(b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff"); // pixel data of undefined length
/// file.extend(b"\xfe\xff\x00\xe0\0\0\0\0"); // an empty basic offset table
/// let start = file.len() + 8;
/// file.extend(b"\xfe\xff\x00\xe0\x04\0\0\0jpeg\xfe\xff\xdd\xe0\0\0\0\0"); // a fragment, and the end
/// let container = dicom::open(&file)?;
/// let frame = container.stream("frame0").map(|stream| &stream.extents);
/// assert_eq!(frame, Some(&Extents::from_iter([(start, 4)])));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    let meta = Input::little(bytes, NAME);
    if !detect(bytes) {
        return meta.fault(128, "no DICM prefix");
    }
    let (syntax, start) = transfer_syntax(&meta)?;
    let (input, implicit) = match &*syntax {
        "1.2.840.10008.1.2" => (meta, true),
        "1.2.840.10008.1.2.2" => (Input::big(bytes, NAME), false),
        "1.2.840.10008.1.2.1.99" | "1.2.840.10008.1.2.4.95" | "1.2.840.10008.1.2.4.205" => {
            return meta.fault(132, "a deflated data set");
        }
        _ => (meta, false),
    };
    let mut container = Container::new(NAME);
    let mut found = BTreeMap::new();
    let Some(pixels) = pixel_data(&input, start, implicit, &mut found)? else {
        return Ok(container);
    };
    let Some(length) = pixels.length else {
        let fragments = Fragments {
            frames: number_of_frames(&input, found.get(&NUMBER_OF_FRAMES))?,
            extended: found
                .get(&EXTENDED_OFFSETS)
                .zip(found.get(&EXTENDED_LENGTHS))
                .map(|(offsets, lengths)| (*offsets, *lengths)),
            start: pixels.value,
        };
        encapsulated(&input, &fragments, &mut container)?;
        return Ok(container);
    };
    if syntax.starts_with("1.2.840.10008.1.2.4.") || syntax == "1.2.840.10008.1.2.5" {
        return input.fault(pixels.value, "native pixel data in a compressed syntax");
    }
    let end = input.end(pixels.value, length, input.len())?;
    container.push(
        "pixel_data",
        Extents::from_iter([(pixels.value, end - pixels.value)]),
    );
    Ok(container)
}

/// A DICOM file has no checksums of its own.
///
/// # Errors
///
/// None.
pub fn verify(_bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    Ok(())
}

/// A data element's header.
pub(in crate::formats) struct Element {
    pub(in crate::formats) tag: u32,
    /// No letters where it is implicit.
    kind: [u8; 2],
    /// `None`: undefined, so the value ends with a delimiter.
    pub(in crate::formats) length: Option<u32>,
    /// Where the value begins.
    pub(in crate::formats) value: usize,
}

impl Element {
    /// The element at `at`.
    pub(in crate::formats) fn read(input: &Input, at: usize, implicit: bool) -> Result<Self, FormatError> {
        let tag = u32::from(input.u16(at)?) << 16 | u32::from(input.u16(at + 2)?);
        // Items and delimiters have no value representation.
        let (kind, length, value) = if implicit || tag >> 16 == 0xfffe {
            ([0; 2], input.u32(at + 4)?, at + 8)
        } else {
            let kind: [u8; 2] = input.array(at + 4)?;
            if !kind.iter().all(u8::is_ascii_uppercase) {
                return input.fault(at + 4, "no value representation");
            }
            match &kind {
                b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR"
                | b"UT" | b"UV" => (kind, input.u32(at + 8)?, at + 12),
                _ => (kind, u32::from(input.u16(at + 6)?), at + 8),
            }
        };
        let is_short = value - at == 8 && kind != [0; 2];
        Ok(Self {
            tag,
            kind,
            length: (length != 0xffff_ffff || is_short).then_some(length),
            value,
        })
    }

    /// Where the value ends. `None` where that is undefined.
    pub(in crate::formats) fn end(&self, input: &Input) -> Result<Option<usize>, FormatError> {
        self.length
            .map(|length| input.end(self.value, length, input.len()))
            .transpose()
    }
}

/// The transfer syntax that the file meta information gives, and where the data set begins.
fn transfer_syntax(input: &Input) -> Result<(String, usize), FormatError> {
    let mut at = 132;
    let mut syntax = None;
    // The group is little-endian and explicit whatever the data set is.
    while at < input.len() && input.u16(at)? == 2 {
        let element = Element::read(input, at, false)?;
        let Some(end) = element.end(input)? else {
            return input.fault(at, "file meta information of undefined length");
        };
        if element.tag == TRANSFER_SYNTAX {
            syntax = Some(text(input, element.value, end)?);
        }
        at = end;
    }
    match syntax {
        Some(syntax) => Ok((syntax, at)),
        None => input.fault(at, "no transfer syntax"),
    }
}

/// The value from `start` to `end`, of at most 64 characters, without its padding.
fn text(input: &Input, start: usize, end: usize) -> Result<String, FormatError> {
    let mut buffer = [0; 64];
    let Some(value) = buffer.get_mut(..end - start) else {
        return input.fault(start, "a value too long");
    };
    input.read(start, value)?;
    let value = String::from_utf8_lossy(value);
    Ok(value.trim_matches(['\0', ' ']).into())
}

/// What is entered rather than passed over, because its length is undefined.
struct Level {
    /// A sequence, which has items; else an item, which has elements.
    is_sequence: bool,
    implicit: bool,
}

/// The pixel data of the data set at `at`, if any. Before it, where the values of the file's own elements lie goes into
/// `found`, of those that say something of the pixel data.
fn pixel_data(
    input: &Input,
    mut at: usize,
    implicit: bool,
    found: &mut BTreeMap<u32, (usize, usize)>,
) -> Result<Option<Element>, FormatError> {
    let mut levels = Vec::<Level>::new();
    while !levels.is_empty() || at < input.len() {
        let level = levels.last();
        let is_sequence = level.is_some_and(|level| level.is_sequence);
        let is_implicit = level.map_or(implicit, |level| level.implicit);
        let element = Element::read(input, at, is_implicit)?;
        match element.tag {
            PIXEL_DATA if level.is_none() => return Ok(Some(element)),
            ITEM if is_sequence => {}
            SEQUENCE_END if is_sequence => {
                levels.pop();
                at = element.value;
                continue;
            }
            ITEM_END if level.is_some() && !is_sequence => {
                levels.pop();
                at = element.value;
                continue;
            }
            _ if is_sequence || element.tag >> 16 == 0xfffe => {
                return input.fault(at, "an item or a delimiter out of place");
            }
            _ => {}
        }
        if let Some(end) = element.end(input)? {
            let is_wanted = matches!(
                element.tag,
                NUMBER_OF_FRAMES | EXTENDED_OFFSETS | EXTENDED_LENGTHS
            );
            if is_wanted && level.is_none() {
                found.insert(element.tag, (element.value, end));
            }
            at = end;
            continue;
        }
        // A sequence, an item of one, or the encapsulated pixel data of an icon, which look like a sequence.
        let may_be_undefined = matches!(&element.kind, b"SQ" | b"UN" | [0, 0]) || element.tag == PIXEL_DATA;
        if !may_be_undefined {
            return input.fault(at, "an undefined length");
        }
        levels.push(Level {
            is_sequence: element.tag != ITEM,
            // What is of an unknown kind is implicit all the way down (section 6.2.2).
            implicit: is_implicit || &element.kind == b"UN",
        });
        at = element.value;
    }
    Ok(None)
}

/// The number of frames that the value at `range` gives: 1 where there is none.
fn number_of_frames(input: &Input, range: Option<&(usize, usize)>) -> Result<usize, FormatError> {
    let Some(&(start, end)) = range else {
        return Ok(1);
    };
    let text = text(input, start, end)?;
    match text.parse() {
        Ok(frames) => Ok(frames),
        Err(_) if text.is_empty() => Ok(1),
        Err(_) => input.fault(start, format!("{text:?} frames")),
    }
}
