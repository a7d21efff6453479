//! `NetCDF` classic, 64-bit offset and 64-bit data (CDF-1, CDF-2, CDF-5): `NetCDF` User Guide, appendix B
//! "File format specifications".
//!
//! | stream | |
//! | --- | --- |
//! | `<variable>` | the values of a variable in the file's byte order, big-endian; of a record variable all records', as the variable's array has them |
//!
//! Refused: values past the end, unknown types, dimensions that are not there, a record dimension that is not
//! the first one. A file that is being written gives no number of records; then as many are read as fit. A
//! lenient reading takes a variable up to the end of a file that is cut off.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::parse::faults::Faults;
use super::parse::input::Input;
use super::{Container, FormatError, Options};
use crate::error::Error;
use crate::geometry::Extent;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "netcdf3";

/// True if the file begins with the magic of one of the three versions.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    matches!(array(bytes, 0), Some([b'C', b'D', b'F', 1 | 2 | 5]))
}

/// The variables of a file. O(header + records · record variables); reads the header.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, netcdf3};
/// let mut file = b"CDF\x01\0\0\0\x02".to_vec(); // two records
/// file.extend(b"\0\0\0\x0a\0\0\0\x01\0\0\0\x01t\0\0\0\0\0\0\0"); // a dimension, `t`: that of the records
/// file.extend([0; 8]); // no attributes
/// file.extend(b"\0\0\0\x0b\0\0\0\x01\0\0\0\x01v\0\0\0\0\0\0\x01\0\0\0\0"); // a variable, `v(t)`
/// file.extend(b"\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0\x04\0\0\0\x50"); // of integers, at 80
/// file.extend([1; 8]);
/// let container = netcdf3::open(&file, Options::default())?;
/// assert_eq!(container.name(0), Some("v".into()));
/// assert_eq!(container.extents(0), Some([(80, 8)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    let Some([b'C', b'D', b'F', version @ (1 | 2 | 5)]) = array(bytes, 0) else {
        return input.fault(0, "no NetCDF signature");
    };
    let mut header = Header {
        input,
        at: 4,
        version,
    };
    // All ones: as many as fit.
    let told = header.at;
    let records = header.count()?;
    let is_open = records == if version == 5 { u64::MAX } else { u32::MAX.into() };
    let dimensions = header.dimensions()?;
    header.attributes()?;
    let variables = header.variables(&dimensions)?;
    // Records hold the slabs of all record variables, each filled up to 4 bytes, unless there is just one.
    let mut slabs = variables.iter().filter(|variable| variable.is_record);
    let (mut record, mut first) = (0_u64, u64::MAX);
    let count = slabs.clone().count();
    if let (1, Some(only)) = (count, slabs.clone().next()) {
        (record, first) = (only.length, only.begin);
    } else {
        for slab in slabs.by_ref() {
            let padded = slab.length.checked_next_multiple_of(4);
            let Some(sum) = padded.and_then(|length| length.checked_add(record)) else {
                return input.fault(told, "records longer than memory");
            };
            record = sum;
            first = first.min(slab.begin);
        }
    }
    let room = (input.len() as u64).saturating_sub(first);
    let mut records = match (record, is_open) {
        (0, _) => 0,
        (_, true) => room / record,
        (_, false) => records,
    };
    // The padding behind the last slab may be missing.
    let most = room.saturating_add(3).checked_div(record).unwrap_or(0);
    if records > most {
        faults.ok(input.fault::<()>(told, "records past the end"))?;
        records = room.checked_div(record).map_or(0, |whole| whole + 1);
    }
    let mut container = Container::new(NAME);
    for variable in &variables {
        container.push(&header.name(variable.name)?, [] as [Extent; 0])?;
        let times = if variable.is_record { records } else { 1 };
        for time in 0..times {
            // Read, so that a long loop heeds signals.
            input.u8(0)?;
            let start = time
                .checked_mul(record)
                .and_then(|skip| skip.checked_add(variable.begin));
            let Some(start) = start.and_then(|start| usize::try_from(start).ok()) else {
                return input.fault(variable.told, "values past the end");
            };
            if let Ok(end) = input.end(start, variable.length, input.len()) {
                container.extend([(start, end - start)])?;
            } else {
                let error = FormatError::new(NAME, variable.told, "values past the end");
                faults.pass_last(error, &container)?;
                if start < input.len() {
                    container.extend([(start, input.len() - start)])?;
                }
                break;
            }
        }
    }
    faults.give(&mut container);
    Ok(container)
}

/// A variable: where its name stands, and where its values lie: of all, or of one record.
struct Variable {
    name: usize,
    is_record: bool,
    begin: u64,
    length: u64,
    /// Where the header says where the values begin.
    told: usize,
}

/// The header, read in turn.
struct Header<'a> {
    input: Input<'a>,
    at: usize,
    version: u8,
}

impl Header<'_> {
    /// The next number: of 8 bytes in version 5, else of 4.
    fn count(&mut self) -> Result<u64, FormatError> {
        let at = self.at;
        if self.version == 5 {
            self.at += 8;
            return self.input.u64(at);
        }
        self.at += 4;
        Ok(self.input.u32(at)?.into())
    }

    /// Passes over the next `length` bytes and what fills them up to 4.
    fn skip(&mut self, length: u64) -> Result<(), FormatError> {
        let padded = length.checked_next_multiple_of(4).unwrap_or(u64::MAX);
        self.at = self.input.end(self.at, padded, self.input.len())?;
        Ok(())
    }

    /// The number of entries of the list that comes next, which has this tag or is absent.
    fn list(&mut self, tag: u32) -> Result<u64, FormatError> {
        let at = self.at;
        let found = self.input.u32(at)?;
        self.at += 4;
        let count = self.count()?;
        if found != tag && (found != 0 || count != 0) {
            return self.input.fault(at, "an unexpected list");
        }
        Ok(count)
    }

    /// The lengths of the dimensions; 0 is that of the records.
    fn dimensions(&mut self) -> Result<Vec<u64>, FormatError> {
        let mut lengths = Vec::new();
        for _ in 0..self.list(10)? {
            let name = self.count()?;
            self.skip(name)?;
            lengths.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            lengths.push(self.count()?);
        }
        Ok(lengths)
    }

    /// Passes over a list of attributes.
    fn attributes(&mut self) -> Result<(), FormatError> {
        for _ in 0..self.list(12)? {
            let name = self.count()?;
            self.skip(name)?;
            let size = self.size()?;
            let count = self.count()?;
            self.skip(count.saturating_mul(size))?;
        }
        Ok(())
    }

    /// The bytes of a value of the type that comes next.
    fn size(&mut self) -> Result<u64, FormatError> {
        let at = self.at;
        self.at += 4;
        match (self.input.u32(at)?, self.version) {
            (1 | 2, _) | (7, 5) => Ok(1),
            (3, _) | (8, 5) => Ok(2),
            (4 | 5, _) | (9, 5) => Ok(4),
            (6, _) | (10 | 11, 5) => Ok(8),
            _ => self.input.fault(at, "a type that is not known"),
        }
    }

    /// The variables.
    fn variables(&mut self, dimensions: &[u64]) -> Result<Vec<Variable>, FormatError> {
        let input = self.input;
        let mut variables = Vec::new();
        for _ in 0..self.list(11)? {
            let name = self.at;
            let length = self.count()?;
            self.skip(length)?;
            let mut is_record = false;
            let mut values = Some(1_u64);
            for place in 0..self.count()? {
                let at = self.at;
                let index = usize::try_from(self.count()?).ok();
                match index.and_then(|index| dimensions.get(index)) {
                    Some(0) if place == 0 => is_record = true,
                    Some(0) => return input.fault(at, "the dimension of records is not the first"),
                    Some(length) => values = values.and_then(|values| values.checked_mul(*length)),
                    None => return input.fault(at, "a dimension that is not there"),
                }
            }
            self.attributes()?;
            let size = self.size()?;
            // The size that comes next may be too small for the variable.
            self.count()?;
            let told = self.at;
            let begin = if self.version == 1 {
                self.at += 4;
                input.u32(told)?.into()
            } else {
                self.at += 8;
                input.u64(told)?
            };
            let Some(length) = values.and_then(|values| values.checked_mul(size)) else {
                return input.fault(told, "a variable longer than memory");
            };
            variables.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            variables.push(Variable {
                name,
                is_record,
                begin,
                length,
                told,
            });
        }
        Ok(variables)
    }

    /// The name that stands at `at`.
    fn name(&mut self, at: usize) -> Result<String, FormatError> {
        self.at = at;
        let length = usize::try_from(self.count()?).unwrap_or(usize::MAX);
        let mut bytes = [0; 255];
        let bytes = &mut bytes[..length.min(255)];
        self.input.read(self.at, bytes)?;
        let name = String::from_utf8_lossy(bytes).replace(['/', '\\'], "_");
        Ok(if length > 255 { format!("{name}_") } else { name })
    }
}
