//! Sparse files: a map of the runs that are stored, and zeros between them.

use super::header::{BLOCK, Header};
use super::name::NAME;
use crate::bytes::{Bytes, Within, array};
use crate::formats::{Container, FormatError};
use crate::geometry::Extents;

/// A sparse file that is put together: its last stream in the container.
pub(super) struct Sparse<'a> {
    pub(super) container: &'a mut Container,
    /// The runs, one after the other.
    pub(super) stored: &'a Extents,
    /// The file's size.
    pub(super) size: usize,
    /// Where its header is.
    pub(super) offset: usize,
    /// How far it is, in the file, and in the runs.
    pub(super) at: usize,
    pub(super) taken: usize,
}

impl Sparse<'_> {
    fn fault<T>(&self, what: &'static str) -> Result<T, FormatError> {
        Err(FormatError::new(NAME, self.offset, what))
    }

    /// Appends the next run.
    fn run(&mut self, offset: usize, length: usize) -> Result<(), FormatError> {
        let end = offset.checked_add(length).filter(|&end| end <= self.size);
        let (Some(end), true) = (end, offset >= self.at) else {
            return self.fault("a sparse file's map is out of order, or longer than the file");
        };
        let from = self.taken;
        let to = from.saturating_add(length).min(self.stored.byte_len());
        self.container.extend([(None, offset - self.at)])?;
        self.container.extend(self.stored.runs(from..to))?;
        (self.at, self.taken) = (end, to);
        if to - from < length {
            return self.fault("a sparse file's runs are longer than what is stored");
        }
        Ok(())
    }

    /// Appends the zeros after the last run.
    fn finish(&mut self) -> Result<(), FormatError> {
        self.container.extend([(None, self.size - self.at)])?;
        self.at = self.size;
        Ok(())
    }

    /// The map of an old GNU header, and of the blocks after it, which begin at `next`.
    pub(super) fn old(
        &mut self,
        bytes: &dyn Bytes,
        header: &Header,
        mut next: usize,
    ) -> Result<(), FormatError> {
        let mut block = Header { raw: header.raw };
        let (mut first, mut count, mut more) = (386, 4, 482);
        loop {
            for index in 0..count {
                let at = first + 24 * index;
                if block.raw[at] == 0 {
                    break;
                }
                let (Some(offset), Some(length)) = (block.size(at, 12), block.size(at + 12, 12)) else {
                    return self.fault("an invalid number in a sparse file's map");
                };
                self.run(offset, length)?;
            }
            if block.raw[more] == 0 {
                return self.finish();
            }
            let Some(raw) = array(bytes, next) else {
                return self.fault("a sparse file's map is cut off");
            };
            block = Header { raw };
            next += BLOCK;
            (first, count, more) = (0, 21, 504);
        }
    }

    /// The map of an extended header (0.0 and 0.1).
    pub(super) fn listed(&mut self, map: &str) -> Result<(), FormatError> {
        let mut numbers = map.split(',').filter(|number| !number.is_empty());
        while let Some(offset) = numbers.next() {
            let (Some(offset), Some(length)) = (
                offset.parse().ok(),
                numbers.next().and_then(|length| length.parse().ok()),
            ) else {
                return self.fault("an invalid number in a sparse file's map");
            };
            self.run(offset, length)?;
        }
        self.finish()
    }

    /// The map that stands before the runs (1.0): a count, and offsets and lengths, each in a line.
    pub(super) fn first(&mut self, bytes: &dyn Bytes) -> Result<(), FormatError> {
        let within = Within::new(bytes, self.stored);
        let mut at = 0;
        let Some(count) = line(&within, &mut at) else {
            return self.fault("an invalid number in a sparse file's map");
        };
        // The runs follow the map, from the next block on; where that is, is known after the map.
        let mut end = at;
        for _ in 0..count {
            if line(&within, &mut end).and(line(&within, &mut end)).is_none() {
                return self.fault("an invalid number in a sparse file's map");
            }
        }
        self.taken = end.next_multiple_of(BLOCK).min(self.stored.byte_len());
        for _ in 0..count {
            let offset = line(&within, &mut at).unwrap_or_default();
            let length = line(&within, &mut at).unwrap_or_default();
            self.run(offset, length)?;
        }
        self.finish()
    }
}

/// The number in the line at `at`, which moves behind it.
fn line(bytes: &dyn Bytes, at: &mut usize) -> Option<usize> {
    let mut number = 0_usize;
    for _ in 0..20 {
        let [digit] = array(bytes, *at)?;
        *at += 1;
        match digit {
            b'0'..=b'9' => number = number.checked_mul(10)?.checked_add(usize::from(digit - b'0'))?,
            b'\n' => return Some(number),
            _ => return None,
        }
    }
    None
}
