//! Owned, shared memory: sources, holes, read-only ranges, addresses for others.

use crate::support::{Page, picked, slices};
use fragview::Error;
use fragview::geometry::Window;
use fragview::memory::{Builder, Contiguous, Memory, Owner, Shared};
use fragview::{Untyped, View};

type Pages = Builder<Shared<'static>, Page>;
type PageView<'m> = View<Shared<'static>, Untyped, &'m Memory<Shared<'static>, Page>>;

fn whole<'m>(memory: &'m Memory<Shared<'static>, Page>) -> PageView<'m> {
    View::from_window(memory, Window::whole(memory.len())).unwrap()
}

/// Writable 0..4, read-only 4..7, a hole 7..9, writable 9..12.
fn mixed() -> (Memory<Shared<'static>, Page>, Page, Page) {
    let (writable, readonly) = (
        Page::new(&[1, 2, 3, 4, 5, 6, 7, 8], true),
        Page::new(&[11, 12, 13], false),
    );
    let mut builder = Pages::new();
    let (one, two) = (
        builder.add_source(writable.clone()).unwrap(),
        builder.add_source(readonly.clone()).unwrap(),
    );
    builder.push(one, 0, 4).unwrap();
    builder.push(two, 0, 3).unwrap();
    builder.push_hole(2).unwrap();
    builder.push(one, 4, 3).unwrap();
    (builder.finish(), writable, readonly)
}

const LOCKED: std::ops::Range<usize> = 4..9;

#[test]
fn a_range_is_writable_where_all_it_touches_is() {
    let (memory, ..) = mixed();
    for width in [1, 2, 3] {
        let items = Window::whole(12).regroup(width).unwrap();
        for slice in slices(items.len()) {
            let (first, count) = slice.resolve(items.len());
            let window = items.slice_with_step(first, count, slice.step).unwrap();
            let touched: Vec<usize> = picked(slice, items.len())
                .iter()
                .flat_map(|&i| i * width..(i + 1) * width)
                .collect();
            let expected = !touched.iter().any(|byte| LOCKED.contains(byte));
            assert_eq!(memory.is_writable(&window), expected, "{width} {slice:?}");
        }
    }
}

#[test]
fn a_refused_write_changes_nothing() {
    let (memory, writable, readonly) = mixed();
    let view = whole(&memory);
    assert_eq!(view.to_vec().unwrap(), [1, 2, 3, 4, 11, 12, 13, 0, 0, 5, 6, 7]);
    for range in [0..12, 3..5, 4..7, 6..8, 7..9, 8..10] {
        let part = view.slice(range.clone()).unwrap();
        assert_eq!(part.copy_from_slice(&vec![99; range.len()]), Err(Error::ReadOnly));
        assert_eq!(part.fill(99), Err(Error::ReadOnly));
        assert_eq!(part.copy_from_view(&part), Err(Error::ReadOnly));
    }
    assert_eq!(memory.write_at(3, &[9_u8, 9]), Err(Error::ReadOnly));
    assert_eq!(
        memory.write_at(11, &[9_u8, 9]),
        Err(Error::IndexOutOfRange {
            index: 11,
            length: 12
        })
    );
    assert_eq!(
        memory.write_at(usize::MAX, &[9_u8, 9]),
        Err(Error::IndexOutOfRange {
            index: usize::MAX,
            length: 12
        })
    );
    assert_eq!(
        (writable.bytes(), readonly.bytes()),
        (vec![1, 2, 3, 4, 5, 6, 7, 8], vec![11, 12, 13])
    );
    memory.write_at(2, &[33_u8, 44]).unwrap();
    view.slice(9..).unwrap().copy_from_slice(&[55, 66, 77]).unwrap();
    assert_eq!(writable.bytes(), [1, 2, 33, 44, 55, 66, 77, 8]);
    // A hole can be read from, in a copy too.
    view.slice(0..2)
        .unwrap()
        .copy_from_view(&view.slice(7..9).unwrap())
        .unwrap();
    assert_eq!(writable.bytes()[..2], [0, 0]);
}

#[test]
fn extents_and_owners_tell_where_the_bytes_are() {
    let (memory, writable, _) = mixed();
    let extents: Vec<_> = memory
        .extents(2..11)
        .map(|extent| (extent.place, extent.length))
        .collect();
    assert_eq!(
        extents,
        [(Some((0, 2)), 2), (Some((1, 0)), 3), (None, 2), (Some((0, 4)), 2)]
    );
    assert_eq!(memory.owners_in(5..9).count(), 1);
    assert_eq!(memory.owners_in(0..12).count(), 2);
    assert_eq!(memory.owners_in(7..9).count(), 0);
    // Joined with itself, each owner is there once.
    let mut builder = Pages::new();
    let before = writable.clones();
    for _ in 0..100 {
        builder.push_view(&whole(&memory)).unwrap();
    }
    let joined = builder.finish();
    assert_eq!((joined.len(), joined.owners().len()), (1200, 2));
    assert_eq!(writable.clones(), before + 1);
    drop(joined);
    assert_eq!(writable.clones(), before);
    drop(memory);
    assert_eq!(writable.clones(), 1);
}

#[test]
fn touching_extents_merge_where_asked() {
    let page = Page::new(&[0; 16], true);
    for (merge, count) in [(true, 3), (false, 5)] {
        let mut builder = Pages::new();
        builder.merge_touching(merge);
        let source = builder.add_source(page.clone()).unwrap();
        for (offset, length) in [(0, 4), (4, 4), (9, 2), (11, 0), (11, 5)] {
            builder.push(source, offset, length).unwrap();
        }
        builder.push_hole(3).unwrap();
        assert_eq!(builder.finish().fragment_count(), count);
    }
    let mut builder = Pages::new();
    let source = builder.add_source(page).unwrap();
    assert_eq!(
        builder.push(source, 10, 7),
        Err(Error::ExtentOutOfRange {
            index: 0,
            offset: 10,
            length: 7,
            size: 16
        })
    );
    assert!(builder.push(source, usize::MAX, 2).is_err());
    assert!(builder.push(source, 17, 0).is_err());
}

#[test]
fn a_run_is_one_piece_and_a_table_has_every_item() {
    let (memory, writable, readonly) = mixed();
    let base = writable.memory().0.cast_mut();
    let other = readonly.memory().0.cast_mut();
    let bytes = Window::whole(12);
    let part = |first: usize, count: usize, step: isize| bytes.slice_with_step(first, count, step).unwrap();
    assert_eq!(
        memory.contiguous(&part(1, 3, 1)),
        Some(Contiguous::Memory(base.wrapping_add(1)))
    );
    assert_eq!(
        memory.contiguous(&part(3, 4, -1)),
        Some(Contiguous::Memory(base.wrapping_add(3)))
    );
    assert_eq!(memory.contiguous(&part(7, 2, 1)), Some(Contiguous::Hole));
    assert_eq!(memory.contiguous(&part(3, 2, 1)), None);
    assert_eq!(memory.contiguous(&part(0, 0, 1)), None);
    let table = memory.item_table(&bytes, 1).unwrap();
    let pointers = table.pointers();
    assert_eq!(pointers.len(), 12);
    assert!((0..4).all(|i| pointers[i] == base.wrapping_add(i)));
    assert!((0..3).all(|i| pointers[4 + i] == other.wrapping_add(i)));
    // SAFETY: a hole's items are zeros of the table.
    assert!((7..9).all(|i| unsafe { *pointers[i] } == 0));
    assert!((0..3).all(|i| pointers[9 + i] == base.wrapping_add(4 + i)));
    let backwards = memory.item_table(&part(11, 12, -1), 1).unwrap();
    assert!(
        backwards
            .pointers()
            .iter()
            .rev()
            .zip(pointers)
            .enumerate()
            .all(|(i, (a, b))| a == b || LOCKED.contains(&i))
    );
    let pairs = bytes.regroup(2).unwrap();
    assert_eq!(
        memory.item_table(&pairs, 2).unwrap_err(),
        Error::AcrossSeam { item: 3 }
    );
}

#[test]
fn hostile_sizes() {
    let mut builder = Pages::new();
    builder.push_hole(isize::MAX as usize).unwrap();
    assert_eq!(builder.push_hole(1), Err(Error::TooLong));
    let memory = builder.finish();
    let view = whole(&memory);
    assert_eq!(view.to_vec(), Err(Error::OutOfMemory));
    let far = view.slice(isize::MAX as usize - 8..).unwrap();
    assert_eq!(far.to_vec().unwrap(), [0; 8]);
    assert_eq!(view.into_untyped(7).unwrap().len(), isize::MAX as usize / 7);
}

#[test]
fn readers_and_writers_share_memory() {
    let page = Page::new(&[0; 4096], true);
    let mut builder = Pages::new();
    let source = builder.add_source(page).unwrap();
    for i in 0..512 {
        builder.push(source, (i * 37) % 512 * 8, 8).unwrap();
    }
    let memory = builder.finish();
    std::thread::scope(|scope| {
        for value in [0x11_u8, 0x22] {
            let memory = &memory;
            scope.spawn(move || (0..200).for_each(|_| whole(memory).fill(value).unwrap()));
        }
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert!(
                        whole(&memory)
                            .to_vec()
                            .unwrap()
                            .iter()
                            .all(|byte| [0, 0x11, 0x22].contains(byte))
                    );
                }
            });
        }
    });
}
