//! The methods of `Pattern`, as Python calls them.

use fragview::regex::Mode;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyMappingProxy, PyTuple};

use crate::args::given::Given;
use crate::error::wording::{has_view, repr_of, type_name};
use crate::search::match_::{Match, part};
use crate::search::matches::Matches;
use crate::search::pattern::Pattern;
use crate::view::handle::FragView;

/// A view to search; anything else is refused with the call that helps.
fn view_of<'a, 'py>(object: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, FragView>> {
    object.cast::<FragView>().map_err(|_| {
        let name = type_name(object);
        let instead = if has_view(object) {
            "its view() is one"
        } else {
            "FragView(...) makes a view of bytes"
        };
        PyTypeError::new_err(format!("a FragView is required, not '{name}'; {instead}"))
    })
}

impl Pattern {
    fn find_one<'py>(
        slf: &Bound<'py, Self>,
        view: &Bound<'py, PyAny>,
        pos: &Given<'_>,
        endpos: &Given<'_>,
        mode: Mode,
    ) -> PyResult<Option<Match>> {
        let view = view_of(view)?;
        let span = Self::span(view.get(), pos, endpos)?;
        let found = slf.get().find(slf.py(), view.get(), span, mode)?;
        Ok(found.map(|found| Match::new(slf, view, found, span)))
    }
}

#[pymethods]
impl Pattern {
    /// The pattern, as bytes. O(bytes).
    ///
    /// >>> re.compile(rb'\d+').pattern
    /// b'\\d+'
    #[getter]
    fn pattern<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.regex.pattern())
    }

    /// The flags that compile() took, as an integer. O(1).
    ///
    /// >>> re.compile(b'a', re.IGNORECASE).flags == re.IGNORECASE
    /// True
    #[getter]
    const fn flags(&self) -> u32 {
        self.flags
    }

    /// The number of groups. O(1).
    ///
    /// >>> re.compile(rb'(\w+)=(\d+)').groups
    /// 2
    #[getter]
    fn groups(&self) -> usize {
        self.regex.group_names().len() - 1
    }

    /// The numbers of the named groups, by name. O(groups).
    ///
    /// >>> dict(re.compile(rb'(?P<key>\w+)=(\d+)').groupindex)
    /// {'key': 1}
    #[getter]
    fn groupindex<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        let names = PyDict::new(py);
        for (index, name) in self.regex.group_names().enumerate() {
            if let Some(name) = name {
                names.set_item(name, index)?;
            }
        }
        Ok(PyMappingProxy::new(py, names.as_mapping()))
    }

    /// Return the first match in the view from byte `pos` up to `endpos`, or None. O(bytes).
    ///
    /// >>> re.compile(rb'str\w+').search(FragView([b'one st', b'ring'])).span()
    /// (4, 10)
    #[pyo3(signature = (view, pos = Given::NOTHING, endpos = Given::NOTHING))]
    #[pyo3(text_signature = "($self, view, pos=0, endpos=sys.maxsize)")]
    fn search<'py>(
        slf: &Bound<'py, Self>,
        view: &Bound<'py, PyAny>,
        pos: Given<'_>,
        endpos: Given<'_>,
    ) -> PyResult<Option<Match>> {
        Self::find_one(slf, view, &pos, &endpos, Mode::Anywhere)
    }

    /// Return the match that begins at byte `pos` of the view, or None. O(bytes).
    ///
    /// >>> re.compile(rb'str\w+').match(FragView([b'one st', b'ring']), 4).span()
    /// (4, 10)
    #[pyo3(name = "match", signature = (view, pos = Given::NOTHING, endpos = Given::NOTHING))]
    #[pyo3(text_signature = "($self, view, pos=0, endpos=sys.maxsize)")]
    fn match_start<'py>(
        slf: &Bound<'py, Self>,
        view: &Bound<'py, PyAny>,
        pos: Given<'_>,
        endpos: Given<'_>,
    ) -> PyResult<Option<Match>> {
        Self::find_one(slf, view, &pos, &endpos, Mode::Start)
    }

    /// Return the match that is the whole view from byte `pos` up to `endpos`, or None. O(bytes).
    ///
    /// >>> re.compile(rb'\w+').fullmatch(FragView([b'st', b'ring'])).span()
    /// (0, 6)
    #[pyo3(signature = (view, pos = Given::NOTHING, endpos = Given::NOTHING))]
    #[pyo3(text_signature = "($self, view, pos=0, endpos=sys.maxsize)")]
    fn fullmatch<'py>(
        slf: &Bound<'py, Self>,
        view: &Bound<'py, PyAny>,
        pos: Given<'_>,
        endpos: Given<'_>,
    ) -> PyResult<Option<Match>> {
        Self::find_one(slf, view, &pos, &endpos, Mode::Whole)
    }

    /// Return an iterator over the matches from left to right; matches do not overlap. O(bytes) for all of
    /// them.
    ///
    /// >>> pattern = re.compile(rb'\d+')
    /// >>> [match.span() for match in pattern.finditer(FragView([b'a1', b'2b3']))]
    /// [(1, 3), (4, 5)]
    #[pyo3(signature = (view, pos = Given::NOTHING, endpos = Given::NOTHING))]
    #[pyo3(text_signature = "($self, view, pos=0, endpos=sys.maxsize)")]
    fn finditer<'py>(
        slf: &Bound<'py, Self>,
        view: &Bound<'py, PyAny>,
        pos: Given<'_>,
        endpos: Given<'_>,
    ) -> PyResult<Matches> {
        let view = view_of(view)?;
        Ok(Matches::new(slf, view, Self::span(view.get(), &pos, &endpos)?))
    }

    /// Return a list of all matches as views. If the pattern has one group, the list has that group of each
    /// match; if it has more, tuples of them. A group that took no part in the match is an empty view.
    /// O(bytes).
    ///
    /// >>> [view.tobytes() for view in re.compile(rb'\d+').findall(FragView([b'a1', b'2b3']))]
    /// [b'12', b'3']
    #[pyo3(signature = (view, pos = Given::NOTHING, endpos = Given::NOTHING))]
    #[pyo3(text_signature = "($self, view, pos=0, endpos=sys.maxsize)")]
    fn findall<'py>(
        slf: &Bound<'py, Self>,
        view: &Bound<'py, PyAny>,
        pos: Given<'_>,
        endpos: Given<'_>,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = slf.py();
        let view = view_of(view)?;
        let span = Self::span(view.get(), &pos, &endpos)?;
        let list = PyList::empty(py);
        slf.get().for_each(py, view.get(), span, |found| {
            let group = |index| part(py, view.get(), found.group(index).unwrap_or(0..0));
            match found.group_count() {
                1 => list.append(group(0)?)?,
                2 => list.append(group(1)?)?,
                count => {
                    let groups = (1..count).map(group).collect::<PyResult<Vec<_>>>()?;
                    list.append(PyTuple::new(py, groups)?)?;
                }
            }
            Ok(true)
        })?;
        Ok(list)
    }

    /// Return a list of the views between the matches. The groups of each match, or None for a group that
    /// took no part in it, stand between them. `maxsplit` limits the number of splits, if it is not 0.
    /// O(bytes).
    ///
    /// >>> [view.tobytes() for view in re.compile(rb', *').split(FragView([b'a,', b' b,c']))]
    /// [b'a', b'b', b'c']
    #[pyo3(signature = (view, maxsplit = 0))]
    fn split<'py>(
        slf: &Bound<'py, Self>,
        view: &Bound<'py, PyAny>,
        maxsplit: isize,
    ) -> PyResult<Bound<'py, PyList>> {
        let py = slf.py();
        let view = view_of(view)?;
        let span = Self::span(view.get(), &Given::NOTHING, &Given::NOTHING)?;
        let list = PyList::empty(py);
        let (mut at, mut splits) = (0, 0);
        let part = |range| part(py, view.get(), range);
        slf.get().for_each(py, view.get(), span, |found| {
            if maxsplit != 0 && splits >= maxsplit {
                return Ok(false);
            }
            list.append(part(at..found.start())?)?;
            for index in 1..found.group_count() {
                list.append(found.group(index).map(part).transpose()?)?;
            }
            at = found.end();
            splits += 1;
            Ok(true)
        })?;
        list.append(part(at..span.end)?)?;
        Ok(list)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            self.flags == other.flags && self.regex.pattern() == other.regex.pattern()
        })
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        PyTuple::new(
            py,
            [
                self.pattern(py).into_any(),
                self.flags.into_pyobject(py)?.into_any(),
            ],
        )?
        .hash()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let compile = py.import("fragview.re")?.getattr("compile")?;
        (compile, (self.pattern(py), self.flags)).into_pyobject(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let pattern = repr_of(&self.pattern(py))?;
        Ok(match self.flags {
            0 => format!("fragview.re.compile({pattern})"),
            flags => format!("fragview.re.compile({pattern}, {flags})"),
        })
    }
}
