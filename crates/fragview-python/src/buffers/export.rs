//! Exports: buffers that Python objects lend us, held until nothing needs them.

#![allow(unsafe_code)]

use std::ffi::{CString, c_int, c_void};
use std::ptr;

use fragview::ffi::{CFragments, ForeignFragments};
use fragview::geometry::Window;
use fragview::memory::{Builder, Memory, Owner, Shared, SourceIndex};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::pyclass::boolean_struct::True;
use pyo3::types::{PyBytes, PyCapsule, PyMemoryView};
use pyo3::{PyClass, intern};

use crate::buffers::layout::{Layout, RawBuffer, for_each_run, lowest};
use crate::buffers::native::{CAPSULE, NativeMemory, Origin};
use crate::error::exception::OrRaise;
use crate::error::wording::type_name;
use crate::runtime::attach::attach;
use crate::runtime::deferred::Deferred;

/// An export as a Python object, so that many views share it and the garbage collector sees through it.
#[pyclass(frozen, module = "fragview._fragview", name = "_Export")]
pub(crate) struct Export {
    buffer: RawBuffer,
    /// The object that users call the source: the one under a memoryview.
    exporter: Py<PyAny>,
    lender: Lender,
}

/// The object that gave a buffer; the buffer itself holds another reference to it.
enum Lender {
    /// The exporter keeps no reference of the buffer's: it lives for ever.
    Nothing,
    Object(Py<PyAny>),
    /// A memoryview of our own that the collector does not know, and what it refers to.
    ///
    /// The collector takes a memoryview in a cycle apart also while its memory is exported; when the export
    /// then ends, CPython reads through null. So what a memoryview of the user's shows is exported from a
    /// copy of it that nothing else has.
    Hidden {
        view: Py<PyAny>,
        /// CPython's managed buffer, which all memoryviews of one export share.
        managed: Py<PyAny>,
    },
}

impl Lender {
    /// Hides a new memoryview from the collector, in whose place [`visit`](Self::visit) shows what the
    /// memoryview refers to.
    fn hide(view: &Bound<'_, PyAny>) -> Option<Self> {
        unsafe extern "C" fn note(object: *mut ffi::PyObject, found: *mut c_void) -> c_int {
            // SAFETY: the place that is given below.
            unsafe { *found.cast::<*mut ffi::PyObject>() = object };
            0
        }
        let mut found: *mut ffi::PyObject = ptr::null_mut();
        // SAFETY: the slot of the object's own type, if it has one, is of this type; it calls `note` with
        // valid objects.
        unsafe {
            let traverse = ffi::PyType_GetSlot(ffi::Py_TYPE(view.as_ptr()), ffi::Py_tp_traverse);
            if traverse.is_null() {
                return None;
            }
            let traverse = std::mem::transmute::<*mut c_void, ffi::traverseproc>(traverse);
            traverse(view.as_ptr(), note, (&raw mut found).cast());
        }
        // SAFETY: null, or an object that the memoryview refers to.
        let managed = unsafe { Bound::from_borrowed_ptr_or_opt(view.py(), found) }?.unbind();
        // SAFETY: the collector knows a new memoryview; it is told of it again before the memoryview goes.
        unsafe { ffi::PyObject_GC_UnTrack(view.as_ptr().cast()) };
        Some(Self::Hidden {
            view: view.clone().unbind(),
            managed,
        })
    }

    fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        let twice = match self {
            Self::Nothing => return Ok(()),
            // Once for this reference, once for the buffer's.
            Self::Object(lender) => lender,
            // Once for this reference, once for the hidden memoryview's.
            Self::Hidden { managed, .. } => managed,
        };
        visit.call(twice)?;
        visit.call(twice)
    }
}

impl Drop for Lender {
    fn drop(&mut self) {
        if let Self::Hidden { view, .. } = self {
            // SAFETY: it was hidden once, and nothing else has it. It goes right behind, as the collector
            // expects it to.
            attach(|_| unsafe { ffi::PyObject_GC_Track(view.as_ptr().cast()) });
        }
    }
}

#[pymethods]
impl Export {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.exporter)?;
        self.lender.visit(&visit)
    }
}

impl Export {
    pub(crate) fn layout(&self) -> Layout<'_> {
        self.buffer.layout()
    }
}

/// The owner that keeps a source's memory valid.
pub(crate) enum BufferOwner {
    /// A `bytes` object: its memory never moves, and to hold the object is to hold the memory.
    Bytes(Py<PyBytes>),
    /// An export of any other object.
    Export(Deferred<Export>),
    /// Memory that comes in by another door.
    Native(Deferred<NativeMemory>),
}

impl BufferOwner {
    /// Borrows the buffer of `object` for as long as the owner lives. `exporter` is the object that users
    /// call the source.
    pub(crate) fn borrow(object: &Bound<'_, PyAny>, exporter: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = object.cast_exact::<PyBytes>() {
            return Ok(Self::Bytes(bytes.clone().unbind()));
        }
        let py = object.py();
        let copy = object
            .cast_exact::<PyMemoryView>()
            .is_ok()
            .then(|| memoryview(object))
            .transpose()?;
        let buffer = RawBuffer::get(copy.as_ref().unwrap_or(object))?;
        let hidden = copy.as_ref().and_then(Lender::hide);
        let lender = hidden.unwrap_or_else(|| {
            let lender = buffer.object(py).map(Bound::unbind);
            lender.map_or(Lender::Nothing, Lender::Object)
        });
        let export = Py::new(
            py,
            Export {
                buffer,
                exporter: exporter.clone().unbind(),
                lender,
            },
        )?;
        Ok(Self::Export(Deferred::new(export)))
    }

    /// The place of the items of an export; `None` for `bytes`, which are contiguous.
    pub(crate) fn layout(&self) -> Option<Layout<'_>> {
        match self {
            Self::Bytes(_) | Self::Native(_) => None,
            Self::Export(export) => Some(export.get().layout()),
        }
    }

    /// Appends the items of an export that is not contiguous to a memory that is built: one fragment for each
    /// contiguous range. `source` is an export's place in `builder`, which holds a clone of it.
    pub(crate) fn push_runs(
        builder: &mut Builder<Shared<'static>, Self>,
        source: SourceIndex,
    ) -> PyResult<()> {
        let Some(Self::Export(export)) = builder.owner(source).cloned() else {
            return Ok(());
        };
        let layout = export.get().layout();
        builder.merge_touching(layout.suboffsets.is_some());
        let pushed = for_each_run(&layout, |address, length| {
            // SAFETY: the export that this layout describes keeps the items valid, and the source holds it.
            unsafe { builder.push_address(source, address, length) }.or_raise()
        });
        builder.merge_touching(false);
        pushed
    }

    /// Appends the fragments that `object` gave. O(fragments).
    pub(crate) fn push_fragments(
        builder: &mut Builder<Shared<'static>, Self>,
        object: &Bound<'_, PyAny>,
        fragments: ForeignFragments,
    ) -> PyResult<()> {
        let py = object.py();
        let native = NativeMemory::new(Origin::Foreign(fragments), object.clone().unbind());
        let native = Py::new(py, native)?;
        let owner = Self::Native(Deferred::new(native.clone_ref(py)));
        match native.get().origin() {
            // SAFETY: the owner holds the object that has the fragments.
            Origin::Foreign(fragments) => unsafe { fragments.push_to(builder, owner) }.or_raise(),
            Origin::Pages(_) => Ok(()),
        }
    }

    /// Appends the memory of an export whose items of `width` bytes lie one step apart, as one fragment with
    /// the gaps, and gives the window that shows the items alone. `None`, and nothing is appended, if the
    /// items do not lie so. `source` is this owner in the builder.
    pub(crate) fn push_strided(
        &self,
        builder: &mut Builder<Shared<'static>, Self>,
        source: SourceIndex,
        width: usize,
    ) -> PyResult<Option<Window>> {
        let held = self.layout().filter(|held| held.item_size == width);
        let Some((held, items)) = held.and_then(|held| Some((held, held.one_step()?))) else {
            return Ok(None);
        };
        let Some((lowest, length, first)) = held.span(items) else {
            return Ok(None);
        };
        // SAFETY: the export that this layout describes keeps the items valid, and the source holds it. The
        // window shows the items and nothing between them.
        unsafe { builder.push_address(source, lowest, length) }.or_raise()?;
        Ok(Window::strided(length, first, items.0, items.1, width))
    }

    /// The object that users call the source.
    pub(crate) fn exporter<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        match self {
            Self::Bytes(bytes) => bytes.bind(py).clone().into_any(),
            Self::Export(export) => export.get().exporter.bind(py).clone(),
            Self::Native(native) => native.get().exporter().bind(py).clone(),
        }
    }

    /// A clone, made without asking for the interpreter.
    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Bytes(bytes.clone_ref(py)),
            Self::Export(export) => Self::Export(export.clone_ref(py)),
            Self::Native(native) => Self::Native(native.clone_ref(py)),
        }
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        match self {
            Self::Bytes(bytes) => visit.call(bytes),
            Self::Export(export) => export.visit(visit),
            Self::Native(native) => native.visit(visit),
        }
    }
}

impl Clone for BufferOwner {
    fn clone(&self) -> Self {
        attach(|py| self.clone_ref(py))
    }
}

// SAFETY: a `bytes` object's memory, and that of a contiguous buffer, stays where it is and initialised as
// long as the object or the export is held, which a clone does too. Python code may write it at any time,
// which `Shared` allows. `NativeMemory` vouches for its own. A buffer that is not contiguous claims no length
// here; `push_runs` pushes its items by address.
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
                    (lowest(&layout), 0)
                }
            }
            Self::Native(native) => native.get().memory(),
        }
    }

    fn is_writable(&self) -> bool {
        match self {
            Self::Bytes(_) => false,
            Self::Export(export) => !export.get().layout().readonly,
            Self::Native(native) => native.get().is_writable(),
        }
    }

    fn identity(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.as_ptr().addr(),
            // Two exports of one object are the same if they are one contiguous range; of others only the
            // export itself tells where its items are.
            Self::Export(export) => {
                let layout = export.get().layout();
                let one_range = layout.is_contiguous() && layout.length > 0;
                if one_range {
                    export.get().exporter.as_ptr().addr()
                } else {
                    export.as_ptr().addr()
                }
            }
            Self::Native(native) => native.as_ptr().addr(),
        }
    }
}

/// Takes the fragments of an object that gives them as a C struct; `None` if it has no such method.
pub(crate) fn take_fragments(object: &Bound<'_, PyAny>) -> PyResult<Option<ForeignFragments>> {
    let Some(method) = object.getattr_opt(intern!(object.py(), "__fragview_c_fragments__"))? else {
        return Ok(None);
    };
    let capsule = method.call0()?;
    let named = capsule
        .cast::<PyCapsule>()
        .ok()
        .and_then(|capsule| capsule.pointer_checked(Some(CAPSULE)).ok());
    let Some(fragments) = named else {
        return Err(PyTypeError::new_err(format!(
            "__fragview_c_fragments__() of '{}' must return a capsule named 'fragview_fragments', not '{}'",
            type_name(object),
            type_name(&capsule)
        )));
    };
    // SAFETY: a capsule of this name has such a struct, as a buffer has memory where it says: its producer
    // vouches for it. The capsule lives during the call.
    unsafe { ForeignFragments::take(fragments.cast::<CFragments>().as_ptr()) }
        .map(Some)
        .map_err(|error| PyValueError::new_err(error.to_string()))
}

/// A value that is dropped with the interpreter attached, at once: C code may release it in any thread.
struct Attached<T>(Option<T>);

impl<T> Drop for Attached<T> {
    fn drop(&mut self) {
        attach(|_| drop(self.0.take()));
    }
}

/// The struct of the fragments of a window of `object`'s memory, in a capsule that releases the struct if no
/// consumer takes it. `keeper` is dropped with it.
pub(crate) fn capsule<'py, M, K>(
    object: &Bound<'py, M>,
    memory: fn(&M) -> &Memory<Shared<'static>, BufferOwner>,
    window: &Window,
    (format, item_size): (CString, usize),
    readonly: bool,
    keeper: K,
) -> PyResult<Bound<'py, PyCapsule>>
where
    M: PyClass<Frozen = True> + Sync,
    K: Send + 'static,
{
    let keeper = Attached(Some((keeper, object.clone().unbind())));
    // SAFETY: the memory is a part of the object, which never changes and which the keeper holds.
    let fragments =
        unsafe { memory(object.get()).to_c_fragments(window, format, item_size, readonly, keeper) };
    PyCapsule::new_with_value(object.py(), fragments.or_raise()?, CAPSULE)
}

/// A new built-in memoryview of an object with the buffer protocol. O(1) but for the export.
pub(crate) fn memoryview<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    Ok(PyMemoryView::from(object)?.into_any())
}
