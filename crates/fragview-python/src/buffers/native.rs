//! Memory that no Python object exports as a buffer: pages mapped side by side, fragments of another
//! language.

use std::ffi::CStr;

use fragview::ffi::ForeignFragments;
use fragview::memory::{Owner, Remapped};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;

/// The name of a capsule with a struct of fragments.
pub(crate) const CAPSULE: &CStr = c"fragview_fragments";

/// Such memory as a Python object, so that many views share it and the garbage collector sees through it.
#[pyclass(frozen, module = "fragview._fragview", name = "_NativeMemory")]
pub(crate) struct NativeMemory {
    origin: Origin,
    /// The object that users call the source: the view whose pages they are, or the object that gave the
    /// fragments.
    exporter: Py<PyAny>,
}

/// Where the memory comes from.
pub(crate) enum Origin {
    /// Pages of shared mappings, side by side.
    Pages(Remapped),
    /// Fragments that code in another language owns.
    Foreign(ForeignFragments),
}

#[pymethods]
impl NativeMemory {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.exporter)
    }
}

impl NativeMemory {
    pub(crate) const fn new(origin: Origin, exporter: Py<PyAny>) -> Self {
        Self { origin, exporter }
    }

    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) const fn exporter(&self) -> &Py<PyAny> {
        &self.exporter
    }

    /// The view that pages were mapped from.
    pub(crate) const fn original(&self) -> Option<&Py<PyAny>> {
        match &self.origin {
            Origin::Pages(_) => Some(&self.exporter),
            Origin::Foreign(_) => None,
        }
    }

    /// The one range of pages; of fragments, which are pushed by address, the lowest address and no length.
    pub(crate) fn memory(&self) -> (*const u8, usize) {
        match &self.origin {
            Origin::Pages(pages) => pages.memory(),
            Origin::Foreign(foreign) => {
                let bases = foreign
                    .fragments()
                    .iter()
                    .map(|fragment| fragment.base.cast_const());
                let lowest = bases.filter(|base| !base.is_null()).min();
                (lowest.map_or(std::ptr::dangling(), <*const _>::cast), 0)
            }
        }
    }

    /// Whether some of it may be written; each fragment says whether it may.
    pub(crate) fn is_writable(&self) -> bool {
        match &self.origin {
            Origin::Pages(pages) => pages.is_writable(),
            Origin::Foreign(_) => true,
        }
    }
}

/// True if the object gives its fragments as a C struct.
pub(crate) fn gives_fragments(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    object.hasattr(intern!(object.py(), "__fragview_c_fragments__"))
}
