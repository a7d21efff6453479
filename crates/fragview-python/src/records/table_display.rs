//! A table as text, for `repr` and notebooks.

use pyo3::prelude::*;

use crate::error::wording::plural;
use crate::error::wording::repr_of;
use crate::records::table::RecordTable;
use crate::records::value::from_value;

/// Rows that a `repr` shows.
const SHOWN: usize = 10;

impl RecordTable {
    pub(super) fn summary(&self) -> String {
        let length = self.table.len();
        let fault = self
            .error
            .as_ref()
            .map_or_else(String::new, |(_, _, text)| format!(" ({text})"));
        format!("RecordTable of {length} record{}{fault}", plural(length))
    }

    /// The first rows as texts, the names of the columns on top.
    pub(super) fn rows(&self, py: Python<'_>) -> PyResult<Vec<Vec<String>>> {
        let names = ["", "offset", "content"].into_iter().map(String::from);
        let mut rows = vec![
            names
                .chain(self.table.names().iter().cloned())
                .collect::<Vec<_>>(),
        ];
        for record in self.table.iter().take(SHOWN) {
            let mut row = vec![
                record.index().to_string(),
                record.offset().to_string(),
                record.content().length.to_string(),
            ];
            for value in record.fields() {
                row.push(repr_of(&from_value(py, &value)?)?);
            }
            rows.push(row);
        }
        if self.table.len() > SHOWN {
            rows.push(vec![String::from("..."); rows[0].len()]);
        }
        Ok(rows)
    }
}
