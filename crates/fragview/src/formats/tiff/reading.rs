//! What is read of a file: its byte order, the width of its offsets, and the streams so far.

use alloc::string::String;
use alloc::vec::Vec;

use crate::Bytes;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::parse::sparse::SparseSet;
use crate::formats::{Container, Family, FormatError};

pub(crate) const NAME: &str = "tiff";

pub(super) const STRIPS: (u16, u16) = (273, 279);
pub(super) const TILES: (u16, u16) = (324, 325);
pub(super) const JPEG: (u16, u16) = (513, 514);
pub(super) const SUB_DIRECTORIES: u16 = 330;
pub(super) const CHILD_LEVELS: usize = 8;
/// Tags whose values are streams.
pub(super) const VALUES: [(u16, &str); 4] = [
    (347, "jpeg_tables"),
    (700, "xmp"),
    (34377, "photoshop"),
    (34675, "icc_profile"),
];

/// Tags that tell an image's size: width, length, bits, compression, samples, rows of a strip, planes, width
/// and length of a tile.
pub(super) const SIZES: [u16; 9] = [256, 257, 258, 259, 277, 278, 284, 322, 323];

/// A directory's entry: its type, how many values, and where these lie.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) tag: u16,
    pub(super) kind: u16,
    pub(super) count: u64,
    /// Where the values lie in the file, in the entry itself or elsewhere.
    pub(super) values: usize,
    /// Where the entry lies, for errors.
    pub(super) offset: usize,
}

/// Numbers in the file, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Table {
    pub(super) start: usize,
    pub(super) width: usize,
    pub(super) count: usize,
}

/// The children of a directory.
pub(super) struct Children {
    /// The directory's name.
    pub(super) parent: String,
    pub(super) offsets: Table,
    /// How many were read.
    pub(super) index: usize,
}

pub(super) struct Reading<'a> {
    pub(super) input: Input<'a>,
    pub(super) faults: &'a Faults,
    pub(super) container: Container,
    pub(super) pages: Family,
    /// 64-bit offsets.
    pub(super) big: bool,
    pub(super) seen: SparseSet,
    /// The bytes of directories and tables so far. They do not overlap in a sound file, so they are no more
    /// than the file together: that bounds time and memory if they do.
    pub(super) spent: usize,
    /// Child directories to be read, the deepest last.
    pub(super) children: Vec<Children>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(bytes: &'a dyn Bytes, faults: &'a Faults) -> Result<Self, FormatError> {
        let little = Input::little(bytes, NAME);
        let input = match little.array(0)? {
            [b'I', b'I'] => little,
            [b'M', b'M'] => Input::big(bytes, NAME),
            _ => return little.fault(0, "no TIFF byte order"),
        };
        let version = input.u16(2)?;
        if !matches!(version, 42 | 43) {
            return input.fault(2, "no TIFF version");
        }
        let mut container = Container::new(NAME);
        Ok(Self {
            input,
            faults,
            pages: container.family("page{}")?,
            container,
            big: version == 43,
            seen: SparseSet::default(),
            spent: 0,
            children: Vec::new(),
        })
    }

    /// Where the first directory lies.
    pub(super) fn first(&self) -> Result<u64, FormatError> {
        if self.big && (self.input.u16(4)?, self.input.u16(6)?) != (8, 0) {
            return self.input.fault(4, "offsets that are not of 8 bytes");
        }
        self.number(if self.big { 8 } else { 4 })
    }

    /// The offset, or the count of values, at `offset`.
    pub(super) fn number(&self, offset: usize) -> Result<u64, FormatError> {
        if self.big {
            self.input.u64(offset)
        } else {
            self.input.u32(offset).map(u64::from)
        }
    }

    /// Counts `length` bytes that begin at `offset` as directory or table; where they end.
    pub(super) fn spend(&mut self, offset: usize, length: u64) -> Result<usize, FormatError> {
        let end = self.input.end(offset, length, self.input.len())?;
        self.spent = self.spent.saturating_add(end - offset);
        if self.spent > self.input.len() {
            return self.input.fault(offset, "directories and tables that overlap");
        }
        Ok(end)
    }
}
