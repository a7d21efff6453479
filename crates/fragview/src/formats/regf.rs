//! Windows registry hives, versions 1.3 to 1.6 ("Windows registry file format specification", M. Suhanov:
//! "Base block", "Hive bin", "Cell", "Key node", "Key value", "Big data").
//!
//! | stream | |
//! | --- | --- |
//! | `<key>/<value>` | the data of each value, by its path below the root key; `(default)` is the value without a name |
//!
//! Data over 16,344 bytes lie in segments, which are joined; up to 4 bytes lie in the value itself. Text is
//! UTF-16LE, as the value's type says, which is no part of the stream. Free cells, classes of keys and
//! security descriptors are passed over. A hive whose sequence numbers differ has changes in its logs, which
//! are not applied: that is in the faults. `verify` checks the base block's checksum.
//!
//! Refused: cells that are free or go past the end, keys, lists and big data in two places, wrong signatures,
//! lists longer than their cells, big data shorter than they say. A lenient reading leaves out the key or the
//! value, and takes data as far as they are there.

use alloc::string::String;

use super::parse::faults::Faults;
use super::parse::folders::Folders;
use super::parse::input::Input;
use super::parse::sparse::SparseSet;
use super::{Container, FormatError, Options};
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "regf";

/// Bytes of the base block, behind which the bins lie. Offsets count from there.
const BASE: usize = 4096;
/// The most data of a value in one cell, since version 1.4.
const SEGMENT: usize = 16_344;
/// No cell.
const NIL: u32 = 0xffff_ffff;

/// True where the file begins with a base block, and a bin follows it.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(*b"regf") && array(bytes, BASE) == Some(*b"hbin")
}

/// The values of a hive. O(keys + values + segments); reads their cells, not the data.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, regf};
/// // A bin with the root key, its list of one value, and the value, which holds 3 bytes.
/// let mut file = vec![0; 8192];
/// let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
/// put(0, b"regf");
/// put(20, &[1, 0, 0, 0, 5]);
/// put(36, b"\x20\0\0\0\0\x10\0\0");
/// put(4096, b"hbin");
/// put(4128, b"\xa8\xff\xff\xffnk");
/// put(4132 + 36, b"\x01\0\0\0\x78\0\0\0");
/// put(4216, b"\xf8\xff\xff\xff\x80\0\0\0");
/// put(4224, b"\xe0\xff\xff\xffvk\x01\0\x03\0\0\x80abc\0\x03\0\0\0\x01\0\0\0x");
/// let container = regf::open(&file, Options::default())?;
/// assert_eq!(container.stream("x").unwrap().extents, [(4236, 3)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    let faults = Faults::new(options);
    if input.array(0)? != *b"regf" {
        return input.fault(0, "no signature of a hive");
    }
    let (major, minor) = (input.u32(20)?, input.u32(24)?);
    if major != 1 || !(3..=6).contains(&minor) {
        return input.fault(20, "a version other than 1.3 to 1.6");
    }
    if input.u32(4)? != input.u32(8)? {
        faults.note(
            4,
            "the last changes are in the hive's logs, which are not applied",
        )?;
    }
    let end = faults.end(&input, BASE.min(input.len()), input.u32(40)?, usize::MAX)?;
    let mut hive = Hive {
        input,
        faults: &faults,
        end,
        has_segments: minor >= 4,
        seen: SparseSet::default(),
    };
    let mut container = Container::new(NAME);
    // Paths are longer than the cells that they come from.
    let mut folders = Folders::new((input.u32(36)?, 36), input.len().saturating_mul(2));
    while let Some((path, (offset, told))) = folders.next() {
        let result = hive.key(&path, offset, told, &mut folders, &mut container);
        faults.ok(result)?;
    }
    faults.give(&mut container);
    Ok(container)
}

/// Checks the base block's checksum: of its first 508 bytes, by exclusive or. O(1).
///
/// # Errors
///
/// The checksum is wrong.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    let input = Input::little(bytes, NAME);
    let mut sum = 0;
    for at in (0..508).step_by(4) {
        sum ^= input.u32(at)?;
    }
    let sum = match sum {
        0 => 1,
        NIL => NIL - 1,
        sum => sum,
    };
    if input.u32(508)? != sum {
        return input.fault(508, "the checksum of the base block is wrong");
    }
    Ok(())
}

/// A hive that is read.
struct Hive<'a> {
    input: Input<'a>,
    faults: &'a Faults,
    /// Where the bins end.
    end: usize,
    /// Whether big data lie in segments.
    has_segments: bool,
    /// The cells of keys, lists and big data so far: each has one use.
    seen: SparseSet,
}

impl Hive<'_> {
    /// The content of the cell at `offset`: where it begins and ends. `told` is where the file says so.
    fn cell(&self, offset: u32, told: usize) -> Result<(usize, usize), FormatError> {
        let start = (offset as usize).saturating_add(BASE);
        if !start.is_multiple_of(8) || start.saturating_add(4) > self.end {
            return self.input.fault(told, "an offset that no cell begins at");
        }
        let size = self.input.u32(start)?.cast_signed();
        if size >= -4 {
            return self.input.fault(told, "a cell that is free");
        }
        let end = self
            .faults
            .end(&self.input, start, size.unsigned_abs(), self.end)?;
        Ok((start + 4, end.max(start + 4)))
    }

    /// As [`cell`](Self::cell), of one that has no other use.
    fn own(&mut self, offset: u32, told: usize) -> Result<(usize, usize), FormatError> {
        let cell = self.cell(offset, told)?;
        if !self.seen.insert(offset as usize / 8)? {
            return self.input.fault(told, "a cell has two uses");
        }
        Ok(cell)
    }

    /// Adds the values of a key, and the keys below it to those that are to be read.
    fn key(
        &mut self,
        path: &str,
        offset: u32,
        told: usize,
        folders: &mut Folders<(u32, usize)>,
        container: &mut Container,
    ) -> Result<(), FormatError> {
        let input = self.input;
        let (at, end) = self.own(offset, told)?;
        if input.array(at)? != *b"nk" || end - at < 76 {
            return input.fault(at, "no key where one must be");
        }
        let count = input.u32(at + 36)? as usize;
        if count > 0 {
            let list = self.own(input.u32(at + 40)?, at + 40);
            if let Some((list, end)) = self.faults.ok(list)? {
                let there = (end - list) / 4;
                if there < count {
                    let error = FormatError::new(NAME, at + 36, "a list longer than its cell");
                    self.faults.pass(error)?;
                }
                for at in (list..).step_by(4).take(count.min(there)) {
                    let result = self.value(path, at, folders, container);
                    self.faults.ok(result)?;
                }
            }
        }
        if input.u32(at + 20)? > 0 {
            let result = self.keys(path, at + 28, true, folders);
            self.faults.ok(result)?;
        }
        Ok(())
    }

    /// Adds the keys of the list that the number at `told` names; `lists`: it may be one of lists.
    fn keys(
        &mut self,
        path: &str,
        told: usize,
        lists: bool,
        folders: &mut Folders<(u32, usize)>,
    ) -> Result<(), FormatError> {
        let input = self.input;
        let (at, end) = self.own(input.u32(told)?, told)?;
        let kind = input.array(at)?;
        let step = match &kind {
            b"lf" | b"lh" => 8,
            b"li" => 4,
            b"ri" if lists => 4,
            _ => return input.fault(at, "no list of keys where one must be"),
        };
        let count = usize::from(input.u16(at + 2)?);
        let there = (end - at).saturating_sub(4) / step;
        if there < count {
            let error = FormatError::new(NAME, at + 2, "a list longer than its cell");
            self.faults.pass(error)?;
        }
        for at in (at + 4..).step_by(step).take(count.min(there)) {
            let result = match &kind {
                b"ri" => self.keys(path, at, false, folders),
                _ => self.add_key(path, at, folders),
            };
            self.faults.ok(result)?;
        }
        Ok(())
    }

    /// Adds the key that the number at `told` names to those that are to be read.
    fn add_key(
        &self,
        path: &str,
        told: usize,
        folders: &mut Folders<(u32, usize)>,
    ) -> Result<(), FormatError> {
        let input = self.input;
        let offset = input.u32(told)?;
        let (at, end) = self.cell(offset, told)?;
        let length = input.u16(at + 72)?;
        let is_narrow = input.u16(at + 2)? & 0x20 != 0;
        let name = self.name(at + 76, length, end, is_narrow)?;
        match folders.path(path, &name)? {
            Some(path) => Ok(folders.add(path, (offset, told))?),
            None => input.fault(at, "the paths are longer than the file"),
        }
    }

    /// A name of `length` bytes at `at`: in Latin-1 or UTF-16LE.
    fn name(&self, at: usize, length: u16, end: usize, is_narrow: bool) -> Result<String, FormatError> {
        let name_end = self.input.end(at, length, end)?;
        let mut bytes = [0; 512];
        let Some(bytes) = bytes.get_mut(..name_end - at) else {
            return self.input.fault(at, "a name of more than 512 bytes");
        };
        self.input.read(at, bytes)?;
        Ok(if is_narrow {
            bytes.iter().copied().map(char::from).collect()
        } else {
            let units = bytes
                .chunks_exact(2)
                .map(|two| u16::from_le_bytes([two[0], two[1]]));
            let letters = char::decode_utf16(units);
            letters
                .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect()
        })
    }

    /// Adds the value that the number at `told` names.
    fn value(
        &mut self,
        path: &str,
        told: usize,
        folders: &mut Folders<(u32, usize)>,
        container: &mut Container,
    ) -> Result<(), FormatError> {
        let input = self.input;
        let (at, end) = self.cell(input.u32(told)?, told)?;
        if input.array(at)? != *b"vk" || end - at < 20 {
            return input.fault(at, "no value where one must be");
        }
        let length = input.u16(at + 2)?;
        let is_narrow = input.u16(at + 16)? & 1 != 0;
        let name = match length {
            0 => String::from("(default)"),
            _ => self.name(at + 20, length, end, is_narrow)?,
        };
        let Some(path) = folders.path(path, &name)? else {
            return input.fault(at, "the paths are longer than the file");
        };
        container.push(&path, [] as [Extent; 0])?;
        match self.data(at, container) {
            Err(error) => self.faults.pass_last(error, container),
            Ok(()) => Ok(()),
        }
    }

    /// Adds the data of the value at `at` to the last stream.
    fn data(&mut self, at: usize, container: &mut Container) -> Result<(), FormatError> {
        let input = self.input;
        let size = input.u32(at + 4)?;
        if size >> 31 != 0 {
            let length = (size & 0x7fff_ffff) as usize;
            return match length {
                0..=4 => container.extend([(at + 8, length)]),
                _ => input.fault(at + 4, "more than 4 bytes in a value itself"),
            };
        }
        let size = size as usize;
        if size == 0 {
            return Ok(());
        }
        let offset = input.u32(at + 8)?;
        if !self.has_segments || size <= SEGMENT {
            let (start, end) = self.cell(offset, at + 8)?;
            let there = size.min(end - start);
            container.extend([(start, there)])?;
            return self.whole(there, size, at + 4);
        }
        let (big, end) = self.own(offset, at + 8)?;
        if input.array(big)? != *b"db" || end - big < 8 {
            return input.fault(big, "no big data where they must be");
        }
        let count = usize::from(input.u16(big + 2)?);
        let (list, end) = self.own(input.u32(big + 4)?, big + 4)?;
        let mut left = size;
        for at in (list..).step_by(4).take(count.min((end - list) / 4)) {
            let (start, end) = self.cell(input.u32(at)?, at)?;
            let part = left.min(SEGMENT).min(end - start);
            container.extend([(start, part)])?;
            left -= part;
        }
        self.whole(size - left, size, at + 4)
    }

    /// Checks that all of the data are there.
    fn whole(&self, there: usize, size: usize, at: usize) -> Result<(), FormatError> {
        if there < size {
            return self.input.fault(at, "data shorter than the value says");
        }
        Ok(())
    }
}
