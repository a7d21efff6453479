//! Loops that hold the interpreter: now and then signal handlers and other threads have their turn.

use pyo3::prelude::*;

use crate::runtime::attach::detach;

/// Turns of a loop between two such pauses. A turn takes from some nanoseconds to some microseconds, and a
/// pause less than one.
const MANY: usize = 1 << 12;

/// Counts the turns of a loop.
#[derive(Default)]
pub(crate) struct Turns(usize);

impl Turns {
    /// Counts a turn. Now and then this runs the handlers of signals that have come, and lets other Python
    /// threads run.
    ///
    /// # Errors
    /// What a handler raises.
    #[inline]
    pub(crate) fn take(&mut self, py: Python<'_>) -> PyResult<()> {
        self.0 += 1;
        if self.0.is_multiple_of(MANY) {
            pause(py)?;
        }
        Ok(())
    }
}

/// Runs the handlers of signals that have come, and lets other Python threads run if they wait for the
/// interpreter.
///
/// # Errors
/// What a handler raises.
#[cold]
pub(crate) fn pause(py: Python<'_>) -> PyResult<()> {
    py.check_signals()?;
    detach(py, || ());
    Ok(())
}
