//! Many texts, one after the other, in memory that grows without being copied.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;

/// Bytes of a chunk. The first one grows up to it, the others are made whole.
const CHUNK: usize = 1 << 15;
/// Bits of a text's length in each of the letters before it, and the bit that says that more follow.
const BITS: u32 = 6;
const MORE: u8 = 1 << BITS;

/// Texts, each with its length before it. None crosses from a chunk into another one: one that is longer than
/// a chunk has a chunk of its own, and empty ones after it stand for the places that it takes.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts(Vec<String>);

impl Texts {
    /// Appends a text; its place. Amortised O(bytes).
    pub(super) fn push(&mut self, text: &str) -> Result<u32, Error> {
        let short = |_| Error::OutOfMemory;
        let mut length = [0; 2 * size_of::<usize>()];
        let mut digits = 0;
        let mut rest = text.len();
        for digit in &mut length {
            *digit = rest.to_le_bytes()[0] & (MORE - 1);
            digits += 1;
            rest /= usize::from(MORE);
            if rest == 0 {
                break;
            }
            *digit |= MORE;
        }
        let bytes = text.len().checked_add(digits).ok_or(Error::OutOfMemory)?;
        let is_full = |chunk: &String| CHUNK.saturating_sub(chunk.len()) < bytes;
        if self.0.last().is_none_or(is_full) {
            // The places that a long text takes besides its own.
            let used = self
                .0
                .last()
                .map_or(0, |last| last.len().div_ceil(CHUNK).saturating_sub(1));
            self.0.try_reserve(used + 1).map_err(short)?;
            self.0.resize_with(self.0.len() + used, String::new);
            let mut chunk = String::new();
            let room = if self.0.is_empty() {
                bytes
            } else {
                bytes.max(CHUNK)
            };
            chunk.try_reserve_exact(room).map_err(short)?;
            self.0.push(chunk);
        }
        let index = self.0.len() - 1;
        let Some(chunk) = self.0.last_mut() else {
            return Err(Error::OutOfMemory);
        };
        if chunk.capacity() - chunk.len() < bytes {
            let more = bytes.max(chunk.len() / 2).min(CHUNK - chunk.len());
            chunk.try_reserve_exact(more).map_err(short)?;
        }
        let place = u32::try_from(index * CHUNK + chunk.len()).map_err(|_| Error::OutOfMemory)?;
        chunk.extend(length.iter().take(digits).map(|&digit| char::from(digit)));
        chunk.push_str(text);
        Ok(place)
    }

    /// The text at a place. O(1).
    pub(super) fn get(&self, place: u32) -> &str {
        let place = place as usize;
        let chunk = self.0.get(place / CHUNK).map_or("", String::as_str);
        let mut at = place % CHUNK;
        let mut length = 0_usize;
        for shift in (0..usize::BITS).step_by(BITS as usize) {
            let Some(&digit) = chunk.as_bytes().get(at) else {
                return "";
            };
            at += 1;
            length |= usize::from(digit & (MORE - 1)) << shift;
            if digit & MORE == 0 {
                break;
            }
        }
        chunk.get(at..at.saturating_add(length)).unwrap_or("")
    }

    /// The bytes of heap they take. O(bytes / 32 KiB).
    pub(super) fn heap_size(&self) -> usize {
        let texts: usize = self.0.iter().map(String::capacity).sum();
        texts + self.0.capacity() * size_of::<String>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_all_lengths() {
        let lengths = [
            0,
            1,
            2,
            63,
            64,
            65,
            4095,
            4096,
            CHUNK - 3,
            CHUNK - 2,
            CHUNK,
            CHUNK + 1,
            5 * CHUNK,
        ];
        let mut texts = Texts::default();
        let mut places = Vec::new();
        for round in 0..3 {
            for (index, &length) in lengths.iter().chain(lengths.iter().rev()).enumerate() {
                let letter = char::from(b'a' + u8::try_from((index + round) % 26).unwrap_or(0));
                let text: String = core::iter::repeat_n(letter, length).chain(['ä']).collect();
                places.push((texts.push(&text).unwrap(), text));
            }
        }
        for (place, text) in &places {
            assert_eq!(texts.get(*place), text);
        }
        assert_eq!(texts.get(u32::MAX), "");
    }
}
