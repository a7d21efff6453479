//! Records one after the other: a header with the length of the content, the content, a trailer.
//!
//! A [`RecordLayout`] describes the records of a format, by a format string of the `struct` module. A scan of
//! [`Bytes`](crate::Bytes) gives a [`RecordTable`]: the place of each record and the values of its header.
//! Only headers are read.
//!
//! ```
//! use fragview::{View, records::RecordLayout};
//!
//! // PNG chunks: length, type, content, CRC (PNG specification, 5.3).
//! let layout = RecordLayout::new(">I4s", &["length", "type"])?.trailer(4).until("type", b"IEND")?;
//! let file = b"\0\0\0\x03IDATabccrc!\0\0\0\x02IDATdecrc!\0\0\0\0IENDcrc!rest";
//! let table = layout.scan(file, ..)?;
//! assert_eq!(table.len(), 3);
//! let data = table.filter(|record| record.bytes("type") == Some(&b"IDAT"[..]))?;
//! assert_eq!(View::from_extents(file, data.join()?)?, b"abcde");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
// A file sizes memory here: it is asked for with `try_reserve`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_macros))]

#[cfg(feature = "arrow")]
mod arrow;
mod batch;
mod column;
mod conditions;
mod encode;
mod error;
mod layout;
mod length;
mod pack;
mod places;
mod record;
mod scan;
mod select;
mod table;

pub use column::Column;
pub use error::{LayoutError, PackIntoError, RecordError, RecordFault, TrimError, Unexpected};
pub use layout::RecordLayout;
pub use record::{FieldValue, Record};
pub use select::Group;
pub use table::RecordTable;
