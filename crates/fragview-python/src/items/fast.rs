//! The common case of `v[i]` and `v[i] = x`: an exact integer as index, a view in one dimension, a number as item.
//!
//! No Python code runs in between, so the view is looked at once. Whatever is not so, errors too, is `None`, and is
//! left to `item` and `assign`.

use fragview::format::{Format, Kind, Scalar, ScalarValue};
use fragview::geometry::Window;
use fragview::memory::Hint;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyInt;
use pyo3::{IntoPyObjectExt, ffi};

use crate::items::item;
use crate::view::handle::FragView;
use crate::view::state::{PyMemory, Shape, State};

/// The item, if all is as usual.
#[inline]
pub(crate) fn get<'py>(view: &FragView, key: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let index = exact(key)?;
    // SAFETY: reading, writing and making a number run no Python code.
    let state = unsafe { view.short_borrow() }?;
    let scalar = line(&state)?;
    let offset = position(&state.window, index)?;
    let memory = state.memory();
    let bits = match scalar.size() {
        1 if scalar.kind() == Kind::Unsigned => {
            let byte: u8 = view.with_hint(|near| memory.read_with_hint(near, offset))?;
            return Some(numbers(key.py())[usize::from(byte)].bind(key.py()).clone());
        }
        1 => view
            .with_hint(|near| memory.read_with_hint::<u8>(near, offset))?
            .into(),
        2 => view
            .with_hint(|near| memory.read_with_hint::<u16>(near, offset))?
            .into(),
        4 => view
            .with_hint(|near| memory.read_with_hint::<u32>(near, offset))?
            .into(),
        _ => view.with_hint(|near| memory.read_with_hint::<u64>(near, offset))?,
    };
    number(key.py(), scalar, bits)
}

/// The item at `offset`, if it is a number; quicker near the item before.
#[inline]
pub(crate) fn get_near<'py>(
    py: Python<'py>,
    memory: &PyMemory,
    format: &Format,
    near: &mut Hint,
    offset: usize,
) -> Option<Bound<'py, PyAny>> {
    let scalar = format.scalar()?;
    let bits = match scalar.size() {
        1 => memory.read_near_hint::<u8>(near, offset)?.into(),
        2 => memory.read_near_hint::<u16>(near, offset)?.into(),
        4 => memory.read_near_hint::<u32>(near, offset)?.into(),
        _ => memory.read_near_hint::<u64>(near, offset)?,
    };
    number(py, scalar, bits)
}

/// A number, loaded as this machine loads it, as an object. Nothing fails but for want of memory, and the long way tells
/// that.
#[inline]
fn number(py: Python<'_>, scalar: Scalar, loaded: u64) -> Option<Bound<'_, PyAny>> {
    if !scalar.is_integer() {
        let size = scalar.size();
        let bytes = loaded.to_ne_bytes();
        let item = if cfg!(target_endian = "little") {
            &bytes[..size]
        } else {
            &bytes[8 - size..]
        };
        return item::to_python(py, scalar.unpack(item)).ok();
    }
    let number = scalar.integer(loaded);
    if let Ok(byte) = u8::try_from(number) {
        return Some(numbers(py)[usize::from(byte)].bind(py).clone());
    }
    if number < 0 && scalar.kind() == Kind::Unsigned {
        number.cast_unsigned().into_bound_py_any(py).ok()
    } else {
        number.into_bound_py_any(py).ok()
    }
}

/// The number of items, if there is a dimension.
#[inline]
pub(crate) fn length(view: &FragView) -> Option<usize> {
    // SAFETY: looking runs no Python code.
    let state = unsafe { view.short_borrow() }?;
    (!matches!(state.shape, Shape::Point)).then(|| state.window.len())
}

/// True where an item is an unsigned byte.
#[inline]
pub(crate) fn is_byte(format: &Format) -> bool {
    format
        .scalar()
        .is_some_and(|scalar| scalar.size() == 1 && scalar.kind() == Kind::Unsigned)
}

/// The numbers from 0 to 255. Python has one object for each, and asking it costs as much as all the rest of `v[i]`.
#[inline]
pub(crate) fn numbers(py: Python<'_>) -> &'static [Py<PyAny>; 256] {
    static NUMBERS: PyOnceLock<[Py<PyAny>; 256]> = PyOnceLock::new();
    NUMBERS.get_or_init(py, || {
        std::array::from_fn(|number| {
            let Ok(number) = number.into_pyobject(py);
            number.into_any().unbind()
        })
    })
}

/// Writes the item, if all is as usual.
#[inline]
pub(crate) fn put(view: &FragView, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Option<()> {
    let (index, number) = (exact(key)?, exact(value)?);
    // SAFETY: reading, writing and making a number run no Python code.
    let state = unsafe { view.short_borrow() }?;
    let scalar = line(&state)?;
    if state.readonly {
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
        index.wrapping_add_unsigned(window.len())
    } else {
        index
    };
    // A negative number is larger than any count.
    let index = index.cast_unsigned();
    (index < window.len()).then(|| window.offset(index))
}
