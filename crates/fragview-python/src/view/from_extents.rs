//! `FragView.from_extents` and `FragView.from_blocks`: views of extents of one source.

use fragview::Error;
use fragview::format::Format;
use fragview::geometry::Extent;
use fragview::memory::{Owner, SourceIndex};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

use crate::args::integer::{integer, is_index, number_from};
use crate::buffers::layout::is_buffer;
use crate::buffers::native::gives_fragments;
use crate::error::exception::OrRaise;
use crate::error::wording::{refuse_file, type_name};
use crate::runtime::steps::Pacer;
use crate::runtime::turns::pause;
use crate::view::assemble::Assembly;
use crate::view::construct::from_source;
use crate::view::handle::FragView;
use crate::view::integers::Integers;
use crate::view::state::{State, flat};

/// A source for extents and blocks: its bytes in one dimension, and what to build on them.
struct Base {
    state: State,
    assembly: Assembly,
    /// The one export that all extents lie in, and where the source begins in it; `None` if there are
    /// several.
    source: Option<(SourceIndex, usize)>,
    length: usize,
}

impl Base {
    fn new(function: &str, source: &Bound<'_, PyAny>) -> PyResult<Self> {
        if source.cast::<FragView>().is_err() && !is_buffer(source) && !gives_fragments(source)? {
            return Err(refuse_file(function, source).unwrap_or_else(|| {
                let name = type_name(source);
                PyTypeError::new_err(format!(
                    "{function}: a bytes-like object is required, not '{name}'"
                ))
            }));
        }
        let state = flat(source.py(), &from_source(source)?)?;
        let (length, span) = (state.window.len(), state.window.span());
        let mut assembly = Assembly::new();
        assembly.builder.merge_touching(true);
        // A read-only view stays read-only, whatever its owners could write.
        assembly.builder.set_readonly(state.readonly);
        let memory = state.memory();
        let mut owners = memory.owners_in(span.clone());
        let source = match (owners.next(), owners.next()) {
            (Some(owner), None) if memory.fragments_in(span.clone()).len() == 1 => {
                let (_, size) = owner.memory();
                let place = memory.extents(span).next().and_then(|extent| extent.place);
                match place.filter(|&(_, offset)| offset + length <= size) {
                    Some((_, offset)) => {
                        assembly
                            .builder
                            .set_readonly(state.readonly || !memory.is_writable(&state.window));
                        Some((assembly.builder.add_source(owner.clone()).or_raise()?, offset))
                    }
                    None => None,
                }
            }
            _ => None,
        };
        drop(owners);
        Ok(Self {
            state,
            assembly,
            source,
            length,
        })
    }

    fn push(&mut self, index: usize, offset: Option<usize>, length: usize) -> PyResult<()> {
        let builder = &mut self.assembly.builder;
        let Some(offset) = offset else {
            return builder.push_hole(length).or_raise();
        };
        if offset.checked_add(length).is_none_or(|end| end > self.length) {
            return Err(out_of_range(index, offset as i128, length as i128, self.length));
        }
        let pushed = match self.source {
            Some((source, start)) => builder.push(source, start + offset, length),
            None => self
                .state
                .view()
                .into_slice(offset..offset + length)
                .and_then(|part| builder.push_view(&part)),
        };
        pushed.or_raise()
    }

    /// Appends extents, whose offset is -1 if they are holes; `first` is the index of the first of them.
    fn push_rows(&mut self, first: usize, rows: &[[i128; 2]]) -> PyResult<()> {
        let Some((source, start)) = self.source else {
            return (first..).zip(rows).try_for_each(|(index, &[offset, length])| {
                push_checked(self, index, (offset != -1).then_some(offset), length)
            });
        };
        let mut fault = None;
        let extents = (first..).zip(rows).map_while(|(index, &[offset, length])| {
            let place = (offset != -1).then(|| usize::try_from(offset)).transpose();
            if let (Ok(offset), Ok(length)) = (place, usize::try_from(length)) {
                return Some(Extent { offset, length });
            }
            fault = Some(index);
            None
        });
        let pushed = self
            .assembly
            .builder
            .push_extents_of(source, start..start + self.length, extents);
        if let Err(Error::ExtentOutOfRange { index, .. }) = pushed {
            fault = Some(first + index);
        } else {
            pushed.or_raise()?;
        }
        match fault.and_then(|index| Some((index, rows.get(index - first)?))) {
            Some((index, &[offset, length])) => Err(out_of_range(index, offset, length, self.length)),
            None => Ok(()),
        }
    }

    fn finish(self, py: Python<'_>) -> PyResult<State> {
        State::whole(py, self.assembly.builder.finish(), Format::BYTE)
    }
}

fn out_of_range(index: usize, offset: i128, length: i128, size: usize) -> PyErr {
    PyValueError::new_err(range_refusal(index, offset, length, size))
}

fn range_refusal(index: usize, offset: i128, length: i128, size: usize) -> String {
    format!("extent {index}: offset {offset} + length {length} is out of range for a source of {size} bytes")
}

/// `FragView.from_extents(source, extents)`.
pub(crate) fn from_extents(source: &Bound<'_, PyAny>, extents: &Bound<'_, PyAny>) -> PyResult<State> {
    let py = source.py();
    let mut base = Base::new("FragView.from_extents()", source)?;
    if let Some(rows) = Integers::<2>::of(extents)? {
        base.assembly.builder.reserve(rows.count).or_raise()?;
        rows.for_each_block(py, |first, rows| base.push_rows(first, rows))?;
        return base.finish(py);
    }
    let mut pacer = Pacer::OBJECTS;
    for (index, extent) in extents.try_iter()?.enumerate() {
        pacer.turn(py)?;
        // All of an extent is fetched before any of it is used: its numbers may run Python code.
        let (offset, length) = pair(&extent?, index)?;
        if let Some(below @ ..0) = offset {
            let refusal = range_refusal(index, below, length, base.length);
            let text = format!("{refusal}; a hole's offset is None, or -1 in a buffer");
            return Err(PyValueError::new_err(text));
        }
        push_checked(&mut base, index, offset, length)?;
    }
    base.finish(py)
}

/// `FragView.from_extents(source, extents)` for rows (source, offset, length), as `extents()` of a view of
/// one source gives them; a source of -1 is a hole.
pub(crate) fn from_rows(source: &Bound<'_, PyAny>, rows: &[[i64; 3]]) -> PyResult<State> {
    let mut base = Base::new("FragView.from_extents()", source)?;
    base.assembly.builder.reserve(rows.len()).or_raise()?;
    for (block, rows) in rows.chunks(BLOCK).enumerate() {
        pause(source.py())?;
        let first = block * BLOCK;
        let pairs = (first..).zip(rows).map(|(index, &[source, offset, length])| match source {
            -1 => Ok([-1, length.into()]),
            0 => Ok([offset.into(), length.into()]),
            _ => Err(PyValueError::new_err(format!(
                "extent {index}: it lies in source {source} of its view, and here there is one source, which is 0"
            ))),
        });
        base.push_rows(first, &pairs.collect::<PyResult<Vec<[i128; 2]>>>()?)?;
    }
    base.finish(source.py())
}

/// Rows that are pushed at a time.
const BLOCK: usize = 1 << 12;

fn push_checked(base: &mut Base, index: usize, offset: Option<i128>, length: i128) -> PyResult<()> {
    let range = || out_of_range(index, offset.unwrap_or(-1), length, base.length);
    let count = usize::try_from(length).map_err(|_| range())?;
    let at = offset.map(usize::try_from).transpose().map_err(|_| range())?;
    base.push(index, at, count)
}

/// An extent as a Python object: `(offset or None, length)`.
fn pair(extent: &Bound<'_, PyAny>, index: usize) -> PyResult<(Option<i128>, i128)> {
    let wrong = || {
        let name = type_name(extent);
        PyTypeError::new_err(format!(
            "extent {index}: a pair (offset, length) is required, not '{name}'"
        ))
    };
    let py = extent.py();
    let items = extent
        .try_iter()
        .map_err(|error| {
            if error.is_instance_of::<PyTypeError>(py) {
                wrong()
            } else {
                error
            }
        })?
        .take(3)
        .collect::<PyResult<Vec<_>>>()?;
    let [offset, length] = items.as_slice() else {
        return Err(PyValueError::new_err(format!(
            "extent {index}: a pair (offset, length) is required, not {} values",
            if items.len() > 2 {
                String::from("more than two")
            } else {
                items.len().to_string()
            }
        )));
    };
    let number = |object: &Bound<'_, PyAny>, what: &str| {
        if is_index(object) {
            return integer(object);
        }
        let name = type_name(object);
        let text = format!("extent {index}: {what}, not '{name}'");
        Err(PyTypeError::new_err(text))
    };
    let offset = if offset.is_none() {
        None
    } else {
        Some(number(offset, "offset must be an integer or None")?)
    };
    Ok((offset, number(length, "length must be an integer")?))
}

/// `FragView.from_blocks(source, indices, block_size, start=…, length=…)`.
pub(crate) fn from_blocks(
    source: &Bound<'_, PyAny>,
    indices: &Bound<'_, PyAny>,
    block_size: &Bound<'_, PyAny>,
    start: Option<&Bound<'_, PyAny>>,
    length: Option<&Bound<'_, PyAny>>,
) -> PyResult<State> {
    let py = source.py();
    let number = |object, what, least| number_from::<i64>(object, what, least).map(i128::from);
    let block_size = number(block_size, "block_size", 1)?;
    let start = start.map_or(Ok(0), |start| number(start, "start", 0))?;
    let length = length.map(|length| number(length, "length", 0)).transpose()?;
    let mut base = Base::new("FragView.from_blocks()", source)?;
    let mut left = length.unwrap_or(i128::MAX);
    // Returns whether there is more to come: blocks after the end that `length` sets are not read.
    let mut push = |position: usize, block: i128| {
        if left == 0 {
            return Ok(false);
        }
        let count = block_size.min(left);
        left -= count;
        let offset = match block {
            -1 => None,
            0.. => Some(block.saturating_mul(block_size).saturating_add(start)),
            _ => {
                let text = format!("block {position}: index {block} is negative (only -1 is a hole)");
                return Err(PyValueError::new_err(text));
            }
        };
        let pushed = push_checked(&mut base, position, offset, count).map_err(|error| {
            if !error.is_instance_of::<PyValueError>(py) {
                return error;
            }
            let size = base.length;
            let at = offset.unwrap_or(-1);
            PyValueError::new_err(format!(
                "block {position}: index {block} lies at offset {at} with {count} bytes, out of range for a source of \
                 {size} bytes"
            ))
        });
        pushed.map(|()| left > 0)
    };
    if let Some(numbers) = Integers::<1>::of(indices)? {
        numbers.for_each(py, |position, [block]| push(position, block).map(drop))?;
    } else {
        let mut pacer = Pacer::OBJECTS;
        for (position, block) in indices.try_iter()?.enumerate() {
            pacer.turn(py)?;
            let block = block?;
            if !is_index(&block) {
                let name = type_name(&block);
                let text = format!("block {position}: index must be an integer (a hole is -1), not '{name}'");
                return Err(PyTypeError::new_err(text));
            }
            let block = integer(&block)?;
            if !push(position, block)? {
                break;
            }
        }
    }
    if let Some(length) = length
        && left > 0
    {
        let have = length - left;
        return Err(PyValueError::new_err(format!(
            "length {length} is more than the blocks together have ({have} bytes)"
        )));
    }
    base.finish(py)
}
