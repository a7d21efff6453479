//! Pickles and copies of views.

mod plan;
pub(crate) mod rebuild;
pub(crate) mod reduce;
mod sources;
mod stretch;
