//! The gate: a value that can be taken away while nobody uses it.
//!
//! `release()` takes a view's memory away. It must fail while a buffer is exported, and must never pull the memory
//! out from under an operation: not one that runs Python code in the middle, not one in another thread.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicIsize, Ordering};

/// Below this, the count means that the value is gone; far enough from 0 for any number of late comers.
const GONE: isize = isize::MIN / 2;

/// A value with a count of those who use it: operations while they run, exports while they live.
///
/// Invariant: `value` is written only by whoever moved `users` from 0 to [`GONE`], and read only by those counted.
pub(crate) struct Gate<T> {
    users: AtomicIsize,
    value: UnsafeCell<Option<T>>,
}

// SAFETY: `&Gate` gives `&T` to many threads, and the value to one.
unsafe impl<T: Send + Sync> Sync for Gate<T> {}

/// Nobody can enter: the value is gone.
#[derive(Debug)]
pub(crate) struct Gone;

/// A short use of a gate's value.
pub(crate) struct Glance<'g, T>(
    #[cfg(not(Py_GIL_DISABLED))] &'g T,
    #[cfg(Py_GIL_DISABLED)] Pass<'g, T>,
);

impl<T> std::ops::Deref for Glance<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        #[cfg(not(Py_GIL_DISABLED))]
        return self.0;
        #[cfg(Py_GIL_DISABLED)]
        &self.0
    }
}

/// Use of a gate's value, counted until dropped.
pub(crate) struct Pass<'g, T>(&'g Gate<T>);

impl<T> Gate<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            users: AtomicIsize::new(0),
            value: UnsafeCell::new(Some(value)),
        }
    }

    /// Lets the caller use the value until the pass is dropped. O(1).
    #[inline]
    pub(crate) fn enter(&self) -> Result<Pass<'_, T>, Gone> {
        self.count_in()?;
        Ok(Pass(self))
    }

    /// As [`enter`](Self::enter), without counting where there is a GIL: what holds it needs no count.
    ///
    /// # Safety
    /// Until the glance is dropped the thread stays attached and runs no Python code, which could close the gate: no
    /// call of a method, no reference dropped, no container made, whose memory may start the garbage collector.
    #[inline]
    pub(crate) unsafe fn glance(&self) -> Option<Glance<'_, T>> {
        #[cfg(not(Py_GIL_DISABLED))]
        {
            if self.is_gone() {
                return None;
            }
            // SAFETY: not gone, and nobody takes it while this thread has the GIL.
            unsafe { (*self.value.get()).as_ref() }.map(Glance)
        }
        #[cfg(Py_GIL_DISABLED)]
        self.enter().ok().map(Glance)
    }

    /// True where the value is gone.
    #[inline]
    pub(crate) fn is_gone(&self) -> bool {
        self.users.load(Ordering::Acquire) < 0
    }

    /// Takes the value, if nobody uses it: `Err` tells how many do. `Ok(None)` where it is gone already.
    pub(crate) fn close(&self) -> Result<Option<T>, isize> {
        match self
            .users
            .compare_exchange(0, GONE, Ordering::AcqRel, Ordering::Acquire)
        {
            // SAFETY: the count went from nobody to gone, so nobody reads the value now or later.
            Ok(_) => Ok(unsafe { (*self.value.get()).take() }),
            Err(users) if users < 0 => Ok(None),
            Err(users) => Err(users),
        }
    }

    /// The value without being counted, for the garbage collector.
    ///
    /// # Safety
    /// No other thread closes the gate meanwhile: the collector holds the GIL, or has stopped the world.
    pub(crate) unsafe fn peek(&self) -> Option<&T> {
        if self.is_gone() {
            return None;
        }
        // SAFETY: not gone, and nobody takes it meanwhile.
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

impl<T> Pass<'_, T> {
    /// Stays counted until [`Gate::unpin`], for an export that outlives the call.
    pub(crate) fn pin(self) {
        std::mem::forget(self);
    }
}

impl<T> Gate<T> {
    /// Ends what [`Pass::pin`] began. Call it once for each.
    pub(crate) fn unpin(&self) {
        self.count_out();
    }
}

impl<T> std::ops::Deref for Pass<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: this pass is counted, so the value is there and nobody takes it.
        match unsafe { &*self.0.value.get() } {
            Some(value) => value,
            None => unreachable!("a counted value is there"),
        }
    }
}

impl<T> Drop for Pass<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.0.count_out();
    }
}
