//! Avro object container files: Apache Avro 1.12 specification, "Object Container Files", and "Binary
//! encoding" for its numbers.
//!
//! | stream | |
//! | --- | --- |
//! | `decoded_blocks_joined` | the records of all blocks, joined, if the codec is `null` |
//! | `blocks_joined` | the same of another codec: what the blocks have, each compressed by itself |
//! | `block[0]`… | the records of each block, as the codec has them |
//! | `meta/<path>` | the value of each key of the header, as `meta/avro.schema` |
//!
//! Refused: a block that is cut off, or without the file's marker behind it, negative counts, a header of
//! more than 4096 keys. A lenient reading takes a block that is cut off as far as it goes, and goes on behind
//! the next marker.

use alloc::format;
use alloc::string::String;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::{Bytes, array};

pub(crate) const NAME: &str = "avro";

/// The most keys of a header.
const KEYS: usize = 4096;

/// True if the file begins with the magic of version 1.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(*b"Obj\x01")
}

/// The streams of an Avro file. O(blocks); reads their counts, sizes and markers.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, avro};
/// let mut file = b"Obj\x01\0".to_vec(); // no keys: the codec is null
/// file.extend(*b"0123456789abcdef");
/// file.extend(*b"\x02\x06one0123456789abcdef"); // one record, of three bytes
/// let container = avro::open(&file, Options::default())?;
/// let names: Vec<_> = container.names().collect();
/// assert_eq!(names, ["decoded_blocks_joined", "block[0]"]);
/// assert_eq!(container.extents(1), Some([(23, 3)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    let faults = Faults::new(options);
    if !detect(bytes) {
        return input.fault(0, "no Avro signature");
    }
    let mut keys = Container::new(NAME);
    let header = header(&input, &mut keys)?;
    let mut container = Container::new(NAME);
    let blocks = container.family("block[{}]")?;
    let joined = if header.codec.is_empty() {
        "decoded_blocks_joined"
    } else {
        "blocks_joined"
    };
    container.codec_of(blocks, &header.codec)?;
    container.push_joined(joined, blocks)?;
    container.codec_last(&header.codec)?;
    let mut at = header.end;
    while at < input.len() {
        let (start, end) = match block(&input, at) {
            Ok((start, size)) => (start, faults.end(&input, start, size, input.len())?),
            Err(error) => {
                faults.pass(error)?;
                (at, at)
            }
        };
        container.push_in(blocks, [(start, end - start)])?;
        at = match input.array::<16>(end) {
            Ok(marker) if marker == header.marker => end + 16,
            Ok(_) => {
                faults.ok(input.fault::<()>(end, "no marker behind a block"))?;
                match input.find(&header.marker, at..input.len())? {
                    Some(marker) => marker + 16,
                    None => break,
                }
            }
            Err(error) => {
                faults.pass_last(error, &container)?;
                break;
            }
        };
    }
    container.append(&keys)?;
    faults.give(&mut container);
    Ok(container)
}

/// Where the records of the block at `at` begin, and how many bytes they have.
fn block(input: &Input, at: usize) -> Result<(usize, u64), FormatError> {
    let (count, at_size) = number(input, at)?;
    let (size, start) = number(input, at_size)?;
    match u64::try_from(size) {
        Ok(size) if count >= 0 => Ok((start, size)),
        _ => input.fault(at, "a negative count"),
    }
}

/// What the header says.
struct Header {
    /// The codec's name; nothing where it is `null`.
    codec: String,
    marker: [u8; 16],
    end: usize,
}

/// Reads the header, and adds its keys.
fn header(input: &Input, keys: &mut Container) -> Result<Header, FormatError> {
    let mut at = 4;
    let mut codec = String::new();
    loop {
        let (mut count, next) = number(input, at)?;
        at = next;
        if count == 0 {
            break;
        }
        if count < 0 {
            // The size of the keys that follow.
            at = number(input, at)?.1;
            count = count.saturating_neg();
        }
        for _ in 0..count {
            let (start, end) = text(input, at)?;
            let mut key = [0; 255];
            let key = &mut key[..(end - start).min(255)];
            input.read(start, key)?;
            let (value, value_end) = text(input, end)?;
            if *key == *b"avro.codec" {
                let mut name = [0; 32];
                let name = &mut name[..(value_end - value).min(32)];
                input.read(value, name)?;
                codec = match &*name {
                    b"" | b"null" => String::new(),
                    name => String::from_utf8_lossy(name).into_owned(),
                };
            }
            if keys.len() == KEYS {
                return input.fault(at, format!("more than {KEYS} keys"));
            }
            let key = String::from_utf8_lossy(key).replace('\\', "_");
            keys.push(&format!("meta/{key}"), [(value, value_end - value)])?;
            at = value_end;
        }
    }
    Ok(Header {
        codec,
        marker: input.array(at)?,
        end: at + 16,
    })
}

/// Where the bytes at `at` begin and end, whose length comes before them.
fn text(input: &Input, at: usize) -> Result<(usize, usize), FormatError> {
    let (length, start) = number(input, at)?;
    match u64::try_from(length) {
        Ok(length) => Ok((start, input.end(start, length, input.len())?)),
        Err(_) => input.fault(at, "a negative length"),
    }
}

/// The number at `at`, of 7 bits a byte and zigzag, and where it ends.
fn number(input: &Input, at: usize) -> Result<(i64, usize), FormatError> {
    let mut value = 0_u64;
    for index in 0..10 {
        let byte = input.u8(at + index)?;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Ok((
                (value >> 1).cast_signed() ^ -((value & 1).cast_signed()),
                at + index + 1,
            ));
        }
    }
    input.fault(at, "a number of more than 10 bytes")
}
