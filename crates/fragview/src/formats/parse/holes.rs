//! An end to walks through holes: zeros that no file has, as many as an extent of 16 bytes says.

use core::cell::Cell;

use crate::Bytes;
use crate::formats::{FormatError, FormatErrorKind};
use crate::memory::Fragment;

/// Reads of long holes until there are no more, each of so many bytes.
const MOST: usize = 1 << 18;
const SHORT: usize = 128;

/// One read of this many is looked at: to ask for a hole takes as long as to read a header.
const EVERY: usize = 1 << 6;

/// A hole is long if more bytes of it than this follow. A walk through a shorter one ends soon.
const LONG: usize = 64 << 20;

/// Bytes whose long holes are read a number of times; no later read succeeds, so the reader stops.
///
/// A header of zeros is a record in some formats (DICOM, pcap), and padding in others, so that a walk through
/// a hole of 2^60 bytes would take years.
pub(in crate::formats) struct HoleGuard<'a> {
    bytes: &'a dyn Bytes,
    reads: Cell<usize>,
    in_holes: Cell<usize>,
    /// The offset of the last read in a hole that was looked at.
    offset: Cell<usize>,
}

impl<'a> HoleGuard<'a> {
    /// A guard of bytes that may have a long hole; `None` if they have none. O(log fragments).
    pub(in crate::formats) fn new(bytes: &'a dyn Bytes) -> Option<Self> {
        let len = bytes.len();
        let is_whole = |fragment: Fragment<'_>| *fragment.range() == (0..len);
        (len > LONG && !bytes.fragment_at(0).is_some_and(is_whole)).then(|| Self {
            bytes,
            reads: Cell::new(0),
            in_holes: Cell::new(0),
            offset: Cell::new(0),
        })
    }

    /// The error of a reading that was ended.
    pub(in crate::formats) fn error(&self, format: &'static str) -> Option<FormatError> {
        let what = "too many headers in a hole of zeros";
        self.is_over().then(|| {
            let error = FormatError::new(format, self.offset.get(), what);
            error.of_kind(FormatErrorKind::Unreadable)
        })
    }

    fn is_over(&self) -> bool {
        self.in_holes.get() >= MOST
    }

    /// Counts a read; one in a long hole counts for those before it that were not looked at.
    #[cold]
    fn look(&self, offset: usize, length: usize) {
        let is_long = |end: usize| end - offset > LONG;
        if !self.is_over() && self.bytes.hole_end(offset).is_some_and(is_long) {
            self.in_holes
                .set(self.in_holes.get() + EVERY * (1 + length / SHORT));
            self.offset.set(offset);
        }
    }
}

impl Bytes for HoleGuard<'_> {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        let reads = self.reads.get().wrapping_add(1);
        self.reads.set(reads);
        if reads.is_multiple_of(EVERY) {
            self.look(offset, target.len());
        }
        if self.is_over() {
            return None;
        }
        self.bytes.read(offset, target)
    }

    fn fragment_at(&self, offset: usize) -> Option<Fragment<'_>> {
        self.bytes.fragment_at(offset)
    }

    fn hole_end(&self, offset: usize) -> Option<usize> {
        self.bytes.hole_end(offset)
    }
}
