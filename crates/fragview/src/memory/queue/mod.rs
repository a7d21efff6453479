//! A queue of fragments that grows and shrinks at both ends: the memory of a
//! [`FragBuffer`](crate::FragBuffer).
//!
//! Foreign code runs in here: an owner's `clone` and `drop`, and closures. It may panic, and a closure may
//! return an owner of other memory. So each change has this order: call the foreign code and check its
//! result, reserve room, change the queue, drop the rest.

mod convert;
mod owned_fragment;
#[expect(clippy::module_inception, reason = "a file has the name of the type in it")]
mod queue;
mod read;
mod take;

pub(crate) use queue::Queue;
