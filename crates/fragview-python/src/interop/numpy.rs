//! `v.to_numpy(…)`: a view as a NumPy array.

use fragview::memory::Contiguous;
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::buffers::export::memoryview;
use crate::view::construct;
use crate::view::copy_out::copy_into;
use crate::view::handle::FragView;
use crate::view::state::{Shape, State};

pub(crate) fn to_numpy<'py>(
    view: &Bound<'py, FragView>,
    dtype: Option<&Bound<'py, PyAny>>,
    copy: Option<bool>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = view.py();
    drop(view.get().enter()?);
    let numpy = py.import(intern!(py, "numpy"))?;
    let dtype = dtype
        .map(|dtype| numpy.getattr(intern!(py, "dtype"))?.call1((dtype,)))
        .transpose()?;
    let (array, copied) = if in_one_piece(&*view.get().enter()?) {
        let lent = memoryview(view.as_any())?;
        (numpy.call_method1(intern!(py, "asarray"), (lent,))?, false)
    } else if copy == Some(false) {
        let fragments = {
            let state = view.get().enter()?;
            state.memory().fragments_in(state.window.span()).len()
        };
        return Err(PyValueError::new_err(format!(
            "the view lies in {fragments} fragments, which one array can't show without a copy: to_numpy() copies, \
             tobytes() too, gather() lends a copy for a block, and each of `fragments` is an array without one"
        )));
    } else {
        (gathered(&numpy, view)?, true)
    };
    let own = array.getattr(intern!(py, "dtype"))?;
    match dtype.filter(|dtype| !dtype.eq(&own).unwrap_or(false)) {
        Some(dtype) if copy == Some(false) => Err(PyValueError::new_err(format!(
            "the items are {own}, and {dtype} ones need a copy; cast() shows the same bytes as other items without one"
        ))),
        Some(dtype) => array.call_method1(intern!(py, "astype"), (dtype,)),
        None if copy.is_none() && copied => {
            // The copy was not asked for, so it is read-only: writes to it would not reach the view.
            array.call_method1(intern!(py, "setflags"), (false,))?;
            Ok(array)
        }
        None if copy == Some(true) && !copied => array.call_method0(intern!(py, "copy")),
        None => Ok(array),
    }
}

/// True if one array can show the items as they lie.
fn in_one_piece(state: &State) -> bool {
    state.byte_count() == 0
        || matches!(
            state.memory().contiguous(&state.window),
            Some(Contiguous::Memory(_))
        )
}

/// A new array of the items.
fn gathered<'py>(numpy: &Bound<'py, PyModule>, view: &Bound<'py, FragView>) -> PyResult<Bound<'py, PyAny>> {
    let py = view.py();
    let (shape, nothing, length) = {
        let state = view.get().enter()?;
        let nothing = State {
            window: state.window.slice_with_step(0, 0, 1).unwrap_or(state.window),
            shape: Shape::Line,
            ..state.duplicate(py)
        };
        (
            PyTuple::new(py, state.dimensions())?,
            Bound::new(py, FragView::new(nothing))?,
            state.byte_count(),
        )
    };
    // NumPy reads the format of an array that has no items.
    let nothing = memoryview(nothing.as_any())?;
    let dtype = numpy
        .call_method1(intern!(py, "asarray"), (nothing,))?
        .getattr(intern!(py, "dtype"))?;
    let array = numpy.call_method1(intern!(py, "empty"), (length, "u1"))?;
    let target = construct::from_source(&array)?;
    let state = view.get().enter()?;
    let (source, target) = (state.view(), target.view());
    copy_into(py, &source, &target)?;
    array
        .call_method1(intern!(py, "view"), (dtype,))?
        .call_method1(intern!(py, "reshape"), (shape,))
}
