//! Transfers: files, sockets, NumPy, pickles, copies.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::interop::numpy;
use crate::interop::pickle::reduce;
use crate::io::file::FragFile;
use crate::io::transfer;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// Return the view as a binary file: seekable, readable, and writable if the view is. Its size is fixed;
    /// else it behaves as io.BytesIO, on this memory. O(1); O(items) for items of several bytes with a step.
    ///
    /// >>> FragView([b'one li', b'ne\ntwo']).open().readline()
    /// b'one line\n'
    fn open(&self, py: Python<'_>) -> PyResult<FragFile> {
        FragFile::open(py, &*self.enter()?, 0)
    }

    /// Write the view's bytes to a file, a socket or a file descriptor, and return their number.
    /// O(fragments), and the system's time.
    ///
    /// Each system call takes up to 1024 fragments, while other threads run; partial and interrupted calls
    /// are continued. A non-blocking descriptor returns the number of bytes that went; if none went,
    /// BlockingIOError is raised, as by socket.send(). A socket's timeout is for the whole call, as with
    /// sendall(). Other files, without a descriptor or with a layer above it (gzip, TLS), get a write() call
    /// for each fragment of 64 KiB or more, and one for neighbours of up to 64 KiB in all, whose bytes are
    /// copied. An exception in the middle has the number of bytes that went before as
    /// `characters_written`.
    ///
    /// >>> import io
    /// >>> file = io.BytesIO()
    /// >>> FragView([b'one str', b'ing']).write_to(file)
    /// 10
    /// >>> file.getvalue()
    /// b'one string'
    #[pyo3(signature = (target, /))]
    fn write_to(&self, py: Python<'_>, target: &Bound<'_, PyAny>) -> PyResult<usize> {
        transfer::write_to(py, self, target)
    }

    /// Read bytes from a file, a socket or a file descriptor into the view, until the view is full or the
    /// file ends, and return their number. Costs and rules are those of write_to(). A view with a read-only
    /// item raises TypeError, and nothing is read.
    ///
    /// >>> import io
    /// >>> head, tail = bytearray(4), bytearray(4)
    /// >>> FragView([head, tail]).read_from(io.BytesIO(b'string'))
    /// 6
    /// >>> head, tail
    /// (bytearray(b'stri'), bytearray(b'ng\x00\x00'))
    #[pyo3(signature = (source, /))]
    fn read_from(&self, py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<usize> {
        transfer::read_from(py, self, source)
    }

    /// Return the items as a NumPy array. `dtype` converts the values, as astype() does.
    ///
    /// The array shares the memory if the view lies in one fragment and the dtype is the items' own. Over
    /// several fragments it is a read-only copy, because writes would be lost; with another dtype it is the
    /// copy that astype() makes. `copy=True` always copies; `copy=False` never copies, and raises ValueError
    /// if a copy is needed. O(1), or O(bytes) for a copy.
    ///
    /// >>> FragView([b'\x01\x00\x02', b'\x00']).cast('<H').to_numpy().tolist()  # doctest: +SKIP
    /// [1, 2]
    #[pyo3(signature = (dtype = None, copy = None))]
    fn to_numpy<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        numpy::to_numpy(slf, dtype, copy)
    }

    /// NumPy calls this if the buffer protocol fails because an item lies across a seam. Raises an error that
    /// names `to_numpy()`; with `copy=True` it returns a copy.
    #[pyo3(signature = (dtype = None, copy = None))]
    fn __array__<'py>(
        slf: &Bound<'py, Self>,
        dtype: Option<&Bound<'py, PyAny>>,
        copy: Option<bool>,
    ) -> PyResult<Bound<'py, PyAny>> {
        numpy::to_numpy(slf, dtype, Some(copy.unwrap_or(false)))
    }

    /// Pickle: from protocol 5 on one PickleBuffer a fragment, without a copy, but one with a copy for a row
    /// of more than 64 neighbours below 4 KiB; in older protocols, copies. Holes stay
    /// holes, and what fragview.open() has mapped goes by its path.
    fn __reduce_ex__<'py>(&self, py: Python<'py>, protocol: i32) -> PyResult<Bound<'py, PyTuple>> {
        reduce::reduce(py, self, protocol)
    }

    /// Another view of the same memory.
    fn __copy__(&self, py: Python<'_>) -> PyResult<Self> {
        Ok(Self::new(self.enter()?.duplicate(py)))
    }

    /// A view of a copy of the bytes.
    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> PyResult<Self> {
        reduce::deep_copy(py, self)
    }
}
