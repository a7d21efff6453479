//! Shared memory in several threads, and which types may go to other threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::support::{Page, atomics};
use fragview::memory::{Builder, Exclusive, Frozen, ItemTable, Memory, Shared};
use fragview::{ExclusiveView, FrozenView, Items, SharedView, View};

/// Whether a type may be sent and shared, asked so that "no" is an answer as well: the inherent constant goes
/// first.
struct Probe<T>(std::marker::PhantomData<T>);

impl<T: Send + Sync> Probe<T> {
    const SYNC: bool = true;
}

trait Otherwise {
    const SYNC: bool = false;
}

impl<T> Otherwise for Probe<T> {}

macro_rules! is_sync {
    ($type:ty) => {
        Probe::<$type>::SYNC
    };
}

/// An owner that may not leave its thread.
type Local = std::rc::Rc<u8>;

const _: () = {
    assert!(is_sync!(FrozenView<'static, u32>));
    assert!(is_sync!(ExclusiveView<'static, u32>));
    assert!(is_sync!(SharedView<'static, u32>));
    assert!(is_sync!(FrozenView<'static, Local>));
    assert!(is_sync!(
        View<Exclusive<'static>, u8, &'static Memory<Exclusive<'static>>>
    ));
    assert!(is_sync!(
        Items<'static, Shared<'static>, u8, Arc<Memory<Shared<'static>>>>
    ));
    assert!(is_sync!(Memory<Shared<'static>, Page>));
    assert!(is_sync!(ItemTable));
    assert!(!is_sync!(Memory<Shared<'static>, Local>));
    assert!(!is_sync!(
        View<Shared<'static>, u8, Arc<Memory<Shared<'static>, Local>>>
    ));
    assert!(!is_sync!(
        View<Frozen<'static>, u8, Arc<Memory<Frozen<'static>, std::cell::Cell<u8>>>>
    ));
};

/// A read sees bytes that were there or that were written, whatever its width and wherever the seams are.
#[test]
fn reads_see_old_or_new_bytes_only() {
    const VALUES: [u8; 3] = [0x11, 0x22, 0x44];
    let base = atomics(&[VALUES[0]; 5000]);
    // Fragments of many sizes, some of them twice.
    let mut fragments: Vec<&[AtomicU8]> = base.chunks(37).chain(base.chunks(1000)).collect();
    fragments.push(&base[100..4000]);
    let view = SharedView::from_atomics(fragments).unwrap();
    let view = view.slice(..view.len() / 8 * 8).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for value in VALUES {
            let (view, done) = (&view, &done);
            scope.spawn(move || {
                let words = view.cast::<u64>().unwrap();
                let source = vec![value; view.len()];
                for round in 0..60 {
                    match round % 4 {
                        0 => view.fill(value).unwrap(),
                        1 => view.copy_from_slice(&source).unwrap(),
                        2 => (0..words.len())
                            .for_each(|index| words.set(index, u64::from_ne_bytes([value; 8])).unwrap()),
                        _ => view.copy_from_view(&view.reversed()).unwrap(),
                    }
                }
                done.store(true, Ordering::Relaxed);
            });
        }
        for _ in 0..2 {
            let (view, done) = (&view, &done);
            scope.spawn(move || {
                let seen = |bytes: &[u8]| assert!(bytes.iter().all(|byte| VALUES.contains(byte)));
                loop {
                    let last = done.load(Ordering::Relaxed);
                    seen(&view.to_vec().unwrap());
                    for word in view
                        .slice(3..view.len() - 5)
                        .unwrap()
                        .cast::<u64>()
                        .unwrap()
                        .iter()
                        .step_by(7)
                    {
                        seen(&word.to_ne_bytes());
                    }
                    for at in (0..view.len() - 16).step_by(101) {
                        seen(&view.read_at::<[u8; 16]>(at).unwrap());
                    }
                    if last {
                        break;
                    }
                }
            });
        }
    });
}

/// Threads that write different items of one view never disturb each other's.
#[test]
fn neighbours_are_left_alone() {
    let base = atomics(&[0; 1200]);
    let view = SharedView::from_atomics(base.chunks(7)).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u8 {
            let view = view.clone();
            scope.spawn(move || {
                let items = view.cast::<[u8; 3]>().unwrap();
                for round in 0..4 {
                    for index in (usize::from(thread)..items.len()).step_by(4) {
                        let value = [thread, round, index.to_le_bytes()[0]];
                        items.set(index, value).unwrap();
                        assert_eq!(items.get(index), Some(value));
                    }
                }
            });
        }
    });
    let items = view.cast::<[u8; 3]>().unwrap();
    for (index, [thread, round, low]) in items.iter().enumerate() {
        assert_eq!((usize::from(thread), round), (index % 4, 3));
        assert_eq!(low, index.to_le_bytes()[0]);
    }
}

#[test]
fn views_leave_their_thread_with_their_owners() {
    let page = Page::new(&[1, 2, 3, 4], true);
    let mut builder = Builder::new();
    let source = builder.add_source(page.clone()).unwrap();
    builder.push(source, 2, 2).unwrap();
    builder.push(source, 0, 2).unwrap();
    let view = View::from(builder.finish());
    let copy = view.clone();
    let sender = std::thread::spawn(move || {
        copy.set(0, 9).unwrap();
        copy.reversed()
    });
    drop(view);
    let reversed = sender.join().unwrap();
    assert_eq!(reversed, [2, 1, 4, 9]);
    drop(reversed);
    assert_eq!((page.bytes(), page.clones()), (vec![1, 2, 9, 4], 1));
}
