//! TIFF: revision 6.0 (Adobe, 1992), sections 2 "TIFF Structure", 3 "Bilevel Images" (strips) and 15 "Tiled
//! Images"; `BigTIFF` (64-bit offsets); child images as in TIFF technical note 1.
//!
//! | stream | |
//! | --- | --- |
//! | `page0`, `page1`… | all strips or tiles of a page, in order, joined |
//! | `page0.strip0`… or `page0.tile0`… | each of them, where a page has more than one |
//! | `page0.jpeg` | what `JPEGInterchangeFormat` names (section 22, and thumbnails) |
//! | `page0.jpeg_tables`, `page0.xmp`, `page0.photoshop`, `page0.icc_profile` | the values of these tags |
//! | `page0.sub0`, `page0.sub0.tile0`… | the same of a page's child images |
//!
//! Both byte orders are read. A strip of no bytes (in a sparse file) is an empty stream. A page without
//! strips or tiles has no stream `page0`; the later pages keep their numbers.
//!
//! Refused: a directory that comes twice, so also a chain that loops, directories and tables that would be
//! more than the file together, directories without entries or past the end, strips or tiles with another
//! number of offsets than of lengths or with only one of both, strips and tiles in one page, child images of
//! more than 8 levels, and strips, tiles and values past the end.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::parse::input::Input;
use super::parse::sparse::SparseSet;
use super::{Container, Family, FormatError, Options};
use crate::error::Error;
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "tiff";

const STRIPS: (u16, u16) = (273, 279);
const TILES: (u16, u16) = (324, 325);
const JPEG: (u16, u16) = (513, 514);
const SUB_DIRECTORIES: u16 = 330;
const CHILD_LEVELS: usize = 8;
/// Tags whose values are streams.
const VALUES: [(u16, &str); 4] = [
    (347, "jpeg_tables"),
    (700, "xmp"),
    (34377, "photoshop"),
    (34675, "icc_profile"),
];

/// True if the file begins with TIFF's byte order and version.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    matches!(
        array(bytes, 0),
        Some([b'I', b'I', 42 | 43, 0] | [b'M', b'M', 0, 42 | 43])
    )
}

/// The streams of a TIFF file. O(directories + strips + tiles).
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, tiff};
/// let mut file = b"II*\0\x0a\0\0\0hi".to_vec(); // the directory is at 10, and has two entries
/// file.extend(b"\x02\0");
/// file.extend(b"\x11\x01\x04\0\x01\0\0\0\x08\0\0\0"); // StripOffsets: 8
/// file.extend(b"\x17\x01\x04\0\x01\0\0\0\x02\0\0\0"); // StripByteCounts: 2
/// file.extend(b"\0\0\0\0");
/// let container = tiff::open(&file, Options::default())?;
/// assert_eq!(container.names().collect::<Vec<_>>(), ["page0"]);
/// assert_eq!(container.extents(0), Some([(8, 2)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, _options: Options) -> Result<Container, FormatError> {
    let mut reading = Reading::new(bytes)?;
    let mut next = reading.first()?;
    if next == 0 {
        return reading.input.fault(4, "no directory");
    }
    let mut pages = 0_usize;
    loop {
        next = reading.directory(&format!("page{pages}"), Some(pages), next)?;
        // Children may have children; the stack holds them, not the call's.
        while let Some((name, offset)) = reading.next_child()? {
            // A child's next directory is not one of the file's pages.
            reading.directory(&name, None, offset)?;
        }
        pages += 1;
        if next == 0 {
            return Ok(reading.container);
        }
    }
}

/// A directory's entry: its type, how many values, and where these lie.
#[derive(Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// Where the values lie in the file, in the entry itself or elsewhere.
    values: usize,
    /// The place of the entry, for errors.
    offset: usize,
}

/// Numbers in the file, one after the other.
#[derive(Clone, Copy)]
struct Table {
    start: usize,
    width: usize,
    count: usize,
}

/// The children of a directory.
struct Children {
    /// The directory's name.
    parent: String,
    offsets: Table,
    /// How many were read.
    index: usize,
}

struct Reading<'a> {
    input: Input<'a>,
    container: Container,
    pages: Family,
    /// 64-bit offsets.
    big: bool,
    seen: SparseSet,
    /// The bytes of directories and tables so far. They do not overlap in a sound file, so they are no more
    /// than the file together: that bounds time and memory where they do.
    spent: usize,
    /// Child directories to be read, the deepest last.
    children: Vec<Children>,
}

impl<'a> Reading<'a> {
    fn new(bytes: &'a dyn Bytes) -> Result<Self, FormatError> {
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
            pages: container.family("page{}")?,
            container,
            big: version == 43,
            seen: SparseSet::default(),
            spent: 0,
            children: Vec::new(),
        })
    }

    /// The place of the first directory.
    fn first(&self) -> Result<u64, FormatError> {
        if self.big && (self.input.u16(4)?, self.input.u16(6)?) != (8, 0) {
            return self.input.fault(4, "offsets that are not of 8 bytes");
        }
        self.number(if self.big { 8 } else { 4 })
    }

    /// The offset, or the count of values, at `offset`.
    fn number(&self, offset: usize) -> Result<u64, FormatError> {
        if self.big {
            self.input.u64(offset)
        } else {
            self.input.u32(offset).map(u64::from)
        }
    }

    /// Counts `length` bytes that begin at `offset` as directory or table; where they end.
    fn spend(&mut self, offset: usize, length: u64) -> Result<usize, FormatError> {
        let end = self.input.end(offset, length, self.input.len())?;
        self.spent = self.spent.saturating_add(end - offset);
        if self.spent > self.input.len() {
            return self.input.fault(offset, "directories and tables that overlap");
        }
        Ok(end)
    }

    /// Adds the streams of the directory at `offset`, and its children to those to be read. Where the next
    /// one lies.
    fn directory(&mut self, name: &str, page: Option<usize>, offset: u64) -> Result<u64, FormatError> {
        let Ok(start) = usize::try_from(offset) else {
            return self.input.fault(0, "a directory past the end");
        };
        if !self.seen.insert(start)? {
            return self.input.fault(start, "a directory comes twice");
        }
        let (first, count, size) = if self.big {
            (start.saturating_add(8), self.input.u64(start)?, 20)
        } else {
            (start.saturating_add(2), u64::from(self.input.u16(start)?), 12)
        };
        if count == 0 {
            return self.input.fault(start, "a directory without entries");
        }
        let Some(length) = count.checked_mul(size) else {
            return self.input.fault(start, "a directory past the end");
        };
        let end = self.spend(first, length)?;
        let entries = self.entries(first, end)?;
        let next = self.number(end)?;

        let find = |tag| entries.iter().find(|entry| entry.tag == tag).copied();
        if find(STRIPS.0).is_some() && find(TILES.0).is_some() {
            return self.input.fault(start, "both strips and tiles");
        }
        for (tags, kind) in [(STRIPS, "strip"), (TILES, "tile")] {
            self.segments(name, page, kind, start, find(tags.0), find(tags.1))?;
        }
        if let (Some(offsets), Some(lengths)) = (find(JPEG.0), find(JPEG.1)) {
            self.segments(
                &format!("{name}.jpeg"),
                None,
                "part",
                start,
                Some(offsets),
                Some(lengths),
            )?;
        }
        for (tag, value) in VALUES {
            if let Some(entry) = find(tag) {
                let end = self
                    .input
                    .end(entry.values, self.size(&entry)?, self.input.len())?;
                self.container
                    .push(&format!("{name}.{value}"), [(entry.values, end - entry.values)])?;
            }
        }
        if let Some(entry) = find(SUB_DIRECTORIES) {
            // A child's name holds those of all its parents, so deep ones would take the square of their
            // number.
            if name.matches(".sub").count() == CHILD_LEVELS {
                return self.input.fault(start, "child images nested too deep");
            }
            let offsets = self.table(&entry)?;
            self.children.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            self.children.push(Children {
                parent: name.into(),
                offsets,
                index: 0,
            });
        }
        Ok(next)
    }

    /// The name and the offset of the child directory to be read next.
    fn next_child(&mut self) -> Result<Option<(String, u64)>, FormatError> {
        while let Some(children) = self.children.last_mut() {
            let index = children.index;
            if index < children.offsets.count {
                children.index += 1;
                let name = format!("{}.sub{index}", children.parent);
                let offsets = children.offsets;
                return Ok(Some((name, self.entry_of(offsets, index)?)));
            }
            self.children.pop();
        }
        Ok(None)
    }

    /// The entries from `first` to `end` that are used here, the first of each tag.
    fn entries(&self, first: usize, end: usize) -> Result<Vec<Entry>, FormatError> {
        let mut entries = Vec::<Entry>::new();
        let (size, inline) = if self.big { (20, 8) } else { (12, 4) };
        for offset in (first..end).step_by(size) {
            let tag = self.input.u16(offset)?;
            let is_used = [STRIPS, TILES, JPEG]
                .iter()
                .any(|tags| tag == tags.0 || tag == tags.1)
                || tag == SUB_DIRECTORIES
                || VALUES.iter().any(|value| tag == value.0);
            if !is_used || entries.iter().any(|entry| entry.tag == tag) {
                continue;
            }
            let mut entry = Entry {
                tag,
                kind: self.input.u16(offset + 2)?,
                count: self.number(offset + 4)?,
                values: offset + size - inline,
                offset,
            };
            if self.size(&entry)? > inline as u64 {
                let Ok(values) = usize::try_from(self.number(entry.values)?) else {
                    return self.input.fault(offset, "values past the end");
                };
                entry.values = values;
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    /// The bytes of an entry's values.
    fn size(&self, entry: &Entry) -> Result<u64, FormatError> {
        let width = match entry.kind {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16..=18 => 8,
            _ => return self.input.fault(entry.offset + 2, "an unknown type"),
        };
        match entry.count.checked_mul(width) {
            Some(size) => Ok(size),
            None => self.input.fault(entry.offset + 4, "values past the end"),
        }
    }

    /// Where an entry's values lie, which are offsets or lengths.
    fn table(&mut self, entry: &Entry) -> Result<Table, FormatError> {
        let width = match entry.kind {
            3 => 2,
            4 | 13 => 4,
            16 | 18 => 8,
            _ => {
                return self
                    .input
                    .fault(entry.offset + 2, "a type that is no offset or length");
            }
        };
        let end = self.spend(entry.values, self.size(entry)?)?;
        Ok(Table {
            start: entry.values,
            width,
            count: (end - entry.values) / width,
        })
    }

    /// The number of this index in a table.
    fn entry_of(&self, table: Table, index: usize) -> Result<u64, FormatError> {
        let at = table.start + index * table.width;
        match table.width {
            2 => self.input.u16(at).map(u64::from),
            4 => self.input.u32(at).map(u64::from),
            _ => self.input.u64(at),
        }
    }

    /// Adds the streams of the parts that `offsets` and `lengths` name, of the directory at `start`.
    fn segments(
        &mut self,
        name: &str,
        page: Option<usize>,
        kind: &str,
        start: usize,
        offsets: Option<Entry>,
        lengths: Option<Entry>,
    ) -> Result<(), FormatError> {
        let (offsets, lengths) = match (offsets, lengths) {
            (Some(offsets), Some(lengths)) => (offsets, lengths),
            (None, None) => return Ok(()),
            _ => {
                return self
                    .input
                    .fault(start, format!("{kind}s without offsets or lengths"));
            }
        };
        if offsets.count != lengths.count {
            return self.input.fault(
                start,
                format!("{kind}s with another number of offsets than of lengths"),
            );
        }
        let offset_values = self.table(&offsets)?;
        let length_values = self.table(&lengths)?;
        match page {
            // A page may have no parts, and then is no stream.
            Some(page) => self
                .container
                .push_numbered(self.pages, page, [] as [Extent; 0])?,
            None => self.container.push(name, [] as [Extent; 0])?,
        }
        let parts = offset_values.count.min(length_values.count);
        let family = if parts > 1 {
            let family = self.container.family(&format!("{name}.{kind}{{}}"))?;
            self.container.join_last(family)?;
            Some(family)
        } else {
            None
        };
        for index in 0..parts {
            let offset = self.entry_of(offset_values, index)?;
            let length = self.entry_of(length_values, index)?;
            let range = usize::try_from(offset).ok().and_then(|offset| {
                let end = offset.checked_add(usize::try_from(length).ok()?)?;
                // A part of no bytes may be anywhere.
                (length == 0 || end <= self.input.len()).then_some((offset, end - offset))
            });
            let Some(range) = range else {
                return self
                    .input
                    .fault(offsets.values, format!("a {kind} goes past the end"));
            };
            match family {
                Some(family) => self.container.push_in(family, [range])?,
                None => self.container.extend([range])?,
            }
        }
        Ok(())
    }
}
