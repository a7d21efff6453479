//! `blocks()`: contiguous blocks of a view's bytes, lent where they are whole.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

use fragview::{Block, Untyped};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::buffers::export::memoryview;
use crate::buffers::memory::PyMemory;
use crate::view::copy_out::bytes_within;
use crate::view::handle::FragView;
use crate::view::state::State;

/// The bytes of a block if no size is asked for, and of what goes together to a file that takes bytes by
/// calls.
pub(crate) const BLOCK: NonZero<usize> = NonZero::new(1 << 16).unwrap();

/// An iterator over a view's blocks.
#[pyclass(frozen, module = "fragview._fragview", name = "_Blocks")]
pub(crate) struct BlockIterator {
    /// The view once more, so that its release does not matter.
    state: State,
    size: NonZero<usize>,
    /// Bytes given so far; other threads may take some, too.
    done: AtomicUsize,
}

/// A block as a view of PyO3's memory knows it.
type PyBlock<'v, 'm> = Block<'v, fragview::memory::Shared<'static>, Untyped, &'m PyMemory>;

impl BlockIterator {
    pub(crate) fn new(py: Python<'_>, state: &State, size: NonZero<usize>) -> Self {
        Self {
            state: state.duplicate(py),
            size,
            done: AtomicUsize::new(0),
        }
    }
}

/// The block as a read-only memoryview of bytes: of the view's memory if it lies in one fragment, else of new
/// bytes. O(1) if it is lent, else O(bytes + fragments).
pub(crate) fn shown<'py>(
    py: Python<'py>,
    state: &State,
    block: &PyBlock<'_, '_>,
) -> PyResult<Bound<'py, PyAny>> {
    if let Some(&window) = block.window() {
        let state = State::bytes(state.memory.clone_ref(py), window, true);
        return memoryview(Bound::new(py, FragView::new(state))?.as_any());
    }
    let range = block.range();
    memoryview(bytes_within(py, &state.view(), range.start, range.len())?.as_any())
}

#[pymethods]
impl BlockIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let length = self.state.byte_count();
        let more = |done: usize| (done < length).then(|| done.saturating_add(self.size.get()).min(length));
        let Ok(offset) = self.done.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) else {
            return Ok(None);
        };
        let view = self.state.view();
        let block = view.block_at(offset, self.size);
        block.map(|block| shown(py, &self.state, &block)).transpose()
    }

    fn __length_hint__(&self) -> usize {
        let left = self.state.byte_count() - self.done.load(Ordering::Relaxed);
        left.div_ceil(self.size.get())
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.state.visit(&visit)
    }
}
