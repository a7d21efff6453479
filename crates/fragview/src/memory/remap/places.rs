//! The places of a plan's pages: which mapping has each, and whether it may be mapped again.

use alloc::vec::Vec;

use super::plan::{Part, Plan};
use super::process::{Mapping, Room};
use super::system::Mappings;
use super::{RemapError, RemapFault};

/// The mappings of the process.
pub(super) struct Places(Mappings);

impl Places {
    /// The mappings, for so many lookups. O(1) if the system tells of one mapping at a time, else
    /// O(mappings).
    pub(super) fn for_lookups(count: usize) -> Result<Self, RemapError> {
        Mappings::for_lookups(count).map(Self).map_err(refused)
    }

    /// All mappings, with their number. O(mappings).
    pub(super) fn list() -> Result<Self, RemapError> {
        Mappings::list().map(Self).map_err(refused)
    }

    /// Says whether an address lies in a private mapping. O(log mappings).
    pub(super) fn is_private(&self, address: usize) -> bool {
        self.0.at(address).is_some_and(|mapping| !mapping.shared)
    }

    /// The parts of a plan, split at the borders of mappings. O(parts · log mappings).
    ///
    /// # Errors
    /// The first part that lies in no mapping or in a private one; more parts than the process may have
    /// mappings, if their number is known.
    pub(super) fn split(&self, plan: &Plan, page: usize) -> Result<Vec<Part>, RemapError> {
        let mut parts = Vec::new();
        // Most parts lie in the mapping of the part before.
        let mut last = None;
        for part in &plan.parts {
            let refuse = |fault| RemapError::new(part.fragment, part.offset, fault);
            let no_memory = |_| refuse(RemapFault::Memory(crate::error::Error::OutOfMemory));
            let Some(address) = part.address else {
                parts.try_reserve(1).map_err(no_memory)?;
                parts.push(*part);
                continue;
            };
            let mut done = 0;
            while done < part.length {
                let here = address + done;
                last = last
                    .filter(|mapping: &Mapping| mapping.has(here))
                    .or_else(|| self.0.at(here));
                let Some(mapping) = last else {
                    return Err(refuse(RemapFault::NotMapped));
                };
                if !mapping.shared {
                    return Err(refuse(RemapFault::Private));
                }
                let length = mapping.end.saturating_sub(here).min(part.length - done);
                // A mapping ends at a border of its own pages, which may be huge ones.
                debug_assert_eq!(length % page, 0);
                parts.try_reserve(1).map_err(no_memory)?;
                parts.push(Part {
                    target: part.target + done,
                    length,
                    address: Some(here),
                    ..*part
                });
                done += length;
            }
        }
        self.check_room(parts.len())?;
        Ok(parts)
    }

    /// Refuses more mappings than the process may have, if their number is known. O(1).
    ///
    /// # Errors
    /// [`RemapFault::TooMany`].
    pub(super) fn check_room(&self, needed: usize) -> Result<(), RemapError> {
        match self.0.room() {
            Some(Room { present, allowed }) if needed.saturating_add(present) > allowed => {
                let fault = RemapFault::TooMany {
                    needed,
                    present,
                    allowed,
                };
                Err(RemapError::new(0, 0, fault))
            }
            _ => Ok(()),
        }
    }
}

fn refused(error: std::io::Error) -> RemapError {
    RemapError::new(0, 0, RemapFault::System(error))
}
