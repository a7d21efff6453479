//! Movie fragments: ISO/IEC 14496-12, 8.8.

use alloc::collections::BTreeMap;

use super::boxes::{Box, for_each_box};
use super::name::NAME;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::tracks::Tracks;

/// What a track's fragments have unless they say otherwise: `trex`.
#[derive(Clone, Copy, Default)]
pub(super) struct Defaults {
    pub(super) size: u32,
}

/// The fragments of a movie.
#[derive(Default)]
pub(super) struct Fragments {
    /// By the number of their track.
    pub(super) defaults: BTreeMap<u32, Defaults>,
}

/// A track's part of a fragment, as `tfhd` begins it.
struct Part {
    place: usize,
    size: u32,
    /// From where runs count.
    base: usize,
    /// Where the samples of the last run end.
    end: usize,
}

impl Fragments {
    /// Takes the samples of a `moof` box.
    pub(super) fn read(
        &self,
        input: &Input,
        faults: &Faults,
        fragment: Box,
        tracks: &mut Tracks,
    ) -> Result<(), FormatError> {
        // Where the data of the track before ends.
        let mut end = fragment.offset;
        for_each_box(input, faults, fragment.start, fragment.end, |part| {
            if &part.kind != b"traf" {
                return Ok(());
            }
            let mut current: Option<Part> = None;
            for_each_box(input, faults, part.start, part.end, |part| match &part.kind {
                b"tfhd" => {
                    current = Some(self.begin(input, part, fragment.offset, end, tracks)?);
                    Ok(())
                }
                b"trun" => match &mut current {
                    Some(current) => current.run(input, faults, part, tracks),
                    None => input.fault(part.offset, "a run of samples without a header"),
                },
                _ => Ok(()),
            })?;
            if let Some(part) = current {
                end = part.end;
            }
            Ok(())
        })
    }

    /// Begins the part that a `tfhd` box says: 8.8.7. `before`: where the data of the track before ends.
    fn begin(
        &self,
        input: &Input,
        part: Box,
        fragment: usize,
        before: usize,
        tracks: &Tracks,
    ) -> Result<Part, FormatError> {
        let flags = input.u32(part.start)?;
        let (_, mut fields) = part.full(input)?;
        let track = fields.u32(input)?;
        let Some(place) = tracks.find(track.into()) else {
            return input.fault(part.offset, "a fragment of a track that has no header");
        };
        let mut base = if flags & 0x02_0000 != 0 { fragment } else { before };
        if flags & 1 != 0 {
            let told = fields.at;
            base = input
                .end(0, fields.number(input, 8)?, input.len())
                .map_err(|error| FormatError {
                    offset: told,
                    ..error
                })?;
        }
        let mut size = self.defaults.get(&track).copied().unwrap_or_default().size;
        for (flag, is_size) in [(2, false), (8, false), (0x10, true)] {
            if flags & flag != 0 {
                let value = fields.u32(input)?;
                if is_size {
                    size = value;
                }
            }
        }
        Ok(Part {
            place,
            size,
            base,
            end: base,
        })
    }
}

impl Part {
    /// Takes the samples of a `trun` box: 8.8.8.
    fn run(
        &mut self,
        input: &Input,
        faults: &Faults,
        part: Box,
        tracks: &mut Tracks,
    ) -> Result<(), FormatError> {
        let flags = input.u32(part.start)?;
        let (_, mut fields) = part.full(input)?;
        let count = fields.u32(input)?;
        let mut at = self.end;
        if flags & 1 != 0 {
            let told = fields.at;
            let offset = fields.u32(input)?.cast_signed();
            let Some(start) = self.base.checked_add_signed(offset as isize) else {
                return input.fault(told, "a run of samples before the file");
            };
            at = start;
        }
        if flags & 4 != 0 {
            fields.take(input, 4)?;
        }
        let has = |flag| if flags & flag != 0 { 4 } else { 0 };
        let (before, size, after) = (has(0x100), has(0x200), has(0x400) + has(0x800));
        for _ in 0..count {
            let told = fields.at;
            fields.take(input, before)?;
            let length = if size > 0 {
                fields.u32(input)?
            } else {
                // Read, so that a long loop heeds signals.
                input.u8(part.start)?;
                self.size
            };
            fields.take(input, after)?;
            let Ok(end) = input.end(at, length, input.len()) else {
                let error = FormatError::new(NAME, told, "a sample goes past the end");
                faults.pass_in(error, Some(tracks.name(self.place)))?;
                if at < input.len() {
                    tracks.packet(self.place, at, input.len() - at)?;
                }
                return Ok(());
            };
            tracks.packet(self.place, at, end - at)?;
            at = end;
        }
        self.end = at;
        Ok(())
    }
}
