//! To and from files, sockets, NumPy and pickles.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::interop::numpy;
use crate::interop::pickle;
use crate::io::file::FragFile;
use crate::io::transfer;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// The view as a binary file: seekable, readable, and writable where the view is; its size is fixed. It does what
    /// io.BytesIO does, on this memory. O(1); O(items) for items of several bytes with gaps between.
    ///
    /// >>> FragView([b'one li', b'ne\ntwo']).open().readline()
    /// b'one line\n'
    fn open(&self, py: Python<'_>) -> PyResult<FragFile> {
        FragFile::open(py, &*self.enter()?, 0)
    }

    /// Write the view's bytes to a file, a socket or a file descriptor, and return their number. O(fragments), and what the
    /// system needs.
    ///
    /// Up to 1024 fragments go with each system call, while other threads run; partial and interrupted calls are
    /// continued. A descriptor that does not block gives the bytes that went, BlockingIOError where none did, as
    /// socket.send() does; a socket's timeout is for the whole call, as sendall()'s is. Other files, without a descriptor
    /// or with something in between (gzip, TLS), get their write() called with each fragment. An exception on the way has
    /// the number of bytes that went before as `characters_written`.
    #[pyo3(signature = (target, /))]
    fn write_to(&self, py: Python<'_>, target: &Bound<'_, PyAny>) -> PyResult<usize> {
        transfer::write_to(py, self, target)
    }

    /// Read bytes from a file, a socket or a file descriptor into the view, until it is full or the file ends, and return
    /// their number. The rules are write_to()'s. A view that is read-only somewhere is a TypeError, and nothing is read.
    #[pyo3(signature = (source, /))]
    fn read_from(&self, py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<usize> {
        transfer::read_from(py, self, source)
    }

    /// The items as a NumPy array, of another dtype where one is given: values are converted, as astype() does it.
    ///
    /// Where the view lies in one fragment and the dtype is the items' own, the array is the memory itself. Over several it
    /// is a copy, and read-only, for writes would be lost; of another dtype it is a copy, as astype() makes it.
    /// `copy=True` always copies; `copy=False` never does, and is a ValueError where that can't be. O(1), or O(bytes).
    #[pyo3(signature = (dtype = None, copy = None))]
    fn to_numpy<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        numpy::to_numpy(slf, dtype, copy)
    }

    /// What NumPy asks for where the buffer protocol can't serve it, because an item lies across a seam: an error that names
    /// `to_numpy()`. With `copy=True`, a copy.
    #[pyo3(signature = (dtype = None, copy = None))]
    fn __array__<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        numpy::to_numpy(slf, dtype, Some(copy.unwrap_or(false)))
    }

    /// Pickle: from protocol 5 on one PickleBuffer a fragment, without a copy; below, copies. Holes stay holes, and what
    /// fragview.open() has mapped goes by its path.
    fn __reduce_ex__<'py>(&self, py: Python<'py>, protocol: i32) -> PyResult<Bound<'py, PyTuple>> {
        pickle::reduce(py, self, protocol)
    }

    /// Another view of the same memory.
    fn __copy__(&self, py: Python<'_>) -> PyResult<Self> {
        Ok(Self::new(self.enter()?.duplicate(py)))
    }

    /// A view of a copy of the bytes.
    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> PyResult<Self> {
        pickle::deep_copy(py, self)
    }
}
