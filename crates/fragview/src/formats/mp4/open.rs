//! The streams of an MP4 file.

use super::boxes::for_each_box;
use super::fragments::Fragments;
use super::name::NAME;
use super::{items, movie};
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::tracks::Tracks;
use crate::formats::{Container, FormatError, Options};
use crate::geometry::Spans;
use crate::{Bytes, array};

/// True if the file begins with a box that such files begin with.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let Some([a, b, c, d, kind @ ..]) = array::<8>(bytes, 0) else {
        return false;
    };
    let size = u32::from_be_bytes([a, b, c, d]);
    match &kind {
        b"ftyp" | b"styp" | b"moov" | b"moof" => size >= 8,
        b"mdat" | b"wide" | b"pnot" => size >= 8 || size == 1,
        _ => false,
    }
}

/// The streams of an MP4, MOV or HEIF file. O(boxes + samples); reads boxes' headers and sample tables.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, mp4};
/// // A HEIF file of one item of the type `Exif`, which lies in the last four bytes.
/// let iloc = b"\0\0\0\x1eiloc\0\0\0\0\x44\0\0\x01\0\x07\0\0\0\x01\0\0\0\x61\0\0\0\x04";
/// let iinf = b"\0\0\0\x23iinf\0\0\0\0\0\x01\0\0\0\x15infe\x02\0\0\0\0\x07\0\0Exif\0";
/// let meta = [b"\0\0\0\x4dmeta\0\0\0\0", &iloc[..], iinf].concat();
/// let file = [b"\0\0\0\x0cftypheic", &meta[..], b"\0\0\0\x0cmdatdata"].concat();
/// let container = mp4::open(&file, Options::default())?;
/// assert_eq!(container.name(0), Some("item7_Exif".into()));
/// assert_eq!(container.extents(0), Some([(0x61, 4)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    if !detect(bytes) {
        return input.fault(0, "no box that an MP4 file begins with");
    }
    let mut tracks = Tracks::new(input);
    let mut fragments = Fragments::default();
    // Fragments may not come before what they are fragments of, but an init segment may come with a `styp`.
    let mut container = Container::new(NAME);
    let mut media = Spans::new();
    media.begin()?;
    let mut is_told = false;
    for_each_box(&input, &faults, 0, input.len(), |part| {
        // One that is cut off tells nothing.
        let size = input.u32(part.offset)?;
        let is_whole = size < 2 || size as usize == part.end - part.offset;
        is_told |= is_whole && matches!(&part.kind, b"moov" | b"moof" | b"meta");
        match &part.kind {
            b"moov" => movie::read(&input, &faults, part, &mut tracks, &mut fragments),
            b"moof" => fragments.read(&input, &faults, part, &mut tracks),
            b"meta" => items::read(&input, &faults, part, &mut container),
            b"mdat" => Ok(media.push(Some(part.start), part.end - part.start)?),
            _ => Ok(()),
        }
    })?;
    let mut all = Container::new(NAME);
    tracks.finish(&mut all, true)?;
    all.append(&container)?;
    let media = media.span(0);
    let is_nothing = || (0..all.len()).all(|position| all.byte_len(position) == Some(0));
    if !is_told && is_nothing() && media.byte_len() > 0 {
        let error = FormatError::new(NAME, input.len(), "no box tells what the media data are");
        faults.pass_in(error, Some("mdat".into()))?;
        all.push("mdat", media)?;
    }
    faults.give(&mut all);
    Ok(all)
}
