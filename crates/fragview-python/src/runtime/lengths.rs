//! A class's `len()` in both slots (`sq_length` and `mp_length`) that C code reads.
//!
//! `PySequence_Size` reads the slot `sq_length`, `PyMapping_Size` the slot `mp_length`. PyO3 fills one of
//! them. CPython fills both when a class statement, or an assignment to the class, sets `__len__`. So each
//! class gets its own `__len__` assigned once: the interpreter finds the C function behind it and puts that
//! into both slots, which costs no call.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyType;

/// Fills both slots of a class that defines `__len__`, and leaves any other class as it is. O(1).
pub(crate) fn in_both_slots(class: &Bound<'_, PyType>) -> PyResult<()> {
    let name = intern!(class.py(), "__len__");
    let own = class.getattr(intern!(class.py(), "__dict__"))?;
    if own.contains(name)? {
        class.setattr(name, own.get_item(name)?)?;
    }
    Ok(())
}
