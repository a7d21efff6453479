//! `==`, by `memoryview`'s rules.

use fragview::ItemComparison;
use fragview::format::Format;
use pyo3::basic::CompareOp;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyMemoryView};

use crate::buffers::layout::{is_buffer, with_layout};
use crate::error::exception::OrRaise;
use crate::runtime::steps::detach_for;
use crate::view::construct;
use crate::view::handle::FragView;
use crate::view::state::{Shape, State};

pub(crate) fn rich_compare<'py>(
    view: &Bound<'py, FragView>,
    other: &Bound<'py, PyAny>,
    operator: CompareOp,
) -> PyResult<Bound<'py, PyAny>> {
    let py = view.py();
    let not_implemented = || Ok(py.NotImplemented().into_bound(py));
    let negate = match operator {
        CompareOp::Eq => false,
        CompareOp::Ne => true,
        _ => return not_implemented(),
    };
    let Some(equal) = equals(view, other)? else {
        return not_implemented();
    };
    Ok(pyo3::types::PyBool::new(py, equal != negate)
        .to_owned()
        .into_any())
}

/// `bytes` up to this length are compared as they lie; for more, other threads run meanwhile.
const SHORT: usize = 1 << 16;

/// `None` if the other is nothing to compare with.
fn equals(view: &Bound<'_, FragView>, other: &Bound<'_, PyAny>) -> PyResult<Option<bool>> {
    let py = view.py();
    if view.get().guard().is_gone() {
        return Ok(Some(view.is(other)));
    }
    if let Ok(bytes) = other.cast_exact::<PyBytes>()
        && bytes.as_bytes().len() <= SHORT
        && let Ok(left) = view.get().enter()
        && matches!(left.shape, Shape::Line)
        && left.format.native_code() == Some(b'B')
    {
        return Ok(Some(left.view().same_slice(bytes.as_bytes())));
    }
    let (right, shape) = if let Ok(other) = other.cast::<FragView>() {
        let Ok(state) = other.get().enter() else {
            return Ok(Some(false));
        };
        (state.duplicate(py), state.dimensions())
    } else {
        if !is_buffer(other) {
            return Ok(None);
        }
        // An object that can't be exported can't be compared, such as a released memoryview.
        let Ok((right, shape)) = with_layout(other, |layout| {
            let shape = layout.shape.iter().map(|count| count.unsigned_abs());
            Ok((construct::from_layout(other, layout), shape.collect::<Vec<_>>()))
        }) else {
            return Ok(None);
        };
        (right?, shape)
    };
    let Ok(left) = view.get().enter() else {
        return Ok(Some(false));
    };
    Ok(Some(left.dimensions() == shape && same_items(py, &left, &right)?))
}

fn is_truth(format: &Format) -> bool {
    format.native_code() == Some(b'?')
}

/// Whether this interpreter's memoryview takes all bytes of format '?' but 0 for the same truth. Until 2026
/// it took them for different ones.
fn compares_truths(py: Python<'_>) -> PyResult<bool> {
    static TRUTHS: PyOnceLock<bool> = PyOnceLock::new();
    TRUTHS
        .get_or_try_init(py, || {
            let truth = |byte: &[u8]| {
                PyMemoryView::from(PyBytes::new(py, byte).as_any())?.call_method1(intern!(py, "cast"), ("?",))
            };
            truth(&[1])?.eq(truth(&[2])?)
        })
        .copied()
}

/// The bytes that are compared between two checks for signals.
const STEP: usize = 1 << 23;

/// True if the items of two views are equal, whatever their shapes.
pub(crate) fn same_items(py: Python<'_>, left: &State, right: &State) -> PyResult<bool> {
    if left.item_count() != right.item_count() {
        return Ok(false);
    }
    let (lefts, rights) = (left.view(), right.view());
    let formats = if is_truth(&left.format) && is_truth(&right.format) && !compares_truths(py)? {
        (&Format::BYTE, &Format::BYTE)
    } else {
        (&left.format, &right.format)
    };
    let mut comparison = ItemComparison::new(&lefts, formats.0, &rights, formats.1);
    let length = lefts.byte_len().max(rights.byte_len());
    loop {
        let step = detach_for(py, length, || comparison.equal_within(STEP));
        if let Some(equal) = step.or_raise()? {
            return Ok(equal);
        }
        py.check_signals()?;
    }
}
