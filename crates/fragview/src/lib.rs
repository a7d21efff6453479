//! Fragmented memory as one contiguous-looking array, without a copy.
//!
//! Three types are the heart of it:
//!
//! - a [`Memory`](memory::Memory) holds fragments: where each begins on one line of offsets, and at which
//!   address;
//! - a [`View`] is a window on a memory: an array of items that is indexed, sliced in O(1), reversed, cast,
//!   read and written as if the memory were contiguous;
//! - a [`Builder`](memory::Builder) lays fragments end to end and makes a memory of them.
//!
//! For streams there is a [`FragBuffer`]: fragments are appended as they arrive, views are taken from the
//! front.
//!
//! The kind of a view's memory is in its type, and decides what the view may do: [`Frozen`](memory::Frozen)
//! memory (`&[u8]`, `bytes::Bytes`) lends `&[u8]`, [`Exclusive`](memory::Exclusive) memory (`&mut [u8]`)
//! lends `&mut [u8]`, and [`Shared`](memory::Shared) memory, which others may write at any time, lends
//! nothing and moves bytes.
//!
//! ```
//! use fragview::FrozenView;
//!
//! let view = FrozenView::from_slices([&b"one str"[..], b"ing, t", b"", b"wo words"])?;
//! assert_eq!(view.len(), 21);
//! assert_eq!(view.get(7), Some(b'i'));
//! let word = view.slice(4..10)?; // O(1), across a seam
//! assert_eq!(word, b"string");
//! assert_eq!(word.reversed().to_vec()?, b"gnirts");
//! assert_eq!(view.read_at::<[u8; 3]>(6), Some(*b"rin"));
//! # Ok::<(), fragview::Error>(())
//! ```
//!
//! [`records`] and [`formats`] read files whose structures are spread over many records. They return extents,
//! as [`geometry::Extents`], and [`View::from_extents`] shows them: in borrowed bytes, in an owner's, in
//! another view. A format of your own:
//!
//! ```
//! use fragview::{View, records::RecordLayout};
//!
//! // Records of a length, the number of a channel, and some bytes of that channel.
//! let mut file = b"\x04\x01one \x02\x02ei\x03\x01str\x03\x02ght\x03\x01ing".to_vec();
//! let layout = RecordLayout::new("<BB", &["length", "channel"])?;
//! let table = layout.scan(&file, ..)?;
//! let first = table.filter(|record| record.number("channel") == Some(1))?.join()?;
//! assert_eq!(View::from_extents(&file, &first)?, b"one string");
//! // The same extents, to write to.
//! View::from_extents(&mut file, &first)?.copy_from_slice(b"two knots!")?;
//! assert_eq!(file, b"\x04\x01two \x02\x02ei\x03\x01kno\x03\x02ght\x03\x01ts!");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod buffer;
mod bytes;
mod error;
pub mod ffi;
pub mod format;
pub mod formats;
pub mod geometry;
mod interrupt;
pub mod io;
#[allow(
    unsafe_code,
    reason = "addresses and the bytes behind them; its first lines say what the code leans on"
)]
pub mod memory;
pub mod records;
#[cfg(feature = "regex")]
pub mod regex;
pub mod search;
mod view;

pub use buffer::FragBuffer;
pub use bytes::{Bytes, Within, array};
pub use error::Error;
pub use interrupt::Interrupt;
#[cfg(feature = "std")]
pub use view::RemappedView;
pub use view::{
    Block, Blocks, ExclusiveView, FrozenView, ItemComparison, Items, MemoryRef, SharedView, Untyped, View,
    equal_items,
};

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/edits.md")]
struct Edits;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/files.md")]
struct Files;

#[cfg(doctest)]
#[doc = include_str!("../tests/aliasing.md")]
struct Aliasing;

#[cfg(doctest)]
#[doc = include_str!("../tests/bounds.md")]
struct Bounds;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/search.md")]
struct Search;
