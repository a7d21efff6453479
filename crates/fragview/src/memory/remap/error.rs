//! `RemapError`: the reason why a view can't be remapped, and the place.

use core::fmt;

use crate::error::Error;

/// The first fragment that keeps a view from being remapped, and the reason.
#[derive(Debug)]
pub struct RemapError {
    /// The index of the fragment in the view.
    pub fragment: usize,
    /// The start of the fragment in the view, in bytes.
    pub offset: usize,
    /// The reason.
    pub fault: RemapFault,
}

/// A reason why a view can't be remapped.
#[derive(Debug)]
#[non_exhaustive]
pub enum RemapFault {
    /// The view's items have gaps between them.
    Gaps,
    /// The fragment's memory is private to the process: the heap, a copy-on-write mapping.
    Private,
    /// The fragment's memory is in no mapping that the system lists.
    NotMapped,
    /// The fragment begins `by` bytes past a border of pages, where it must begin `expected` bytes past one.
    Unaligned {
        /// Bytes past the last border of pages.
        by: usize,
        /// Bytes past a border of pages at which this place of the view is.
        expected: usize,
        /// The size of a page in bytes.
        page: usize,
    },
    /// The fragments need more mappings than the process may have.
    TooMany {
        /// The mappings that the view needs.
        needed: usize,
        /// The mappings that the process has.
        present: usize,
        /// The most that the system allows (`vm.max_map_count` on Linux).
        allowed: usize,
    },
    /// The system can't map memory a second time.
    Unsupported,
    /// No memory for the plan.
    Memory(Error),
    /// The system refused.
    System(std::io::Error),
}

impl RemapError {
    pub(super) const fn new(fragment: usize, offset: usize, fault: RemapFault) -> Self {
        Self {
            fragment,
            offset,
            fault,
        }
    }
}

impl fmt::Display for RemapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fragment, offset, .. } = self;
        match &self.fault {
            RemapFault::Gaps => write!(f, "the view's items have gaps between them"),
            RemapFault::Unsupported => write!(f, "this system can't map memory a second time"),
            RemapFault::Memory(error) => error.fmt(f),
            RemapFault::TooMany {
                needed,
                present,
                allowed,
            } => write!(
                f,
                "the fragments need {needed} mappings; the process has {present} of at most {allowed} \
                 (vm.max_map_count)"
            ),
            RemapFault::Private => write!(
                f,
                "fragment {fragment} (at {offset}) lies in private memory; only shared mappings, such as mapped \
                 files, can be mapped a second time"
            ),
            RemapFault::NotMapped => {
                write!(
                    f,
                    "fragment {fragment} (at {offset}) lies in no mapping of the process"
                )
            }
            RemapFault::Unaligned { by, expected, page } => write!(
                f,
                "fragment {fragment} (at {offset}) begins {by} bytes past a border of pages of {page} bytes, and \
                 must begin {expected} past one"
            ),
            RemapFault::System(error) => {
                write!(
                    f,
                    "the system does not map fragment {fragment} (at {offset}): {error}"
                )
            }
        }
    }
}

impl std::error::Error for RemapError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            RemapFault::System(error) => Some(error),
            _ => None,
        }
    }
}
