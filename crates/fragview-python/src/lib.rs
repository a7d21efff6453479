//! The Python binding of `fragview`: it translates arguments, results and errors, and nothing else.
//!
//! Each folder is one subject; they stand bottom to top below, and a file uses its own folder and those
//! before it. The class `FragView` is in `view::handle`, its methods are in `frag_view`. Unsafe code is
//! denied but in the files that allow it, which docs/ARCHITECTURE.md lists.

#![deny(unsafe_code)]
#![allow(clippy::doc_markdown, reason = "these are Python's docstrings")]
#![allow(
    clippy::doc_link_with_quotes,
    reason = "these are Python's docstrings, with examples"
)]
#![allow(clippy::needless_pass_by_value, reason = "the macros pass arguments by value")]

mod args;
mod buffer_slots;
mod buffers;
mod error;
mod frag_view;
mod interop;
mod io;
mod items;
mod ops;
mod records;
mod runtime;
mod search;
mod stream;
mod view;

/// The extension module `fragview._fragview`.
#[pyo3::pymodule(gil_used = false)]
mod _fragview {
    #[pymodule_export]
    use crate::interop::gather::Gather;
    #[pymodule_export]
    use crate::interop::pickle::rebuild::rebuild_view;
    #[pymodule_export]
    use crate::interop::segments::Segments;
    #[pymodule_export]
    use crate::io::file::FragFile;
    #[pymodule_export]
    use crate::io::file_lifetime::reopen_file;
    #[pymodule_export]
    use crate::ops::extents::ExtentRows;
    #[pymodule_export]
    use crate::ops::fragments::FragmentList;
    #[pymodule_export]
    use crate::records::formats::{backing_format, format_names, open_format};
    #[pymodule_export]
    use crate::records::layout::RecordLayout;
    #[pymodule_export]
    use crate::records::record::Record;
    #[pymodule_export]
    use crate::records::streams::Streams;
    #[pymodule_export]
    use crate::records::table::RecordTable;
    #[pymodule_export]
    use crate::search::match_::Match;
    #[pymodule_export]
    use crate::search::pattern::{Pattern, compile_pattern};
    #[pymodule_export]
    use crate::stream::frag_buffer::FragBuffer;
    #[pymodule_export]
    use crate::view::handle::FragView;

    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        use pyo3::types::{PyModuleMethods, PyType};

        let py = module.py();
        crate::runtime::startup::only_one(py)?;
        for (_, class) in module.dict() {
            if let Ok(class) = class.cast::<PyType>() {
                crate::runtime::lengths::in_both_slots(class)?;
            }
        }
        #[cfg(all(Py_GIL_DISABLED, Py_3_14))]
        crate::runtime::startup::make_immortal(&[
            py.get_type::<FragView>(),
            py.get_type::<Match>(),
            py.get_type::<Record>(),
        ]);
        Ok(())
    }
}
