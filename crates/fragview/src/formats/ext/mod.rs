//! Linux's file systems ext2, ext3 and ext4 (the kernel's "ext4 Data Structures and Algorithms": "Super
//! Block", "Block Group Descriptors", "Index Nodes", "The Contents of `inode.i_block`", "Directory Entries").
//!
//! | stream | |
//! | --- | --- |
//! | `<path>` | each file; blocks that are not there, or were never written, are holes |
//!
//! Blocks are found by extents, by the older maps of direct and indirect blocks, or in the inode itself. A
//! file with several names is one stream and its aliases. Links, devices and deleted files have no streams.
//! The journal is not replayed: a volume that was not unmounted is read as it is.
//!
//! Refused: invalid superblocks, features that change where data lie and are not known, inodes and
//! blocks out of range, extent trees that loop or are out of order, folders with broken entries or that loop.
//! Leniently a file ends at its fault, and a folder too. The stream of an encrypted file is the ciphertext.

mod blocks;
mod folder;
mod inode;
mod name;
mod open;
mod volume;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
