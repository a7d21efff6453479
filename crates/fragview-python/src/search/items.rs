//! Search for items, and lists of items.

use fragview::format::{Endian, Kind, Scalar};
use fragview::geometry::Slice;
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::args::index::End;
use crate::args::integer;
use crate::buffers::export::memoryview;
use crate::error::exception::{OrRaise, no_memory};
use crate::items::item;
use crate::ops::fragments;
use crate::runtime::steps::Pacer;
use crate::search::bytes::{self, Bounds, Needle};
use crate::view::handle::FragView;
use crate::view::state::{Shape, State, one_dimension};

/// Calls `visit` with each item of `start:stop`, until it says stop; a comparison may release the view
/// meanwhile.
fn search(
    view: &Bound<'_, FragView>,
    value: &Bound<'_, PyAny>,
    slice: Slice,
    mut found: impl FnMut(usize) -> bool,
) -> PyResult<()> {
    let (first, count) = {
        let state = view.get().enter()?;
        one_dimension(
            &state,
            "invalid lookup on 0-dim memory",
            "multi-dimensional lookup is not implemented",
        )?;
        item::check_supported(&state.format)?;
        slice.resolve(state.window.len())
    };
    let mut pacer = Pacer::QUICK;
    for index in first..first + count {
        pacer.turn(view.py())?;
        let object = {
            let state = view.get().enter()?;
            item::get(
                view.py(),
                state.memory(),
                &state.format,
                state.window.offset(index),
            )?
        };
        if (object.is(value) || object.eq(value)?) && !found(index) {
            break;
        }
    }
    Ok(())
}

const EVERYTHING: Slice = Slice {
    start: None,
    stop: None,
    step: 1,
};

pub(crate) fn contains(view: &Bound<'_, FragView>, value: &Bound<'_, PyAny>) -> PyResult<bool> {
    one_dimension(
        &*view.get().enter()?,
        "invalid indexing of 0-dim memory",
        "multi-dimensional sub-views are not implemented",
    )?;
    if let Some(needle) = Needle::among_items(view.get(), value)? {
        let bounds = Bounds::fetch(None, None)?;
        return Ok(bytes::first_or_last(view.py(), view.get(), "in", &needle, bounds, End::First)?.is_some());
    }
    let mut there = false;
    search(view, value, EVERYTHING, |_| {
        there = true;
        false
    })?;
    Ok(there)
}

pub(crate) fn count(
    view: &Bound<'_, FragView>,
    value: &Bound<'_, PyAny>,
    start: Option<&Bound<'_, PyAny>>,
    stop: Option<&Bound<'_, PyAny>>,
) -> PyResult<usize> {
    let bounds = Bounds::fetch(start, stop)?;
    if let Some(needle) = Needle::among_items(view.get(), value)? {
        return bytes::count(view.py(), view.get(), &needle, bounds);
    }
    let mut count = 0;
    search(view, value, bounds.slice(), |_| {
        count += 1;
        true
    })?;
    Ok(count)
}

pub(crate) fn index(
    view: &Bound<'_, FragView>,
    value: &Bound<'_, PyAny>,
    start: Option<&Bound<'_, PyAny>>,
    stop: Option<&Bound<'_, PyAny>>,
) -> PyResult<usize> {
    let mut found = None;
    let needle = Needle::among_items(view.get(), value)?;
    let missing = match needle {
        Some(Needle::Bytes(_) | Needle::View(_)) => "subsection not found",
        _ => "memoryview.index(x): x not found",
    };
    if let Some(needle) = needle {
        let bounds = match needle {
            Needle::Bytes(_) | Needle::View(_) => Bounds::fetch(start, stop)?,
            _ => Bounds::of(slice(start, stop)?),
        };
        found = bytes::first_or_last(view.py(), view.get(), "index()", &needle, bounds, End::First)?;
    } else {
        search(view, value, slice(start, stop)?, |index| {
            found = Some(index);
            false
        })?;
    }
    found.ok_or_else(|| PyValueError::new_err(missing))
}

/// The bounds of a lookup of items, which must be integers if they are given.
fn slice(start: Option<&Bound<'_, PyAny>>, stop: Option<&Bound<'_, PyAny>>) -> PyResult<Slice> {
    Ok(Slice {
        start: start.map(integer::cut).transpose()?,
        stop: stop.map(integer::cut).transpose()?,
        step: 1,
    })
}

/// Items gathered at a time.
const BLOCK: usize = 4096;

pub(crate) fn to_list<'py>(py: Python<'py>, view: &FragView) -> PyResult<Bound<'py, PyAny>> {
    let state = view.enter()?;
    item::check_supported(&state.format)?;
    if let Some(list) = native_list(py, view, &state)? {
        return Ok(list);
    }
    let items = items(py, &state)?;
    let row = match &state.shape {
        Shape::Line => return Ok(PyList::new(py, items)?.into_any()),
        Shape::Point => {
            return items
                .into_iter()
                .next()
                .ok_or_else(|| PyValueError::new_err("no item"));
        }
        Shape::Grid(row) => row,
    };
    // Lists of the last dimension first, then lists of these, outwards.
    let mut lists = items;
    for &count in row.iter().rev() {
        lists = lists
            .chunks(count)
            .map(|items| Ok(PyList::new(py, items)?.into_any()))
            .collect::<PyResult<_>>()?;
    }
    Ok(PyList::new(py, lists)?.into_any())
}

/// Types that Python lists quickest itself: from their bytes, which are joined for the call only.
fn native_list<'py>(py: Python<'py>, view: &FragView, state: &State) -> PyResult<Option<Bound<'py, PyAny>>> {
    let native = |scalar: &Scalar| {
        scalar.endian() == Endian::NATIVE && (scalar.kind() != Kind::Float || scalar.size() > 2)
    };
    let Some(scalar) = state.format.scalar().filter(native) else {
        return Ok(None);
    };
    if state.item_count() == 0 {
        return Ok(None);
    }
    let bytes = fragments::to_bytes(py, view, "C")?;
    let letter = scalar.native_letter();
    if letter == b'B' && matches!(state.shape, Shape::Line) {
        return py.get_type::<PyList>().call1((bytes,)).map(Some);
    }
    let items = memoryview(bytes.as_any())?;
    let shape = PyTuple::new(py, state.dimensions())?;
    let items = items.call_method1(intern!(py, "cast"), (char::from(letter).to_string(), shape))?;
    items.call_method0(intern!(py, "tolist")).map(Some)
}

/// All items in C order.
fn items<'py>(py: Python<'py>, state: &State) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let size = state.item_size();
    let mut items = Vec::new();
    items
        .try_reserve_exact(state.item_count())
        .map_err(|_| no_memory(state.item_count().saturating_mul(size_of::<usize>())))?;
    let rows = state.view();
    let step = (BLOCK / rows.item_size()).max(1);
    let mut scratch: Vec<u8> = Vec::new();
    for first in (0..rows.len()).step_by(step) {
        let part = rows.slice(first..rows.len().min(first + step)).or_raise()?;
        scratch
            .try_reserve(part.byte_len())
            .map_err(|_| no_memory(part.byte_len()))?;
        scratch.resize(part.byte_len(), 0);
        part.copy_to_slice(&mut scratch).or_raise()?;
        for bytes in scratch.chunks_exact(size) {
            items.push(item::item_to_python(py, &state.format, bytes)?);
        }
    }
    Ok(items)
}
