//! Linux: the mappings of the process (proc(5)), asked for one by one or listed, and `mremap` of length 0
//! (mremap(2)).

use alloc::vec::Vec;
use core::ffi::c_int;
use core::{ptr, str};
use std::fs::{self, File};
use std::io::{Error, ErrorKind};
use std::os::fd::AsRawFd;

use super::process::{Mapping, Room};

/// The file that lists the mappings of the process and answers questions about one of them.
const MAPS: &str = "/proc/self/maps";

/// Up to this number of addresses the kernel is asked for each. A list of all mappings tells about more
/// addresses in less time, but takes time for each mapping of the process.
const FEW: usize = 256;

/// Mappings that the kernel wants to have left when it makes one by `mremap`, and those that the list of
/// parts takes meanwhile.
const SPARE: usize = 8;

/// The mappings of the process.
pub(super) enum Mappings {
    /// The kernel is asked for the mapping of an address.
    Asked(File),
    /// All of them, by address.
    Listed(Vec<Mapping>),
}

impl Mappings {
    /// The mappings, for so many lookups. O(1) for a few on Linux 6.11 and later, else as
    /// [`list`](Self::list).
    pub(super) fn for_lookups(count: usize) -> Result<Self, Error> {
        if count <= FEW {
            let maps = File::open(MAPS)?;
            // Any address of ours is in a mapping, so an older kernel is the only reason for no answer.
            if ask(&maps, (&raw const maps).addr()).is_some() {
                return Ok(Self::Asked(maps));
            }
        }
        Self::list()
    }

    /// Reads all of them. O(mappings): some hundred nanoseconds each.
    ///
    /// A line begins with `start-end perms`, in hexadecimal digits and four letters, the last of which is `s`
    /// for a shared mapping. The rest of a line is not read: a crate that parses it takes longer than all
    /// system calls of a remapping of few fragments.
    pub(super) fn list() -> Result<Self, Error> {
        let list = fs::read(MAPS)?;
        let mut mappings = Vec::new();
        for line in list.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let mapping = parse(line).ok_or(ErrorKind::InvalidData)?;
            mappings.try_reserve(1).map_err(|_| ErrorKind::OutOfMemory)?;
            mappings.push(mapping);
        }
        Ok(Self::Listed(mappings))
    }

    /// The mapping that has an address. O(log mappings).
    pub(super) fn at(&self, address: usize) -> Option<Mapping> {
        match self {
            Self::Asked(maps) => ask(maps, address),
            Self::Listed(list) => {
                let index = list.partition_point(|mapping| mapping.end <= address);
                list.get(index).filter(|mapping| mapping.has(address)).copied()
            }
        }
    }

    /// The mappings that are there, and the most that there may be (`vm.max_map_count`, proc(5)). Only a list
    /// tells: without one, the kernel's refusal does.
    pub(super) fn room(&self) -> Option<Room> {
        let Self::Listed(list) = self else {
            return None;
        };
        let most: usize = fs::read_to_string("/proc/sys/vm/max_map_count")
            .ok()?
            .trim()
            .parse()
            .ok()?;
        Some(Room {
            present: list.len(),
            allowed: most.saturating_sub(SPARE),
        })
    }
}

/// A question about a mapping: `struct procmap_query` of `<linux/fs.h>`, which `libc` lacks.
#[repr(C)]
#[derive(Default)]
struct Query {
    size: u64,
    flags: u64,
    address: u64,
    first: u64,
    end: u64,
    access: u64,
    page_size: u64,
    offset: u64,
    inode: u64,
    device: [u32; 2],
    name_size: u32,
    build_id_size: u32,
    name: u64,
    build_id: u64,
}

/// `PROCMAP_QUERY`: Linux 6.11 and later.
const QUERY: libc::Ioctl = libc::_IOWR::<Query>(b'f' as u32, 17);

/// `PROCMAP_QUERY_VMA_SHARED`, a bit of a mapping's access.
const SHARED: u64 = 8;

/// The mapping that has an address, by the kernel's answer; `None` if there is none, and on kernels that do
/// not answer.
fn ask(maps: &File, address: usize) -> Option<Mapping> {
    let mut query = Query {
        size: u64::try_from(size_of::<Query>()).ok()?,
        address: u64::try_from(address).ok()?,
        ..Query::default()
    };
    // SAFETY: the request reads and writes one struct of the size that it has in `size`; without a place for
    // the name and the build id, it writes no other memory.
    let status: c_int = unsafe { libc::ioctl(maps.as_raw_fd(), QUERY, &raw mut query) };
    let mapping = Mapping {
        first: usize::try_from(query.first).ok()?,
        end: usize::try_from(query.end).ok()?,
        shared: query.access & SHARED != 0,
    };
    (status == 0 && mapping.has(address)).then_some(mapping)
}

fn parse(line: &[u8]) -> Option<Mapping> {
    let mut words = line.splitn(3, |&byte| byte == b' ');
    let (start, end) = str::from_utf8(words.next()?).ok()?.split_once('-')?;
    let shared = words.next()?.get(3) == Some(&b's');
    let number = |digits| usize::from_str_radix(digits, 16).ok();
    Some(Mapping {
        first: number(start)?,
        end: number(end)?,
        shared,
    })
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
    use super::super::pages::Pages;
    use super::*;

    #[test]
    fn lines_of_maps() {
        let line = b"7f5d8c000000-7f5d8c021000 rw-s 00000000 00:01 1037   /tmp/a b \xff (deleted)";
        let mapping = Mapping {
            first: 0x7f5d_8c00_0000,
            end: 0x7f5d_8c02_1000,
            shared: true,
        };
        assert_eq!(parse(line), Some(mapping));
        let line = b"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]";
        assert!(!parse(line).unwrap().shared);
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
        let mappings = Mappings::list().unwrap();
        let Mappings::Listed(list) = &mappings else {
            unreachable!()
        };
        assert!(list.windows(2).all(|pair| pair[0].end <= pair[1].first));
        let here = (&raw const mappings).addr();
        let stack = mappings.at(here).unwrap();
        assert!(stack.end > here && !stack.shared);
        assert!(mappings.at(0).is_none());
        let two = Mappings::Listed(
            [(16, 32), (64, 80)]
                .map(|(first, end)| Mapping {
                    first,
                    end,
                    shared: true,
                })
                .into(),
        );
        let found =
            [15, 16, 31, 32, 63, 64, 79, 80].map(|address| two.at(address).map(|mapping| mapping.end));
        assert_eq!(
            found,
            [None, Some(32), Some(32), None, None, Some(80), Some(80), None]
        );
    }

    /// The list is the oracle of the kernel's answers.
    #[test]
    fn answers_are_those_of_the_list() {
        let asked = Mappings::for_lookups(1).unwrap();
        if !matches!(asked, Mappings::Asked(_)) {
            return; // Linux before 6.11
        }
        let [shared, private] =
            [libc::MAP_SHARED, libc::MAP_PRIVATE].map(|kind| Pages::new(c"fragview-answers", kind, 3 << 14));
        let list = Mappings::list().unwrap();
        for (pages, kind) in [(&shared, true), (&private, false)] {
            for address in [pages.0, pages.0 + 4097, pages.0 + pages.1 - 1] {
                let answer = asked.at(address);
                assert_eq!(answer, list.at(address));
                assert_eq!(answer.map(|mapping| mapping.shared), Some(kind));
            }
        }
        assert!(asked.at(0).is_none() && asked.at(usize::MAX).is_none());
        assert!(matches!(
            Mappings::for_lookups(FEW + 1).unwrap(),
            Mappings::Listed(_)
        ));
        assert!(asked.room().is_none() && list.room().is_some());
    }
}
