//! `unpack_from`, `pack_into`, `iter_unpack`: the struct module does the work, on bytes that may lie across
//! seams.

use std::sync::atomic::{AtomicUsize, Ordering};

use fragview::Error;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::error::exception::{OrRaise, read_only};
use crate::ops::struct_cache::Packing;
use crate::view::copy_out::bytes_within;
use crate::view::handle::FragView;

fn struct_error(py: Python<'_>, text: String) -> PyErr {
    let class = py
        .import(intern!(py, "struct"))
        .and_then(|module| module.getattr(intern!(py, "error")));
    match class.and_then(|class| class.call1((text,))) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// The struct module's words for `pack_into` if `pack` has refused the number of values.
fn own_name(py: Python<'_>, error: PyErr) -> PyErr {
    let words = error.value(py).getattr(intern!(py, "args"));
    let words = words.and_then(|words| words.get_item(0)?.extract::<String>());
    match words
        .as_deref()
        .unwrap_or_default()
        .strip_prefix("pack expected ")
    {
        Some(rest) => struct_error(py, format!("pack_into expected {rest}")),
        None => error,
    }
}

/// The operation on the bytes of a struct.
#[derive(Clone, Copy)]
enum Task {
    Unpack,
    Pack,
}

/// Where `size` bytes at `offset` lie, by the struct module's rules and words.
fn offset_of(py: Python<'_>, length: usize, size: usize, offset: isize, task: Task) -> PyResult<usize> {
    let (length, size) = (length.cast_signed(), size.cast_signed());
    let mut at = offset;
    if offset < 0 {
        if offset.saturating_add(size) > 0 {
            let text = match task {
                Task::Unpack => format!("not enough data to unpack {size} bytes at offset {offset}"),
                Task::Pack => format!("no space to pack {size} bytes at offset {offset}"),
            };
            return Err(struct_error(py, text));
        }
        at = offset.saturating_add(length);
        if at < 0 {
            return Err(struct_error(
                py,
                format!("offset {offset} out of range for {length}-byte buffer"),
            ));
        }
    }
    if length - at < size {
        let (name, doing) = match task {
            Task::Unpack => ("unpack_from", "unpacking"),
            Task::Pack => ("pack_into", "packing"),
        };
        let need = at.cast_unsigned() + size.cast_unsigned();
        return Err(struct_error(
            py,
            format!(
                "{name} requires a buffer of at least {need} bytes for {doing} {size} bytes at offset {at} (actual \
                 buffer size is {length})"
            ),
        ));
    }
    Ok(at.cast_unsigned())
}

pub(crate) fn unpack_from<'py>(
    py: Python<'py>,
    view: &FragView,
    format: &Bound<'py, PyAny>,
    offset: isize,
) -> PyResult<Bound<'py, PyAny>> {
    drop(view.enter()?);
    let packing = Packing::of(format)?;
    let size = packing.get().size;
    let bytes = {
        let state = view.enter()?;
        let at = offset_of(py, state.byte_count(), size, offset, Task::Unpack)?;
        bytes_within(py, &state.view(), at, size)?
    };
    packing.get().unpack(py).call1((bytes,))
}

pub(crate) fn pack_into(
    py: Python<'_>,
    view: &FragView,
    format: &Bound<'_, PyAny>,
    offset: isize,
    values: &Bound<'_, PyTuple>,
) -> PyResult<()> {
    drop(view.enter()?);
    let packing = Packing::of(format)?;
    let size = packing.get().size;
    // Packed in a place of its own first: if a value does not fit, or releases the view, nothing is
    // written.
    let packed = packing
        .get()
        .pack(py)
        .call1(values)
        .map_err(|error| own_name(py, error))?;
    let packed = packed.cast_into::<PyBytes>()?;
    if packed.as_bytes().len() != size {
        // A subclass may say anything.
        let (expected, actual) = (size, packed.as_bytes().len());
        return Err(Error::LengthMismatch { expected, actual }).or_raise();
    }
    let state = view.enter()?;
    let at = offset_of(py, state.byte_count(), size, offset, Task::Pack)?;
    if state.readonly {
        return Err(read_only());
    }
    let items = state.view();
    items.copy_bytes_from_slice(at, packed.as_bytes()).or_raise()
}

pub(crate) fn iter_unpack(view: &Bound<'_, FragView>, format: &Bound<'_, PyAny>) -> PyResult<Unpacked> {
    let py = view.py();
    drop(view.get().enter()?);
    let packing = Packing::of(format)?;
    let size = packing.get().size;
    if size == 0 {
        return Err(struct_error(
            py,
            format!("cannot iteratively unpack with a struct of length {size}"),
        ));
    }
    let state = view.get().enter()?.duplicate(py);
    let length = state.byte_count();
    if !length.is_multiple_of(size) {
        let text = format!("iterative unpacking requires a buffer of a multiple of {size} bytes");
        return Err(struct_error(py, text));
    }
    let view = Py::new(py, FragView::new(state))?;
    Ok(Unpacked {
        view,
        packing: packing.unbind(),
        length,
        next: AtomicUsize::new(0),
    })
}

/// An iterator over the structs of a view.
#[pyclass(frozen, module = "fragview._fragview", name = "_Unpacked")]
pub(crate) struct Unpacked {
    /// The view once more, so that its release does not matter.
    view: Py<FragView>,
    packing: Py<Packing>,
    length: usize,
    /// Bytes unpacked so far.
    next: AtomicUsize,
}

#[pymethods]
impl Unpacked {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let at = self.next.load(Ordering::Relaxed);
        if at >= self.length {
            return Ok(None);
        }
        let packing = self.packing.get();
        let bytes = bytes_within(py, &self.view.get().enter()?.view(), at, packing.size)?;
        self.next.store(at + packing.size, Ordering::Relaxed);
        packing.unpack(py).call1((bytes,)).map(Some)
    }

    fn __length_hint__(&self) -> usize {
        self.length.saturating_sub(self.next.load(Ordering::Relaxed)) / self.packing.get().size
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.view)?;
        visit.call(&self.packing)
    }
}
