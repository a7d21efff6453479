//! The C struct of fragments: what goes out comes back, is released once, and lies are refused.

use std::ffi::{c_char, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use fragview::View;
use fragview::ffi::{CFragments, ForeignError, ForeignFragments, IoVec, VERSION};
use fragview::memory::{Builder, Owner, Shared};

/// Atomics of its own, counted when they go.
#[derive(Clone)]
struct Atomics(Arc<Counted>);

struct Counted(Box<[AtomicU8]>, Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

// SAFETY: boxed atomics, valid while a clone lives.
unsafe impl Owner for Atomics {
    type Kind = Shared<'static>;

    fn memory(&self) -> (*const u8, usize) {
        (self.0.0.as_ptr().cast(), self.0.0.len())
    }

    fn is_writable(&self) -> bool {
        true
    }

    fn identity(&self) -> usize {
        self.0.0.as_ptr().addr()
    }
}

type AtomicsView = View<Shared<'static>, u8, Arc<fragview::memory::Memory<Shared<'static>, Atomics>>>;

/// Bytes 0, 1, 2 … in fragments of these lengths; a negative one is a hole, an odd one read-only.
fn view(lengths: &[isize], dropped: &Arc<AtomicUsize>) -> AtomicsView {
    let total: usize = lengths.iter().map(|length| length.unsigned_abs()).sum();
    let bytes = (0..total).map(|byte| AtomicU8::new(u8::try_from(byte % 251).unwrap()));
    let owner = Atomics(Arc::new(Counted(bytes.collect(), Arc::clone(dropped))));
    let mut builder = Builder::new();
    let source = builder.add_source(owner).unwrap();
    let mut at = 0;
    for &length in lengths {
        builder.set_readonly(length % 2 == 1);
        match usize::try_from(length) {
            Ok(length) => builder.push(source, at, length).unwrap(),
            Err(_) => builder.push_hole(length.unsigned_abs()).unwrap(),
        }
        at += length.unsigned_abs();
    }
    View::from(builder.finish())
}

#[test]
fn what_goes_out_comes_back() {
    for lengths in [&[][..], &[4], &[1, 2, -3, 4, 5], &[2, 4, -8], &[-1], &[3, 3, 3]] {
        let dropped = Arc::new(AtomicUsize::new(0));
        let whole = view(lengths, &dropped);
        for start in 0..=whole.len() {
            for end in start..=whole.len() {
                let part = whole.slice(start..end).unwrap();
                let mut fragments = part.to_c_fragments().unwrap();
                assert_eq!(usize::try_from(fragments.byte_count).unwrap(), end - start);
                // SAFETY: a struct of our own.
                let foreign = unsafe { ForeignFragments::take(&raw mut fragments) }.unwrap();
                assert_eq!((foreign.format().as_str(), foreign.item_size()), ("B", 1));
                let again = foreign.into_view().unwrap();
                assert_eq!(again.to_vec().unwrap(), part.to_vec().unwrap());
                for at in 0..part.len() {
                    let byte = |view: bool| {
                        if view {
                            again.slice(at..=at).unwrap().is_writable()
                        } else {
                            part.slice(at..=at).unwrap().is_writable()
                        }
                    };
                    assert_eq!(byte(true), byte(false), "{lengths:?} {start}..{end} at {at}");
                    if byte(true) {
                        again.set(at, 99).unwrap();
                        assert_eq!(part.get(at), Some(99));
                    }
                }
            }
        }
        drop(whole);
        assert_eq!(dropped.load(Ordering::SeqCst), 1, "each struct was released");
    }
}

#[test]
fn a_struct_that_is_not_taken_releases_itself_and_one_that_is_does_not() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let whole = view(&[3, 4], &dropped);
    let mut fragments = whole.to_c_fragments().unwrap();
    let untaken = whole.to_c_fragments().unwrap();
    drop(whole);
    // SAFETY: a struct of our own.
    let foreign = unsafe { ForeignFragments::take(&raw mut fragments) }.unwrap();
    // SAFETY: as above.
    let twice = unsafe { ForeignFragments::take(&raw mut fragments) };
    assert_eq!(twice.unwrap_err(), ForeignError::Taken);
    drop(fragments);
    drop(untaken);
    assert_eq!(dropped.load(Ordering::SeqCst), 0);
    std::thread::spawn(move || drop(foreign)).join().unwrap();
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[test]
fn gaps_are_refused() {
    let whole = view(&[3, 4], &Arc::default());
    let slice = fragview::geometry::Slice {
        start: None,
        stop: None,
        step: 2,
    };
    assert!(whole.slice_with_step(slice).to_c_fragments().is_err());
}

static RELEASED: AtomicUsize = AtomicUsize::new(0);

unsafe extern "C" fn count_release(fragments: *mut CFragments) {
    RELEASED.fetch_add(1, Ordering::SeqCst);
    // SAFETY: the caller's.
    unsafe { (*fragments).release = None };
}

#[test]
#[expect(clippy::too_many_lines, reason = "one lie after the other")]
fn lies_are_refused_and_released() {
    let byte = AtomicU8::new(1);
    let base: *mut c_void = byte.as_ptr().cast();
    let fragments = [IoVec { base, len: 1 }];
    let truth = || CFragments {
        version: VERSION,
        byte_count: 1,
        item_size: 1,
        format: c"B".as_ptr(),
        count: 1,
        fragments: fragments.as_ptr(),
        readonly: std::ptr::null(),
        release: Some(count_release),
        private_data: std::ptr::null_mut(),
    };
    let take = |mut lie: CFragments| {
        let before = RELEASED.load(Ordering::SeqCst);
        // SAFETY: the struct's pointers are valid as far as it says; what it says is refused.
        let taken = unsafe { ForeignFragments::take(&raw mut lie) }.map(drop);
        drop(lie);
        assert_eq!(RELEASED.load(Ordering::SeqCst), before + 1);
        taken
    };
    assert_eq!(take(truth()), Ok(()));
    let field = |field, value| Err(ForeignError::Number { field, value });
    assert_eq!(
        take(CFragments {
            version: 2,
            ..truth()
        }),
        Err(ForeignError::Version(2))
    );
    assert_eq!(
        take(CFragments {
            byte_count: -1,
            ..truth()
        }),
        field("nbytes", -1)
    );
    assert_eq!(
        take(CFragments {
            item_size: 0,
            ..truth()
        }),
        field("itemsize", 0)
    );
    assert_eq!(
        take(CFragments {
            item_size: 2,
            ..truth()
        }),
        field("itemsize", 2)
    );
    assert_eq!(take(CFragments { count: -5, ..truth() }), field("count", -5));
    assert_eq!(
        take(CFragments {
            count: i64::MAX,
            ..truth()
        }),
        field("count", i64::MAX)
    );
    assert_eq!(
        take(CFragments {
            fragments: std::ptr::null(),
            ..truth()
        }),
        Err(ForeignError::NoFragments)
    );
    let not_text: [c_char; 2] = [-1, 0];
    assert_eq!(
        take(CFragments {
            format: not_text.as_ptr(),
            ..truth()
        }),
        Err(ForeignError::Format)
    );
    let found = Err(ForeignError::Sum { told: 7, found: 1 });
    assert_eq!(
        take(CFragments {
            byte_count: 7,
            ..truth()
        }),
        found
    );
    for len in [usize::MAX, 1 << 63] {
        let long = [IoVec { base, len }];
        let lie = CFragments {
            fragments: long.as_ptr(),
            ..truth()
        };
        assert_eq!(
            take(lie),
            Err(ForeignError::Fragment {
                index: 0,
                length: len
            })
        );
    }
    // Null with a length is a hole.
    let hole = [IoVec {
        base: std::ptr::null_mut(),
        len: 1,
    }];
    let mut hole = CFragments {
        fragments: hole.as_ptr(),
        ..truth()
    };
    // SAFETY: a hole has no memory.
    let foreign = unsafe { ForeignFragments::take(&raw mut hole) }.unwrap();
    assert_eq!(foreign.into_view().unwrap().to_vec().unwrap(), [0]);
}
