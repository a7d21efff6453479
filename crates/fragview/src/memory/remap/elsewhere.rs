//! Remapping on systems that can't map a mapping again by its address: always an error.

use core::convert::Infallible;

use super::plan::Plan;
use super::{RemapError, RemapFault};
use crate::memory::{Owner, Shared};

/// Pages mapped side by side. This system has no such mapping.
#[derive(Clone, Debug)]
pub struct Remapped(Infallible);

impl Remapped {
    /// Runs of the memory in order, each with its length and whether it may be written.
    pub const fn access(&self) -> core::iter::Empty<(usize, bool)> {
        match self.0 {}
    }
}

// SAFETY: there is no value of this type.
unsafe impl Owner for Remapped {
    type Kind = Shared<'static>;

    fn memory(&self) -> (*const u8, usize) {
        match self.0 {}
    }

    fn is_writable(&self) -> bool {
        match self.0 {}
    }

    fn identity(&self) -> usize {
        match self.0 {}
    }
}

pub(super) const fn page_size() -> usize {
    4096
}

pub(super) const fn map(_plan: &Plan) -> Result<Remapped, RemapError> {
    Err(RemapError::new(0, 0, RemapFault::Unsupported))
}

pub(super) const fn check(_plan: &Plan) -> Result<(), RemapError> {
    Err(RemapError::new(0, 0, RemapFault::Unsupported))
}

pub(super) const fn is_private(_address: usize) -> bool {
    false
}
