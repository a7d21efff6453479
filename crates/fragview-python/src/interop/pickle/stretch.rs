//! Fragments that travel beside a pickle: each as a buffer of its own, but long rows of small ones as one.
//!
//! A `PickleBuffer` costs microseconds, at both ends, and some fragments have 64 bytes. A row of more than
//! [`FEW`] neighbours of less than [`SMALL`] bytes is copied, and travels as one buffer. Memory that repeats
//! travels once either way: what has been sent is looked up before a fragment joins a row.

use hashbrown::HashMap;
use hashbrown::hash_map::Entry;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::interop::pickle::sources::{Plan, copied};
use crate::ops::fragments::FragmentList;
use crate::view::state::{State, bytes_at, view_of};

/// Fragments of this many bytes and more are never copied.
const SMALL: usize = 4096;

/// This many small fragments are not worth a copy.
const FEW: usize = 64;

/// Where a fragment lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) owner: usize,
    pub(super) offset: usize,
    pub(super) length: usize,
    pub(super) readonly: bool,
}

/// A row of small fragments, and where those before it have gone.
#[derive(Default)]
pub(super) struct Stretch {
    /// The index and the first byte of the first fragment of the row.
    first: (usize, usize),
    row: Vec<Place>,
    /// Source, and offset in it, of each place that has been sent; `None` while it is in the row.
    sent: HashMap<Place, Option<(usize, usize)>>,
}

impl Stretch {
    /// Sends fragment `index`, which begins at byte `start` of the memory, or keeps it in the row.
    #[expect(
        clippy::too_many_arguments,
        reason = "the view's parts, of which each is borrowed elsewhere"
    )]
    pub(super) fn push<'py>(
        &mut self,
        py: Python<'py>,
        state: &State,
        fragments: &FragmentList,
        plan: &mut Plan<'py>,
        index: usize,
        start: usize,
        place: Place,
    ) -> PyResult<()> {
        let joins = self.row.last().is_none_or(|last| last.readonly == place.readonly);
        if place.length >= SMALL || !joins {
            self.end(py, state, fragments, plan)?;
        }
        if let Entry::Vacant(place_of) = self.sent.entry(place) {
            place_of.insert(None);
        } else {
            self.end(py, state, fragments, plan)?;
            if let Some(Some((source, offset))) = self.sent.get(&place) {
                plan.push_range(*source, *offset, place.length, place.readonly);
            }
            return Ok(());
        }
        if self.row.is_empty() {
            self.first = (index, start);
        }
        self.row.push(place);
        if place.length >= SMALL {
            self.end(py, state, fragments, plan)?;
        }
        Ok(())
    }

    /// Sends the row.
    pub(super) fn end<'py>(
        &mut self,
        py: Python<'py>,
        state: &State,
        fragments: &FragmentList,
        plan: &mut Plan<'py>,
    ) -> PyResult<()> {
        let row = std::mem::take(&mut self.row);
        let (index, start) = self.first;
        if row.len() <= FEW {
            for (place, index) in row.into_iter().zip(index..) {
                let fragment = pickle_buffer(py)?.call1((fragments.memoryview(py, index)?,))?;
                let source = plan.push_source(fragment, place.length, place.readonly);
                self.sent.insert(place, Some((source, 0)));
            }
            return Ok(());
        }
        let length = row.iter().map(|place| place.length).sum();
        let readonly = row.first().is_some_and(|place| place.readonly);
        let items = view_of(state.memory(), bytes_at(state.memory(), start, length)?);
        let bytes = pickle_buffer(py)?.call1((copied(py, &items, readonly)?,))?;
        let source = plan.push_source(bytes, length, readonly);
        let mut offset = 0;
        for place in row {
            self.sent.insert(place, Some((source, offset)));
            offset += place.length;
        }
        Ok(())
    }
}

fn pickle_buffer(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "pickle", "PickleBuffer")
}
