//! Import: from the C struct to a memory.

use alloc::string::String;
use alloc::sync::Arc;
use core::ffi::CStr;
use core::{fmt, mem, slice};

use super::{CFragments, IoVec, VERSION};
use crate::error::Error;
use crate::memory::{Builder, Memory, Owner, Shared};

/// Fragments that another language's code owns. They are released when this is dropped.
///
/// Invariant: the struct was checked by [`take`](Self::take) and is not released.
#[derive(Debug)]
pub struct ForeignFragments(CFragments);

/// Why a struct of fragments is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignError {
    /// It was taken or released before.
    Taken,
    /// It is of another version.
    Version(i64),
    /// A number in it is negative, or the item size is 0, or does not divide the bytes.
    Number {
        /// The field's name in the struct.
        field: &'static str,
        /// The field's value.
        value: i64,
    },
    /// There are fragments, but the pointer to them is null.
    NoFragments,
    /// The format is not text.
    Format,
    /// A fragment reaches past the end of the address space.
    Fragment {
        /// Its index.
        index: usize,
        /// Its bytes.
        length: usize,
    },
    /// The fragments together have another number of bytes than the struct says.
    Sum {
        /// The length that the struct states.
        told: usize,
        /// The length of the fragments together.
        found: usize,
    },
}

impl fmt::Display for ForeignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken => write!(f, "the fragments were taken or released before"),
            Self::Version(version) => {
                write!(
                    f,
                    "the fragments are of version {version}; this is version {VERSION}"
                )
            }
            Self::Number { field, value } => write!(f, "the fragments' {field} can't be {value}"),
            Self::NoFragments => write!(f, "the pointer to the fragments is null"),
            Self::Format => write!(f, "the fragments' format is not text"),
            Self::Fragment { index, length } => write!(
                f,
                "fragment {index} of {length} bytes reaches past the end of the address space"
            ),
            Self::Sum { told, found } => {
                write!(
                    f,
                    "the fragments have {found} bytes together, not {told} as the struct says"
                )
            }
        }
    }
}

impl core::error::Error for ForeignError {}

impl ForeignFragments {
    /// Takes a struct from its producer: afterwards the original counts as released. O(fragments).
    ///
    /// # Errors
    /// [`ForeignError`]; a struct that was refused is released.
    ///
    /// # Safety
    /// `fragments` points to a valid struct. If it has not been released, its pointers lead to what its
    /// fields say and stay valid until it is released; the fragments are initialised memory, which others
    /// write at most as [`Shared`] allows, and which may be written if it is not read-only; any thread may
    /// release it.
    pub unsafe fn take(fragments: *mut CFragments) -> Result<Self, ForeignError> {
        // SAFETY: the caller's.
        let taken = unsafe {
            if (*fragments).release.is_none() {
                return Err(ForeignError::Taken);
            }
            mem::replace(&mut *fragments, CFragments::RELEASED)
        };
        let number = |field, value: i64, least: i64| {
            isize::try_from(value)
                .ok()
                .filter(|_| value >= least)
                .map(isize::cast_unsigned)
                .ok_or(ForeignError::Number { field, value })
        };
        if taken.version != VERSION {
            return Err(ForeignError::Version(taken.version));
        }
        let told = number("nbytes", taken.byte_count, 0)?;
        let item_size = number("itemsize", taken.item_size, 1)?;
        let count = number("count", taken.count, 0)?;
        if !told.is_multiple_of(item_size) {
            return Err(ForeignError::Number {
                field: "itemsize",
                value: taken.item_size,
            });
        }
        if count > isize::MAX.cast_unsigned() / size_of::<IoVec>() {
            return Err(ForeignError::Number {
                field: "count",
                value: taken.count,
            });
        }
        if count > 0 && taken.fragments.is_null() {
            return Err(ForeignError::NoFragments);
        }
        // SAFETY: the caller's; if it is not null, it is a C string.
        if !taken.format.is_null() && unsafe { CStr::from_ptr(taken.format) }.to_str().is_err() {
            return Err(ForeignError::Format);
        }
        let foreign = Self(taken);
        let mut found = 0_usize;
        for (index, fragment) in foreign.fragments().iter().enumerate() {
            let length = fragment.len;
            let past = ForeignError::Fragment { index, length };
            let end = fragment.base.addr().checked_add(length);
            if end.is_none() || isize::try_from(length).is_err() {
                return Err(past);
            }
            found = found.checked_add(length).ok_or(past)?;
        }
        if found != told {
            return Err(ForeignError::Sum { told, found });
        }
        Ok(foreign)
    }

    /// The fragments in order. O(1).
    #[must_use]
    pub fn fragments(&self) -> &[IoVec] {
        match usize::try_from(self.0.count) {
            // SAFETY: checked by `take`: the pointer is not null and leads to as many fragments.
            Ok(count) if count > 0 => unsafe { slice::from_raw_parts(self.0.fragments, count) },
            _ => &[],
        }
    }

    /// Whether a fragment is read-only. O(1).
    #[must_use]
    pub fn is_readonly(&self, fragment: usize) -> bool {
        if self.0.readonly.is_null() || fragment >= self.fragments().len() {
            return false;
        }
        // SAFETY: if it is not null, there is a byte a fragment, and the index is one.
        unsafe { self.0.readonly.add(fragment).read() != 0 }
    }

    /// The bytes of an item.
    #[must_use]
    pub fn item_size(&self) -> usize {
        usize::try_from(self.0.item_size).unwrap_or(1)
    }

    /// An item's format in the `struct` module's notation.
    #[must_use]
    pub fn format(&self) -> String {
        if self.0.format.is_null() {
            return String::from("B");
        }
        // SAFETY: checked by `take`: a C string of text.
        String::from_utf8_lossy(unsafe { CStr::from_ptr(self.0.format) }.to_bytes()).into_owned()
    }

    /// Appends the fragments to a builder, as memory of an owner that keeps `self` alive. O(fragments).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::TooManyFragments`], [`Error::OutOfMemory`].
    ///
    /// # Safety
    /// The owner, and each clone of it, keeps `self` alive.
    pub unsafe fn push_to<O>(&self, builder: &mut Builder<Shared<'static>, O>, owner: O) -> Result<(), Error>
    where
        O: Owner<Kind = Shared<'static>>,
    {
        let source = builder.add_source(owner)?;
        builder.reserve(self.fragments().len())?;
        for (index, fragment) in self.fragments().iter().enumerate() {
            if fragment.base.is_null() {
                builder.push_hole(fragment.len)?;
                continue;
            }
            builder.set_readonly(self.is_readonly(index));
            // SAFETY: the struct's fragments stay valid until it is released, which the owner delays;
            // `take`'s caller promised that they are as `Shared` memory is, and that fragments that are not
            // read-only may be written.
            let pushed = unsafe { builder.push_address(source, fragment.base.cast(), fragment.len) };
            builder.set_readonly(false);
            pushed?;
        }
        Ok(())
    }
}

/// Fragments of another language as an owner: clones share them, and the last one releases them.
#[derive(Clone, Debug)]
pub struct ForeignOwner(Arc<ForeignFragments>);

impl ForeignFragments {
    /// The memory of the fragments. O(fragments).
    ///
    /// # Errors
    /// As [`push_to`](Self::push_to).
    pub fn into_memory(self) -> Result<Memory<Shared<'static>, ForeignOwner>, Error> {
        let owner = ForeignOwner(Arc::new(self));
        let mut builder = Builder::new();
        // SAFETY: the owner has the fragments in its `Arc`.
        unsafe { owner.0.push_to(&mut builder, owner.clone())? };
        Ok(builder.finish())
    }
}

// SAFETY: it claims no memory of its own; its fragments are pushed by address, which `take` vouches for.
unsafe impl Owner for ForeignOwner {
    type Kind = Shared<'static>;

    fn memory(&self) -> (*const u8, usize) {
        (core::ptr::dangling(), 0)
    }

    fn is_writable(&self) -> bool {
        true
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}
