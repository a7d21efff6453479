//! Linux: the mappings that `/proc/self/maps` lists (proc(5)), and `mremap` of length 0 (mremap(2)).

use alloc::vec::Vec;
use core::{ptr, str};
use std::io::{Error, ErrorKind};

use super::process::{Mapping, Room};

/// Mappings that the kernel wants to have left when it makes one by `mremap`, and those that the list of
/// parts takes meanwhile.
const SPARE: usize = 8;

/// The mappings of the process, by address: the first byte of each, and the rest.
pub(super) struct Mappings(Vec<(usize, Mapping)>);

impl Mappings {
    /// Reads them. O(mappings): some hundred nanoseconds each.
    ///
    /// A line begins with `start-end perms`, in hexadecimal digits and four letters, the last of which is `s`
    /// for a shared mapping. The rest of a line is not read: a crate that parses it takes longer than all
    /// system calls of a remapping of few fragments.
    pub(super) fn read() -> Result<Self, Error> {
        let list = std::fs::read("/proc/self/maps")?;
        let mut mappings = Vec::new();
        for line in list.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let mapping = parse(line).ok_or(ErrorKind::InvalidData)?;
            mappings.try_reserve(1).map_err(|_| ErrorKind::OutOfMemory)?;
            mappings.push(mapping);
        }
        Ok(Self(mappings))
    }

    /// The mapping that has an address. O(log mappings).
    pub(super) fn at(&self, address: usize) -> Option<Mapping> {
        let index = self.0.partition_point(|(_, mapping)| mapping.end <= address);
        let &(first, mapping) = self.0.get(index)?;
        (first <= address).then_some(mapping)
    }

    /// The mappings that are there, and the most that there may be (`vm.max_map_count`, proc(5)).
    pub(super) fn room(&self) -> Room {
        let most = std::fs::read_to_string("/proc/sys/vm/max_map_count");
        let most: Option<usize> = most.ok().and_then(|text| text.trim().parse().ok());
        Room {
            present: self.0.len(),
            allowed: most.map(|most| most.saturating_sub(SPARE)),
        }
    }
}

fn parse(line: &[u8]) -> Option<(usize, Mapping)> {
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let (start, end) = str::from_utf8(words.next()?).ok()?.split_once('-')?;
    let shared = words.next()?.get(3) == Some(&b's');
    let number = |digits| usize::from_str_radix(digits, 16).ok();
    Some((
        number(start)?,
        Mapping {
            end: number(end)?,
            shared,
        },
    ))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_maps() {
        let line = b"7f5d8c000000-7f5d8c021000 rw-s 00000000 00:01 1037   /tmp/a b \xff (deleted)";
        let (first, mapping) = parse(line).unwrap();
        assert_eq!((first, mapping.end), (0x7f5d_8c00_0000, 0x7f5d_8c02_1000));
        assert!(mapping.shared);
        let line = b"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]";
        assert!(!parse(line).unwrap().1.shared);
        for wrong in [
            &b"7f5d8c000000 rw-s 0"[..],
            b"7f-8",
            b"x-8 rw-s 0",
            b"-1-8 rw-s 0",
            b" ",
            b"\xff-1 r",
        ] {
            assert!(parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn an_address_is_found_in_its_mapping_alone() {
        let mappings = Mappings::read().unwrap();
        assert!(mappings.0.windows(2).all(|pair| pair[0].1.end <= pair[1].0));
        let here = (&raw const mappings).addr();
        let stack = mappings.at(here).unwrap();
        assert!(stack.end > here && !stack.shared);
        assert!(mappings.at(0).is_none());
        let two = Mappings(
            [(16, 32), (64, 80)]
                .map(|(first, end)| (first, Mapping { end, shared: true }))
                .into(),
        );
        let found =
            [15, 16, 31, 32, 63, 64, 79, 80].map(|address| two.at(address).map(|mapping| mapping.end));
        assert_eq!(
            found,
            [None, Some(32), Some(32), None, None, Some(80), Some(80), None]
        );
    }
}
