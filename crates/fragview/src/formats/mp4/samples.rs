//! Sample tables: ISO/IEC 14496-12, 8.7.3 to 8.7.5.

use alloc::string::String;

use super::boxes::Box;
use super::name::NAME;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;

/// The tables of a track, which stay in the file.
#[derive(Clone, Copy, Default)]
pub(super) struct Table {
    /// `stsz` or `stz2`.
    sizes: Option<Box>,
    /// `stco` or `co64`.
    chunks: Option<Box>,
    /// `stsc`.
    runs: Option<Box>,
    /// `stsd`.
    descriptions: Option<Box>,
}

impl Table {
    /// Takes a box of the sample table.
    pub(super) fn take(&mut self, part: Box) {
        match &part.kind {
            b"stsz" | b"stz2" => self.sizes = Some(part),
            b"stco" | b"co64" => self.chunks = Some(part),
            b"stsc" => self.runs = Some(part),
            b"stsd" => self.descriptions = Some(part),
            _ => {}
        }
    }

    /// The codec of the first sample description: four letters, as `avc1`.
    pub(super) fn codec(self, input: &Input) -> Result<String, FormatError> {
        let Some(part) = self.descriptions else {
            return Ok(String::new());
        };
        let (_, mut fields) = part.full(input)?;
        if fields.u32(input)? == 0 {
            return Ok(String::new());
        }
        fields.take(input, 4)?;
        let letters: [u8; 4] = input.array(fields.take(input, 4)?)?;
        Ok(String::from_utf8_lossy(&letters).trim().into())
    }

    /// Calls `each` for each sample, with the offset in the table that tells it, the sample's offset and its
    /// length. `joined`: samples of one size are given a chunk at a time.
    pub(super) fn samples(
        self,
        input: &Input,
        faults: &Faults,
        joined: bool,
        each: &mut dyn FnMut(usize, usize, u64) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let (Some(sizes), Some(chunks), Some(runs)) = (self.sizes, self.chunks, self.runs) else {
            // Nothing, if all samples are in fragments.
            return Ok(());
        };
        let sizes = Sizes::read(input, sizes)?;
        let (_, mut fields) = chunks.full(input)?;
        let count = fields.u32(input)?;
        let width: u8 = if &chunks.kind == b"co64" { 8 } else { 4 };
        let mut runs = Runs::read(input, runs)?;
        let mut sample = 0;
        for chunk in 0..count {
            if sample == sizes.count {
                return faults.pass(FormatError::new(NAME, fields.at, "a chunk without samples"));
            }
            let told = fields.at;
            let offset = fields.number(input, width)?;
            let Ok(mut at) = usize::try_from(offset) else {
                return input.fault(told, "a chunk past the end");
            };
            let mut left = runs.samples_of(input, chunk)?;
            if left > sizes.count - sample {
                faults.pass(FormatError::new(
                    NAME,
                    told,
                    "a chunk of more samples than there are",
                ))?;
                left = sizes.count - sample;
            }
            if joined && let Some(size) = sizes.one {
                each(told, at, u64::from(size) * u64::from(left))?;
                sample += left;
                continue;
            }
            for _ in 0..left {
                let size = sizes.get(input, sample)?;
                each(told, at, size.into())?;
                at = at.saturating_add(size as usize);
                sample += 1;
            }
        }
        if sample < sizes.count {
            faults.pass(FormatError::new(NAME, chunks.offset, "samples without a chunk"))?;
        }
        Ok(())
    }
}

/// The sizes of samples: 8.7.3.
struct Sizes {
    /// The size of all.
    one: Option<u32>,
    count: u32,
    /// Bits of each.
    width: u8,
    start: usize,
    /// Where the size of all stands.
    told: usize,
}

impl Sizes {
    fn read(input: &Input, part: Box) -> Result<Self, FormatError> {
        let (_, mut fields) = part.full(input)?;
        let told = fields.at;
        let first = fields.u32(input)?;
        let count = fields.u32(input)?;
        let (one, width) = match (&part.kind, first, first & 0xff) {
            (b"stsz", 0, _) => (None, 32),
            (b"stsz", size, _) => (Some(size), 0),
            (_, _, 4) => (None, 4),
            (_, _, 8) => (None, 8),
            (_, _, 16) => (None, 16),
            _ => return input.fault(told, "a sample size's width is not 4, 8 or 16 bits"),
        };
        let start = fields.take(input, (u64::from(count) * u64::from(width)).div_ceil(8))?;
        Ok(Self {
            one,
            count,
            width,
            start,
            told,
        })
    }

    /// The size of a sample. Pre: there is one of this number.
    fn get(&self, input: &Input, sample: u32) -> Result<u32, FormatError> {
        let at = |bytes: u32| self.start + sample as usize * bytes as usize;
        match self.width {
            // Read each time, so that a long loop heeds signals.
            0 => input.u32(self.told),
            4 => {
                let byte = input.u8(self.start + sample as usize / 2)?;
                Ok(u32::from(if sample.is_multiple_of(2) {
                    byte >> 4
                } else {
                    byte & 15
                }))
            }
            8 => Ok(input.u8(at(1))?.into()),
            16 => Ok(input.u16(at(2))?.into()),
            _ => input.u32(at(4)),
        }
    }
}

/// How many samples chunks have: 8.7.4, entries of a first chunk, its samples, and their description.
struct Runs {
    at: usize,
    left: u32,
    /// The first chunk of the next entry, from 0.
    next: u32,
    samples: u32,
    offset: usize,
}

impl Runs {
    fn read(input: &Input, part: Box) -> Result<Self, FormatError> {
        let (_, mut fields) = part.full(input)?;
        let left = fields.u32(input)?;
        let at = fields.take(input, u64::from(left) * 12)?;
        let mut this = Self {
            at,
            left,
            next: 0,
            samples: 0,
            offset: part.offset,
        };
        if left > 0 && this.first(input)? != 0 {
            return input.fault(at, "the first chunk has no number of samples");
        }
        Ok(this)
    }

    /// The first chunk of the entry that is next.
    fn first(&mut self, input: &Input) -> Result<u32, FormatError> {
        match input.u32(self.at)?.checked_sub(1) {
            Some(chunk) => Ok(chunk),
            None => input.fault(self.at, "a chunk number of 0"),
        }
    }

    /// The samples of a chunk: those are asked for in turn.
    fn samples_of(&mut self, input: &Input, chunk: u32) -> Result<u32, FormatError> {
        while self.left > 0 && self.next <= chunk {
            self.samples = input.u32(self.at + 4)?;
            self.at += 12;
            self.left -= 1;
            if self.left > 0 {
                let next = self.first(input)?;
                if next <= self.next {
                    return input.fault(self.at, "numbers of chunks do not ascend");
                }
                self.next = next;
            }
        }
        if self.samples == 0 {
            return input.fault(self.offset, "a chunk without samples");
        }
        Ok(self.samples)
    }
}
