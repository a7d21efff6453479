//! Unpickling: sources and rows become a view.

use fragview::geometry::Window;
use fragview::memory::{Builder, Shared};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::buffers::export::BufferOwner;
use crate::buffers::layout::holds_objects;
use crate::buffers::memory::{PyMemory, SharedMemory};
use crate::error::exception::OrRaise;
use crate::ops::cast::{MOST_DIMENSIONS, lay_out};
use crate::runtime::turns::Turns;
use crate::view::construct;
use crate::view::handle::FragView;
use crate::view::state::{Shape, State, flat};

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
    if holds_objects(format.as_bytes()) {
        // NumPy would take whatever bytes these are for addresses.
        return Err(broken());
    }
    let (memory, format) = (join(py, &sources, plan)?, construct::parse(format, itemsize)?);
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

/// The memory that the rows of a pickle lay out.
fn join(py: Python<'_>, sources: &[Bound<'_, PyAny>], plan: &[u8]) -> PyResult<PyMemory> {
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
    Ok(builder.finish())
}

fn broken() -> PyErr {
    PyValueError::new_err("the pickle of the FragView is invalid")
}
