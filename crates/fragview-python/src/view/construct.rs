//! `FragView(source)`: a view of a buffer, or of an iterable of buffers.

use fragview::format::Format;
use fragview::geometry::Window;
use fragview::memory::Memory;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyIterator, PyString};

use crate::buffers::export::{BufferOwner, take_fragments};
use crate::buffers::layout::{Layout, is_buffer, with_layout};
use crate::buffers::memory::SharedMemory;
use crate::error::exception::OrRaise;
use crate::error::wording::{instead, plural, refuse_file, type_name};
use crate::runtime::turns::Turns;
use crate::view::assemble::Assembly;
use crate::view::handle::FragView;
use crate::view::state::{Shape, State};

/// `FragView(source)`: a buffer, or an iterable of buffers and FragViews.
#[inline]
pub(crate) fn from_source(source: &Bound<'_, PyAny>) -> PyResult<State> {
    source_of("FragView()", source)
}

/// As [`from_source`], for the function of this name.
pub(crate) fn source_of(function: &str, source: &Bound<'_, PyAny>) -> PyResult<State> {
    let py = source.py();
    if let Ok(bytes) = source.cast_exact::<PyBytes>() {
        // The commonest source: nothing but its owner is made.
        let memory = Memory::of_owner(BufferOwner::Bytes(bytes.clone().unbind())).or_raise()?;
        return State::whole(py, memory, Format::BYTE);
    }
    if let Ok(view) = source.cast::<FragView>() {
        let state = view.get().enter()?;
        if matches!(state.shape, Shape::Line) {
            return Ok(state.duplicate(py));
        }
    }
    let mut joined = Joined {
        assembly: Assembly::new(),
        format: None,
    };
    if source.cast::<FragView>().is_ok() {
        joined.push(source)?;
    } else if is_buffer(source) {
        if let Some(window) = joined.push_alone(source)? {
            let memory = SharedMemory::hold(py, joined.assembly.builder.finish())?;
            return Ok(State {
                memory,
                window,
                format: joined.format.unwrap_or(Format::BYTE),
                shape: Shape::Line,
                readonly: false,
                no_suboffsets: false,
            });
        }
    } else if !joined.push_foreign(source)? {
        let mut turns = Turns::default();
        for (index, item) in buffers_of(function, source)?.enumerate() {
            turns.take(py)?;
            let item = item?;
            if item.cast::<FragView>().is_err() && !is_buffer(&item) {
                if joined.push_foreign(&item)? {
                    continue;
                }
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

/// Buffers laid end to end, whose formats agree.
struct Joined {
    assembly: Assembly,
    format: Option<Format>,
}

impl Joined {
    /// As [`push`](Self::push), of a buffer that nothing follows. Where its items lie one step apart, this
    /// gives the window that shows them, in O(1).
    fn push_alone(&mut self, item: &Bound<'_, PyAny>) -> PyResult<Option<Window>> {
        let Self { assembly, format } = self;
        with_layout(item, |layout| {
            agree(format, &layout.format.to_string_lossy(), layout.item_size)?;
            let window = assembly.push_strided(item, layout)?;
            if window.is_none() {
                assembly.push(item, layout)?;
            }
            Ok(window)
        })
    }

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
        with_layout(item, |layout| {
            agree(format, &layout.format.to_string_lossy(), layout.item_size)?;
            assembly.push(item, layout)
        })
    }
}

impl Joined {
    /// Appends the fragments of an object that gives them as a C struct; says whether it does.
    fn push_foreign(&mut self, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Some(fragments) = take_fragments(item)? else {
            return Ok(false);
        };
        agree(&mut self.format, &fragments.format(), fragments.item_size())?;
        BufferOwner::push_fragments(&mut self.assembly.builder, item, fragments)?;
        Ok(true)
    }
}

/// A view of one buffer, whose layout `object` has given and still exports.
pub(crate) fn from_layout(object: &Bound<'_, PyAny>, layout: &Layout<'_>) -> PyResult<State> {
    let format = parse(&layout.format.to_string_lossy(), layout.item_size)?;
    let mut assembly = Assembly::new();
    assembly.push(object, layout)?;
    State::whole(object.py(), assembly.builder.finish(), format)
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

/// An iterable of buffers, as the function of this name takes it. A text is none, and a file has lines, which
/// would be copies.
pub(crate) fn buffers_of<'py>(
    function: &str,
    source: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyIterator>> {
    if source.is_instance_of::<PyString>() {
        return Err(wrong_type(function, source));
    }
    if let Some(refusal) = refuse_file(function, source) {
        return Err(refusal);
    }
    source.try_iter().map_err(|error| {
        if error.is_instance_of::<PyTypeError>(source.py()) {
            wrong_type(function, source)
        } else {
            error
        }
    })
}

fn wrong_type(function: &str, object: &Bound<'_, PyAny>) -> PyErr {
    let name = type_name(object);
    PyTypeError::new_err(format!(
        "{function}: a bytes-like object or an iterable of them is required, not '{name}'{}",
        instead(object)
    ))
}
