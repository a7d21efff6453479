//! The iterator over a view's items.
//!
//! The iterator is a type made by hand: a loop calls it once an item, and what PyO3 does at each call of a
//! method costs as much as the item. Nothing of Python's runs while it looks for the item, and it panics
//! nowhere.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_uint, c_void};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use fragview::memory::Hint;
use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::args::index::End;
use crate::items::fast;
use crate::items::item;
use crate::runtime::attach::attach;
use crate::view::handle::FragView;
use crate::view::state::{Shape, one_dimension};

/// An iterator over the items of a view, one after the other or in reverse, as Python lays out an object.
///
/// Invariant: `view` is null, or a reference of its own to a [`FragView`].
#[repr(C)]
struct Items {
    base: ffi::PyObject,
    view: *mut ffi::PyObject,
    /// How many items have been given.
    given: AtomicUsize,
    length: usize,
    /// The fragment of the item before.
    cached_fragment: AtomicUsize,
    reverse: bool,
    /// An object for each byte where the items are bytes; else null.
    bytes: *const [Py<PyAny>; 256],
}

/// An iterator from the first item on.
pub(crate) fn forward<'py>(view: &Bound<'py, FragView>) -> PyResult<Bound<'py, PyAny>> {
    new(view, End::First)
}

/// An iterator from the last item back.
pub(crate) fn backward<'py>(view: &Bound<'py, FragView>) -> PyResult<Bound<'py, PyAny>> {
    new(view, End::Last)
}

fn new<'py>(view: &Bound<'py, FragView>, begin: End) -> PyResult<Bound<'py, PyAny>> {
    let py = view.py();
    let (length, bytes) = {
        let state = view.get().enter()?;
        let many = "multi-dimensional sub-views are not implemented";
        one_dimension(&state, "invalid indexing of 0-dim memory", many)?;
        item::check_supported(&state.format)?;
        let bytes = if state.format.is_unsigned_byte() {
            ptr::from_ref(fast::numbers(py))
        } else {
            ptr::null()
        };
        (state.window.len(), bytes)
    };
    let kind = items_type(py)?;
    // SAFETY: the type is whole. The result is a new object, zeroed behind its base, or null with an
    // exception set.
    let object =
        unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_GenericAlloc(kind.as_type_ptr(), 0)) }?;
    // SAFETY: an object of the type has the layout of `Items`, and no other reference to it exists yet.
    let items = unsafe { &mut *object.as_ptr().cast::<Items>() };
    items.length = length;
    items.reverse = begin == End::Last;
    items.bytes = bytes;
    items.view = view.clone().into_ptr();
    Ok(object)
}

fn items_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    TYPE.get_or_try_init(py, || make_type(py))
        .map(|kind| kind.bind(py))
}

fn make_type(py: Python<'_>) -> PyResult<Py<PyType>> {
    /// Python keeps a pointer to them.
    struct Methods([ffi::PyMethodDef; 2]);
    // SAFETY: they are only read.
    unsafe impl Sync for Methods {}
    static METHODS: Methods = Methods([
        ffi::PyMethodDef {
            ml_name: c"__length_hint__".as_ptr(),
            ml_meth: ffi::PyMethodDefPointer {
                PyCFunction: length_hint,
            },
            ml_flags: ffi::METH_NOARGS,
            ml_doc: c"The number of items to come.".as_ptr(),
        },
        ffi::PyMethodDef::zeroed(),
    ]);
    let slot = |slot, pfunc| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_dealloc, dealloc as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_iter, ffi::PyObject_SelfIter as *mut c_void),
        slot(ffi::Py_tp_iternext, next as *mut c_void),
        slot(
            ffi::Py_tp_methods,
            ptr::from_ref(&METHODS.0).cast_mut().cast::<c_void>(),
        ),
        slot(0, ptr::null_mut()),
    ];
    let flags = ffi::Py_TPFLAGS_DEFAULT | ffi::Py_TPFLAGS_HAVE_GC | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION;
    let mut spec = ffi::PyType_Spec {
        name: c"fragview._fragview._Items".as_ptr(),
        basicsize: c_int::try_from(mem::size_of::<Items>())?,
        itemsize: 0,
        flags: c_uint::try_from(flags)?,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: name and methods are static; Python copies the rest. Each slot has the function that it asks
    // for.
    let object = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(&raw mut spec)) }?;
    Ok(object.cast_into::<PyType>()?.unbind())
}

/// # Safety
/// Python calls it, attached, with an object of the type made here.
unsafe extern "C" fn next(object: *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: the object has the layout of `Items`, and is borrowed for the call; the thread is attached.
    let (items, py) = unsafe { (&*object.cast::<Items>(), Python::assume_attached()) };
    let given = items.given.load(Ordering::Relaxed);
    if given >= items.length || items.view.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: the invariant of `Items`.
    let view = unsafe { Borrowed::from_ptr(py, items.view).cast_unchecked::<FragView>() };
    let index = if items.reverse {
        items.length - 1 - given
    } else {
        given
    };
    // SAFETY: null, or the table, which lives for ever.
    if let Some(bytes) = unsafe { items.bytes.as_ref() }
        && let hint = Hint::at(items.cached_fragment.load(Ordering::Relaxed))
        && let Some(byte) = view.get().peek_byte(index, hint)
    {
        items.given.store(given + 1, Ordering::Relaxed);
        return bytes[usize::from(byte)].bind(py).clone().into_ptr();
    }
    next_elsewhere(items, &view, index)
}

/// An item in another fragment than the one before, or of several bytes.
#[inline(never)]
fn next_elsewhere(items: &Items, view: &Bound<'_, FragView>, index: usize) -> *mut ffi::PyObject {
    let mut hint = Hint::at(items.cached_fragment.load(Ordering::Relaxed));
    let loaded = view.get().peek_near(index, &mut hint);
    items.cached_fragment.store(hint.fragment(), Ordering::Relaxed);
    if let Some((scalar, bits)) = loaded
        && let Some(item) = fast::number(view.py(), scalar, bits)
    {
        items.given.fetch_add(1, Ordering::Relaxed);
        return item.into_ptr();
    }
    next_slowly(items, view, index)
}

/// An item that is no plain number, or an error.
#[cold]
fn next_slowly(items: &Items, view: &Bound<'_, FragView>, index: usize) -> *mut ffi::PyObject {
    let item = || {
        attach(|py| {
            let item = (|| {
                let state = view.get().enter()?;
                items.given.fetch_add(1, Ordering::Relaxed);
                debug_assert!(matches!(state.shape, Shape::Line), "checked when it was made");
                let offset = state.window.offset(index);
                item::get(py, state.memory(), &state.format, offset).map(Bound::unbind)
            })();
            item.map_or_else(
                |error| {
                    error.restore(py);
                    ptr::null_mut()
                },
                Py::into_ptr,
            )
        })
    };
    // A panic must not unwind into C: it becomes an exception.
    catch_unwind(AssertUnwindSafe(item)).unwrap_or_else(|_| {
        attach(|py| PyRuntimeError::new_err("an item could not be made").restore(py));
        ptr::null_mut()
    })
}

/// # Safety
/// As [`next`].
unsafe extern "C" fn length_hint(
    object: *mut ffi::PyObject,
    _nothing: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the object has the layout of `Items`, and is borrowed for the call.
    let items = unsafe { &*object.cast::<Items>() };
    let left = items.length.saturating_sub(items.given.load(Ordering::Relaxed));
    // SAFETY: the thread is attached.
    unsafe { ffi::PyLong_FromSize_t(left) }
}

/// # Safety
/// As [`next`].
unsafe extern "C" fn traverse(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: the object has the layout of `Items`; its references are valid.
    unsafe {
        for reference in [(*object.cast::<Items>()).view, ffi::Py_TYPE(object).cast()] {
            if !reference.is_null() {
                let stop = visit(reference, argument);
                if stop != 0 {
                    return stop;
                }
            }
        }
    }
    0
}

/// # Safety
/// Python calls it, attached, with an object of the type made here without any references left.
unsafe extern "C" fn dealloc(object: *mut ffi::PyObject) {
    // SAFETY: the collector forgets the object first; then its references go, and last its memory and its
    // type's reference, which every object of a type made at run time has.
    unsafe {
        ffi::PyObject_GC_UnTrack(object.cast());
        ffi::Py_CLEAR(&raw mut (*object.cast::<Items>()).view);
        let kind = ffi::Py_TYPE(object);
        ffi::PyObject_GC_Del(object.cast());
        ffi::Py_DECREF(kind.cast());
    }
}
