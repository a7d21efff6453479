//! BGZF, the blocked gzip of BAM and tabix: SAM/BAM specification (samtools, 2024), 4.1, on gzip (RFC 1952)
//! and deflate (RFC 1951, 3.2.4 for stored blocks).
//!
//! | stream | |
//! | --- | --- |
//! | `block[0]`… | the data of a block that is stored: what it decompresses to |
//! | `block[1].deflate`… | the deflate stream of a block that is compressed |
//! | `decompressed` | the data of all blocks, if all are stored |
//!
//! Both are numbered together, by their place in the file. An empty block, such as the mark of the end, is
//! stored. `verify` checks the CRC of stored blocks.
//!
//! Refused: bytes that are not a block, a block that is cut off, data of a length other than the block says.
//! A lenient reading goes on at the next block, and takes a stored one that is cut off as far as it goes.

use super::parse::checksum::{GZIP, Sum};
use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::geometry::Extents;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "bgzf";

/// True if the file begins with a gzip member that says how long it is.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    matches!(array(bytes, 0), Some([0x1f, 0x8b, 8, flags]) if flags & 4 != 0)
        && Block::read(Input::little(bytes, NAME), 0).is_ok()
}

/// The blocks of a BGZF file. O(blocks); reads their headers and those of stored deflate blocks.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, bgzf};
/// let mut file = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x21\0".to_vec();
/// file.extend(b"\x01\x03\0\xfc\xffabcCRC!\x03\0\0\0");
/// let container = bgzf::open(&file, Options::default())?;
/// let names: Vec<_> = container.names().collect();
/// assert_eq!(names, ["block[0]", "decompressed"]);
/// assert_eq!(container.extents(1), Some([(23, 3)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    let faults = Faults::new(options);
    if input.array(0)? != [0x1f, 0x8b] {
        return input.fault(0, "no gzip signature");
    }
    let mut container = Container::new(NAME);
    let stored = container.family("block[{}]")?;
    let deflated = container.family("block[{}].deflate")?;
    container.codec_of(deflated, "deflate")?;
    let (mut at, mut number, mut all_stored) = (0, 0, true);
    while at < input.len() {
        let block = match Block::read(input, at) {
            Ok(block) => block,
            Err(error) => {
                faults.pass(error)?;
                all_stored = false;
                match next_block(input, at + 1)? {
                    Some(next) => at = next,
                    None => break,
                }
                continue;
            }
        };
        if let Some(Some(data)) = faults.ok(block.stored(input))? {
            container.push_numbered(stored, number, &data)?;
        } else {
            all_stored = false;
            container.push_numbered(deflated, number, [(block.start, block.end - block.start)])?;
        }
        number += 1;
        at = block.end + 8;
    }
    if all_stored {
        container.push_joined("decompressed", stored)?;
    }
    faults.give(&mut container);
    Ok(container)
}

/// Checks the CRC of each stored block. O(bytes).
///
/// # Errors
///
/// The first CRC that is wrong.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    let input = Input::little(bytes, NAME);
    let mut at = 0;
    while at < input.len() {
        let block = Block::read(input, at)?;
        if let Some(data) = block.stored(input)? {
            let mut sum = Sum::new(input, &GZIP);
            for extent in &data {
                sum = sum.range(extent.offset.unwrap_or(0), extent.length)?;
            }
            if sum.value() != input.u32(block.end)? {
                return input.fault(block.end, "the CRC of a block is wrong");
            }
        }
        at = block.end + 8;
    }
    Ok(())
}

/// Where the next block begins, from `at` on. O(bytes).
fn next_block(input: Input, mut at: usize) -> Result<Option<usize>, FormatError> {
    while let Some(found) = input.find(&[0x1f, 0x8b, 8, 4], at..input.len())? {
        if Block::read(input, found).is_ok() {
            return Ok(Some(found));
        }
        at = found + 1;
    }
    Ok(None)
}

/// A block: where its deflate stream lies, and how long its data is.
struct Block {
    start: usize,
    end: usize,
    length: u32,
}

impl Block {
    /// The block at `at`.
    fn read(input: Input, at: usize) -> Result<Self, FormatError> {
        let [one, two, method, flags] = input.array(at)?;
        if [one, two, method] != [0x1f, 0x8b, 8] || flags != 4 {
            return input.fault(at, "no block where one must begin");
        }
        let mut field = at + 12;
        let start = input.end(field, input.u16(at + 10)?, input.len())?;
        let mut size = None;
        while field < start {
            let kind = input.array(field)?;
            let length = input.u16(field + 2)?;
            let end = input.end(field + 4, length, start)?;
            if kind == *b"BC" && length == 2 {
                size = Some(usize::from(input.u16(field + 4)?) + 1);
            }
            field = end;
        }
        let Some(size) = size else {
            return input.fault(at + 10, "a gzip member that does not say how long it is");
        };
        let end = input.end(at, size as u64, input.len())?;
        match end.checked_sub(8) {
            Some(end) if end >= start => Ok(Self {
                start,
                end,
                length: input.u32(end + 4)?,
            }),
            _ => input.fault(at, "a block shorter than its header"),
        }
    }

    /// The block's data, if it is stored.
    fn stored(&self, input: Input) -> Result<Option<Extents>, FormatError> {
        let mut data = Extents::new();
        let mut length = 0;
        let mut at = self.start;
        let mut is_last = self.length == 0;
        while !is_last {
            input.end(at, 1_u64, self.end)?;
            let head = input.u8(at)?;
            // Two bits tell a stored block from one with codes, and the rest of the byte is padding.
            if head & 6 != 0 {
                return Ok(None);
            }
            input.end(at, 5_u64, self.end)?;
            let size = input.u16(at + 1)?;
            if size != !input.u16(at + 3)? {
                return input.fault(at + 1, "the length of a stored block is wrong");
            }
            let end = input.end(at + 5, size, self.end)?;
            data.try_push(Some(at + 5), size.into())?;
            length += u64::from(size);
            at = end;
            is_last = head & 1 != 0;
            if is_last && at != self.end {
                return input.fault(at, "bytes behind the last stored block");
            }
        }
        if length != u64::from(self.length) {
            return input.fault(self.end + 4, "data of a length other than the block says");
        }
        Ok(Some(data))
    }
}
