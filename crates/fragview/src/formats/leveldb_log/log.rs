//! Physical records: fragments of logical records, in blocks of 32 KiB.

use crate::Bytes;
use crate::formats::FormatError;
use crate::formats::parse::checksum::{CRC32C, Sum};
use crate::formats::parse::input::Input;

pub(crate) const NAME: &str = "leveldb_log";

const BLOCK: usize = 32 * 1024;
/// Checksum, length, type.
const HEADER: usize = 7;
/// As above, and the number of the log.
const RECYCLABLE_HEADER: usize = 11;

/// Which part of a logical record a physical one is.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Full,
    First,
    Middle,
    Last,
    /// None: it is about the log itself.
    Aside,
    /// None: memory that was never written, up to the block's end.
    Zeros,
}

/// A physical record.
pub(super) struct Piece {
    pub(super) offset: usize,
    pub(super) part: Part,
    /// The place of its content.
    pub(super) start: usize,
    pub(super) length: usize,
}

/// Whether a log's memory was used before, by the first record of it.
#[derive(Clone, Copy)]
enum Kind {
    Open,
    Plain,
    /// It was, and this log has this number.
    Recycled(u32),
}

/// The physical records of a log, in order.
pub(super) struct Log<'a> {
    pub(super) input: Input<'a>,
    pub(super) at: usize,
    /// Where a last record begins that is not all there.
    pub(super) torn: Option<usize>,
    kind: Kind,
}

impl<'a> Log<'a> {
    pub(super) fn new(bytes: &'a dyn Bytes) -> Self {
        Self {
            input: Input::little(bytes, NAME),
            at: 0,
            torn: None,
            kind: Kind::Open,
        }
    }

    /// Goes on with the next block, as readers do after a damaged record.
    pub(super) fn skip_block(&mut self) {
        self.at = self.at - self.at % BLOCK + BLOCK;
    }

    /// The next physical record; `None` at the log's end, which may be within a record.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, FormatError> {
        let input = self.input;
        let mut block_end = self.at - self.at % BLOCK + BLOCK;
        if block_end - self.at < HEADER {
            self.at = block_end;
            block_end += BLOCK;
        }
        let offset = self.at;
        let left = input.len().saturating_sub(offset);
        let mut header = [0; RECYCLABLE_HEADER];
        input.read(
            offset.min(input.len()),
            &mut header[..left.min(RECYCLABLE_HEADER)],
        )?;
        // Fewer zeros than a header, up to the end, are reserved memory too.
        if header[..HEADER] == [0; HEADER] {
            self.at = block_end.min(input.len());
            return Ok((left > 0).then_some(Piece {
                offset,
                part: Part::Zeros,
                start: offset,
                length: 0,
            }));
        }
        let [.., low, high, kind, _, _, _, _] = header;
        let recyclable = matches!(kind, 5..=8 | 11 | 131);
        if let Kind::Recycled(number) = self.kind
            && !(recyclable && left >= RECYCLABLE_HEADER && number_of(&header) == number)
        {
            // The rest of an older log.
            return Ok(None);
        }
        let header_size = if recyclable { RECYCLABLE_HEADER } else { HEADER };
        if left < header_size {
            self.torn = (left > 0).then_some(offset);
            return Ok(None);
        }
        let length = usize::from(u16::from_le_bytes([low, high]));
        // As LevelDB's reader has it: in the last block, a record that is longer than what is left is a torn
        // tail, whatever its type.
        if block_end > input.len() && header_size + length > left {
            self.torn = Some(offset);
            return Ok(None);
        }
        let part = match kind {
            1 | 5 => Part::Full,
            2 | 6 => Part::First,
            3 | 7 => Part::Middle,
            4 | 8 => Part::Last,
            9 => return input.fault(offset, "a compressed log; a view can't show it"),
            // Timestamp sizes; a reader may skip records of an unknown type with the highest bit set.
            10 | 11 | 128.. => Part::Aside,
            _ => return input.fault(offset, "a type of record that is not known"),
        };
        if recyclable || matches!(kind, 1..=4) {
            match self.kind {
                Kind::Open if recyclable => self.kind = Kind::Recycled(number_of(&header)),
                Kind::Open => self.kind = Kind::Plain,
                Kind::Plain if recyclable => {
                    return input.fault(offset, "a recyclable record in a log that is not recycled");
                }
                Kind::Plain | Kind::Recycled(_) => {}
            }
        }
        let start = offset + header_size;
        if start + length > block_end {
            return input.fault(offset, "the record goes past its block");
        }
        self.at = input.end(start, length as u64, usize::MAX)?;
        Ok(Some(Piece {
            offset,
            part,
            start,
            length,
        }))
    }

    /// Checks a physical record's checksum, which covers all from the type on.
    pub(super) fn check(&self, piece: &Piece) -> Result<(), FormatError> {
        if matches!(piece.part, Part::Zeros) {
            return Ok(());
        }
        let covered = piece.offset + HEADER - 1;
        let sum = Sum::new(self.input, &CRC32C).range(covered, piece.start + piece.length - covered)?;
        if sum.masked() != self.input.u32(piece.offset)? {
            return self.input.fault(piece.offset, "the checksum is wrong");
        }
        Ok(())
    }
}

/// The number of the log in a recyclable record's header.
const fn number_of(header: &[u8; RECYCLABLE_HEADER]) -> u32 {
    let [.., a, b, c, d] = *header;
    u32::from_le_bytes([a, b, c, d])
}
