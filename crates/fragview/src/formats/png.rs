//! PNG and APNG: Portable Network Graphics, third edition (W3C, 2025; ISO/IEC 15948), sections 5.3 "Chunk
//! layout", 5.6 "Chunk ordering" and 11.3.6 "Animation information".
//!
//! | stream | |
//! | --- | --- |
//! | `idat` | the contents of all `IDAT` chunks: the zlib stream of the image |
//! | `frame0`, `frame1`… | of an APNG: the zlib stream of each frame, from `IDAT`, or from `fdAT` without its sequence numbers |
//! | `IHDR`, `PLTE`, `iCCP`, `tEXt`, `tEXt@1`… | the content of each other chunk that has any, by the chunk's type |
//!
//! In an APNG whose `IDAT` has no `fcTL` before it, the image is not a frame: `frame0` is then the first
//! `fdAT` frame. Without `acTL` the file is a still image, whatever other animation chunks it has.
//!
//! Refused: lengths over 2³¹ - 1 or past the end, types that are not letters, a file that does not begin with
//! `IHDR` or has no `IDAT` or `IEND`, `IDAT` chunks with others between them, a second `IHDR`, `PLTE` or
//! `acTL`, `acTL` after `IDAT`, animation chunks out of sequence, frames without data, and another number of
//! frames than `acTL` says. Bytes after `IEND` are not part of the file.

use alloc::format;
use alloc::string::String;

use super::parse::input::Input;
use super::{Container, Family, FormatError, Options};
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "png";

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// True if the file begins with PNG's signature.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(SIGNATURE)
}

/// The streams of a PNG or APNG file. O(chunks); reads 8 bytes a chunk.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, png};
/// use fragview::geometry::Extents;
/// let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
/// for (kind, content) in [(b"IHDR", &[0; 13][..]), (b"IDAT", b"zl"), (b"IDAT", b"ib"), (b"IEND", b"")] {
///     file.extend(u32::try_from(content.len())?.to_be_bytes());
///     file.extend([kind, content, &[0; 4]].concat()); // the CRC, which `open` leaves to `verify`
/// }
/// let container = png::open(&file, Options::default())?;
/// let data: Extents = [(41, 2), (55, 2)].into_iter().collect();
/// assert_eq!(container.stream("idat").map(|stream| stream.extents), Some(data));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open(bytes: &dyn Bytes, _options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let mut reading = Reading::new()?;
    let mut others = Container::new(NAME);
    for_each_chunk(&input, |chunk| {
        reading.chunk(&input, chunk)?;
        let is_data = matches!(&chunk.kind, b"IDAT" | b"fdAT" | b"fcTL" | b"acTL" | b"IEND");
        if !is_data && chunk.length > 0 {
            let name = String::from_utf8_lossy(&chunk.kind);
            others.push(&name, [(chunk.offset, chunk.length)])?;
        }
        Ok(())
    })?;
    let mut container = reading.finish(&input)?;
    container.append(&others)?;
    Ok(container)
}

/// Checks the CRC of every chunk up to `IEND`. Reads the whole file.
///
/// # Errors
///
/// A CRC is wrong, or the structure is.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    let input = Input::big(bytes, NAME);
    for_each_chunk(&input, |chunk| {
        let mut digest = CRC.digest();
        digest.update(&chunk.kind);
        let end = chunk.offset + chunk.length;
        let mut at = chunk.offset;
        let mut buffer = [0; 4096];
        while at < end {
            let part = &mut buffer[..(end - at).min(4096)];
            input.read(at, part)?;
            digest.update(part);
            at += part.len();
        }
        if digest.finalize() == input.u32(end)? {
            Ok(())
        } else {
            input.fault(
                end,
                format!("wrong CRC of {}", String::from_utf8_lossy(&chunk.kind)),
            )
        }
    })
}

/// One chunk: its type, and where its content lies.
#[derive(Clone, Copy)]
struct Chunk {
    kind: [u8; 4],
    offset: usize,
    length: usize,
}

/// Calls `use_chunk` for each chunk up to `IEND`.
fn for_each_chunk(
    input: &Input,
    mut use_chunk: impl FnMut(Chunk) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    if input.array(0)? != SIGNATURE {
        return input.fault(0, "no PNG signature");
    }
    let mut at = SIGNATURE.len();
    loop {
        let length = input.u32(at)?;
        let kind: [u8; 4] = input.array(at + 4)?;
        if length > 0x7fff_ffff {
            return input.fault(at, "a chunk's length is over 2^31 - 1");
        }
        if !kind.iter().all(u8::is_ascii_alphabetic) {
            return input.fault(at + 4, "a chunk's type is not four letters");
        }
        let offset = at + 8;
        let end = input.end(offset, u64::from(length) + 4, input.len())?;
        let chunk = Chunk {
            kind,
            offset,
            length: end - 4 - offset,
        };
        use_chunk(chunk)?;
        if &kind == b"IEND" {
            return Ok(());
        }
        at = end;
    }
}

/// The state of the scan, up to a chunk.
struct Reading {
    /// The image, then the frames.
    container: Container,
    frames: Family,
    /// The type of the chunk before.
    previous: [u8; 4],
    /// `acTL`'s number of frames, and where that stands.
    animation: Option<(u32, usize)>,
    has_palette: bool,
    has_idat: bool,
    /// The frame that an `fcTL` began: the type of the chunks that gave its data, once there are any.
    #[expect(clippy::option_option, reason = "no frame; one without data; one with")]
    frame: Option<Option<[u8; 4]>>,
    /// The sequence number that the next `fcTL` or `fdAT` must have.
    sequence: u32,
}

impl Reading {
    fn new() -> Result<Self, FormatError> {
        let mut container = Container::new(NAME);
        // No frame's data comes before the image's.
        container.push("idat", [(0, 0)])?;
        Ok(Self {
            frames: container.family("frame{}")?,
            container,
            previous: [0; 4],
            animation: None,
            has_palette: false,
            has_idat: false,
            frame: None,
            sequence: 0,
        })
    }

    /// Takes a chunk into account.
    fn chunk(&mut self, input: &Input, chunk: Chunk) -> Result<(), FormatError> {
        let start = chunk.offset - 8;
        if (start == SIGNATURE.len()) != (&chunk.kind == b"IHDR") {
            return input.fault(start, "the first chunk, and only the first, must be IHDR");
        }
        match &chunk.kind {
            b"IHDR" if chunk.length != 13 => return input.fault(start, "IHDR must have 13 bytes"),
            b"IEND" if chunk.length != 0 => return input.fault(start, "IEND must be empty"),
            b"PLTE" if self.has_palette || self.has_idat => {
                return input.fault(start, "PLTE comes twice or after IDAT");
            }
            b"PLTE" => self.has_palette = true,
            b"IDAT" => {
                if self.has_idat && &self.previous != b"IDAT" {
                    return input.fault(start, "IDAT chunks are not consecutive");
                }
                self.has_idat = true;
                self.container.extend([(chunk.offset, chunk.length)])?;
                if let Some(source) = &mut self.frame {
                    *source = Some(chunk.kind);
                }
            }
            b"acTL" if chunk.length != 8 => return input.fault(start, "acTL must have 8 bytes"),
            b"acTL" if self.has_idat || self.animation.is_some() => {
                return input.fault(start, "acTL comes twice or after IDAT");
            }
            b"acTL" => self.animation = Some((input.u32(chunk.offset)?, chunk.offset)),
            // Without acTL this is a still image, and these two are chunks like any unknown one.
            b"fcTL" if self.animation.is_some() => {
                if chunk.length != 26 {
                    return input.fault(start, "fcTL must have 26 bytes");
                }
                self.next_in_sequence(input, chunk)?;
                self.end_frame(input, start)?;
                self.frame = Some(None);
            }
            b"fdAT" if self.animation.is_some() => {
                if chunk.length < 4 {
                    return input.fault(start, "fdAT must begin with a sequence number");
                }
                self.next_in_sequence(input, chunk)?;
                match &mut self.frame {
                    Some(source @ None) if self.has_idat => {
                        *source = Some(chunk.kind);
                        self.container.push_in(self.frames, [] as [Extent; 0])?;
                    }
                    Some(Some([b'f', ..])) => {}
                    // The image, which may be frame 0, lies in IDAT alone.
                    _ => return input.fault(start, "fdAT without fcTL or before IDAT"),
                }
                self.container.extend([(chunk.offset + 4, chunk.length - 4)])?;
            }
            _ => {}
        }
        self.previous = chunk.kind;
        Ok(())
    }

    /// Checks the sequence number with which `chunk` begins.
    fn next_in_sequence(&mut self, input: &Input, chunk: Chunk) -> Result<(), FormatError> {
        if input.u32(chunk.offset)? != self.sequence {
            return input.fault(chunk.offset, "an animation chunk is out of sequence");
        }
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }

    /// Ends the frame that was being read, if any.
    fn end_frame(&mut self, input: &Input, offset: usize) -> Result<(), FormatError> {
        match self.frame.take() {
            Some(None) => input.fault(offset, "a frame without data"),
            Some(Some([b'I', ..])) => {
                self.container.push_in(self.frames, [] as [Extent; 0])?;
                self.container.same_last(0)
            }
            _ => Ok(()),
        }
    }

    /// The image and the frames.
    fn finish(mut self, input: &Input) -> Result<Container, FormatError> {
        if !self.has_idat {
            return input.fault(SIGNATURE.len(), "no IDAT");
        }
        self.end_frame(input, input.len())?;
        let frames = self.container.len() - 1;
        if let Some((expected, offset)) = self.animation
            && (expected == 0 || usize::try_from(expected) != Ok(frames))
        {
            return input.fault(offset, format!("acTL says {expected} frames, there are {frames}"));
        }
        Ok(self.container)
    }
}
