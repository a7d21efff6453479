//! The contiguous fragments of a view as a sequence; `tobytes` and `hex`.

use fragview::Error;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffers::bytes::{bytes_from, new_bytes};
use crate::buffers::export::memoryview;
use crate::error::exception::{OrRaise, exception, no_memory, raised};
use crate::error::wording::plural;
use crate::ops::sequence;
use crate::runtime::steps::{LONG, detach_for};
use crate::view::copy_out::{STEP, copy_out};
use crate::view::handle::FragView;
use crate::view::state::{State, bytes_at, flat, one_dimension};

/// The contiguous fragments of a view in order, as a lazy sequence of memoryviews of bytes. A hole is zeros
/// that take no memory.
///
/// >>> fragments = FragView([b'ab', b'c']).fragments
/// >>> len(fragments), bytes(fragments[-1])
/// (2, b'c')
#[pyclass(frozen, sequence, module = "fragview", name = "Fragments")]
pub(crate) struct FragmentList {
    state: State,
    fragments: Fragments,
    count: usize,
}

/// What the fragments of a state are.
enum Fragments {
    /// They are the memory's fragments from this one on; the state is one of bytes without gaps.
    OfMemory(usize),
    /// Each item is one.
    Items,
}

impl FragmentList {
    /// O(1); of a view with gaps O(fragments), and O(items) where items lie across seams or in holes.
    pub(crate) fn of(py: Python<'_>, state: &State) -> PyResult<Self> {
        if state.view().items_are_fragments() {
            return Ok(Self {
                state: state.duplicate(py),
                fragments: Fragments::Items,
                count: state.window.len(),
            });
        }
        let state = flat(py, state)?;
        let range = state.memory().fragments_in(state.window.span());
        Ok(Self {
            fragments: Fragments::OfMemory(range.start),
            count: range.len(),
            state,
        })
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Fragment `index`; pre: there is one.
    pub(crate) fn memoryview<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyAny>> {
        let (memory, span) = (self.state.memory(), self.state.window.span());
        let range = match self.fragments {
            Fragments::OfMemory(first) => {
                let fragment = memory.fragment_range(first + index).unwrap_or(0..0);
                fragment.start.max(span.start)..fragment.end.min(span.end)
            }
            Fragments::Items => {
                let start = self.state.window.offset(index);
                start..start + self.state.window.width()
            }
        };
        let window = bytes_at(memory, range.start, range.len())?;
        let view = Bound::new(py, FragView::of_bytes(py, &self.state, window))?;
        memoryview(view.as_any())
    }
}

/// The fragment of item `index` and the offset of the item's first byte in it, both as `fragments` tells
/// them.
pub(crate) fn locate(state: &State, index: isize) -> PyResult<(usize, usize)> {
    one_dimension(
        state,
        "invalid indexing of 0-dim memory",
        "multi-dimensional sub-views are not implemented",
    )?;
    let out_of_bounds = || raised::<PyIndexError>("index out of bounds on dimension 1");
    let from_front = if index < 0 {
        index.wrapping_add_unsigned(state.window.len())
    } else {
        index
    };
    let index = usize::try_from(from_front).map_err(|_| out_of_bounds())?;
    state.view().locate(index).ok_or_else(out_of_bounds)
}

sequence::sequence_methods!(FragmentList);

#[pymethods]
impl FragmentList {
    fn __len__(&self) -> usize {
        self.count
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        sequence::get(key, self.count, "fragment", |index| self.memoryview(py, index))
    }

    /// Return the index of the first fragment in `start:stop` that equals `value`. If it is not found,
    /// ValueError is raised. O(bytes).
    ///
    /// >>> FragView([b'ab', b'c']).fragments.index(b'c')
    /// 1
    #[pyo3(signature = (value, start = None, stop = None, /))]
    #[pyo3(text_signature = "($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(
        slf: &Bound<'_, Self>,
        value: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<usize> {
        let place = sequence::position(slf.as_any(), value, start, stop)?;
        place.ok_or_else(|| PyValueError::new_err("there is no such fragment"))
    }

    /// Return the number of fragments that equal `value`. O(bytes).
    ///
    /// >>> FragView([b'ab', b'c', b'ab']).fragments.count(b'ab')
    /// 2
    #[pyo3(name = "count", signature = (value, /))]
    fn count_equal(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<usize> {
        sequence::count(slf.as_any(), value)
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
    let bytes = new_bytes(py, length, |target| copy_out(py, &items, target))?;
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
    let step = (STEP / items.item_size().max(1)).max(1);
    let told = |error| match error {
        Error::OutOfMemory => no_memory(items.byte_len().saturating_mul(2)),
        error => exception(error),
    };
    let mut text = String::new();
    let length = items.byte_len().checked_mul(2);
    length
        .and_then(|length| text.try_reserve_exact(length).ok())
        .ok_or_else(|| told(Error::OutOfMemory))?;
    for first in (0..items.len()).step_by(step) {
        if first > 0 {
            py.check_signals()?;
        }
        let part = items
            .slice(first..items.len().min(first.saturating_add(step)))
            .or_raise()?;
        detach_for(py, part.byte_len(), || part.append_hex(&mut text)).map_err(told)?;
    }
    Ok(text)
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
    let mut some = |items: usize| {
        for _ in 0..items {
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
    };
    let items = source.len() / size;
    for first in (0..items).step_by(LONG) {
        if first > 0 {
            bytes.py().check_signals()?;
        }
        let count = LONG.min(items - first);
        detach_for(bytes.py(), items, || some(count));
    }
    bytes_from(bytes.py(), &target)
}
