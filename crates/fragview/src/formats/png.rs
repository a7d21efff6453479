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
//! `IHDR` or has no `IDAT` or `IEND`, `IDAT` chunks with others between them, a second `IHDR` or `PLTE`. What
//! follows `IEND` is no part of the file.
//!
//! Faults of the animation leave the still image, as the specification says: a second `acTL` or one after
//! `IDAT`, animation chunks out of sequence, frames without data, and another number of frames than `acTL`
//! says. There are no frames then; in a lenient reading those up to the fault. A lenient reading also takes a
//! chunk that is cut off as far as it goes, `IDAT` chunks wherever they are, and a file without `IEND`.

use alloc::format;
use alloc::string::String;

use super::parse::checksum::{GZIP, Sum};
use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, Family, FormatError, Options};
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "png";

/// How images are compressed.
const CODEC: &str = "zlib";

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

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
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    let mut reading = Reading::new(&faults)?;
    let mut others = Container::new(NAME);
    let result = for_each_chunk(&input, &faults, |chunk| {
        reading.chunk(&input, chunk)?;
        let is_data = matches!(&chunk.kind, b"IDAT" | b"fdAT" | b"fcTL" | b"acTL" | b"IEND");
        if !is_data && chunk.length > 0 {
            let name = String::from_utf8_lossy(&chunk.kind);
            others.push(&name, [(chunk.offset, chunk.length)])?;
        }
        Ok(())
    });
    match result {
        Err(error) if input.array(0) == Ok(SIGNATURE) => faults.pass(error)?,
        result => result?,
    }
    let mut container = reading.finish(&input)?;
    container.append(&others)?;
    faults.give(&mut container);
    Ok(container)
}

/// Checks the CRC of every chunk up to `IEND`. Reads the whole file.
///
/// # Errors
///
/// A CRC is wrong, or the structure is.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    let input = Input::big(bytes, NAME);
    for_each_chunk(&input, &Faults::new(Options::STRICT), |chunk| {
        let end = chunk.offset + chunk.length;
        let sum = Sum::new(input, &GZIP).bytes(&chunk.kind);
        if sum.range(chunk.offset, chunk.length)?.value() == input.u32(end)? {
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
    faults: &Faults,
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
        let end = faults.end(input, offset, u64::from(length) + 4, input.len())?;
        let chunk = Chunk {
            kind,
            offset,
            length: (end - offset).min(length as usize),
        };
        use_chunk(chunk)?;
        if &kind == b"IEND" {
            return Ok(());
        }
        at = end;
    }
}

/// What was found up to a chunk.
struct Reading<'a> {
    faults: &'a Faults,
    /// The image, then the frames.
    container: Container,
    frames: Family,
    /// The type of the chunk before.
    previous: [u8; 4],
    /// `acTL`'s number of frames, and where that stands.
    animation: Option<(u32, usize)>,
    /// A fault of the animation was found.
    is_broken: bool,
    has_palette: bool,
    has_idat: bool,
    /// The frame that an `fcTL` began: the type of the chunks that gave its data, once there are any.
    #[expect(clippy::option_option, reason = "no frame; one without data; one with")]
    frame: Option<Option<[u8; 4]>>,
    /// The sequence number that the next `fcTL` or `fdAT` must have.
    sequence: u32,
}

impl<'a> Reading<'a> {
    fn new(faults: &'a Faults) -> Result<Self, FormatError> {
        let mut container = Container::new(NAME);
        // No frame's data comes before the image's.
        container.push("idat", [(0, 0)])?;
        container.codec_last(CODEC)?;
        let frames = container.family("frame{}")?;
        container.codec_of(frames, CODEC)?;
        Ok(Self {
            frames,
            container,
            previous: [0; 4],
            faults,
            animation: None,
            is_broken: false,
            has_palette: false,
            has_idat: false,
            frame: None,
            sequence: 0,
        })
    }

    /// Takes a chunk into account.
    fn chunk(&mut self, input: &Input, chunk: Chunk) -> Result<(), FormatError> {
        let start = chunk.offset - 8;
        let wrong = |what| self.faults.pass(FormatError::new(NAME, start, what));
        if (start == SIGNATURE.len()) != (&chunk.kind == b"IHDR") {
            wrong("the first chunk, and only the first, must be IHDR")?;
        }
        match &chunk.kind {
            b"IHDR" if chunk.length != 13 => wrong("IHDR must have 13 bytes")?,
            b"IEND" if chunk.length != 0 => wrong("IEND must be empty")?,
            b"PLTE" if self.has_palette || self.has_idat => wrong("PLTE comes twice or after IDAT")?,
            b"PLTE" => self.has_palette = true,
            b"IDAT" => {
                if self.has_idat && &self.previous != b"IDAT" {
                    wrong("IDAT chunks are not consecutive")?;
                }
                self.has_idat = true;
                // A lenient reading may find some after frames: they are no part of an image by then.
                if self.container.len() == 1 {
                    self.container.extend([(chunk.offset, chunk.length)])?;
                }
                if let Some(source) = &mut self.frame {
                    *source = Some(chunk.kind);
                }
            }
            b"acTL" | b"fcTL" | b"fdAT" if !self.is_broken => {
                let result = self.animate(input, chunk);
                self.is_broken = result.is_err();
                result.or_else(|error| self.faults.leave_out(error))?;
            }
            _ => {}
        }
        self.previous = chunk.kind;
        Ok(())
    }

    /// Takes a chunk of the animation into account.
    fn animate(&mut self, input: &Input, chunk: Chunk) -> Result<(), FormatError> {
        let start = chunk.offset - 8;
        match &chunk.kind {
            b"acTL" if chunk.length != 8 => return input.fault(start, "acTL must have 8 bytes"),
            b"acTL" if self.has_idat || self.animation.is_some() => {
                return input.fault(start, "acTL comes twice or after IDAT");
            }
            b"acTL" => self.animation = Some((input.u32(chunk.offset)?, chunk.offset)),
            // Without acTL this is a still image, and these two are chunks like any unknown one.
            _ if self.animation.is_none() => {}
            b"fcTL" => {
                if chunk.length != 26 {
                    return input.fault(start, "fcTL must have 26 bytes");
                }
                self.next_in_sequence(input, chunk)?;
                self.end_frame(input, start)?;
                self.frame = Some(None);
            }
            _ => {
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
        }
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

    /// Checks that the animation has all its frames.
    fn end_animation(&mut self, input: &Input) -> Result<(), FormatError> {
        self.end_frame(input, input.len())?;
        let frames = self.container.len() - 1;
        match self.animation {
            Some((expected, offset)) if expected == 0 || usize::try_from(expected) != Ok(frames) => {
                input.fault(offset, format!("acTL says {expected} frames, there are {frames}"))
            }
            _ => Ok(()),
        }
    }

    /// The image and the frames.
    fn finish(mut self, input: &Input) -> Result<Container, FormatError> {
        if !self.has_idat {
            self.faults
                .pass(FormatError::new(NAME, SIGNATURE.len(), "no IDAT"))?;
        }
        if !self.is_broken
            && let Err(error) = self.end_animation(input)
        {
            self.is_broken = true;
            self.faults.leave_out(error)?;
        }
        if !self.is_broken || self.faults.lenient() {
            return Ok(self.container);
        }
        let mut still = Container::new(NAME);
        still.push("idat", self.container.try_extents(0)?.unwrap_or_default())?;
        still.codec_last(CODEC)?;
        Ok(still)
    }
}
