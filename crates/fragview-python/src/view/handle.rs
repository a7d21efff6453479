//! The class `FragView`: its data, for all rooms that hold or make one. Its methods are in `frag_view`.

#[cfg(not(Py_GIL_DISABLED))]
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::{AtomicIsize, Ordering};

use fragview::geometry::Window;
use fragview::memory::Hint;
use pyo3::prelude::*;

use crate::runtime::release_guard::{Guard, ReleaseGuard};
use crate::view::state::State;

/// Many fragments of memory, seen as one contiguous array: a memoryview of fragments.
///
/// `FragView(source)` takes an object with the buffer protocol, or an iterable of such objects and FragViews,
/// which are laid end to end. Nothing is copied: a write goes to the original memory, and a change of the
/// original memory shows. Slicing is O(1); an index is O(1) in the mean, whatever the number of fragments.
///
/// >>> from fragview import FragView
/// >>> head, tail = bytearray(b'one str'), bytearray(b'ing')
/// >>> view = FragView([head, tail])
/// >>> bytes(view[4:])
/// b'string'
/// >>> view[6:8] = b'RI'
/// >>> head, tail
/// (bytearray(b'one stR'), bytearray(b'Ing'))
#[pyclass(frozen, weakref, module = "fragview")]
pub(crate) struct FragView {
    state: ReleaseGuard<State>,
    /// The hash once it is known, which outlives the release; -1 before, as no hash of Python is.
    hash: AtomicIsize,
    /// The fragment of the last item that was looked up by its index.
    #[cfg(not(Py_GIL_DISABLED))]
    cached_fragment: AtomicUsize,
}

impl FragView {
    pub(crate) const fn new(state: State) -> Self {
        Self {
            state: ReleaseGuard::new(state),
            hash: AtomicIsize::new(-1),
            #[cfg(not(Py_GIL_DISABLED))]
            cached_fragment: AtomicUsize::new(0),
        }
    }

    /// A view of a window of another view's memory, as bytes in one dimension; read-only where the other is.
    pub(crate) fn of_bytes(py: Python<'_>, state: &State, window: Window) -> Self {
        Self::new(State::bytes(state.memory.clone_ref(py), window, state.readonly))
    }

    /// The state, for as long as the guard is held; `memoryview`'s `ValueError` after a release.
    #[inline]
    pub(crate) fn enter(&self) -> PyResult<Guard<'_, State>> {
        Ok(self.state.enter()?)
    }

    /// The release guard of the state: for `release()`, exports and short borrows.
    #[inline]
    pub(crate) const fn guard(&self) -> &ReleaseGuard<State> {
        &self.state
    }

    /// Does `look` with a hint of the view's own. Without a GIL there is no hint: threads would wait for each
    /// other to write it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "the heart of `v[i]`; measured")]
    pub(crate) fn with_hint<R>(&self, look: impl FnOnce(&mut Hint) -> R) -> R {
        #[cfg(not(Py_GIL_DISABLED))]
        {
            let mut hint = Hint::at(self.cached_fragment.load(Ordering::Relaxed));
            let found = look(&mut hint);
            self.cached_fragment.store(hint.fragment(), Ordering::Relaxed);
            found
        }
        #[cfg(Py_GIL_DISABLED)]
        look(&mut Hint::at(usize::MAX))
    }

    /// The hash, computed at the first call that succeeds.
    pub(crate) fn cached_hash(&self, compute: impl FnOnce() -> PyResult<isize>) -> PyResult<isize> {
        let known = self.hash.load(Ordering::Relaxed);
        if known != -1 {
            return Ok(known);
        }
        let hash = compute()?;
        self.hash.store(hash, Ordering::Relaxed);
        Ok(hash)
    }
}
