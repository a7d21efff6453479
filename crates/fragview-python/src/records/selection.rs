//! Selections of records: masks and integers, from buffers without a Python loop, or from any iterable.

use pyo3::exceptions::{PyMemoryError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyIterator, PyString};

use crate::args::integer::{integer, is_number};
use crate::buffers::layout::is_buffer;
use crate::error::exception::OrRaise;
use crate::error::wording::{plural, type_name};
use crate::items::item::number;
use crate::runtime::steps::Pacer;
use crate::runtime::turns::Turns;
use crate::view::construct;
use fragview::format::Kind;

/// An index that selects many records.
pub(crate) enum Selection {
    /// A truth value a record.
    Mask(Vec<bool>),
    /// Integers.
    Integers(Vec<i128>),
}

/// Selection from a buffer, and whether they are truth values.
fn from_buffer(object: &Bound<'_, PyAny>) -> PyResult<(Vec<i128>, bool)> {
    let state = construct::from_source(object)?;
    let Some(scalar) = state
        .format
        .scalar()
        .filter(|scalar| scalar.is_integer() || scalar.kind() == Kind::Bool)
    else {
        let text = format!(
            "a mask or integers are required, not items of format '{}'",
            state.format.text()
        );
        return Err(PyTypeError::new_err(text));
    };
    let bytes = state.view().to_vec().or_raise()?;
    let (mut numbers, mut pacer) = (Vec::new(), Pacer::QUICK);
    numbers
        .try_reserve_exact(bytes.len() / state.item_size().max(1))
        .map_err(|_| PyMemoryError::new_err(()))?;
    for item in bytes.chunks_exact(state.item_size()) {
        pacer.turn(object.py())?;
        numbers.push(number(scalar.unpack(item)));
    }
    Ok((numbers, scalar.kind() == Kind::Bool))
}

/// NumPy's truth values are no `bool`, but say so.
fn is_truth(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(object.is_instance_of::<PyBool>() || object.get_type().name()?.to_string_lossy().starts_with("bool"))
}

impl Selection {
    /// Fetches the truth values, or the integers, of an object. `refuse` makes the error for a value that is
    /// neither.
    pub(crate) fn fetch(
        object: &Bound<'_, PyAny>,
        refuse: impl Fn(&Bound<'_, PyAny>) -> PyErr,
    ) -> PyResult<Self> {
        if is_buffer(object) {
            let (numbers, truths) = from_buffer(object)?;
            return Ok(if truths {
                Self::Mask(numbers.iter().map(|&number| number != 0).collect())
            } else {
                Self::Integers(numbers)
            });
        }
        let mut numbers = Vec::new();
        let mut truths = 0;
        let mut turns = Turns::default();
        for item in iterate(object, &refuse)? {
            turns.take(object.py())?;
            let item = item?;
            if is_truth(&item)? {
                truths += 1;
                numbers.push(i128::from(item.is_truthy()?));
            } else if is_number(&item) {
                numbers.push(integer(&item)?);
            } else {
                return Err(refuse(&item));
            }
        }
        match truths {
            0 => Ok(Self::Integers(numbers)),
            all if all == numbers.len() => {
                Ok(Self::Mask(numbers.iter().map(|&number| number != 0).collect()))
            }
            _ => Err(PyTypeError::new_err("either truth values or integers, not both")),
        }
    }
}

/// The items of an iterable other than a text.
fn iterate<'py>(
    object: &Bound<'py, PyAny>,
    refuse: impl Fn(&Bound<'_, PyAny>) -> PyErr,
) -> PyResult<Bound<'py, PyIterator>> {
    if object.is_instance_of::<PyString>() {
        return Err(refuse(object));
    }
    object.try_iter().map_err(|error| {
        if error.is_instance_of::<PyTypeError>(object.py()) {
            refuse(object)
        } else {
            error
        }
    })
}

/// A mask: as many truth values as records, where integers count by their truth.
pub(crate) fn mask(function: &str, object: &Bound<'_, PyAny>, length: usize) -> PyResult<Vec<bool>> {
    let wrong_length = |given: String| {
        PyValueError::new_err(format!(
            "{function}: a mask of {given} for {length} record{}; it needs one truth value a record",
            plural(length)
        ))
    };
    let values = |count: usize| format!("{count} value{}", plural(count));
    if is_buffer(object) {
        let (numbers, _) = from_buffer(object)?;
        return if numbers.len() == length {
            Ok(numbers.iter().map(|&number| number != 0).collect())
        } else {
            Err(wrong_length(values(numbers.len())))
        };
    }
    let refuse = |item: &Bound<'_, PyAny>| {
        let name = type_name(item);
        PyTypeError::new_err(format!(
            "{function}: a mask is required, with one truth value a record, not '{name}'"
        ))
    };
    let (mut mask, mut turns) = (Vec::new(), Turns::default());
    for item in iterate(object, refuse)? {
        turns.take(object.py())?;
        let item = item?;
        if mask.len() == length {
            // An iterable may have no end.
            let given = object
                .len()
                .map_or_else(|_| format!("more than {}", values(length)), values);
            return Err(wrong_length(given));
        }
        if is_truth(&item)? {
            mask.push(item.is_truthy()?);
        } else if is_number(&item) {
            mask.push(integer(&item)? != 0);
        } else {
            return Err(refuse(&item));
        }
    }
    if mask.len() == length {
        Ok(mask)
    } else {
        Err(wrong_length(values(mask.len())))
    }
}

/// The refusal of a key that selects no records; `item` is the key, or an item of it.
pub(crate) fn no_pick(key: &Bound<'_, PyAny>, item: &Bound<'_, PyAny>) -> PyErr {
    let (name, within) = (type_name(key), type_name(item));
    let given = if key.is(item) {
        format!("'{name}'")
    } else {
        format!("'{name}' of '{within}'")
    };
    // A column that is compared with a value gives one truth value, as any sequence does.
    let instead = if key.is_instance_of::<PyBool>() {
        "; where(field=value) picks by a value"
    } else {
        ""
    };
    PyTypeError::new_err(format!(
        "records are picked by an index, slice, mask, array of indices or field name, not {given}{instead}"
    ))
}
