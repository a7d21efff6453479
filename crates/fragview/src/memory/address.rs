//! The address of a fragment, or the lack of one.

use core::ptr;

/// The address of a fragment's first byte; null for a hole.
///
/// Two words make a fragment: where it starts on the line, and this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address(*mut u8);

impl Address {
    /// The address of a hole.
    pub(crate) const HOLE: Self = Self(ptr::null_mut());

    pub(crate) const fn new(first: *mut u8) -> Self {
        Self(first)
    }

    #[inline]
    pub(crate) fn is_hole(self) -> bool {
        self.0.is_null()
    }

    /// The address `offset` bytes further; a hole stays a hole. The result may be used as the memory's rules
    /// say.
    #[inline]
    pub(crate) fn plus(self, offset: usize) -> Self {
        if self.is_hole() {
            self
        } else {
            Self(self.0.wrapping_add(offset))
        }
    }

    /// The number, for comparing ranges; 0 for a hole.
    pub(crate) fn number(self) -> usize {
        self.0.addr()
    }

    #[inline]
    pub(crate) const fn as_ptr(self) -> *mut u8 {
        self.0
    }
}
