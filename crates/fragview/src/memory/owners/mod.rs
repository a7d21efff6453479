//! Owners: the objects that keep memory valid, in lists that memories share.

mod compact;
pub(super) mod list;
pub(super) mod owner;
pub(super) mod source;
pub(super) mod sources;
