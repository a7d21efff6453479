//! From names to places and back.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Deref;

use super::contents::{Container, FRESH};
use super::labels::{LIST, Label, NO_RUN, NUMBER};
use super::names::{clean, parse};
use super::stream::Stream;

/// The runs of a label: up to two, or a list.
pub(super) enum RunsOf<'a> {
    Few([u32; 2], usize),
    Many(&'a [u32]),
}

impl Deref for RunsOf<'_> {
    type Target = [u32];

    fn deref(&self) -> &[u32] {
        match self {
            Self::Few(runs, count) => runs.get(..*count).unwrap_or(&[]),
            Self::Many(list) => list,
        }
    }
}

impl Container {
    /// The place of the stream of this name. O(1) if streams that share a name but for its number follow
    /// each other, else O(log streams); and O(bytes of the name) for each number in it. A name as the file
    /// has it, with what names drop, is found too.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        let cleaned = clean(name);
        let name = cleaned.as_deref().unwrap_or(name);
        if let Some(label) = self.labels.find(name)
            && let Some(position) = self.position_of(label, 0)
        {
            return Some(position);
        }
        if let Some((label, number)) = self.with_number(name) {
            return self.position_of(label, number);
        }
        self.in_families(name)
            .find_map(|(label, number)| self.position_of(label, number))
    }

    /// The label of a name that ends with `@` and a number.
    fn with_number(&self, name: &str) -> Option<(u32, u32)> {
        let (text, number) = name.rsplit_once('@')?;
        let number = parse(number).filter(|&number| number > 0)?;
        Some((self.labels.find(text)?, number))
    }

    /// The families that have a stream of this name, if it has enough, and the number.
    fn in_families<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (u32, u32)> + 'a {
        let mut from = if self.labels.has_families() { 0 } else { name.len() };
        core::iter::from_fn(move || {
            loop {
                let start = from + name.get(from..)?.find(|digit: char| digit.is_ascii_digit())?;
                let rest = name.get(start..)?;
                let digits = rest
                    .find(|digit: char| !digit.is_ascii_digit())
                    .unwrap_or(rest.len());
                from = start + digits;
                if let Some(number) = parse(&rest[..digits])
                    && let Some(label) =
                        self.labels
                            .find(&format!("{}{NUMBER}{}", &name[..start], &rest[digits..]))
                {
                    return Some((label, number));
                }
            }
        })
    }

    /// Whether a stream has this name, or a family's stream may get it.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.position(name).is_some() || self.in_families(name).next().is_some()
    }

    /// True if a stream has this name. As [`position`](Self::position).
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The stream of this name. As [`position`](Self::position), then O(extents).
    #[must_use]
    pub fn stream(&self, name: &str) -> Option<Stream> {
        self.at(self.position(name)?)
    }

    /// The stream at `position`. O(extents).
    #[must_use]
    pub fn at(&self, position: usize) -> Option<Stream> {
        Some(Stream {
            name: self.name(position)?,
            extents: self.extents(position)?,
        })
    }

    /// The label of the family that is called `name`, and how many streams it has.
    pub(super) fn family_of(&self, name: &str) -> Option<(u32, u32)> {
        let label = if name.contains("{}") {
            self.labels.find(&name.replacen("{}", "\0", 1))
        } else {
            let find = |suffix| self.labels.find(&format!("{name}{NUMBER}{suffix}"));
            self.labels
                .find(&format!("{name}[{NUMBER}]"))
                .or_else(|| find(""))
        }?;
        let streams = self.labels.get(label)?.next;
        (streams > 0).then_some((label, streams))
    }

    /// The runs of a label, in order.
    pub(super) fn runs_of(&self, label: u32) -> RunsOf<'_> {
        match self.labels.get(label) {
            None | Some(Label { first: NO_RUN, .. }) => RunsOf::Few([0; 2], 0),
            Some(&Label {
                first, more: NO_RUN, ..
            }) => RunsOf::Few([first, 0], 1),
            Some(&Label {
                more: list @ LIST.., ..
            }) => {
                let list = self.lists.get((list - LIST) as usize);
                RunsOf::Many(list.map_or(&[], Vec::as_slice))
            }
            Some(&Label { first, more, .. }) => RunsOf::Few([first, more], 2),
        }
    }

    /// The streams of a run.
    pub(super) fn run_length(&self, run: usize) -> usize {
        let start = |run: usize| self.runs.get(run).map(|run| run.position as usize);
        start(run).map_or(0, |first| start(run + 1).unwrap_or(self.len()) - first)
    }

    /// The place of the stream of this label and number.
    pub(super) fn position_of(&self, label: u32, number: u32) -> Option<usize> {
        let runs = self.runs_of(label);
        let after = runs.partition_point(|&run| {
            self.runs
                .get(run as usize)
                .is_some_and(|run| run.number == FRESH || run.number <= number)
        });
        let index = *runs.get(after.checked_sub(1)?)? as usize;
        let run = self.runs.get(index)?;
        let skip = match run.number {
            FRESH if number > 0 => return None,
            FRESH => label - run.label,
            first => number - first,
        } as usize;
        (skip < self.run_length(index)).then_some(run.position as usize + skip)
    }

    /// The label and the number of the stream at `position`.
    pub(super) fn label_at(&self, position: usize) -> Option<(u32, u32)> {
        let place = u32::try_from(position).ok().filter(|_| position < self.len())?;
        let after = self.runs.partition_point(|run| run.position <= place);
        let run = self.runs.get(after.checked_sub(1)?)?;
        let skip = place - run.position;
        Some(match run.number {
            FRESH => (run.label + skip, 0),
            first => (run.label, first + skip),
        })
    }

    /// The name of the stream of this label and number.
    pub(super) fn name_of(&self, label: u32, number: u32) -> String {
        let text = self.labels.text(label);
        match text.split_once(NUMBER) {
            Some((before, after)) => format!("{before}{number}{after}"),
            None if number == 0 => text.to_string(),
            None => format!("{text}@{number}"),
        }
    }
}
