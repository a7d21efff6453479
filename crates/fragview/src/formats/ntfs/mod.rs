//! NTFS volumes (there is no specification by Microsoft; the names are those of the Linux-NTFS project's
//! "NTFS Documentation": "Boot", "File Record", "Fixup", "Attributes", "Data Runs", "`$ATTRIBUTE_LIST`",
//! "`$FILE_NAME`").
//!
//! | stream | |
//! | --- | --- |
//! | `<path>` | each file in use, by its long names; sparse ranges, and those never written, are holes |
//! | `<path>:<stream>` | each named data stream |
//! | `<path>.lznt1`, `<path>.efs` | one that is compressed, or encrypted, as it lies in its clusters |
//!
//! Data in a file's record are seen where the update sequence has moved bytes away. Runs in several records
//! are joined by the attribute list. A file with several names is one stream and its aliases. Deleted files
//! are passed over; the journal is not replayed.
//!
//! Refused: invalid boot sectors, torn records, runs past the end or that end early,
//! folders that loop or are not there, records of other files. Leniently such files end there, or are passed
//! over.

mod attribute;
mod data;
mod folders;
mod name;
mod open;
mod record;
mod table;
mod volume;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
