//! Pickling and copying: fragments as buffers of their own, mapped files by reference, holes as holes.

use std::collections::HashMap;

use fragview::geometry::Window;
use fragview::memory::{Builder, Shared};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyTuple, PyType};

use crate::buffers::bytes::new_bytes;
use crate::buffers::export::BufferOwner;
use crate::buffers::layout::holds_objects;
use crate::buffers::memory::SharedMemory;
use crate::error::exception::OrRaise;
use crate::ops::cast::{MOST_DIMENSIONS, lay_out};
use crate::ops::fragments::FragmentList;
use crate::runtime::turns::Turns;
use crate::view::construct;
use crate::view::copy_out::{copy_out, copy_over};
use crate::view::handle::FragView;
use crate::view::state::{PyView, Shape, State, bytes_at, flat, view_of};

/// From this protocol on, buffers may travel beside the pickle.
const OUT_OF_BAND: i32 = 5;

/// A part of the view: (source or -1 for a hole, offset in it, length, 1 if read-only).
type Row = [i64; 4];

/// The sources of the bytes of a pickled view.
struct Plan<'py> {
    sources: Vec<Bound<'py, PyAny>>,
    rows: Vec<u8>,
}

impl<'py> Plan<'py> {
    const fn new() -> Self {
        Self {
            sources: Vec::new(),
            rows: Vec::new(),
        }
    }

    fn push(&mut self, row: Row) {
        self.rows.extend(row.into_iter().flat_map(i64::to_le_bytes));
    }

    /// A part of a source that is here already.
    fn push_part(&mut self, source: usize, offset: usize, length: usize, readonly: bool) {
        let number = |number: usize| number.cast_signed() as i64;
        self.push([number(source), number(offset), number(length), readonly.into()]);
    }

    /// A new source, all of it.
    fn push_source(&mut self, source: Bound<'py, PyAny>, length: usize, readonly: bool) -> usize {
        self.sources.push(source);
        self.push_part(self.sources.len() - 1, 0, length, readonly);
        self.sources.len() - 1
    }
}

/// How the bytes of fragments travel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Means {
    /// A `PickleBuffer` a fragment; nothing is copied here.
    Buffers,
    /// Copies, one for each sequence of fragments.
    Copies,
    /// As copies, mapped files too.
    DeepCopies,
}

/// `v.__reduce_ex__(protocol)`: the function that makes such a view, and its arguments.
pub(crate) fn reduce<'py>(py: Python<'py>, view: &FragView, protocol: i32) -> PyResult<Bound<'py, PyTuple>> {
    let means = if protocol >= OUT_OF_BAND {
        Means::Buffers
    } else {
        Means::Copies
    };
    let state = view.enter()?;
    let arguments = arguments(py, &state, means)?;
    let function = py
        .import(intern!(py, "fragview._fragview"))?
        .getattr(intern!(py, "rebuild_view"))?;
    (function, arguments).into_pyobject(py)
}

/// `copy.deepcopy(v)`: a view of copied bytes.
pub(crate) fn deep_copy(py: Python<'_>, view: &FragView) -> PyResult<FragView> {
    let (sources, rows, format, item_size, shape, step, no_suboffsets) = {
        let state = view.enter()?;
        arguments(py, &state, Means::DeepCopies)?
    };
    rebuild_view(
        py,
        sources.iter().collect(),
        rows.as_bytes(),
        &format,
        item_size,
        shape.extract()?,
        step,
        no_suboffsets,
    )
}

type Arguments<'py> = (
    Bound<'py, PyTuple>,
    Bound<'py, PyBytes>,
    String,
    usize,
    Bound<'py, PyTuple>,
    Option<isize>,
    bool,
);

fn arguments<'py>(py: Python<'py>, state: &State, means: Means) -> PyResult<Arguments<'py>> {
    if state.holds_objects() {
        return Err(PyTypeError::new_err(format!(
            "cannot pickle or copy items of format '{}': they are addresses of Python objects, which mean nothing elsewhere; \
             pickle the source, or tolist() of it",
            state.format.text()
        )));
    }
    let (plan, step) = if state.window.is_contiguous() {
        (plan(py, &flat(py, state)?, means)?, None)
    } else {
        // A buffer with a step would need a pickle buffer for each item; it is copied, as NumPy does.
        let means = if means == Means::Buffers {
            Means::Copies
        } else {
            means
        };
        gapped_plan(py, state, means)?
    };
    Ok((
        PyTuple::new(py, plan.sources)?,
        PyBytes::new(py, &plan.rows),
        state.format.text().to_owned(),
        state.item_size(),
        PyTuple::new(py, state.dimensions())?,
        step,
        state.no_suboffsets,
    ))
}

/// The plan of a view with gaps, and the step that makes the view of what the plan gives, where that is not
/// the items alone: mapped files and holes travel as they are, gaps included, because they cost nothing.
fn gapped_plan<'py>(py: Python<'py>, state: &State, means: Means) -> PyResult<(Plan<'py>, Option<isize>)> {
    let (memory, span) = (state.memory(), state.window.span());
    let owners: Vec<&BufferOwner> = memory.owners().collect();
    let mut mapped = HashMap::new();
    let (mut all_free, mut any_free) = (true, false);
    for extent in memory.extents(span.clone()) {
        let is_free = match extent.place {
            None => true,
            Some(_) if means == Means::DeepCopies => false,
            Some((owner, _)) => {
                if let Some(&known) = mapped.get(&owner) {
                    known
                } else {
                    let known = owners[owner].exporter(py).is_instance(mapped_file(py)?)?;
                    mapped.insert(owner, known);
                    known
                }
            }
        };
        all_free &= is_free;
        any_free |= is_free;
    }
    if all_free {
        let bytes = State::bytes(
            state.memory.clone_ref(py),
            bytes_at(memory, span.start, span.len())?,
            state.readonly,
        );
        return Ok((plan(py, &bytes, means)?, Some(state.window.step())));
    }
    let readonly = state.is_wholly_readonly();
    // Bytes that lie in the gaps are the business of no reader of the pickle, so that they are not copied.
    if !any_free && (readonly || !state.is_readonly()) {
        let mut plan = Plan::new();
        copy_items(py, &state.view(), readonly, &mut plan)?;
        return Ok((plan, None));
    }
    Ok((plan(py, &flat(py, state)?, means)?, None))
}

/// Fragments that are copied as one.
struct FragmentRun {
    start: usize,
    end: usize,
    readonly: bool,
}

/// Pre: the state is one of bytes without gaps.
fn plan<'py>(py: Python<'py>, state: &State, means: Means) -> PyResult<Plan<'py>> {
    let memory = state.memory();
    let owners: Vec<&BufferOwner> = memory.owners().collect();
    let fragments = FragmentList::of(py, state)?;
    let mut plan = Plan::new();
    // Mapped files by their owner's index, and buffers by what they show.
    let mut files: HashMap<usize, Option<usize>> = HashMap::new();
    let mut buffers: HashMap<(usize, usize, usize, bool), usize> = HashMap::new();
    let mut stretch: Option<FragmentRun> = None;
    let mut at = state.window.span().start;
    let mut turns = Turns::default();
    for (index, extent) in state.view().extents().enumerate() {
        turns.take(py)?;
        let (start, length) = (at, extent.length);
        at += length;
        let window = bytes_at(memory, start, length)?;
        let readonly = state.readonly || !memory.is_writable(&window);
        let Some((owner, offset)) = extent.place else {
            copy(py, state, &mut plan, stretch.take())?;
            plan.push([-1, 0, length.cast_signed() as i64, 1]);
            continue;
        };
        if means != Means::DeepCopies
            && let BufferOwner::Native(native) = owners[owner]
            && let Some(original) = native.get().original()
        {
            copy(py, state, &mut plan, stretch.take())?;
            plan.push_source(part_of(original.bind(py), offset, length)?, length, readonly);
            continue;
        }
        let file = match files.get(&owner) {
            Some(&file) => file,
            None if means == Means::DeepCopies => None,
            None => {
                let exporter = owners[owner].exporter(py);
                let file = exporter.is_instance(mapped_file(py)?)?.then(|| {
                    plan.sources.push(exporter);
                    plan.sources.len() - 1
                });
                files.insert(owner, file);
                file
            }
        };
        if let Some(file) = file {
            copy(py, state, &mut plan, stretch.take())?;
            plan.push_part(file, offset, length, readonly);
        } else if means == Means::Buffers {
            let known = (owner, offset, length, readonly);
            if let Some(&source) = buffers.get(&known) {
                plan.push_part(source, 0, length, readonly);
            } else {
                let piece = pickle_buffer(py)?.call1((fragments.piece(py, index)?,))?;
                buffers.insert(known, plan.push_source(piece, length, readonly));
            }
        } else {
            match &mut stretch {
                Some(stretch) if stretch.readonly == readonly => stretch.end = at,
                _ => {
                    let (end, next) = (at, stretch.take());
                    copy(py, state, &mut plan, next)?;
                    stretch = Some(FragmentRun { start, end, readonly });
                }
            }
        }
    }
    copy(py, state, &mut plan, stretch)?;
    Ok(plan)
}

/// Bytes of the view that pages were mapped from, as a view of them, which travels as any view does.
fn part_of<'py>(original: &Bound<'py, PyAny>, offset: usize, length: usize) -> PyResult<Bound<'py, PyAny>> {
    let py = original.py();
    let state = flat(py, &construct::from_source(original)?)?;
    let window = state.window.slice_with_step(offset, length, 1);
    let part = state.with_window(py, window.unwrap_or(state.window));
    Ok(Bound::new(py, FragView::new(part))?.into_any())
}

/// Copies a sequence of fragments: to `bytes` if it is read-only, else to a `bytearray`.
fn copy<'py>(
    py: Python<'py>,
    state: &State,
    plan: &mut Plan<'py>,
    stretch: Option<FragmentRun>,
) -> PyResult<()> {
    let Some(FragmentRun { start, end, readonly }) = stretch else {
        return Ok(());
    };
    let items = view_of(state.memory(), bytes_at(state.memory(), start, end - start)?);
    copy_items(py, &items, readonly, plan)
}

/// Copies items: to `bytes` where they are read-only, else to a `bytearray`.
fn copy_items<'py>(
    py: Python<'py>,
    items: &PyView<'_>,
    readonly: bool,
    plan: &mut Plan<'py>,
) -> PyResult<()> {
    let length = items.byte_len();
    let copied = if readonly {
        new_bytes(py, length, |target| copy_out(py, items, target))?.into_any()
    } else {
        let mut copied = Ok(());
        let bytes = PyByteArray::new_with(py, length, |target| {
            copied = copy_over(py, items, target);
            Ok(())
        })?;
        copied?;
        bytes.into_any()
    };
    plan.push_source(copied, length, readonly);
    Ok(())
}

fn mapped_file(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "fragview.files", "MappedFile")
}

fn pickle_buffer(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "pickle", "PickleBuffer")
}

/// Makes the view of a pickle. Only pickles call it.
#[pyfunction]
#[pyo3(signature = (sources, plan, format, itemsize, shape, step = None, no_suboffsets = false, /))]
#[expect(
    clippy::too_many_arguments,
    reason = "what a pickle has, in pickles of earlier versions without the last two"
)]
pub(crate) fn rebuild_view(
    py: Python<'_>,
    sources: Vec<Bound<'_, PyAny>>,
    plan: &[u8],
    format: &str,
    itemsize: usize,
    shape: Vec<usize>,
    step: Option<isize>,
    no_suboffsets: bool,
) -> PyResult<FragView> {
    let broken = || PyValueError::new_err("the pickle of the FragView is invalid");
    if holds_objects(format.as_bytes()) {
        // NumPy would take whatever bytes these are for addresses.
        return Err(broken());
    }
    let sources = sources
        .iter()
        .map(|source| flat(py, &construct::from_source(source)?))
        .collect::<PyResult<Vec<State>>>()?;
    let mut builder = Builder::<Shared<'static>, BufferOwner>::new();
    let (rows, rest) = plan.as_chunks::<8>();
    let rows: Vec<i64> = rows.iter().map(|&number| i64::from_le_bytes(number)).collect();
    let (rows, more) = rows.as_chunks::<4>();
    if !rest.is_empty() || !more.is_empty() {
        return Err(broken());
    }
    let mut turns = Turns::default();
    for &[source, offset, length, readonly] in rows {
        turns.take(py)?;
        let number = |number: i64| usize::try_from(number).map_err(|_| broken());
        let (offset, length) = (number(offset)?, number(length)?);
        if source == -1 {
            builder.push_hole(length).or_raise()?;
            continue;
        }
        let source = sources.get(number(source)?).ok_or_else(broken)?;
        let end = offset.checked_add(length).ok_or_else(broken)?;
        if end > source.byte_count() {
            return Err(PyValueError::new_err(format!(
                "a fragment of the pickled view lies at {offset} and has {length} bytes, in a buffer of {} bytes",
                source.byte_count()
            )));
        }
        builder.set_readonly(source.readonly || readonly != 0);
        builder
            .push_view(&source.view().into_slice(offset..end).or_raise()?)
            .or_raise()?;
    }
    let (memory, format) = (builder.finish(), construct::parse(format, itemsize)?);
    if let Some(step) = step {
        let (count, row) = shape.split_first().ok_or_else(broken)?;
        let width = row
            .iter()
            .try_fold(format.item_size(), |width, &count| width.checked_mul(count));
        let window = width
            .filter(|_| shape.len() <= MOST_DIMENSIONS)
            .and_then(|width| {
                let start = if step < 0 {
                    memory.len().checked_sub(width)?
                } else {
                    0
                };
                Window::strided(memory.len(), start, *count, step, width)
            })
            // Single items may overlap, as a broadcast's do. The bytes of a pickle are those between the
            // first and the last.
            .filter(|window| row.is_empty() || step.unsigned_abs() >= window.width())
            .filter(|window| window.span() == (0..memory.len()));
        return Ok(FragView::new(State {
            window: window.ok_or_else(broken)?,
            memory: SharedMemory::hold(py, memory)?,
            format,
            shape: if row.is_empty() {
                Shape::Line
            } else {
                Shape::Grid(row.into())
            },
            readonly: false,
            no_suboffsets,
        }));
    }
    let mut state = State::whole(py, memory, format)?;
    state.no_suboffsets = no_suboffsets;
    // Only the first dimension may be 0, as that of a slice is, and a row is no longer than any memory.
    let row = shape.iter().skip(1).try_fold(state.item_size(), |row, &count| {
        row.checked_mul(count)
            .filter(|&row| row > 0 && isize::try_from(row).is_ok())
    });
    let items = shape
        .iter()
        .try_fold(1_usize, |items, &count| items.checked_mul(count));
    if row.is_none() || items != Some(state.window.len()) || shape.len() > MOST_DIMENSIONS {
        return Err(broken());
    }
    (state.window, state.shape) = lay_out(state.window, &shape)?;
    Ok(FragView::new(state))
}
