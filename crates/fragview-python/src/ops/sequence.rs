//! Shared code of our sequence classes: keys, iterators, and searches by them.

use std::sync::atomic::{AtomicUsize, Ordering};

use fragview::geometry::Slice;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyList, PySlice};

use crate::args::index::End;
use crate::args::{index, integer};
use crate::error::exception::raised;
use crate::error::wording::plural;
use crate::items::key::Key;
use crate::runtime::steps::Pacer;

/// The items that a key selects in a sequence.
pub(crate) enum Selected {
    /// The item of this index.
    Item(usize),
    /// The items of these indices.
    Slice(Box<dyn Iterator<Item = usize>>),
}

impl Selected {
    /// Resolves `key`, an integer or a slice, among `count` items; error messages call an item `what`. This
    /// may run Python code (`__index__`).
    pub(crate) fn by(key: &Bound<'_, PyAny>, count: usize, what: &str) -> PyResult<Self> {
        if let Ok(slice) = key.cast::<PySlice>() {
            let indices = slice.indices(count.cast_signed())?;
            let (start, step) = (indices.start, indices.step);
            let index = move |at: usize| {
                start
                    .wrapping_add(step.wrapping_mul(at.cast_signed()))
                    .cast_unsigned()
            };
            return Ok(Self::Slice(Box::new((0..indices.slicelength).map(index))));
        }
        let Key::Index(index) = Key::fetch(key)? else {
            let text = format!("{what} indices must be integers or slices");
            return Err(PyTypeError::new_err(text));
        };
        let item = index::resolve(index, count).map(Self::Item);
        item.ok_or_else(|| {
            raised::<PyIndexError>(&format!(
                "{what} index out of range ({count} {what}{})",
                plural(count)
            ))
        })
    }
}

/// `sequence[key]` of `count` items that `item` makes: an item, or a list of them; errors call an item
/// `what`.
pub(crate) fn get<'py>(
    key: &Bound<'py, PyAny>,
    count: usize,
    what: &str,
    item: impl Fn(usize) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    match Selected::by(key, count, what)? {
        Selected::Item(index) => item(index),
        Selected::Slice(indices) => {
            let items = indices.map(item).collect::<PyResult<Vec<_>>>()?;
            Ok(PyList::new(key.py(), items)?.into_any())
        }
    }
}

/// The methods of a sequence class that follow from its length and its items.
macro_rules! sequence_methods {
    ($class:ty) => {
        #[pymethods]
        impl $class {
            fn __iter__(slf: &Bound<'_, Self>) -> PyResult<$crate::ops::sequence::SequenceIterator> {
                $crate::ops::sequence::SequenceIterator::forward(slf.as_any())
            }

            fn __reversed__(slf: &Bound<'_, Self>) -> PyResult<$crate::ops::sequence::SequenceIterator> {
                $crate::ops::sequence::SequenceIterator::backward(slf.as_any())
            }

            fn __contains__(slf: &Bound<'_, Self>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
                $crate::ops::sequence::contains(slf.as_any(), value)
            }
        }
    };
}
pub(crate) use sequence_methods;

/// The index of the first item in `start:stop` that equals `value`, if there is one. O(items).
pub(crate) fn position(
    sequence: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
    start: Option<&Bound<'_, PyAny>>,
    stop: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<usize>> {
    let none = sequence.py().None().into_bound(sequence.py());
    let (start, stop) = integer::bounds(start.unwrap_or(&none), stop.unwrap_or(&none))?;
    let slice = Slice {
        start: Some(start),
        stop: Some(stop),
        step: 1,
    };
    let (first, count) = slice.resolve(sequence.len()?);
    let mut pacer = Pacer::COMPARISONS;
    for index in first..first + count {
        pacer.turn(sequence.py())?;
        let item = sequence.get_item(index)?;
        if item.is(value) || item.eq(value)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// True if an item equals `value`. O(items).
pub(crate) fn contains(sequence: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(position(sequence, value, None, None)?.is_some())
}

/// The number of items that equal `value`. O(items).
pub(crate) fn count(sequence: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> PyResult<usize> {
    let mut count = 0;
    let mut pacer = Pacer::COMPARISONS;
    for item in sequence.try_iter()? {
        pacer.turn(sequence.py())?;
        let item = item?;
        count += usize::from(item.is(value) || item.eq(value)?);
    }
    Ok(count)
}

/// An iterator over a sequence of ours, whose length never changes.
#[pyclass(frozen, module = "fragview._fragview", name = "_SequenceIterator")]
pub(crate) struct SequenceIterator {
    sequence: Py<PyAny>,
    count: usize,
    begin: End,
    /// Items given so far; other threads may take some, too.
    done: AtomicUsize,
}

impl SequenceIterator {
    fn new(sequence: &Bound<'_, PyAny>, begin: End) -> PyResult<Self> {
        Ok(Self {
            count: sequence.len()?,
            sequence: sequence.clone().unbind(),
            begin,
            done: AtomicUsize::new(0),
        })
    }

    /// From the first item to the last.
    pub(crate) fn forward(sequence: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::new(sequence, End::First)
    }

    /// From the last item to the first.
    pub(crate) fn backward(sequence: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::new(sequence, End::Last)
    }
}

#[pymethods]
impl SequenceIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let more = |done: usize| (done < self.count).then(|| done + 1);
        let Ok(done) = self.done.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) else {
            return Ok(None);
        };
        let index = match self.begin {
            End::First => done,
            End::Last => self.count - 1 - done,
        };
        self.sequence.bind(py).get_item(index).map(Some)
    }

    fn __length_hint__(&self) -> usize {
        self.count - self.done.load(Ordering::Relaxed)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.sequence)
    }
}
