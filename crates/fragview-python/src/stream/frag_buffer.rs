//! The class `FragBuffer`: bytes of a stream, appended as they arrive, taken as views.
//!
//! Under the lock, fragments move and nothing else happens. Views are made, and references dropped, outside
//! of it.

use fragview::Error;
use fragview::format::Format;
use fragview::memory::Shared;
use pyo3::prelude::*;

use crate::buffers::export::BufferOwner;
use crate::error::exception::{OrRaise, exception};
use crate::runtime::critical::Section;
use crate::view::state::State;

/// Fragments that Python objects own.
pub(super) type Queue = fragview::FragBuffer<Shared<'static>, BufferOwner>;

/// A queue of bytes that lie in fragments: append buffers as they arrive, and take views from the front. No
/// byte moves.
///
/// `FragBuffer(source)` takes the arguments of FragView(); items of any format are bytes here. A method that
/// needs more bytes than there are raises NotEnoughDataError, and the buffer is unchanged. A source is held
/// until its bytes are consumed and no view shows them.
///
/// >>> from fragview import FragBuffer
/// >>> buffer = FragBuffer([b'\x00\x05he', b'll'])
/// >>> buffer.append(b'o!')
/// >>> (length,) = buffer.unpack('>H')
/// >>> buffer.consume(length).tobytes(), len(buffer)
/// (b'hello', 1)
#[pyclass(frozen, weakref, module = "fragview")]
pub(crate) struct FragBuffer(pub(super) Section<Queue>);

/// A step on the buffer's fragments. The steps below move fragments, read bytes, and clone owners with the
/// interpreter at hand; none runs Python code.
pub(super) fn step<R>(buffer: &Bound<'_, FragBuffer>, step: impl FnOnce(&mut Queue) -> R) -> R {
    Section::step(buffer, |buffer| &buffer.0, step)
}

/// Takes bytes from the front; to be dropped, or shown, outside of a step.
pub(super) fn take(buffer: &Bound<'_, FragBuffer>, count: usize) -> PyResult<Queue> {
    let py = buffer.py();
    step(buffer, |all| {
        all.split_to_with(count, |owner| owner.clone_ref(py))
    })
    .or_raise()
}

/// Copies of up to this size lie on the stack.
const SHORT: usize = 64;

/// A copy of a range of the bytes, on the stack if it is short.
pub(super) enum Short {
    Stack([u8; SHORT], usize),
    Heap(Vec<u8>),
}

impl Short {
    pub(super) fn copied(all: &Queue, offset: usize, size: usize) -> Result<Self, Error> {
        let mut bytes = [0; SHORT];
        match bytes.get_mut(..size) {
            Some(target) => all
                .copy_to_slice(offset, target)
                .map(|()| Self::Stack(bytes, size)),
            None => copied(all, offset, size).map(Self::Heap),
        }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Stack(bytes, size) => bytes.get(..*size).unwrap_or(bytes),
            Self::Heap(bytes) => bytes,
        }
    }
}

/// A copy of a range of the bytes.
pub(super) fn copied(all: &Queue, offset: usize, size: usize) -> Result<Vec<u8>, Error> {
    all.check(offset.saturating_add(size))?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| Error::OutOfMemory)?;
    bytes.resize(size, 0);
    all.copy_to_slice(offset, &mut bytes)?;
    Ok(bytes)
}

/// A view of bytes that were taken out, or of another view's.
pub(super) fn shown(py: Python<'_>, queue: Queue) -> PyResult<State> {
    let memory = queue.into_memory();
    let memory = memory.map_err(|(error, _)| exception(error))?;
    State::whole(py, memory, Format::BYTE)
}

/// A view of all bytes of a buffer, which stay there.
pub(super) fn whole(buffer: &Bound<'_, FragBuffer>) -> PyResult<State> {
    let py = buffer.py();
    let queue = step(buffer, |all| {
        all.part_with(0..all.len(), |owner| owner.clone_ref(py))
    });
    shown(py, queue.or_raise()?)
}
