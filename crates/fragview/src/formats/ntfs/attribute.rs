//! A record's attributes, and the runs of one that is not resident.

use alloc::string::String;

use super::name::NAME;
use super::record::Record;
use crate::formats::FormatError;

pub(super) const ATTRIBUTE_LIST: u32 = 0x20;
pub(super) const FILE_NAME: u32 = 0x30;
pub(super) const DATA: u32 = 0x80;

/// Where an attribute is in its record.
#[derive(Clone, Copy)]
pub(super) struct Attribute {
    pub(super) at: usize,
    length: usize,
}

/// The attribute at `at` of a record, if there is another one.
pub(super) fn attribute(record: &Record, at: usize) -> Result<Option<Attribute>, FormatError> {
    if at + 4 > record.raw.len() || record.u32(at) == u32::MAX {
        return Ok(None);
    }
    let length = record.u32(at + 4) as usize;
    if length < 24 || length > record.raw.len() - at {
        return Err(FormatError::new(
            NAME,
            record.place(at),
            "an attribute does not fit in its record",
        ));
    }
    Ok(Some(Attribute { at, length }))
}

/// A record's attributes in order.
pub(super) fn attributes(
    record: &Record,
    each: &mut dyn FnMut(Attribute) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut at = usize::from(record.u16(20));
    while let Some(attribute) = attribute(record, at)? {
        each(attribute)?;
        at += attribute.length;
    }
    Ok(())
}

impl Attribute {
    pub(super) fn kind(self, record: &Record) -> u32 {
        record.u32(self.at)
    }

    pub(super) fn id(self, record: &Record) -> u16 {
        record.u16(self.at + 14)
    }

    pub(super) fn flags(self, record: &Record) -> u16 {
        record.u16(self.at + 12)
    }

    pub(super) fn is_resident(self, record: &Record) -> bool {
        record.raw.get(self.at + 8) == Some(&0)
    }

    pub(super) fn name(self, record: &Record) -> String {
        let length = usize::from(record.raw.get(self.at + 9).copied().unwrap_or_default());
        let start = self.at + usize::from(record.u16(self.at + 10));
        utf16(record.raw.get(start..start + length * 2).unwrap_or(&[]))
    }

    /// The range of the record that a resident attribute's value is.
    pub(super) fn value(self, record: &Record) -> Result<(usize, usize), FormatError> {
        let length = record.u32(self.at + 16) as usize;
        let skip = usize::from(record.u16(self.at + 20));
        if skip.checked_add(length).is_none_or(|end| end > self.length) {
            return Err(FormatError::new(
                NAME,
                record.place(self.at),
                "a value does not fit in its attribute",
            ));
        }
        Ok((self.at + skip, self.at + skip + length))
    }

    /// Gives the runs of an attribute that is not resident: the first cluster, `None` if it is sparse, and
    /// their number.
    pub(super) fn runs(
        self,
        record: &Record,
        each: &mut dyn FnMut(Option<u64>, u64) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let fault = || FormatError::new(NAME, record.place(self.at), "an invalid data run");
        let end = self.at + self.length;
        let mut at = self.at + usize::from(record.u16(self.at + 32));
        let mut cluster = 0_i64;
        while at < end {
            let head = record.raw[at];
            if head == 0 {
                return Ok(());
            }
            let (size, width) = (usize::from(head & 15), usize::from(head >> 4));
            let next = at + 1 + size + width;
            if size == 0 || size > 8 || width > 8 || next > end {
                return Err(fault());
            }
            let count = signed(&record.raw[at + 1..at + 1 + size]);
            let delta = signed(&record.raw[at + 1 + size..next]);
            at = next;
            let count = u64::try_from(count)
                .ok()
                .filter(|&count| count > 0)
                .ok_or_else(fault)?;
            if width == 0 {
                each(None, count)?;
            } else {
                cluster = cluster.checked_add(delta).ok_or_else(fault)?;
                each(Some(u64::try_from(cluster).map_err(|_| fault())?), count)?;
            }
        }
        Ok(())
    }
}

/// A little-endian number with a sign.
fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.last().is_some_and(|&last| last >= 0x80);
    let mut number = if negative { [0xff; 8] } else { [0; 8] };
    for (target, &byte) in number.iter_mut().zip(bytes) {
        *target = byte;
    }
    i64::from_le_bytes(number)
}

/// The text of UTF-16 units.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    char::decode_utf16(units.iter().map(|&unit| u16::from_le_bytes(unit)))
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}
