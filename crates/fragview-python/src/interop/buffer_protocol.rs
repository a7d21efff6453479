//! The buffer protocol (PEP 3118): exports of a view's memory to consumers.

use std::ffi::{CString, c_void};
use std::ptr;

use fragview::memory::{Contiguous, ItemTable, Owner};
use fragview::{Error, Interrupt};
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::buffers::export::BufferOwner;
use crate::buffers::request::{Request, Shown};
use crate::buffers::zeros::zeros;
use crate::error::exception::no_memory;
use crate::runtime::interruptible::with_interrupt_for;
use crate::view::handle::FragView;
use crate::view::state::{State, c_strides};

/// The data that an export points into; it lives until the export is released.
pub(crate) struct Exported {
    shape: Vec<isize>,
    strides: Vec<isize>,
    suboffsets: Vec<isize>,
    format: CString,
    /// The pointers that a buffer with suboffsets begins with.
    table: Option<ItemTable>,
    /// The zeros that stand for a hole.
    zeros: Option<BufferOwner>,
}

/// Fills `target` for a request, and counts the export; [`Exported`] is behind its `internal`.
pub(crate) fn fill(
    view: &Bound<'_, FragView>,
    target: &mut ffi::Py_buffer,
    request: Request,
) -> PyResult<()> {
    let guard = view.get().enter()?;
    let state = &*guard;
    let readonly = state.is_readonly();
    if readonly && request.wants(ffi::PyBUF_WRITABLE) {
        return Err(PyBufferError::new_err(
            "memoryview: underlying buffer is not writable",
        ));
    }
    let (first, exported) = export(view.py(), state, request)?;
    if request.wants(ffi::PyBUF_FORMAT) && !request.wants(ffi::PyBUF_ND) {
        let text = "memoryview: cannot cast to unsigned bytes if the format flag is present";
        return Err(PyBufferError::new_err(text));
    }
    let exported = Box::new(exported);
    // The contents of the vectors and of the string do not move when the box becomes a pointer.
    let shown = Shown {
        first,
        length: state.byte_count(),
        item_size: state.item_size(),
        readonly,
        format: &exported.format,
        shape: &exported.shape,
        strides: &exported.strides,
        suboffsets: &exported.suboffsets,
        internal: ptr::null_mut(),
    };
    request.fill(target, view.clone().into_any(), &shown);
    target.internal = Box::into_raw(exported).cast::<c_void>();
    guard.pin();
    Ok(())
}

/// The start of the memory, and the numbers that describe it, if the request can be met without a copy.
fn export(py: Python<'_>, state: &State, request: Request) -> PyResult<(*mut c_void, Exported)> {
    let format = CString::new(state.format.text().as_bytes())
        .map_err(|_| PyBufferError::new_err("NUL in the format"))?;
    let dimensions = state.dimensions();
    let mut exported = Exported {
        shape: dimensions.iter().map(|count| count.cast_signed()).collect(),
        strides: state.strides(),
        suboffsets: Vec::new(),
        format,
        table: None,
        zeros: None,
    };
    if state.byte_count() == 0 {
        check_contiguity(state, request)?;
        return Ok((ptr::NonNull::<c_void>::dangling().as_ptr(), exported));
    }
    match state.memory().contiguous(&state.window) {
        Some(Contiguous::Memory(first)) => {
            check_contiguity(state, request)?;
            Ok((first.cast(), exported))
        }
        Some(Contiguous::Hole) => {
            check_contiguity(state, request)?;
            let zeros = zeros(py, state.byte_count())?;
            exported.strides = c_strides(&dimensions, state.item_size());
            let first = zeros.memory().0.cast_mut();
            exported.zeros = Some(zeros);
            Ok((first.cast(), exported))
        }
        None => {
            let one_order = [
                ffi::PyBUF_C_CONTIGUOUS,
                ffi::PyBUF_F_CONTIGUOUS,
                ffi::PyBUF_ANY_CONTIGUOUS,
            ];
            if state.no_suboffsets
                || !request.wants(ffi::PyBUF_INDIRECT)
                || one_order.iter().any(|&flag| request.wants(flag))
            {
                return Err(not_contiguous(state));
            }
            let make = |interrupt: &mut Interrupt<'_>| {
                state
                    .memory()
                    .item_table_with(&state.window, state.item_size(), interrupt)
            };
            let table = with_interrupt_for(py, state.item_count(), make)?.map_err(|error| match error {
                Error::AcrossSeam { item } => across_seam(state, item),
                _ => no_memory(state.item_count().saturating_mul(size_of::<*mut u8>())),
            })?;
            exported.strides = c_strides(&dimensions, size_of::<*mut u8>());
            exported.suboffsets = vec![-1; dimensions.len().saturating_sub(1)];
            exported.suboffsets.push(0);
            let first = table.pointers().as_ptr().cast_mut();
            exported.table = Some(table);
            Ok((first.cast(), exported))
        }
    }
}

/// `memoryview`'s refusals of requests for contiguous memory.
fn check_contiguity(state: &State, request: Request) -> PyResult<()> {
    let refuse = |order: &str| {
        Err(PyBufferError::new_err(format!(
            "memoryview: underlying buffer is not {order}"
        )))
    };
    let (c, f) = (state.is_contiguous(), state.is_fortran_contiguous());
    if !c && (request.wants(ffi::PyBUF_C_CONTIGUOUS) || !request.wants(ffi::PyBUF_STRIDES)) {
        return refuse("C-contiguous");
    }
    if !f && request.wants(ffi::PyBUF_F_CONTIGUOUS) {
        return refuse("Fortran contiguous");
    }
    if !c && !f && request.wants(ffi::PyBUF_ANY_CONTIGUOUS) {
        return refuse("contiguous");
    }
    Ok(())
}

fn not_contiguous(state: &State) -> PyErr {
    let fragments = state.memory().fragments_in(state.window.span()).len();
    PyBufferError::new_err(format!(
        "the view lies in {fragments} fragments, and this request needs contiguous memory: use tobytes() for a copy, \
         fragments for each fragment, gather() for a copy that is written back; unpack_from() for a struct, write_to() for a \
         file or socket"
    ))
}

fn across_seam(state: &State, item: usize) -> PyErr {
    PyBufferError::new_err(format!(
        "item {item} of format '{}' ({} bytes) lies across a seam, where no pointer can show it: use tobytes() for a \
         copy, fragments for each fragment, gather() for a copy that is written back, or cast('B') first",
        state.format.text(),
        state.item_size()
    ))
}
