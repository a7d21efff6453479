//! Remapped views show the pages of their fragments: the oracle is the view itself, byte by byte.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fragview::geometry::Slice;
use fragview::memory::{Builder, Owner, RemapFault, Shared};
use fragview::{SharedView, View};

/// A shared or private mapping of a new file of pages, page `i` filled with bytes that tell their place.
#[derive(Clone)]
struct Map(Arc<Mapped>);

struct Mapped {
    first: *mut u8,
    length: usize,
    writable: bool,
}

// SAFETY: pages of a mapping, used through `Shared` memory only.
unsafe impl Send for Mapped {}
// SAFETY: as above.
unsafe impl Sync for Mapped {}

static UNMAPPED: AtomicUsize = AtomicUsize::new(0);

impl Drop for Mapped {
    fn drop(&mut self) {
        UNMAPPED.fetch_add(1, Ordering::SeqCst);
        // SAFETY: mapped by `map`, unmapped once.
        unsafe { libc::munmap(self.first.cast(), self.length) };
    }
}

// SAFETY: the mapping stays while a clone lives.
unsafe impl Owner for Map {
    type Kind = Shared<'static>;

    fn memory(&self) -> (*const u8, usize) {
        (self.0.first, self.0.length)
    }

    fn is_writable(&self) -> bool {
        self.0.writable
    }

    fn identity(&self) -> usize {
        self.0.first.addr()
    }
}

fn page() -> usize {
    // SAFETY: it only answers.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap()
}

fn contents(pages: usize) -> Vec<u8> {
    (0..pages * page())
        .map(|at| ((at / 251 + at) % 251).try_into().unwrap())
        .collect()
}

fn file(pages: usize) -> File {
    // SAFETY: a new file in memory.
    let descriptor = unsafe { libc::memfd_create(c"pages".as_ptr(), 0) };
    assert!(descriptor >= 0);
    // SAFETY: the descriptor is new and ours.
    let file = unsafe { <File as std::os::fd::FromRawFd>::from_raw_fd(descriptor) };
    std::io::Write::write_all(&mut &file, &contents(pages)).unwrap();
    file
}

fn map(file: &File, pages: usize, flags: libc::c_int, writable: bool) -> Map {
    let protection = libc::PROT_READ | if writable { libc::PROT_WRITE } else { 0 };
    let length = pages * page();
    // SAFETY: a new mapping of the whole file.
    let first = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            length,
            protection,
            flags,
            file.as_raw_fd(),
            0,
        )
    };
    assert_ne!(first, libc::MAP_FAILED);
    Map(Arc::new(Mapped {
        first: first.cast(),
        length,
        writable,
    }))
}

/// A view of extents of mappings; `None` is a hole.
fn view(extents: &[(Option<&Map>, usize, usize)]) -> SharedViewOf {
    let mut builder = Builder::new();
    for &(map, offset, length) in extents {
        match map {
            Some(map) => {
                let source = builder.add_source(map.clone()).unwrap();
                builder.push(source, offset, length).unwrap();
            }
            None => builder.push_hole(length).unwrap(),
        }
    }
    View::from(builder.finish())
}

type SharedViewOf = View<Shared<'static>, u8, Arc<fragview::memory::Memory<Shared<'static>, Map>>>;

#[test]
fn pages_in_any_order_are_one_fragment() {
    let (pages, size) = (8, page());
    let file = file(pages);
    let map = map(&file, pages, libc::MAP_SHARED, true);
    for (extents, mixed) in [
        (
            vec![(Some(&map), 3 * size, size), (Some(&map), 0, 2 * size)],
            false,
        ),
        // Repeated, neighbours, within a page at both ends.
        (
            vec![
                (Some(&map), 2 * size - 5, size + 5),
                (Some(&map), 5 * size, size),
                (Some(&map), 6 * size, size),
                (Some(&map), 5 * size, 17),
            ],
            false,
        ),
        (
            vec![(Some(&map), size, size), (None, 0, 3 * size), (Some(&map), 0, 1)],
            true,
        ),
        (vec![(None, 0, 10)], true),
        (vec![(Some(&map), 100, 7)], false),
    ] {
        let view = view(&extents);
        view.can_remap().unwrap();
        let one = view.remap().unwrap();
        assert_eq!(one.to_vec().unwrap(), view.to_vec().unwrap());
        assert_eq!(one.memory().contiguous(one.window()).is_some(), !one.is_empty());
        assert!(
            mixed || one.memory().fragment_count() == 1,
            "{extents:?}",
            extents = extents.len()
        );
        assert_eq!(one.is_writable(), view.is_writable());
    }
}

#[test]
fn writes_go_both_ways_and_pages_outlive_their_sources() {
    let size = page();
    let file = file(4);
    let map = map(&file, 4, libc::MAP_SHARED, true);
    let old = view(&[(Some(&map), 2 * size, size), (Some(&map), 0, size)]);
    let one = old.remap().unwrap();
    one.set(size - 1, 1).unwrap();
    one.set(size, 2).unwrap();
    assert_eq!((old.get(size - 1), old.get(size)), (Some(1), Some(2)));
    old.set(0, 3).unwrap();
    assert_eq!(one.get(0), Some(3));
    let slice = one.slice(size - 1..).unwrap();
    let before = UNMAPPED.load(Ordering::SeqCst);
    drop((old, map, one, file));
    assert!(
        UNMAPPED.load(Ordering::SeqCst) > before,
        "the source's mapping is gone"
    );
    assert_eq!((slice.get(0), slice.get(1)), (Some(1), Some(2)));
}

#[test]
fn what_is_in_the_way_is_named() {
    let size = page();
    let file = file(4);
    let shared = map(&file, 4, libc::MAP_SHARED, true);
    let private = map(&file, 4, libc::MAP_PRIVATE, true);
    let fault = |extents: &[(Option<&Map>, usize, usize)]| {
        let view = view(extents);
        let error = view.remap().unwrap_err();
        assert!(view.can_remap().is_err());
        (error.fragment, error.offset, error.to_string(), error.fault)
    };
    let (fragment, offset, text, fault_) = fault(&[(Some(&shared), 0, size), (Some(&private), 0, size)]);
    assert_eq!((fragment, offset), (1, size));
    assert!(matches!(fault_, RemapFault::Private), "{text}");
    let (fragment, _, text, fault_) = fault(&[(Some(&shared), 0, size), (Some(&shared), 7, size)]);
    assert_eq!(fragment, 1);
    assert!(
        matches!(
            fault_,
            RemapFault::Unaligned {
                by: 7,
                expected: 0,
                ..
            }
        ),
        "{text}"
    );
    assert!(text.contains("7 bytes past a border of pages"), "{text}");
    let heap = SharedView::from_atomics([&[const { std::sync::atomic::AtomicU8::new(7) }; 3][..]])
        .map(|view| view.remap().unwrap_err())
        .unwrap();
    assert!(matches!(heap.fault, RemapFault::Private), "{heap}");
    let every_other = Slice {
        start: None,
        stop: None,
        step: 2,
    };
    let gaps = view(&[(Some(&shared), 0, 64)])
        .slice_with_step(every_other)
        .remap()
        .unwrap_err();
    assert!(matches!(gaps.fault, RemapFault::Gaps), "{gaps}");
}

/// The number of the process' mappings.
fn mappings() -> usize {
    std::fs::read_to_string("/proc/self/maps")
        .unwrap()
        .lines()
        .count()
}

#[test]
fn a_refused_plan_leaves_nothing_mapped() {
    let size = page();
    let file = file(4);
    let shared = map(&file, 4, libc::MAP_SHARED, true);
    // More mappings than the system allows.
    let allowed: usize = std::fs::read_to_string("/proc/sys/vm/max_map_count")
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    if allowed > 1 << 20 {
        return;
    }
    let extents: Vec<_> = (0..allowed)
        .map(|index| (Some(&shared), (index * 2 % 4) * size, size))
        .collect();
    let view = view(&extents);
    let before = mappings();
    let error = view.remap().unwrap_err();
    assert!(matches!(error.fault, RemapFault::TooMany { .. }), "{error}");
    // Other tests of this program map and unmap meanwhile.
    assert!(mappings() < before + 100);
}

#[test]
fn a_remapped_view_is_remapped_once_more() {
    let size = page();
    let file = file(6);
    let map = map(&file, 6, libc::MAP_SHARED, true);
    let one = view(&[(Some(&map), 4 * size, size), (Some(&map), 0, 2 * size)])
        .remap()
        .unwrap();
    // Its second and third page, whose mapping is another than the first page's.
    let mut builder = Builder::new();
    let owner = one.memory().owners().next().unwrap().clone();
    let source = builder.add_source(owner).unwrap();
    builder.push(source, 2 * size, size).unwrap();
    builder.push(source, 0, 2 * size).unwrap();
    let again = View::<_, u8, _>::from(builder.finish());
    let two = again.remap().unwrap();
    assert_eq!(two.to_vec().unwrap(), again.to_vec().unwrap());
}
