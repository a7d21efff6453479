//! Views for native code: one fragment of the same pages, the fragments as a C struct, a table of addresses.

use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::interop::segments::Segments;
use crate::interop::{c_fragments, remap};
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// Return a view of one fragment that shows the same memory: the pages of this view's fragments, mapped side by side.
    ///
    /// Nothing is copied: writes reach the source, and changes of the source show. Everything that needs contiguous memory takes
    /// the view. Linux only. The sources must be shared mappings (fragview.open, mmap.mmap, shared memory, memfd), and each seam must
    /// lie on a border of pages, in the view and in memory; the first fragment may begin, and the last one end, within a page. Holes
    /// are pages of zeros, read-only. The mapping lives with the view and what is made of it. It pickles as the view it is made of.
    ///
    /// Raises BufferError that names the first fragment in the way; nothing is left mapped. O(fragments), some microseconds each;
    /// docs/native.md says from which size on it is quicker than gather().
    fn remap(&self, py: Python<'_>) -> PyResult<Self> {
        remap::remap(py, self)
    }

    /// Return True where remap() finds no fragment in its way. Nothing is mapped. O(fragments).
    ///
    /// >>> FragView(b'not a mapping').can_remap()
    /// False
    fn can_remap(&self, py: Python<'_>) -> PyResult<bool> {
        remap::can_remap(py, self)
    }

    /// Return the addresses and lengths of the fragments: an int64 buffer of shape (n, 2), which NumPy, cffi and Numba read without
    /// a loop. A hole's address is 0. It holds the memory while it lives. BufferError for a view with gaps. O(fragments).
    ///
    /// >>> [length for address, length in FragView([b'abc', b'd']).segments()]
    /// [3, 1]
    fn segments(&self, py: Python<'_>) -> PyResult<Segments> {
        Segments::of(py, &*self.enter()?)
    }

    /// Return a capsule named 'fragview_fragments' with a C struct of the fragments, as fragview.h declares it: for extension modules.
    ///
    /// While the struct is not released, release() is refused and the sources stay as they are. With `writable=True` a view that is
    /// read-only somewhere is a BufferError, as is a view with gaps. O(fragments), some nanoseconds each.
    #[pyo3(signature = (*, writable = false))]
    fn __fragview_c_fragments__<'py>(
        slf: &Bound<'py, Self>,
        writable: bool,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        c_fragments::capsule(slf, writable)
    }
}
