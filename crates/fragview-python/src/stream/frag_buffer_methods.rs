//! The methods of `FragBuffer`, as Python calls them.

use fragview::format::Format;
use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyTuple};

use crate::args::given::Given;
use crate::args::integer::integer;
use crate::buffers::export::BufferOwner;
use crate::error::exception::{OrRaise, exception};
use crate::error::wording::{plural, repr_of, type_name};
use crate::ops::compare;
use crate::ops::struct_cache::Packing;
use crate::runtime::critical::Section;
use crate::runtime::turns::Turns;
use crate::stream::find::find;
use crate::stream::frag_buffer::{FragBuffer, Queue, Short, shown, step, take, whole};
use crate::stream::source::{not_a_buffer, queue_of};
use crate::view::construct::buffers_of;
use crate::view::handle::FragView;
use crate::view::state::State;

#[pymethods]
impl FragBuffer {
    #[new]
    #[pyo3(signature = (source = Given::NOTHING, /), text_signature = "(source=(), /)")]
    fn py_new(py: Python<'_>, source: Given<'_>) -> PyResult<Self> {
        let mut all = Queue::new();
        let source = source.0.unwrap_or_else(|| PyTuple::empty(py).into_any());
        if let Some(mut queue) = queue_of(&source, None)? {
            all.append(&mut queue).or_raise()?;
            return Ok(Self(Section::new(all)));
        }
        let mut turns = Turns::default();
        for (index, item) in buffers_of("FragBuffer()", &source)?.enumerate() {
            turns.take(py)?;
            let item = item?;
            let mut queue =
                queue_of(&item, all.last_owner().map(|last| clone(py, last)))?.ok_or_else(|| {
                    let name = type_name(&item);
                    PyTypeError::new_err(format!(
                        "FragBuffer() item {index}: a bytes-like object is required, not '{name}'"
                    ))
                })?;
            all.append(&mut queue).or_raise()?;
        }
        Ok(Self(Section::new(all)))
    }

    /// Append the bytes of a buffer or a FragView, without a copy. Another object raises TypeError. Amortised
    /// O(1) a fragment.
    ///
    /// >>> buffer = FragBuffer(b'one')
    /// >>> buffer.append(b' string')
    /// >>> buffer.view().tobytes()
    /// b'one string'
    #[pyo3(signature = (buffer, /))]
    fn append(slf: &Bound<'_, Self>, buffer: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slf.py();
        if let Ok(bytes) = buffer.cast_exact::<PyBytes>() {
            // Most fragments of a stream are `bytes`: nothing but their owner is made.
            let owner = BufferOwner::Bytes(bytes.clone().unbind());
            return step(slf, |all| all.append_owner(owner)).or_raise();
        }
        let last = step(slf, |all| all.last_owner().map(|last| clone(py, last)));
        let mut queue = queue_of(buffer, last)?.ok_or_else(|| not_a_buffer("append()", buffer))?;
        step(slf, |all| all.append(&mut queue)).or_raise()
    }

    /// Put the bytes of a buffer or a FragView before all others, without a copy. Another object raises
    /// TypeError. Amortised O(1) a fragment.
    ///
    /// >>> buffer = FragBuffer(b'string')
    /// >>> buffer.prepend(b'one ')
    /// >>> buffer.view().tobytes()
    /// b'one string'
    #[pyo3(signature = (buffer, /))]
    fn prepend(slf: &Bound<'_, Self>, buffer: &Bound<'_, PyAny>) -> PyResult<()> {
        let mut queue = queue_of(buffer, None)?.ok_or_else(|| not_a_buffer("prepend()", buffer))?;
        step(slf, |all| all.prepend(&mut queue)).or_raise()
    }

    /// Remove the first `n` bytes and return a view of them. If there are fewer, NotEnoughDataError is raised
    /// and the buffer stays as it was. O(fragments removed).
    ///
    /// >>> buffer = FragBuffer([b'one str', b'ing'])
    /// >>> buffer.consume(8).tobytes(), len(buffer)
    /// (b'one stri', 2)
    #[pyo3(signature = (n, /))]
    fn consume(slf: &Bound<'_, Self>, n: &Bound<'_, PyAny>) -> PyResult<FragView> {
        let (py, n) = (slf.py(), count(n)?);
        let one = step(slf, |all| all.take_one_with(n, |owner| owner.clone_ref(py)));
        if let Some(memory) = one.or_raise()? {
            return State::whole(py, memory, Format::BYTE).map(FragView::new);
        }
        match take(slf, n)?.into_memory() {
            Ok(memory) => State::whole(py, memory, Format::BYTE).map(FragView::new),
            Err((error, mut taken)) => {
                // Nothing is lost: it goes back to where it was taken from.
                step(slf, |all| all.prepend(&mut taken)).or_raise()?;
                Err(exception(error))
            }
        }
    }

    /// Return a view of the first `n` bytes, by default of all; the buffer keeps them. If there are fewer,
    /// NotEnoughDataError is raised. O(fragments).
    ///
    /// >>> buffer = FragBuffer([b'one str', b'ing'])
    /// >>> buffer.peek(3).tobytes(), len(buffer)
    /// (b'one', 10)
    #[pyo3(signature = (n = None, /))]
    fn peek(slf: &Bound<'_, Self>, n: Option<&Bound<'_, PyAny>>) -> PyResult<FragView> {
        let n = n.map(count).transpose()?;
        let py = slf.py();
        let queue = step(slf, |all| {
            all.part_with(0..n.unwrap_or(all.len()), |owner| owner.clone_ref(py))
        });
        shown(py, queue.or_raise()?).map(FragView::new)
    }

    /// Return a view of all bytes; the buffer keeps them. O(fragments).
    ///
    /// >>> FragBuffer([b'one str', b'ing']).view()[4:].tobytes()
    /// b'string'
    fn view(slf: &Bound<'_, Self>) -> PyResult<FragView> {
        Self::peek(slf, None)
    }

    /// Remove the first `n` bytes. If there are fewer, NotEnoughDataError is raised and the buffer stays as
    /// it was. O(fragments removed).
    ///
    /// >>> buffer = FragBuffer([b'one str', b'ing'])
    /// >>> buffer.discard(8)
    /// >>> buffer.view().tobytes()
    /// b'ng'
    #[pyo3(signature = (n, /))]
    fn discard(slf: &Bound<'_, Self>, n: &Bound<'_, PyAny>) -> PyResult<()> {
        take(slf, count(n)?).map(drop)
    }

    /// Remove all bytes. O(fragments).
    ///
    /// >>> buffer = FragBuffer([b'one str', b'ing'])
    /// >>> buffer.clear()
    /// >>> len(buffer)
    /// 0
    fn clear(slf: &Bound<'_, Self>) {
        drop(step(slf, std::mem::take));
    }

    /// Remove the bytes of a struct from the front and return its values, as struct.unpack() does. If there
    /// are fewer bytes, NotEnoughDataError is raised; after any exception the buffer is as it was. O(bytes of
    /// the format + seams).
    ///
    /// >>> buffer = FragBuffer([b'\x00', b'\x05hello'])
    /// >>> buffer.unpack('>H'), len(buffer)
    /// ((5,), 5)
    #[pyo3(signature = (format, /))]
    fn unpack<'py>(slf: &Bound<'py, Self>, format: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let packing = Packing::of(format)?;
        let packing = packing.get();
        let size = packing.size;
        let taken = step(slf, |all| {
            let bytes = Short::copied(all, 0, size)?;
            let taken = all.split_to_with(size, |owner| owner.clone_ref(py))?;
            Ok((bytes, taken))
        });
        let (bytes, mut taken) = taken.or_raise()?;
        let values = packing.unpack_bytes(py, bytes.as_slice());
        if values.is_err() {
            // Nothing is lost: they go back to where they were taken from.
            step(slf, |all| all.prepend(&mut taken)).or_raise()?;
        }
        values
    }

    /// Return the values of a struct at `offset`, as struct.unpack_from() does; the buffer keeps the bytes.
    /// If there are fewer bytes, NotEnoughDataError is raised. O(bytes of the format + seams).
    ///
    /// >>> FragBuffer([b'id\x00', b'\x05hello']).unpack_from('>H', 2)
    /// (5,)
    #[pyo3(signature = (format, /, offset = Given::NOTHING))]
    #[pyo3(text_signature = "($self, format, /, offset=0)")]
    fn unpack_from<'py>(
        slf: &Bound<'py, Self>,
        format: &Bound<'py, PyAny>,
        offset: Given<'py>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let packing = Packing::of(format)?;
        let offset = offset.0.as_ref().map_or(Ok(0), count)?;
        let bytes = step(slf, |all| Short::copied(all, offset, packing.get().size)).or_raise()?;
        packing.get().unpack_bytes(py, bytes.as_slice())
    }

    /// Return the offset of the first occurrence of `needle` at or after `start`, or -1 if there is none, as
    /// bytes.find() does. `needle` is a buffer, a FragView or one byte as an integer. O(bytes + fragments).
    ///
    /// >>> FragBuffer([b'GET /\r', b'\n\r\n']).find(b'\r\n\r\n')
    /// 5
    #[pyo3(signature = (needle, start = None, /))]
    #[pyo3(text_signature = "($self, needle, start=0, /)")]
    fn find(
        slf: &Bound<'_, Self>,
        needle: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<isize> {
        let found = find(slf, needle, start)?;
        Ok(found.map_or(-1, usize::cast_signed))
    }

    /// Equal where the bytes are those of another FragBuffer, a FragView or a buffer, as bytearray has it.
    fn __richcmp__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
        operator: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let unequal = match operator {
            CompareOp::Eq => false,
            CompareOp::Ne => true,
            _ => return Ok(py.NotImplemented().into_bound(py)),
        };
        let right = if let Ok(other) = other.cast::<Self>() {
            if other.is(slf) {
                return Ok(PyBool::new(py, !unequal).to_owned().into_any());
            }
            whole(other)?
        } else {
            // An object that can't be exported can't be compared, such as a released view.
            match queue_of(other, None) {
                Ok(Some(queue)) => shown(py, queue)?,
                Ok(None) | Err(_) => return Ok(py.NotImplemented().into_bound(py)),
            }
        };
        let same = compare::same_items(py, &whole(slf)?, &right)?;
        Ok(PyBool::new(py, same != unequal).to_owned().into_any())
    }

    fn __len__(slf: &Bound<'_, Self>) -> usize {
        step(slf, |all| all.len())
    }

    fn __repr__(slf: &Bound<'_, Self>) -> String {
        let (bytes, fragments) = step(slf, |all| (all.len(), all.fragment_count()));
        format!(
            "<FragBuffer of {bytes} byte{} in {fragments} fragment{}, at {:p}>",
            plural(bytes),
            plural(fragments),
            slf.as_ptr()
        )
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        let Some(all) = self.0.peek(&visit) else {
            return Ok(());
        };
        all.owners().try_for_each(|owner| owner.visit(&visit))
    }

    fn __clear__(slf: &Bound<'_, Self>) {
        Self::clear(slf);
    }
}

/// A number of bytes; one over `usize::MAX` becomes that, which no buffer has.
fn count(object: &Bound<'_, PyAny>) -> PyResult<usize> {
    let number = integer(object)?;
    if number < 0 {
        return Err(PyValueError::new_err(format!(
            "a number of bytes cannot be negative: {}",
            repr_of(object)?
        )));
    }
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

fn clone(py: Python<'_>, (owner, _): (&BufferOwner, bool)) -> BufferOwner {
    owner.clone_ref(py)
}
