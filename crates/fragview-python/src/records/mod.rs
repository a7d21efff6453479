//! Tables of records, and the containers of `fragview.formats`.
//!
//! Uses `interop` and the folders below it.

pub(crate) mod arrow;
mod arrow_stream;
pub(crate) mod column;
mod contents;
pub(crate) mod formats;
pub(crate) mod layout;
mod pack;
pub(crate) mod record;
pub(crate) mod record_equal;
pub(crate) mod selection;
pub(crate) mod streams;
pub(crate) mod table;
mod table_arguments;
mod table_display;
mod table_methods;
pub(crate) mod value;
