//! The class `Pattern` of `fragview.re`: compilation, and searches in steps.

use fragview::memory::Kind;
use fragview::regex::{self as core, Mode, Regex, RegexBuilder, Syntax};
use fragview::search::Step;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::args::given::Given;
use crate::error::classes::pattern_error;
use crate::error::exception::OrRaise;
use crate::error::wording::type_name;
use crate::runtime::steps::in_steps;
use crate::runtime::turns::pause;
use crate::search::bytes::{Bounds, bytes_of};
use crate::view::handle::FragView;

/// The flags of the module `re` that mean something for bytes, in its numbers.
const IGNORECASE: u32 = 2;
const MULTILINE: u32 = 8;
const DOTALL: u32 = 16;
const VERBOSE: u32 = 64;
const ASCII: u32 = 256;

/// The bytes of a search's first step, during which no other Python thread runs. A byte may cost far more
/// here than where bytes are searched.
const FIRST_STEP: usize = 1 << 16;

/// The most matches that are found at a time.
pub(crate) const BATCH: usize = 256;

/// A compiled pattern, as fragview.re.compile() returns it.
///
/// >>> pattern = re.compile(rb'str\w+')
/// >>> pattern.search(FragView([b'one st', b'ring'])).span()
/// (4, 10)
#[pyclass(frozen, module = "fragview.re")]
pub(crate) struct Pattern {
    pub(crate) regex: Regex,
    pub(super) flags: u32,
}

/// The range of a view that a search covers.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// Compiles a pattern; fragview.re.compile() calls it.
#[pyfunction]
#[pyo3(signature = (pattern, flags, /))]
pub(crate) fn compile_pattern(pattern: &Bound<'_, PyAny>, flags: u32) -> PyResult<Pattern> {
    let Ok(bytes) = pattern.cast::<PyBytes>() else {
        let text = format!(
            "a bytes pattern is required, as b'...', not '{}'",
            type_name(pattern)
        );
        return Err(PyTypeError::new_err(text));
    };
    let known = IGNORECASE | MULTILINE | DOTALL | VERBOSE | ASCII;
    if flags & !known != 0 {
        let text = "only the flags ASCII, IGNORECASE, MULTILINE, DOTALL and VERBOSE are known";
        return Err(PyValueError::new_err(text));
    }
    let regex = RegexBuilder::new(bytes.as_bytes())
        .syntax(Syntax::Python)
        .case_insensitive(flags & IGNORECASE != 0)
        .multi_line(flags & MULTILINE != 0)
        .dot_matches_new_line(flags & DOTALL != 0)
        .ignore_whitespace(flags & VERBOSE != 0)
        .build()
        .map_err(|error| pattern_error(bytes, &error))?;
    Ok(Pattern { regex, flags })
}

impl Pattern {
    /// Where to search, as the module `re` cuts `pos` and `endpos`; this may run Python code (`__index__`).
    pub(crate) fn span(view: &FragView, pos: &Given<'_>, endpos: &Given<'_>) -> PyResult<Span> {
        let bounds = Bounds::cut(pos.0.as_ref(), endpos.0.as_ref())?;
        let state = view.enter()?;
        let length = bytes_of(&state, "a pattern")?.len();
        let cut = |bound: isize| usize::try_from(bound).unwrap_or(0).min(length);
        Ok(Span {
            start: cut(bounds.start),
            end: cut(bounds.stop),
        })
    }

    /// The first match from the span's start on.
    pub(crate) fn find(
        &self,
        py: Python<'_>,
        view: &FragView,
        span: Span,
        mode: Mode,
    ) -> PyResult<Option<core::Match>> {
        if span.start > span.end {
            return Ok(None);
        }
        let state = view.enter()?;
        let bytes = bytes_of(&state, "a pattern")?.into_slice(..span.end).or_raise()?;
        let mut search = self.regex.search(&bytes, span.start, mode);
        in_steps(py, FIRST_STEP, |bytes| match search.next_within(bytes) {
            Step::Found(found) => Some(Some(found)),
            Step::End => Some(None),
            Step::Paused => None,
        })
    }

    /// Calls `each` with the matches from the span's start on, until it says false. They are found in batches
    /// by one search.
    pub(crate) fn for_each(
        &self,
        py: Python<'_>,
        view: &FragView,
        span: Span,
        mut each: impl FnMut(&core::Match) -> PyResult<bool>,
    ) -> PyResult<()> {
        let state = view.enter()?;
        let bytes = bytes_of(&state, "a pattern")?.into_slice(..span.end).or_raise()?;
        let mut search = self.regex.search(&bytes, span.start, Mode::Anywhere);
        let mut matches = Vec::new();
        let mut goes_on = span.start <= span.end;
        while goes_on {
            matches.clear();
            goes_on = collect(py, &mut search, &mut matches, BATCH)?;
            for found in &matches {
                if !each(found)? {
                    return Ok(());
                }
            }
            pause(py)?;
        }
        Ok(())
    }
}

/// Appends matches up to `most`; false if there are no more. Other threads run, and signals come through.
pub(crate) fn collect<K: Kind, O: Send + Sync>(
    py: Python<'_>,
    search: &mut core::Search<'_, K, O>,
    matches: &mut Vec<core::Match>,
    most: usize,
) -> PyResult<bool> {
    in_steps(py, FIRST_STEP, |bytes| {
        let room = most - matches.len();
        match search.collect_within(matches, room, bytes) {
            Ok(Step::Paused) => None,
            Ok(Step::Found(())) => Some(Ok(true)),
            Ok(Step::End) => Some(Ok(false)),
            Err(error) => Some(Err(error)),
        }
    })?
    .or_raise()
}
