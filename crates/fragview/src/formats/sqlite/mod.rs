//! `SQLite` databases (sqlite.org, "Database File Format": 1.3 the header, 1.6 b-tree pages, 1.7 overflow
//! pages, 2.1 the record format, 2.6 the schema, 4 the write-ahead log).
//!
//! | stream | |
//! | --- | --- |
//! | `<table>/0`… | the payload (record) of each row by its rowid, with its overflow pages; of a `WITHOUT ROWID` table, rows numbered from 0 in the order of their keys |
//! | `<table>/0/<column>` | a text or blob of 32 bytes and more, as it is in the file |
//!
//! A write-ahead log that follows the database in the same bytes (a view of both files) is seen: its
//! committed frames take the place of the database's pages.
//!
//! Refused: pages out of range or of unknown types, pages that serve twice, overflow chains that end early or
//! loop, cells past their page, rowids out of order, a file shorter than its header says.
//!
//! Leniently each table gives the rows that can be reached, and a chain that ends early the bytes before
//! that.

mod name;
mod open;
mod pages;
mod record;
mod schema;
mod table;
mod wal;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
