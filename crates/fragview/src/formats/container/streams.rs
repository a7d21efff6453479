//! Streams in order, and families by number.

use core::fmt;
use core::iter::FusedIterator;
use core::ops::Range;

use super::contents::Container;
use super::stream::Stream;

impl Container {
    /// All streams in order; each is made when it comes. O(its extents) a stream.
    #[must_use]
    pub const fn streams(&self) -> Streams<'_> {
        Streams {
            container: self,
            range: 0..self.len(),
        }
    }

    /// The family whose streams are numbered behind `name`: `record` has `record[0]`, `frame` has `frame0`,
    /// and `image{}.lzw` has `image0.lzw`. O(1).
    ///
    /// ```
    /// use fragview::formats::Container;
    /// let mut container = Container::new("mine");
    /// let records = container.family("record[{}]")?;
    /// for at in [10, 20, 30] {
    ///     container.push_in(records, [(at, 5)])?;
    /// }
    /// let records = container.numbered("record").ok_or("no records")?;
    /// assert_eq!((records.len(), records.get(2).unwrap().name), (3, "record[2]".into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn numbered(&self, name: &str) -> Option<Numbered<'_>> {
        let (label, len) = self.family_of(name)?;
        Some(Numbered {
            container: self,
            label,
            len,
        })
    }
}

/// All streams of a container in order, each made at its step; [`Container::streams`] makes it.
#[derive(Clone, Debug)]
pub struct Streams<'a> {
    container: &'a Container,
    range: Range<usize>,
}

impl Iterator for Streams<'_> {
    type Item = Stream;

    fn next(&mut self) -> Option<Stream> {
        self.container.at(self.range.next()?)
    }

    fn nth(&mut self, skip: usize) -> Option<Stream> {
        self.container.at(self.range.nth(skip)?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl DoubleEndedIterator for Streams<'_> {
    fn next_back(&mut self) -> Option<Stream> {
        self.container.at(self.range.next_back()?)
    }
}

impl ExactSizeIterator for Streams<'_> {}
impl FusedIterator for Streams<'_> {}

/// The streams of a family by their numbers; [`Container::numbered`] makes it.
#[derive(Clone, Copy, Debug)]
pub struct Numbered<'a> {
    pub(super) container: &'a Container,
    label: u32,
    len: u32,
}

impl Numbered<'_> {
    /// The number of streams. O(1).
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// True if the family has no streams. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The place in the container of the stream of this number, for [`Container::at`]. O(1) if the
    /// family's streams follow each other, else O(log streams).
    #[must_use]
    pub fn position(&self, number: usize) -> Option<usize> {
        self.container
            .position_of(self.label, u32::try_from(number).ok()?)
    }

    /// The stream of this number. O(its extents).
    #[must_use]
    pub fn get(&self, number: usize) -> Option<Stream> {
        self.container.at(self.position(number)?)
    }
}

impl PartialEq for Container {
    /// The same format, names and extents, in the same order.
    fn eq(&self, other: &Self) -> bool {
        self.format == other.format && self.faults == other.faults && self.streams().eq(other.streams())
    }
}

impl Eq for Container {}

impl fmt::Debug for Container {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.format)?;
        let streams = self.streams().map(|stream| (stream.name, stream.extents));
        formatter.debug_map().entries(streams).finish()
    }
}
