//! Disks whose table says where each block lies: `vdi`, `vhd`.

use super::faults::tolerate;
use super::input::Input;
use super::sparse::SparseSet;
use crate::formats::{Container, FormatError, Options};
use crate::geometry::Extent;

/// A disk in blocks, appended in order as the stream `raw_disk` of a container.
///
/// A block lies wholly in the file, and no two blocks lie in one place. Leniently a block in a second place
/// is a hole, and one that goes past the end is cut off.
pub(in crate::formats) struct Blocks<'a> {
    input: Input<'a>,
    options: Options,
    container: Container,
    seen: SparseSet,
}

impl<'a> Blocks<'a> {
    /// A disk of no blocks, behind what the container has.
    pub(in crate::formats) fn new(
        input: Input<'a>,
        options: Options,
        mut container: Container,
    ) -> Result<Self, FormatError> {
        container.push("raw_disk", [] as [Extent; 0])?;
        Ok(Self {
            input,
            options,
            container,
            seen: SparseSet::default(),
        })
    }

    /// Appends `length` bytes that are nowhere in the file.
    pub(in crate::formats) fn hole(&mut self, length: usize) -> Result<(), FormatError> {
        self.container.extend([(None, length)])
    }

    /// Appends the block of this number, `length` bytes from `start` on; the table's entry at `entry` says
    /// so.
    pub(in crate::formats) fn block(
        &mut self,
        entry: usize,
        number: u32,
        start: usize,
        length: usize,
    ) -> Result<(), FormatError> {
        let is_there = self.input.end(start, length as u64, usize::MAX).is_ok();
        if is_there && self.seen.insert(number as usize)? {
            return self.container.extend([(start, length)]);
        }
        let error = FormatError::new(
            self.container.format,
            entry,
            "a block serves twice, or goes past the end",
        );
        tolerate(&mut self.container, self.options, error)?;
        let there = if is_there {
            0
        } else {
            self.input.len().saturating_sub(start).min(length)
        };
        self.container
            .extend([(Some(start), there), (None, length - there)])
    }

    /// The container, with the disk.
    pub(in crate::formats) fn finish(self) -> Container {
        self.container
    }
}
