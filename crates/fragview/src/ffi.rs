//! Fragments for code in other languages: a C struct, its reader, and the views on both sides.
//!
//! [`CFragments`] is `struct fragview_fragments` of the header `fragview.h`. It says where the fragments of a
//! view lie, as an array that is laid out as POSIX's `struct iovec`, and keeps them valid until it is
//! released. The rules of ownership are those of Arrow's C data interface. This module needs neither Python
//! nor `std`.
//!
//! ```
//! use fragview::SharedView;
//! use fragview::ffi::ForeignFragments;
//! use std::sync::atomic::AtomicU8;
//!
//! static MEMORY: [AtomicU8; 4] = [const { AtomicU8::new(7) }; 4];
//!
//! let view = SharedView::from_atomics([&MEMORY[..1], &MEMORY[2..]])?;
//! let mut fragments = view.to_c_fragments()?; // for a function of C
//!
//! // The other side takes it, and sees the same memory.
//! // SAFETY: the struct is one of a view of static memory.
//! let foreign = unsafe { ForeignFragments::take(&raw mut fragments) }?;
//! assert!(fragments.release.is_none()); // taken
//! assert_eq!(foreign.fragments().len(), 2);
//! let same = foreign.into_view()?;
//! same.set(1, 8)?;
//! assert_eq!(view.to_vec()?, [7, 8, 7]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub use crate::memory::c_fragments::{
    CFragments, ForeignError, ForeignFragments, ForeignOwner, IoVec, VERSION,
};
pub use crate::view::ForeignView;
