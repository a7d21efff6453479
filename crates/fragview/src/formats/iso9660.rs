//! ISO 9660: file systems of CDs and DVDs (ECMA-119: 8.4 the primary volume descriptor, 9.1 directory
//! records; the Joliet specification; Rock Ridge, IEEE P1282: 4.1.4 names).
//!
//! | stream | |
//! | --- | --- |
//! | `<path>` | each file, by its Rock Ridge or Joliet name if it has one, else without `;1`; the extents of one with several are joined |
//!
//! Refused: no primary volume descriptor, records past the end, folders that loop, interleaved files.
//! Leniently a file ends with the image, and such a folder has no files.

use alloc::string::String;

use super::parse::faults::{tolerate, tolerate_apart};
use super::parse::folders::Folders;
use super::parse::input::Input;
use super::parse::sparse::SparseSet;
use super::{Container, FormatError, Options};
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "iso9660";

/// Bytes of a sector, and where the descriptors begin.
const SECTOR: usize = 2048;
const FIRST: usize = 16 * SECTOR;

/// Flags of a record.
const FOLDER: u8 = 2;
const MORE: u8 = 0x80;

/// Whether the first descriptor has its identifier.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, FIRST + 1) == Some(*b"CD001")
}

/// How names are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Plain,
    Joliet,
    /// Rock Ridge, after this number of bytes of each record's system use.
    RockRidge(usize),
}

/// The files of an image. O(records); reads descriptors and folders.
///
/// # Errors
/// [`FormatError`] if the image is malformed or cut off.
///
/// ```
/// use fragview::formats::{Options, iso9660};
/// // Two descriptors, the root in sector 18, and a file in sector 19.
/// let mut file = vec![0; 2048 * 20];
/// file[16 * 2048..16 * 2048 + 6].copy_from_slice(b"\x01CD001");
/// file[17 * 2048..17 * 2048 + 6].copy_from_slice(b"\xffCD001");
/// let mut record = |at: usize, sector, length, flags, name: &[u8]| {
///     file[at] = 34 + name.len() as u8;
///     file[at + 2] = sector;
///     file[at + 10..at + 12].copy_from_slice(&u16::to_le_bytes(length));
///     file[at + 25] = flags;
///     file[at + 32] = name.len() as u8;
///     file[at + 33..at + 33 + name.len()].copy_from_slice(name);
/// };
/// record(16 * 2048 + 156, 18, 2048, 2, b"\0");
/// record(18 * 2048, 19, 5, 0, b"A.TXT;1");
/// file[16 * 2048 + 129] = 8; // bytes of a block
/// let container = iso9660::open(&file, Options::default())?;
/// assert_eq!(container.stream("A.TXT").unwrap().extents, [(19 * 2048, 5)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    let (mut primary, mut joliet) = (None, None);
    let mut at = FIRST;
    while let Some([kind, b'C', b'D', b'0', b'0', b'1']) = array(bytes, at) {
        match kind {
            1 if primary.is_none() => primary = Some(at),
            2 if matches!(array(bytes, at + 88), Some([b'%', b'/', b'@' | b'C' | b'E'])) => joliet = Some(at),
            255 => break,
            _ => {}
        }
        at += SECTOR;
    }
    let Some(primary) = primary else {
        return input.fault(FIRST, "no primary volume descriptor");
    };
    let mut image = Image {
        input,
        bytes,
        options,
        block: 0,
        names: Names::Plain,
        container: Container::new(NAME),
        seen: SparseSet::default(),
    };
    let root = image.root(primary)?;
    image.names = image.rock_ridge(root.0)?;
    match joliet {
        Some(joliet) if image.names == Names::Plain => {
            image.names = Names::Joliet;
            let root = image.root(joliet)?;
            image.files(root)?;
        }
        _ => image.files(root)?,
    }
    Ok(image.container)
}

struct Image<'a> {
    input: Input<'a>,
    bytes: &'a dyn Bytes,
    options: Options,
    block: usize,
    names: Names,
    container: Container,
    /// Blocks where folders begin that were read.
    seen: SparseSet,
}

/// Where a folder lies, and its bytes.
type Folder = (usize, usize);

impl Image<'_> {
    /// The root that a descriptor names.
    fn root(&mut self, descriptor: usize) -> Result<Folder, FormatError> {
        self.block = usize::from(self.input.u16(descriptor + 128)?);
        if !self.block.is_power_of_two() || !(512..=SECTOR).contains(&self.block) {
            return self.input.fault(
                descriptor + 128,
                "a block's size is not a power of two from 512 to 2048",
            );
        }
        self.place(descriptor + 156)
    }

    /// Where what a record names lies, and its bytes.
    fn place(&self, record: usize) -> Result<Folder, FormatError> {
        let first =
            (self.input.u32(record + 2)? as usize).saturating_add(usize::from(self.input.u8(record + 1)?));
        Ok((
            first.saturating_mul(self.block),
            self.input.u32(record + 10)? as usize,
        ))
    }

    /// Whether the root's first record says that names are Rock Ridge's, and the bytes to skip then.
    fn rock_ridge(&self, root: usize) -> Result<Names, FormatError> {
        let length = usize::from(self.input.u8(root)?);
        if length >= 34 + 7
            && let Some([b'S', b'P', 7, 1, 0xbe, 0xef, skip]) = array(self.bytes, root + 34)
        {
            return Ok(Names::RockRidge(usize::from(skip)));
        }
        Ok(Names::Plain)
    }

    fn files(&mut self, root: Folder) -> Result<(), FormatError> {
        let mut folders = Folders::new(root, self.bytes.len());
        while let Some((path, (start, length))) = folders.next() {
            let end = match self.input.end(start, length as u64, usize::MAX) {
                Ok(end) => end,
                Err(error) => {
                    tolerate_apart(&mut self.container, self.options, error)?;
                    self.input.len()
                }
            };
            if !self.seen.insert(start / self.block)? {
                let error = FormatError::new(NAME, start, "a folder is in two places");
                tolerate_apart(&mut self.container, self.options, error)?;
                continue;
            }
            let result = self.folder(&mut folders, &path, start, end);
            if let Err(error) = result {
                tolerate_apart(&mut self.container, self.options, error)?;
            }
        }
        Ok(())
    }

    /// Adds the files of a folder, and its folders to those that are to be read.
    fn folder(
        &mut self,
        folders: &mut Folders<Folder>,
        path: &str,
        start: usize,
        end: usize,
    ) -> Result<(), FormatError> {
        let mut at = start;
        // Whether the last record was an extent of a file that goes on in the next record.
        let mut goes_on = false;
        while at < end {
            let length = usize::from(self.input.u8(at)?);
            if length == 0 {
                // No record crosses a sector.
                at = start + (at - start + 1).next_multiple_of(SECTOR);
                continue;
            }
            let name_length = usize::from(self.input.u8(at + 32)?);
            if length < 33 + name_length || length > end - at {
                return self.input.fault(at, "a record does not fit in its folder");
            }
            let record = at;
            at += length;
            let flags = self.input.u8(record + 25)?;
            let is_itself = name_length == 1 && self.input.u8(record + 33)? <= 1;
            if is_itself || name_length == 0 {
                continue;
            }
            let (first, size) = self.place(record)?;
            if flags & FOLDER != 0 {
                let name = self.name(record, length, name_length)?;
                match folders.path(path, &name)? {
                    Some(path) => folders.add(path, (first, size))?,
                    None => return self.input.fault(record, "the paths are longer than the file"),
                }
                continue;
            }
            if !goes_on {
                let name = self.name(record, length, name_length)?;
                let Some(path) = folders.path(path, &name)? else {
                    return self.input.fault(record, "the paths are longer than the file");
                };
                self.container.push(&path, [] as [Extent; 0])?;
            }
            goes_on = flags & MORE != 0;
            let there = self.input.len().saturating_sub(first).min(size);
            self.container.extend([(first, there)])?;
            let what = if there < size {
                "a file goes past the end"
            } else if self.input.u16(record + 26)? != 0 {
                "a file is interleaved"
            } else {
                continue;
            };
            let error = FormatError::new(NAME, record, what);
            tolerate(&mut self.container, self.options, error)?;
        }
        Ok(())
    }

    /// The name in a record.
    fn name(&self, record: usize, length: usize, name_length: usize) -> Result<String, FormatError> {
        let mut raw = [0; 255];
        let raw = &mut raw[..name_length];
        self.input.read(record + 33, raw)?;
        if let Names::RockRidge(skip) = self.names
            && let Some(name) = self.rock_ridge_name(record, length, name_length, skip)?
        {
            return Ok(name);
        }
        let name = if self.names == Names::Joliet {
            let (units, _) = raw.as_chunks::<2>();
            char::decode_utf16(units.iter().map(|&unit| u16::from_be_bytes(unit)))
                .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        } else {
            String::from_utf8_lossy(raw).into_owned()
        };
        // A version follows, and a dot if there is no extension.
        let name = match name.rsplit_once(';') {
            Some((name, version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &name,
        };
        Ok(String::from(name.strip_suffix('.').unwrap_or(name)))
    }

    /// The name in the `NM` fields of a record, and of the area that it goes on in.
    fn rock_ridge_name(
        &self,
        record: usize,
        length: usize,
        name_length: usize,
        skip: usize,
    ) -> Result<Option<String>, FormatError> {
        let mut at = record + (33 + name_length).next_multiple_of(2) + skip;
        let mut end = record + length;
        let mut name: Option<String> = None;
        let mut next = None;
        // An area may go on in another one; the bound ends a loop.
        for _ in 0..16 {
            while at + 4 <= end {
                let [kind, sort, size, _] = self.input.array(at)?;
                let size = usize::from(size);
                if size < 4 || size > end - at {
                    break;
                }
                match [kind, sort] {
                    [b'N', b'M'] if size > 5 => {
                        let mut raw = [0; 255];
                        let raw = &mut raw[..size - 5];
                        self.input.read(at + 5, raw)?;
                        name.get_or_insert_default()
                            .push_str(&String::from_utf8_lossy(raw));
                    }
                    [b'C', b'E'] if size >= 28 => {
                        let block = (self.input.u32(at + 4)? as usize).saturating_mul(self.block);
                        let start = block.saturating_add(self.input.u32(at + 12)? as usize);
                        let length = (self.input.u32(at + 20)? as usize).min(SECTOR);
                        next = Some((start, start.saturating_add(length)));
                    }
                    [b'S', b'T'] => break,
                    _ => {}
                }
                at += size;
            }
            let Some(area) = next.take() else {
                break;
            };
            (at, end) = area;
            if end > self.input.len() {
                break;
            }
        }
        Ok(name)
    }
}
