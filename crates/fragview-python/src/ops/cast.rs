//! `v.cast(format, shape)`.

use fragview::format::Format;
use fragview::geometry::Window;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyInt, PyList, PyTuple};

use crate::view::handle::FragView;
use crate::view::state::{Shape, State};

/// As many dimensions as a buffer may have (`PyBUF_MAX_NDIM`).
pub(crate) const MOST_DIMENSIONS: usize = 64;

pub(crate) fn cast(
    py: Python<'_>,
    view: &FragView,
    format: &str,
    shape: Option<&Bound<'_, PyAny>>,
) -> PyResult<State> {
    let shape = {
        let state = view.enter()?;
        if !state.is_contiguous() {
            return Err(PyTypeError::new_err(
                "memoryview: casts are restricted to C-contiguous views",
            ));
        }
        if state.holds_objects() {
            return Err(PyTypeError::new_err(format!(
                "cannot cast items of format '{}': they are addresses of Python objects",
                state.format.text()
            )));
        }
        let line = matches!(state.shape, Shape::Line);
        if (shape.is_some() || !line) && state.dimensions().contains(&0) {
            return Err(PyTypeError::new_err(
                "memoryview: cannot cast view with zeros in shape or strides",
            ));
        }
        let shape = shape.map(sequence).transpose()?;
        if let Some(shape) = &shape {
            if shape.len() > MOST_DIMENSIONS {
                let text = format!("memoryview: number of dimensions must not exceed {MOST_DIMENSIONS}");
                return Err(PyValueError::new_err(text));
            }
            if !line && shape.len() != 1 {
                return Err(PyTypeError::new_err(
                    "memoryview: cast must be 1D -> ND or ND -> 1D",
                ));
            }
        }
        shape
    };
    let format = parse(format)?;
    // Fetched before the view is looked at again: an integer's subclass may run Python code.
    let shape = shape
        .map(|shape| dimensions(&shape, format.item_size()))
        .transpose()?;
    let state = view.enter()?;
    if !state.format.is_byte() && !format.is_byte() {
        return Err(PyTypeError::new_err(
            "memoryview: cannot cast between two non-byte formats",
        ));
    }
    let item_size = format.item_size();
    let Some(window) = state.window.regroup(1).and_then(|bytes| bytes.regroup(item_size)) else {
        return Err(PyTypeError::new_err(
            "memoryview: length is not a multiple of itemsize",
        ));
    };
    let (window, shape) = match shape {
        None => (window, Shape::Line),
        Some(shape) => lay_out(window, &shape)?,
    };
    Ok(State {
        memory: state.memory.clone_ref(py),
        window,
        format,
        shape,
        readonly: state.readonly,
        no_suboffsets: state.no_suboffsets,
    })
}

fn parse(text: &str) -> PyResult<Format> {
    let refuse = |why: String| {
        PyValueError::new_err(format!(
            "memoryview: destination format must be a native single character format prefixed with an optional '@', or \
             another format of the struct module: '{text}' is not ({why})"
        ))
    };
    let format = Format::parse(text).map_err(|error| refuse(error.to_string()))?;
    if format.value_count() == 0 || format.item_size() == 0 {
        return Err(refuse(String::from("its items have no values")));
    }
    Ok(format)
}

fn sequence<'py>(shape: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    if let Ok(list) = shape.cast::<PyList>() {
        return Ok(list.iter().collect());
    }
    match shape.cast::<PyTuple>() {
        Ok(tuple) => Ok(tuple.iter().collect()),
        Err(_) => Err(PyTypeError::new_err("shape must be a list or a tuple")),
    }
}

fn dimensions(shape: &[Bound<'_, PyAny>], item_size: usize) -> PyResult<Vec<usize>> {
    let mut product = item_size;
    let mut dimensions = Vec::with_capacity(shape.len());
    for count in shape {
        let count = count
            .cast::<PyInt>()
            .map_err(|_| PyTypeError::new_err("memoryview.cast(): elements of shape must be integers"))?;
        let count = count.extract::<isize>()?;
        let count = usize::try_from(count)
            .ok()
            .filter(|&count| count > 0)
            .ok_or_else(|| {
                PyValueError::new_err("memoryview.cast(): elements of shape must be integers > 0")
            })?;
        product = product
            .checked_mul(count)
            .filter(|&product| isize::try_from(product).is_ok())
            .ok_or_else(|| PyValueError::new_err("memoryview.cast(): product(shape) > SSIZE_MAX"))?;
        dimensions.push(count);
    }
    Ok(dimensions)
}

/// Rows of the dimensions after the first, as many as the first says.
pub(crate) fn lay_out(window: Window, dimensions: &[usize]) -> PyResult<(Window, Shape)> {
    let items = dimensions.iter().product::<usize>();
    if items != window.len() {
        return Err(PyTypeError::new_err(
            "memoryview: product(shape) * itemsize != buffer size",
        ));
    }
    let shape = match dimensions {
        [] => Shape::Point,
        [_] => Shape::Line,
        [_, row @ ..] => Shape::Grid(row.into()),
    };
    let row = match &shape {
        Shape::Grid(row) => window.width() * row.iter().product::<usize>(),
        _ => window.width(),
    };
    let rows = window.regroup(row).unwrap_or(window);
    Ok((rows, shape))
}
