//! Pages by their numbers: in the database, or in the log's frames.

use hashbrown::HashMap;

use super::name::NAME;
use super::wal;
use crate::bytes::Bytes;
use crate::error::Error;
use crate::formats::parse::input::Input;
use crate::formats::parse::sparse::SparseSet;
use crate::formats::{FormatError, Options};

/// The database's pages.
pub(super) struct Pages<'a> {
    pub(super) bytes: &'a dyn Bytes,
    pub(super) input: Input<'a>,
    /// Bytes of a page.
    pub(super) size: usize,
    /// Bytes of a page that are not reserved for extensions.
    pub(super) usable: usize,
    /// The number of pages.
    count: u32,
    /// Where pages are that the log has.
    logged: HashMap<u32, usize>,
    /// Pages that are in use.
    seen: SparseSet,
    /// The fault of a file that is shorter than its header says.
    pub(super) short: Option<FormatError>,
}

impl<'a> Pages<'a> {
    /// Reads the header, and the log if there is one.
    pub(super) fn read(bytes: &'a dyn Bytes, options: Options) -> Result<Self, FormatError> {
        let input = Input::big(bytes, NAME);
        let size = match input.u16(16)? {
            1 => 65536,
            size => usize::from(size),
        };
        if !size.is_power_of_two() || size < 512 {
            return input.fault(16, "a page's size is not a power of two from 512 to 65536");
        }
        let usable = size - usize::from(input.u8(20)?);
        if usable < 480 {
            return input.fault(20, "pages have too few usable bytes");
        }
        let whole = bytes.len() / size;
        // Old versions of SQLite did not keep the number up to date (1.3.8).
        let said = input.u32(28)?;
        let is_known = said != 0 && input.u32(24)? == input.u32(92)?;
        let mut count = if is_known { said as usize } else { whole };
        let mut short = None;
        if count > whole || (!is_known && !bytes.len().is_multiple_of(size)) {
            let error = FormatError::new(NAME, bytes.len(), "the file is shorter than its pages");
            if options.strict {
                return Err(error);
            }
            short = Some(error);
            count = bytes.len().div_ceil(size);
        }
        let mut this = Self {
            bytes,
            input,
            size,
            usable,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            logged: HashMap::default(),
            seen: SparseSet::default(),
            short,
        };
        if let Some(log) = wal::read(bytes, count.saturating_mul(size), size)? {
            this.count = log.count;
            this.logged = log.pages;
        }
        Ok(this)
    }

    /// Where page `number` begins, which the bytes at `at` name, and which no other use has.
    pub(super) fn take(&mut self, number: u32, at: usize) -> Result<usize, FormatError> {
        if number == 0 || number > self.count {
            return self.input.fault(at, "a page's number is out of range");
        }
        let offset = match self.logged.get(&number) {
            Some(&offset) => offset,
            None => (number as usize - 1).saturating_mul(self.size),
        };
        if offset >= self.bytes.len() {
            return self.input.fault(at, "a page lies past the end");
        }
        if !self
            .seen
            .insert(number as usize)
            .map_err(|_| Error::OutOfMemory)?
        {
            return self.input.fault(at, "a page has two uses");
        }
        Ok(offset)
    }
}
