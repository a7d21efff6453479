//! The end of a transfer: a descriptor, or an object with methods of its own.

use pyo3::prelude::*;

#[cfg(unix)]
use crate::io::descriptor::Descriptor;

/// One end of a transfer.
pub(crate) enum Endpoint<'py> {
    /// Moved by vectored system calls, which only Unix has.
    #[cfg(unix)]
    Descriptor(Descriptor<'py>),
    /// Methods to call with each fragment: the one that moves bytes, and whether the object is a raw file,
    /// for which `None` means that it would block.
    Methods { call: Bound<'py, PyAny>, raw: bool },
    /// `read(size)`, for an object without a better method.
    Reads(Bound<'py, PyAny>),
}
