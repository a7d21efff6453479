//! A memory as a Python object, and its owners, which other memories may share.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use fragview::memory::{Memory, OwnerList, Shared};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::buffers::export::BufferOwner;

/// Memory whose owners are Python objects.
pub(crate) type PyMemory = Memory<Shared<'static>, BufferOwner>;

/// A memory as a Python object: all views on it share it, and the garbage collector sees each owner once.
#[pyclass(frozen, module = "fragview._fragview", name = "_Memory")]
pub(crate) struct SharedMemory {
    memory: PyMemory,
    /// One for each list of owners that the memory may share with others.
    lists: Vec<Py<Owners>>,
    /// The numbers of the sources of the range that was asked for last.
    numbers: Mutex<Option<Numbers>>,
}

/// A range of a memory, and the number of each of the memory's sources among those of the range.
type Numbers = (Range<usize>, Arc<[i64]>);

/// A list of owners as a Python object. An edited view with many owners shares them with the view it was made
/// from; the collector must see each of them as often as it is held, so there is one such object for each
/// list.
#[pyclass(frozen, module = "fragview._fragview", name = "_Owners")]
struct Owners(OwnerList<BufferOwner>);

#[pymethods]
impl Owners {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.0.owners().try_for_each(|owner| owner.visit(&visit))
    }
}

#[pymethods]
impl SharedMemory {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.lists.iter().try_for_each(|list| visit.call(list))?;
        self.memory
            .unlisted_owners()
            .try_for_each(|owner| owner.visit(&visit))
    }
}

impl SharedMemory {
    /// A memory that shares no owners with another one.
    pub(crate) fn hold(py: Python<'_>, memory: PyMemory) -> PyResult<Py<Self>> {
        Self::derive(py, memory, &[])
    }

    /// A memory that shares lists of owners with its parents, and with no other one.
    pub(crate) fn derive(py: Python<'_>, memory: PyMemory, parents: &[&Py<Self>]) -> PyResult<Py<Self>> {
        let known = |list: &OwnerList<BufferOwner>| {
            let mut lists = parents.iter().flat_map(|parent| &parent.get().lists);
            lists.find(|known| known.get().0.identity() == list.identity())
        };
        let lists = memory
            .owner_lists()
            .map(|list| match known(list) {
                Some(known) => Ok(known.clone_ref(py)),
                None => Py::new(py, Owners(list.clone())),
            })
            .collect::<PyResult<_>>()?;
        let numbers = Mutex::new(None);
        Py::new(
            py,
            Self {
                memory,
                lists,
                numbers,
            },
        )
    }

    /// The numbers of the sources of `range` as `make` tells them; the last ones are kept. O(1) for the same
    /// range.
    pub(crate) fn numbers_in(
        &self,
        range: &Range<usize>,
        make: impl FnOnce() -> PyResult<Arc<[i64]>>,
    ) -> PyResult<Arc<[i64]>> {
        // Nothing that may panic or wait runs under the lock.
        let kept = self
            .numbers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((_, numbers)) = kept.filter(|(known, _)| known == range) {
            return Ok(numbers);
        }
        let numbers = make()?;
        let new = Some((range.clone(), Arc::clone(&numbers)));
        *self.numbers.lock().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(numbers)
    }

    #[inline]
    pub(crate) const fn memory(&self) -> &PyMemory {
        &self.memory
    }
}
