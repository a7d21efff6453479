//! The data set of a DICOM file, up to the pixel data.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::element::Element;
use super::pixels::{PixelFragments, encapsulated};
use crate::error::Error;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError, Options};
use crate::{Bytes, array};

pub(crate) const NAME: &str = "dicom";

const TRANSFER_SYNTAX: u32 = 0x0002_0010;
const NUMBER_OF_FRAMES: u32 = 0x0028_0008;
const EXTENDED_OFFSETS: u32 = 0x7fe0_0001;
const EXTENDED_LENGTHS: u32 = 0x7fe0_0002;
const PIXEL_DATA: u32 = 0x7fe0_0010;
const ITEM: u32 = 0xfffe_e000;
const ITEM_END: u32 = 0xfffe_e00d;
const SEQUENCE_END: u32 = 0xfffe_e0dd;

/// True if the preamble ends with DICOM's prefix.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 128) == Some(*b"DICM")
}

/// True if the file begins with an element of the groups that come first, as data sets without preamble
/// do.
pub(crate) fn resembles(bytes: &dyn Bytes) -> bool {
    let input = Input::little(bytes, NAME);
    let is_element = |implicit| {
        let element = Element::read(&input, 0, implicit);
        element.is_ok_and(|element| {
            matches!(element.tag >> 16, 2 | 8)
                && element.tag & 0xffff <= 0x0100
                && element.length.is_some_and(|length| length <= 1024)
                && element.end(&input).is_ok()
        })
    };
    is_element(false) || is_element(true)
}

/// The streams of a DICOM file. O(elements + fragments).
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, dicom};
/// let mut file = [&[0; 128][..], b"DICM\x02\0\x10\0UI\x16\x001.2.840.10008.1.2.4.50"].concat();
/// file.extend(b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff"); // pixel data of undefined length
/// file.extend(b"\xfe\xff\x00\xe0\0\0\0\0"); // an empty basic offset table
/// let start = file.len() + 8;
/// file.extend(b"\xfe\xff\x00\xe0\x04\0\0\0jpeg\xfe\xff\xdd\xe0\0\0\0\0"); // a fragment, and the end
/// let container = dicom::open(&file, Options::default())?;
/// let frame = container.stream("frame0").map(|stream| stream.extents);
/// assert_eq!(frame, Some([(start, 4)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let meta = Input::little(bytes, NAME);
    let faults = Faults::new(options);
    let mut at = 132;
    if !detect(bytes) {
        let error = FormatError::new(NAME, 128.min(bytes.len()), "no DICM prefix");
        if !resembles(bytes) {
            return Err(error);
        }
        faults.pass(error)?;
        at = 0;
    }
    let (syntax, start) = transfer_syntax(&meta, at, &faults)?;
    let (input, implicit) = match &*syntax {
        "1.2.840.10008.1.2" => (meta, true),
        "1.2.840.10008.1.2.2" => (Input::big(bytes, NAME), false),
        "1.2.840.10008.1.2.1.99" | "1.2.840.10008.1.2.4.95" | "1.2.840.10008.1.2.4.205" => {
            return meta.fault(132, "a deflated data set");
        }
        _ => (meta, false),
    };
    let implicit = implicit || is_implicit(&input, start, &faults)?;
    let mut container = Container::new(NAME);
    if let Err(error) = data_set(&input, &syntax, start, implicit, &mut container, &faults) {
        faults.pass_last(error, &container)?;
    }
    faults.give(&mut container);
    Ok(container)
}

/// Whether the data set at `start` is implicit though the transfer syntax denies it: a fault.
fn is_implicit(input: &Input, start: usize, faults: &Faults) -> Result<bool, FormatError> {
    if faults.lenient()
        && let Err(error) = Element::read(input, start, false)
        && Element::read(input, start, true).is_ok_and(|element| element.end(input).is_ok())
    {
        faults.pass(error)?;
        return Ok(true);
    }
    Ok(false)
}

/// Adds the streams of the data set at `start`.
fn data_set(
    input: &Input,
    syntax: &str,
    start: usize,
    implicit: bool,
    container: &mut Container,
    faults: &Faults,
) -> Result<(), FormatError> {
    let mut found = BTreeMap::new();
    let Some(pixels) = pixel_data(input, start, implicit, &mut found)? else {
        return Ok(());
    };
    let Some(length) = pixels.length else {
        let frames = number_of_frames(input, found.get(&NUMBER_OF_FRAMES));
        let fragments = PixelFragments {
            frames: faults.ok(frames)?.unwrap_or(1),
            extended: found
                .get(&EXTENDED_OFFSETS)
                .zip(found.get(&EXTENDED_LENGTHS))
                .map(|(offsets, lengths)| (*offsets, *lengths)),
            start: pixels.value,
            syntax,
        };
        return encapsulated(input, &fragments, container, faults);
    };
    if syntax.starts_with("1.2.840.10008.1.2.4.") || syntax == "1.2.840.10008.1.2.5" {
        let what = "native pixel data in a compressed syntax";
        faults.pass(FormatError::new(NAME, pixels.value, what))?;
    }
    let end = faults.end(input, pixels.value, length, input.len())?;
    container.push("pixel_data", [(pixels.value, end - pixels.value)])
}

/// The transfer syntax that the file meta information at `at` gives, and where the data set begins.
fn transfer_syntax(input: &Input, mut at: usize, faults: &Faults) -> Result<(String, usize), FormatError> {
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
    if let Some(syntax) = syntax {
        Ok((syntax, at))
    } else {
        faults.pass(FormatError::new(NAME, at, "no transfer syntax"))?;
        Ok((String::new(), at))
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

/// A sequence or an item of undefined length, which is entered rather than skipped.
struct Level {
    /// A sequence, which has items; else an item, which has elements.
    is_sequence: bool,
    implicit: bool,
}

/// The pixel data of the data set at `at`, if any. Before it, if the values of the file's own elements lie
/// goes into `found`, of those that say something of the pixel data.
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
        levels.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        levels.push(Level {
            is_sequence: element.tag != ITEM,
            // The contents of an element of unknown kind are implicit at all depths (section 6.2.2).
            implicit: is_implicit || &element.kind == b"UN",
        });
        at = element.value;
    }
    Ok(None)
}

/// The number of frames by the value at `range`, or 1 without a value.
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
