//! The Python face of `fragview`: it translates, and does nothing else.
//!
//! `view` is the class; beside it one concept a file. Memory that Python objects own comes in through `export`, and
//! goes out again through `buffer`. Those two, `gate`, `section`, `detached` and `iterator` hold most of this crate's `unsafe`;
//! elsewhere it is a call into C, or a short look through the gate.

#![allow(clippy::doc_markdown, reason = "these are Python's docstrings")]
#![allow(clippy::needless_pass_by_value, reason = "the macros pass arguments by value")]

mod arguments;
mod arrow;
mod assign;
mod buffer;
mod cast;
mod column;
mod compare;
#[cfg(unix)]
mod descriptor;
mod detached;
mod edit;
mod endpoint;
mod error_class;
mod errors;
mod export;
mod extents;
mod file;
mod file_class;
mod formats;
mod found;
mod frag_buffer;
mod fragments;
mod gate;
mod gather;
#[cfg(Py_GIL_DISABLED)]
mod hazard;
mod held;
#[cfg(all(Py_GIL_DISABLED, Py_3_14))]
mod immortal;
mod input;
mod interpreter;
mod item;
mod iterator;
mod key;
mod layout;
mod lookup;
mod numbers;
mod numpy;
mod packing;
mod pattern;
mod pick;
mod pickle;
mod quick;
mod record;
mod record_equal;
mod search;
mod section;
mod source;
mod state;
mod structs;
mod table;
#[cfg(unix)]
mod through;
mod transfer;
mod value;
mod view;
mod watched;
#[cfg(not(unix))]
mod without_descriptors;
mod words;
mod zeros;

/// The extension module `fragview._fragview`.
#[pyo3::pymodule(gil_used = false)]
mod _fragview {
    #[pymodule_export]
    use crate::extents::Extents;
    #[pymodule_export]
    use crate::file::FragFile;
    #[pymodule_export]
    use crate::file_class::reopen_file;
    #[pymodule_export]
    use crate::formats::{format_names, open_format};
    #[pymodule_export]
    use crate::found::Match;
    #[pymodule_export]
    use crate::frag_buffer::FragBuffer;
    #[pymodule_export]
    use crate::fragments::Fragments;
    #[pymodule_export]
    use crate::gather::Gather;
    #[pymodule_export]
    use crate::layout::RecordLayout;
    #[pymodule_export]
    use crate::pattern::{Pattern, compile_pattern};
    #[pymodule_export]
    use crate::pickle::rebuild_view;
    #[pymodule_export]
    use crate::record::Record;
    #[pymodule_export]
    use crate::table::RecordTable;
    #[pymodule_export]
    use crate::view::FragView;

    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init(py: pyo3::Python<'_>) -> pyo3::PyResult<()> {
        crate::interpreter::only_one(py)?;
        #[cfg(all(Py_GIL_DISABLED, Py_3_14))]
        crate::immortal::classes(py);
        Ok(())
    }
}
