//! The release guard: a value that can be removed while no operation uses it.
//!
//! `release()` takes a view's memory away. It must fail while a buffer is exported, and must never pull the
//! memory out from under an operation: not one that runs Python code in the middle, not one in another
//! thread.

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicIsize, Ordering};

use pyo3::gc::PyVisit;

#[cfg(Py_GIL_DISABLED)]
use crate::runtime::hazard::{Look, wait_for_looks};

/// Below this, the count means that the value is gone; far enough from 0 for any number of late comers.
const GONE: isize = isize::MIN / 2;

/// A value with a count of its users: operations while they run, exports while they live.
///
/// Invariant: `value` is written only by the thread that moved `users` from 0 to [`GONE`], after all short
/// borrows have ended, and read only by counted users and short borrows.
pub(crate) struct ReleaseGuard<T> {
    users: AtomicIsize,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: `&ReleaseGuard` gives `&T` to many threads, and the value to one.
unsafe impl<T: Send + Sync> Sync for ReleaseGuard<T> {}

/// The value is gone, so no operation can enter.
#[derive(Debug)]
pub(crate) struct Gone;

/// A short use of a guarded value.
pub(crate) struct ShortBorrow<'g, T> {
    value: &'g T,
    /// Keeps the value valid without a GIL; it is dropped after the last use of the value.
    #[cfg(Py_GIL_DISABLED)]
    _keep: Keep<'g, T>,
}

/// A look, or a count if the thread looks at something else already.
#[cfg(Py_GIL_DISABLED)]
#[expect(dead_code, reason = "they are there to be dropped")]
enum Keep<'g, T> {
    Look(Look),
    Guard(Guard<'g, T>),
}

impl<T> std::ops::Deref for ShortBorrow<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.value
    }
}

/// Use of a guarded value, counted until dropped.
pub(crate) struct Guard<'g, T>(&'g ReleaseGuard<T>);

impl<T> ReleaseGuard<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            users: AtomicIsize::new(0),
            value: UnsafeCell::new(Some(value)),
        }
    }

    /// Lets the caller use the value until the guard is dropped. O(1).
    #[inline]
    pub(crate) fn enter(&self) -> Result<Guard<'_, T>, Gone> {
        self.count_in()?;
        Ok(Guard(self))
    }

    /// As [`enter`](Self::enter), without counting: a thread with the GIL needs no count, and without a GIL a
    /// slot of the thread's own lets other threads read meanwhile.
    ///
    /// # Safety
    /// Until the borrow is dropped the thread stays attached and runs no Python code, which could take the
    /// value away: no call of a method, no reference dropped, no container made, whose memory may start the
    /// garbage collector.
    #[inline]
    pub(crate) unsafe fn short_borrow(&self) -> Option<ShortBorrow<'_, T>> {
        #[cfg(not(Py_GIL_DISABLED))]
        {
            if self.is_gone() {
                return None;
            }
            // SAFETY: not gone, and no thread removes it while this thread has the GIL.
            unsafe { (*self.value.get()).as_ref() }.map(|value| ShortBorrow { value })
        }
        #[cfg(Py_GIL_DISABLED)]
        {
            let keep = match Look::at(self.place()) {
                Some(look) if self.users.load(Ordering::SeqCst) >= 0 => Keep::Look(look),
                Some(_) => return None,
                None => Keep::Guard(self.enter().ok()?),
            };
            // SAFETY: it was there after the short borrow was announced, or is counted, so no thread removes
            // it while `keep` lives.
            unsafe { (*self.value.get()).as_ref() }.map(|value| ShortBorrow { value, _keep: keep })
        }
    }

    /// The value that a short borrow names.
    #[cfg(Py_GIL_DISABLED)]
    const fn place(&self) -> *const () {
        std::ptr::from_ref(self).cast()
    }

    /// True if the value is gone.
    #[inline]
    pub(crate) fn is_gone(&self) -> bool {
        self.users.load(Ordering::Acquire) < 0
    }

    /// Takes the value, if it has no users; else `Err` has their number. `Ok(None)` if it is gone already.
    ///
    /// Without a GIL, it waits for other threads' short borrows; this thread has none, because they run no
    /// Python code.
    pub(crate) fn close(&self) -> Result<Option<T>, isize> {
        match self
            .users
            .compare_exchange(0, GONE, Ordering::SeqCst, Ordering::Acquire)
        {
            Ok(_) => {
                #[cfg(Py_GIL_DISABLED)]
                wait_for_looks(self.place());
                // SAFETY: the count went from no users to gone, and all earlier short borrows are over, so no
                // thread reads the value now or later.
                Ok(unsafe { (*self.value.get()).take() })
            }
            Err(users) if users < 0 => Ok(None),
            Err(users) => Err(users),
        }
    }

    /// The value without being counted, for the garbage collector.
    ///
    /// `_visit` witnesses that the collector calls: it holds the GIL, or has stopped all other threads.
    pub(crate) fn peek<'g>(&'g self, _visit: &PyVisit<'_>) -> Option<&'g T> {
        if self.is_gone() {
            return None;
        }
        // SAFETY: not gone, and no other thread takes it while the collector runs.
        unsafe { (*self.value.get()).as_ref() }
    }

    #[inline]
    fn count_in(&self) -> Result<(), Gone> {
        // With a GIL, no other thread runs between the load and the store; a plain count is quicker.
        #[cfg(not(Py_GIL_DISABLED))]
        {
            let users = self.users.load(Ordering::Relaxed);
            if users < 0 {
                return Err(Gone);
            }
            self.users.store(users + 1, Ordering::Relaxed);
        }
        #[cfg(Py_GIL_DISABLED)]
        if self.users.fetch_add(1, Ordering::AcqRel) < 0 {
            self.users.fetch_sub(1, Ordering::AcqRel);
            return Err(Gone);
        }
        Ok(())
    }

    #[inline]
    fn count_out(&self) {
        #[cfg(not(Py_GIL_DISABLED))]
        self.users
            .store(self.users.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
        #[cfg(Py_GIL_DISABLED)]
        self.users.fetch_sub(1, Ordering::AcqRel);
    }
}

impl<T> Guard<'_, T> {
    /// Stays counted until [`ReleaseGuard::unpin`], for an export that outlives the call.
    pub(crate) fn pin(self) {
        std::mem::forget(self);
    }
}

impl<T> ReleaseGuard<T> {
    /// Ends what [`Guard::pin`] began. Call it once for each.
    pub(crate) fn unpin(&self) {
        self.count_out();
    }
}

impl<T> std::ops::Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this guard is counted, so the value is there and no thread removes it.
        match unsafe { &*self.0.value.get() } {
            Some(value) => value,
            None => unreachable!("a counted value is there"),
        }
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.0.count_out();
    }
}
