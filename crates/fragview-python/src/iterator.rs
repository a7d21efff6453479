//! Iterating over a view's items.

use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::item;
use crate::view::{FragView, one_dimension};

/// An iterator over the items of a view, one after the other or in reverse.
#[pyclass(frozen, module = "fragview._fragview", name = "_Items")]
pub(crate) struct Items {
    view: Py<FragView>,
    /// How many items have been given.
    next: AtomicUsize,
    length: usize,
    reverse: bool,
}

impl Items {
    fn new(view: &Bound<'_, FragView>, reverse: bool) -> PyResult<Self> {
        let state = view.get().enter()?;
        let many = "multi-dimensional sub-views are not implemented";
        one_dimension(&state, "invalid indexing of 0-dim memory", many)?;
        item::check_supported(&state.format)?;
        let length = state.window.count();
        Ok(Self {
            view: view.clone().unbind(),
            next: AtomicUsize::new(0),
            length,
            reverse,
        })
    }

    pub(crate) fn forward(view: &Bound<'_, FragView>) -> PyResult<Self> {
        Self::new(view, false)
    }

    pub(crate) fn backward(view: &Bound<'_, FragView>) -> PyResult<Self> {
        Self::new(view, true)
    }
}

#[pymethods]
impl Items {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let given = self.next.load(Ordering::Relaxed);
        if given >= self.length {
            return Ok(None);
        }
        let state = self.view.get().enter()?;
        self.next.store(given + 1, Ordering::Relaxed);
        let index = if self.reverse {
            self.length - 1 - given
        } else {
            given
        };
        item::get(py, state.memory(), &state.format, state.window.offset(index)).map(Some)
    }

    fn __length_hint__(&self) -> usize {
        self.length.saturating_sub(self.next.load(Ordering::Relaxed))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.view)
    }
}
