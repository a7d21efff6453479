//! `origin`: where items lie in their sources, without the list of all extents.

use pyo3::exceptions::{PyIndexError, PyMemoryError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyTuple};

use crate::args::index::resolve;
use crate::args::integer::{index, is_array, is_number};
use crate::error::exception::raised;
use crate::error::wording::type_name;
use crate::ops::extents::{numbers, row_of};
use crate::view::handle::FragView;
use crate::view::integers::Integers;
use crate::view::state::{State, one_dimension};

/// `origin(index)`, of an integer or a buffer of integers.
pub(crate) fn origin<'py>(view: &FragView, asked: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
    let py = asked.py();
    if !is_array(asked) && is_number(asked) {
        let index = index(asked)?;
        let state = view.enter()?;
        let sources = numbers(py, &state)?;
        let found = resolve(index, length(&state)?).and_then(|index| state.view().origin(index));
        let out_of_bounds = || raised::<PyIndexError>("index out of bounds on dimension 1");
        return PyTuple::new(py, row_of(&sources, found.ok_or_else(out_of_bounds)?.place));
    }
    let Some(indices) = Integers::<1>::of(asked)? else {
        let name = type_name(asked);
        return Err(PyTypeError::new_err(format!(
            "origin() takes an integer or a buffer of integers, such as a NumPy array, not '{name}'"
        )));
    };
    let (mut places, mut offsets) = (Vec::new(), Vec::new());
    for column in [&mut places, &mut offsets] {
        column
            .try_reserve_exact(indices.count)
            .map_err(|_| PyMemoryError::new_err(()))?;
    }
    let state = view.enter()?;
    let sources = numbers(py, &state)?;
    let (length, items) = (length(&state)?, state.view());
    indices.for_each(py, |at, [index]| {
        let from_front = if index < 0 { index + length as i128 } else { index };
        let found = usize::try_from(from_front)
            .ok()
            .and_then(|index| items.origin(index));
        let Some(found) = found else {
            let text = format!("index {at}: {index} is out of bounds of a view of {length} items");
            return Err(PyIndexError::new_err(text));
        };
        let [source, offset] = row_of(&sources, found.place);
        places.push(source);
        offsets.push(offset);
        Ok(())
    })?;
    drop(state);
    PyTuple::new(py, [array(asked, &places)?, array(asked, &offsets)?])
}

fn length(state: &State) -> PyResult<usize> {
    one_dimension(
        state,
        "invalid indexing of 0-dim memory",
        "multi-dimensional sub-views are not implemented",
    )?;
    Ok(state.window.len())
}

/// Numbers as an array of int64: NumPy's if `like` is one, else a memoryview.
fn array<'py>(like: &Bound<'py, PyAny>, numbers: &[i64]) -> PyResult<Bound<'py, PyAny>> {
    let py = like.py();
    let bytes = PyByteArray::new_with(py, size_of_val(numbers), |bytes| {
        for (target, number) in bytes.chunks_exact_mut(8).zip(numbers) {
            target.copy_from_slice(&number.to_ne_bytes());
        }
        Ok(())
    })?;
    let module = like.get_type().getattr(intern!(py, "__module__"))?;
    if module.eq("numpy")? {
        let numpy = py.import(intern!(py, "numpy"))?;
        return numpy.call_method1(intern!(py, "frombuffer"), (bytes, "q"));
    }
    let builtins = py.import(intern!(py, "builtins"))?;
    let view = builtins.call_method1(intern!(py, "memoryview"), (bytes,))?;
    view.call_method1(intern!(py, "cast"), ("q",))
}
