//! Bytes in views of bytes: `find`, `startswith` and the like.

use pyo3::prelude::*;

use crate::args::index::End;
use crate::search::bytes;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// Where `sub` begins first in `start:stop`, seams or not; -1 where it is not there, as bytes.find() has it.
    ///
    /// `sub` is bytes, any other buffer, a FragView, or one byte as an integer; the view is one of bytes. Nothing is
    /// joined. O(bytes + fragments), whatever the bytes; a hole costs nothing.
    ///
    /// >>> FragView([b'one str', b'ing, two str', b'ings']).find(b'string')
    /// 4
    #[pyo3(signature = (sub, start = None, stop = None, /))]
    fn find(
        slf: &Bound<'_, Self>,
        sub: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<isize> {
        bytes::find(slf, sub, start, stop, End::First)
    }

    /// Where `sub` begins last in `start:stop`; -1 where it is not there, as bytes.rfind() has it. As find().
    ///
    /// >>> FragView([b'one str', b'ing, two str', b'ings']).rfind(b'string')
    /// 16
    #[pyo3(signature = (sub, start = None, stop = None, /))]
    fn rfind(
        slf: &Bound<'_, Self>,
        sub: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<isize> {
        bytes::find(slf, sub, start, stop, End::Last)
    }

    /// True where `start:stop` of the view begins with `prefix`, a buffer, a FragView or a tuple of them, as
    /// bytes.startswith() has it. O(bytes of the prefix + fragments of them).
    ///
    /// >>> FragView([b'GI', b'F89a']).startswith((b'GIF87a', b'GIF89a'))
    /// True
    #[pyo3(signature = (prefix, start = None, stop = None, /))]
    fn startswith(
        slf: &Bound<'_, Self>,
        prefix: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        bytes::is_at_end(slf, prefix, start, stop, End::First)
    }

    /// True where `start:stop` of the view ends with `suffix`, a buffer, a FragView or a tuple of them, as
    /// bytes.endswith() has it. O(bytes of the suffix + fragments of them).
    ///
    /// >>> FragView([b'one str', b'ing']).endswith(b'string')
    /// True
    #[pyo3(signature = (suffix, start = None, stop = None, /))]
    fn endswith(
        slf: &Bound<'_, Self>,
        suffix: &Bound<'_, PyAny>,
        start: Option<&Bound<'_, PyAny>>,
        stop: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        bytes::is_at_end(slf, suffix, start, stop, End::Last)
    }
}
