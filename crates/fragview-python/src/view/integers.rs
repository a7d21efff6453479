//! Buffers of integers, read without a Python loop.

use fragview::format::{Endian, Kind, Scalar};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::buffers::layout::{Layout, is_buffer, with_layout};
use crate::error::exception::OrRaise;
use crate::error::wording::repr_of;
use crate::runtime::turns::pause;
use crate::view::construct::from_source;
use crate::view::state::State;

/// A buffer of integers, read without a Python loop: in one dimension, or in rows of `COLUMNS` if that is
/// more than one.
pub(crate) struct Integers<const COLUMNS: usize> {
    view: State,
    scalar: Scalar,
    /// Rows.
    pub(crate) count: usize,
}

/// Blocks of integers read between two pauses.
const BLOCKS: usize = 1 << 6;

impl<const COLUMNS: usize> Integers<COLUMNS> {
    /// The integers of `object`, if it is a buffer of them.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        if !is_buffer(object) {
            return Ok(None);
        }
        let (fits, given) = with_layout(object, |layout: &Layout<'_>| {
            let fits = match *layout.shape {
                [_] => COLUMNS == 1,
                [_, second] => COLUMNS > 1 && second.unsigned_abs() == COLUMNS,
                _ => false,
            };
            Ok((fits, layout.shape.to_vec()))
        })?;
        let view = from_source(object)?;
        let integer = view.format.scalar().filter(|scalar| scalar.is_integer());
        let Some(scalar) = integer.filter(|_| fits) else {
            let shape = if COLUMNS == 1 { "(n,)" } else { "(n, 2)" };
            return Err(PyTypeError::new_err(format!(
                "an integer buffer of shape {shape} is required, not one of format '{}' and shape {}",
                view.format.text(),
                repr_of(&PyTuple::new(object.py(), given)?)?
            )));
        };
        let count = view.item_count() / COLUMNS;
        Ok(Some(Self { view, scalar, count }))
    }

    /// The rows, some at a time; the first one's index comes with them.
    pub(crate) fn for_each_block(
        &self,
        py: Python<'_>,
        mut visit: impl FnMut(usize, &[[i128; COLUMNS]]) -> PyResult<()>,
    ) -> PyResult<()> {
        let (scalar, size) = (self.scalar, self.scalar.size());
        // So few that the copies stay small.
        let most = (4096 / size / COLUMNS).max(1);
        let items = self.view.view();
        let mut scratch = vec![0; most * size * COLUMNS];
        let mut rows = vec![[0; COLUMNS]; most];
        for first in (0..self.count).step_by(most) {
            // Some thousand rows take less than a millisecond.
            if first / most % BLOCKS == BLOCKS - 1 {
                pause(py)?;
            }
            let end = self.count.min(first + most);
            let part = items.slice(first * COLUMNS..end * COLUMNS).or_raise()?;
            let scratch = &mut scratch[..part.byte_len()];
            part.copy_to_slice(scratch).or_raise()?;
            let integers = rows.as_flattened_mut();
            match (scratch.as_chunks::<8>(), scalar.kind()) {
                // The format of NumPy's default integers: int64 in native byte order.
                ((items, []), Kind::Signed) if size == 8 && scalar.endian() == Endian::NATIVE => {
                    for (integer, item) in integers.iter_mut().zip(items) {
                        *integer = i64::from_ne_bytes(*item).into();
                    }
                }
                (_, kind) => {
                    for (integer, item) in integers.iter_mut().zip(scratch.chunks_exact(size)) {
                        let number = scalar.unpack_integer(item);
                        *integer = if kind == Kind::Signed {
                            number.into()
                        } else {
                            number.cast_unsigned().into()
                        };
                    }
                }
            }
            visit(first, &rows[..end - first])?;
        }
        Ok(())
    }

    pub(crate) fn for_each(
        &self,
        py: Python<'_>,
        mut visit: impl FnMut(usize, [i128; COLUMNS]) -> PyResult<()>,
    ) -> PyResult<()> {
        self.for_each_block(py, |first, rows| {
            (first..)
                .zip(rows)
                .try_for_each(|(index, &row)| visit(index, row))
        })
    }
}
