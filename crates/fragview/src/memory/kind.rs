//! The three kinds of memory: frozen, exclusive, shared.

use core::marker::PhantomData;
use core::sync::atomic::AtomicU8;

/// A kind of memory: [`Frozen`], [`Exclusive`] or [`Shared`]. The trait is sealed.
pub trait Kind: sealed::Sealed + Send + Sync {
    /// True if others may write at any time, so that bytes move by racy primitives only.
    #[doc(hidden)]
    const RACY: bool;
}

/// A kind of which there may be many views on the same bytes, and the same bytes many times in a view.
pub trait Many: Kind {}

/// The memory does not change while the view lives, so it lends `&[u8]`: `&[u8]`, `bytes::Bytes`.
#[derive(Clone, Copy, Debug)]
pub struct Frozen<'a>(PhantomData<&'a [u8]>);

/// Only the view accesses the memory while it lives, so it lends `&mut [u8]`: `&mut [u8]`.
#[derive(Debug)]
pub struct Exclusive<'a>(PhantomData<&'a mut [u8]>);

/// Others may write the memory at any time, so it lends no reference: a Python buffer, a shared mapping of a
/// file.
///
/// Reading while another thread writes gives some mix of old and new bytes, never anything worse.
#[derive(Clone, Copy, Debug)]
pub struct Shared<'a>(PhantomData<&'a [AtomicU8]>);

impl Kind for Frozen<'_> {
    const RACY: bool = false;
}

impl Many for Frozen<'_> {}
impl Many for Shared<'_> {}

impl Kind for Exclusive<'_> {
    const RACY: bool = false;
}

impl Kind for Shared<'_> {
    const RACY: bool = true;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Frozen<'_> {}
    impl Sealed for super::Exclusive<'_> {}
    impl Sealed for super::Shared<'_> {}
}
