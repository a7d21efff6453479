//! OLE compound files: [MS-CFB] versions 3 and 4, as in `.doc`, `.ppt`, `.msg` and `.xls`.
//!
//! A compound file is a file system in a file: sectors in chains (2.3, the FAT), a directory tree (2.6), and
//! a stream of small sectors for streams under 4096 bytes (2.4, the mini FAT). Each stream object is a
//! stream, named by its path: `Data Object Store 000001/ICC Profile 0001`; siblings come in the order of the
//! directory's tree.
//!
//! Refused: another version, sector size or byte order; a chain that loops, ends early, leaves the file or
//! shares a sector with another; a directory tree with a loop; paths that together are longer than 4 times
//! the file; any truncated part.
//!
//! A lenient reading ends a stream where its chain does, or where its size says, whatever the chain does
//! then; it passes over invalid entries of the directory, and reads the tables as far as they go.

mod directory;
mod fault;
mod open;
mod sectors;

pub use open::open;
pub(crate) use open::{NAME, detect};
