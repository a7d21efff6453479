//! Stepped assignments take no memory where nothing overlaps, and a byte a byte where something does.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::AtomicU8;

use fragview::SharedView;
use fragview::geometry::Slice;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    /// Bytes that this thread has allocated.
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: blocks are `System`'s; they are only counted.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) };
    }
}

const MANY: usize = 1 << 16;

fn bytes(value: u8) -> Vec<AtomicU8> {
    (0..MANY).map(|_| AtomicU8::new(value)).collect()
}

/// Bytes that differ from their neighbours.
fn numbers() -> Vec<AtomicU8> {
    (0..=250).cycle().take(MANY).map(AtomicU8::new).collect()
}

fn stepped<'a>(view: &SharedView<'a>, step: isize) -> SharedView<'a> {
    view.slice_with_step(Slice {
        start: None,
        stop: None,
        step,
    })
}

/// Bytes allocated by some work.
fn allocated(work: impl FnOnce()) -> usize {
    let before = ALLOCATED.get();
    work();
    ALLOCATED.get() - before
}

#[test]
fn apart() {
    let (left, right) = (bytes(1), bytes(2));
    let target = SharedView::from_atomics([&left[..5], &left[5..MANY / 2], &left[MANY / 2..]]).unwrap();
    let source = SharedView::from_atomics([&right[..9], &right[9..]]).unwrap();
    for (to, from) in [
        (stepped(&target, 2), stepped(&source, 2)),
        (stepped(&target, -1), stepped(&source, 1)),
        (target.clone(), stepped(&source, -1)),
        (stepped(&target, 3), stepped(&source, -3)),
    ] {
        // What is remembered of the fragments, of which there are three.
        assert!(allocated(|| to.copy_from_view(&from).unwrap()) < 1024);
        assert_eq!(to.to_vec().unwrap(), from.to_vec().unwrap());
    }
}

/// Items of several bytes across seams, each in two or three pieces.
#[test]
fn across_seams() {
    let (left, right) = (bytes(1), numbers());
    let target = SharedView::from_atomics(left.chunks(7))
        .unwrap()
        .untyped(8)
        .unwrap();
    let source = SharedView::from_atomics(right.chunks(5))
        .unwrap()
        .untyped(8)
        .unwrap();
    let pick = |step| Slice {
        start: None,
        stop: None,
        step,
    };
    for (to, from) in [(1, -1), (-1, 1), (2, -2), (3, 3)] {
        let (to, from) = (
            target.slice_with_step(pick(to)),
            source.slice_with_step(pick(from)),
        );
        assert!(allocated(|| to.copy_from_view(&from).unwrap()) < 1024);
        assert_eq!(to.to_vec().unwrap(), from.to_vec().unwrap());
    }
}

#[test]
fn overlapping() {
    let memory = numbers();
    let view = SharedView::from_atomics([&memory[..]]).unwrap();
    let reversed = stepped(&view, -1);
    let expected = reversed.to_vec().unwrap();
    assert!(allocated(|| view.copy_from_view(&reversed).unwrap()) < MANY + 1024);
    assert_eq!(view.to_vec().unwrap(), expected);
}
