//! Tape archives: POSIX.1-2008 `pax` ("ustar Interchange Format", "pax Interchange Format") and GNU tar
//! ("Basic Tar Format", "GNU Extensions", "Storing Sparse Files": old GNU and PAX 0.0, 0.1, 1.0).
//!
//! | stream | |
//! | --- | --- |
//! | `<path>` | each file; the holes of a sparse one are holes |
//!
//! The volumes of a multi-volume archive are read from a view of all of them, one after the other: a file
//! that goes on in the next volume is one stream. Links, folders and devices have no bytes, so no streams.
//! `./` and `/` at a path's start are dropped.
//!
//! Refused: headers with a wrong checksum, invalid numbers, files that go past the end, sparse maps out
//! of order or longer than their file, a volume without those before it.
//!
//! Leniently a file that is cut off ends with the archive, what lies in volumes before is a hole, and the
//! archive ends at the first header that is broken.

mod header;
mod name;
mod open;
mod pax;
mod sparse;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
