//! Apache Parquet: format 2.11 (`README.md` "File format", `parquet.thrift`), Thrift's compact protocol.
//!
//! | stream | |
//! | --- | --- |
//! | `<column>` | the bodies of a column's data pages in all row groups, joined |
//! | `<column>.page[0]`… | the body of each: levels and values, as the column's codec and encoding have them |
//! | `<column>.dictionary[0]`… | the body of each dictionary page |
//!
//! A column is its path in the schema with slashes, as `list/element`. `verify` checks the CRC of the pages
//! that have one.
//!
//! Refused: metadata that is not Thrift, or names no columns, row groups whose columns differ from the first
//! one's, columns in other files or encrypted, pages that do not fill their column's chunk. A lenient reading
//! takes the pages up to the fault, and passes over up to 64 KiB of bytes behind the end. Of a file whose
//! metadata are lost it takes the pages from the start up to what is none, as `page[0]`… and
//! `dictionary[0]`….

mod footer;
mod name;
mod open;
mod pages;
mod thrift;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::{open, verify};
