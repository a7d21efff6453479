//! Interruptible work without the interpreter, with a check for signals at intervals: reads of bytes, and
//! loops of the core that ask whether to go on.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use fragview::memory::Fragment;
use fragview::{Bytes, Interrupt};
use pyo3::prelude::*;

use crate::runtime::attach::{attach, detach};
use crate::runtime::steps::LONG;

/// Check the clock after this many reads.
const MANY: u32 = 1 << 12;

/// Check for signals at most this often: attaching may have to wait for other threads.
const PAUSE: Duration = Duration::from_millis(50);

/// Bytes that end when a signal's handler raises: no later read succeeds, so the reader stops.
struct Interruptible<'b, B> {
    bytes: &'b B,
    reads: Cell<u32>,
    /// When it looked at signals; the first look does not wait.
    looked: Cell<Option<Instant>>,
    raised: RefCell<Option<PyErr>>,
}

impl<B> Interruptible<'_, B> {
    /// `None` from the moment on when a handler has raised.
    fn look(&self, weight: u32) -> Option<()> {
        let reads = self.reads.get() + weight;
        if reads < MANY {
            self.reads.set(reads);
            return Some(());
        }
        if self.raised.borrow().is_some() {
            return None;
        }
        self.reads.set(0);
        look_now_and_then(&self.looked)
            .map_err(|error| {
                self.reads.set(MANY);
                *self.raised.borrow_mut() = Some(error);
            })
            .ok()
    }
}

/// Runs the handlers of signals, unless it has looked a short time ago.
fn look_now_and_then(looked: &Cell<Option<Instant>>) -> PyResult<()> {
    if looked.get().is_some_and(|looked| looked.elapsed() < PAUSE) {
        return Ok(());
    }
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is of one lifetime"
    )]
    let outcome = attach(|py| py.check_signals());
    looked.set(Some(Instant::now()));
    outcome
}

impl<B: Bytes> Bytes for Interruptible<'_, B> {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        self.look(1)?;
        self.bytes.read(offset, target)
    }

    fn fragment_at(&self, offset: usize) -> Option<Fragment<'_>> {
        // A contiguous range is read without a callback to us.
        self.look(MANY)?;
        self.bytes.fragment_at(offset)
    }

    fn hole_end(&self, offset: usize) -> Option<usize> {
        self.bytes.hole_end(offset)
    }
}

/// Does `work` on bytes while other Python threads run; an exception of a signal handler is raised after it.
pub(crate) fn interruptible<B, R>(
    py: Python<'_>,
    bytes: &B,
    work: impl FnOnce(&dyn Bytes) -> R + Send,
) -> PyResult<R>
where
    B: Bytes + Sync,
    R: Send,
{
    detach(py, || {
        let interruptible = Interruptible {
            bytes,
            reads: Cell::new(0),
            looked: Cell::new(None),
            raised: RefCell::new(None),
        };
        let result = work(&interruptible);
        interruptible.raised.into_inner().map_or(Ok(result), Err)
    })
}

/// Does `work`, which asks now and then whether to go on, while other Python threads run. An exception of a
/// signal handler ends it, and is raised; the error of the work is within.
pub(crate) fn with_interrupt<R: Send, E: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mut Interrupt<'_>) -> Result<R, E> + Send,
) -> PyResult<Result<R, E>> {
    detach(py, || {
        let (looked, mut raised) = (Cell::new(None), None);
        let mut ask = || {
            if let Err(error) = look_now_and_then(&looked) {
                raised = Some(error);
            }
            raised.is_none()
        };
        let result = work(&mut Interrupt::new(&mut ask));
        raised.map_or(Ok(result), Err)
    })
}

/// As [`with_interrupt`] where `work` goes through more than [`LONG`] items or fragments: letting go of the
/// interpreter costs more than few of them do.
pub(crate) fn with_interrupt_for<R: Send, E: Send>(
    py: Python<'_>,
    count: usize,
    work: impl FnOnce(&mut Interrupt<'_>) -> Result<R, E> + Send,
) -> PyResult<Result<R, E>> {
    if count > LONG {
        with_interrupt(py, work)
    } else {
        Ok(work(&mut Interrupt::never()))
    }
}
