//! Writing the fields of a header where it lies.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::ops::Range;

use super::encode::pack;
use super::error::{LayoutError, PackIntoError};
use super::layout::RecordLayout;
use crate::error::Error;
use crate::format::Value;
use crate::memory::Shared;
use crate::view::{MemoryRef, View};

/// The place of a field in its header, and the bytes to be written there.
type Patch = (Range<usize>, Vec<u8>);

impl RecordLayout {
    /// Writes fields of the header that begins at `offset` of shared memory: all of them, or none. Fields
    /// that are not named keep their bytes; a float is rounded to its field's precision. O(fields).
    ///
    /// A length is a field too. A table keeps what its scan has found: scan again after that.
    ///
    /// # Errors
    /// [`PackIntoError::Layout`]: no such field, or a value that it can't have.
    /// [`PackIntoError::Unexpected`]: the header would have a field that is not as the layout expects.
    /// [`PackIntoError::View`]: the header is not all there, or a field can't be written.
    pub fn pack_into<R: MemoryRef + Clone>(
        &self,
        view: &View<Shared<'_>, u8, R>,
        offset: usize,
        values: &[(&str, Value)],
    ) -> Result<(), PackIntoError> {
        let patches = self.patches(values)?;
        let end = offset.saturating_add(self.header_size());
        let place = view.slice(offset..end)?;
        let mut header = Vec::new();
        header
            .try_reserve_exact(self.header_size())
            .map_err(|_| Error::OutOfMemory)?;
        header.resize(self.header_size(), 0);
        place.copy_to_slice(&mut header)?;
        self.apply(&mut header, offset, &patches)?;
        for (range, _) in &patches {
            if !place.slice(range.clone())?.is_writable() {
                return Err(Error::ReadOnly.into());
            }
        }
        for (range, bytes) in &patches {
            place.slice(range.clone())?.copy_from_slice(bytes)?;
        }
        Ok(())
    }

    /// Writes fields of a header, as [`pack_into`](Self::pack_into), in memory that is borrowed.
    ///
    /// # Errors
    /// As [`pack_into`](Self::pack_into); `header` is as it was then.
    ///
    /// ```
    /// use fragview::{format::ScalarValue, records::RecordLayout};
    /// let layout = RecordLayout::new(">HB", &["length", "flags"])?;
    /// let mut file = *b"\0\x02\0ab\0\x01\0c";
    /// let second = layout.scan(&file, ..)?.offsets()[1] as usize;
    /// layout.pack_header(&mut file[second..], &[("flags", ScalarValue::Unsigned(3).into())])?;
    /// assert_eq!(&file, b"\0\x02\0ab\0\x01\x03c");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pack_header(&self, header: &mut [u8], values: &[(&str, Value)]) -> Result<(), PackIntoError> {
        let patches = self.patches(values)?;
        let (size, length) = (self.header_size(), header.len());
        let header = header.get_mut(..size).ok_or(Error::RangeOutOfRange {
            start: 0,
            end: size,
            length,
        })?;
        let mut packed = header.to_owned();
        self.apply(&mut packed, 0, &patches)?;
        header.copy_from_slice(&packed);
        Ok(())
    }

    fn patches(&self, values: &[(&str, Value)]) -> Result<Vec<Patch>, LayoutError> {
        let mut patches = Vec::new();
        patches
            .try_reserve_exact(values.len())
            .map_err(|_| LayoutError::OutOfMemory)?;
        for &(name, ref value) in values {
            let index = self.field_index(name)?;
            let field = self.fields[index];
            let bytes = if self.is_number(index) {
                let native = pack(self.column(index).kind(), value);
                native.and_then(|native| self.shortened(index, &native))
            } else {
                pack(field.kind, value)
            };
            let bytes = bytes.ok_or_else(|| LayoutError::ValueDoesNotFit {
                name: name.to_owned(),
            })?;
            patches.push((field.offset..field.offset + field.kind.size(), bytes));
        }
        Ok(patches)
    }

    /// Patches a copy of the header at `offset`, and checks it.
    fn apply(&self, header: &mut [u8], offset: usize, patches: &[Patch]) -> Result<(), PackIntoError> {
        for (range, bytes) in patches {
            if let Some(place) = header.get_mut(range.clone()) {
                place.copy_from_slice(bytes);
            }
        }
        match self.unexpected(header) {
            Some(unexpected) => Err(PackIntoError::Unexpected { offset, unexpected }),
            None => Ok(()),
        }
    }
}
