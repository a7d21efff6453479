//! GIF: Graphics Interchange Format, versions 87a and 89a (1987 and 1990), sections 15 "Data Sub-blocks", 20
//! "Image Descriptor", 22 "Table Based Image Data" and 23-26 (extensions).
//!
//! | stream | |
//! | --- | --- |
//! | `image0.lzw`, `image1.lzw`… | the sub-blocks of each image, joined: its LZW codes |
//! | `ext_fe@0`, `ext_fe@1`… | the sub-blocks of each comment |
//! | `ext_ff@0`… | of each application extension, with the block of 11 bytes that names the application |
//! | `ext_01@0`…, `ext_XX@0`… | of each plain text extension, or another one, by its label in hex |
//! | `icc`, `icc@1`… | the ICC profile in an application extension `ICCRGBG1012`, without that name |
//! | `xmp`, `xmp@1`… | the XMP packet in an application extension `XMP DataXMP` (XMP specification, part 3, 1.1.2) |
//!
//! A packet of XMP is contiguous in the file: its own bytes pass for the lengths of sub-blocks, and the 258
//! bytes after it lead a reader that does not know it to the end. Graphic control extensions have four fields
//! and no data, so they are not streams; neither is an extension without sub-blocks.
//!
//! Refused: sub-blocks and tables past the end, a block that is not an image, extension or trailer, a code
//! size that LZW can't begin with, and a file without a trailer. What follows the trailer is no part of the
//! file. An XMP packet without its magic trailer is not a stream.
//!
//! A lenient reading passes over bytes that are not a block, up to the next byte that can begin one; takes
//! sub-blocks that are cut off as far as they go, and images with an invalid code size; and needs no trailer.

use alloc::format;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, Family, FormatError, Options};
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "gif";

/// The end of an XMP packet: 0x01, 0xff, 0xfe … 0x01, 0x00, and the terminator of the sub-blocks.
const MAGIC_TRAILER: usize = 258;

/// No extents yet.
const NONE: [Extent; 0] = [];

/// True if the file begins with GIF's signature and a version.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    matches!(array(bytes, 0), Some([b'G', b'I', b'F', b'8', b'7' | b'9', b'a']))
}

/// The streams of a GIF file. O(sub-blocks); reads one byte a sub-block.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, gif};
/// let screen = b"GIF89a\x01\0\x01\0\0\0\0";
/// let comment = b"\x21\xfe\x03one\x03two\0";
/// let file = [&screen[..], comment, b"\x3b"].concat();
/// let container = gif::open(&file, Options::default())?;
/// let comment = container.stream("ext_fe@0").unwrap();
/// assert_eq!((container.len(), comment.extents.len(), comment.extents.byte_len()), (1, 2, 6));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    if !detect(bytes) {
        return input.fault(0, "no GIF signature");
    }
    let faults = Faults::new(options);
    let mut container = Container::new(NAME);
    let images = container.family("image{}.lzw")?;
    container.codec_of(images, "lzw")?;
    let mut reading = Reading {
        images,
        container,
        extensions: [None; 256],
        faults: &faults,
    };
    if let Err(error) = reading.blocks(&input) {
        faults.pass_last(error, &reading.container)?;
    }
    let mut container = reading.container;
    faults.give(&mut container);
    Ok(container)
}

/// What was found up to a block.
struct Reading<'a> {
    container: Container,
    images: Family,
    extensions: [Option<Family>; 256],
    faults: &'a Faults,
}

impl Reading<'_> {
    /// Takes all blocks up to the trailer.
    fn blocks(&mut self, input: &Input) -> Result<(), FormatError> {
        // The signature, the screen's size, its flags, and two bytes more.
        let mut at = after_color_table(input, 13, input.u8(10)?)?;
        loop {
            at = match input.u8(at)? {
                0x2c => self.image(input, at)?,
                0x21 => self.extension(input, at)?,
                0x3b => return Ok(()),
                _ => {
                    let what = "neither an image, an extension nor the trailer";
                    self.faults.pass(FormatError::new(NAME, at, what))?;
                    next_block(input, at + 1)?
                }
            };
        }
    }

    /// Takes the image at `at`; where it ends.
    fn image(&mut self, input: &Input, at: usize) -> Result<usize, FormatError> {
        let codes = after_color_table(input, at + 10, input.u8(at + 9)?)?;
        if !(1..=8).contains(&input.u8(codes)?) {
            let what = "LZW's minimum code size must be 1 to 8";
            self.faults.pass(FormatError::new(NAME, codes, what))?;
        }
        self.container.push_in(self.images, NONE)?;
        sub_blocks(input, self.faults, codes + 1, |extent| {
            self.container.extend([extent])
        })
    }

    /// Takes the extension at `at`; where it ends.
    fn extension(&mut self, input: &Input, at: usize) -> Result<usize, FormatError> {
        let label = input.u8(at + 1)?;
        let start = at + 2;
        application(input, self.faults, label, start, &mut self.container)?;
        // The graphic control extension is a header. One without data takes three bytes of the file, and a
        // stream more than four times as many.
        let is_stream = label != 0xf9 && input.u8(start)? != 0;
        if is_stream {
            let extension = &mut self.extensions[usize::from(label)];
            let family = match *extension {
                Some(family) => family,
                None => self.container.family(&format!("ext_{label:02x}@{{}}"))?,
            };
            *extension = Some(family);
            self.container.push_in(family, NONE)?;
        }
        sub_blocks(input, self.faults, start, |extent| {
            if is_stream {
                self.container.extend([extent])
            } else {
                Ok(())
            }
        })
    }
}

/// Where the next byte is, from `at` on, that can begin a block.
fn next_block(input: &Input, mut at: usize) -> Result<usize, FormatError> {
    while !matches!(input.u8(at)?, 0x21 | 0x2c | 0x3b) {
        at += 1;
    }
    Ok(at)
}

/// Where the colour table that begins at `offset` ends, by the flags that say whether there is one, and its
/// size.
fn after_color_table(input: &Input, offset: usize, flags: u8) -> Result<usize, FormatError> {
    let colors = if flags & 0x80 == 0 {
        0
    } else {
        2_u64 << (flags & 7)
    };
    input.end(offset, 3 * colors, input.len())
}

/// Visits the sub-blocks from `at` on; returns the offset after their terminator.
fn sub_blocks(
    input: &Input,
    faults: &Faults,
    mut at: usize,
    mut each: impl FnMut((usize, usize)) -> Result<(), FormatError>,
) -> Result<usize, FormatError> {
    loop {
        let length = input.u8(at)?;
        let end = faults.end(input, at + 1, length, input.len())?;
        if length == 0 {
            return Ok(end);
        }
        each((at + 1, end - at - 1))?;
        at = end;
    }
}

/// Adds the content of the application extension whose sub-blocks begin at `start`, if the application is
/// one that is known.
fn application(
    input: &Input,
    faults: &Faults,
    label: u8,
    start: usize,
    container: &mut Container,
) -> Result<(), FormatError> {
    if label != 0xff || input.u8(start)? != 11 {
        return Ok(());
    }
    // Behind the sub-block of 11 bytes that names the application.
    let content = start + 12;
    match &input.array::<11>(start + 1)? {
        b"ICCRGBG1012" => {
            container.push("icc", NONE)?;
            sub_blocks(input, faults, content, |extent| container.extend([extent]))?;
        }
        b"XMP DataXMP" => {
            let end = sub_blocks(input, faults, content, |_| Ok(()))?;
            match end.checked_sub(MAGIC_TRAILER) {
                Some(trailer) if trailer >= content && input.array(trailer)? == [1, 0xff] => {
                    container.push("xmp", [(content, trailer - content)])?;
                }
                _ => faults.note(start, "XMP without its magic trailer")?,
            }
        }
        _ => {}
    }
    Ok(())
}
