//! Addresses: single runs and tables of one pointer an item, against the true addresses.

use std::sync::Arc;
use std::sync::atomic::AtomicU8;

use crate::support::{Layout, Page, splits};
use fragview::geometry::Window;
use fragview::memory::{Builder, Contiguous, Memory, Shared};
use fragview::{Error, SharedView, View};

/// Every window of `view`'s items.
fn windows(items: Window) -> Vec<Window> {
    let mut windows = Vec::new();
    for first in 0..items.len() {
        for count in 1..=items.len() {
            windows.extend((-3..=3).filter_map(|step| items.slice_with_step(first, count, step)));
        }
    }
    windows
}

fn address(base: &[AtomicU8], position: usize) -> *mut u8 {
    base[position].as_ptr()
}

#[test]
fn pointers_are_the_addresses_of_the_items() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        let (base, positions) = (layout.atomics(), layout.positions());
        let view = layout.shared(&base);
        for width in [1, 2, 4] {
            let items = view.untyped(width).unwrap();
            for window in windows(*items.window()) {
                // Items follow each other in one fragment, or there is a seam.
                let expected: Result<Vec<*mut u8>, usize> = (0..window.len())
                    .map(|item| {
                        let bytes = &positions[window.offset(item)..window.offset(item) + width];
                        let whole = bytes.windows(2).all(|pair| pair[0] + 1 == pair[1]);
                        whole.then(|| address(&base, bytes[0])).ok_or(item)
                    })
                    .collect();
                let table = view.memory().item_table(&window, width);
                match (table, expected) {
                    (Ok(table), Ok(expected)) => assert_eq!(table.pointers(), expected),
                    (Err(error), Err(item)) => assert_eq!(error, Error::AcrossSeam { item }),
                    (table, expected) => panic!("{table:?} for {expected:?}"),
                }
            }
        }
    }
}

#[test]
fn one_run_is_one_fragment() {
    for split in splits(8) {
        let layout = Layout::new(&split);
        let (base, positions) = (layout.atomics(), layout.positions());
        let view = layout.shared(&base);
        for width in [1, 2] {
            for window in windows(*view.untyped(width).unwrap().window()) {
                let one = positions[window.span()]
                    .windows(2)
                    .all(|pair| pair[0] + 1 == pair[1]);
                let expected = one.then(|| Contiguous::Memory(address(&base, positions[window.start()])));
                assert_eq!(
                    view.memory().contiguous(&window),
                    expected,
                    "{window:?} of {split:?}"
                );
            }
        }
        assert_eq!(view.memory().contiguous(&Window::whole(0)), None);
    }
}

fn page_view(page: &Page) -> View<Shared<'static>, u8, Arc<Memory<Shared<'static>, Page>>> {
    let mut builder = Builder::new();
    let source = builder.add_source(page.clone()).unwrap();
    builder.push(source, 0, 3).unwrap();
    builder.push(source, 3, 2).unwrap();
    builder.push_hole(2).unwrap();
    builder.push_hole(5).unwrap();
    builder.push(source, 4, 4).unwrap();
    builder.finish().into()
}

#[test]
fn fragments_of_a_source_that_touch_are_one_run() {
    let page = Page::new(&[1, 2, 3, 4, 5, 6, 7, 8], true);
    let view = page_view(&page);
    let run = |start: usize, end: usize| {
        let part = view.slice(start..end).unwrap();
        view.memory().contiguous(part.window())
    };
    let Some(Contiguous::Memory(first)) = run(0, 5) else {
        panic!("one run")
    };
    assert_eq!(run(2, 4), Some(Contiguous::Memory(first.wrapping_add(2))));
    assert_eq!(run(5, 12), Some(Contiguous::Hole));
    assert_eq!(run(8, 9), Some(Contiguous::Hole));
    assert_eq!(run(4, 6), None);
    assert_eq!(run(11, 13), None);
    assert_eq!(run(12, 16), Some(Contiguous::Memory(first.wrapping_add(4))));
    assert_eq!(run(16, 16), None);
}

#[test]
fn holes_point_to_zeros_of_the_table() {
    let page = Page::new(&[1, 2, 3, 4, 5, 6, 7, 8], true);
    let view = page_view(&page);
    let holes = view.slice(7..11).unwrap();
    let table = view.memory().item_table(holes.window(), 2).unwrap();
    let pointers = table.pointers();
    assert_eq!(pointers.len(), 2);
    for &pointer in pointers {
        // SAFETY: an item of two zeros, which the table owns.
        let zeros = unsafe { std::slice::from_raw_parts(pointer, 2) };
        assert_eq!(zeros, [0; 2]);
    }
    // The zeros stay in place when the table moves.
    let boxed = Box::new((0, table));
    // SAFETY: as above.
    assert_eq!(unsafe { boxed.1.pointers()[1].add(1).read() }, 0);
    let mixed = view.memory().item_table(view.window(), 1).unwrap();
    assert_eq!(mixed.pointers().len(), 16);
    assert_ne!(mixed.pointers()[4], mixed.pointers()[5]);
    assert_eq!(mixed.pointers()[5], mixed.pointers()[11]);
    assert_eq!(
        view.memory()
            .item_table(view.slice(3..7).unwrap().window(), 4)
            .unwrap_err(),
        Error::AcrossSeam { item: 0 }
    );
}

#[test]
fn odd_item_sizes_give_no_pointer_past_the_items() {
    let base = crate::support::atomics(&[1, 2, 3, 4, 5, 6, 7, 8]);
    let view = SharedView::from_atomics([&base[..]]).unwrap();
    assert!(
        view.memory()
            .item_table(view.window(), 0)
            .unwrap()
            .pointers()
            .is_empty()
    );
    assert_eq!(
        view.memory()
            .item_table(view.window(), 8)
            .unwrap()
            .pointers()
            .len(),
        1
    );
    assert!(
        view.memory()
            .item_table(view.window(), 9)
            .unwrap()
            .pointers()
            .is_empty()
    );
    assert!(
        view.memory()
            .item_table(view.window(), usize::MAX)
            .unwrap()
            .pointers()
            .is_empty()
    );
    // Rows with gaps, of several items each.
    let rows = view.untyped(4).unwrap().reversed();
    let table = view.memory().item_table(rows.window(), 2).unwrap();
    assert_eq!(
        table.pointers(),
        [4, 6, 0, 2].map(|position| address(&base, position))
    );
}
