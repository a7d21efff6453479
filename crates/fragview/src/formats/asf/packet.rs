//! Data packets and their payloads: 5.2.

use super::name::NAME;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::tracks::Tracks;

/// The payloads of all packets, by stream.
pub(super) struct Payloads<'a> {
    input: Input<'a>,
    faults: &'a Faults,
    tracks: Tracks<'a>,
    /// The media object that each stream is at, by the stream's number.
    objects: [Option<Object>; 128],
}

/// A media object, of which a part was found.
#[derive(Clone, Copy)]
struct Object {
    number: u32,
    length: u32,
    found: u32,
    /// Where its last part is told.
    offset: usize,
}

/// Fields of a packet, in turn: none goes past the packet's end.
struct Fields<'a> {
    input: Input<'a>,
    at: usize,
    end: usize,
}

impl Fields<'_> {
    /// Passes over `length` bytes; where they begin.
    fn take(&mut self, length: u64) -> Result<usize, FormatError> {
        let start = self.at;
        self.at = self.input.end(start, length, self.end)?;
        Ok(start)
    }

    fn byte(&mut self) -> Result<u8, FormatError> {
        let at = self.take(1)?;
        self.input.u8(at)
    }

    /// A number whose type is these two bits: absent, or of 1, 2 or 4 bytes.
    fn number(&mut self, kind: u8) -> Result<u32, FormatError> {
        Ok(match kind & 3 {
            0 => 0,
            1 => self.byte()?.into(),
            2 => {
                let at = self.take(2)?;
                self.input.u16(at)?.into()
            }
            _ => {
                let at = self.take(4)?;
                self.input.u32(at)?
            }
        })
    }
}

impl<'a> Payloads<'a> {
    pub(super) const fn new(input: Input<'a>, faults: &'a Faults, tracks: Tracks<'a>) -> Self {
        Self {
            input,
            faults,
            tracks,
            objects: [None; 128],
        }
    }

    /// Takes the payloads of the packet at `start`.
    pub(super) fn packet(&mut self, start: usize, end: usize) -> Result<(), FormatError> {
        let mut fields = Fields {
            input: self.input,
            at: start,
            end,
        };
        let mut flags = fields.byte()?;
        if flags & 0x80 != 0 {
            // Error correction data.
            if flags & 0x70 != 0 {
                return self
                    .input
                    .fault(start, "error correction data of an unknown kind");
            }
            fields.take((flags & 15).into())?;
            flags = fields.byte()?;
        }
        let kinds = fields.byte()?;
        if kinds & 0xc0 != 0x40 {
            return self
                .input
                .fault(start, "stream numbers that are not one byte long");
        }
        let length = fields.number(flags >> 5)?;
        fields.number(flags >> 1)?;
        let padding = fields.number(flags >> 3)?;
        fields.take(6)?;
        // A packet that says its own length is filled up to the size of all.
        if length != 0 {
            fields.end = self.input.end(start, length, end)?;
        }
        fields.end = match fields.end.checked_sub(padding as usize) {
            Some(end) if end >= fields.at => end,
            _ => return self.input.fault(start, "more padding than packet"),
        };
        let (count, kind) = if flags & 1 != 0 {
            let flags = fields.byte()?;
            (flags & 63, Some(flags >> 6))
        } else {
            (1, None)
        };
        for _ in 0..count {
            self.payload(&mut fields, kinds, kind)?;
        }
        Ok(())
    }

    /// Takes a payload. `kind`: of its length, if the packet has several.
    fn payload(&mut self, fields: &mut Fields, kinds: u8, kind: Option<u8>) -> Result<(), FormatError> {
        let told = fields.at;
        let stream = fields.byte()? & 0x7f;
        let number = fields.number(kinds >> 4)?;
        let offset = fields.number(kinds >> 2)?;
        let replicated = fields.number(kinds)?;
        let mut size = 0;
        if replicated == 1 {
            // How the times of the media objects differ.
            fields.byte()?;
        } else if replicated > 0 {
            let at = fields.take(replicated.into())?;
            if replicated < 8 {
                return self.input.fault(told, "replicated data without a size");
            }
            size = self.input.u32(at)?;
        }
        let length = match kind {
            Some(kind) => fields.number(kind)?.into(),
            None => (fields.end - fields.at) as u64,
        };
        let start = fields.take(length)?;
        let end = fields.at;
        let Some(place) = self.tracks.find(stream.into()) else {
            let error = FormatError::new(NAME, told, "a payload of a stream that has no header");
            return self.faults.pass(error);
        };
        if replicated == 1 {
            return self.several(place, start, end);
        }
        self.part(
            place,
            stream,
            told,
            Object {
                number,
                length: size,
                found: offset,
                offset: told,
            },
            start,
            end,
        )
    }

    /// Takes a payload of whole media objects, each after its length.
    fn several(&mut self, place: usize, mut at: usize, end: usize) -> Result<(), FormatError> {
        while at < end {
            let length = self.input.u8(at)?;
            let next = self.input.end(at + 1, length, end)?;
            self.tracks.packet(place, at + 1, next - at - 1)?;
            at = next;
        }
        Ok(())
    }

    /// Takes the part of a media object, of which `part.found` bytes come before.
    fn part(
        &mut self,
        place: usize,
        stream: u8,
        told: usize,
        mut part: Object,
        start: usize,
        end: usize,
    ) -> Result<(), FormatError> {
        let slot = self.objects.get(usize::from(stream)).copied().flatten();
        let before = part.found;
        let goes_on = slot.is_some_and(|object| object.number == part.number && object.found == before);
        if before == 0 || !goes_on {
            if let Some(object) = slot
                && object.found != object.length
            {
                self.cut(place, object.offset)?;
            }
            if before != 0 {
                let error =
                    FormatError::new(NAME, told, "a part of a media object without the parts before it");
                self.faults.pass_in(error, Some(self.tracks.name(place)))?;
            }
            self.tracks.begin(place, told)?;
        }
        let length = u32::try_from(end - start)
            .ok()
            .and_then(|length| before.checked_add(length));
        match length {
            Some(found) if found <= part.length || part.length == 0 => part.found = found,
            _ => return self.input.fault(told, "a part longer than its media object"),
        }
        // Not told: this is all of it.
        if part.length == 0 {
            part.length = part.found;
        }
        if let Some(slot) = self.objects.get_mut(usize::from(stream)) {
            *slot = Some(part);
        }
        self.tracks.extend(place, start, end - start)
    }

    /// Passes over a media object's missing end.
    fn cut(&self, place: usize, offset: usize) -> Result<(), FormatError> {
        let error = FormatError::new(NAME, offset, "a media object that is not whole");
        self.faults.pass_in(error, Some(self.tracks.name(place)))
    }

    /// The tracks, with all that was found.
    pub(super) fn finish(self) -> Result<Tracks<'a>, FormatError> {
        for (stream, object) in self.objects.iter().enumerate() {
            if let Some(object) = object
                && object.found != object.length
                && let Some(place) = self.tracks.find(stream as u64)
            {
                self.cut(place, object.offset)?;
            }
        }
        Ok(self.tracks)
    }
}
