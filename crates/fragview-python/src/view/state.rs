//! The state of a view: a memory, a window on it, a format, a shape.

use fragview::format::Format;
use fragview::geometry::Window;
use fragview::memory::{Builder, Owner, Shared};
use fragview::{Untyped, View};
use pyo3::exceptions::{PyNotImplementedError, PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::buffers::layout::holds_objects;
use crate::buffers::memory::{PyMemory, SharedMemory};
use crate::error::exception::OrRaise;

/// A view of such memory, borrowed for an operation.
pub(crate) type PyView<'m> = View<Shared<'static>, Untyped, &'m PyMemory>;

/// How the items are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One dimension: the window's items are the view's.
    Line,
    /// No dimension: one item.
    Point,
    /// Two or more dimensions: the window's items are rows; these are the dimensions of a row.
    Grid(Box<[usize]>),
}

/// All that a view is while it is not released.
pub(crate) struct State {
    pub(crate) memory: Py<SharedMemory>,
    pub(crate) window: Window,
    pub(crate) format: Format,
    pub(crate) shape: Shape,
    /// True after `toreadonly()`: no item may be written, whatever the memory says.
    pub(crate) readonly: bool,
    /// True after `without_suboffsets()`: across seams nothing is exported.
    pub(crate) no_suboffsets: bool,
}

impl State {
    /// A view of all bytes of a memory as items of `format` in one dimension.
    pub(crate) fn whole(py: Python<'_>, memory: PyMemory, format: Format) -> PyResult<Self> {
        let length = memory.len();
        let window = Window::whole(length).regroup(format.item_size()).ok_or_else(|| {
            let (text, size) = (format.text(), format.item_size());
            PyValueError::new_err(format!(
                "{length} bytes are not a whole number of items of format '{text}' ({size} bytes)"
            ))
        })?;
        Ok(Self {
            memory: SharedMemory::hold(py, memory)?,
            window,
            format,
            shape: Shape::Line,
            readonly: false,
            no_suboffsets: false,
        })
    }

    /// The same memory, format and rows with another window.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the heart of `v[a:b]`; measured")]
    pub(crate) fn with_window(&self, py: Python<'_>, window: Window) -> Self {
        Self {
            memory: self.memory.clone_ref(py),
            window,
            format: self.format.clone(),
            shape: self.shape.clone(),
            readonly: self.readonly,
            no_suboffsets: self.no_suboffsets,
        }
    }

    /// A view of a window of bytes in one dimension.
    pub(crate) const fn bytes(memory: Py<SharedMemory>, window: Window, readonly: bool) -> Self {
        Self {
            memory,
            window,
            format: Format::BYTE,
            shape: Shape::Line,
            readonly,
            no_suboffsets: false,
        }
    }

    /// The same view once more.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the heart of `v[a:b]`; measured")]
    pub(crate) fn duplicate(&self, py: Python<'_>) -> Self {
        self.with_window(py, self.window)
    }

    #[inline]
    pub(crate) fn memory(&self) -> &PyMemory {
        self.memory.get().memory()
    }

    /// The items, or rows of items, as the core sees them.
    pub(crate) fn view(&self) -> PyView<'_> {
        view_of(self.memory(), self.window)
    }

    /// The dimensions, outermost first.
    pub(crate) fn dimensions(&self) -> Vec<usize> {
        match &self.shape {
            Shape::Line => vec![self.window.len()],
            Shape::Point => Vec::new(),
            Shape::Grid(row) => std::iter::once(self.window.len())
                .chain(row.iter().copied())
                .collect(),
        }
    }

    /// Distance in bytes from an item to the next in each dimension.
    pub(crate) fn strides(&self) -> Vec<isize> {
        match &self.shape {
            Shape::Line => vec![self.window.step()],
            Shape::Point => Vec::new(),
            Shape::Grid(row) => {
                let mut strides = vec![self.window.step()];
                strides.extend(c_strides(row, self.item_size()));
                strides
            }
        }
    }

    /// True if items have addresses of Python objects in them, whose references are not counted here.
    pub(crate) fn holds_objects(&self) -> bool {
        holds_objects(self.format.text().as_bytes())
    }

    pub(crate) fn item_size(&self) -> usize {
        self.format.item_size()
    }

    pub(crate) fn byte_count(&self) -> usize {
        self.window.byte_count()
    }

    /// The number of items in all dimensions.
    pub(crate) fn item_count(&self) -> usize {
        self.byte_count() / self.item_size()
    }

    pub(crate) fn is_readonly(&self) -> bool {
        if self.window.is_empty() {
            return self.readonly || !self.memory().owners().any(Owner::is_writable);
        }
        self.readonly || !self.memory().is_writable(&self.window)
    }

    /// True if nothing in the view may be written, so that any write can be refused at once.
    pub(crate) fn is_wholly_readonly(&self) -> bool {
        let memory = self.memory();
        match self.window.len() {
            _ if self.readonly => true,
            // No memory at all takes what no bytes there are.
            0 => memory.owners().len() > 0 && self.is_readonly(),
            _ => !memory.is_writable(&self.window) && !memory.has_writable(&self.window),
        }
    }

    /// True if the items follow each other without gaps in C order. By `memoryview`'s rule a step makes gaps
    /// even if there is no item in one dimension, and never if there is one.
    pub(crate) fn is_contiguous(&self) -> bool {
        let stepped = self.window.is_empty() && self.window.step() != self.window.width().cast_signed();
        self.window.is_contiguous() && !(stepped && matches!(self.shape, Shape::Line))
    }

    /// True if the items follow each other without gaps in Fortran order: then at most one dimension has more
    /// than one item, because rows are in C order.
    pub(crate) fn is_fortran_contiguous(&self) -> bool {
        self.is_contiguous()
            && (self.byte_count() == 0 || self.dimensions().iter().filter(|&&count| count != 1).count() <= 1)
    }

    pub(crate) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.memory)
    }
}

/// The items of a window on a memory; an empty view where the window is not the memory's, which no state's
/// is.
pub(crate) fn view_of(memory: &PyMemory, window: Window) -> PyView<'_> {
    match View::from_window(memory, window).or_else(|| View::from_window(memory, Window::whole(0))) {
        Some(view) => view,
        None => unreachable!("an empty window lies in every memory"),
    }
}

/// The window of `count` bytes at `offset`.
pub(crate) fn bytes_at(memory: &PyMemory, offset: usize, count: usize) -> PyResult<Window> {
    Window::whole(memory.len())
        .slice_with_step(offset, count, 1)
        .ok_or_else(not_in_memory)
}

pub(crate) fn not_in_memory() -> PyErr {
    PyValueError::new_err("the item is not in the view's memory")
}

/// The view's bytes as a view without gaps: the same memory, or one with a fragment for each contiguous
/// range.
pub(crate) fn flat(py: Python<'_>, state: &State) -> PyResult<State> {
    if let Some(window) = state.window.regroup(1) {
        return Ok(State::bytes(state.memory.clone_ref(py), window, state.readonly));
    }
    let mut builder = Builder::new();
    builder.push_view(&state.view()).or_raise()?;
    let memory = builder.finish();
    let window = Window::whole(memory.len());
    Ok(State::bytes(
        SharedMemory::hold(py, memory)?,
        window,
        state.readonly,
    ))
}

/// `memoryview`'s refusal of sub-views: an error with these words unless the view has one dimension.
pub(crate) fn one_dimension(state: &State, zero: &'static str, many: &'static str) -> PyResult<()> {
    match state.shape {
        Shape::Line => Ok(()),
        Shape::Point => Err(PyTypeError::new_err(zero)),
        Shape::Grid(_) => Err(PyNotImplementedError::new_err(many)),
    }
}

/// The strides of items of `size` bytes in C order.
pub(crate) fn c_strides(dimensions: &[usize], size: usize) -> Vec<isize> {
    let mut strides: Vec<isize> = dimensions
        .iter()
        .rev()
        .scan(size, |step, &count| {
            let stride = step.cast_signed();
            *step = step.saturating_mul(count);
            Some(stride)
        })
        .collect();
    strides.reverse();
    strides
}
