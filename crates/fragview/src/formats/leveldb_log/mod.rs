//! `LevelDB` log (write-ahead log and manifest) and `RocksDB` WAL: blocks of 32 KiB of physical records
//! (`LevelDB`'s `doc/log_format.md`; `RocksDB`'s wiki, "Write Ahead Log File Format", and `db/log_format.h`).
//!
//! A physical record is a masked CRC-32C, a length of 16 bits, a type, and its part of a logical record: all
//! of it (FULL), or its FIRST, a MIDDLE or its LAST part. `RocksDB`'s recyclable types have the number of the
//! log after the type: where another number comes, an older log's bytes begin, and the log is at its end.
//! What is left of a block and too small for a header is padding. Zeros up to a block's end are memory that
//! was reserved and never written.
//!
//! | stream | |
//! | --- | --- |
//! | `all_records_joined` | all logical records |
//! | `record[0]`, `record[1]`… | each logical record |
//! | `values_joined` | if each record is a batch of writes: the values that they put, joined |
//!
//! A last record that is cut off is left out: a writer that died leaves it, and `LevelDB`'s own reader takes
//! it for the end.
//!
//! Refused: a type that is not known, a compressed WAL, a record past its block, a part of a record without
//! those before or after it. A lenient reading goes on with the next block. `RocksDB`'s records about the log
//! itself (timestamp sizes, the log before) are passed over.

mod log;
mod open;
mod write_batch;

pub(crate) use open::{NAME, detect};
pub use open::{open, verify};
