//! Pickling and copying: a view becomes the arguments of [`rebuild_view`].

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::interop::pickle::plan::{Means, gapped_plan, plan};
use crate::interop::pickle::rebuild::rebuild_view;
use crate::view::handle::FragView;
use crate::view::state::{State, flat};

/// From this protocol on, buffers may travel beside the pickle.
const OUT_OF_BAND: i32 = 5;

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
