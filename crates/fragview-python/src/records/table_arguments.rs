//! Arguments of a table's methods: masks, indices, values of fields, amounts to trim.

use fragview::format::Value;
use pyo3::exceptions::{PyIndexError, PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::args::integer::{integer, is_number};
use crate::error::exception::raised;
use crate::error::wording::{listed, type_name};
use crate::records::selection::{Selection, no_pick};
use crate::records::table::RecordTable;
use crate::records::value::{check_comparable, is_value, to_value};
use crate::runtime::turns::Turns;

impl RecordTable {
    /// The indices that a mask (as many truth values as records) or integers pick.
    pub(super) fn picked(&self, key: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        let length = self.table.len();
        match Selection::fetch(key, |item| no_pick(key, item))? {
            Selection::Mask(mask) if mask.len() == length => Ok(mask
                .iter()
                .enumerate()
                .filter_map(|(index, &keep)| keep.then_some(index))
                .collect()),
            Selection::Mask(mask) => {
                let text = format!("a mask of {} truth values for {length} records", mask.len());
                Err(raised::<PyIndexError>(&text))
            }
            Selection::Integers(numbers) => numbers
                .into_iter()
                .map(|number| {
                    let index = if number < 0 {
                        number + length as i128
                    } else {
                        number
                    };
                    usize::try_from(index)
                        .ok()
                        .filter(|&index| index < length)
                        .ok_or_else(|| {
                            raised::<PyIndexError>(&format!(
                                "record index {number} is out of range ({length} records)"
                            ))
                        })
                })
                .collect(),
        }
    }

    pub(super) fn no_field(&self, name: &str) -> PyErr {
        let names = listed(self.table.names());
        let instead = match name {
            "offset" | "offsets" | "start" | "starts" => {
                "; `offsets` tells where records begin, `starts` where contents do"
            }
            "length" | "lengths" => "; `lengths` tells how long contents are",
            _ => "",
        };
        PyKeyError::new_err(format!("no field is named '{name}'; {names}{instead}"))
    }

    /// The values that `where` accepts in a field: one, or any of several. A number that the field can't have
    /// is left out.
    pub(super) fn wanted(&self, name: &str, wanted: &Bound<'_, PyAny>) -> PyResult<Vec<Value>> {
        let kind = self.table.column(name).ok_or_else(|| self.no_field(name))?.kind();
        let mut values = Vec::new();
        let mut add = |value: &Bound<'_, PyAny>| {
            let value = to_value(value)?;
            check_comparable(name, kind, value.as_ref())?;
            values.extend(value);
            Ok::<_, PyErr>(())
        };
        if is_value(wanted) {
            add(wanted)?;
            return Ok(values);
        }
        let items = wanted.try_iter().map_err(|error| {
            if error.is_instance_of::<PyTypeError>(wanted.py()) {
                let given = type_name(wanted);
                let text = format!(
                    "field '{name}': a number, bytes or an iterable of them is required, not '{given}'"
                );
                PyTypeError::new_err(text)
            } else {
                error
            }
        })?;
        let mut turns = Turns::default();
        for item in items {
            turns.take(wanted.py())?;
            add(&item?)?;
        }
        Ok(values)
    }

    /// The amounts to trim: one for all records, or one for each record.
    pub(super) fn amounts(&self, name: &str, amounts: &Bound<'_, PyAny>) -> PyResult<Vec<usize>> {
        let checked = |number: i128| {
            usize::try_from(number)
                .map_err(|_| PyValueError::new_err(format!("{name}: {number} is not a number of bytes")))
        };
        if is_number(amounts) {
            return Ok(vec![checked(integer(amounts)?)?]);
        }
        let refuse = |item: &Bound<'_, PyAny>| {
            let given = type_name(item);
            PyTypeError::new_err(format!(
                "{name}: a number of bytes, or one a record, is required, not '{given}'"
            ))
        };
        let Selection::Integers(numbers) = Selection::fetch(amounts, refuse)? else {
            return Err(PyTypeError::new_err(format!(
                "{name}: numbers of bytes are required, not truth values"
            )));
        };
        if numbers.len() != self.table.len() {
            let (given, length) = (numbers.len(), self.table.len());
            return Err(PyValueError::new_err(format!(
                "{name}: {given} numbers for {length} records"
            )));
        }
        numbers.into_iter().map(checked).collect()
    }
}
