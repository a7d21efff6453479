//! `fragview.re`: matches.

use std::ops::Range;

use fragview::regex as core;
use pyo3::exceptions::PyIndexError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::args::given::Given;
use crate::args::integer::{self, is_index};
use crate::items::key::{self};
use crate::ops::fragments::to_bytes;
use crate::search::pattern::{Pattern, Span};
use crate::view::handle::FragView;

/// A match of a pattern in a view: where, and its groups, as views.
#[pyclass(frozen, module = "fragview.re")]
pub(crate) struct Match {
    pattern: Py<Pattern>,
    view: Py<FragView>,
    pub(crate) found: core::Match,
    span: Span,
}

/// The bytes `range` of a view, as a view.
pub(crate) fn part<'py>(
    py: Python<'py>,
    view: &FragView,
    range: Range<usize>,
) -> PyResult<Bound<'py, FragView>> {
    let mut state = view.enter()?.duplicate(py);
    let (start, end) = (range.start.cast_signed(), range.end.cast_signed());
    state.window = key::slice(&state.window, start, end, 1);
    Bound::new(py, FragView::new(state))
}

/// Bytes of a match that its repr shows.
const SHOWN: usize = 50;

impl Match {
    pub(crate) fn new(
        pattern: &Bound<'_, Pattern>,
        view: &Bound<'_, FragView>,
        found: core::Match,
        span: Span,
    ) -> Self {
        Self {
            pattern: pattern.clone().unbind(),
            view: view.clone().unbind(),
            found,
            span,
        }
    }

    pub(crate) fn part<'py>(&self, py: Python<'py>, range: Range<usize>) -> PyResult<Bound<'py, FragView>> {
        part(py, self.view.get(), range)
    }

    /// The group as a view, or `None` where it did not match.
    pub(crate) fn group_or_none<'py>(
        &self,
        py: Python<'py>,
        index: usize,
    ) -> PyResult<Option<Bound<'py, FragView>>> {
        self.found
            .group(index)
            .map(|range| self.part(py, range))
            .transpose()
    }

    /// The number of a group that is named by a number or a name. This may run Python code (`__index__`).
    fn index(&self, group: &Bound<'_, PyAny>) -> PyResult<usize> {
        let missing = || PyIndexError::new_err("no such group");
        if let Ok(name) = group.cast::<PyString>() {
            let name = name.to_string_lossy();
            let mut names = self.pattern.get().regex.group_names();
            return names.position(|known| known == Some(&name)).ok_or_else(missing);
        }
        if !is_index(group) {
            return Err(missing());
        }
        let index = integer::index(group).map_err(|_| missing())?;
        usize::try_from(index)
            .ok()
            .filter(|&index| index < self.found.group_count())
            .ok_or_else(missing)
    }

    fn range(&self, group: &Given<'_>) -> PyResult<(isize, isize)> {
        let index = group.0.as_ref().map_or(Ok(0), |group| self.index(group))?;
        let range = self.found.group(index);
        Ok(range.map_or((-1, -1), |range| {
            (range.start.cast_signed(), range.end.cast_signed())
        }))
    }

    fn or_default<'py>(
        &self,
        py: Python<'py>,
        index: usize,
        default: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let group = self.group_or_none(py, index)?;
        Ok(group.map(Bound::into_any).or_else(|| default.cloned()))
    }
}

#[pymethods]
impl Match {
    /// The pattern that matched.
    #[getter]
    fn re(&self, py: Python<'_>) -> Py<Pattern> {
        self.pattern.clone_ref(py)
    }

    /// The view that was searched.
    #[getter]
    fn view(&self, py: Python<'_>) -> Py<FragView> {
        self.view.clone_ref(py)
    }

    /// Where the search began.
    #[getter]
    const fn pos(&self) -> usize {
        self.span.start
    }

    /// Where the search had to end.
    #[getter]
    const fn endpos(&self) -> usize {
        self.span.end
    }

    /// A group as a view, by number or name, or None where it did not match; several as a tuple. Without an argument, or
    /// as group 0, the whole match. O(1).
    #[pyo3(signature = (*groups))]
    fn group<'py>(
        &self,
        py: Python<'py>,
        groups: &Bound<'py, PyTuple>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        match groups.len() {
            0 => self.or_default(py, 0, None),
            1 => self.or_default(py, self.index(&groups.get_item(0)?)?, None),
            _ => {
                let indices = groups.iter().map(|group| self.index(&group));
                let indices = indices.collect::<PyResult<Vec<_>>>()?;
                let views = indices.into_iter().map(|index| self.group_or_none(py, index));
                let views = views.collect::<PyResult<Vec<_>>>()?;
                Ok(Some(PyTuple::new(py, views)?.into_any()))
            }
        }
    }

    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        group: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, FragView>>> {
        self.group_or_none(py, self.index(group)?)
    }

    /// All groups as views, `default` where one did not match.
    #[pyo3(signature = (default = None))]
    fn groups<'py>(
        &self,
        py: Python<'py>,
        default: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let groups = (1..self.found.group_count()).map(|index| self.or_default(py, index, default));
        PyTuple::new(py, groups.collect::<PyResult<Vec<_>>>()?)
    }

    /// The named groups as views, by name, `default` where one did not match.
    #[pyo3(signature = (default = None))]
    fn groupdict<'py>(
        &self,
        py: Python<'py>,
        default: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let groups = PyDict::new(py);
        for (index, name) in self.pattern.get().regex.group_names().enumerate() {
            if let Some(name) = name {
                groups.set_item(name, self.or_default(py, index, default)?)?;
            }
        }
        Ok(groups)
    }

    /// Where the match begins, or a group; -1 where that did not match.
    #[pyo3(signature = (group = Given::NOTHING, /))]
    #[pyo3(text_signature = "($self, group=0, /)")]
    fn start(&self, group: Given<'_>) -> PyResult<isize> {
        Ok(self.range(&group)?.0)
    }

    /// Where the match ends, or a group; -1 where that did not match.
    #[pyo3(signature = (group = Given::NOTHING, /))]
    #[pyo3(text_signature = "($self, group=0, /)")]
    fn end(&self, group: Given<'_>) -> PyResult<isize> {
        Ok(self.range(&group)?.1)
    }

    /// Where the match begins and ends, or a group; (-1, -1) where that did not match.
    #[pyo3(signature = (group = Given::NOTHING, /))]
    #[pyo3(text_signature = "($self, group=0, /)")]
    fn span(&self, group: Given<'_>) -> PyResult<(isize, isize)> {
        self.range(&group)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let range = self.found.range();
        let (start, end) = (range.start, range.end);
        let shown = self.part(py, start..end.min(start + SHOWN));
        let text = match shown.and_then(|shown| to_bytes(py, shown.get(), "C")) {
            Ok(bytes) => bytes.repr()?.to_string(),
            Err(_) => String::from("released"),
        };
        let more = if end - start > SHOWN { "..." } else { "" };
        Ok(format!(
            "<fragview.re.Match object; span=({start}, {end}), match={text}{more}>"
        ))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.pattern)?;
        visit.call(&self.view)
    }
}
