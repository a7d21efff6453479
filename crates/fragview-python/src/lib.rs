//! The Python face of `fragview`: it translates, and does nothing else.
//!
//! `view` is the class; beside it one concept a file. Memory that Python objects own comes in through `export`, and
//! goes out again through `buffer`; those two and `gate` hold the `unsafe` of this crate.

#![allow(clippy::doc_markdown, reason = "these are Python's docstrings")]
#![allow(clippy::needless_pass_by_value, reason = "the macros pass arguments by value")]

mod arguments;
mod assign;
mod buffer;
mod cast;
mod compare;
mod errors;
mod export;
mod extents;
mod fragments;
mod gate;
mod gather;
mod input;
mod item;
mod iterator;
mod key;
mod lookup;
mod source;
mod state;
mod structs;
mod view;

/// The extension module `fragview._fragview`.
#[pyo3::pymodule(gil_used = false)]
mod _fragview {
    #[pymodule_export]
    use crate::extents::Extents;
    #[pymodule_export]
    use crate::fragments::Fragments;
    #[pymodule_export]
    use crate::gather::Gather;
    #[pymodule_export]
    use crate::view::FragView;

    #[pymodule_export]
    #[allow(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
