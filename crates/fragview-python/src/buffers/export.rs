//! Exports: buffers that Python objects lend us, held until nothing needs them.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr;

use fragview::memory::{Owner, Shared};
use pyo3::exceptions::{PyMemoryError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3::{PyTypeCheck, ffi};

use crate::error::exception::no_memory;
use crate::runtime::attach::attach;

/// One export of a buffer, as the object filled it in.
///
/// It is boxed where it stays, because exporters may point into it.
pub(crate) struct RawBuffer(Box<ffi::Py_buffer>);

// SAFETY: a `Py_buffer` is plain data that says where memory is; it is filled and released with the interpreter.
unsafe impl Send for RawBuffer {}
// SAFETY: as above; nothing changes it between.
unsafe impl Sync for RawBuffer {}

/// What a buffer says of its memory, without owning it.
#[derive(Clone, Copy)]
pub(crate) struct Layout<'b> {
    pub(crate) address: *const u8,
    pub(crate) length: usize,
    pub(crate) item_size: usize,
    pub(crate) readonly: bool,
    pub(crate) format: &'b CStr,
    pub(crate) shape: &'b [isize],
    pub(crate) strides: Option<&'b [isize]>,
    pub(crate) suboffsets: Option<&'b [isize]>,
}

/// Asks `object` for its buffer, whatever its layout, hands the layout to `see`, and releases it again.
///
/// For short looks: the buffer stays on the stack.
#[inline]
pub(crate) fn with_layout<R>(
    object: &Bound<'_, PyAny>,
    see: impl FnOnce(&Layout<'_>) -> PyResult<R>,
) -> PyResult<R> {
    struct Release<'b>(&'b mut ffi::Py_buffer);
    impl Drop for Release<'_> {
        fn drop(&mut self) {
            // SAFETY: it was filled by `PyObject_GetBuffer`, is released once, and the interpreter is attached.
            unsafe { ffi::PyBuffer_Release(self.0) };
        }
    }
    let mut buffer = MaybeUninit::zeroed();
    // SAFETY: the object is valid and the buffer is writable; on success it is filled.
    let status = unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), buffer.as_mut_ptr(), ffi::PyBUF_FULL_RO) };
    if status != 0 {
        return Err(PyErr::fetch(object.py()));
    }
    // SAFETY: filled; all-zero was valid before, too.
    let buffer = Release(unsafe { buffer.assume_init_mut() });
    // SAFETY: the buffer is filled and not released before `see` is done.
    see(&unsafe { layout(buffer.0) })
}

/// # Safety
/// The buffer was filled for `PyBUF_FULL_RO` and is not released during `'b`.
unsafe fn layout(buffer: &ffi::Py_buffer) -> Layout<'_> {
    let dimensions = usize::try_from(buffer.ndim).unwrap_or(0);
    let numbers = |first: *mut isize| {
        // SAFETY: where they are given, there is one number a dimension.
        (!first.is_null() && dimensions > 0).then(|| unsafe { std::slice::from_raw_parts(first, dimensions) })
    };
    let format = if buffer.format.is_null() {
        c"B"
    } else {
        // SAFETY: where it is given, it is a C string that lives as long as the export.
        unsafe { CStr::from_ptr(buffer.format) }
    };
    Layout {
        address: buffer.buf.cast_const().cast(),
        length: usize::try_from(buffer.len).unwrap_or(0),
        item_size: usize::try_from(buffer.itemsize).unwrap_or(0),
        readonly: buffer.readonly != 0,
        format,
        shape: numbers(buffer.shape).unwrap_or(&[]),
        strides: numbers(buffer.strides),
        suboffsets: numbers(buffer.suboffsets),
    }
}

impl Layout<'_> {
    /// True where the items follow each other in memory in their logical order.
    #[inline]
    pub(crate) fn is_contiguous(&self) -> bool {
        if self
            .suboffsets
            .is_some_and(|suboffsets| suboffsets.iter().any(|&suboffset| suboffset >= 0))
        {
            return false;
        }
        self.length == 0 || self.contiguous_dimensions() == self.shape.len()
    }

    /// How many of the last dimensions together are one contiguous block.
    pub(crate) fn contiguous_dimensions(&self) -> usize {
        let Some(strides) = self.strides else {
            return self.shape.len();
        };
        let mut block = self.item_size.cast_signed();
        let dimensions = self.shape.iter().zip(strides).rev();
        dimensions
            .take_while(|&(&count, &stride)| {
                let joins = count <= 1 || stride == block;
                block = block.wrapping_mul(count);
                joins
            })
            .count()
    }
}

impl Drop for RawBuffer {
    fn drop(&mut self) {
        attach(|_| {
            // SAFETY: it was filled by `PyObject_GetBuffer` and is released once.
            unsafe { ffi::PyBuffer_Release(&raw mut *self.0) };
        });
    }
}

/// An export as a Python object, so that many views share it and the garbage collector sees through it.
#[pyclass(frozen, module = "fragview._fragview", name = "_Export")]
pub(crate) struct Export {
    buffer: RawBuffer,
    /// What a user calls the exporter: the object under a memoryview.
    exporter: Py<PyAny>,
    /// The object that gave the buffer; the buffer itself holds another reference to it.
    lender: Option<Py<PyAny>>,
}

#[pymethods]
impl Export {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.exporter)?;
        if let Some(lender) = &self.lender {
            // Once for this reference, once for the buffer's.
            visit.call(lender)?;
            visit.call(lender)?;
        }
        Ok(())
    }
}

impl Export {
    pub(crate) fn layout(&self) -> Layout<'_> {
        // SAFETY: the buffer was filled for `PyBUF_FULL_RO` and is released when this is dropped.
        unsafe { layout(&self.buffer.0) }
    }
}

/// Who keeps a source's memory valid.
pub(crate) enum BufferOwner {
    /// A `bytes` object: its memory never moves, and to hold the object is to hold the memory.
    Bytes(Py<PyBytes>),
    /// An export of any other object.
    Export(Py<Export>),
}

impl BufferOwner {
    /// Borrows the buffer of `object` for as long as the lender lives. `exporter` is what a user calls the exporter.
    pub(crate) fn borrow(object: &Bound<'_, PyAny>, exporter: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast_exact::<PyBytes>() {
            return Ok(Self::Bytes(bytes.clone().unbind()));
        }
        let py = object.py();
        // SAFETY: all-zero is a valid `Py_buffer`, one that nobody has filled.
        let mut buffer = Box::new(unsafe { MaybeUninit::<ffi::Py_buffer>::zeroed().assume_init() });
        // SAFETY: the object is valid and the buffer writable; it stays in its box from here on.
        if unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), &raw mut *buffer, ffi::PyBUF_FULL_RO) } != 0 {
            return Err(PyErr::fetch(py));
        }
        // SAFETY: a filled buffer holds a reference to its object, or null.
        let lender = unsafe { Bound::from_borrowed_ptr_or_opt(py, buffer.obj) }.map(Bound::unbind);
        let buffer = RawBuffer(buffer);
        let export = Py::new(
            py,
            Export {
                buffer,
                exporter: exporter.clone().unbind(),
                lender,
            },
        )?;
        Ok(Self::Export(export))
    }

    /// Where the items of an export lie; nothing for `bytes`, which are one piece.
    pub(crate) fn layout(&self) -> Option<Layout<'_>> {
        match self {
            Self::Bytes(_) => None,
            Self::Export(export) => Some(export.get().layout()),
        }
    }

    /// The object that a user calls the exporter.
    pub(crate) fn exporter<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        match self {
            Self::Bytes(bytes) => bytes.bind(py).clone().into_any(),
            Self::Export(export) => export.get().exporter.bind(py).clone(),
        }
    }

    /// A clone, made without asking for the interpreter.
    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(bytes.clone_ref(py)),
            Self::Export(export) => Self::Export(export.clone_ref(py)),
        }
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Bytes(bytes) => visit.call(bytes),
            Self::Export(export) => visit.call(export),
        }
    }
}

impl Clone for BufferOwner {
    fn clone(&self) -> Self {
        attach(|py| self.clone_ref(py))
    }
}

// SAFETY: a `bytes` object's memory, and that of a contiguous buffer, stays where it is and initialised as long as the
// object or the export is held, which a clone does too. Python code may write it at any time, which `Shared` allows.
// A buffer that is not contiguous claims no length here; `input` pushes its items by address.
unsafe impl Owner for BufferOwner {
    type Kind = Shared<'static>;

    fn memory(&self) -> (*const u8, usize) {
        match self {
            Self::Bytes(bytes) => attach(|py| {
                let bytes = bytes.bind(py).as_bytes();
                (bytes.as_ptr(), bytes.len())
            }),
            Self::Export(export) => {
                let layout = export.get().layout();
                if layout.is_contiguous() {
                    (layout.address, layout.length)
                } else {
                    (crate::view::assemble::lowest(&layout), 0)
                }
            }
        }
    }

    fn is_writable(&self) -> bool {
        match self {
            Self::Bytes(_) => false,
            Self::Export(export) => !export.get().layout().readonly,
        }
    }

    fn identity(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.as_ptr().addr(),
            // Two exports of one object are the same if they are one contiguous range; of others only the export
            // itself tells where its items are.
            Self::Export(export) => {
                let layout = export.get().layout();
                let one_range = layout.is_contiguous() && layout.length > 0;
                if one_range {
                    export.get().exporter.as_ptr().addr()
                } else {
                    export.as_ptr().addr()
                }
            }
        }
    }
}

/// True where the object has the buffer protocol. O(1).
#[inline]
pub(crate) fn is_buffer(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the object is valid.
    unsafe { ffi::PyObject_CheckBuffer(object.as_ptr()) != 0 }
}

/// A new built-in memoryview of an object with the buffer protocol. O(1) but for the export.
pub(crate) fn memoryview<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the object is valid; the result is a new reference, or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(object.py(), ffi::PyMemoryView_FromObject(object.as_ptr())) }
}

/// A MemoryError of the interpreter, with the bytes that were asked for.
pub(crate) fn told(py: Python<'_>, error: PyErr, bytes: usize) -> PyErr {
    if error.is_instance_of::<PyMemoryError>(py) {
        no_memory(bytes)
    } else {
        error
    }
}

/// A new `bytes` object of `length` bytes that `fill` writes, all of them.
pub(crate) fn new_bytes(
    py: Python<'_>,
    length: usize,
    fill: impl FnOnce(&mut [MaybeUninit<u8>]) -> PyResult<()>,
) -> PyResult<Bound<'_, PyBytes>> {
    let size = isize::try_from(length).map_err(|_| no_memory(length))?;
    // SAFETY: null asks for uninitialised bytes; the result is a new reference, or null with an exception set.
    let bytes = unsafe {
        Bound::from_owned_ptr_or_err(py, ffi::PyBytes_FromStringAndSize(ptr::null(), size))
            .map_err(|error| told(py, error, length))?
            .cast_into::<PyBytes>()
            .map_err(|_| PyTypeError::new_err("bytes expected"))?
    };
    debug_assert!(PyBytes::type_check(bytes.as_any()));
    if length > 0 {
        // SAFETY: the object is new, nobody else has it, and it has room for `length` bytes.
        let target = unsafe {
            let first = ffi::PyBytes_AsString(bytes.as_ptr());
            std::slice::from_raw_parts_mut(first.cast::<MaybeUninit<u8>>(), length)
        };
        fill(target)?;
    }
    Ok(bytes)
}
