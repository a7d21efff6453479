//! Memory: the addresses behind a map, their owners, and all moves of bytes. Every access to an address is
//! here; `view` has `unsafe` only to call it, as the kind of memory allows.
//!
//! The rules the `unsafe` code leans on, and where each is kept:
//!
//! 1. **A fragment's bytes are valid as long as the [`Memory`] lives.** [`Builder`] takes only borrowed
//!    slices, whose lifetime is in the kind, and [`Owner`]s, which the memory keeps.
//! 2. **The kind tells what others may do with the bytes** ([`Frozen`]: others may read; [`Exclusive`]: no
//!    other access, and no two fragments share a byte; [`Shared`]: others may write at any time). References
//!    are lent for the first two only; shared bytes move through the `racy` module alone.
//! 3. **A null address is a hole**: reads give zeros, and no address is formed from it.
//! 4. **An offset is checked once, against the map**, and then added to the address of its fragment.

mod access;
mod address;
mod adopt;
mod assign;
mod builder;
pub(crate) mod c_fragments;
mod equal;
mod extents;
mod fragment;
mod index_table;
mod join;
mod kind;
mod lend;
mod lendable;
#[expect(clippy::module_inception, reason = "a file has the name of the type in it")]
mod memory;
mod owners;
mod push_window;
mod queue;
mod racy;
mod raw_slices;
mod reader;
mod readonly;
#[cfg(feature = "std")]
mod remap;
#[cfg(all(feature = "std", unix))]
mod system_calls;
mod table;
mod transfer;
mod unaligned_iter;
#[cfg(all(feature = "std", unix))]
mod vectored;
mod writable;

pub use access::Hint;
pub(crate) use address::Address;
pub use builder::{Builder, SourceIndex};
pub(crate) use equal::{Blocks, PART};
pub use extents::Source;
pub(crate) use extents::{disjoint, sealed};
pub use fragment::Fragment;
pub use kind::{Exclusive, Frozen, Kind, Many, Shared};
pub(crate) use lendable::Lendable;
pub use memory::Memory;
pub use owners::list::OwnerList;
pub use owners::owner::Owner;
pub use owners::sources::SourceExtent;
pub(crate) use queue::Queue;
pub(crate) use racy::{AHEAD, prefetch};
pub(crate) use reader::{Reader, Section};
#[cfg(feature = "std")]
pub use remap::{RemapError, RemapFault, Remapped};
pub use table::{Contiguous, ItemTable};
pub(crate) use unaligned_iter::UnalignedIter;
#[cfg(all(feature = "std", unix))]
pub(crate) use vectored::{Channel, wait};
pub(crate) use writable::Writable;
