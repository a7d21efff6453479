//! Numbers of variable width (LEB128), in memory that grows without being copied.

use alloc::vec::Vec;

/// Bytes of a chunk. The first one grows up to it, the others are made whole.
const CHUNK: usize = 1 << 15;
/// The most bytes, of 7 bits each, of a number of 128 bits.
const MAX_NUMBER: usize = 19;

/// A list of numbers, 7 bits of each in a byte, the lowest first; the highest bit says that more follow
/// (LEB128).
#[derive(Clone, Debug, Default)]
pub(super) struct Tokens {
    /// All but the last one are full.
    chunks: Vec<Vec<u8>>,
}

/// A place between two numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor(usize);

impl Tokens {
    pub(super) const fn new() -> Self {
        Self { chunks: Vec::new() }
    }

    /// The bytes of all numbers. O(1).
    pub(super) fn len(&self) -> usize {
        match &*self.chunks {
            [] => 0,
            [full @ .., last] => full.len() * CHUNK + last.len(),
        }
    }

    /// Appends a number, and another one if there is one. `None`, with nothing appended, if memory is
    /// short.
    #[inline]
    pub(super) fn push(&mut self, number: u128, other: Option<u128>) -> Option<()> {
        let mut bytes = [0; 2 * MAX_NUMBER];
        let mut length = 0;
        for mut number in [Some(number), other].into_iter().flatten() {
            while number >= 0x80 {
                bytes[length] = (number & 0x7f) as u8 | 0x80;
                number >>= 7;
                length += 1;
            }
            bytes[length] = (number & 0x7f) as u8;
            length += 1;
        }
        let bytes = &bytes[..length];
        match self.chunks.last_mut() {
            Some(last) if last.capacity() - last.len() >= length && CHUNK - last.len() >= length => {
                last.extend_from_slice(bytes);
                Some(())
            }
            _ => self.push_with_room(bytes),
        }
    }

    /// Appends bytes for which the last chunk has no room.
    #[cold]
    fn push_with_room(&mut self, bytes: &[u8]) -> Option<()> {
        self.chunks.try_reserve(1).ok()?;
        if self.chunks.is_empty() {
            self.chunks.push(Vec::new());
        }
        let is_first = self.chunks.len() == 1;
        let last = self.chunks.last_mut()?;
        let fits = bytes.len().min(CHUNK - last.len());
        if last.capacity() - last.len() < fits {
            let more = if is_first { last.len().max(64) } else { CHUNK };
            last.try_reserve_exact(more.min(CHUNK - last.len())).ok()?;
        }
        let (now, later) = bytes.split_at(fits);
        if later.is_empty() {
            last.extend_from_slice(now);
            return Some(());
        }
        let mut next = Vec::new();
        next.try_reserve_exact(CHUNK).ok()?;
        next.extend_from_slice(later);
        if let Some(last) = self.chunks.last_mut() {
            last.extend_from_slice(now);
        }
        self.chunks.push(next);
        Some(())
    }

    /// The number at the cursor, which moves past it; `None` at the end. O(1).
    #[inline]
    pub(super) fn next(&self, cursor: &mut Cursor) -> Option<u128> {
        let mut value = 0;
        for shift in (0..128).step_by(7) {
            let byte = *self.chunks.get(cursor.0 / CHUNK)?.get(cursor.0 % CHUNK)?;
            cursor.0 += 1;
            value |= u128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        Some(value)
    }

    /// The place at byte `at`, where a number must begin.
    pub(super) const fn cursor(at: usize) -> Cursor {
        Cursor(at)
    }

    /// Keeps the first of the bytes from `at` on if they are `count` times the same; returns whether they
    /// are.
    pub(super) fn keep_one_of(&mut self, at: usize, count: usize) -> bool {
        let length = self.len() - at;
        let one = length / count;
        if !length.is_multiple_of(count) {
            return false;
        }
        let byte = |index: usize| self.chunks.get(index / CHUNK)?.get(index % CHUNK);
        if (at + one..at + length).any(|index| byte(index) != byte(index - one)) {
            return false;
        }
        let end = at + one;
        self.chunks.truncate(end.div_ceil(CHUNK));
        if let Some(last) = self.chunks.last_mut() {
            last.truncate(end - (end.div_ceil(CHUNK) - 1) * CHUNK);
        }
        true
    }

    /// The bytes of heap they take. O(1).
    pub(super) fn heap_size(&self) -> usize {
        let last = self.chunks.last().map_or(0, Vec::capacity);
        let full = self.chunks.len().saturating_sub(1) * CHUNK;
        self.chunks.capacity() * size_of::<Vec<u8>>() + full + last
    }
}
