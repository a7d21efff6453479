//! Data elements: PS3.5, section 7.1.

use crate::formats::FormatError;
use crate::formats::parse::input::Input;

/// A data element's header.
pub(super) struct Element {
    pub(super) tag: u32,
    /// No letters if it is implicit.
    pub(super) kind: [u8; 2],
    /// `None`: undefined, so the value ends with a delimiter.
    pub(super) length: Option<u32>,
    /// The start of the value.
    pub(super) value: usize,
}

impl Element {
    /// The element at `at`.
    pub(super) fn read(input: &Input, at: usize, implicit: bool) -> Result<Self, FormatError> {
        let tag = u32::from(input.u16(at)?) << 16 | u32::from(input.u16(at + 2)?);
        // Items and delimiters have no value representation.
        let (kind, length, value) = if implicit || tag >> 16 == 0xfffe {
            ([0; 2], input.u32(at + 4)?, at + 8)
        } else {
            let kind: [u8; 2] = input.array(at + 4)?;
            if !kind.iter().all(u8::is_ascii_uppercase) {
                return input.fault(at + 4, "no value representation");
            }
            match &kind {
                b"OB" | b"OD" | b"OF" | b"OL" | b"OV" | b"OW" | b"SQ" | b"SV" | b"UC" | b"UN" | b"UR"
                | b"UT" | b"UV" => (kind, input.u32(at + 8)?, at + 12),
                _ => (kind, u32::from(input.u16(at + 6)?), at + 8),
            }
        };
        let is_short = value - at == 8 && kind != [0; 2];
        Ok(Self {
            tag,
            kind,
            length: (length != 0xffff_ffff || is_short).then_some(length),
            value,
        })
    }

    /// The end of the value. `None` if that is undefined.
    pub(super) fn end(&self, input: &Input) -> Result<Option<usize>, FormatError> {
        self.length
            .map(|length| input.end(self.value, length, input.len()))
            .transpose()
    }
}
