//! RIFF: Multimedia Programming Interface and Data Specifications 1.0 (IBM and Microsoft, 1991), chapter 2;
//! AVI with `OpenDML` AVI File Format Extensions 1.02; RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088).
//!
//! | stream | |
//! | --- | --- |
//! | `stream0_video`, `stream1_audio`… | of an AVI file: the chunks `00dc`, `01wb`… of all `movi` lists, joined |
//! | `data`, `fmt`, `INFO/INAM`, `hdrl/avih`… | the content of each other chunk that has any: its type behind those of the lists that it lies in |
//!
//! A stream of an AVI file is `video`, `audio`, `text`, `midi`, `interleaved` or `other`, as its header says;
//! palette changes (`00pc`) and the indexes in `movi` are in none of them, and `JUNK` is nowhere. Types lose
//! the spaces behind them; a name that comes again gets `@1`, `@2`… The further parts `RIFF` `AVIX` of an AVI
//! file belong to it; what else follows the first part is no part of the file. The byte that makes a chunk's
//! length even may be missing at its list's end.
//!
//! Refused: chunks that do not fit in what they lie in, lists too short for their type, or nested deeper than
//! 16, and data of an AVI stream that has no header.
//!
//! A lenient reading ends a chunk where its list ends, and a list where the file does: so a size of
//! 0xFFFFFFFF, which writers to a pipe leave, means the rest. A first part or a `data` of size 0 means that,
//! too, if no chunk follows. A missing byte of padding, and too few bytes left for a chunk, are passed
//! over.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::error::Error;
use crate::geometry::Extents;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "riff";

/// The deepest nesting of lists: names grow with it.
const LEVELS: usize = 16;
/// The length that says: look into `ds64`.
const LONG: u32 = 0xffff_ffff;

/// True if the file begins with RIFF's type, or that of its big-endian or its 64-bit form.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    let kind = array(bytes, 0);
    matches!(kind.as_ref(), Some(b"RIFF" | b"RIFX" | b"RF64" | b"BW64"))
}

/// The streams of a RIFF file. O(chunks); reads 8 bytes a chunk, and 4 more a list.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, riff};
/// let file = b"RIFF\x1a\0\0\0WAVEfmt \x02\0\0\0\x01\0data\x03\0\0\0pcm\0";
/// let container = riff::open(file, Options::default())?;
/// let names: Vec<_> = container.names().collect();
/// assert_eq!((names, container.byte_len(1)), (vec!["fmt".into(), "data".into()], Some(3)));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let little = Input::little(bytes, NAME);
    let (input, is_long) = match &little.array(0)? {
        b"RIFF" => (little, false),
        b"RIFX" => (Input::big(bytes, NAME), false),
        b"RF64" | b"BW64" => (little, true),
        _ => return little.fault(0, "no RIFF signature"),
    };
    let faults = Faults::new(options);
    let long = if is_long {
        faults.ok(long_lengths(&input))?
    } else {
        None
    };
    let mut reading = Reading {
        input,
        faults: &faults,
        is_avi: input.array(8)? == *b"AVI ",
        long,
        chunks: Container::new(NAME),
        streams: Vec::new(),
    };
    let mut start = 0;
    loop {
        let end = reading.chunk_end(start, *b"RIFF", input.len())?;
        let end = if end - start < 12 {
            faults.pass(FormatError::new(NAME, start + 4, "a list too short for its type"))?;
            input.len()
        } else {
            end
        };
        reading.part(start + 12, end)?;
        start = end + (end & 1);
        let is_more = reading.is_avi
            && array(bytes, start) == Some(*b"RIFF")
            && start.checked_add(8).and_then(|at| array(bytes, at)) == Some(*b"AVIX");
        if !is_more {
            break;
        }
    }
    let mut container = Container::new(NAME);
    for (index, (of, extents)) in reading.streams.iter().enumerate() {
        container.push(&format!("stream{index}_{of}"), extents)?;
    }
    if container.is_empty() {
        container = reading.chunks;
    } else {
        container.append(&reading.chunks)?;
    }
    faults.give(&mut container);
    Ok(container)
}

/// The lengths that the `ds64` chunk of a 64-bit file gives, by the type of their chunk.
fn long_lengths(input: &Input) -> Result<BTreeMap<[u8; 4], u64>, FormatError> {
    let length = input.u32(16)?;
    if input.array(12)? != *b"ds64" || length < 28 {
        return input.fault(12, "no ds64 chunk");
    }
    let end = input.end(20, length, input.len())?;
    let table_end = input.end(48, u64::from(input.u32(44)?) * 12, end)?;
    let mut lengths = BTreeMap::new();
    for at in (48..table_end).step_by(12) {
        lengths.insert(input.array(at)?, input.u64(at + 4)?);
    }
    lengths.insert(*b"RIFF", input.u64(20)?);
    lengths.insert(*b"data", input.u64(28)?);
    Ok(lengths)
}

/// A list that is being read.
struct List {
    /// Where its next chunk is.
    at: usize,
    end: usize,
    /// The types of the lists that it lies in, and its own, each with a slash behind it.
    path: String,
    /// It has the data of an AVI file's streams.
    is_movie: bool,
}

struct Reading<'a> {
    input: Input<'a>,
    faults: &'a Faults,
    is_avi: bool,
    long: Option<BTreeMap<[u8; 4], u64>>,
    chunks: Container,
    /// The streams of an AVI file, in the order of their headers: their kinds and their extents.
    streams: Vec<(&'static str, Extents)>,
}

impl Reading<'_> {
    /// The end of the content of the chunk at `start`, which has the type `kind` and lies in what ends at
    /// `limit`.
    fn chunk_end(&self, start: usize, kind: [u8; 4], limit: usize) -> Result<usize, FormatError> {
        let short = self.input.u32(start + 4)?;
        let length = match &self.long {
            Some(long) if short == LONG => long.get(&kind).copied(),
            _ => Some(u64::from(short)),
        };
        let Some(length) = length else {
            let what = "a length that ds64 does not give";
            self.faults.pass(FormatError::new(NAME, start + 4, what))?;
            return Ok(limit);
        };
        if length == 0 && self.faults.lenient() && &kind == b"data" && !self.is_chunk(start + 8, limit) {
            let what = "a length of 0, though data follow";
            self.faults.pass(FormatError::new(NAME, start + 4, what))?;
            return Ok(limit);
        }
        self.faults.end(&self.input, start + 8, length, limit)
    }

    /// True if a chunk with a type of printable letters begins, or nothing is left.
    fn is_chunk(&self, at: usize, limit: usize) -> bool {
        at == limit
            || self.input.array::<4>(at).is_ok_and(|kind| {
                let is_letter = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
                limit.saturating_sub(at) >= 8 && kind.iter().all(is_letter)
            })
    }

    /// Adds the streams of the chunks between `start` and `end`.
    fn part(&mut self, start: usize, end: usize) -> Result<(), FormatError> {
        let mut lists = Vec::from([List {
            at: start,
            end,
            path: String::new(),
            is_movie: false,
        }]);
        while let Some(list) = lists.last_mut() {
            let start = list.at;
            match list.end - start {
                0 => {
                    lists.pop();
                    continue;
                }
                1..8 => {
                    let what = "too few bytes left for a chunk";
                    self.faults.pass(FormatError::new(NAME, start, what))?;
                    lists.pop();
                    continue;
                }
                _ => {}
            }
            let kind = self.input.array(start)?;
            let end = self.chunk_end(start, kind, list.end)?;
            // Chunks begin at even offsets of their list, which does itself.
            list.at = (end + ((end - start) & 1)).min(list.end);
            if self.faults.lenient()
                && list.at > end
                && !self.is_chunk(list.at, list.end)
                && self.is_chunk(end, list.end)
            {
                let what = "a chunk of odd length without a byte of padding";
                self.faults.pass(FormatError::new(NAME, end, what))?;
                list.at = end;
            }
            if &kind != b"LIST" {
                self.chunk(kind, start + 8, end, list)?;
                continue;
            }
            if end - start < 12 {
                let what = "a list too short for its type";
                self.faults.pass(FormatError::new(NAME, start + 4, what))?;
                continue;
            }
            let of = self.input.array(start + 8)?;
            let list = List {
                at: start + 12,
                end,
                path: format!("{}{}/", list.path, text(of)),
                is_movie: self.is_avi && (&of == b"movi" || list.is_movie),
            };
            if lists.len() == LEVELS {
                return self.input.fault(start, "lists nested too deep");
            }
            lists.push(list);
        }
        Ok(())
    }

    /// Takes the chunk of the type `kind`, whose content lies between `start` and `end` in `list`.
    fn chunk(&mut self, kind: [u8; 4], start: usize, end: usize, list: &List) -> Result<(), FormatError> {
        if list.is_movie {
            let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', of @ ..] = kind else {
                return Ok(());
            };
            if matches!(&of, b"pc" | b"ix") {
                return Ok(());
            }
            let index = usize::from(tens - b'0') * 10 + usize::from(ones - b'0');
            let Some(stream) = self.streams.get_mut(index) else {
                let what = "data of a stream that has no header";
                return self.faults.pass(FormatError::new(NAME, start - 8, what));
            };
            stream.1.try_push(Some(start), end - start)?;
            return Ok(());
        }
        if self.is_avi && &kind == b"strh" {
            if end - start < 4 {
                let what = "a stream's header without its type";
                return self.faults.pass(FormatError::new(NAME, start, what));
            }
            let of = match &self.input.array(start)? {
                b"vids" => "video",
                b"auds" => "audio",
                b"txts" => "text",
                b"mids" => "midi",
                b"iavs" | b"ivas" => "interleaved",
                _ => "other",
            };
            self.streams.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            self.streams.push((of, Extents::new()));
        }
        if start < end && &kind != b"JUNK" {
            let name = format!("{}{}", list.path, text(kind));
            self.chunks.push(&name, [(start, end - start)])?;
        }
        Ok(())
    }
}

/// A type as part of a name: bytes that are not fit for a path become hexadecimal.
fn text(kind: [u8; 4]) -> String {
    let mut text = String::new();
    for &byte in kind.trim_ascii_end() {
        if byte.is_ascii_graphic() && !matches!(byte, b'/' | b'\\' | b'%') {
            text.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(text, "%{byte:02x}");
        }
    }
    text
}
