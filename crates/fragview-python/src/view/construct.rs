//! What a constructor takes: a buffer, an iterable of buffers, extents, blocks.

use fragview::Error;
use fragview::format::{Endian, Format, Kind, Scalar};
use fragview::geometry::Extent;
use fragview::memory::{Owner, Shared, SourceIndex};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::args::given::number_from;
use crate::buffers::export::{self, Layout};
use crate::error::exception::OrRaise;
use crate::error::wording::{instead, plural, refuse_file, type_name};
use crate::items::key::is_index;
use crate::view::assemble::Assembly;
use crate::view::handle::FragView;
use crate::view::state::{Shape, State, flat};

/// `FragView(source)`: a buffer, or an iterable of buffers and FragViews.
#[inline]
pub(crate) fn from_source(source: &Bound<'_, PyAny>) -> PyResult<State> {
    source_of("FragView()", source)
}

/// As [`from_source`], for the function of this name.
pub(crate) fn source_of(function: &str, source: &Bound<'_, PyAny>) -> PyResult<State> {
    let py = source.py();
    if let Ok(view) = source.cast::<FragView>() {
        let state = view.get().enter()?;
        if state.is_contiguous() && matches!(state.shape, Shape::Line) {
            return Ok(state.duplicate(py));
        }
    }
    let mut joined = Joined {
        assembly: Assembly::new(),
        format: None,
    };
    if source.cast::<FragView>().is_ok() || export::is_buffer(source) {
        joined.push(source)?;
    } else if source.is_instance_of::<PyString>() {
        return Err(wrong_type(function, source));
    } else {
        if let Some(refusal) = refuse_file(function, source) {
            return Err(refusal);
        }
        let items = source.try_iter().map_err(|error| {
            if error.is_instance_of::<PyTypeError>(py) {
                wrong_type(function, source)
            } else {
                error
            }
        })?;
        for (index, item) in items.enumerate() {
            let item = item?;
            if item.cast::<FragView>().is_err() && !export::is_buffer(&item) {
                let name = type_name(&item);
                return Err(PyTypeError::new_err(format!(
                    "{function} item {index}: a bytes-like object is required, not '{name}'"
                )));
            }
            joined.push(&item)?;
        }
    }
    let format = joined.format.unwrap_or(Format::BYTE);
    State::whole(py, joined.assembly.builder.finish(), format)
}

/// Items of an iterable taken between two looks at signals.
const SIGNALS: usize = 1 << 16;

/// Buffers laid end to end, whose formats agree.
struct Joined {
    assembly: Assembly,
    format: Option<Format>,
}

impl Joined {
    fn push(&mut self, item: &Bound<'_, PyAny>) -> PyResult<()> {
        let Self { assembly, format } = self;
        if let Ok(view) = item.cast::<FragView>() {
            let state = view.get().enter()?;
            agree(format, state.format.text(), state.item_size())?;
            assembly.builder.set_readonly(state.readonly);
            let pushed = assembly.builder.push_view(&state.view()).or_raise();
            assembly.builder.set_readonly(false);
            return pushed;
        }
        export::with_layout(item, |layout| {
            agree(format, &layout.format.to_string_lossy(), layout.item_size)?;
            assembly.push(item, layout)
        })
    }
}

/// The format of all, from the first on.
#[inline]
pub(crate) fn agree(format: &mut Option<Format>, text: &str, item_size: usize) -> PyResult<()> {
    match format {
        None => {
            *format = Some(parse(text, item_size)?);
            Ok(())
        }
        Some(first) if first.item_size() == item_size && *first.text() == *text => Ok(()),
        Some(first) => Err(PyValueError::new_err(format!(
            "formats differ: '{}' ({} byte{} an item) and '{text}' ({item_size} byte{} an item); cast them to one format",
            first.text(),
            first.item_size(),
            plural(first.item_size()),
            plural(item_size),
        ))),
    }
}

/// A buffer's format; one that is not the `struct` module's shows its text and moves its bytes, no more.
pub(crate) fn parse(text: &str, item_size: usize) -> PyResult<Format> {
    if item_size == 0 {
        return Err(PyValueError::new_err(format!(
            "items of format '{text}' have no size"
        )));
    }
    match Format::parse(text) {
        Ok(format) if format.item_size() == item_size && format.value_count() > 0 => Ok(format),
        _ => Ok(Format::opaque(text, item_size)),
    }
}

pub(crate) fn wrong_type(function: &str, object: &Bound<'_, PyAny>) -> PyErr {
    let name = type_name(object);
    PyTypeError::new_err(format!(
        "{function}: a bytes-like object or an iterable of them is required, not '{name}'{}",
        instead(object)
    ))
}

/// A source for extents and blocks: its bytes in one dimension, and what to build on them.
struct Base {
    state: State,
    assembly: Assembly,
    /// The one export that all extents lie in, and where the source begins in it; `None` where there are several.
    source: Option<(SourceIndex, usize)>,
    length: usize,
}

impl Base {
    fn new(function: &str, source: &Bound<'_, PyAny>) -> PyResult<Self> {
        if source.cast::<FragView>().is_err() && !export::is_buffer(source) {
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

    /// Appends extents, whose offset is -1 where they are holes; `first` is the index of the first of them.
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
    PyValueError::new_err(format!(
        "extent {index}: offset {offset} + length {length} is out of range for a source of {size} bytes"
    ))
}

/// `FragView.from_extents(source, extents)`.
pub(crate) fn from_extents(source: &Bound<'_, PyAny>, extents: &Bound<'_, PyAny>) -> PyResult<State> {
    let py = source.py();
    let mut base = Base::new("FragView.from_extents()", source)?;
    if let Some(rows) = Integers::<2>::of(extents)? {
        base.assembly.builder.reserve(rows.count).or_raise()?;
        rows.for_each_block(|first, rows| base.push_rows(first, rows))?;
        return base.finish(py);
    }
    for (index, extent) in extents.try_iter()?.enumerate() {
        if index % SIGNALS == SIGNALS - 1 {
            py.check_signals()?;
        }
        // All of an extent is fetched before any of it is used: its numbers may run Python code.
        let (offset, length) = pair(&extent?, index)?;
        if let Some(below @ ..0) = offset {
            let refusal = out_of_range(index, below, length, base.length)
                .value(py)
                .to_string();
            let text = format!("{refusal}; a hole's offset is None, or -1 in a buffer");
            return Err(PyValueError::new_err(text));
        }
        push_checked(&mut base, index, offset, length)?;
    }
    base.finish(py)
}

/// `FragView.from_extents(source, extents)` for rows (source, offset, length), as `extents()` of a view of one source gives
/// them; a source of -1 is a hole.
pub(crate) fn from_rows(source: &Bound<'_, PyAny>, rows: &[[i64; 3]]) -> PyResult<State> {
    let mut base = Base::new("FragView.from_extents()", source)?;
    base.assembly.builder.reserve(rows.len()).or_raise()?;
    for (block, rows) in rows.chunks(BLOCK).enumerate() {
        source.py().check_signals()?;
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

/// A Python integer of any size, cut to what 128 bits hold: whatever is larger is out of every range.
pub(crate) fn integer(object: &Bound<'_, PyAny>) -> PyResult<i128> {
    // SAFETY: the object is valid; the result is a new reference, or null with an exception set.
    let number =
        unsafe { Bound::from_owned_ptr_or_err(object.py(), pyo3::ffi::PyNumber_Index(object.as_ptr()))? };
    match number.extract::<i128>() {
        Ok(number) => Ok(number),
        Err(_) if number.lt(0)? => Ok(i128::MIN),
        Err(_) => Ok(i128::MAX),
    }
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
    // Says whether there is more to come: what `length` trims is not looked at.
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
        numbers.for_each(|position, [block]| push(position, block).map(drop))?;
    } else {
        for (position, block) in indices.try_iter()?.enumerate() {
            if position % SIGNALS == SIGNALS - 1 {
                py.check_signals()?;
            }
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

/// A buffer of integers, read without a Python loop: in one dimension, or in rows of `COLUMNS` where that is more than one.
struct Integers<const COLUMNS: usize> {
    view: State,
    scalar: Scalar,
    /// Rows.
    count: usize,
}

impl<const COLUMNS: usize> Integers<COLUMNS> {
    /// The integers of `object`, if it is a buffer of them.
    fn of(object: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        if !export::is_buffer(object) {
            return Ok(None);
        }
        let (fits, given) = export::with_layout(object, |layout: &Layout<'_>| {
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
                PyTuple::new(object.py(), given)?.repr()?
            )));
        };
        let count = view.item_count() / COLUMNS;
        Ok(Some(Self { view, scalar, count }))
    }

    /// The rows, some at a time; the first one's index comes with them.
    fn for_each_block(
        &self,
        mut visit: impl FnMut(usize, &[[i128; COLUMNS]]) -> PyResult<()>,
    ) -> PyResult<()> {
        let (scalar, size) = (self.scalar, self.scalar.size());
        // So few that the copies stay small.
        let most = (4096 / size / COLUMNS).max(1);
        let bytes = fragview::View::<Shared<'static>, _, _>::into_untyped(self.view.view(), size * COLUMNS)
            .or_raise()?;
        let mut scratch = vec![0; most * size * COLUMNS];
        let mut rows = vec![[0; COLUMNS]; most];
        for first in (0..self.count).step_by(most) {
            let part = bytes.slice(first..self.count.min(first + most)).or_raise()?;
            let scratch = &mut scratch[..part.byte_len()];
            part.copy_to_slice(scratch).or_raise()?;
            let integers = rows.as_flattened_mut();
            match (scratch.as_chunks::<8>(), scalar.kind()) {
                // What NumPy makes of a list of numbers.
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
            visit(first, &rows[..part.len()])?;
        }
        Ok(())
    }

    fn for_each(&self, mut visit: impl FnMut(usize, [i128; COLUMNS]) -> PyResult<()>) -> PyResult<()> {
        self.for_each_block(|first, rows| {
            (first..)
                .zip(rows)
                .try_for_each(|(index, &row)| visit(index, row))
        })
    }
}
