//! EBML elements: RFC 8794, 4 to 6.

use super::name::NAME;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;

/// An element: its id, and where it and its content lie.
#[derive(Clone, Copy)]
pub(super) struct Element {
    pub(super) id: u32,
    pub(super) offset: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its size is not told: it ends where what can't be in it begins.
    pub(super) is_open: bool,
}

/// A number of 1 to 8 bytes: its value, whether all of its bits are set, and where it ends.
pub(super) fn number(input: &Input, at: usize, limit: usize) -> Result<(u64, bool, usize), FormatError> {
    let first = input.u8(at)?;
    let width = first.leading_zeros() as usize + 1;
    if width > 8 {
        return input.fault(at, "a number of more than 8 bytes");
    }
    let end = input.end(at, width as u64, limit)?;
    let mut bytes = [0; 8];
    if let Some(target) = bytes.get_mut(8 - width..) {
        input.read(at, target)?;
    }
    let mask = (1_u64 << (7 * width)) - 1;
    let value = u64::from_be_bytes(bytes) & mask;
    Ok((value, value == mask, end))
}

impl Element {
    /// The element at `offset`, which lies in what ends at `limit`.
    pub(super) fn read(
        input: &Input,
        faults: &Faults,
        offset: usize,
        limit: usize,
    ) -> Result<Self, FormatError> {
        let first = input.u8(offset)?;
        let width = first.leading_zeros() as usize + 1;
        if width > 4 {
            return input.fault(offset, "no element where one must begin");
        }
        let id_end = input.end(offset, width as u64, limit)?;
        let mut bytes = [0; 4];
        if let Some(target) = bytes.get_mut(4 - width..) {
            input.read(offset, target)?;
        }
        let (size, is_open, start) = number(input, id_end, limit)?;
        Ok(Self {
            id: u32::from_be_bytes(bytes),
            offset,
            start,
            end: if is_open {
                limit
            } else {
                faults.end(input, start, size, limit)?
            },
            is_open,
        })
    }

    /// The unsigned number that is its content.
    pub(super) fn unsigned(&self, input: &Input) -> Result<u64, FormatError> {
        let length = self.end - self.start;
        let mut bytes = [0; 8];
        match 8_usize.checked_sub(length).and_then(|skip| bytes.get_mut(skip..)) {
            Some(target) => input.read(self.start, target)?,
            None => return input.fault(self.start, "a number of more than 8 bytes"),
        }
        Ok(u64::from_be_bytes(bytes))
    }

    /// Calls `each` for each element in it. An element whose size is not told is refused.
    pub(super) fn children(
        &self,
        input: &Input,
        faults: &Faults,
        mut each: impl FnMut(Self) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut at = self.start;
        while at < self.end {
            let child = Self::read(input, faults, at, self.end)?;
            if child.is_open {
                return Err(FormatError::new(NAME, at, "an element must have a size here"));
            }
            at = child.end;
            each(child)?;
        }
        Ok(())
    }
}
