//! The class `Match` of `fragview.re`.

use std::ops::Range;

use fragview::regex as core;
use pyo3::exceptions::PyIndexError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::args::given::Given;
use crate::args::integer::{self, is_index};
use crate::error::exception::raised;
use crate::error::wording::repr_of;
use crate::items::key::{self};
use crate::ops::fragments::to_bytes;
use crate::search::pattern::{Pattern, Span};
use crate::view::handle::FragView;

/// A match of a pattern in a view. Its groups are views.
///
/// >>> match = re.search(rb'(\w+)=(?P<value>\d+)', FragView([b'id=', b'42']))
/// >>> match.span(), match[1].tobytes(), match['value'].tobytes()
/// ((0, 5), b'id', b'42')
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

    /// The group as a view, or `None` if it did not match.
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
        let missing = || raised::<PyIndexError>("no such group");
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
    /// The pattern that matched. O(1).
    ///
    /// >>> re.search(rb'\d+', FragView(b'id=42')).re.pattern
    /// b'\\d+'
    #[getter]
    fn re(&self, py: Python<'_>) -> Py<Pattern> {
        self.pattern.clone_ref(py)
    }

    /// The view that was searched. O(1).
    ///
    /// >>> view = FragView(b'id=42')
    /// >>> re.search(rb'\d+', view).view is view
    /// True
    #[getter]
    fn view(&self, py: Python<'_>) -> Py<FragView> {
        self.view.clone_ref(py)
    }

    /// The offset at which the search began. O(1).
    ///
    /// >>> re.compile(rb'\d+').search(FragView(b'id=42'), 2).pos
    /// 2
    #[getter]
    const fn pos(&self) -> usize {
        self.span.start
    }

    /// The offset at which the search ended. O(1).
    ///
    /// >>> re.search(rb'\d+', FragView(b'id=42')).endpos
    /// 5
    #[getter]
    const fn endpos(&self) -> usize {
        self.span.end
    }

    /// Return a group, given by number or name, as a view, or None if it took no part in the match; several
    /// groups as a tuple. Group 0, the default, is the whole match. An unknown group raises IndexError. O(1).
    ///
    /// >>> match = re.search(rb'(\w+)=(\d+)', FragView([b'id=', b'42']))
    /// >>> match.group().tobytes(), match.group(2).tobytes()
    /// (b'id=42', b'42')
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

    /// Return all groups as a tuple of views, with `default` for a group that took no part in the match.
    /// O(groups).
    ///
    /// >>> match = re.search(rb'(\w+)=(\d+)', FragView([b'id=', b'42']))
    /// >>> [group.tobytes() for group in match.groups()]
    /// [b'id', b'42']
    #[pyo3(signature = (default = None))]
    fn groups<'py>(
        &self,
        py: Python<'py>,
        default: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let groups = (1..self.found.group_count()).map(|index| self.or_default(py, index, default));
        PyTuple::new(py, groups.collect::<PyResult<Vec<_>>>()?)
    }

    /// Return the named groups as a dict of views, with `default` for a group that took no part in the match.
    /// O(groups).
    ///
    /// >>> match = re.search(rb'(?P<key>\w+)=(\d+)', FragView([b'id=', b'42']))
    /// >>> {name: group.tobytes() for name, group in match.groupdict().items()}
    /// {'key': b'id'}
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

    /// Return the offset at which a group begins, or -1 if it took no part in the match. Group 0 is the whole
    /// match. An unknown group raises IndexError. O(1).
    ///
    /// >>> re.search(rb'(\w+)=(\d+)', FragView([b'id=', b'42'])).start(2)
    /// 3
    #[pyo3(signature = (group = Given::NOTHING, /))]
    #[pyo3(text_signature = "($self, group=0, /)")]
    fn start(&self, group: Given<'_>) -> PyResult<isize> {
        Ok(self.range(&group)?.0)
    }

    /// Return the offset at which a group ends, or -1 if it took no part in the match. Group 0 is the whole
    /// match. An unknown group raises IndexError. O(1).
    ///
    /// >>> re.search(rb'(\w+)=(\d+)', FragView([b'id=', b'42'])).end(1)
    /// 2
    #[pyo3(signature = (group = Given::NOTHING, /))]
    #[pyo3(text_signature = "($self, group=0, /)")]
    fn end(&self, group: Given<'_>) -> PyResult<isize> {
        Ok(self.range(&group)?.1)
    }

    /// Return the offsets at which a group begins and ends, or (-1, -1) if it took no part in the match.
    /// Group 0 is the whole match. An unknown group raises IndexError. O(1).
    ///
    /// >>> re.search(rb'(\w+)=(\d+)', FragView([b'id=', b'42'])).span(2)
    /// (3, 5)
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
            Ok(bytes) => repr_of(&bytes)?,
            Err(_) if self.view.get().guard().is_gone() => String::from("released"),
            Err(error) => return Err(error),
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
