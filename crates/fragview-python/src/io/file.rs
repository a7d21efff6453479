//! `v.open()`: a view as a binary file of fixed size, which behaves as `io.BytesIO` does.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use fragview::memory::{Hint, Shared};
use fragview::{MemoryRef, View};
use pyo3::exceptions::{PyBufferError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::buffers::bytes::bytes_from;
use crate::buffers::layout::is_buffer;
use crate::buffers::memory::PyMemory;
use crate::error::exception::OrRaise;
use crate::error::os::unsupported;
use crate::error::wording::type_name;
use crate::runtime::deferred::Deferred;
use crate::runtime::release_guard::{Guard, ReleaseGuard};
use crate::runtime::steps::detach_for;
use crate::view::construct;
use crate::view::copy_out::bytes_within;
use crate::view::state::{State, flat};

/// Reads of up to this many bytes go through a copy on the stack.
pub(super) const SHORT: usize = 128;

/// A binary file over a view: seekable, readable, and writable if the view is. Its size is fixed.
///
/// `FragView.open()` returns it. It behaves as io.BytesIO, except for changes of the size: a write past the
/// end raises BufferError and writes nothing, and truncate() raises io.UnsupportedOperation. Reads see the
/// memory as it is at that moment.
///
/// >>> with FragView([b'one li', b'ne\ntwo']).open() as file:
/// ...     list(file)
/// [b'one line\n', b'two']
#[pyclass(frozen, weakref, dict, module = "fragview")]
pub(crate) struct FragFile {
    /// The view's bytes.
    pub(crate) state: ReleaseGuard<State>,
    /// A read or write takes its range by moving this on first, so that no two threads get the same bytes.
    pub(crate) position: AtomicUsize,
    /// The fragment of the last short read. Most reads begin where the one before ended.
    cached_fragment: AtomicUsize,
    /// The file's name, if a user has set one.
    pub(crate) name: Mutex<Option<Deferred<PyAny>>>,
}

impl FragFile {
    pub(crate) fn open(py: Python<'_>, state: &State, position: usize) -> PyResult<Self> {
        Ok(Self {
            state: ReleaseGuard::new(as_bytes(py, state)?),
            position: AtomicUsize::new(position),
            cached_fragment: AtomicUsize::new(0),
            name: Mutex::new(None),
        })
    }

    pub(crate) fn enter(&self) -> PyResult<Guard<'_, State>> {
        self.state
            .enter()
            .map_err(|_| PyValueError::new_err("I/O operation on closed file."))
    }

    /// Takes up to `limit` bytes from the position on: where they begin and how many there are. Past the end
    /// there are none, and they begin there.
    fn take(&self, length: usize, limit: Option<usize>) -> (usize, usize) {
        let mut at = self.position.load(Ordering::Relaxed);
        loop {
            let left = length.saturating_sub(at);
            let count = limit.map_or(left, |limit| limit.min(left));
            match self.move_on(at, count) {
                Ok(()) => return (at.min(length), count),
                Err(moved) => at = moved,
            }
        }
    }

    /// Moves the position on, unless another thread has moved it.
    pub(super) fn move_on(&self, at: usize, count: usize) -> Result<(), usize> {
        self.position
            .compare_exchange(at, at + count, Ordering::Relaxed, Ordering::Relaxed)
            .map(drop)
    }

    /// The result of the transfer of the bytes taken at a position: if it failed, they are there again for
    /// the next call.
    pub(super) fn or_put_back<T>(&self, at: usize, count: usize, outcome: PyResult<T>) -> PyResult<T> {
        if outcome.is_err() {
            // Unless another thread went on from there.
            let _ = self
                .position
                .compare_exchange(at + count, at, Ordering::Relaxed, Ordering::Relaxed);
        }
        outcome
    }

    pub(crate) fn read_bytes<'py>(
        &self,
        py: Python<'py>,
        limit: Option<usize>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let state = self.enter()?;
        let (at, count) = self.take(state.byte_count(), limit);
        if count > SHORT {
            return self.or_put_back(at, count, bytes_at(py, &state, at, count));
        }
        let mut short = [0; SHORT];
        let short = &mut short[..count];
        let read = self.read_short(&state, at, short);
        self.or_put_back(at, count, read)?;
        bytes_from(py, short)
    }

    /// Fills `target`, which is short, with the bytes from `at` on. Pre: they lie in the file.
    pub(super) fn read_short(&self, state: &State, at: usize, target: &mut [u8]) -> PyResult<()> {
        if state.window.is_contiguous() && !target.is_empty() {
            let mut hint = Hint::at(self.cached_fragment.load(Ordering::Relaxed));
            let offset = state.window.offset(at);
            let read = state.memory().read_bytes_near(&mut hint, offset, target);
            self.cached_fragment.store(hint.fragment(), Ordering::Relaxed);
            if read.is_some() {
                return Ok(());
            }
        }
        let part = bytes_of(state)?.into_slice(at..at + target.len()).or_raise()?;
        part.copy_to_slice(target).or_raise()
    }

    pub(crate) fn read_into(
        &self,
        py: Python<'_>,
        function: &str,
        target: &Bound<'_, PyAny>,
    ) -> PyResult<usize> {
        drop(self.enter()?);
        let refuse = || {
            let name = type_name(target);
            PyTypeError::new_err(format!(
                "{function}() argument must be read-write bytes-like object, not {name}"
            ))
        };
        if !is_buffer(target) {
            return Err(refuse());
        }
        let target = as_bytes(py, &construct::from_source(target)?)?;
        if target.byte_count() > 0 && target.is_readonly() {
            return Err(refuse());
        }
        let state = self.enter()?;
        let (at, count) = self.take(state.byte_count(), Some(target.byte_count()));
        let source = bytes_of(&state)?.into_slice(at..at + count).or_raise()?;
        let target = bytes_of(&target)?.into_slice(..count).or_raise()?;
        self.or_put_back(at, count, copy(py, &source, &target))?;
        Ok(count)
    }

    /// Writes all of a buffer's bytes, or none.
    pub(crate) fn write_from(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<usize> {
        drop(self.enter()?);
        if !is_buffer(data) {
            let name = type_name(data);
            return Err(PyTypeError::new_err(format!(
                "a bytes-like object is required, not '{name}'"
            )));
        }
        let source = as_bytes(py, &construct::from_source(data)?)?;
        let state = self.enter()?;
        let (length, count) = (state.byte_count(), source.byte_count());
        if state.is_wholly_readonly() {
            return Err(unsupported(py, "not writable: the view is read-only"));
        }
        if count == 0 {
            return Ok(0);
        }
        let source = bytes_of(&source)?;
        let mut at = self.position.load(Ordering::Relaxed);
        loop {
            if count > length.saturating_sub(at) {
                return Err(PyBufferError::new_err(format!(
                    "writing {count} bytes at {at} reaches past the end of the view ({length} bytes), which cannot grow; \
                     nothing was written"
                )));
            }
            let target = bytes_of(&state)?.into_slice(at..at + count).or_raise()?;
            if !target.is_writable() {
                return Err(unsupported(
                    py,
                    &format!(
                        "bytes {at} to {} touch read-only memory; nothing was written",
                        at + count
                    ),
                ));
            }
            match self.move_on(at, count) {
                Ok(()) => {
                    self.or_put_back(at, count, copy(py, &source, &target))?;
                    return Ok(count);
                }
                Err(moved) => at = moved,
            }
        }
    }
}

/// The bytes of a state in one dimension. Bytes with gaps are that already; longer items with gaps become a
/// fragment each.
fn as_bytes(py: Python<'_>, state: &State) -> PyResult<State> {
    if state.window.width() == 1 {
        return Ok(State::bytes(
            state.memory.clone_ref(py),
            state.window,
            state.readonly,
        ));
    }
    flat(py, state)
}

/// A state's bytes as the core sees them.
pub(super) fn bytes_of(state: &State) -> PyResult<View<Shared<'static>, u8, &PyMemory>> {
    state.view().into_bytes().or_raise()
}

pub(crate) fn bytes_at<'py>(
    py: Python<'py>,
    state: &State,
    at: usize,
    count: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    bytes_within(py, &state.view(), at, count)
}

fn copy<R: MemoryRef + Sync>(
    py: Python<'_>,
    source: &View<Shared<'static>, u8, R>,
    target: &View<Shared<'static>, u8, &PyMemory>,
) -> PyResult<()> {
    detach_for(py, source.len(), || target.copy_from_view(source)).or_raise()
}
