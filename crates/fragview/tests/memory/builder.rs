//! Building memory: sources, merging, sealing, what a failed push leaves behind.

use crate::support::{Page, atomics, loaded};
use fragview::memory::{Builder, Frozen, Memory, Shared, SourceExtent};
use fragview::{Error, SharedView, View};
use std::sync::Arc;
use std::sync::atomic::AtomicU8;

const MOST: usize = isize::MAX.cast_unsigned();

type Pages = Builder<Shared<'static>, Page>;

fn view(builder: Pages) -> View<Shared<'static>, u8, Arc<Memory<Shared<'static>, Page>>> {
    builder.finish().into()
}

fn places(memory: &Memory<Shared<'static>, Page>) -> Vec<Option<(usize, usize)>> {
    memory
        .extents(0..memory.len())
        .map(|extent| extent.place)
        .collect()
}

#[test]
fn touching_extents_merge_only_when_asked() {
    let page = Page::new(&[1, 2, 3, 4, 5, 6, 7, 8], true);
    for merging in [false, true] {
        let mut builder = Pages::new();
        builder.merge_touching(merging);
        let source = builder.add_source(page.clone()).unwrap();
        for (offset, length) in [(0, 2), (2, 1), (3, 0), (3, 2), (6, 1), (6, 1), (5, 1)] {
            builder.push(source, offset, length).unwrap();
        }
        builder.push_hole(2).unwrap();
        builder.push_hole(3).unwrap();
        builder.push(source, 7, 1).unwrap();
        assert_eq!(builder.len(), 14);
        let memory = builder.finish();
        assert_eq!(memory.fragment_count(), if merging { 6 } else { 9 });
        if merging {
            let lengths: Vec<usize> = memory.extents(0..14).map(|extent| extent.length).collect();
            assert_eq!(lengths, [5, 1, 1, 1, 5, 1]);
        }
        assert_eq!(View::from(memory), [1, 2, 3, 4, 5, 7, 7, 6, 0, 0, 0, 0, 0, 8]);
    }
}

/// Two sources, or borrowed slices, may lie beside each other by chance.
#[test]
fn what_touches_by_chance_stays_apart() {
    let base = atomics(&[1, 2, 3, 4]);
    let mut builder = Builder::<Shared<'_>>::new();
    builder.merge_touching(true);
    builder.push_slice(&base[..2]).unwrap();
    builder.push_slice(&base[2..]).unwrap();
    assert_eq!(builder.finish().fragment_count(), 2);

    let bytes = [1, 2, 3, 4];
    let mut builder = Builder::<Frozen<'_>>::new();
    builder.merge_touching(true);
    builder.push_slice(&bytes[..2]).unwrap();
    builder.push_slice(&bytes[2..]).unwrap();
    assert_eq!(builder.finish().fragment_count(), 2);
}

/// What is read-only stays read-only, and what is not stays writable, although the extents touch.
#[test]
fn merging_does_not_cross_a_seal() {
    for sealed_first in [false, true] {
        let mut builder = Pages::new();
        builder.merge_touching(true);
        let source = builder.add_source(Page::new(&[0; 8], true)).unwrap();
        builder.set_readonly(sealed_first);
        builder.push(source, 0, 4).unwrap();
        builder.set_readonly(!sealed_first);
        builder.push(source, 4, 4).unwrap();
        let view = view(builder);
        assert_eq!(view.slice(..4).unwrap().is_writable(), !sealed_first);
        assert_eq!(view.slice(4..).unwrap().is_writable(), sealed_first);
        assert!(!view.is_writable());
    }
}

#[test]
fn a_view_pushed_into_a_merging_builder_keeps_its_seal() {
    let mut builder = Pages::new();
    let source = builder.add_source(Page::new(&[0; 8], true)).unwrap();
    builder.push(source, 0, 4).unwrap();
    builder.set_readonly(true);
    builder.push(source, 4, 4).unwrap();
    let half_sealed = view(builder);
    let mut builder = Pages::new();
    builder.merge_touching(true);
    builder.push_view(&half_sealed).unwrap();
    let copy = view(builder);
    assert!(copy.slice(..4).unwrap().is_writable());
    assert!(!copy.slice(3..5).unwrap().is_writable());
    assert_eq!(copy.set(5, 1), Err(Error::ReadOnly));
}

/// A push that fails says that the builder stays as it was. If it does not, a hole may pass for writable
/// memory.
#[test]
fn a_failed_push_leaves_no_trace() {
    let base = atomics(&[1, 2, 3, 4]);
    let mut builder = Builder::<Shared<'_>>::new();
    builder.push_slice(&base[..2]).unwrap();
    assert_eq!(builder.push_hole(MOST), Err(Error::TooLong));
    assert_eq!(builder.push_hole(usize::MAX), Err(Error::TooLong));
    assert_eq!(builder.len(), 2);
    builder.push_slice(&base[2..]).unwrap();
    builder.push_hole(4).unwrap();
    let view = SharedView::from(builder.finish());
    assert_eq!(view, [1, 2, 3, 4, 0, 0, 0, 0]);
    assert!(view.slice(..4).unwrap().is_writable());
    for (start, end) in [(4, 8), (3, 5), (0, 8), (7, 8)] {
        assert!(!view.slice(start..end).unwrap().is_writable(), "{start}..{end}");
    }
    assert_eq!(view.fill(9), Err(Error::ReadOnly));
    assert_eq!(loaded(&base), [1, 2, 3, 4]);
}

#[test]
fn a_failed_push_names_no_owner() {
    let (used, unused) = (Page::new(&[1, 2], true), Page::new(&[3, 4], false));
    let mut builder = Pages::new();
    builder.push_hole(MOST - 3).unwrap();
    let first = builder.add_source(used.clone()).unwrap();
    let second = builder.add_source(unused).unwrap();
    assert_eq!(builder.push(second, 0, 2), Ok(()));
    assert_eq!(builder.push(second, 0, 2), Err(Error::TooLong));
    assert_eq!(builder.push(first, 0, 2), Err(Error::TooLong));
    builder.push(second, 0, 1).unwrap();
    assert_eq!(builder.push(first, 0, 1), Err(Error::TooLong));
    let memory = builder.finish();
    assert_eq!(memory.owners_in(0..MOST).count(), 1);
    assert_eq!(memory.owners_in(MOST - 2..MOST).count(), 1);
    assert_eq!(places(&memory), [None, Some((1, 0)), Some((1, 0))]);

    let mut builder = Pages::new();
    let first = builder.add_source(used).unwrap();
    let second = builder.add_source(Page::new(&[3, 4], false)).unwrap();
    builder.push(first, 0, 1).unwrap();
    assert!(builder.push_hole(MOST).is_err());
    builder.push(first, 1, 1).unwrap();
    assert_eq!(
        builder.push(second, 0, 3),
        Err(Error::ExtentOutOfRange {
            index: 0,
            offset: 0,
            length: 3,
            size: 2
        })
    );
    builder.push(second, 1, 1).unwrap();
    let view = view(builder);
    assert_eq!(places(view.memory()), [Some((0, 0)), Some((0, 1)), Some((1, 1))]);
    assert!(view.slice(..2).unwrap().is_writable());
    assert!(!view.slice(2..).unwrap().is_writable());
}

#[test]
fn extents_are_checked_against_their_source() {
    let mut builder = Pages::new();
    let source = builder.add_source(Page::new(&[1, 2, 3], true)).unwrap();
    for (offset, length) in [
        (0, 4),
        (3, 1),
        (4, 0),
        (usize::MAX, 1),
        (1, usize::MAX),
        (usize::MAX, usize::MAX),
    ] {
        let size = 3;
        assert_eq!(
            builder.push(source, offset, length),
            Err(Error::ExtentOutOfRange {
                index: 0,
                offset,
                length,
                size
            })
        );
    }
    builder.push(source, 3, 0).unwrap();
    let mut others = Pages::new();
    for _ in 0..3 {
        others.add_source(Page::new(&[1], true)).unwrap();
    }
    let far = others.add_source(Page::new(&[1], true)).unwrap();
    assert_eq!(builder.push(far, 0, 1), Err(Error::NoSuchSource { index: 3 }));
    assert_eq!(builder.len(), 0);
    assert_eq!(builder.source_range(far), None);
    assert!(builder.owner(far).is_none());
    assert_eq!(builder.offset_in(far, std::ptr::null(), 0), None);
}

#[test]
fn a_source_tells_where_it_lies() {
    let page = Page::new(&[1, 2, 3, 4], true);
    let mut builder = Pages::new();
    let source = builder.add_source(page.clone()).unwrap();
    let range = builder.source_range(source).unwrap();
    assert_eq!(range.len(), 4);
    let at = |offset: usize| std::ptr::without_provenance::<u8>(range.start + offset);
    assert_eq!(builder.offset_in(source, at(0), 4), Some(0));
    assert_eq!(builder.offset_in(source, at(3), 1), Some(3));
    assert_eq!(builder.offset_in(source, at(4), 0), Some(4));
    assert_eq!(builder.offset_in(source, at(3), 2), None);
    assert_eq!(builder.offset_in(source, at(1), usize::MAX), None);
    assert_eq!(builder.offset_in(source, std::ptr::null(), 1), None);
    assert_eq!(builder.owner(source).unwrap().bytes(), page.bytes());
}

#[test]
fn a_source_is_held_once() {
    let page = Page::new(&[1, 2, 3, 4], true);
    let mut builder = Pages::new();
    let first = builder.add_source(page.clone()).unwrap();
    assert_eq!(builder.add_source(page.clone()).unwrap(), first);
    assert_eq!(page.clones(), 2);
    builder.push(first, 1, 2).unwrap();
    let one = view(builder);
    let joined = View::concat([&one, &one.reversed(), &one]).unwrap();
    assert_eq!(joined, [2, 3, 3, 2, 2, 3]);
    assert_eq!(joined.memory().owners().len(), 1);
    assert_eq!(page.clones(), 3);
    // Equal bytes are not the same memory, and another permission is another source.
    let twin = Page::new(&[1, 2, 3, 4], true);
    let mut builder = Pages::new();
    let a = builder.add_source(page.clone()).unwrap();
    let b = builder.add_source(twin).unwrap();
    assert_ne!(a, b);
    builder.push_view(&one).unwrap();
    assert_eq!(builder.finish().owners().len(), 2);
    drop((one, joined));
    assert_eq!(page.clones(), 1);
}

#[test]
fn the_memory_outlives_everything_else() {
    let view = {
        let page = Page::new(&[5, 6, 7, 8], true);
        let whole = View::from_owners([page]).unwrap();
        let tail = whole.slice(2..).unwrap();
        let head = whole.slice(..2).unwrap();
        View::concat([&tail, &head]).unwrap()
    };
    view.set(0, 9).unwrap();
    assert_eq!(view, [9, 8, 5, 6]);
}

#[test]
fn owners_of_a_range_in_order_of_first_use() {
    let pages: Vec<Page> = (0..4).map(|page| Page::new(&[page; 4], true)).collect();
    let mut builder = Pages::new();
    let sources: Vec<_> = pages
        .iter()
        .map(|page| builder.add_source(page.clone()).unwrap())
        .collect();
    // Which source each byte lies in.
    let mut line = Vec::new();
    for (source, length) in [
        (2, 2),
        (0, 1),
        (4, 2),
        (0, 1),
        (1, 2),
        (1, 1),
        (2, 2),
        (4, 1),
        (0, 2),
    ] {
        match sources.get(source) {
            Some(&source) => builder.push(source, 1, length).unwrap(),
            None => builder.push_hole(length).unwrap(),
        }
        line.extend(std::iter::repeat_n(source, length));
    }
    let memory = builder.finish();
    for start in 0..=line.len() {
        for end in start..=line.len() {
            let mut expected = Vec::new();
            for &source in &line[start..end] {
                if source < 4 && !expected.contains(&source) {
                    expected.push(source);
                }
            }
            let owners: Vec<usize> = memory
                .owners_in(start..end)
                .map(|owner| usize::from(owner.bytes()[0]))
                .collect();
            assert_eq!(owners, expected, "{start}..{end}");
        }
    }
    assert_eq!(memory.owners().len(), 4);
}

#[test]
fn extents_tell_source_and_offset() {
    let page = Page::new(&[0, 1, 2, 3, 4, 5, 6, 7], true);
    let view = View::from_extents(page, [(5, 2), (1, 3), (4, 1), (5, 3)]).unwrap();
    assert_eq!(view, [5, 6, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(view.memory().fragment_count(), 2);
    let extents = |view: &View<_, u8, _>| view.extents().collect::<Vec<SourceExtent>>();
    let extent = |offset, length| SourceExtent {
        place: Some((0, offset)),
        length,
    };
    assert_eq!(extents(&view), [extent(5, 2), extent(1, 7)]);
    assert_eq!(extents(&view.slice(1..4).unwrap()), [extent(6, 1), extent(1, 2)]);
    assert_eq!(
        extents(&view.slice(0..3).unwrap().reversed()),
        [extent(1, 1), extent(6, 1), extent(5, 1)]
    );
    assert_eq!(extents(&view.slice(4..4).unwrap()), []);
}

/// A span a source, a turn a change of permission, and nothing more a fragment.
#[test]
fn a_million_extents_cost_what_the_map_costs() {
    let mut builder = Pages::new();
    let source = builder.add_source(Page::new(&[0; 64], false)).unwrap();
    for index in 0..100_000 {
        builder.push(source, index % 60, 1 + index % 3).unwrap();
    }
    let memory = builder.finish();
    assert!(memory.heap_size() <= 16 * 100_001 + 400, "{}", memory.heap_size());
    assert!(memory.read::<u8>(memory.len() / 2).is_some());
    assert!(memory.heap_size() <= 20 * 100_001 + 400, "{}", memory.heap_size());
}

#[test]
fn slices_of_nothing() {
    let nothing: [&[AtomicU8]; 2] = [&[], &[]];
    let view = SharedView::from_atomics(nothing).unwrap();
    assert!(view.is_empty() && view.is_writable());
    assert_eq!(view.memory().fragment_count(), 0);
    assert_eq!(view.memory().locate(0), None);
    assert_eq!(view.memory().fragment_range(0), None);
    assert_eq!(view.fill(1), Ok(()));
    assert_eq!(view.copy_from_slice(&[]), Ok(()));
    assert_eq!(view.copy_from_view(&view), Ok(()));
    assert_eq!(view.to_vec().unwrap(), []);
    assert_eq!(view.extents().count(), 0);
    assert_eq!(view, []);
}
