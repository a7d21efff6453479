//! Appending to a container: streams, families of numbered streams, aliases, other containers.

use alloc::vec::Vec;

use super::contents::{Alias, Container, FRESH, Run};
use super::labels::{LIST, NO_RUN, NUMBER};
use super::names::clean;
use super::stream::Family;
use crate::error::Error;
use crate::formats::FormatError;
use crate::geometry::Extent;

impl Container {
    /// Appends a stream. Amortised O(extents).
    ///
    /// The name is a path: parts with slashes between them. Control characters are dropped; a part that is
    /// empty, `.` or `..` gets an underscore before it. If the name was given before, `@1`, `@2`… is put
    /// behind it.
    ///
    /// # Errors
    /// Memory is short.
    pub fn push(
        &mut self,
        name: &str,
        extents: impl IntoIterator<Item: Into<Extent>>,
    ) -> Result<(), FormatError> {
        let cleaned = clean(name);
        let name = cleaned.as_deref().unwrap_or(name);
        let label = if let Some(label) = self.labels.find(name) {
            label
        } else {
            // A name that already stands for a stream gets a number of its own.
            let taken = (self.labels.has_at() || self.labels.has_families() || name.contains('@'))
                && self.is_taken(name);
            let label = self.labels.add(name)?;
            if let (true, Some(label)) = (taken, self.labels.get_mut(label)) {
                label.next = 1;
            }
            label
        };
        if self.labels.has_at() {
            while let Some(number) = self.labels.get(label).map(|label| label.next)
                && number > 0
                && self.labels.find(&self.name_of(label, number)).is_some()
                && let Some(label) = self.labels.get_mut(label)
            {
                label.next += 1;
            }
        }
        self.begin(label)?;
        self.extend(extents)
    }

    /// A family of numbered streams: the pattern has `{}` where the number stands, as `record[{}]` and
    /// `frame{}`. Add to it with [`push_in`](Self::push_in). Families come before the streams whose names are
    /// the file's own. O(1).
    ///
    /// # Errors
    /// Memory is short.
    pub fn family(&mut self, pattern: &str) -> Result<Family, FormatError> {
        let pattern = pattern.replacen("{}", NUMBER.encode_utf8(&mut [0; 4]), 1);
        match self.labels.find(&pattern) {
            Some(label) => Ok(Family(label)),
            None => Ok(Family(self.labels.add(&pattern)?)),
        }
    }

    /// Appends the family's next stream. Amortised O(extents); takes no memory for a name.
    ///
    /// # Errors
    /// Memory is short.
    pub fn push_in(
        &mut self,
        family: Family,
        extents: impl IntoIterator<Item: Into<Extent>>,
    ) -> Result<(), FormatError> {
        self.begin(family.0)?;
        self.extend(extents)
    }

    /// As [`push_in`](Self::push_in), of this number: numbers ascend, and may leave some out.
    ///
    /// # Errors
    /// Memory is short.
    pub fn push_numbered(
        &mut self,
        family: Family,
        number: usize,
        extents: impl IntoIterator<Item: Into<Extent>>,
    ) -> Result<(), FormatError> {
        if let (Some(label), Ok(number)) = (self.labels.get_mut(family.0), u32::try_from(number)) {
            label.next = label.next.max(number);
        }
        self.push_in(family, extents)
    }

    /// Appends a stream of all streams of a family, those that follow too. Takes no memory for extents. O(1).
    ///
    /// # Errors
    /// Memory is short.
    pub fn push_joined(&mut self, name: &str, family: Family) -> Result<(), FormatError> {
        self.push(name, [] as [Extent; 0])?;
        self.join_last(family)
    }

    /// Makes the last stream all streams of a family, as [`push_joined`](Self::push_joined). O(1).
    ///
    /// # Errors
    /// Memory is short.
    pub fn join_last(&mut self, family: Family) -> Result<(), FormatError> {
        self.add_alias(Alias::Joined(family.0))
    }

    /// Makes the last stream the same bytes as the stream at `position`. O(1).
    ///
    /// # Errors
    /// Memory is short.
    pub fn same_last(&mut self, position: usize) -> Result<(), FormatError> {
        self.add_alias(Alias::Same(u32::try_from(position).unwrap_or(u32::MAX)))
    }

    /// Makes the last stream an alias.
    fn add_alias(&mut self, alias: Alias) -> Result<(), FormatError> {
        if let Some(position) = self
            .len()
            .checked_sub(1)
            .and_then(|last| u32::try_from(last).ok())
        {
            self.aliases.push((position, alias))?;
        }
        Ok(())
    }

    /// Appends extents to the last stream. Amortised O(extents).
    ///
    /// # Errors
    /// Memory is short.
    pub fn extend(&mut self, extents: impl IntoIterator<Item: Into<Extent>>) -> Result<(), FormatError> {
        for extent in extents {
            let extent = extent.into();
            self.spans.push(extent.offset, extent.length)?;
        }
        Ok(())
    }

    /// Appends all streams of another container of this format, under the names that they would have had
    /// here.
    ///
    /// # Errors
    /// Memory is short.
    pub fn append(&mut self, other: &Self) -> Result<(), FormatError> {
        let mut last = None;
        for (position, span) in other.spans.spans(0).enumerate() {
            let position_here = self.len();
            let Some((label, _)) = other.label_at(position) else {
                break;
            };
            match last {
                // Streams that share a label follow each other, and need no look at its text.
                Some((same, own)) if same == label && !self.labels.has_at() => {
                    self.begin(own)?;
                    self.extend(span)?;
                }
                _ => {
                    let text = other.labels.text(label);
                    if text.contains(NUMBER) {
                        let family = self.family(&text.replace(NUMBER, "{}"))?;
                        self.push_in(family, span)?;
                    } else {
                        self.push(text, span)?;
                    }
                    last = self.label_at(position_here).map(|(own, _)| (label, own));
                }
            }
            if let Some(codec) = other.codec(position) {
                self.codec_last(codec)?;
            }
            if other.alias_of(position).is_some() {
                other.for_each_span(position, |span| {
                    for extent in span {
                        self.spans.push(extent.offset, extent.length)?;
                    }
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    /// Begins a stream of this label, with the label's next number.
    fn begin(&mut self, label: u32) -> Result<(), Error> {
        let position = u32::try_from(self.len()).map_err(|_| Error::OutOfMemory)?;
        let number = self.labels.get(label).map_or(0, |label| label.next);
        let next = number.checked_add(1).ok_or(Error::OutOfMemory)?;
        if next == FRESH {
            return Err(Error::OutOfMemory);
        }
        if let Some(run) = self.runs.last_mut() {
            let skip = position - run.position;
            if run.number != FRESH && skip == 1 && (run.number, number) == (0, 0) && label == run.label + 1 {
                // Two labels that are new, one after the other.
                run.number = FRESH;
            }
        }
        let goes_on = self.runs.last().is_some_and(|run| {
            let skip = position - run.position;
            match run.number {
                FRESH => number == 0 && run.label.checked_add(skip) == Some(label),
                first => run.label == label && first.checked_add(skip) == Some(number),
            }
        });
        if !goes_on {
            self.runs.push(Run {
                position,
                label,
                number,
            })?;
        }
        let index = u32::try_from(self.runs.len().saturating_sub(1)).map_err(|_| Error::OutOfMemory)?;
        self.note_run(label, index)?;
        self.spans.begin()?;
        if let Some(label) = self.labels.get_mut(label) {
            label.next = next;
        }
        Ok(())
    }

    /// Notes that the last run has streams of this label.
    fn note_run(&mut self, label: u32, run: u32) -> Result<(), Error> {
        let short = |_| Error::OutOfMemory;
        let Some(of) = self.labels.get_mut(label) else {
            return Ok(());
        };
        if run >= LIST {
            return Err(Error::OutOfMemory);
        }
        if of.first == NO_RUN || of.first == run {
            of.first = run;
        } else if of.more == NO_RUN || of.more == run {
            of.more = run;
        } else if of.more < LIST {
            let mut list = Vec::new();
            list.try_reserve_exact(3).map_err(short)?;
            list.extend([of.first, of.more, run]);
            of.more = u32::try_from(self.lists.len())
                .ok()
                .and_then(|index| index.checked_add(LIST))
                .ok_or(Error::OutOfMemory)?;
            self.lists.push(list)?;
        } else if let Some(list) = self.lists.get_mut((of.more - LIST) as usize)
            && list.last() != Some(&run)
        {
            if list.len() == list.capacity() {
                list.try_reserve_exact(list.len() / 4 + 1).map_err(short)?;
            }
            list.push(run);
        }
        Ok(())
    }
}
