//! Fragments and edits of them: `fragments`, `extents`, `locate`, `gather`, `splice`, `+`.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::args::given::Given;
use crate::interop::gather::Gather;
use crate::items::key::Key;
use crate::ops::extents::Extents;
use crate::ops::fragments::{self, Fragments};
use crate::ops::splice;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// The contiguous fragments of the view in order, each a memoryview of its bytes: for os.writev(), socket.sendmsg(),
    /// hashlib. A lazy sequence; a view with gaps gives one fragment for each contiguous run. O(1).
    ///
    /// >>> [bytes(fragment) for fragment in FragView([b'ab', b'c']).fragments]
    /// [b'ab', b'c']
    #[getter]
    fn fragments(&self, py: Python<'_>) -> PyResult<Fragments> {
        Fragments::of(py, &*self.enter()?)
    }

    /// Where the bytes lie: rows (source, offset, length), in bytes, one a contiguous piece. `source` is the
    /// index in `obj`, where that is a tuple, else 0; -1 is a hole. NumPy reads it as an int64 array of shape (n, 3).
    /// O(fragments).
    ///
    /// >>> list(FragView.from_extents(b'3:one4:some', [(2, 3), (7, 4)]).extents())
    /// [(0, 2, 3), (0, 7, 4)]
    fn extents(&self, py: Python<'_>) -> PyResult<Extents> {
        Extents::of(py, &*self.enter()?)
    }

    /// The index of the fragment that holds item `index`'s first byte, and where in it, in bytes. O(1) in the mean;
    /// O(fragments) in a view with gaps. IndexError where there is no such item.
    ///
    /// >>> FragView([b'abc', b'de']).locate(4)
    /// (1, 1)
    #[pyo3(signature = (index, /))]
    fn locate(&self, index: &Bound<'_, PyAny>) -> PyResult<(usize, usize)> {
        let Key::Index(index) = Key::fetch(index)? else {
            return Err(PyTypeError::new_err("locate() takes an integer"));
        };
        fragments::locate(&*self.enter()?, index)
    }

    /// A context manager that gives a contiguous memoryview: the memory itself where it is in one piece, else a copy
    /// that is written back when the block ends without an exception. (In one piece, writes are there at once, an
    /// exception or not.) With `writeback=False` it is read-only. The memoryview is released at the block's end; what was
    /// made of it is not, and shows the memory itself or the copy. Where the copy was to be written back and something still
    /// shows it, the end is a BufferError, after the writing. O(1) in one piece, else O(bytes).
    #[pyo3(signature = (*, writeback = true))]
    fn gather(slf: Bound<'_, Self>, writeback: bool) -> PyResult<Gather> {
        drop(slf.get().enter()?);
        Ok(Gather::new(slf.unbind(), writeback))
    }

    /// A new view of this view's items and then the other's. No byte moves, and both stay as they are.
    fn __add__<'py>(slf: &Bound<'py, Self>, other: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        match splice::add(slf, other)? {
            Some(view) => Ok(Bound::new(py, view)?.into_any()),
            None => Ok(py.NotImplemented().into_bound(py)),
        }
    }

    /// A new view in which `replacement`, a buffer or an iterable of buffers as FragView() takes, stands for the items
    /// `start:stop`, which are as in a slice: `splice(i, i, data)` inserts, `splice(i, j)` deletes. No byte moves, and this
    /// view, its slices and its exports stay as they are. O(fragments), a few nanoseconds each; lookups in the result
    /// cost what they cost in any view.
    ///
    /// >>> FragView(b'one string').splice(0, 3, b'two').tobytes()
    /// b'two string'
    #[pyo3(signature = (start, stop, replacement = Given::NOTHING))]
    #[pyo3(text_signature = "($self, start, stop, replacement=b'')")]
    fn splice(
        slf: &Bound<'_, Self>,
        start: &Bound<'_, PyAny>,
        stop: &Bound<'_, PyAny>,
        replacement: Given<'_>,
    ) -> PyResult<Self> {
        splice::splice(slf, start, stop, replacement.0.as_ref())
    }
}
