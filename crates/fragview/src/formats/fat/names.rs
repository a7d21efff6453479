//! Names of 8 and 3 letters, and long ones.

use alloc::string::String;
use alloc::vec::Vec;

use crate::formats::parse::cp437::letter;

/// The short name of an entry.
pub(super) fn short(raw: &[u8; 32]) -> String {
    // The flags of Windows NT: the base, or the extension, is in lower case.
    let part = |bytes: &[u8], is_lower: bool| -> String {
        let end = bytes
            .iter()
            .rposition(|&byte| byte != b' ')
            .map_or(0, |last| last + 1);
        let letters = bytes[..end].iter().map(|&byte| letter(byte));
        letters
            .map(|letter| {
                if is_lower {
                    letter.to_ascii_lowercase()
                } else {
                    letter
                }
            })
            .collect()
    };
    let mut base = [0; 8];
    base.copy_from_slice(&raw[..8]);
    // A first byte of 0xE5 would say that the entry is deleted.
    if base[0] == 0x05 {
        base[0] = 0xe5;
    }
    let mut name = part(&base, raw[12] & 0x08 != 0);
    let extension = part(&raw[8..11], raw[12] & 0x10 != 0);
    if !extension.is_empty() {
        name.push('.');
        name.push_str(&extension);
    }
    name
}

/// A long name, whose parts come in entries before the short one, the last part first.
#[derive(Default)]
pub(super) struct LongName {
    /// The parts that came, in their order.
    parts: Vec<[u16; 13]>,
    /// The number of the part that came last, and the checksum of the short name.
    last: u8,
    sum: u8,
}

impl LongName {
    pub(super) fn clear(&mut self) {
        self.parts.clear();
        self.last = 0;
    }

    /// Takes a part.
    pub(super) fn take(&mut self, raw: &[u8; 32]) {
        let number = raw[0] & 0x1f;
        if raw[0] & 0x40 != 0 {
            self.clear();
            self.sum = raw[13];
        } else if number + 1 != self.last || raw[13] != self.sum {
            self.clear();
            return;
        }
        self.last = number;
        let mut part = [0; 13];
        let places = (1..11).step_by(2).chain((14..26).step_by(2)).chain([28, 30]);
        for (unit, at) in part.iter_mut().zip(places) {
            *unit = u16::from_le_bytes([raw[at], raw[at + 1]]);
        }
        self.parts.push(part);
    }

    /// The name, if all parts came that belong to this short name.
    pub(super) fn finish(&mut self, raw: &[u8; 32]) -> Option<String> {
        let sum = raw[..11]
            .iter()
            .fold(0_u8, |sum, &byte| sum.rotate_right(1).wrapping_add(byte));
        let name = (self.last == 1 && self.sum == sum).then(|| {
            let units = self.parts.iter().rev().flatten().copied();
            utf16(units.take_while(|&unit| unit != 0))
        });
        self.clear();
        name.filter(|name| !name.is_empty())
    }
}

/// The text of UTF-16 units.
pub(super) fn utf16(units: impl IntoIterator<Item = u16>) -> String {
    char::decode_utf16(units)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}
