//! Finding bytes across seams.
//!
//! A view has [`find`](crate::View::find), `rfind`, `count` and the like for one search; a [`Finder`]
//! searches many views, or one in steps, for one needle.
//!
//! Both directions work alike. Bytes are looked at in blocks: a large fragment in place, if its memory is
//! lent; small fragments, and whatever is shared, copied to a scratch. Two neighbouring blocks have `needle -
//! 1` bytes in common, so that no match is cut, and a block is at least twice as long, so that no byte is
//! looked at more than a few times. A large hole is no block: a needle with a byte that is not zero can't lie
//! in it, and one without lies at its start.

#![forbid(unsafe_code)]

mod backward;
mod block;
mod finder;
mod forward;
mod step;

pub use backward::Backward;
pub use finder::Finder;
pub use forward::Forward;
pub use step::Step;
