//! The class `RecordTable`: its data, and views of it. Its methods are in `table_methods`.

use fragview::geometry::{Extent, Extents, Window};
use fragview::records as core;
use pyo3::prelude::*;

use crate::error::exception::OrRaise;
use crate::runtime::interruptible::with_interrupt;
use crate::view::handle::FragView;
use crate::view::state::State;
use crate::view::view_of_extents::view_of_extents;

/// More records than this are selected while other Python threads run.
const MANY: usize = 1 << 12;

/// The records that a scan found: the place of each, and a column for each field of their headers.
///
/// `table[i]` is a Record; `table[slice]`, `table[mask]` and `table[indices]` are tables. `table["field"]` is
/// a column: a read-only FragView that NumPy reads without a copy. `offsets`, `starts` and `lengths` are such
/// columns too.
///
/// >>> table = RecordLayout('>H', 'length').scan(b'\0\2ab\0\1c')
/// >>> len(table), table[1].content.tobytes(), table['length'].tolist(), len(table[1:])
/// (2, b'c', [2, 1], 1)
#[pyclass(frozen, sequence, module = "fragview")]
pub(crate) struct RecordTable {
    pub(crate) table: core::RecordTable,
    /// The source's bytes without gaps.
    pub(crate) source: State,
    /// The fault that ended a scan that was not strict: offset, index, words.
    pub(super) error: Option<(usize, usize, String)>,
}

impl RecordTable {
    pub(crate) const fn new(
        table: core::RecordTable,
        source: State,
        error: Option<(usize, usize, String)>,
    ) -> Self {
        Self { table, source, error }
    }

    /// Another table on the same source.
    pub(super) fn derived(&self, py: Python<'_>, table: core::RecordTable) -> Self {
        Self {
            table,
            source: self.source.duplicate(py),
            error: None,
        }
    }

    pub(super) fn select(&self, py: Python<'_>, indices: &[usize]) -> PyResult<Self> {
        // To let go of the interpreter costs more than a few records do.
        let table = if indices.len() > MANY {
            with_interrupt(py, |interrupt| self.table.select_with(indices, interrupt))?
        } else {
            self.table.select(indices)
        };
        Ok(self.derived(py, table.or_raise()?))
    }

    /// The content of a record.
    pub(crate) fn content(&self, py: Python<'_>, index: usize) -> PyResult<FragView> {
        self.view_of(py, self.table.content(index))
    }

    /// The window of a part of a source in one fragment. A part of several would hold the memory of all.
    pub(super) fn window_of(&self, part: Extent) -> Option<Window> {
        let first = part
            .offset
            .filter(|_| self.source.memory().fragment_count() == 1)?;
        self.source.window.slice_with_step(first, part.length, 1)
    }

    /// A part of the source.
    pub(crate) fn view_of(&self, py: Python<'_>, part: Extent) -> PyResult<FragView> {
        if let Some(window) = self.window_of(part) {
            let State {
                memory,
                readonly,
                no_suboffsets,
                ..
            } = &self.source;
            let mut state = State::bytes(memory.clone_ref(py), window, *readonly);
            state.no_suboffsets = *no_suboffsets;
            return Ok(FragView::new(state));
        }
        let mut extents = Extents::new();
        extents.push(part.offset, part.length);
        view_of_extents(py, &self.source, &extents)
    }
}
