//! One range of addresses, and the pages mapped into it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ptr;
use std::io::Error;

use super::places::Places;
use super::plan::{Part, Plan};
use super::system::map_again;
use super::{RemapError, RemapFault};
use crate::memory::{Owner, Shared};

/// Pages mapped side by side, unmapped with the last clone.
///
/// It keeps the pages of files alive, not the mappings they came from.
#[derive(Clone, Debug)]
pub struct Remapped(Arc<Mapped>);

#[derive(Debug)]
struct Mapped {
    range: Reserved,
    /// Where the view's bytes are in the range.
    skip: usize,
    length: usize,
    access: Vec<(usize, bool)>,
}

impl Remapped {
    /// Runs of the memory in order, each with its length and whether it may be written. O(1) a run.
    pub fn access(&self) -> impl Iterator<Item = (usize, bool)> {
        self.0.access.iter().copied()
    }
}

/// A range of addresses of our own.
///
/// Invariant: no other code maps or unmaps in it, and it is unmapped once, when this is dropped.
#[derive(Debug)]
struct Reserved {
    first: *mut u8,
    length: usize,
}

// SAFETY: it is a range of addresses of shared memory, which any thread may read and write.
unsafe impl Send for Reserved {}
// SAFETY: as above.
unsafe impl Sync for Reserved {}

impl Reserved {
    /// Reserves addresses that can't be accessed yet.
    fn new(length: usize) -> Result<Self, Error> {
        // The system refuses a range of nothing.
        if length == 0 {
            return Ok(Self {
                first: ptr::dangling_mut(),
                length,
            });
        }
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: new addresses, of the system's choice.
        let first = unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_NONE, flags, -1, 0) };
        if first == libc::MAP_FAILED {
            return Err(Error::last_os_error());
        }
        Ok(Self {
            first: first.cast(),
            length,
        })
    }

    /// Maps a part's pages into the range. Pre: the part is of the plan that the range was reserved for.
    fn map(&self, part: &Part) -> Result<(), Error> {
        let fits = part
            .target
            .checked_add(part.length)
            .is_some_and(|end| end <= self.length);
        debug_assert!(fits);
        if !fits {
            return Err(Error::from_raw_os_error(libc::EINVAL));
        }
        let target = self.first.wrapping_add(part.target).cast();
        let Some(address) = part.address else {
            // Read-only anonymous pages are the system's page of zeros: they take no memory.
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
            // SAFETY: the target is whole pages within our own range.
            let mapped = unsafe { libc::mmap(target, part.length, libc::PROT_READ, flags, -1, 0) };
            if mapped == libc::MAP_FAILED {
                return Err(Error::last_os_error());
            }
            return Ok(());
        };
        // SAFETY: the caller's memory keeps the source mapped meanwhile, and `Places::split` has seen that
        // one mapping has all of these pages. The target is whole pages within our own range.
        unsafe { map_again(address, part.length, target.cast()) }
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.length > 0 {
            // SAFETY: the range is our own, and nothing refers to it any more.
            unsafe { libc::munmap(self.first.cast(), self.length) };
        }
    }
}

// SAFETY: the range stays mapped, initialised (pages of a file or zeros) and where it is while a clone lives.
// Others may write it at any time, which `Shared` allows. Whether it may be written is the sources' own word,
// run by run.
unsafe impl Owner for Remapped {
    type Kind = Shared<'static>;

    fn memory(&self) -> (*const u8, usize) {
        let mapped = &self.0;
        (mapped.range.first.wrapping_add(mapped.skip), mapped.length)
    }

    fn is_writable(&self) -> bool {
        self.0.access.iter().any(|&(_, writable)| writable)
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

/// The size of a page in bytes.
pub(super) fn page_size() -> usize {
    // SAFETY: it only answers.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size)
        .ok()
        .filter(|&size| size > 0)
        .unwrap_or(4096)
}

/// Maps a plan's pages.
pub(super) fn map(plan: &Plan) -> Result<Remapped, RemapError> {
    let parts = Places::for_lookups(plan.parts.len())?.split(plan, page_size())?;
    map_parts(plan, &parts).map_err(|error| explain(error, parts.len()))
}

/// The better reason if the system refuses one more mapping: how many there may be.
fn explain(error: RemapError, needed: usize) -> RemapError {
    match &error.fault {
        RemapFault::System(system) if system.raw_os_error() == Some(libc::ENOMEM) => {
            let room = Places::list().map(|places| places.check_room(needed));
            room.ok().and_then(Result::err).unwrap_or(error)
        }
        _ => error,
    }
}

/// Maps parts that were looked up; unmaps what it mapped if the system refuses one.
fn map_parts(plan: &Plan, parts: &[Part]) -> Result<Remapped, RemapError> {
    let refuse = |error| RemapError::new(0, 0, RemapFault::System(error));
    let range = Reserved::new(plan.pages).map_err(refuse)?;
    for part in parts {
        range
            .map(part)
            .map_err(|error| RemapError::new(part.fragment, part.offset, RemapFault::System(error)))?;
    }
    Ok(Remapped(Arc::new(Mapped {
        range,
        skip: plan.skip,
        length: plan.length,
        access: plan.access.clone(),
    })))
}

/// Checks all that is known before anything is mapped.
pub(super) fn check(plan: &Plan) -> Result<(), RemapError> {
    Places::for_lookups(plan.parts.len())?
        .split(plan, page_size())
        .map(drop)
}

/// Says whether an address lies in memory that is the process' own.
pub(super) fn is_private(address: usize) -> bool {
    Places::for_lookups(1).is_ok_and(|places| places.is_private(address))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::pages::Pages;
    use super::*;
    use alloc::vec;
    use core::ffi::CStr;

    const NAME: &CStr = c"fragview-a-refusal-in-the-middle";

    /// The mappings of the test's own file.
    fn count() -> usize {
        let list = std::fs::read_to_string("/proc/self/maps").unwrap();
        list.lines()
            .filter(|line| line.contains(NAME.to_str().unwrap()))
            .count()
    }

    #[test]
    fn a_refusal_in_the_middle_unmaps_what_was_mapped() {
        let page = page_size();
        let shared = Pages::new(NAME, libc::MAP_SHARED, 2 * page);
        let private = Pages::new(NAME, libc::MAP_PRIVATE, page);
        let part = |fragment, address| Part {
            fragment,
            offset: fragment * page,
            target: fragment * page,
            length: page,
            address: Some(address),
        };
        let parts = [part(0, shared.0 + page), part(1, shared.0), part(2, private.0)];
        let plan = |pages| Plan {
            parts: vec![],
            skip: 0,
            length: pages * page,
            pages: pages * page,
            access: vec![(pages * page, true)],
        };
        let before = count();
        let mapped = map_parts(&plan(2), &parts[..2]).unwrap();
        assert_eq!(count(), before + 2);
        drop(mapped);
        assert_eq!(count(), before);
        // The kernel refuses to map private pages a second time, whatever was planned.
        let error = map_parts(&plan(3), &parts).unwrap_err();
        assert_eq!((error.fragment, error.offset), (2, 2 * page));
        assert!(matches!(error.fault, RemapFault::System(_)), "{error}");
        assert_eq!(count(), before);
    }
}
