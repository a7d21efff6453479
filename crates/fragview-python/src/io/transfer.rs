//! `v.write_to(…)` and `v.read_from(…)`: transfers to and from files, sockets and descriptors.

use std::io::ErrorKind;

use pyo3::exceptions::{PyBlockingIOError, PyOSError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PySlice;

use crate::buffers::layout::{is_buffer, with_layout};
use crate::error::exception::read_only;
use crate::error::os::{os_error, with_moved};
use crate::error::wording::type_name;
use crate::io::classes::Way;
use crate::io::endpoint::Endpoint;
use crate::io::resolve::endpoint;
#[cfg(unix)]
use crate::io::vectored::{read_vectored, write_vectored};
use crate::ops::blocks::{BLOCK, shown};
use crate::ops::fragments::FragmentList;
use crate::view::handle::FragView;
use crate::view::state::State;

pub(crate) fn write_to(py: Python<'_>, view: &FragView, target: &Bound<'_, PyAny>) -> PyResult<usize> {
    drop(view.enter()?);
    let target = endpoint(target, Way::Out)?;
    let state = view.enter()?;
    match target {
        #[cfg(unix)]
        Endpoint::Descriptor(descriptor) => write_vectored(py, &state, &descriptor),
        Endpoint::Methods { call, raw } => {
            let view = state.view();
            let blocks = view.coalesced(BLOCK).map(|block| shown(py, &state, &block));
            by_calls(py, blocks, Way::Out, |block| {
                let count = call.call1((block,))?;
                moved_by(&count, block, raw)
            })
        }
        Endpoint::Reads(_) => Ok(0),
    }
}

pub(crate) fn read_from(py: Python<'_>, view: &FragView, source: &Bound<'_, PyAny>) -> PyResult<usize> {
    {
        let state = view.enter()?;
        // Of an empty view nothing is read-only.
        if state.byte_count() > 0 && state.is_readonly() {
            return Err(read_only());
        }
    }
    let source = endpoint(source, Way::In)?;
    let state = view.enter()?;
    if state.byte_count() == 0 {
        return Ok(0);
    }
    match source {
        #[cfg(unix)]
        Endpoint::Descriptor(descriptor) => read_vectored(py, &state, &descriptor),
        Endpoint::Methods { call, .. } => by_calls(py, fragments(py, &state)?, Way::In, |fragment| {
            let count = call.call1((fragment,))?;
            if count.is_none() {
                return Ok(None);
            }
            moved_by(&count, fragment, false)
        }),
        Endpoint::Reads(read) => by_calls(py, fragments(py, &state)?, Way::In, |fragment| {
            read_fragment(&read, fragment)
        }),
    }
}

/// The fragments of a view, to be written to.
fn fragments<'py>(
    py: Python<'py>,
    state: &State,
) -> PyResult<impl Iterator<Item = PyResult<Bound<'py, PyAny>>> + use<'py>> {
    let fragments = FragmentList::of(py, state)?;
    Ok((0..fragments.count()).map(move |index| fragments.memoryview(py, index)))
}

/// Moves one part of a view after the other by calls: `call` takes the rest of a part and returns the number
/// of bytes it has moved, or `None` if it would block.
fn by_calls<'py>(
    py: Python<'py>,
    parts: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
    way: Way,
    mut call: impl FnMut(&Bound<'py, PyAny>) -> PyResult<Option<usize>>,
) -> PyResult<usize> {
    let mut moved = 0;
    for part in parts {
        let part = py.check_signals().and(part);
        let mut part = part.map_err(|error| with_moved(py, error, moved))?;
        loop {
            let left = part.len()?;
            match call(&part) {
                Ok(Some(0)) if way == Way::In => return Ok(moved),
                Ok(Some(0)) => {
                    let error = PyOSError::new_err("the file took nothing of what was written to it");
                    return Err(with_moved(py, error, moved));
                }
                Ok(Some(count)) => {
                    moved += count;
                    if count == left {
                        break;
                    }
                    part = part.get_item(PySlice::new(py, count.cast_signed(), left.cast_signed(), 1))?;
                }
                Ok(None) if moved > 0 => return Ok(moved),
                Ok(None) => return Err(with_moved(py, os_error(py, &ErrorKind::WouldBlock.into()), 0)),
                Err(error) if moved > 0 && would_block(py, &error) => return Ok(moved),
                Err(error) => return Err(with_moved(py, error, moved)),
            }
        }
    }
    Ok(moved)
}

/// The number of bytes that a call reports. A writer that returns `None` has taken all, except for a raw
/// file.
fn moved_by(count: &Bound<'_, PyAny>, part: &Bound<'_, PyAny>, raw: bool) -> PyResult<Option<usize>> {
    let most = part.len()?;
    if count.is_none() {
        return Ok((!raw).then_some(most));
    }
    match count.extract::<isize>()?.try_into() {
        Ok(moved) if moved <= most => Ok(Some(moved)),
        _ => Err(PyOSError::new_err(format!(
            "the file returned an invalid length {count} (should have been between 0 and {most})"
        ))),
    }
}

fn read_fragment(read: &Bound<'_, PyAny>, fragment: &Bound<'_, PyAny>) -> PyResult<Option<usize>> {
    let py = read.py();
    let most = fragment.len()?;
    let data = read.call1((most,))?;
    if data.is_none() {
        return Ok(None);
    }
    if !is_buffer(&data) {
        let name = type_name(&data);
        return Err(PyTypeError::new_err(format!(
            "read() should return bytes, not '{name}'"
        )));
    }
    let length = with_layout(&data, |layout| Ok(layout.length))?;
    if length > most {
        return Err(PyOSError::new_err(format!(
            "read({most}) returned {length} bytes, more than were asked for"
        )));
    }
    fragment.set_item(PySlice::new(py, 0, length.cast_signed(), 1), data)?;
    Ok(Some(length))
}

/// True for the exceptions of files and sockets, TLS included, that would have to wait.
fn would_block(py: Python<'_>, error: &PyErr) -> bool {
    let of_tls = || {
        let name = error.get_type(py).name();
        name.is_ok_and(|name| name == "SSLWantReadError" || name == "SSLWantWriteError")
    };
    error.is_instance_of::<PyBlockingIOError>(py) || of_tls()
}
