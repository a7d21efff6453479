//! Strips and tiles: where each lies, and how long it is.

use alloc::format;

use super::reading::{Entry, NAME, Reading, SIZES, Table};
use crate::formats::FormatError;
use crate::geometry::Extent;

/// What a directory says of its image's size, for strips and tiles whose lengths are missing.
pub(super) struct Image {
    /// Where its directory lies.
    directory: usize,
    sizes: [Option<u64>; SIZES.len()],
}

impl Image {
    /// The image of the directory at `directory`.
    pub(super) fn new(reading: &Reading<'_>, directory: usize, entries: &[Entry]) -> Self {
        let value = |tag| {
            let entry = entries.iter().find(|entry| entry.tag == tag);
            entry.and_then(|entry| reading.first_value(entry))
        };
        Self {
            directory,
            sizes: SIZES.map(value),
        }
    }

    /// How strips and tiles are compressed; nothing where they are not.
    const fn codec(&self) -> &'static str {
        match self.sizes[3] {
            None | Some(1) => "",
            Some(2) => "ccitt_rle",
            Some(3) => "ccitt_t4",
            Some(4) => "ccitt_t6",
            Some(5) => "lzw",
            Some(6 | 7) => "jpeg",
            Some(8 | 32946) => "zlib",
            Some(32773) => "packbits",
            Some(34712 | 33003 | 33005) => "jpeg2000",
            Some(34887) => "lerc",
            Some(34925) => "lzma",
            Some(50000) => "zstd",
            Some(50001) => "webp",
            Some(50002 | 52546) => "jpegxl",
            Some(_) => "unknown",
        }
    }

    /// The bytes of strip or tile `index`, if nothing is compressed.
    fn length(&self, kind: &str, index: usize) -> Option<u64> {
        let [
            width,
            length,
            bits,
            compression,
            samples,
            rows,
            planes,
            tile_width,
            tile_length,
        ] = self.sizes;
        if !matches!(compression, None | Some(1)) {
            return None;
        }
        let samples = if planes == Some(2) {
            1
        } else {
            samples.unwrap_or(1)
        };
        let bits = bits.unwrap_or(1).checked_mul(samples)?;
        let (width, rows) = if kind == "tile" {
            (tile_width?, tile_length?)
        } else {
            let length = length?;
            let rows = rows.unwrap_or(length).clamp(1, length.max(1));
            let strips = length.div_ceil(rows).max(1);
            let before = (index as u64 % strips).checked_mul(rows)?;
            (width?, rows.min(length.saturating_sub(before)))
        };
        width.checked_mul(bits)?.div_ceil(8).checked_mul(rows)
    }
}

impl Reading<'_> {
    /// Adds the streams of the parts that `offsets` and `lengths` name.
    pub(super) fn segments(
        &mut self,
        name: &str,
        page: Option<usize>,
        kind: &str,
        image: &Image,
        offsets: Option<Entry>,
        lengths: Option<Entry>,
    ) -> Result<(), FormatError> {
        let start = image.directory;
        let wrong = |what: &str| FormatError::new(NAME, start, format!("{kind}s {what}"));
        let offsets = match (offsets, lengths) {
            (None, None) => return Ok(()),
            (None, Some(_)) => return Err(wrong("without offsets or lengths")),
            (Some(offsets), Some(_)) => offsets,
            (Some(offsets), None) => {
                self.faults.pass(wrong("without offsets or lengths"))?;
                offsets
            }
        };
        if lengths.is_some_and(|lengths| lengths.count != offsets.count) {
            self.faults
                .pass(wrong("whose numbers of offsets and of lengths differ"))?;
        }
        let offset_values = self.table(&offsets)?;
        let length_values = match lengths {
            Some(lengths) => {
                let table = self.table(&lengths);
                self.faults.ok(table)?
            }
            None => None,
        };
        match page {
            // A page may have no parts; then it is not a stream.
            Some(page) => self
                .container
                .push_numbered(self.pages, page, [] as [Extent; 0])?,
            None => self.container.push(name, [] as [Extent; 0])?,
        }
        // The stream that holds another format's file has its own name.
        let codec = if kind == "part" { "" } else { image.codec() };
        self.container.codec_last(codec)?;
        let parts = offset_values.count;
        let mut is_missing = true;
        for index in 0..length_values.map_or(0, |lengths| lengths.count) {
            if self.entry_of(length_values.unwrap_or(offset_values), index)? != 0 {
                is_missing = false;
                break;
            }
        }
        let length_values = length_values.filter(|_| !is_missing);
        let family = if parts > 1 {
            let family = self.container.family(&format!("{name}.{kind}{{}}"))?;
            self.container.join_last(family)?;
            self.container.codec_of(family, codec)?;
            Some(family)
        } else {
            None
        };
        for index in 0..parts {
            let range = self.segment(kind, image, offset_values, length_values, index)?;
            match family {
                Some(family) => self.container.push_in(family, [range])?,
                None => self.container.extend([range])?,
            }
        }
        Ok(())
    }

    /// Where part `index` lies, and its length.
    fn segment(
        &self,
        kind: &str,
        image: &Image,
        offsets: Table,
        lengths: Option<Table>,
        index: usize,
    ) -> Result<(usize, usize), FormatError> {
        let offset = self.entry_of(offsets, index)?;
        let given = match lengths.filter(|lengths| index < lengths.count) {
            Some(lengths) => Some(self.entry_of(lengths, index)?),
            None => None,
        };
        let at = offsets.start + index * offsets.width;
        let past = || FormatError::new(NAME, at, format!("a {kind} goes past the end"));
        let length = match given {
            // A part of no bytes may be anywhere, and a sparse one is nowhere.
            None if offset == 0 => return Ok((0, 0)),
            Some(0) => return Ok((0, 0)),
            Some(length) => length,
            None => {
                let what = format!("a {kind} without a length");
                self.faults.pass(FormatError::new(NAME, at, what))?;
                let next = if index + 1 < offsets.count {
                    self.entry_of(offsets, index + 1)?
                } else {
                    image.directory as u64
                };
                let end = if next > offset {
                    next
                } else {
                    self.input.len() as u64
                };
                let longest = end.saturating_sub(offset);
                image.length(kind, index).unwrap_or(longest)
            }
        };
        match usize::try_from(offset) {
            Ok(offset) if offset <= self.input.len() => {
                let end = match self.input.end(offset, length, self.input.len()) {
                    Ok(end) => end,
                    Err(_) => self.faults.pass(past()).map(|()| self.input.len())?,
                };
                Ok((offset, end - offset))
            }
            _ => self.faults.pass(past()).map(|()| (0, 0)),
        }
    }
}
