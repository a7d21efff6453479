//! ZIP archives (PKWARE's APPNOTE 6.3.10: 4.3.7 local headers, 4.3.12 the central directory, 4.3.14 to 4.3.16
//! the end, 4.4 the fields, 4.5.3 ZIP64).
//!
//! | stream | |
//! | --- | --- |
//! | `<path>` | each file that is stored as it is |
//! | `<path>.<codec>` | each other one as it is in the archive, by its method: `.deflate`, `.bzip2`, `.lzma`, `.zstd`, `.xz` or `.method1`…; an encrypted one `.encrypted` |
//!
//! Refused: archives without a central directory, or in several files; headers and contents past the end,
//! missing local headers. Leniently such files are passed over, or end with the archive.

use memchr::memmem;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::parse::faults::tolerate;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::error::Error;
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "zip";

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR: [u8; 4] = *b"PK\x06\x07";
/// Bytes of the end without the comment, and the longest comment.
const END_SIZE: usize = 22;
const COMMENT: usize = 65535;

/// Whether the file begins with a local header, or is the end of an empty archive.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    matches!(array(bytes, 0), Some(LOCAL | END))
}

/// The files of an archive. O(files); reads the central directory, and the lengths of local headers.
///
/// # Errors
/// [`FormatError`] if the archive is malformed or cut off.
///
/// ```
/// use fragview::formats::{Options, zip};
/// let mut file = b"PK\x03\x04".to_vec();
/// file.resize(26, 0);
/// file.extend(b"\x01\0\0\0aHello");
/// file.extend(b"PK\x01\x02");
/// file.resize(36 + 20, 0);
/// file.extend([5, 0, 0, 0, 5, 0, 0, 0, 1]);
/// file.resize(36 + 46, 0);
/// file.extend(b"aPK\x05\x06\0\0\0\0\x01\0\x01\0\x2f\0\0\0\x24\0\0\0\0\0");
/// let container = zip::open(&file, Options::default())?;
/// assert_eq!(container.stream("a").unwrap().extents, [(31, 5)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    let end = find_end(&input)?;
    let (mut count, mut size, mut start) = (
        u64::from(input.u16(end + 10)?),
        u64::from(input.u32(end + 12)?),
        u64::from(input.u32(end + 16)?),
    );
    if !matches!(input.u16(end + 4)?, 0 | 0xffff) {
        return input.fault(end + 4, "the archive is in several files");
    }
    // Where the directory ends: before the end, or before ZIP64's.
    let mut before = end;
    if let Some(locator) = end.checked_sub(20)
        && array(bytes, locator) == Some(LOCATOR)
    {
        let end64 = place(input.u64(locator + 8)?);
        if array(bytes, end64) != Some(END64) {
            return input.fault(locator + 8, "no end of ZIP64");
        }
        before = end64;
        count = input.u64(end64 + 32)?;
        size = input.u64(end64 + 40)?;
        start = input.u64(end64 + 48)?;
    }
    // Bytes before the archive, such as a program that unpacks it, shift all offsets.
    let said = place(start);
    let Some(first) = before.checked_sub(place(size)) else {
        return input.fault(
            end + 12,
            "the central directory is longer than what is before its end",
        );
    };
    let Some(moved) = first.checked_sub(said) else {
        return input.fault(end + 16, "the central directory begins past its end");
    };
    let mut container = Container::new(NAME);
    let mut at = first;
    for _ in 0..count {
        if at >= before || array(bytes, at) != Some(CENTRAL) {
            let error = FormatError::new(NAME, at, "the central directory has fewer files than it says");
            tolerate(&mut container, options, error)?;
            break;
        }
        at = entry(&input, &mut container, options, at, moved)?;
    }
    Ok(container)
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// Where the end begins: the last place whose comment ends with the file, or before.
fn find_end(input: &Input<'_>) -> Result<usize, FormatError> {
    let last = input.len().saturating_sub(END_SIZE);
    let mut window = [0; 4096 + 3];
    let least = last.saturating_sub(COMMENT);
    let mut high = (last + 4).min(input.len());
    while high > least {
        let low = high.saturating_sub(window.len()).max(least);
        let window = &mut window[..high - low];
        input.read(low, window)?;
        for index in memmem::rfind_iter(window, &END) {
            if low + index + END_SIZE <= input.len() {
                let comment = usize::from(input.u16(low + index + 20)?);
                if low + index + END_SIZE + comment <= input.len() {
                    return Ok(low + index);
                }
            }
        }
        if low == least {
            break;
        }
        high = low + 3;
    }
    input.fault(last, "no end of a central directory")
}

/// Adds the file whose entry in the central directory is at `at`; where the next one is.
fn entry(
    input: &Input<'_>,
    container: &mut Container,
    options: Options,
    at: usize,
    moved: usize,
) -> Result<usize, FormatError> {
    let lengths = [28, 30, 32].map(|skip| input.u16(at + skip));
    let [name, extra, comment] = lengths;
    let (name, extra, comment) = (usize::from(name?), usize::from(extra?), usize::from(comment?));
    let next = input.end(at + 46, (name + extra + comment) as u64, usize::MAX)?;
    let flags = input.u16(at + 8)?;
    let method = input.u16(at + 10)?;
    let mut size = u64::from(input.u32(at + 20)?);
    let mut local = u64::from(input.u32(at + 42)?);
    // ZIP64's field has those numbers, in this order, that have no room elsewhere.
    let whole = input.u32(at + 24)?;
    let (mut field, end) = (at + 46 + name, at + 46 + name + extra);
    while field + 4 <= end {
        let length = usize::from(input.u16(field + 2)?);
        if input.u16(field)? == 1 {
            let mut value = field + 4;
            if whole == u32::MAX {
                value += 8;
            }
            if size == u64::from(u32::MAX) {
                size = input.u64(value)?;
                value += 8;
            }
            if local == u64::from(u32::MAX) {
                local = input.u64(value)?;
            }
        }
        field += 4 + length;
    }
    let mut raw = Vec::new();
    raw.try_reserve_exact(name).map_err(|_| Error::OutOfMemory)?;
    raw.resize(name, 0);
    input.read(at + 46, &mut raw)?;
    let path = text(&raw, flags & 0x800 != 0);
    // Folders have no bytes.
    if path.ends_with('/') && size == 0 {
        return Ok(next);
    }
    let path = path.trim_start_matches('/');
    let codec: Cow<'_, str> = match method {
        _ if flags & 1 != 0 => ".encrypted".into(),
        0 => "".into(),
        8 => ".deflate".into(),
        12 => ".bzip2".into(),
        14 => ".lzma".into(),
        93 => ".zstd".into(),
        95 => ".xz".into(),
        method => format!(".method{method}").into(),
    };
    container.push(&format!("{path}{codec}"), [] as [Extent; 0])?;
    container.codec_last(codec.trim_start_matches('.'))?;
    let local = place(local).saturating_add(moved);
    let result = (|| {
        if input.array(local)? != LOCAL {
            return input.fault(local.min(input.len()), "no local header where the directory says");
        }
        // A local header's extra fields may be others than the directory's.
        let lengths = usize::from(input.u16(local + 26)?) + usize::from(input.u16(local + 28)?);
        let start = local + 30 + lengths;
        let there = input.len().saturating_sub(start).min(place(size));
        container.extend([(start, there)])?;
        if (there as u64) < size {
            return input.fault(at + 20, "a file goes past the end");
        }
        Ok(())
    })();
    if let Err(error) = result {
        tolerate(container, options, error)?;
    }
    Ok(next)
}

/// A name: UTF-8, if it says so or is; else code page 437, of which Latin letters are kept.
fn text(raw: &[u8], is_utf8: bool) -> String {
    match core::str::from_utf8(raw) {
        Ok(text) => String::from(text),
        Err(_) if is_utf8 => String::from_utf8_lossy(raw).into_owned(),
        Err(_) => raw
            .iter()
            .map(|&byte| super::parse::cp437::letter(byte))
            .collect(),
    }
}
