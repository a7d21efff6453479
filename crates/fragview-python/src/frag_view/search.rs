//! Search for bytes: `find`, `rfind`, `startswith`, `endswith`.

use pyo3::prelude::*;

use crate::args::index::End;
use crate::search::bytes;
use crate::view::handle::FragView;

#[pymethods]
impl FragView {
    /// Return the offset of the first occurrence of `sub` in `start:stop`, or -1 if there is none, as
    /// bytes.find() does.
    ///
    /// `sub` is any buffer, a FragView, or one byte as an integer. The view must have a byte format, else
    /// TypeError is raised. Occurrences across seams count, and nothing is joined. O(bytes + fragments),
    /// whatever the bytes; a hole costs nothing.
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

    /// Return the offset of the last occurrence of `sub` in `start:stop`, or -1 if there is none, as
    /// bytes.rfind() does. Arguments, errors and cost are those of find().
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

    /// Return whether `start:stop` of the view begins with `prefix`: a buffer, a FragView or a tuple of them,
    /// as bytes.startswith() does. O(bytes of the prefix + fragments of them).
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

    /// Return whether `start:stop` of the view ends with `suffix`: a buffer, a FragView or a tuple of them,
    /// as bytes.endswith() does. O(bytes of the suffix + fragments of them).
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
