//! A header block.

use alloc::string::String;

/// Bytes of a block.
pub(super) const BLOCK: usize = 512;

/// A header, whose checksum is right.
pub(super) struct Header {
    pub(super) raw: [u8; BLOCK],
}

impl Header {
    /// The header in a block, if its checksum says that it is one.
    #[allow(clippy::large_types_passed_by_value, reason = "the block is kept")]
    pub(super) fn new(raw: [u8; BLOCK]) -> Option<Self> {
        let this = Self { raw };
        let said = this.number(148, 8)?;
        // The checksum counts its own field as spaces; some writers sum signed bytes.
        let field: u64 = raw[148..156].iter().map(|&byte| u64::from(byte)).sum();
        let sum: u64 = raw.iter().map(|&byte| u64::from(byte)).sum();
        let high = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte >= 0x80).count() as u64 * 256;
        let unsigned = sum - field + 8 * 32;
        let signed = unsigned
            .wrapping_sub(high(&raw))
            .wrapping_add(high(&raw[148..156]));
        (said == unsigned || said == signed).then_some(this)
    }

    /// The number in a field: octal, or binary if the first bit is set (GNU).
    pub(super) fn number(&self, at: usize, length: usize) -> Option<u64> {
        let field = self.raw.get(at..at + length)?;
        if let [0x80, rest @ ..] = field {
            return rest.iter().try_fold(0_u64, |number, &byte| {
                (number >> 56 == 0).then_some(number << 8 | u64::from(byte))
            });
        }
        let mut number = 0_u64;
        let mut digits = field.iter().skip_while(|&&byte| byte == b' ');
        for &digit in digits.by_ref() {
            match digit {
                b'0'..=b'7' => number = number.checked_mul(8)? + u64::from(digit - b'0'),
                b' ' | 0 => break,
                _ => return None,
            }
        }
        Some(number)
    }

    /// The same as a length or an offset.
    pub(super) fn size(&self, at: usize, length: usize) -> Option<usize> {
        usize::try_from(self.number(at, length)?)
            .ok()
            .filter(|&size| isize::try_from(size).is_ok())
    }

    pub(super) const fn kind(&self) -> u8 {
        self.raw[156]
    }

    /// The member's bytes in the archive.
    pub(super) fn stored(&self) -> Option<usize> {
        self.size(124, 12)
    }

    /// The member's path, by this header alone.
    pub(super) fn path(&self) -> String {
        let name = text(&self.raw[..100]);
        let prefix = text(&self.raw[345..500]);
        // Old GNU headers have other things in the prefix's place.
        if &self.raw[257..263] == b"ustar\0" && !prefix.is_empty() {
            prefix + "/" + &name
        } else {
            name
        }
    }
}

/// The text up to the first NUL.
pub(super) fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}
