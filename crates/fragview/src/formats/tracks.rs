//! The tracks of a media file: packets that come in turn, gathered by track.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError};
use crate::error::Error;
use crate::geometry::Spans;

/// The most tracks that a file may have; each takes some hundred bytes.
const MOST: usize = 1024;

/// The tracks of a file in the order in which they become streams, by the numbers that the file gives them.
///
/// Track `i` of the kind `video` becomes the stream `stream<i>_video`, of all its packets, and the family
/// `stream<i>_video.packet[0]`….
pub(super) struct Tracks<'a> {
    input: Input<'a>,
    list: Vec<Track>,
    places: BTreeMap<u64, usize>,
    /// Packets of all tracks.
    packets: usize,
}

struct Track {
    kind: &'static str,
    packets: Spans,
    /// How its packets are encoded, as the format says.
    codec: String,
}

impl<'a> Tracks<'a> {
    /// No tracks yet.
    pub(super) const fn new(input: Input<'a>) -> Self {
        Self {
            input,
            list: Vec::new(),
            places: BTreeMap::new(),
            packets: 0,
        }
    }

    /// Adds the track of this number, which is told at `offset`; its place.
    ///
    /// # Errors
    /// There is one of this number, or there are too many.
    pub(super) fn add(
        &mut self,
        number: u64,
        kind: &'static str,
        offset: usize,
    ) -> Result<usize, FormatError> {
        if self.list.len() == MOST {
            return self.input.fault(offset, format!("more than {MOST} tracks"));
        }
        let place = self.list.len();
        if self.places.insert(number, place).is_some() {
            return self
                .input
                .fault(offset, format!("two tracks have the number {number}"));
        }
        self.list.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.list.push(Track {
            kind,
            packets: Spans::new(),
            codec: String::new(),
        });
        Ok(place)
    }

    /// The place of the track of this number.
    pub(super) fn find(&self, number: u64) -> Option<usize> {
        self.places.get(&number).copied()
    }

    /// The name of the stream of the track at `place`.
    pub(super) fn name(&self, place: usize) -> String {
        let kind = self.list.get(place).map_or("", |track| track.kind);
        format!("stream{place}_{kind}")
    }

    /// Names the codec of the track at `place`.
    pub(super) fn set_codec(&mut self, place: usize, codec: &str) {
        if let Some(track) = self.list.get_mut(place) {
            track.codec = codec.into();
        }
    }

    /// Begins a packet of the track at `place`, which is told at `offset`.
    ///
    /// # Errors
    /// The file says that it has more packets than bytes, or memory is short.
    pub(super) fn begin(&mut self, place: usize, offset: usize) -> Result<(), FormatError> {
        if self.packets >= self.input.len() {
            return self.input.fault(offset, "more packets than bytes");
        }
        if let Some(track) = self.list.get_mut(place) {
            self.packets += 1;
            track.packets.begin()?;
        }
        Ok(())
    }

    /// Appends bytes to the last packet of the track at `place`.
    ///
    /// # Errors
    /// Memory is short.
    pub(super) fn extend(&mut self, place: usize, offset: usize, length: usize) -> Result<(), FormatError> {
        if let Some(track) = self.list.get_mut(place) {
            track.packets.push(Some(offset), length)?;
        }
        Ok(())
    }

    /// Appends a packet of `length` bytes at `offset`.
    ///
    /// # Errors
    /// As [`begin`](Self::begin).
    pub(super) fn packet(&mut self, place: usize, offset: usize, length: usize) -> Result<(), FormatError> {
        self.begin(place, offset)?;
        self.extend(place, offset, length)
    }

    /// The container of a file: the streams of all tracks with their packets, `others`, and the faults.
    ///
    /// # Errors
    /// Memory is short.
    pub(super) fn into_container(
        self,
        others: &Container,
        faults: &Faults,
    ) -> Result<Container, FormatError> {
        let mut container = Container::new(others.format);
        self.finish(&mut container, true)?;
        container.append(others)?;
        faults.give(&mut container);
        Ok(container)
    }

    /// Adds the streams of all tracks; their packets too, if these are what a decoder takes.
    ///
    /// # Errors
    /// Memory is short.
    pub(super) fn finish(self, container: &mut Container, with_packets: bool) -> Result<(), FormatError> {
        for place in 0..self.list.len() {
            let name = self.name(place);
            let Some(track) = self.list.get(place) else {
                continue;
            };
            if with_packets {
                let packets = container.family(&format!("{name}.packet[{{}}]"))?;
                container.codec_of(packets, &track.codec)?;
                container.push_joined(&name, packets)?;
                container.codec_last(&track.codec)?;
                for packet in track.packets.spans(0) {
                    container.push_in(packets, packet)?;
                }
            } else {
                container.push(&name, [] as [crate::geometry::Extent; 0])?;
                for packet in track.packets.spans(0) {
                    container.extend(packet)?;
                }
            }
        }
        Ok(())
    }
}
