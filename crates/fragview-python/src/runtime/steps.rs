//! Pacing: when to heed signals, and when to let other Python threads run.

use std::ops::Range;
use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::runtime::attach::detach;
use crate::runtime::turns::pause;

/// More bytes, items or fragments than this are worth letting go of the interpreter for.
pub(crate) const LONG: usize = 1 << 20;

/// The least and the most bytes of a step between two checks for signals.
const STEP: Range<usize> = 1 << 10..1 << 26;

/// A step that takes less time than this may be longer the next time; one that takes more than that must be
/// shorter.
const PACE: Range<Duration> = Duration::from_millis(10)..Duration::from_millis(100);

/// As [`detach`] if `work` goes through more than [`LONG`] bytes, items or fragments: letting go of the
/// interpreter and asking for it again costs more than few of them do.
pub(crate) fn detach_for<R: Send>(py: Python<'_>, count: usize, work: impl FnOnce() -> R + Send) -> R {
    if count > LONG { detach(py, work) } else { work() }
}

/// Does a work step by step; the first step takes `bytes` bytes. If it does not finish the work, other Python
/// threads run during the later steps, with a check for signals between them. The time of the steps so far
/// sets the size of the next.
pub(crate) fn in_steps<R: Send>(
    py: Python<'_>,
    mut bytes: usize,
    mut step: impl FnMut(usize) -> Option<R> + Send,
) -> PyResult<R> {
    let mut done = step(bytes);
    loop {
        if let Some(result) = done {
            return Ok(result);
        }
        py.check_signals()?;
        let begin = Instant::now();
        done = detach(py, || step(bytes));
        let time = begin.elapsed();
        if time < PACE.start {
            bytes = (bytes * 4).min(STEP.end);
        } else if time > PACE.end {
            bytes = (bytes / 4).max(STEP.start);
        }
    }
}

/// Checks for signals now and then, and lets other Python threads run, in a loop whose turns are all about as
/// long.
pub(crate) struct Pacer {
    every: usize,
    turns: usize,
}

impl Pacer {
    /// For a loop that reads memory or numbers only.
    pub(crate) const QUICK: Self = Self::every(1 << 20);

    /// For a loop that runs an iterator's code or makes objects.
    pub(crate) const OBJECTS: Self = Self::every(1 << 16);

    /// For a loop that compares objects, each of which may be long.
    pub(crate) const COMPARISONS: Self = Self::every(1 << 12);

    const fn every(every: usize) -> Self {
        Self { every, turns: 0 }
    }

    /// Counts a turn, and pauses where it is time to. Pre: no lock is held that another thread may wait for
    /// with the interpreter.
    #[inline]
    pub(crate) fn turn(&mut self, py: Python<'_>) -> PyResult<()> {
        self.turns += 1;
        if self.turns < self.every {
            return Ok(());
        }
        self.turns = 0;
        pause(py)
    }
}
