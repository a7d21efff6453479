//! Views for native code: one fragment of the same pages, the fragments as a C struct, a table of addresses.

use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::interop::segments::Segments;
use crate::interop::{c_fragments, remap};
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// Return a view of one fragment that shows the same memory: the pages of this view's fragments, mapped
    /// side by side. O(fragments), some microseconds each.
    ///
    /// Nothing is copied: writes reach the sources, and changes of the sources show. Consumers that need
    /// contiguous memory take the view. Linux and macOS only. The sources must be shared mappings
    /// (fragview.open, mmap.mmap, shared memory, memfd). Each seam must lie on a page border, in the view and
    /// in memory; only the first fragment may begin, and only the last one end, within a page. Holes become
    /// read-only pages of zeros. The mapping lives as long as the view and what is made from it. It pickles
    /// as the original view.
    ///
    /// A view that can't be mapped raises BufferError, which names the first fragment that can't be; then
    /// nothing stays mapped. docs/native.md says from which size on remap() is quicker than gather().
    ///
    /// >>> FragView([b'not a', b' mapping']).remap()
    /// Traceback (most recent call last):
    /// BufferError: ...
    fn remap(&self, py: Python<'_>) -> PyResult<Self> {
        remap::remap(py, self)
    }

    /// Return whether remap() can map all fragments of the view. Nothing is mapped, and the system may still
    /// refuse one more mapping. O(fragments).
    ///
    /// >>> FragView(b'not a mapping').can_remap()
    /// False
    fn can_remap(&self, py: Python<'_>) -> PyResult<bool> {
        remap::can_remap(py, self)
    }

    /// Return the addresses and lengths of the fragments, as an int64 buffer of shape (n, 2) that NumPy, cffi
    /// and Numba read without a loop. A hole's address is 0. The buffer holds the memory while it lives. A
    /// view with a step raises BufferError. O(fragments).
    ///
    /// >>> [length for address, length in FragView([b'abc', b'd']).segments()]
    /// [3, 1]
    fn segments(&self, py: Python<'_>) -> PyResult<Segments> {
        Segments::of(py, &*self.enter()?)
    }

    /// Return a capsule named 'fragview_fragments' with a C struct of the fragments, as fragview.h declares
    /// it, for extension modules. O(fragments), some nanoseconds each.
    ///
    /// Until the struct is released, release() raises BufferError and the sources stay as they are. A view
    /// with a step raises BufferError, as does a view with a read-only item if `writable=True`.
    #[pyo3(signature = (*, writable = false))]
    fn __fragview_c_fragments__<'py>(
        slf: &Bound<'py, Self>,
        writable: bool,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        c_fragments::capsule(slf, writable)
    }
}
