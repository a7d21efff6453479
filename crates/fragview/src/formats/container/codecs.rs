//! `Codecs`: the codecs of streams and of families.

use alloc::vec::Vec;

use super::labels::Labels;
use crate::error::Error;
use crate::geometry::Chunked;

/// The codecs of a container: of whole families, and of single streams.
#[derive(Clone, Debug, Default)]
pub(super) struct Codecs {
    /// The codecs' names, each once.
    names: Labels,
    /// The labels of families in ascending order, and their codecs.
    families: Vec<(u32, u32)>,
    /// The other streams, by their places.
    runs: Chunked<Run>,
}

/// Streams from `first` to before `end` that have one codec.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u32,
    end: u32,
    codec: u32,
}

impl Codecs {
    /// Whether a family has a codec.
    pub(super) const fn has_families(&self) -> bool {
        !self.families.is_empty()
    }

    /// The number of a codec.
    fn intern(&mut self, codec: &str) -> Result<u32, Error> {
        match self.names.find(codec) {
            Some(known) => Ok(known),
            None => self.names.add(codec),
        }
    }

    /// The codec of the family of this label.
    pub(super) fn of_family(&self, label: u32) -> Option<&str> {
        let place = self.families.binary_search_by_key(&label, |family| family.0);
        let &(_, codec) = self.families.get(place.ok()?)?;
        Some(self.names.text(codec))
    }

    /// The codec of the stream at this place, if it has one of its own.
    pub(super) fn of_stream(&self, position: u32) -> Option<&str> {
        let after = self.runs.partition_point(|run| run.first <= position);
        let run = self.runs.get(after.checked_sub(1)?)?;
        (position < run.end).then(|| self.names.text(run.codec))
    }

    /// Gives the last stream, which is at this place, a codec.
    pub(super) fn push(&mut self, last: u32, codec: &str) -> Result<(), Error> {
        let codec = self.intern(codec)?;
        if let Some(run) = self.runs.last_mut() {
            if run.codec == codec && run.end == last {
                run.end += 1;
                return Ok(());
            }
            // The last stream may have one already.
            run.end = run.end.min(last);
        }
        self.runs.push(Run {
            first: last,
            end: last + 1,
            codec,
        })
    }

    /// Gives the family of this label a codec.
    pub(super) fn set_family(&mut self, label: u32, codec: &str) -> Result<(), Error> {
        let codec = self.intern(codec)?;
        match self.families.binary_search_by_key(&label, |family| family.0) {
            Ok(place) => {
                if let Some(family) = self.families.get_mut(place) {
                    family.1 = codec;
                }
            }
            Err(place) => {
                self.families.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                self.families.insert(place, (label, codec));
            }
        }
        Ok(())
    }

    /// The bytes of heap they take. O(1).
    pub(super) fn heap_size(&self) -> usize {
        self.names.heap_size() + self.families.capacity() * 8 + self.runs.heap_size()
    }
}
