//! The contiguous pieces of a view, and its bytes joined.

use fragview::Error;
use fragview::geometry::Window;
use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PySlice};

use crate::buffers::export::{memoryview, new_bytes};
use crate::error::exception::{OrRaise, exception, no_memory};
use crate::error::wording::plural;
use crate::items::key::{self, Key};
use crate::runtime::attach::detach_for;
use crate::search::items::position;
use crate::view::handle::FragView;
use crate::view::state::{State, flat, one_dimension};

/// The contiguous pieces of a view in order, each a memoryview of its bytes; a hole is zeros that take no memory.
#[pyclass(frozen, sequence, module = "fragview")]
pub(crate) struct Fragments {
    /// A view of bytes without gaps.
    state: State,
    first: usize,
    count: usize,
}

impl Fragments {
    pub(crate) fn of(py: Python<'_>, state: &State) -> PyResult<Self> {
        let state = flat(py, state)?;
        let fragments = state.memory().fragments_in(state.window.span());
        Ok(Self {
            first: fragments.start,
            count: fragments.len(),
            state,
        })
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Fragment `index`; pre: there is one.
    pub(crate) fn piece<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyAny>> {
        let fragment = self
            .state
            .memory()
            .fragment_range(self.first + index)
            .unwrap_or(0..0);
        let span = self.state.window.span();
        let start = fragment.start.max(span.start);
        let length = fragment.end.min(span.end) - start;
        let window = self
            .state
            .window
            .slice_with_step(start - span.start, length, 1)
            .unwrap_or(Window::whole(0));
        let view = Bound::new(py, FragView::of_bytes(py, &self.state, window))?;
        memoryview(view.as_any())
    }
}

/// The fragment of item `index` and the offset of the item's first byte in it, both as `fragments` tells them.
pub(crate) fn locate(py: Python<'_>, state: &State, index: isize) -> PyResult<(usize, usize)> {
    one_dimension(
        state,
        "invalid indexing of 0-dim memory",
        "multi-dimensional sub-views are not implemented",
    )?;
    let flattened;
    let (state, offset) = if state.window.is_contiguous() {
        (state, key::item_offset(&state.window, index)?)
    } else {
        // The item's first byte in a view of the items alone.
        let items = Window::whole(state.byte_count()).regroup(state.item_size());
        let offset = key::item_offset(&items.unwrap_or(Window::whole(0)), index)?;
        flattened = flat(py, state)?;
        (&flattened, offset)
    };
    let memory = state.memory();
    let span = state.window.span();
    let first = memory.fragments_in(span.clone()).start;
    let (fragment, range) = memory
        .locate(offset)
        .ok_or_else(|| PyIndexError::new_err("index out of bounds on dimension 1"))?;
    Ok((fragment - first, offset - range.start.max(span.start)))
}

#[pymethods]
impl Fragments {
    fn __len__(&self) -> usize {
        self.count
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if let Ok(slice) = index.cast::<PySlice>() {
            let indices = slice.indices(self.count.cast_signed())?;
            let mut pieces = Vec::with_capacity(indices.slicelength);
            let mut next = indices.start;
            for _ in 0..indices.slicelength {
                pieces.push(self.piece(py, next.cast_unsigned())?);
                next += indices.step;
            }
            return Ok(PyList::new(py, pieces)?.into_any());
        }
        let Key::Index(index) = Key::fetch(index)? else {
            return Err(PyTypeError::new_err(
                "fragment indices must be integers or slices",
            ));
        };
        let index = if index < 0 {
            index.wrapping_add_unsigned(self.count)
        } else {
            index
        };
        match usize::try_from(index) {
            Ok(index) if index < self.count => self.piece(py, index),
            _ => Err(PyIndexError::new_err(format!(
                "fragment index out of range ({} fragment{})",
                self.count,
                plural(self.count)
            ))),
        }
    }

    /// The index of the first fragment in `start:stop` that equals `value`; ValueError where there is none.
    #[pyo3(signature = (value, start = 0, stop = isize::MAX, /))]
    #[pyo3(text_signature = "($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>, start: isize, stop: isize) -> PyResult<usize> {
        let place = position(slf.as_any(), value, start, stop)?;
        place.ok_or_else(|| PyValueError::new_err("there is no such fragment"))
    }

    /// The number of fragments that equal `value`.
    #[pyo3(name = "count", signature = (value, /))]
    fn count_equal(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        let mut count = 0;
        for item in slf.as_any().try_iter()? {
            count += usize::from(item?.eq(value)?);
        }
        Ok(count)
    }

    fn __repr__(&self) -> String {
        let bytes = self.state.byte_count();
        let (fragments, many) = (plural(self.count), plural(bytes));
        format!("<{} fragment{fragments} of {bytes} byte{many}>", self.count)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.state.visit(&visit)
    }
}

/// `tobytes(order)`.
pub(crate) fn to_bytes<'py>(py: Python<'py>, view: &FragView, order: &str) -> PyResult<Bound<'py, PyBytes>> {
    let state = view.enter()?;
    let fortran = match order {
        // In 'A', Fortran order is for items that lie so already, and then C order is the same.
        "C" | "A" => false,
        "F" => !state.is_fortran_contiguous(),
        _ => return Err(PyValueError::new_err("order must be 'C', 'F' or 'A'")),
    };
    let items = state.view();
    let length = items.byte_len();
    let bytes = new_bytes(py, length, |target| {
        detach_for(py, length, || items.copy_to_uninit(target)).or_raise()
    })?;
    if fortran && state.dimensions().len() > 1 {
        fortran_order(&bytes, &state)
    } else {
        Ok(bytes)
    }
}

/// `hex()`.
pub(crate) fn to_hex(py: Python<'_>, view: &FragView) -> PyResult<String> {
    let state = view.enter()?;
    let items = state.view();
    detach_for(py, items.byte_len(), || items.to_hex()).map_err(|error| match error {
        Error::OutOfMemory => no_memory(items.byte_len().saturating_mul(2)),
        error => exception(error),
    })
}

/// The items of `bytes`, which are in C order, in Fortran order: the first index turns fastest.
fn fortran_order<'py>(bytes: &Bound<'py, PyBytes>, state: &State) -> PyResult<Bound<'py, PyBytes>> {
    let (dimensions, size) = (state.dimensions(), state.item_size());
    let source = bytes.as_bytes();
    let mut target = Vec::new();
    target
        .try_reserve_exact(source.len())
        .map_err(|_| no_memory(source.len()))?;
    let mut index = vec![0; dimensions.len()];
    for _ in 0..source.len() / size {
        let item = index
            .iter()
            .zip(&dimensions)
            .fold(0, |item, (&index, &count)| item * count + index);
        target.extend_from_slice(&source[item * size..(item + 1) * size]);
        for (index, &count) in index.iter_mut().zip(&dimensions) {
            *index += 1;
            if *index < count {
                break;
            }
            *index = 0;
        }
    }
    new_bytes(bytes.py(), target.len(), |room| {
        room.write_copy_of_slice(&target);
        Ok(())
    })
}
