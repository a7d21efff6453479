//! The iterator of a pattern's matches.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fragview::regex::{self as core, Resume};
use fragview::search::Step;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::error::exception::OrRaise;
use crate::search::bytes::bytes_of;
use crate::search::match_::Match;
use crate::search::pattern::{BATCH, Pattern, Span, collect};
use crate::view::handle::FragView;

/// An iterator looks no farther ahead than this many bytes a match.
const NEAR: usize = 64;

/// An iterator over the matches in a view. It looks ahead: if matches are close together, it finds them in
/// batches.
#[pyclass(frozen, module = "fragview._fragview", name = "_Matches")]
pub(crate) struct Matches {
    pattern: Py<Pattern>,
    view: Py<FragView>,
    span: Span,
    batch: Mutex<Batch>,
}

/// Matches that were found and not yet asked for.
struct Batch {
    matches: std::vec::IntoIter<core::Match>,
    /// Where the search continues after them; `None` if there are no more.
    rest: Option<Resume>,
    /// How many to find next.
    most: usize,
}

impl Matches {
    pub(crate) fn new(pattern: &Bound<'_, Pattern>, view: &Bound<'_, FragView>, span: Span) -> Self {
        Self {
            pattern: pattern.clone().unbind(),
            view: view.clone().unbind(),
            span,
            batch: Mutex::new(Batch {
                matches: Vec::new().into_iter(),
                rest: (span.start <= span.end).then_some(Resume::new(span.start)),
                most: 1,
            }),
        }
    }

    /// The batch. No Python code runs, and no thread waits, while it is locked.
    fn batch(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds up to `most` matches behind `rest`: one, however far it is, and others that are near.
    fn find(&self, py: Python<'_>, rest: Resume, most: usize) -> PyResult<Batch> {
        py.check_signals()?;
        let state = self.view.get().enter()?;
        let bytes = bytes_of(&state, "a pattern")?
            .into_slice(..self.span.end)
            .or_raise()?;
        let mut search = self.pattern.get().regex.resume(&bytes, rest);
        let mut matches = Vec::new();
        let mut goes_on = collect(py, &mut search, &mut matches, 1)?;
        if goes_on && most > 1 {
            let step = search
                .collect_within(&mut matches, most - 1, most * NEAR)
                .or_raise()?;
            goes_on = step != Step::End;
        }
        let found = matches.len();
        Ok(Batch {
            matches: matches.into_iter(),
            rest: goes_on.then(|| search.resume_point()),
            most: if found == most {
                BATCH.min(most * 4)
            } else {
                found.max(1)
            },
        })
    }
}

#[pymethods]
impl Matches {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Match>> {
        loop {
            let (rest, most) = {
                let mut batch = self.batch();
                if let Some(found) = batch.matches.next() {
                    drop(batch);
                    // If the view was released meanwhile, this raises.
                    self.view.get().enter()?;
                    let (pattern, view) = (self.pattern.bind(py), self.view.bind(py));
                    return Ok(Some(Match::new(pattern, view, found, self.span)));
                }
                (batch.rest, batch.most)
            };
            let Some(rest) = rest else {
                return Ok(None);
            };
            let found = self.find(py, rest, most)?;
            let mut batch = self.batch();
            // Another thread may have been here; then its matches are the ones.
            if batch.matches.len() == 0 && batch.rest == Some(rest) {
                *batch = found;
            }
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.pattern)?;
        visit.call(&self.view)
    }
}
