//! Fragments and edits of them: `fragments`, `extents`, `locate`, `gather`, `splice`, `+`.

use std::num::NonZero;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::args::given::Given;
use crate::args::integer::number_from;
use crate::interop::gather::Gather;
use crate::items::key::Key;
use crate::ops::blocks::{BLOCK, BlockIterator};
use crate::ops::extents::ExtentRows;
use crate::ops::fragments::{self, FragmentList};
use crate::ops::origin;
use crate::ops::splice;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// The contiguous fragments of the view in order, as a lazy sequence of memoryviews of bytes: for
    /// os.writev(), socket.sendmsg(), hashlib. A view with a step gives one memoryview for each contiguous
    /// range. O(1); O(fragments) for a view with a step.
    ///
    /// >>> [bytes(fragment) for fragment in FragView([b'ab', b'c']).fragments]
    /// [b'ab', b'c']
    #[getter]
    fn fragments(&self, py: Python<'_>) -> PyResult<FragmentList> {
        FragmentList::of(py, &*self.enter()?)
    }

    /// Return an iterator over the bytes in order as contiguous blocks of `size` bytes, the last one
    /// shorter: for hashlib, zlib, ssl. A block that lies in one fragment is a memoryview of it; any other is
    /// one of bytes that are copied. All are read-only. ValueError is raised if `size` is not 1 or more. O(1)
    /// a block that is lent, else O(size + fragments).
    ///
    /// >>> import hashlib
    /// >>> view = FragView([b'abcd', b'ef'])
    /// >>> [bytes(block) for block in view.blocks(3)]
    /// [b'abc', b'def']
    /// >>> digest = hashlib.sha256()
    /// >>> for block in view.blocks():
    /// ...     digest.update(block)
    /// >>> digest.digest() == hashlib.sha256(b'abcdef').digest()
    /// True
    #[pyo3(signature = (size = Given::NOTHING))]
    #[pyo3(text_signature = "($self, size=65536)")]
    fn blocks(&self, py: Python<'_>, size: Given<'_>) -> PyResult<BlockIterator> {
        drop(self.enter()?);
        let size = match size.0 {
            Some(size) => NonZero::new(number_from(&size, "size", 1)?).unwrap_or(BLOCK),
            None => BLOCK,
        };
        Ok(BlockIterator::new(py, &*self.enter()?, size))
    }

    /// Return where the bytes lie: a row (source, offset, length) in bytes for each contiguous range.
    /// `source` is the index in `obj` if that is a tuple, else 0; -1 is a hole. NumPy reads the rows as an
    /// int64 array of shape (n, 3). O(fragments).
    ///
    /// >>> list(FragView.from_extents(b'3:one4:some', [(2, 3), (7, 4)]).extents())
    /// [(0, 2, 3), (0, 7, 4)]
    fn extents(&self, py: Python<'_>) -> PyResult<ExtentRows> {
        ExtentRows::of(py, &*self.enter()?)
    }

    /// Return the index of the fragment that holds the first byte of item `index`, and the byte's offset in
    /// that fragment. An index out of bounds raises IndexError. O(1) in the mean; O(fragments) for a view
    /// with a step.
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

    /// Return where the first byte of item `index` lies: the source and the offset in it, in bytes, as the
    /// rows of extents() have them. A hole has the source -1 and the offset 0. Of a buffer of integers,
    /// return two arrays of int64: NumPy arrays if it is one, else memoryviews. An index out of bounds raises
    /// IndexError. O(1) an index in the mean; O(log sources) in a view of many sources, and O(sources +
    /// fragments) for the first index of such a view.
    ///
    /// >>> view = FragView.from_extents(b'3:one4:some', [(2, 3), (7, 4)])
    /// >>> view.origin(4), view[4] == b'3:one4:some'[8]
    /// ((0, 8), True)
    /// >>> import numpy as np
    /// >>> sources, offsets = view.origin(np.array([0, 3, -1]))
    /// >>> offsets.tolist()
    /// [2, 7, 10]
    #[pyo3(signature = (index, /))]
    fn origin<'py>(&self, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
        origin::origin(self, index)
    }

    /// Return a context manager that gives a contiguous memoryview of the items: the memory itself if it is
    /// one fragment, else a copy. The copy is written back when the block ends without an exception. Writes
    /// to the memory itself are there at once, also if an exception ends the block. With `writeback=False`
    /// the memoryview is read-only. O(1) for one fragment, else O(bytes).
    ///
    /// The end of the block releases the memoryview. Objects that were made from it stay, and show the memory
    /// itself or the copy. If the copy was to be written back and such an object still shows it, the end of
    /// the block raises BufferError, after the copy was written back.
    ///
    /// >>> head, tail = bytearray(b'one str'), bytearray(b'ing')
    /// >>> with FragView([head, tail]).gather() as whole:
    /// ...     whole[4:] = b'THINGS'
    /// >>> head, tail
    /// (bytearray(b'one THI'), bytearray(b'NGS'))
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

    /// Return a new view with `replacement` in place of the items `start:stop`, which are counted as in a
    /// slice. `replacement` is a buffer, or an iterable of buffers as FragView() takes it: `splice(i, i,
    /// data)` inserts, `splice(i, j)` deletes. No byte moves; this view, its slices and its exports stay as
    /// they are. Formats that differ raise ValueError. O(fragments), a few nanoseconds each; a lookup in the
    /// result costs the same as in any view.
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
