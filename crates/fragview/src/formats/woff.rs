//! WOFF: WOFF File Format 1.0 (W3C, 2012), sections 3 to 7.
//!
//! | stream | |
//! | --- | --- |
//! | `<tag>` | a font table that is stored as it is, by its tag, as `gasp` |
//! | `<tag>.zlib` | one that is compressed: its zlib stream, as `glyf.zlib` |
//! | `metadata.zlib`, `private` | the metadata and the private data |
//!
//! The slash of `OS/2` is an underscore, and spaces behind a tag are dropped.
//!
//! Refused: a length other than the header says, tables that overlap, or whose tags do not ascend, or that
//! are longer compressed than uncompressed, a font without tables. A lenient reading takes a table that is
//! cut off as far as it goes, and passes over the other rules.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::error::Error;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "woff";

/// Bytes of the header, and of an entry of the table directory.
const HEADER: usize = 44;
const ENTRY: usize = 20;

/// True if the file begins with the signature.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(*b"wOFF")
}

/// The tables of a WOFF file. O(tables · log tables); reads the table directory.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, woff};
/// let mut file = b"wOFFtrue\0\0\0\x48\0\x01\0\0\0\0\0\x28\0\0\0\0".to_vec();
/// file.extend([0; 20]); // no metadata, no private data
/// file.extend(b"gasp\0\0\0\x40\0\0\0\x08\0\0\0\x08sum!datadata");
/// let container = woff::open(&file, Options::default())?;
/// assert_eq!(container.name(0), Some("gasp".into()));
/// assert_eq!(container.extents(0), Some([(64, 8)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    if !detect(bytes) {
        return input.fault(0, "no WOFF signature");
    }
    input.end(0, HEADER as u64, input.len())?;
    if input.u32(8)? as usize != input.len() {
        faults.ok(input.fault::<()>(8, "a length other than the file's"))?;
    }
    let count = input.u16(12)?;
    if count == 0 {
        return input.fault(12, "a font without tables");
    }
    let directory_end = input.end(HEADER, u64::from(count) * ENTRY as u64, input.len())?;
    let mut container = Container::new(NAME);
    let mut places: Vec<(usize, usize, usize)> = Vec::new();
    places
        .try_reserve(usize::from(count) + 2)
        .map_err(|_| Error::OutOfMemory)?;
    let mut take = |told: usize, at: u32, length: u32| {
        let at = at as usize;
        if at < directory_end {
            return input.fault(told, "a table within the directory");
        }
        let end = faults.end(&input, at, length, input.len())?;
        places.push((at, end, told));
        Ok([(at, end - at)])
    };
    let mut last = [0; 4];
    for entry in (HEADER..directory_end).step_by(ENTRY) {
        let tag: [u8; 4] = input.array(entry)?;
        if tag <= last {
            faults.ok(input.fault::<()>(entry, "the tags of tables do not ascend"))?;
        }
        last = tag;
        let (length, whole) = (input.u32(entry + 8)?, input.u32(entry + 12)?);
        if length > whole {
            faults.ok(input.fault::<()>(entry + 8, "a table that is longer compressed than uncompressed"))?;
        }
        let suffix = if length < whole { ".zlib" } else { "" };
        if let Some(extent) = faults.ok(take(entry + 4, input.u32(entry + 4)?, length))? {
            container.push(&format!("{}{suffix}", text(tag)), extent)?;
            container.codec_last(suffix.trim_start_matches('.'))?;
        }
    }
    for (told, name) in [(24, "metadata.zlib"), (36, "private")] {
        let (at, length) = (input.u32(told)?, input.u32(told + 4)?);
        if length > 0
            && let Some(extent) = faults.ok(take(told, at, length))?
        {
            container.push(name, extent)?;
            container.codec_last(if told == 24 { "zlib" } else { "" })?;
        }
    }
    places.sort_unstable();
    for pair in places.windows(2) {
        if let &[(_, end, _), (start, _, told)] = pair
            && start < end
        {
            faults.ok(input.fault::<()>(told, "tables that overlap"))?;
        }
    }
    faults.give(&mut container);
    Ok(container)
}

/// A tag as a name.
fn text(tag: [u8; 4]) -> String {
    let plain = |&byte: &u8| match byte {
        b'/' | b'\\' => '_',
        _ if byte.is_ascii_graphic() => char::from(byte),
        _ => '_',
    };
    tag.trim_ascii_end().iter().map(plain).collect()
}
