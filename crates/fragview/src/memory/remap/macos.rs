//! macOS: regions of memory by `mach_vm_region`, and `mach_vm_remap` (`<mach/mach_vm.h>`).

use core::mem::size_of;
use std::io::Error;

use mach2::kern_return::KERN_SUCCESS;
use mach2::traps::mach_task_self;
use mach2::vm::{mach_vm_region, mach_vm_remap};
use mach2::vm_inherit::VM_INHERIT_SHARE;
use mach2::vm_prot::VM_PROT_NONE;
use mach2::vm_region::{VM_REGION_BASIC_INFO_64, vm_region_basic_info_64};
use mach2::vm_statistics::{VM_FLAGS_FIXED, VM_FLAGS_OVERWRITE};

use super::process::{Mapping, Room};

/// The regions of the process, asked for one by one.
pub(super) struct Mappings;

impl Mappings {
    #[expect(clippy::unnecessary_wraps, reason = "the other systems' can fail")]
    pub(super) const fn for_lookups(_count: usize) -> Result<Self, Error> {
        Ok(Self)
    }

    #[expect(clippy::unnecessary_wraps, reason = "as above")]
    pub(super) const fn list() -> Result<Self, Error> {
        Ok(Self)
    }

    /// The region that has an address. `MAP_SHARED` is what sets its inheritance to sharing (mmap(2)).
    #[expect(clippy::unused_self, reason = "the other systems' is a list")]
    pub(super) fn at(&self, address: usize) -> Option<Mapping> {
        let (mut first, mut length, mut object) = (address as u64, 0, 0);
        let mut region = vm_region_basic_info_64::default();
        let mut count = u32::try_from(size_of::<vm_region_basic_info_64>() / size_of::<i32>()).ok()?;
        // SAFETY: all pointers are to locals, of the flavor's type and of the length that `count` says.
        let found = unsafe {
            mach_vm_region(
                mach_task_self(),
                &raw mut first,
                &raw mut length,
                VM_REGION_BASIC_INFO_64,
                (&raw mut region).cast(),
                &raw mut count,
                &raw mut object,
            )
        };
        // The answer is about the first region that does not end before the address.
        if found != KERN_SUCCESS || first > address as u64 {
            return None;
        }
        Some(Mapping {
            first: usize::try_from(first).ok()?,
            end: usize::try_from(first.checked_add(length)?).ok()?,
            shared: region.inheritance == VM_INHERIT_SHARE,
        })
    }

    /// No limit is known.
    #[expect(clippy::unused_self, reason = "the other systems' counts its list")]
    pub(super) const fn room(&self) -> Option<Room> {
        None
    }
}

/// Maps the pages of a shared mapping a second time, at `target`.
///
/// # Safety
/// The source's pages stay mapped during the call. The target is whole pages of a range of the caller's own.
pub(super) unsafe fn map_again(source: usize, length: usize, target: *mut u8) -> Result<(), Error> {
    let mut place = target.addr() as u64;
    let (mut now, mut most) = (VM_PROT_NONE, VM_PROT_NONE);
    // SAFETY: without `copy` the source stays as it is and its pages are mapped a second time, over the
    // target, with the source's protection.
    let mapped = unsafe {
        mach_vm_remap(
            mach_task_self(),
            &raw mut place,
            length as u64,
            0,
            VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE,
            mach_task_self(),
            source as u64,
            0,
            &raw mut now,
            &raw mut most,
            VM_INHERIT_SHARE,
        )
    };
    if mapped == KERN_SUCCESS {
        Ok(())
    } else {
        Err(Error::other(std::format!("mach_vm_remap: error {mapped}")))
    }
}
