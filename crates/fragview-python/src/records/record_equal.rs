//! Equality of records: by their fields, and by their place in memory.

use fragview::format::ValueRef;
use fragview::records::{FieldValue, RecordTable};
use pyo3::prelude::*;

use crate::error::exception::OrRaise;
use crate::view::state::State;

/// A record of a table, whose source is a view of bytes without gaps.
#[derive(Clone, Copy)]
pub(crate) struct At<'t> {
    pub(crate) table: &'t RecordTable,
    pub(crate) source: &'t State,
    pub(crate) index: usize,
}

/// The offsets of a record and of its content, and the length of the content: the same for equal records.
pub(crate) fn location(record: At<'_>) -> [usize; 3] {
    let At { table, index, .. } = record;
    let content = table.content(index);
    let begin = table.get(index).map_or(0, |record| record.offset());
    [begin, content.offset.unwrap_or(begin), content.length]
}

/// True if the records have the same names, values and place, in the same memory. O(fields + fragments).
pub(crate) fn equal(py: Python<'_>, left: At<'_>, right: At<'_>) -> PyResult<bool> {
    if location(left) != location(right)
        || left.table.names() != right.table.names()
        || !same_values(left, right)
    {
        return Ok(false);
    }
    let (one, other) = (left.source, right.source);
    if one.memory.is(&other.memory) && one.window == other.window {
        return Ok(true);
    }
    Ok(memory_of(py, left)? == memory_of(py, right)?)
}

/// By Python's `==`; values with the same bytes are equal even if they are NaN.
fn same_values(left: At<'_>, right: At<'_>) -> bool {
    fn value<'t>(at: At<'t>, name: &str) -> Option<FieldValue<'t>> {
        at.table.get(at.index)?.field(name)
    }
    let columns = left.table.columns().zip(right.table.columns());
    columns.into_iter().all(|((name, one), (_, other))| {
        one.kind() == other.kind() && one.bytes(left.index) == other.bytes(right.index)
            || value(left, name)
                .zip(value(right, name))
                .is_some_and(|(one, other)| reference(&one).equals(reference(&other)))
    })
}

fn reference<'v>(value: &'v FieldValue<'v>) -> ValueRef<'v> {
    match value {
        FieldValue::Scalar(value) => ValueRef::Scalar(*value),
        FieldValue::Bytes(bytes) => ValueRef::Bytes(bytes),
    }
}

/// An extent of a record: the source's address and an offset in it, unless it is a hole, and a length.
type SourceExtent = (Option<(usize, usize)>, usize);

/// The memory from a record's beginning to its content's end.
fn memory_of(py: Python<'_>, record: At<'_>) -> PyResult<Vec<SourceExtent>> {
    let [begin, start, length] = location(record);
    let view = record
        .source
        .view()
        .into_slice(begin..start + length)
        .or_raise()?;
    let mut extents: Vec<SourceExtent> = Vec::new();
    for extent in view.extents() {
        let owner = |source| record.source.memory().owners().nth(source);
        let place = extent.place.map(|(source, offset)| {
            let exporter = owner(source).map_or(0, |owner| owner.exporter(py).as_ptr().addr());
            (exporter, offset)
        });
        // Extents that touch are one, however many fragments they come in.
        match (extents.last_mut(), place) {
            (Some((Some((last, first)), count)), Some((exporter, offset)))
                if *last == exporter && *first + *count == offset =>
            {
                *count += extent.length;
            }
            (Some((None, count)), None) => *count += extent.length,
            _ => extents.push((place, extent.length)),
        }
    }
    Ok(extents)
}
