//! `FragFile` as a file: reads, writes, the position.

use std::sync::atomic::Ordering;

use pyo3::exceptions::{PyOverflowError, PyStopIteration, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::args::given::Size;
use crate::args::integer::{self, is_index};
use crate::error::os::unsupported;
use crate::error::wording::type_name;
use crate::io::file::{FragFile, bytes_at};
use crate::runtime::turns::Turns;
use crate::view::handle::FragView;

/// The most bytes that `peek()` returns without a size.
const PEEKED: usize = 8192;

#[pymethods]
impl FragFile {
    /// Read up to `size` bytes, by default all that are left, and return them; b'' at the end. O(bytes).
    ///
    /// >>> file = FragView([b'one str', b'ing']).open()
    /// >>> file.read(8), file.read(), file.read()
    /// (b'one stri', b'ng', b'')
    #[pyo3(signature = (size = Size::ALL, /), text_signature = "($self, size=-1, /)")]
    fn read<'py>(&self, py: Python<'py>, size: Size) -> PyResult<Bound<'py, PyBytes>> {
        self.read_bytes(py, size.0)
    }

    /// Read as read() does. O(bytes).
    ///
    /// >>> FragView([b'one str', b'ing']).open().read1(8)
    /// b'one stri'
    #[pyo3(signature = (size = Size::ALL, /), text_signature = "($self, size=-1, /)")]
    fn read1<'py>(&self, py: Python<'py>, size: Size) -> PyResult<Bound<'py, PyBytes>> {
        self.read_bytes(py, size.0)
    }

    /// Read all bytes that are left and return them. O(bytes).
    ///
    /// >>> FragView([b'one str', b'ing']).open().readall()
    /// b'one string'
    fn readall<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.read_bytes(py, None)
    }

    /// Read bytes into a writable buffer until it is full or the file ends, and return their number.
    /// O(bytes).
    ///
    /// >>> buffer = bytearray(8)
    /// >>> FragView([b'one str', b'ing']).open().readinto(buffer), buffer
    /// (8, bytearray(b'one stri'))
    #[pyo3(signature = (buffer, /))]
    fn readinto(&self, py: Python<'_>, buffer: &Bound<'_, PyAny>) -> PyResult<usize> {
        self.read_into(py, "readinto", buffer)
    }

    /// Read as readinto() does. O(bytes).
    ///
    /// >>> FragView([b'one str', b'ing']).open().readinto1(bytearray(8))
    /// 8
    #[pyo3(signature = (buffer, /))]
    fn readinto1(&self, py: Python<'_>, buffer: &Bound<'_, PyAny>) -> PyResult<usize> {
        self.read_into(py, "readinto1", buffer)
    }

    /// Read a line with its b'\n', or up to `size` bytes of it, and return it; b'' at the end. O(bytes).
    ///
    /// >>> FragView([b'one li', b'ne\ntwo']).open().readline()
    /// b'one line\n'
    #[pyo3(signature = (size = Size::ALL, /), text_signature = "($self, size=-1, /)")]
    fn readline<'py>(&self, py: Python<'py>, size: Size) -> PyResult<Bound<'py, PyBytes>> {
        self.line(py, size.0)
    }

    /// Read all lines, or lines until they have `hint` bytes together, and return them as a list. O(bytes).
    ///
    /// >>> FragView([b'one li', b'ne\ntwo']).open().readlines()
    /// [b'one line\n', b'two']
    #[pyo3(signature = (hint = None, /))]
    fn readlines<'py>(
        &self,
        py: Python<'py>,
        hint: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let enough = match hint {
            Some(hint) if !is_index(hint) => {
                let text = format!("integer argument expected, got '{}'", type_name(hint));
                return Err(PyTypeError::new_err(text));
            }
            Some(hint) => usize::try_from(integer::size(hint)?)
                .ok()
                .filter(|&enough| enough > 0),
            None => None,
        };
        let Some(enough) = enough else {
            return self.all_lines(py);
        };
        let (lines, mut turns) = (PyList::empty(py), Turns::default());
        let mut total = 0;
        loop {
            turns.take(py)?;
            let line = self.line(py, None)?;
            let length = line.as_bytes().len();
            if length == 0 {
                return Ok(lines);
            }
            lines.append(line)?;
            total += length;
            if total >= enough {
                return Ok(lines);
            }
        }
    }

    /// Return up to `size` bytes at the position, without moving it. O(bytes).
    ///
    /// >>> file = FragView([b'one str', b'ing']).open()
    /// >>> file.peek(3), file.tell()
    /// (b'one', 0)
    #[pyo3(signature = (size = Size::ALL, /), text_signature = "($self, size=0, /)")]
    fn peek<'py>(&self, py: Python<'py>, size: Size) -> PyResult<Bound<'py, PyBytes>> {
        let state = self.enter()?;
        let at = self.position.load(Ordering::Relaxed).min(state.byte_count());
        let limit = size.0.filter(|&size| size > 0).unwrap_or(PEEKED);
        bytes_at(py, &state, at, (state.byte_count() - at).min(limit))
    }

    /// Write the bytes of a buffer at the position and return their number. Bytes past the end raise
    /// BufferError; read-only memory raises io.UnsupportedOperation. Then nothing is written. O(bytes).
    ///
    /// >>> head, tail = bytearray(b'one str'), bytearray(b'ing')
    /// >>> FragView([head, tail]).open().write(b'ONE STRI'), head, tail
    /// (8, bytearray(b'ONE STR'), bytearray(b'Ing'))
    #[pyo3(signature = (data, /))]
    fn write(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<usize> {
        self.write_from(py, data)
    }

    /// Write each buffer of an iterable at the position. Each is written whole or not at all; if one fails,
    /// those before it stay written. Errors are those of write(). O(bytes).
    ///
    /// >>> head, tail = bytearray(b'one str'), bytearray(b'ing')
    /// >>> FragView([head, tail]).open().writelines([b'ONE ', b'STRI'])
    /// >>> head, tail
    /// (bytearray(b'ONE STR'), bytearray(b'Ing'))
    #[pyo3(signature = (lines, /))]
    fn writelines(&self, py: Python<'_>, lines: &Bound<'_, PyAny>) -> PyResult<()> {
        drop(self.enter()?);
        let mut turns = Turns::default();
        for line in lines.try_iter()? {
            turns.take(py)?;
            self.write_from(py, &line?)?;
        }
        Ok(())
    }

    /// Move the position to `offset` bytes from the start (`whence` 0), the position (1) or the end (2), and
    /// return it. It may lie past the end. A negative position with `whence` 0 raises ValueError. O(1).
    ///
    /// >>> FragView([b'one str', b'ing']).open().seek(-3, 2)
    /// 7
    #[pyo3(signature = (offset, whence = 0, /))]
    fn seek(&self, offset: isize, whence: i32) -> PyResult<usize> {
        let state = self.enter()?;
        let from = match whence {
            0 if offset < 0 => {
                return Err(PyValueError::new_err(format!("negative seek value {offset}")));
            }
            0 => 0,
            1 => self.position.load(Ordering::Relaxed),
            2 => state.byte_count(),
            _ => {
                return Err(PyValueError::new_err(format!(
                    "invalid whence ({whence}, should be 0, 1 or 2)"
                )));
            }
        };
        // As in BytesIO, a position before the start becomes the start.
        let position = match from.cast_signed().checked_add(offset) {
            Some(position) => usize::try_from(position).unwrap_or(0),
            None => return Err(PyOverflowError::new_err("new position too large")),
        };
        self.position.store(position, Ordering::Relaxed);
        Ok(position)
    }

    /// Return the position, in bytes from the start. O(1).
    ///
    /// >>> file = FragView([b'one str', b'ing']).open()
    /// >>> file.read(8), file.tell()
    /// (b'one stri', 8)
    fn tell(&self) -> PyResult<usize> {
        self.enter()?;
        Ok(self.position.load(Ordering::Relaxed))
    }

    /// Return a copy of all bytes of the file. O(bytes).
    ///
    /// >>> FragView([b'one str', b'ing']).open().getvalue()
    /// b'one string'
    fn getvalue<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let state = self.enter()?;
        bytes_at(py, &state, 0, state.byte_count())
    }

    /// Return a FragView of all bytes of the file: the same memory, without a copy. O(1).
    ///
    /// >>> FragView([b'one str', b'ing']).open().view()[4:].tobytes()
    /// b'string'
    pub(super) fn view(&self, py: Python<'_>) -> PyResult<FragView> {
        Ok(FragView::new(self.enter()?.duplicate(py)))
    }

    /// Raise io.UnsupportedOperation, because the size is fixed.
    ///
    /// >>> FragView(b'one').open().truncate()
    /// Traceback (most recent call last):
    /// io.UnsupportedOperation: truncate...
    #[pyo3(signature = (size = None, /))]
    fn truncate(&self, py: Python<'_>, size: Option<&Bound<'_, PyAny>>) -> PyResult<usize> {
        let _ = size;
        self.enter()?;
        Err(unsupported(py, "truncate: the size of a view is fixed"))
    }

    /// Raise io.UnsupportedOperation, because there is no raw file.
    ///
    /// >>> FragView(b'one').open().detach()
    /// Traceback (most recent call last):
    /// io.UnsupportedOperation: detach...
    #[expect(clippy::unused_self, reason = "a method to Python")]
    fn detach(&self, py: Python<'_>) -> PyResult<()> {
        Err(unsupported(py, "detach"))
    }

    /// Raise io.UnsupportedOperation, because memory has no descriptor.
    ///
    /// >>> FragView(b'one').open().fileno()
    /// Traceback (most recent call last):
    /// io.UnsupportedOperation: fileno...
    fn fileno(&self, py: Python<'_>) -> PyResult<i32> {
        self.enter()?;
        Err(unsupported(py, "fileno"))
    }

    /// Return False. A closed file raises ValueError. O(1).
    ///
    /// >>> FragView(b'one').open().isatty()
    /// False
    fn isatty(&self) -> PyResult<bool> {
        self.enter()?;
        Ok(false)
    }

    /// Return True. A closed file raises ValueError. O(1).
    ///
    /// >>> FragView(b'one').open().readable()
    /// True
    fn readable(&self) -> PyResult<bool> {
        self.enter()?;
        Ok(true)
    }

    /// Return True. A closed file raises ValueError. O(1).
    ///
    /// >>> FragView(b'one').open().seekable()
    /// True
    fn seekable(&self) -> PyResult<bool> {
        self.enter()?;
        Ok(true)
    }

    /// Return whether any byte of the file is writable. A closed file raises ValueError. O(fragments).
    ///
    /// >>> FragView(b'one').open().writable(), FragView(bytearray(b'one')).open().writable()
    /// (False, True)
    fn writable(&self) -> PyResult<bool> {
        Ok(!self.enter()?.is_wholly_readonly())
    }

    /// Do nothing, because a write is in the memory at once. A closed file raises ValueError. O(1).
    ///
    /// >>> FragView(b'one').open().flush()
    fn flush(&self) -> PyResult<()> {
        self.enter()?;
        Ok(())
    }

    fn __iter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().enter()?;
        Ok(slf)
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let line = self.line(py, None)?;
        if line.as_bytes().is_empty() {
            return Err(PyStopIteration::new_err(()));
        }
        Ok(line)
    }
}
