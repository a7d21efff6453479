//! Ends of a transfer that are descriptors.

use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use pyo3::intern;
use pyo3::prelude::*;

use crate::io::classes::{Way, check_open_for, file_io, keeps};
use crate::io::descriptor::Descriptor;
use crate::io::endpoint::Endpoint;

/// A descriptor by its number. Pre: it is not negative.
#[expect(
    clippy::unnecessary_wraps,
    reason = "systems without descriptors may fail here"
)]
pub(crate) fn of_number(_py: Python<'_>, number: RawFd, _way: Way) -> PyResult<Endpoint<'_>> {
    Ok(Endpoint::Descriptor(Descriptor::new(number)))
}

/// An object with a descriptor and no method to read or write.
pub(crate) fn of_fileno<'py>(object: &Bound<'py, PyAny>, _way: Way) -> PyResult<Endpoint<'py>> {
    Descriptor::of(object).map(Endpoint::Descriptor)
}

/// A raw file.
pub(crate) fn of_raw<'py>(file: &Bound<'py, PyAny>, _way: Way) -> PyResult<Endpoint<'py>> {
    Descriptor::of(file).map(Endpoint::Descriptor)
}

pub(crate) fn of_socket<'py>(socket: &Bound<'py, PyAny>, _way: Way) -> PyResult<Endpoint<'py>> {
    let timeout: Option<f64> = socket
        .call_method0(intern!(socket.py(), "gettimeout"))?
        .extract()?;
    let mut descriptor = Descriptor::of(socket)?;
    descriptor.deadline = timeout
        .filter(|&seconds| seconds > 0.0)
        .and_then(|seconds| Instant::now().checked_add(Duration::try_from_secs_f64(seconds).ok()?));
    Ok(Endpoint::Descriptor(descriptor))
}

/// The descriptor under a buffered file, which is flushed first; `None` if another layer lies between, or if
/// the bytes that were read ahead can't be put back.
pub(crate) fn of_buffered<'py>(file: &Bound<'py, PyAny>, way: Way) -> PyResult<Option<Endpoint<'py>>> {
    let py = file.py();
    let raw = file.getattr(intern!(py, "raw"))?;
    let (method, seekable) = match way {
        Way::Out => ("write", true),
        Way::In => (
            "readinto",
            file.call_method0(intern!(py, "seekable"))?.is_truthy()?,
        ),
    };
    if !seekable || !keeps(&raw, file_io(py)?, method)? {
        return Ok(None);
    }
    check_open_for(file, way)?;
    file.call_method0(intern!(py, "flush"))?;
    let mut descriptor = Descriptor::of(file)?;
    if way == Way::In {
        descriptor.position = Some(file.call_method0(intern!(py, "tell"))?.extract()?);
    }
    descriptor.buffered = Some(file.clone());
    Ok(Some(Endpoint::Descriptor(descriptor)))
}
