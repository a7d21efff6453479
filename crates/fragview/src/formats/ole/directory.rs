//! The directory: [MS-CFB] 2.6.

use alloc::string::String;
use alloc::vec::Vec;

use super::fault::fault;
use super::sectors::Sectors;
use crate::bytes::{Bytes, Within};
use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::sparse::SparseSet;
use crate::geometry::Extents;

/// Bytes of an entry.
const ENTRY: usize = 128;
const NO_STREAM: u32 = 0xFFFF_FFFF;
const STORAGE: u8 = 1;
const STREAM: u8 = 2;
const ROOT: u8 = 5;

/// A stream object.
pub(super) struct Entry<'a> {
    /// Where the entry is in the file.
    pub(super) offset: usize,
    pub(super) path: &'a str,
    pub(super) start: u32,
    pub(super) size: u64,
}

/// The directory's sectors.
pub(super) struct Directory<'a> {
    bytes: &'a dyn Bytes,
    extents: Extents,
    short_sizes: bool,
}

/// An entry of any kind, without its name.
struct Node {
    /// Where the entry is in the file.
    offset: usize,
    name: [u8; 64],
    name_length: usize,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    size: u64,
}

/// The entries that the walk of the tree has yet to visit.
enum Step {
    /// Go into the subtree of siblings whose top is this entry, within the storage of this path.
    Enter { id: u32, named_at: usize, depth: usize },
    /// Its left siblings are done.
    Visit { node: Node, depth: usize },
}

impl<'a> Directory<'a> {
    /// Finds the directory's sectors and the mini stream, which the root's entry names.
    pub(super) fn read(
        bytes: &'a dyn Bytes,
        sectors: &mut Sectors<'a>,
        faults: &Faults,
    ) -> Result<Self, FormatError> {
        let this = Self {
            bytes,
            extents: sectors.chain(sectors.first_directory, 48)?,
            short_sizes: sectors.short_sizes,
        };
        let root = this.node(0, 48)?;
        if root.kind != ROOT {
            let error = fault(root.offset, "the directory's first entry is not its root");
            faults.pass(error)?;
        }
        sectors.read_mini(root.start, root.size, root.offset)?;
        Ok(this)
    }

    /// Gives each stream object, in the order of the tree, with its path. O(entries).
    pub(super) fn for_each_stream(
        &self,
        faults: &Faults,
        each: &mut dyn FnMut(Entry<'_>) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let mut seen = SparseSet::default();
        let mut path: Vec<String> = Vec::new();
        // Bytes of `path`, with its separators, and those that paths may still have: as many as the file.
        // Storages nested deeply with long names would else take memory out of proportion to it.
        let mut path_length = 0_usize;
        let mut budget = self.bytes.len();
        let root = self.node(0, 48)?;
        seen.insert(0)?;
        let mut steps = Vec::from([Step::Enter {
            id: root.child,
            named_at: root.offset,
            depth: 0,
        }]);
        while let Some(step) = steps.pop() {
            match step {
                Step::Enter { id: NO_STREAM, .. } => {}
                Step::Enter { id, named_at, depth } => {
                    let Some(node) = faults.ok(self.node(id, named_at))? else {
                        continue;
                    };
                    if !seen.insert(id as usize)? {
                        faults.pass(fault(named_at, "an entry is in the directory's tree twice"))?;
                        continue;
                    }
                    let (id, named_at) = (node.left, node.offset);
                    steps.try_reserve(2).map_err(|_| Error::OutOfMemory)?;
                    steps.push(Step::Visit { node, depth });
                    steps.push(Step::Enter { id, named_at, depth });
                }
                Step::Visit { node, depth } => {
                    let (named_at, name) = (node.offset, faults.ok(node.name())?.unwrap_or_default());
                    for part in path.drain(depth..) {
                        path_length -= part.len() + 1;
                    }
                    path_length += name.len() + 1;
                    path.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                    path.push(name);
                    steps.try_reserve(2).map_err(|_| Error::OutOfMemory)?;
                    steps.push(Step::Enter {
                        id: node.right,
                        named_at,
                        depth,
                    });
                    match node.kind {
                        STREAM => {
                            let Some(left) = budget.checked_sub(path_length) else {
                                return faults.pass(fault(named_at, "the paths are longer than the file"));
                            };
                            budget = left;
                            each(Entry {
                                offset: node.offset,
                                path: &path.join("/"),
                                start: node.start,
                                size: node.size,
                            })?;
                        }
                        STORAGE => steps.push(Step::Enter {
                            id: node.child,
                            named_at,
                            depth: depth + 1,
                        }),
                        _ => faults.pass(fault(named_at, "an entry is neither a storage nor a stream"))?,
                    }
                }
            }
        }
        Ok(())
    }

    /// The entry `id`, which the one at `named_at` of the file names.
    fn node(&self, id: u32, named_at: usize) -> Result<Node, FormatError> {
        let start = (id as usize).checked_mul(ENTRY);
        let mut raw = [0; ENTRY];
        let offset = start
            .filter(|&start| {
                Within::new(self.bytes, &self.extents)
                    .read(start, &mut raw)
                    .is_some()
            })
            .and_then(|start| self.extents.runs(start..start + 1).next()?.offset)
            .ok_or_else(|| fault(named_at, "an entry lies past the directory's end"))?;
        let long = |at: usize| u32::from_le_bytes([raw[at], raw[at + 1], raw[at + 2], raw[at + 3]]);
        let mut name = [0; 64];
        name.copy_from_slice(&raw[..64]);
        // In version 3 the upper half may hold anything (2.6.1).
        let high = if self.short_sizes { 0 } else { long(124) };
        Ok(Node {
            offset,
            name,
            name_length: usize::from(u16::from_le_bytes([raw[64], raw[65]])),
            kind: raw[66],
            left: long(68),
            right: long(72),
            child: long(76),
            start: long(116),
            size: u64::from(high) << 32 | u64::from(long(120)),
        })
    }
}

impl Node {
    /// The name, whose length counts bytes with the two of its terminator. A slash in it would make a path of
    /// it.
    fn name(&self) -> Result<String, FormatError> {
        let name = (self.name_length.is_multiple_of(2))
            .then(|| self.name.get(..self.name_length.checked_sub(2)?))
            .flatten()
            .ok_or_else(|| fault(self.offset + 64, "an entry's name has an impossible length"))?;
        let units = name
            .chunks_exact(2)
            .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        Ok(char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .map(|letter| if letter == '/' { '_' } else { letter })
            .collect())
    }
}
