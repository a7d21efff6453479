//! References to a memory: `Arc` or `&`.

use alloc::sync::Arc;

use crate::memory::{Kind, Memory, Owner};

/// A view's reference to its memory: `Arc<Memory<…>>` or `&Memory<…>`. The trait is sealed: a view checks
/// against the memory once and relies on getting the same one ever after.
pub trait MemoryRef: sealed::Sealed {
    /// The memory's kind.
    type Kind: Kind;
    /// The owners of the memory.
    type Owner: Owner;

    /// The memory. O(1).
    fn memory(&self) -> &Memory<Self::Kind, Self::Owner>;
}

impl<K: Kind, O: Owner> MemoryRef for Arc<Memory<K, O>> {
    type Kind = K;
    type Owner = O;

    #[inline]
    fn memory(&self) -> &Memory<K, O> {
        self
    }
}

impl<K: Kind, O: Owner> MemoryRef for &Memory<K, O> {
    type Kind = K;
    type Owner = O;

    #[inline]
    fn memory(&self) -> &Memory<K, O> {
        self
    }
}

mod sealed {
    use super::{Arc, Memory};

    pub trait Sealed {}
    impl<K, O> Sealed for Arc<Memory<K, O>> {}
    impl<K, O> Sealed for &Memory<K, O> {}
}
