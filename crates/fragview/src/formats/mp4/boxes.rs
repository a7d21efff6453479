//! Boxes: ISO/IEC 14496-12, 4.2.

use super::name::NAME;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;

/// A box: its type, and where it and its content lie.
#[derive(Clone, Copy)]
pub(super) struct Box {
    pub(super) kind: [u8; 4],
    pub(super) offset: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Box {
    /// The box at `offset`, which lies in what ends at `limit`.
    pub(super) fn read(
        input: &Input,
        faults: &Faults,
        offset: usize,
        limit: usize,
    ) -> Result<Self, FormatError> {
        let short = input.u32(offset)?;
        let kind = input.array(offset + 4)?;
        let (header, length) = match short {
            // To the end of what it lies in.
            0 => (8, (limit - offset) as u64),
            1 => (16, input.u64(offset + 8)?),
            _ => (8, u64::from(short)),
        };
        if length < header {
            return input.fault(offset, "a box shorter than its header");
        }
        let start = input.end(offset, header, limit)?;
        Ok(Self {
            kind,
            offset,
            start,
            end: faults.end(input, start, length - header, limit)?,
        })
    }

    /// The content of a box that begins with a version and flags; the version.
    pub(super) fn full(&self, input: &Input) -> Result<(u8, Fields<'_>), FormatError> {
        let mut fields = Fields {
            of: self,
            at: self.start,
        };
        let version = fields.take(input, 4)?;
        Ok((input.u8(version)?, fields))
    }
}

/// Fields of a box's content, in turn: none goes past the box's end.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    of: &'a Box,
    pub(super) at: usize,
}

impl Fields<'_> {
    /// Where the next `size` bytes are.
    pub(super) fn take(&mut self, input: &Input, size: u64) -> Result<usize, FormatError> {
        let start = self.at;
        self.at = input.end(start, size, self.of.end)?;
        Ok(start)
    }

    /// The next number of `size` bytes: 0 to 8.
    pub(super) fn number(&mut self, input: &Input, size: u8) -> Result<u64, FormatError> {
        let start = self.take(input, size.into())?;
        let mut number = [0; 8];
        if let Some(bytes) = number
            .len()
            .checked_sub(size.into())
            .and_then(|skip| number.get_mut(skip..))
        {
            input.read(start, bytes)?;
        }
        Ok(u64::from_be_bytes(number))
    }

    /// The next 32-bit number.
    pub(super) fn u32(&mut self, input: &Input) -> Result<u32, FormatError> {
        let start = self.take(input, 4)?;
        input.u32(start)
    }

    /// The next 16-bit number.
    pub(super) fn u16(&mut self, input: &Input) -> Result<u16, FormatError> {
        let start = self.take(input, 2)?;
        input.u16(start)
    }
}

/// Calls `each` for each box between `start` and `end`. What is wrong in one box leaves the others.
pub(super) fn for_each_box(
    input: &Input,
    faults: &Faults,
    start: usize,
    end: usize,
    mut each: impl FnMut(Box) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut at = start;
    while at < end {
        // QuickTime ends some lists with a 32-bit zero.
        if end - at == 4 && input.u32(at)? == 0 {
            break;
        }
        if end - at < 8 {
            faults.pass(FormatError::new(NAME, at, "too few bytes left for a box"))?;
            break;
        }
        let Some(inner) = faults.ok(Box::read(input, faults, at, end))? else {
            break;
        };
        at = inner.end;
        faults.ok(each(inner))?;
    }
    Ok(())
}
