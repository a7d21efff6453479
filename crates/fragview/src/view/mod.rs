//! Views: windows on a memory.

mod blocks;
mod build;
mod c_fragments;
mod compare;
mod edit;
mod extents;
mod hex;
mod items;
mod lend;
mod locate;
mod memory_ref;
#[cfg(feature = "std")]
mod remap;
#[expect(
    unsafe_code,
    reason = "the kind of a view gives rights that its memory can't know of"
)]
mod rights;
mod search;
mod slice;
mod splice;
#[expect(clippy::module_inception, reason = "a file has the name of the type in it")]
mod view;

pub use blocks::{Block, Blocks};
pub use c_fragments::ForeignView;
pub use compare::{ItemComparison, equal_items};
pub use items::Items;
pub use memory_ref::MemoryRef;
#[cfg(feature = "std")]
pub use remap::RemappedView;
pub use view::{ExclusiveView, FrozenView, SharedView, Untyped, View};
