//! Thrift's compact protocol, as far as metadata needs it: `thrift-compact-protocol.md`.

use super::name::NAME;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;

/// How deep what is passed over may be nested.
const LEVELS: usize = 32;

/// The types of values.
pub(super) const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 7;
pub(super) const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
pub(super) const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// Values in turn, from `at` on: none goes past `end`.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) input: Input<'a>,
    pub(super) at: usize,
    pub(super) end: usize,
}

impl Reader<'_> {
    /// The error that says that this is wrong here.
    pub(super) fn fault<T>(&self, what: &'static str) -> Result<T, FormatError> {
        Err(FormatError::new(NAME, self.at, what))
    }

    fn byte(&mut self) -> Result<u8, FormatError> {
        let at = self.at;
        self.at = self.input.end(at, 1_u64, self.end)?;
        self.input.u8(at)
    }

    /// A number of 7 bits a byte.
    pub(super) fn varint(&mut self) -> Result<u64, FormatError> {
        let mut value = 0;
        for index in 0..10 {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        self.fault("a number of more than 10 bytes")
    }

    /// A number with a sign.
    pub(super) fn number(&mut self) -> Result<i64, FormatError> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    /// A number that may not be negative.
    pub(super) fn natural(&mut self) -> Result<u64, FormatError> {
        match u64::try_from(self.number()?) {
            Ok(value) => Ok(value),
            Err(_) => self.fault("a negative number"),
        }
    }

    /// Where a binary value begins and ends.
    pub(super) fn binary(&mut self) -> Result<(usize, usize), FormatError> {
        let length = self.varint()?;
        let start = self.at;
        self.at = self.input.end(start, length, self.end)?;
        Ok((start, self.at))
    }

    /// The head of a list: how many elements, and their type.
    pub(super) fn list(&mut self) -> Result<(u64, u8), FormatError> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 {
            self.varint()?
        } else {
            u64::from(head >> 4)
        };
        Ok((count, head & 15))
    }

    /// The next field of a struct, after the field `last`: its number and its type; `None` at the end.
    pub(super) fn field(&mut self, last: &mut i64) -> Result<Option<(i64, u8)>, FormatError> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        *last = match head >> 4 {
            0 => self.number()?,
            more => last.saturating_add(more.into()),
        };
        Ok(Some((*last, head & 15)))
    }

    /// Calls `each` for each field of a struct, which reads its value, or says that it did not.
    pub(super) fn fields(
        &mut self,
        mut each: impl FnMut(&mut Self, i64, u8) -> Result<bool, FormatError>,
    ) -> Result<(), FormatError> {
        let mut last = 0;
        while let Some((number, kind)) = self.field(&mut last)? {
            if !each(self, number, kind)? {
                self.skip(kind)?;
            }
        }
        Ok(())
    }

    /// Passes over a value of this type.
    pub(super) fn skip(&mut self, kind: u8) -> Result<(), FormatError> {
        /// What is being passed over: elements of a list, pairs of a map, or a struct's fields.
        #[derive(Clone, Copy)]
        enum Level {
            List(u64, u8),
            Map(u64, [u8; 2]),
            Struct,
        }
        let mut levels = [Level::Struct; LEVELS];
        let mut depth = 0;
        let mut next = Some(kind);
        loop {
            let entered = match next {
                None | Some(TRUE | FALSE) => None,
                Some(BYTE) => self.byte().map(|_| None)?,
                Some(4..=6) => self.varint().map(|_| None)?,
                Some(DOUBLE) => {
                    self.at = self.input.end(self.at, 8_u64, self.end)?;
                    None
                }
                Some(BINARY) => self.binary().map(|_| None)?,
                Some(LIST | SET) => {
                    let (count, kind) = self.list()?;
                    Some(Level::List(count, kind))
                }
                Some(MAP) => {
                    let count = self.varint()?;
                    let kinds = if count == 0 { 0 } else { self.byte()? };
                    Some(Level::Map(count.saturating_mul(2), [kinds >> 4, kinds & 15]))
                }
                Some(STRUCT) => Some(Level::Struct),
                Some(UUID) => {
                    self.at = self.input.end(self.at, 16_u64, self.end)?;
                    None
                }
                Some(_) => return self.fault("a type that is not known"),
            };
            if let Some(level) = entered {
                match levels.get_mut(depth) {
                    Some(slot) => *slot = level,
                    None => return self.fault("values nested too deep"),
                }
                depth += 1;
            }
            let Some(level) = depth.checked_sub(1).and_then(|top| levels.get_mut(top)) else {
                return Ok(());
            };
            next = match level {
                // In a list a truth value takes a byte.
                Level::List(count, kind) if *count > 0 => {
                    *count -= 1;
                    Some(if matches!(*kind, TRUE | FALSE) {
                        BYTE
                    } else {
                        *kind
                    })
                }
                Level::Map(count, kinds) if *count > 0 => {
                    *count -= 1;
                    let kind = kinds[usize::from(count.is_multiple_of(2))];
                    Some(if matches!(kind, TRUE | FALSE) { BYTE } else { kind })
                }
                Level::Struct => {
                    let mut last = 0;
                    self.field(&mut last)?.map(|(_, kind)| kind)
                }
                _ => None,
            };
            if next.is_none() {
                depth -= 1;
                if depth == 0 {
                    return Ok(());
                }
            }
        }
    }
}
