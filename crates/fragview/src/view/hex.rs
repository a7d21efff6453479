//! Bytes as hexadecimal digits.

use alloc::string::String;

use super::{MemoryRef, View};
use crate::error::Error;
use crate::memory::Kind;

/// Bytes gathered at a time: they and their digits fit the first-level cache.
const BLOCK: usize = 4096;

impl<K: Kind, T, R: MemoryRef> View<K, T, R> {
    /// The items' bytes as hexadecimal digits, two a byte, in lower case. O(bytes + fragments).
    ///
    /// ```
    /// let view = fragview::FrozenView::from_slices([&b"\x00\xc0"[..], b"\xff\xee"])?;
    /// assert_eq!(view.to_hex()?, "00c0ffee");
    /// # Ok::<(), fragview::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn to_hex(&self) -> Result<String, Error> {
        let mut text = String::new();
        self.append_hex(&mut text)?;
        Ok(text)
    }

    /// As [`to_hex`](Self::to_hex), behind what is in `text`. O(bytes + fragments).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]; then `text` is as before.
    pub fn append_hex(&self, text: &mut String) -> Result<(), Error> {
        let length = self.byte_len().checked_mul(2).ok_or(Error::OutOfMemory)?;
        text.try_reserve_exact(length).map_err(|_| Error::OutOfMemory)?;
        let (mut bytes, mut digits) = ([0; BLOCK], [0; 2 * BLOCK]);
        self.in_blocks(&mut bytes, |block| {
            // Never fails: there is room for two digits a byte.
            if let Ok(digits) = const_hex::encode_to_str(block, &mut digits[..2 * block.len()]) {
                text.push_str(digits);
            }
        })
    }
}
