//! FAT file systems: FAT12, FAT16 and FAT32 ("FAT: General Overview of On-Disk Format" 1.03: "Boot Sector and
//! BPB", "FAT Type Determination", "FAT Directory Structure", "FAT Long Directory Entries") and exFAT ("exFAT
//! File System Specification": 3 the boot region, 4 the FAT, 6 and 7 directory entries).
//!
//! | stream | |
//! | --- | --- |
//! | `<path>` | each file, by its long name if it has one; the part of an exFAT file that was never written is a hole |
//!
//! Deleted files and volumes' labels are passed over. A name's letters that are not ASCII are read as code
//! page 437 if there is no long name.
//!
//! Refused: invalid boot sectors, chains that loop, end early, leave the volume or share clusters,
//! folders that loop. Leniently a file ends with its chain, and such a folder has no files.

mod boot;
mod entries;
mod exfat;
mod name;
mod names;
mod open;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
