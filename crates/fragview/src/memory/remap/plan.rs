//! The plan of a remapping: the source page for each target page, by arithmetic on addresses.

use alloc::vec::Vec;

use super::{RemapError, RemapFault};
use crate::error::Error;

/// A run of memory of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fragment {
    /// Where it begins in the view.
    pub(super) offset: usize,
    /// Its bytes; never 0.
    pub(super) length: usize,
    /// Where it lies in memory, or `None` for a hole.
    pub(super) address: Option<usize>,
    /// Whether the view may write it.
    pub(super) writable: bool,
}

/// Whole pages that go side by side into the new range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The first fragment in it: its index, and where it begins in the view. An error names it.
    pub(super) fragment: usize,
    pub(super) offset: usize,
    /// Where the pages go, counted from the first page of the new range.
    pub(super) target: usize,
    /// The bytes of the pages.
    pub(super) length: usize,
    /// The address of the first page, or `None` for pages of zeros.
    pub(super) address: Option<usize>,
}

/// How a view's pages lie side by side.
///
/// Invariant: the parts' `target`s and `length`s are multiples of the page size, follow each other without
/// gaps from 0, and together have `pages` bytes, of which the view's are `skip..skip + length`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) parts: Vec<Part>,
    /// The bytes of the first page before the view's first byte.
    pub(super) skip: usize,
    /// The view's bytes.
    pub(super) length: usize,
    /// The bytes of all pages.
    pub(super) pages: usize,
    /// Runs of the view in order, each with its length and whether it may be written.
    pub(super) access: Vec<(usize, bool)>,
}

/// Plans the pages of fragments that follow each other in a view. O(fragments).
///
/// The first byte of a view lies somewhere in its page; that sets where in a page each other byte must lie.
/// So each later fragment must begin at a border of pages, in the view and in memory. Fragments that follow
/// each other in memory are one run and need no border between them.
///
/// # Errors
/// The first fragment that lies elsewhere in its page.
pub(super) fn plan(fragments: &[Fragment], page: usize) -> Result<Plan, RemapError> {
    let no_memory = |_| RemapError::new(0, 0, RemapFault::Memory(Error::OutOfMemory));
    let too_long = || RemapError::new(0, 0, RemapFault::Memory(Error::TooLong));
    let mut plan = Plan {
        parts: Vec::new(),
        skip: skip(fragments, page),
        length: 0,
        pages: 0,
        access: Vec::new(),
    };
    // The end of the run before, in memory.
    let mut end = None;
    for (index, fragment) in fragments.iter().enumerate() {
        let &Fragment {
            offset,
            length,
            address,
            writable,
        } = fragment;
        let place = plan.skip.checked_add(offset).ok_or_else(too_long)?;
        plan.length = offset.checked_add(length).ok_or_else(too_long)?;
        let last = place.checked_add(length).ok_or_else(too_long)?;
        let last = last.checked_next_multiple_of(page).ok_or_else(too_long)?;
        plan.access.try_reserve(1).map_err(no_memory)?;
        match plan.access.last_mut() {
            Some((run, access)) if *access == writable => *run += length,
            _ => plan.access.push((length, writable)),
        }
        let joins = index > 0
            && match (address, end) {
                (Some(address), Some(Some(end))) => address == end,
                (None, Some(None)) => true,
                _ => false,
            };
        end = Some(address.map(|address| address.wrapping_add(length)));
        if joins && let Some(part) = plan.parts.last_mut() {
            part.length = last - part.target;
            plan.pages = last;
            continue;
        }
        let expected = place % page;
        let by = address.map_or(expected, |address| address % page);
        if by != expected || (index > 0 && expected != 0) {
            // A seam within a page of the view: the fragment must begin where the page does.
            let expected = if by == expected { 0 } else { expected };
            return Err(RemapError::new(
                index,
                offset,
                RemapFault::Unaligned { by, expected, page },
            ));
        }
        plan.parts.try_reserve(1).map_err(no_memory)?;
        plan.parts.push(Part {
            fragment: index,
            offset,
            target: place - expected,
            length: last - (place - expected),
            address: address.map(|address| address - by),
        });
        plan.pages = last;
    }
    Ok(plan)
}

/// The place of the view's first byte in its page: as in memory. A hole at the front lies so that it ends
/// with a page.
fn skip(fragments: &[Fragment], page: usize) -> usize {
    match fragments
        .iter()
        .find_map(|fragment| Some((fragment.offset, fragment.address?)))
    {
        Some((0, address)) => address % page,
        Some((hole, _)) => hole.wrapping_neg() % page,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const PAGE: usize = 16;

    fn fragments(runs: &[(Option<usize>, usize)]) -> Vec<Fragment> {
        let mut offset = 0;
        runs.iter()
            .map(|&(address, length)| {
                let fragment = Fragment {
                    offset,
                    length,
                    address,
                    writable: address.is_some(),
                };
                offset += length;
                fragment
            })
            .collect()
    }

    /// Says by the definition whether each byte of the view can have its page: bytes in one page of the view
    /// lie in one page of memory, at the same place in it.
    fn possible(runs: &[(Option<usize>, usize)]) -> bool {
        let bytes: Vec<Option<usize>> = runs
            .iter()
            .flat_map(|&(address, length)| (0..length).map(move |at| address.map(|address| address + at)))
            .collect();
        (0..PAGE).any(|skip| {
            (0..bytes.len()).all(|at| {
                let first = (at + skip) / PAGE * PAGE;
                let first = first.saturating_sub(skip);
                match (bytes[at], bytes[first]) {
                    (Some(here), Some(there)) => {
                        here % PAGE == (at + skip) % PAGE && here.wrapping_sub(there) == at - first
                    }
                    // A hole's page has only zeros, except for bytes before the view and after it.
                    (None, None) => true,
                    _ => false,
                }
            })
        })
    }

    #[test]
    fn a_plan_is_found_exactly_where_there_is_one() {
        let addresses = [
            None,
            Some(0x100),
            Some(0x107),
            Some(0x110),
            Some(0x118),
            Some(0x200),
        ];
        let lengths = [1, 7, 8, 9, 16, 23, 32];
        let mut found = 0;
        for first in addresses {
            for first_length in lengths {
                for second in addresses {
                    for second_length in lengths {
                        for third in [None, Some(0x300), Some(0x304)] {
                            let runs = [(first, first_length), (second, second_length), (third, 16)];
                            let plan = plan(&fragments(&runs), PAGE);
                            assert_eq!(plan.is_ok(), possible(&runs), "{runs:x?}: {plan:x?}");
                            if let Ok(plan) = plan {
                                check(&plan, &runs);
                                found += 1;
                            }
                        }
                    }
                }
            }
        }
        assert!(found > 20, "{found}");
    }

    /// Reads the view's bytes by the plan's pages.
    fn check(plan: &Plan, runs: &[(Option<usize>, usize)]) {
        let mut pages = Vec::new();
        for part in &plan.parts {
            assert_eq!(part.target, pages.len());
            assert_eq!((part.length % PAGE, part.address.unwrap_or(0) % PAGE), (0, 0));
            pages.extend((0..part.length).map(|at| part.address.map(|address| address + at)));
        }
        assert_eq!(pages.len(), plan.pages);
        let bytes: Vec<_> = runs
            .iter()
            .flat_map(|&(address, length)| (0..length).map(move |at| address.map(|address| address + at)))
            .collect();
        assert_eq!(pages[plan.skip..plan.skip + plan.length], bytes);
    }

    #[test]
    fn an_error_names_the_fragment_and_how_far_it_is_off() {
        let runs = [(Some(0x100), 16), (Some(0x205), 16)];
        let error = plan(&fragments(&runs), PAGE).unwrap_err();
        assert_eq!((error.fragment, error.offset), (1, 16));
        assert!(matches!(
            error.fault,
            RemapFault::Unaligned {
                by: 5,
                expected: 0,
                page: PAGE
            }
        ));
        // A seam within a page, in the view.
        let runs = [(Some(0x100), 10), (Some(0x20a), 16)];
        let error = plan(&fragments(&runs), PAGE).unwrap_err();
        assert!(matches!(
            error.fault,
            RemapFault::Unaligned {
                by: 10,
                expected: 0,
                page: PAGE
            }
        ));
    }

    #[test]
    fn access_is_told_by_runs() {
        let runs = [(Some(0x100), 16), (Some(0x200), 16), (None, 32)];
        assert_eq!(
            plan(&fragments(&runs), PAGE).unwrap().access,
            vec![(32, true), (32, false)]
        );
    }
}
