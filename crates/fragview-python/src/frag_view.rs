//! The class `FragView`.

use std::ffi::c_int;
#[cfg(not(Py_GIL_DISABLED))]
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::{AtomicIsize, Ordering};

use fragview::geometry::Window;
use fragview::memory::Hint;
use pyo3::exceptions::{PyBufferError, PyNotImplementedError, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PySlice, PyString, PyTuple, PyType};
use pyo3::{ffi, intern};

use crate::args::given::Given;
use crate::error::wording::plural;
use crate::interop::buffer_protocol;
use crate::interop::gather::Gather;
use crate::interop::numpy;
use crate::interop::pickle;
use crate::io::file::FragFile;
use crate::io::transfer;
use crate::items::assign;
use crate::items::fast;
use crate::items::item;
use crate::items::iterator;
use crate::items::key::{self, Key};
use crate::ops::cast;
use crate::ops::compare;
use crate::ops::extents::Extents;
use crate::ops::fragments;
use crate::ops::fragments::Fragments;
use crate::ops::splice;
use crate::ops::structs;
use crate::runtime::release_guard::{Gone, Guard, ReleaseGuard, ShortBorrow};
use crate::search::bytes;
use crate::search::items;
use crate::view::construct;
use crate::view::state::{Shape, State};

/// Many runs of memory, seen as one contiguous array: a memoryview of fragments.
///
/// `FragView(source)` takes an object with the buffer protocol, or an iterable of such objects and FragViews,
/// which are laid end to end. Nothing is copied: a write goes to the original memory, and a change of the original
/// memory shows. Slicing is O(1); an index is O(1) in the mean, whatever the number of fragments.
///
/// >>> from fragview import FragView
/// >>> head, tail = bytearray(b'one str'), bytearray(b'ing')
/// >>> view = FragView([head, tail])
/// >>> bytes(view[4:])
/// b'string'
/// >>> view[6:8] = b'RI'
/// >>> head, tail
/// (bytearray(b'one stR'), bytearray(b'Ing'))
#[pyclass(frozen, weakref, module = "fragview")]
pub(crate) struct FragView {
    gate: ReleaseGuard<State>,
    /// The hash once it is known, which outlives the release; -1 before, as no hash of Python is.
    hash: AtomicIsize,
    /// The fragment of the last item that was looked up by its index.
    #[cfg(not(Py_GIL_DISABLED))]
    near: AtomicUsize,
}

impl FragView {
    pub(crate) const fn new(state: State) -> Self {
        Self {
            gate: ReleaseGuard::new(state),
            hash: AtomicIsize::new(-1),
            #[cfg(not(Py_GIL_DISABLED))]
            near: AtomicUsize::new(0),
        }
    }

    /// The state, for as long as the pass is held; `memoryview`'s `ValueError` after a release.
    #[inline]
    pub(crate) fn enter(&self) -> PyResult<Guard<'_, State>> {
        Ok(self.gate.enter()?)
    }

    /// The state for a short look.
    ///
    /// # Safety
    /// As [`ReleaseGuard::short_borrow`].
    #[inline]
    pub(crate) unsafe fn short_borrow(&self) -> Option<ShortBorrow<'_, State>> {
        // SAFETY: the caller's.
        unsafe { self.gate.short_borrow() }
    }

    /// Does `look` with a hint of the view's own. Without a GIL there is none, for threads would wait to write it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the heart of `v[i]`; measured")]
    pub(crate) fn near<R>(&self, look: impl FnOnce(&mut Hint) -> R) -> R {
        #[cfg(not(Py_GIL_DISABLED))]
        {
            let mut near = Hint::at(self.near.load(Ordering::Relaxed));
            let found = look(&mut near);
            self.near.store(near.fragment(), Ordering::Relaxed);
            found
        }
        #[cfg(Py_GIL_DISABLED)]
        look(&mut Hint::at(usize::MAX))
    }

    pub(crate) fn gate(&self) -> &ReleaseGuard<State> {
        &self.gate
    }
}

impl State {
    /// The same view once more.
    pub(crate) fn duplicate(&self, py: Python<'_>) -> Self {
        self.with_window(py, self.window)
    }
}

#[pymethods]
impl FragView {
    #[new]
    #[pyo3(signature = (source = Given::NOTHING, /, *more), text_signature = "(source=(), /)")]
    fn py_new(py: Python<'_>, source: Given<'_>, more: &Bound<'_, PyTuple>) -> PyResult<Self> {
        if !more.is_empty() {
            let given = more.len() + 1;
            return Err(PyTypeError::new_err(format!(
                "FragView() takes at most 1 argument ({given} given); join several as FragView([a, b])"
            )));
        }
        let state = match source.0 {
            Some(source) => construct::from_source(&source)?,
            None => construct::from_source(PyTuple::empty(py).as_any())?,
        };
        Ok(Self::new(state))
    }

    /// A view of parts of one source: `extents` are pairs (offset, length) in bytes, an iterable or an integer buffer
    /// of shape (n, 2). An offset of None (-1 in a buffer) is a hole: zeros without memory, read-only. Extents that
    /// touch become one fragment. O(extents).
    ///
    /// An extent out of range is a ValueError that names its index.
    ///
    /// >>> FragView.from_extents(b'3:one4:some', [(2, 3), (7, 4)]).tobytes()
    /// b'onesome'
    #[classmethod]
    #[pyo3(signature = (source, extents, /))]
    fn from_extents(
        _class: &Bound<'_, PyType>,
        source: &Bound<'_, PyAny>,
        extents: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        construct::from_extents(source, extents).map(Self::new)
    }

    /// A view of equal blocks of one source: block `i` lies at `start + i * block_size`, all in bytes; `indices` are
    /// an iterable or an integer buffer; -1 is a hole. `length` trims the end. O(blocks).
    ///
    /// >>> FragView.from_blocks(b'headBBBBAAAAcc', [1, 0, 2], 4, start=4, length=10).tobytes()
    /// b'AAAABBBBcc'
    #[classmethod]
    #[pyo3(signature = (source, indices, block_size, /, *, start = Given::NOTHING, length = None))]
    #[pyo3(text_signature = "(source, indices, block_size, /, *, start=0, length=None)")]
    fn from_blocks(
        _class: &Bound<'_, PyType>,
        source: &Bound<'_, PyAny>,
        indices: &Bound<'_, PyAny>,
        block_size: &Bound<'_, PyAny>,
        start: Given<'_>,
        length: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        construct::from_blocks(source, indices, block_size, start.0.as_ref(), length).map(Self::new)
    }

    /// The object that exports the memory; a tuple of them where there are several, None where there is none.
    #[getter]
    fn obj<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let state = self.enter()?;
        let mut exporters = crate::ops::extents::exporters(py, &state);
        match exporters.len() {
            0 => Ok(py.None().into_bound(py)),
            1 => Ok(exporters.remove(0)),
            _ => Ok(PyTuple::new(py, exporters)?.into_any()),
        }
    }

    /// The bytes of all items together.
    #[getter]
    fn nbytes(&self) -> PyResult<usize> {
        Ok(self.enter()?.byte_count())
    }

    /// True where an item of the view touches read-only memory. It belongs to the range: a slice that touches
    /// writable fragments only is writable. O(log fragments).
    #[getter]
    fn readonly(&self) -> PyResult<bool> {
        Ok(self.enter()?.is_readonly())
    }

    /// The format of an item, in the struct module's notation.
    #[getter]
    fn format<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        Ok(PyString::new(py, self.enter()?.format.text()))
    }

    /// The bytes of an item.
    #[getter]
    fn itemsize(&self) -> PyResult<usize> {
        Ok(self.enter()?.item_size())
    }

    /// The number of dimensions.
    #[getter]
    fn ndim(&self) -> PyResult<usize> {
        Ok(self.enter()?.dimensions().len())
    }

    /// The number of items in each dimension.
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.enter()?.dimensions())
    }

    /// The bytes from an item to the next in each dimension, as if the fragments were one piece.
    #[getter]
    fn strides<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.enter()?.strides())
    }

    /// Always empty: the view itself hides its fragments. `memoryview(view).suboffsets` tells of them.
    #[getter]
    fn suboffsets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.enter()?;
        Ok(PyTuple::empty(py))
    }

    /// True where the items follow each other without gaps, seams or not.
    #[getter]
    fn contiguous(&self) -> PyResult<bool> {
        Ok(self.enter()?.is_contiguous())
    }

    /// True where the items follow each other without gaps in C order, seams or not.
    #[getter]
    fn c_contiguous(&self) -> PyResult<bool> {
        Ok(self.enter()?.is_contiguous())
    }

    /// True where the items follow each other without gaps in Fortran order, seams or not.
    #[getter]
    fn f_contiguous(&self) -> PyResult<bool> {
        Ok(self.enter()?.is_fortran_contiguous())
    }

    #[inline]
    fn __len__(&self) -> PyResult<usize> {
        if let Some(length) = fast::length(self) {
            return Ok(length);
        }
        self.enter()?;
        Err(PyTypeError::new_err("0-dim memory has no length"))
    }

    #[inline]
    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (py, view) = (slf.py(), slf.get());
        if let Some(item) = fast::get(view, key) {
            return Ok(item);
        }
        if let Ok(slice) = key.cast::<PySlice>() {
            // A slice holds the memory before its bounds are fetched, which may release this view.
            // SAFETY: to duplicate runs no Python code.
            let part = unsafe { view.short_borrow() }.map(|state| state.duplicate(py));
            let mut part = part.ok_or(Gone)?;
            let (start, end, step) = key::unpack(slice)?;
            if matches!(part.shape, Shape::Point) {
                return Err(key::refuse(&part, &Key::Other));
            }
            part.window = key::pick(&part.window, start, end, step);
            return Ok(Bound::new(py, Self::new(part))?.into_any());
        }
        drop(view.enter()?);
        let key = Key::fetch(key)?;
        let state = view.enter()?;
        match (&state.shape, &key) {
            (Shape::Line, &Key::Index(index)) => item::get(
                py,
                state.memory(),
                &state.format,
                key::item_offset(&state.window, index)?,
            ),
            (Shape::Point, Key::Ellipsis) => Ok(slf.clone().into_any()),
            (Shape::Point, Key::Tuple(indices)) if indices.is_empty() => {
                item::get(py, state.memory(), &state.format, state.window.start())
            }
            (Shape::Line | Shape::Grid(_), Key::Tuple(indices)) => {
                item::check_supported(&state.format)?;
                item::get(
                    py,
                    state.memory(),
                    &state.format,
                    key::tuple_offset(&state, indices)?,
                )
            }
            _ => Err(key::refuse(&state, &key)),
        }
    }

    #[inline]
    fn __setitem__(&self, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        match fast::put(self, key, value) {
            Some(()) => Ok(()),
            None => assign::assign(self, key, value),
        }
    }

    fn __delitem__(&self, _key: &Bound<'_, PyAny>) -> PyResult<()> {
        let state = self.enter()?;
        item::check_supported(&state.format)?;
        if state.is_wholly_readonly() {
            return Err(crate::error::exception::read_only());
        }
        Err(PyTypeError::new_err("cannot delete memory"))
    }

    fn __iter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        iterator::forward(slf)
    }

    fn __reversed__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        iterator::backward(slf)
    }

    fn __contains__(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
        items::contains(slf, value)
    }

    /// The number of items that equal `value`; on byte formats, how many times a bytes-like `value` is there without
    /// overlap, in `start:stop` where they are given, as bytes.count() counts. O(bytes + fragments).
    #[pyo3(signature = (value, start = Given::NOTHING, stop = Given::NOTHING, /))]
    #[pyo3(text_signature = "($self, value, start=0, stop=sys.maxsize, /)")]
    fn count(
        slf: &Bound<'_, Self>,
        value: &Bound<'_, PyAny>,
        start: Given<'_>,
        stop: Given<'_>,
    ) -> PyResult<usize> {
        items::count(slf, value, start.0.as_ref(), stop.0.as_ref())
    }

    /// The index of the first item that equals `value` in `start:stop`; on byte formats, of the first place of a
    /// bytes-like `value`. ValueError where there is none. O(bytes + fragments).
    #[pyo3(signature = (value, start = Given::NOTHING, stop = Given::NOTHING, /))]
    #[pyo3(text_signature = "($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(
        slf: &Bound<'_, Self>,
        value: &Bound<'_, PyAny>,
        start: Given<'_>,
        stop: Given<'_>,
    ) -> PyResult<usize> {
        items::index(slf, value, start.0.as_ref(), stop.0.as_ref())
    }

    /// Where `sub` begins first in `start:stop`, seams or not; -1 where it is not there, as bytes.find() has it.
    ///
    /// `sub` is bytes, any other buffer, a FragView, or one byte as an integer; the view is one of bytes. Nothing is
    /// joined. O(bytes + fragments), whatever the bytes; a hole costs nothing.
    ///
    /// >>> FragView([b'one str', b'ing, two str', b'ings']).find(b'string')
    /// 4
    #[pyo3(signature = (sub, start = None, stop = None, /))]
    fn find(
        slf: &Bound<'_, Self>,
        sub: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<isize> {
        bytes::find(slf, sub, start, stop, false)
    }

    /// Where `sub` begins last in `start:stop`; -1 where it is not there, as bytes.rfind() has it. As find().
    #[pyo3(signature = (sub, start = None, stop = None, /))]
    fn rfind(
        slf: &Bound<'_, Self>,
        sub: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<isize> {
        bytes::find(slf, sub, start, stop, true)
    }

    /// True where `start:stop` of the view begins with `prefix`, a buffer, a FragView or a tuple of them, as
    /// bytes.startswith() has it. O(bytes of the prefix + fragments of them).
    #[pyo3(signature = (prefix, start = None, stop = None, /))]
    fn startswith(
        slf: &Bound<'_, Self>,
        prefix: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        bytes::is_at_end(slf, prefix, start, stop, false)
    }

    /// True where `start:stop` of the view ends with `suffix`, a buffer, a FragView or a tuple of them, as
    /// bytes.endswith() has it. O(bytes of the suffix + fragments of them).
    #[pyo3(signature = (suffix, start = None, stop = None, /))]
    fn endswith(
        slf: &Bound<'_, Self>,
        suffix: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        bytes::is_at_end(slf, suffix, start, stop, true)
    }

    fn __richcmp__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        operator: pyo3::basic::CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        compare::rich_compare(slf, other, operator)
    }

    fn __hash__(slf: &Bound<'_, Self>) -> PyResult<isize> {
        let known = slf.get().hash.load(Ordering::Relaxed);
        if known != -1 {
            return Ok(known);
        }
        let hash = compare::hash(slf)?;
        slf.get().hash.store(hash, Ordering::Relaxed);
        Ok(hash)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let Ok(state) = slf.get().enter() else {
            return format!("<released memory at {:p}>", slf.as_ptr());
        };
        let fragments = state.memory().fragments_in(state.window.span()).len();
        let bytes = state.byte_count();
        format!(
            "<FragView of {bytes} byte{} in {fragments} fragment{}, format '{}', at {:p}>",
            plural(bytes),
            plural(fragments),
            state.format.text(),
            slf.as_ptr()
        )
    }

    /// The same bytes as items of another format, and in the dimensions of `shape` where it is given. O(1).
    ///
    /// Besides memoryview's native formats it takes the struct module's byte orders (`'<I'`, `'>d'`) and whole
    /// structs (`'<IHH'`: items are tuples). Items may lie across seams. One of the two formats must be a byte format
    /// ('B', 'b' or 'c').
    ///
    /// >>> FragView([b'\x00\x01\x00', b'\x02']).cast('>H').tolist()
    /// [1, 2]
    #[pyo3(signature = (format, shape = None))]
    #[pyo3(text_signature = "($self, format, shape=None)")]
    fn cast(
        &self,
        py: Python<'_>,
        format: &Bound<'_, PyAny>,
        shape: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        drop(self.enter()?);
        let Ok(format) = format.cast::<PyString>() else {
            let name = format.get_type().name()?;
            return Err(PyTypeError::new_err(format!(
                "cast() argument 'format' must be str, not {name}"
            )));
        };
        cast::cast(py, self, &format.to_string_lossy(), shape).map(Self::new)
    }

    /// `bytes(view)`: as `tobytes()`. By the buffer protocol it would take a table and go byte by byte.
    fn __bytes__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        fragments::to_bytes(py, self, "C")
    }

    /// The items' bytes, copied into a new bytes object, in C order, or in Fortran order ('F'), or in 'A': Fortran
    /// order where the view is Fortran-contiguous. O(bytes + fragments).
    #[pyo3(signature = (order = None))]
    #[pyo3(text_signature = "($self, order='C')")]
    fn tobytes<'py>(
        &self,
        py: Python<'py>,
        order: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let Some(order) = order else {
            return fragments::to_bytes(py, self, "C");
        };
        let Ok(order) = order.cast::<PyString>() else {
            let name = order.get_type().name()?;
            let text = format!("tobytes() argument 'order' must be str or None, not {name}");
            return Err(PyTypeError::new_err(text));
        };
        fragments::to_bytes(py, self, &order.to_string_lossy())
    }

    /// The bytes as hexadecimal digits, as bytes.hex() gives them. O(bytes + fragments).
    #[pyo3(signature = (sep = Given::NOTHING, bytes_per_sep = None))]
    #[pyo3(text_signature = "($self, sep=..., bytes_per_sep=1)")]
    fn hex<'py>(
        &self,
        py: Python<'py>,
        sep: Given<'py>,
        bytes_per_sep: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if let (None, Some(every)) = (&sep.0, bytes_per_sep) {
            // Without a separator the number is looked at, and changes nothing.
            every.extract::<c_int>()?;
        }
        let Some(sep) = sep.0 else {
            let text = fragments::to_hex(py, self)?;
            return Ok(PyString::new(py, &text).into_any());
        };
        // Entered to the end: asking the separator for its length must not release the view.
        let _entered = self.enter()?;
        let bytes = fragments::to_bytes(py, self, "C")?;
        match bytes_per_sep {
            None => bytes.call_method1(intern!(py, "hex"), (sep,)),
            Some(every) => bytes.call_method1(intern!(py, "hex"), (sep, every)),
        }
    }

    /// The items as a list, of lists where there are several dimensions. O(items).
    fn tolist<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        items::to_list(py, self)
    }

    /// The same view, read-only. O(1).
    fn toreadonly(&self, py: Python<'_>) -> PyResult<Self> {
        let state = self.enter()?;
        Ok(Self::new(State {
            readonly: true,
            ..state.duplicate(py)
        }))
    }

    /// Lets go of the memory; the view is of no use afterwards. BufferError while a buffer of it is exported, or a block
    /// of gather() runs.
    fn release(&self) -> PyResult<()> {
        match self.gate.close() {
            // Dropped here, after the gate is closed: it may run Python code.
            Ok(state) => {
                drop(state);
                Ok(())
            }
            Err(users) => {
                let plural = plural(users.unsigned_abs());
                Err(PyBufferError::new_err(format!(
                    "memoryview has {users} exported buffer{plural}"
                )))
            }
        }
    }

    /// The view itself; the block's end releases it.
    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        drop(slf.get().enter()?);
        Ok(slf)
    }

    /// Releases the view; BufferError while a buffer of it is exported.
    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.release()
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

    /// The values that the struct module unpacks from the bytes at `offset`, as struct.unpack_from() does, seams or
    /// not. O(bytes of the format + seams).
    #[pyo3(signature = (format, /, offset = 0))]
    fn unpack_from<'py>(
        &self,
        py: Python<'py>,
        format: &Bound<'py, PyAny>,
        offset: isize,
    ) -> PyResult<Bound<'py, PyAny>> {
        structs::unpack_from(py, self, format, offset)
    }

    /// Packs values into the bytes at `offset`, as struct.pack_into() does, seams or not; where a value does not fit,
    /// nothing is written. O(bytes of the format + seams).
    #[pyo3(signature = (format, offset, /, *values))]
    fn pack_into(
        &self,
        py: Python<'_>,
        format: &Bound<'_, PyAny>,
        offset: isize,
        values: &Bound<'_, PyTuple>,
    ) -> PyResult<()> {
        structs::pack_into(py, self, format, offset, values)
    }

    /// An iterator of the values of one struct after the other, as struct.iter_unpack() gives them.
    #[pyo3(signature = (format, /))]
    fn iter_unpack<'py>(slf: &Bound<'py, Self>, format: &Bound<'py, PyAny>) -> PyResult<structs::Unpacked> {
        structs::iter_unpack(slf, format)
    }

    /// The contiguous pieces of the view in order, each a memoryview of its bytes: for os.writev(), socket.sendmsg(),
    /// hashlib. A lazy sequence; a view with gaps gives one piece a contiguous run.
    #[getter]
    fn fragments(&self, py: Python<'_>) -> PyResult<Fragments> {
        Fragments::of(py, &*self.enter()?)
    }

    /// Where the bytes lie: rows (source, offset, length), in bytes, one a contiguous piece. `source` is the
    /// index in `obj`, where that is a tuple, else 0; -1 is a hole. NumPy reads it as an int64 array of shape (n, 3).
    fn extents(&self, py: Python<'_>) -> PyResult<Extents> {
        Extents::of(py, &*self.enter()?)
    }

    /// The index of the fragment that holds item `index`'s first byte, and where in it, in bytes. O(1) in the mean.
    #[pyo3(signature = (index, /))]
    fn locate(&self, py: Python<'_>, index: &Bound<'_, PyAny>) -> PyResult<(usize, usize)> {
        let Key::Index(index) = Key::fetch(index)? else {
            return Err(PyTypeError::new_err("locate() takes an integer"));
        };
        fragments::locate(py, &*self.enter()?, index)
    }

    /// A context manager that gives a contiguous memoryview: the memory itself where it is in one piece, else a copy
    /// that is written back when the block ends without an exception. (In one piece, writes are there at once, an
    /// exception or not.) With `writeback=False` it is read-only. The memoryview is released at the block's end; what was
    /// made of it is not, and shows the memory itself or the copy. O(1) in one piece, else O(bytes).
    #[pyo3(signature = (*, writeback = true))]
    fn gather(slf: Bound<'_, Self>, writeback: bool) -> PyResult<Gather> {
        drop(slf.get().enter()?);
        Ok(Gather::new(slf.unbind(), writeback))
    }

    /// The view as a binary file: seekable, readable, and writable where the view is; its size is fixed. It does what
    /// io.BytesIO does, on this memory. O(1).
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

    #[classmethod]
    #[pyo3(signature = (item, /))]
    fn __class_getitem__<'py>(
        cls: &Bound<'py, PyType>,
        item: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = cls.py();
        py.import(intern!(py, "types"))?
            .call_method1(intern!(py, "GenericAlias"), (cls, item))
    }

    /// # Safety
    /// Called by the interpreter, with a buffer to fill.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        target: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        // SAFETY: the interpreter's.
        unsafe { buffer_protocol::fill(slf, target, flags) }
    }

    /// # Safety
    /// Called by the interpreter, once for each buffer that was filled.
    unsafe fn __releasebuffer__(&self, target: *mut ffi::Py_buffer) {
        // SAFETY: the interpreter's.
        unsafe { buffer_protocol::release(target) };
        self.gate.unpin();
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        // SAFETY: the collector runs with the interpreter to itself.
        unsafe { self.gate.peek() }.map_or(Ok(()), |state| state.visit(&visit))
    }

    fn __clear__(&self) {
        // A view with exports stays; whoever holds them is cleared too, and releases them.
        drop(self.gate.close());
    }
}

/// A new view of one dimension of the window's bytes, read-only if the state is.
pub(crate) fn of_bytes(py: Python<'_>, state: &State, window: Window) -> PyResult<Py<FragView>> {
    let state = State {
        window,
        format: fragview::format::Format::BYTE,
        shape: Shape::Line,
        ..state.duplicate(py)
    };
    Py::new(py, FragView::new(state))
}

/// `memoryview`'s refusal of sub-views.
pub(crate) fn one_dimension(state: &State, zero: &'static str, many: &'static str) -> PyResult<()> {
    match state.shape {
        Shape::Line => Ok(()),
        Shape::Point => Err(PyTypeError::new_err(zero)),
        Shape::Grid(_) => Err(PyNotImplementedError::new_err(many)),
    }
}

/// The error for an order that is none of NumPy's.
pub(crate) fn wrong_order() -> PyErr {
    PyValueError::new_err("order must be 'C', 'F' or 'A'")
}
