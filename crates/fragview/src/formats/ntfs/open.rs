//! The files of a volume.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::attribute::{DATA, FILE_NAME, utf16};
use super::data::{Part, parts};
use super::folders::{Folders, Link, ROOT};
use super::name::NAME;
use super::record::Record;
use super::volume::Volume;
use crate::bytes::{Bytes, array};
use crate::error::Error;
use crate::formats::parse::faults::{tolerate, tolerate_apart};
use crate::formats::parse::sparse::SparseSet;
use crate::formats::{Container, FormatError, Options};
use crate::geometry::Extent;

/// The space of names that are made for DOS: the long name is another attribute.
const DOS: u8 = 2;
const COMPRESSED: u16 = 0x00ff;
const ENCRYPTED: u16 = 0x4000;

/// Whether the file begins with a boot sector of NTFS.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 3) == Some(*b"NTFS    ") && array(bytes, 510) == Some([0x55, 0xaa])
}

/// The files of an NTFS volume. O(records + runs); reads the master file table, twice.
///
/// # Errors
/// [`FormatError`] if the volume is malformed or cut off.
///
/// ```
/// use fragview::formats::{Options, ntfs};
/// assert!(ntfs::open(b"no volume", Options::default()).is_err());
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let mut volume = Volume::read(bytes)?;
    let mut container = Container::new(NAME);
    let mut folders = Folders::new(bytes.len());
    for number in 0..volume.len() {
        let Some(record) = used(&volume, number).unwrap_or(None) else {
            continue;
        };
        if record.is_folder() && number as u64 != ROOT {
            // What is wrong is told when the record is read again.
            let parts = parts(&mut volume, number, &record).unwrap_or_default();
            if let Some((link, _)) = links(&parts)?.into_iter().next() {
                folders.add(number as u64, link)?;
            }
        }
    }
    volume.seen = SparseSet::default();
    for number in 0..volume.len() {
        let result = used(&volume, number).and_then(|record| match record {
            Some(record) => file(
                &mut volume,
                &mut container,
                options,
                &mut folders,
                number,
                &record,
            ),
            None => Ok(()),
        });
        if let Err(error) = result {
            tolerate_apart(&mut container, options, error)?;
        }
    }
    Ok(container)
}

/// The first record of a file in use.
fn used(volume: &Volume<'_>, number: usize) -> Result<Option<Rc<Record>>, FormatError> {
    let record = volume.record(number)?;
    Ok(record
        .filter(|record| record.is_used() && record.base() == 0)
        .map(Rc::new))
}

/// The names of a file, but for those of DOS, and where the file says them.
fn links(parts: &[Part]) -> Result<Vec<(Link, usize)>, FormatError> {
    let mut links = Vec::new();
    for part in parts.iter().filter(|part| part.kind == FILE_NAME) {
        let (record, attribute) = (&part.record, part.attribute);
        let (start, end) = attribute.value(record)?;
        let at = record.place(start);
        let Some([length, space, name @ ..]) = record.raw.get(start + 64..end) else {
            return Err(FormatError::new(NAME, at, "a file's name is cut off"));
        };
        let Some(name) = name.get(..usize::from(*length) * 2) else {
            return Err(FormatError::new(NAME, at, "a file's name is cut off"));
        };
        if *space != DOS {
            let link = Link {
                parent: record.u64(start) & 0xffff_ffff_ffff,
                name: utf16(name),
            };
            links.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            links.push((link, at));
        }
    }
    Ok(links)
}

/// Adds the streams of a file.
fn file(
    volume: &mut Volume<'_>,
    container: &mut Container,
    options: Options,
    folders: &mut Folders,
    number: usize,
    record: &Rc<Record>,
) -> Result<(), FormatError> {
    let parts = parts(volume, number, record)?;
    let mut paths: Vec<String> = Vec::new();
    for (link, at) in links(&parts)? {
        if number as u64 != ROOT {
            paths.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            paths.push(folders.path(&link, at)?);
        }
    }
    let mut data = parts.iter().filter(|part| part.kind == DATA).peekable();
    while let Some(first) = data.next() {
        let flags = first.attribute.flags(&first.record);
        let is_compressed = flags & COMPRESSED != 0 && !first.attribute.is_resident(&first.record);
        let codec = match flags {
            _ if is_compressed => ".lznt1",
            flags if flags & ENCRYPTED != 0 => ".efs",
            _ => "",
        };
        let stream = match first.name.as_str() {
            "" => String::from(codec),
            name => format!(":{}{codec}", name.replace('/', "_")),
        };
        let Some((path, others)) = paths.split_first() else {
            continue;
        };
        // Each name has each stream; the bound is the file's length.
        for path in &paths {
            folders.charge(path.len() + stream.len() + 16, record.offset())?;
        }
        let position = container.len();
        container.push(&format!("{path}{stream}"), [] as [Extent; 0])?;
        container.codec_last(codec.trim_start_matches('.'))?;
        let mut content = Content {
            container,
            options,
            left: usize::MAX,
            written: usize::MAX,
            is_compressed,
        };
        let mut result = content.first(volume, first);
        // The parts of one attribute follow each other in the list.
        while let Some(part) = data.next_if(|part| part.name == first.name) {
            result = result.and_then(|()| content.runs(volume, part));
        }
        let result = result.and_then(|()| content.finish(first));
        if let Err(error) = result {
            tolerate(container, options, error)?;
        }
        for other in others {
            container.push(&format!("{other}{stream}"), [] as [Extent; 0])?;
            container.same_last(position)?;
            container.codec_last(codec.trim_start_matches('.'))?;
        }
    }
    Ok(())
}

/// A stream that is put together: the last one of its container.
struct Content<'c> {
    container: &'c mut Container,
    options: Options,
    /// Bytes that are still to come, and those of them that were written: zeros follow.
    left: usize,
    written: usize,
    is_compressed: bool,
}

impl Content<'_> {
    fn first(&mut self, volume: &Volume<'_>, part: &Part) -> Result<(), FormatError> {
        let (record, attribute) = (&part.record, part.attribute);
        if attribute.is_resident(record) {
            let (start, end) = attribute.value(record)?;
            self.left = 0;
            return self.container.extend(record.bytes(start, end)?.iter());
        }
        let size = |at: usize| {
            usize::try_from(record.u64(attribute.at + at))
                .ok()
                .filter(|&size| isize::try_from(size).is_ok())
                .ok_or_else(|| {
                    FormatError::new(
                        NAME,
                        record.place(attribute.at),
                        "a file is longer than memory can be",
                    )
                })
        };
        if !self.is_compressed {
            (self.left, self.written) = (size(48)?, size(56)?);
        }
        self.runs(volume, part)
    }

    /// Appends the runs of an attribute's part.
    fn runs(&mut self, volume: &Volume<'_>, part: &Part) -> Result<(), FormatError> {
        let (record, attribute) = (&part.record, part.attribute);
        if attribute.is_resident(record) {
            return Err(FormatError::new(
                NAME,
                record.place(attribute.at),
                "data in a record, after other data",
            ));
        }
        attribute.runs(record, &mut |start, count| {
            let at = record.place(attribute.at);
            let extent = volume.extent(start, count, at)?;
            // Compressed units are shorter than their place: holes follow.
            if self.is_compressed && start.is_none() {
                return Ok(());
            }
            let length = extent.length.min(self.left);
            let written = length.min(self.written);
            (self.left, self.written) = (self.left - length, self.written - written);
            let mut there = written;
            if let Some(offset) = extent.offset {
                there = volume.input.len().saturating_sub(offset).min(written);
            }
            self.container
                .extend([(extent.offset, there), (None, length - there)])?;
            if there < written {
                let error = FormatError::new(NAME, at, "a data run goes past the end");
                tolerate(self.container, self.options, error)?;
            }
            Ok(())
        })
    }

    fn finish(&self, part: &Part) -> Result<(), FormatError> {
        if self.left > 0 && !self.is_compressed {
            let at = part.record.place(part.attribute.at);
            return Err(FormatError::new(NAME, at, "a file's runs end before the file"));
        }
        Ok(())
    }
}
