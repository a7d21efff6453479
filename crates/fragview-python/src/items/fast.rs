//! The common case of `v[i]` and `v[i] = x`: an exact integer as index, a view in one dimension, a number as
//! item.
//!
//! A case that is not common, an error included, is `None`, and is left to `item` and `assign`.

use fragview::format::{Kind, Scalar};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::args::integer;
use crate::items::item;
use crate::view::handle::FragView;
use crate::view::peek::Loaded;
use crate::view::width;

/// The item, if all is as usual.
#[inline]
pub(crate) fn get<'py>(view: &FragView, key: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    match view.peek_item(integer::exact(key)?)? {
        Loaded::Byte(byte) => Some(numbers(key.py())[usize::from(byte)].bind(key.py()).clone()),
        Loaded::Number(scalar, bits) => number(key.py(), scalar, bits),
    }
}

/// Writes the item, if all is as usual.
#[inline]
pub(crate) fn put(view: &FragView, key: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>) -> Option<()> {
    view.poke_item(integer::exact(key)?, integer::exact(value)?)
}

/// A number as an object, from its bits as this machine loads them. It fails only if there is no memory,
/// and the long way raises that error.
#[inline]
pub(crate) fn number(py: Python<'_>, scalar: Scalar, bits: u64) -> Option<Bound<'_, PyAny>> {
    if !scalar.is_integer() {
        return item::to_python(py, width::value(scalar, bits)).ok();
    }
    let number = scalar.integer(bits);
    if let Ok(byte) = u8::try_from(number) {
        return Some(numbers(py)[usize::from(byte)].bind(py).clone());
    }
    if number < 0 && scalar.kind() == Kind::Unsigned {
        number.cast_unsigned().into_bound_py_any(py).ok()
    } else {
        number.into_bound_py_any(py).ok()
    }
}

/// The numbers from 0 to 255. Python has one object for each, and asking it costs as much as all the rest of
/// `v[i]`.
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
