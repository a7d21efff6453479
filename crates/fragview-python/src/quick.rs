//! The common case of `v[i]` and `v[i] = x`: an exact integer as index, a view in one dimension, a number as item.
//!
//! No Python code runs in between, so the view is looked at once. Whatever is not so, errors too, is `None`, and is
//! left to `item` and `assign`.

use fragview::format::{Kind, Scalar, ScalarValue};
use fragview::geometry::Window;
use pyo3::prelude::*;
use pyo3::types::PyInt;
use pyo3::{IntoPyObjectExt, ffi};

use crate::item;
use crate::state::{PyMemory, Shape, State};
use crate::view::FragView;

/// The item, if all is as usual.
#[inline]
pub(crate) fn get<'py>(view: &FragView, key: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let index = exact(key)?;
    let state = view.enter_quick()?;
    let scalar = line(&state)?;
    let offset = position(&state.window, index)?;
    let memory = state.memory();
    let py = key.py();
    if scalar.size() == 1 && scalar.kind() == Kind::Unsigned {
        let Ok(number) = memory.read::<u8>(offset)?.into_pyobject(py);
        return Some(number.into_any());
    }
    if !scalar.is_integer() {
        return item::get(py, memory, &state.format, offset).ok();
    }
    let bits = read(memory, scalar, offset)?;
    // Nothing fails but for want of memory, and the long way tells that.
    if bits < 0 && scalar.kind() == Kind::Unsigned {
        bits.cast_unsigned().into_bound_py_any(py).ok()
    } else {
        bits.into_bound_py_any(py).ok()
    }
}

/// Writes the item, if all is as usual.
#[inline]
pub(crate) fn put(view: &FragView, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Option<()> {
    let (index, number) = (exact(key)?, exact(value)?);
    let state = view.enter_quick()?;
    let scalar = line(&state)?;
    if state.sealed {
        return None;
    }
    let offset = position(&state.window, index)?;
    let memory = state.memory();
    if scalar.size() == 1 && scalar.kind() == Kind::Unsigned {
        return memory.write_at(offset, &u8::try_from(number).ok()?).ok();
    }
    if !scalar.is_integer() || scalar.code() == b'P' {
        return None;
    }
    let mut bytes = [0; 8];
    let size = scalar.size();
    let value = ScalarValue::Signed(i64::try_from(number).ok()?);
    scalar.pack(value, &mut bytes[..size]).ok()?;
    match (size, bytes) {
        (1, [a, ..]) => memory.write_at(offset, &a),
        (2, [a, b, ..]) => memory.write_at(offset, &[a, b]),
        (4, [a, b, c, d, ..]) => memory.write_at(offset, &[a, b, c, d]),
        _ => memory.write_at(offset, &bytes),
    }
    .ok()
}

/// The value of an exact integer that fits.
#[inline]
fn exact(object: &Bound<'_, PyAny>) -> Option<isize> {
    if !object.is_exact_instance_of::<PyInt>() {
        return None;
    }
    // SAFETY: the object is an integer; where it does not fit, -1 is returned and an exception set.
    let number = unsafe { ffi::PyLong_AsSsize_t(object.as_ptr()) };
    if number == -1 && PyErr::take(object.py()).is_some() {
        return None;
    }
    Some(number)
}

/// The type of the items of a view in one dimension.
#[inline]
fn line(state: &State) -> Option<Scalar> {
    match state.shape {
        Shape::Line => state.format.scalar(),
        _ => None,
    }
}

/// Where item `index` begins, counted from the back where it is negative.
#[inline]
fn position(window: &Window, index: isize) -> Option<usize> {
    let index = if index < 0 {
        index.wrapping_add_unsigned(window.count())
    } else {
        index
    };
    // A negative number is larger than any count.
    let index = index.cast_unsigned();
    (index < window.count()).then(|| window.offset(index))
}

/// The integer at `offset`: an unsigned one as the same 64 bits.
#[inline]
fn read(memory: &PyMemory, scalar: Scalar, offset: usize) -> Option<i64> {
    Some(match scalar.size() {
        1 => scalar.unpack_integer(&memory.read::<[u8; 1]>(offset)?),
        2 => scalar.unpack_integer(&memory.read::<[u8; 2]>(offset)?),
        4 => scalar.unpack_integer(&memory.read::<[u8; 4]>(offset)?),
        _ => scalar.unpack_integer(&memory.read::<[u8; 8]>(offset)?),
    })
}
