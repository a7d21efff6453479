//! Zeros for the export of holes: one mapping of untouched pages, which takes addresses and no memory.

use std::sync::Mutex;

use fragview::memory::Owner;
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::buffers::export::BufferOwner;
use crate::error::exception::no_memory;

/// The longest zeros so far; all holes share them, and they stay.
static SHARED: Mutex<Option<(BufferOwner, usize)>> = Mutex::new(None);

/// Bytes of the first ones.
const LEAST: usize = 1 << 20;

/// `length` zeros or more, read-only, as long as the owner lives. Amortised O(1); a MemoryError if not
/// even the addresses are available.
pub(crate) fn zeros(py: Python<'_>, length: usize) -> PyResult<BufferOwner> {
    let lock = || SHARED.lock().map_err(|_| no_memory(length));
    if let Some((owner, size)) = lock()?.as_ref()
        && *size >= length
    {
        return Ok(owner.clone());
    }
    // Python code runs from here on, so the lock is not held.
    let room = length.max(LEAST).checked_next_power_of_two().unwrap_or(length);
    let made = mapped(py, room)
        .or_else(|_| mapped(py, length))
        .or_else(|_| bytes(py, length));
    let made = made.map_err(|error| {
        if error.is_instance_of::<PyException>(py) {
            no_memory(length)
        } else {
            error
        }
    })?;
    let size = made.memory().1;
    let mut shared = lock()?;
    let replaced = if shared.as_ref().is_none_or(|&(_, known)| known < size) {
        shared.replace((made.clone(), size))
    } else {
        None
    };
    drop(shared);
    drop(replaced);
    Ok(made)
}

/// Private pages that can only be read: the system shows them all as one page of zeros.
fn mapped(py: Python<'_>, length: usize) -> PyResult<BufferOwner> {
    let module = py.import(intern!(py, "mmap"))?;
    let flag = |name: &str| module.getattr(name);
    let options = PyDict::new(py);
    options.set_item("flags", flag("MAP_PRIVATE")?.bitor(flag("MAP_ANONYMOUS")?)?)?;
    options.set_item("prot", flag("PROT_READ")?)?;
    let pages = flag("mmap")?.call((-1, length), Some(&options))?;
    BufferOwner::borrow(&pages, &pages)
}

/// If there is no such mapping.
fn bytes(py: Python<'_>, length: usize) -> PyResult<BufferOwner> {
    let bytes = py.get_type::<PyBytes>().call1((length,))?;
    BufferOwner::borrow(&bytes, &bytes)
}
