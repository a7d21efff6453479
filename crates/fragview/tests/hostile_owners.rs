//! Owners whose `clone`, `memory` or `identity` panics, at each call in turn: what they were given to stays
//! whole, and every owner is dropped once.
//!
//! What they say of their memory is true, as the contract of [`Owner`], an unsafe trait, demands.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use fragview::memory::{Builder, Frozen, Owner};
use fragview::{FragBuffer, View};

thread_local! {
    /// The calls until one panics.
    static FUSE: Cell<usize> = const { Cell::new(usize::MAX) };
}

fn tick() {
    let left = FUSE.get();
    FUSE.set(left.saturating_sub(1));
    assert!(left > 0, "a hostile panic");
}

struct Fused(Arc<Vec<u8>>);

impl Clone for Fused {
    fn clone(&self) -> Self {
        tick();
        Self(Arc::clone(&self.0))
    }
}

// SAFETY: the bytes of the vector stay where they are, unchanged, as long as a clone of the `Arc` lives.
unsafe impl Owner for Fused {
    type Kind = Frozen<'static>;

    fn memory(&self) -> (*const u8, usize) {
        tick();
        (self.0.as_ptr(), self.0.len())
    }

    fn is_writable(&self) -> bool {
        tick();
        false
    }

    fn identity(&self) -> usize {
        tick();
        Arc::as_ptr(&self.0).addr()
    }
}

type Buffer = FragBuffer<Frozen<'static>, Fused>;

const PARTS: [&[u8]; 4] = [b"abcd", b"e", b"fghij", b"klm"];

fn made() -> (Vec<Arc<Vec<u8>>>, Buffer) {
    let pages: Vec<_> = PARTS.iter().map(|part| Arc::new(part.to_vec())).collect();
    let mut buffer = Buffer::new();
    for page in &pages {
        buffer.append_owner(Fused(Arc::clone(page))).unwrap();
    }
    (pages, buffer)
}

fn all(buffer: &Buffer) -> Vec<u8> {
    let mut bytes = vec![0; buffer.len()];
    buffer.copy_to_slice(0, &mut bytes).unwrap();
    bytes
}

/// Does `work` again and again, so that each of its calls of an owner is once the one that panics.
fn at_each_call(work: impl Fn(&mut Buffer), check: impl Fn(&Buffer, bool)) {
    for fuse in 0.. {
        let (pages, mut buffer) = made();
        FUSE.set(fuse);
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut buffer)));
        FUSE.set(usize::MAX);
        check(&buffer, outcome.is_err());
        // Each part and each way out agrees with the bytes that are there.
        let bytes = all(&buffer);
        for count in 0..=bytes.len() {
            assert_eq!(buffer.peek(count).unwrap(), bytes[..count]);
        }
        assert_eq!(buffer.into_view().unwrap(), bytes);
        assert!(
            pages.iter().all(|page| Arc::strong_count(page) == 1),
            "an owner leaks"
        );
        if outcome.is_ok() {
            assert!(fuse < 100);
            return;
        }
    }
}

#[test]
fn taking_from_the_front() {
    let whole = PARTS.concat();
    for count in 0..=whole.len() {
        at_each_call(
            |buffer| drop(buffer.split_to(count).unwrap()),
            |buffer, failed| assert_eq!(all(buffer), whole[if failed { 0 } else { count }..]),
        );
        at_each_call(
            |buffer| buffer.discard(count).unwrap(),
            |buffer, failed| assert!(!failed && all(buffer) == whole[count..]),
        );
        at_each_call(
            |buffer| drop(buffer.peek(count).unwrap()),
            |buffer, _| assert_eq!(all(buffer), whole),
        );
        // What was taken out, and then could not be made a view of, is gone.
        at_each_call(
            |buffer| drop(buffer.consume(count).unwrap()),
            |buffer, failed| {
                let bytes = all(buffer);
                assert!(bytes == whole[count..] || failed && bytes == whole);
            },
        );
    }
}

#[test]
fn appending() {
    let whole = PARTS.concat();
    let view =
        View::from_owners([Fused(Arc::new(b"new".to_vec())), Fused(Arc::new(b"er".to_vec()))]).unwrap();
    at_each_call(
        |buffer| buffer.append_view(&view).unwrap(),
        |buffer, failed| {
            let end = if failed { &b""[..] } else { b"newer" };
            assert_eq!(all(buffer), [&whole[..], end].concat());
        },
    );
    at_each_call(
        |buffer| buffer.prepend_view(&view.slice(1..4).unwrap()).unwrap(),
        |buffer, failed| {
            let start = if failed { &b""[..] } else { b"ewe" };
            assert_eq!(all(buffer), [start, &whole[..]].concat());
        },
    );
    at_each_call(
        |buffer| buffer.append_owner(Fused(Arc::new(b"new".to_vec()))).unwrap(),
        |buffer, failed| {
            let end = if failed { &b""[..] } else { b"new" };
            assert_eq!(all(buffer), [&whole[..], end].concat());
        },
    );
}

#[test]
fn building_and_editing() {
    let (pages, buffer) = made();
    let (view, whole) = (buffer.into_view().unwrap(), PARTS.concat());
    for fuse in 0.. {
        let mut builder = Builder::<Frozen<'static>, Fused>::new();
        builder.share_owners(true);
        FUSE.set(fuse);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            builder.push_view(&view).unwrap();
            builder.push_view(&view.reversed()).unwrap();
            let edited = view.splice(3..9, [&view, &view.reversed()]).unwrap();
            edited.len()
        }));
        FUSE.set(usize::MAX);
        let built = View::from(builder.finish_compact().unwrap()).to_vec().unwrap();
        let both: Vec<u8> = whole.iter().chain(whole.iter().rev()).copied().collect();
        assert!(both.starts_with(&built));
        assert_eq!(view, whole);
        if outcome.is_ok() {
            assert_eq!(built, both);
            break;
        }
        assert!(fuse < 1000);
    }
    drop(view);
    assert!(
        pages.iter().all(|page| Arc::strong_count(page) == 1),
        "an owner leaks"
    );
}
