//! The container: a file's streams, kept in a few bytes each.

use alloc::string::String;
use alloc::vec::Vec;

use super::codecs::Codecs;
use super::fault::Fault;
use super::labels::Labels;
use crate::error::Error;
use crate::geometry::{Chunked, Extents, Span, Spans};

/// A file's logical streams, in the order in which the format gives them.
///
/// Names and extents are made when they are asked for: a numbered stream takes the few bytes of its extents
/// ([`Spans`]) and none for its name; another one up to some 30 bytes besides its name, which is kept once
/// for all streams that share it.
///
/// ```
/// use fragview::formats::Container;
/// let mut container = Container::new("mine");
/// container.push("header", [(0, 16)])?;
/// container.push("comment", [(40, 9)])?;
/// container.push("comment", [(90, 9)])?; // another one of the same name is `comment@1`
/// let records = container.family("record[{}]")?;
/// container.push_joined("records", records)?; // all of the family, also what comes later
/// container.push_in(records, [(16, 4), (24, 4)])?;
/// container.push_in(records, [(32, 4)])?;
/// let names: Vec<_> = container.names().collect();
/// assert_eq!(names, ["header", "comment", "comment@1", "records", "record[0]", "record[1]"]);
/// assert_eq!(container.stream("records").map(|stream| stream.extents.byte_len()), Some(12));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
#[derive(Clone)]
pub struct Container {
    /// The format's name, as `formats::open` takes it.
    pub format: &'static str,
    /// The faults of the file, if it was opened with `strict` off.
    pub faults: Vec<Fault>,
    pub(super) spans: Spans,
    pub(super) labels: Labels,
    /// Streams that follow each other with one label and ascending numbers, by their places.
    pub(super) runs: Chunked<Run>,
    /// The runs of each label that has more than two.
    pub(super) lists: Chunked<Vec<u32>>,
    /// Streams that are another one, or a whole family, by their places.
    pub(super) aliases: Chunked<(u32, Alias)>,
    /// How streams are compressed or encrypted.
    pub(super) codecs: Codecs,
}

/// The streams from `position` to the next run's: `label` with the numbers from `number` on; or, if that
/// is [`FRESH`], the first stream of each label from `label` on.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) position: u32,
    pub(super) label: u32,
    pub(super) number: u32,
}

/// The number of a run of labels that are new.
pub(super) const FRESH: u32 = u32::MAX;

/// The contents of a stream that has no extents of its own.
#[derive(Clone, Copy)]
pub(super) enum Alias {
    /// All streams of the family of this label.
    Joined(u32),
    /// The stream at this place.
    Same(u32),
}

impl Container {
    /// A container without streams.
    #[must_use]
    pub fn new(format: &'static str) -> Self {
        Self {
            format,
            faults: Vec::new(),
            spans: Spans::new(),
            labels: Labels::default(),
            runs: Chunked::new(),
            lists: Chunked::new(),
            aliases: Chunked::new(),
            codecs: Codecs::default(),
        }
    }

    /// The number of streams. O(1).
    #[must_use]
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// True if there is no stream. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names in order; each is made when it comes.
    pub fn names(&self) -> impl ExactSizeIterator<Item = String> + '_ {
        (0..self.len()).map(|position| self.name(position).unwrap_or_default())
    }

    /// The name of the stream at `position`. O(log runs of names).
    #[must_use]
    pub fn name(&self, position: usize) -> Option<String> {
        let (label, number) = self.label_at(position)?;
        Some(self.name_of(label, number))
    }

    /// The extents of the stream at `position`. O(extents).
    #[must_use]
    pub fn extents(&self, position: usize) -> Option<Extents> {
        self.try_extents(position).ok()?
    }

    /// As [`extents`](Self::extents).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn try_extents(&self, position: usize) -> Result<Option<Extents>, Error> {
        if position >= self.len() {
            return Ok(None);
        }
        let mut extents = Extents::new();
        self.for_each_span(position, |span| extents.try_extend(span))?;
        Ok(Some(extents))
    }

    /// The bytes of the stream at `position`. O(extents).
    #[must_use]
    pub fn byte_len(&self, position: usize) -> Option<usize> {
        if position >= self.len() {
            return None;
        }
        let mut length = 0_usize;
        let result = self.for_each_span(position, |span| {
            length = length.saturating_add(span.byte_len());
            Ok(())
        });
        result.ok().map(|()| length)
    }

    /// The contents of the stream at `position`, if it has no extents of its own.
    pub(super) fn alias_of(&self, position: usize) -> Option<Alias> {
        let place = u32::try_from(position).ok()?;
        let index = self.aliases.partition_point(|alias| alias.0 < place);
        let &(at, alias) = self.aliases.get(index)?;
        (at == place).then_some(alias)
    }

    /// Gives the spans of which the stream at `position` is made.
    pub(super) fn for_each_span(
        &self,
        position: usize,
        mut each: impl FnMut(Span<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self.alias_of(position) {
            None => each(self.spans.span(position)),
            Some(Alias::Same(other)) => each(self.spans.span(other as usize)),
            Some(Alias::Joined(label)) => {
                for &run in &*self.runs_of(label) {
                    let Some(first) = self.runs.get(run as usize) else {
                        continue;
                    };
                    let (skip, most) = if first.number == FRESH {
                        (label - first.label, 1)
                    } else {
                        (0, self.run_length(run as usize))
                    };
                    let spans = self.spans.spans(first.position as usize + skip as usize);
                    for span in spans.take(most) {
                        each(span)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// The bytes of heap it takes. O(labels that come again).
    #[must_use]
    pub fn heap_size(&self) -> usize {
        let lists: usize = self.lists.iter().map(|list| list.capacity() * 4).sum();
        self.spans.heap_size()
            + self.labels.heap_size()
            + self.runs.heap_size()
            + self.lists.heap_size()
            + lists
            + self.aliases.heap_size()
            + self.codecs.heap_size()
    }
}
