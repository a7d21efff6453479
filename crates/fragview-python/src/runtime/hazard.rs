//! Hazard pointers: short reads of a shared value on an interpreter without a GIL.
//!
//! A shared count of users makes threads that only read wait for each other. So a thread announces in a slot
//! of its own which value it reads, and a thread that removes the value waits until no slot names it. A read
//! is short and runs no Python code.

#![allow(unsafe_code)]

use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::thread;

/// The value that one thread reads, alone on its cache lines. Slots are never freed: a thread that ends
/// leaves its slot to another.
#[repr(align(128))]
struct Slot {
    looked_at: AtomicPtr<()>,
    taken: AtomicBool,
    /// Written before others can see the slot.
    next: AtomicPtr<Slot>,
}

/// All slots, the newest first.
static SLOTS: AtomicPtr<Slot> = AtomicPtr::new(ptr::null_mut());

/// A thread's slot, until it ends.
struct Own(&'static Slot);

thread_local! {
    static OWN: Own = Own(Slot::take());
}

impl Drop for Own {
    fn drop(&mut self) {
        self.0.taken.store(false, Ordering::Release);
    }
}

impl Slot {
    fn all() -> impl Iterator<Item = &'static Self> {
        // SAFETY: null, or a slot, which is never freed and no longer written but through atomics.
        let at = |slot: &AtomicPtr<Self>| unsafe { slot.load(Ordering::SeqCst).as_ref() };
        std::iter::successors(at(&SLOTS), move |slot| at(&slot.next))
    }

    fn take() -> &'static Self {
        let free = |slot: &&Self| {
            let taken = slot
                .taken
                .compare_exchange(false, true, Ordering::AcqRel, Ordering::Relaxed);
            taken.is_ok()
        };
        if let Some(slot) = Self::all().find(free) {
            return slot;
        }
        let slot: &'static Self = Box::leak(Box::new(Self {
            looked_at: AtomicPtr::new(ptr::null_mut()),
            taken: AtomicBool::new(true),
            next: AtomicPtr::new(ptr::null_mut()),
        }));
        let pushed = SLOTS.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |first| {
            slot.next.store(first, Ordering::SeqCst);
            Some(ptr::from_ref(slot).cast_mut())
        });
        debug_assert!(pushed.is_ok(), "the closure always has an answer");
        slot
    }
}

/// A look at something, until dropped.
pub(crate) struct Look(&'static Slot);

impl Look {
    /// Says that this thread looks at `place`. `None` if it looks at something already, or ends.
    ///
    /// The caller then loads, `SeqCst`, whether the value is still there; a thread that removes the value
    /// stores that, `SeqCst`, before [`wait_for_looks`]. So one of the two sees the other.
    #[inline]
    pub(crate) fn at(place: *const ()) -> Option<Self> {
        OWN.try_with(|own| {
            let slot = own.0;
            if !slot.looked_at.load(Ordering::Relaxed).is_null() {
                return None;
            }
            slot.looked_at.store(place.cast_mut(), Ordering::SeqCst);
            Some(Self(slot))
        })
        .ok()
        .flatten()
    }
}

impl Drop for Look {
    #[inline]
    fn drop(&mut self) {
        self.0.looked_at.store(ptr::null_mut(), Ordering::Release);
    }
}

/// Waits until no thread looks at `place`. The caller has seen to it that no new look finds anything, and
/// looks at nothing itself. O(threads), and as long as a look takes.
pub(crate) fn wait_for_looks(place: *const ()) {
    for slot in Slot::all() {
        while slot.looked_at.load(Ordering::SeqCst).cast_const() == place {
            thread::yield_now();
        }
    }
}
