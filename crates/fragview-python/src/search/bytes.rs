//! `find` and the like: bytes in a view of bytes, by the rules of `bytes`.

use std::ops::Range;

use fragview::View;
use fragview::geometry::Slice;
use fragview::search::{Finder, Step};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyTuple};

use crate::args::index::End;
use crate::args::integer::{self, is_index, is_number};
use crate::buffers::layout::is_buffer;
use crate::buffers::memory::PyMemory;
use crate::error::exception::OrRaise;
use crate::error::wording::type_name;
use crate::runtime::steps::{LONG, in_steps};
use crate::view::construct;
use crate::view::handle::FragView;
use crate::view::state::{State, flat, one_dimension};

/// A view's items as bytes, with or without gaps.
type ByteView<'m> = View<fragview::memory::Shared<'static>, u8, &'m PyMemory>;

/// The needle of a search.
pub(crate) enum Needle<'py> {
    /// One byte.
    Byte(u8),
    /// Immutable bytes, searched without a copy.
    Bytes(Bound<'py, PyBytes>),
    /// A view, whose memory it holds, or a buffer as one.
    View(State),
    /// A number that no item can be.
    Nothing,
}

impl<'py> Needle<'py> {
    /// A buffer; the object has the buffer protocol.
    fn of_buffer(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        match object.cast_exact::<PyBytes>() {
            Ok(bytes) => Ok(Self::Bytes(bytes.clone())),
            Err(_) => construct::from_source(object).map(Self::View),
        }
    }

    /// A needle as `bytes.find` takes it: a buffer, or an integer that is a byte.
    pub(crate) fn fetch(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        if is_buffer(object) {
            return Self::of_buffer(object);
        }
        if !is_index(object) {
            let name = type_name(object);
            let text = format!("argument should be integer or bytes-like object, not '{name}'");
            return Err(PyTypeError::new_err(text));
        }
        match u8::try_from(integer::integer(object)?) {
            Ok(byte) => Ok(Self::Byte(byte)),
            Err(_) => Err(PyValueError::new_err("byte must be in range(0, 256)")),
        }
    }

    /// A needle that `count`, `index` and `in` take for bytes, rather than for an item: a buffer, in byte
    /// formats; and an integer, for which both meanings agree.
    pub(crate) fn among_items(view: &FragView, object: &Bound<'py, PyAny>) -> PyResult<Option<Self>> {
        let Some(code @ (b'B' | b'b' | b'c')) = view.enter()?.format.native_code() else {
            return Ok(None);
        };
        if object.is_exact_instance_of::<PyInt>() {
            let number = integer::integer(object)?;
            let byte = match code {
                b'B' => u8::try_from(number).ok(),
                b'b' => i8::try_from(number).ok().map(i8::cast_unsigned),
                _ => None,
            };
            return Ok(Some(byte.map_or(Self::Nothing, Self::Byte)));
        }
        if is_buffer(object) && !is_number(object) {
            return Self::of_buffer(object).map(Some);
        }
        Ok(None)
    }

    /// Its bytes.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Byte(_) => 1,
            Self::Bytes(bytes) => bytes.as_bytes().len(),
            Self::View(state) => state.byte_count(),
            // Longer than any view.
            Self::Nothing => usize::MAX,
        }
    }

    /// Calls `search` with the bytes; those of a view are copied, because others may write them at any time.
    pub(crate) fn with<R>(&self, search: impl FnOnce(&[u8]) -> PyResult<R>) -> PyResult<R> {
        match self {
            Self::Byte(byte) => search(&[*byte]),
            Self::Bytes(bytes) => search(bytes.as_bytes()),
            Self::View(state) => search(&state.view().to_vec().or_raise()?),
            Self::Nothing => search(&[]),
        }
    }
}

/// `start` and `stop` as `bytes` takes them; absent or None is the end.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) start: isize,
    pub(crate) stop: isize,
}

impl Bounds {
    /// Fetches the bounds. This may run Python code (`__index__`).
    pub(crate) fn fetch(start: Option<&Bound<'_, PyAny>>, stop: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let bound = |object: Option<&Bound<'_, PyAny>>, absent| match object {
            Some(object) if !object.is_none() => integer::bound(object),
            _ => Ok(absent),
        };
        Ok(Self {
            start: bound(start, 0)?,
            stop: bound(stop, isize::MAX)?,
        })
    }

    /// Fetches bounds that must be integers if they are given. This may run Python code (`__index__`).
    pub(crate) fn cut(start: Option<&Bound<'_, PyAny>>, stop: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        Ok(Self {
            start: start.map_or(Ok(0), integer::cut)?,
            stop: stop.map_or(Ok(isize::MAX), integer::cut)?,
        })
    }

    /// The items between the bounds.
    pub(crate) const fn slice(self) -> Slice {
        Slice {
            start: Some(self.start),
            stop: Some(self.stop),
            step: 1,
        }
    }

    /// Bounds that were fetched already.
    pub(crate) fn of(slice: Slice) -> Self {
        Self {
            start: slice.start.unwrap_or(0),
            stop: slice.stop.unwrap_or(isize::MAX),
        }
    }

    /// The range in a view of `length` items; `None` if it begins after its end, and so does not have even an
    /// empty match.
    fn resolve(self, length: usize) -> Option<Range<usize>> {
        let from_front = |bound: isize| match usize::try_from(bound) {
            Ok(bound) => bound,
            Err(_) => length.saturating_sub(bound.unsigned_abs()),
        };
        let (start, stop) = (from_front(self.start), from_front(self.stop).min(length));
        (start <= stop).then_some(start..stop)
    }
}

/// The view's items as bytes; a view of anything else is refused.
pub(crate) fn bytes_of<'m>(state: &'m State, function: &str) -> PyResult<ByteView<'m>> {
    one_dimension(
        state,
        "invalid lookup on 0-dim memory",
        "multi-dimensional lookup is not implemented",
    )?;
    if !state.format.is_byte() {
        return Err(PyTypeError::new_err(format!(
            "{function} needs a view of bytes (format 'B', 'b' or 'c'), not of format '{}'; cast('B') gives one",
            state.format.text()
        )));
    }
    state.view().into_bytes().or_raise()
}

/// Calls `search` with the bytes of the view between the bounds and the needle's, if it can be in there.
fn within<R>(
    view: &FragView,
    function: &str,
    needle: &Needle<'_>,
    bounds: Bounds,
    search: impl FnOnce(ByteView<'_>, &Finder<'_>, usize) -> PyResult<Option<R>>,
) -> PyResult<Option<R>> {
    let state = view.enter()?;
    let bytes = bytes_of(&state, function)?;
    let Some(range) = bounds
        .resolve(bytes.len())
        .filter(|range| range.len() >= needle.len())
    else {
        return Ok(None);
    };
    let start = range.start;
    let part = bytes.into_slice(range).or_raise()?;
    needle.with(|needle| search(part, &Finder::new(needle), start))
}

/// The offset of the needle's first or last occurrence.
pub(crate) fn first_or_last(
    py: Python<'_>,
    view: &FragView,
    function: &str,
    needle: &Needle<'_>,
    bounds: Bounds,
    end: End,
) -> PyResult<Option<usize>> {
    within(view, function, needle, bounds, |part, finder, start| {
        let found = |step| match step {
            Step::Found(at) => Some(Some(start + at)),
            Step::End => Some(None),
            Step::Paused => None,
        };
        if end == End::Last {
            let mut matches = finder.rfind_iter(&part).or_raise()?;
            in_steps(py, LONG, |bytes| found(matches.next_within(bytes)))
        } else {
            let mut matches = finder.find_iter(&part).or_raise()?;
            in_steps(py, LONG, |bytes| found(matches.next_within(bytes)))
        }
    })
}

/// How many times the needle is there without overlap.
pub(crate) fn count(py: Python<'_>, view: &FragView, needle: &Needle<'_>, bounds: Bounds) -> PyResult<usize> {
    let count = within(view, "count()", needle, bounds, |part, finder, _| {
        let mut matches = finder.find_iter(&part).or_raise()?;
        let mut total = 0;
        in_steps(py, LONG, |bytes| {
            let (count, done) = matches.count_within(bytes);
            total += count;
            done.then_some(Some(total))
        })
    })?;
    Ok(count.unwrap_or(0))
}

/// `find` and `rfind`: -1 where the needle is not there.
pub(crate) fn find(
    view: &Bound<'_, FragView>,
    needle: &Bound<'_, PyAny>,
    start: Option<&Bound<'_, PyAny>>,
    stop: Option<&Bound<'_, PyAny>>,
    end: End,
) -> PyResult<isize> {
    let function = match end {
        End::First => "find()",
        End::Last => "rfind()",
    };
    bytes_of(&*view.get().enter()?, function)?;
    let bounds = Bounds::fetch(start, stop)?;
    let needle = Needle::fetch(needle)?;
    let found = first_or_last(view.py(), view.get(), function, &needle, bounds, end)?;
    Ok(found.map_or(-1, usize::cast_signed))
}

/// `startswith` and `endswith`, of one thing or a tuple of them.
pub(crate) fn is_at_end(
    view: &Bound<'_, FragView>,
    affix: &Bound<'_, PyAny>,
    start: Option<&Bound<'_, PyAny>>,
    stop: Option<&Bound<'_, PyAny>>,
    end: End,
) -> PyResult<bool> {
    let function = match end {
        End::First => "startswith()",
        End::Last => "endswith()",
    };
    bytes_of(&*view.get().enter()?, function)?;
    let bounds = Bounds::fetch(start, stop)?;
    if let Ok(affixes) = affix.cast::<PyTuple>() {
        for affix in affixes {
            if !is_buffer(&affix) {
                let text = format!("a bytes-like object is required, not '{}'", type_name(&affix));
                return Err(PyTypeError::new_err(text));
            }
            if has_affix(view, function, &Needle::of_buffer(&affix)?, bounds, end)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if !is_buffer(affix) {
        return Err(PyTypeError::new_err(format!(
            "{} first arg must be bytes or a tuple of bytes, not {}",
            function.trim_end_matches("()"),
            type_name(affix)
        )));
    }
    has_affix(view, function, &Needle::of_buffer(affix)?, bounds, end)
}

fn has_affix(
    view: &Bound<'_, FragView>,
    function: &str,
    affix: &Needle<'_>,
    bounds: Bounds,
    end: End,
) -> PyResult<bool> {
    let state = view.get().enter()?;
    let bytes = bytes_of(&state, function)?;
    let Some(range) = bounds
        .resolve(bytes.len())
        .filter(|range| range.len() >= affix.len())
    else {
        return Ok(false);
    };
    let range = if end == End::Last {
        range.end - affix.len()..range.end
    } else {
        range.start..range.start + affix.len()
    };
    let part = bytes.into_slice(range).or_raise()?;
    match affix {
        Needle::Bytes(bytes) => {
            let bytes = bytes.as_bytes();
            same(view.py(), bytes.len(), &part, |range, part| {
                Ok(part.starts_with(&bytes[range]))
            })
        }
        Needle::View(state) => {
            let affix = flat(view.py(), state)?;
            let affix = affix.view();
            same(view.py(), affix.len(), &part, |range, part| {
                Ok(affix.slice(range)?.same_bytes(part))
            })
        }
        Needle::Byte(_) | Needle::Nothing => Ok(false),
    }
}

/// True if `equal` is true for each step of `part`.
fn same(
    py: Python<'_>,
    length: usize,
    part: &ByteView<'_>,
    equal: impl Fn(Range<usize>, &ByteView<'_>) -> Result<bool, fragview::Error> + Sync,
) -> PyResult<bool> {
    let mut at = 0_usize;
    in_steps(py, LONG, |bytes| {
        let range = at..length.min(at.saturating_add(bytes));
        at = range.end;
        match part.slice(range.clone()).and_then(|part| equal(range, &part)) {
            Ok(true) if at < length => None,
            outcome => Some(outcome),
        }
    })?
    .or_raise()
}
