//! Directories, one after the other.

use alloc::format;
use alloc::string::String;

pub(crate) use super::reading::NAME;
use super::reading::{CHILD_LEVELS, Children, JPEG, Reading, STRIPS, SUB_DIRECTORIES, TILES, VALUES};
use super::segments::Image;
use crate::error::Error;
use crate::formats::parse::faults::Faults;
use crate::formats::{Container, FormatError, Options};
use crate::{Bytes, array};

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
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let faults = Faults::new(options);
    let mut reading = Reading::new(bytes, &faults)?;
    let first = reading.first()?;
    if first == 0 {
        return reading.input.fault(4, "no directory");
    }
    if let Err(error) = reading.pages(first) {
        faults.pass(error)?;
    }
    let mut container = reading.container;
    faults.give(&mut container);
    Ok(container)
}

impl Reading<'_> {
    /// Takes the page at `next` and those after it, each with its children.
    fn pages(&mut self, mut next: u64) -> Result<(), FormatError> {
        let mut pages = 0_usize;
        while next != 0 {
            next = self.directory(&format!("page{pages}"), Some(pages), next)?;
            // Children may have children; the stack holds them, not the call's.
            while let Some((name, offset)) = self.next_child()? {
                // A child's next directory is not one of the file's pages.
                let child = self.directory(&name, None, offset);
                self.faults.ok(child)?;
            }
            pages += 1;
        }
        Ok(())
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
        let end = match self.spend(first, length) {
            Ok(end) => end,
            // The whole entries of a directory that is cut off.
            Err(error) if first < self.input.len() && self.spent <= self.input.len() => {
                self.faults.pass(error)?;
                let size = usize::try_from(size).unwrap_or(1);
                first + (self.input.len() - first) / size * size
            }
            Err(error) => return Err(error),
        };
        let entries = self.entries(first, end)?;
        let next = self.faults.ok(self.number(end))?.unwrap_or(0);

        let find = |tag| entries.iter().find(|entry| entry.tag == tag).copied();
        let both = find(STRIPS.0).is_some() && find(TILES.0).is_some();
        if both {
            self.faults
                .pass(FormatError::new(NAME, start, "both strips and tiles"))?;
        }
        let image = Image::new(self, start, &entries);
        for (tags, kind) in [(STRIPS, "strip"), (TILES, "tile")] {
            // Where both are there, strips are what readers without tiles see.
            if !(both && kind == "strip") {
                let result = self.segments(name, page, kind, &image, find(tags.0), find(tags.1));
                self.faults.ok(result)?;
            }
        }
        if let (Some(offsets), Some(lengths)) = (find(JPEG.0), find(JPEG.1)) {
            let name = format!("{name}.jpeg");
            let result = self.segments(&name, None, "part", &image, Some(offsets), Some(lengths));
            self.faults.ok(result)?;
        }
        for (tag, value) in VALUES {
            if let Some(entry) = find(tag) {
                let size = self.size(&entry)?;
                match self.input.end(entry.values, size, self.input.len()) {
                    Ok(end) => self
                        .container
                        .push(&format!("{name}.{value}"), [(entry.values, end - entry.values)])?,
                    Err(error) => self.faults.leave_out(error)?,
                }
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
}
