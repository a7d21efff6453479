//! The mappings of the process, as Linux lists them in `/proc/self/maps` (proc(5)).

use alloc::vec::Vec;
use std::io::Error;

use procfs_core::FromRead;
use procfs_core::process::{MMPermissions, MemoryMap, MemoryMaps};

use super::plan::{Part, Plan};
use super::{RemapError, RemapFault};

/// The mappings of the process, by address.
pub(super) struct Places(MemoryMaps);

impl Places {
    /// Reads them. O(mappings).
    pub(super) fn read() -> Result<Self, RemapError> {
        MemoryMaps::from_file("/proc/self/maps")
            .map(Self)
            .map_err(|error| RemapError::new(0, 0, RemapFault::System(Error::other(error))))
    }

    /// The mapping that has an address. O(log mappings).
    fn find(&self, address: u64) -> Option<&MemoryMap> {
        let index = self.0.0.partition_point(|mapping| mapping.address.1 <= address);
        self.0.0.get(index).filter(|mapping| mapping.address.0 <= address)
    }

    /// Says whether an address lies in a private mapping. O(log mappings).
    pub(super) fn is_private(&self, address: usize) -> bool {
        self.find(address as u64)
            .is_some_and(|mapping| !mapping.perms.contains(MMPermissions::SHARED))
    }

    /// The parts of a plan, split at the borders of mappings. O(parts · log mappings).
    ///
    /// # Errors
    /// The first part that lies in no mapping or in a private one; more parts than the process may have
    /// mappings.
    pub(super) fn split(&self, plan: &Plan, page: usize) -> Result<Vec<Part>, RemapError> {
        let mut parts = Vec::new();
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
                let here = (address + done) as u64;
                let Some(mapping) = self.find(here) else {
                    return Err(refuse(RemapFault::NotMapped));
                };
                if !mapping.perms.contains(MMPermissions::SHARED) {
                    return Err(refuse(RemapFault::Private));
                }
                let left = usize::try_from(mapping.address.1 - here).unwrap_or(usize::MAX);
                let length = left.min(part.length - done);
                // A mapping ends at a border of its own pages, which may be huge ones.
                debug_assert_eq!(length % page, 0);
                parts.try_reserve(1).map_err(no_memory)?;
                parts.push(Part {
                    target: part.target + done,
                    length,
                    address: Some(address + done),
                    ..*part
                });
                done += length;
            }
        }
        let (needed, present, allowed) = (parts.len(), self.0.0.len(), allowed());
        if needed.saturating_add(present) > allowed {
            return Err(RemapError::new(
                0,
                0,
                RemapFault::TooMany {
                    needed,
                    present,
                    allowed,
                },
            ));
        }
        Ok(parts)
    }
}

/// The most mappings a process may have (`vm.max_map_count`, proc(5)).
fn allowed() -> usize {
    std::fs::read_to_string("/proc/sys/vm/max_map_count")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(usize::MAX)
}
