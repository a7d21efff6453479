//! Linux: the mappings that `/proc/self/maps` lists (proc(5)), and `mremap` of length 0 (mremap(2)).

use core::ptr;
use std::io::Error;

use procfs_core::FromRead;
use procfs_core::process::{MMPermissions, MemoryMaps};

use super::process::{Mapping, Room};

/// Mappings that the kernel wants to have left when it makes one by `mremap`, and those that the list of
/// parts takes meanwhile.
const SPARE: usize = 8;

/// The mappings of the process, by address.
pub(super) struct Mappings(MemoryMaps);

impl Mappings {
    /// Reads them. O(mappings).
    pub(super) fn read() -> Result<Self, Error> {
        MemoryMaps::from_file("/proc/self/maps")
            .map(Self)
            .map_err(Error::other)
    }

    /// The mapping that has an address. O(log mappings).
    pub(super) fn at(&self, address: usize) -> Option<Mapping> {
        let address = address as u64;
        let index = self.0.0.partition_point(|mapping| mapping.address.1 <= address);
        let mapping = self
            .0
            .0
            .get(index)
            .filter(|mapping| mapping.address.0 <= address)?;
        Some(Mapping {
            end: usize::try_from(mapping.address.1).unwrap_or(usize::MAX),
            shared: mapping.perms.contains(MMPermissions::SHARED),
        })
    }

    /// The mappings that are there, and the most that there may be (`vm.max_map_count`, proc(5)).
    pub(super) fn room(&self) -> Room {
        let most = std::fs::read_to_string("/proc/sys/vm/max_map_count");
        let most: Option<usize> = most.ok().and_then(|text| text.trim().parse().ok());
        Room {
            present: self.0.0.len(),
            allowed: most.map(|most| most.saturating_sub(SPARE)),
        }
    }
}

/// Maps the pages of a shared mapping a second time, at `target`.
///
/// # Safety
/// The source's pages stay mapped during the call. The target is whole pages of a range of the caller's own.
pub(super) unsafe fn map_again(source: usize, length: usize, target: *mut u8) -> Result<(), Error> {
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    let source = ptr::without_provenance_mut(source);
    // SAFETY: an old length of 0 leaves the source's mapping as it is and maps its pages a second time, over
    // the target. The kernel refuses a private mapping, and a source that ends before its pages do.
    let mapped = unsafe { libc::mremap(source, 0, length, flags, target.cast::<libc::c_void>()) };
    if mapped == libc::MAP_FAILED {
        return Err(Error::last_os_error());
    }
    Ok(())
}
