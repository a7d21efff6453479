//! One side of a comparison: work that can be done any number of times.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ProcessTime;

/// A name, and work that is timed for a number of operations at once: by the process's own time, so that
/// other processes count for less.
pub struct Side {
    pub name: String,
    turn: Box<dyn FnMut(usize) -> Duration>,
}

impl Side {
    /// `work(n)` does `n` operations.
    pub fn new<T>(name: &str, mut work: impl FnMut(usize) -> T + 'static) -> Self {
        Self {
            name: name.into(),
            turn: Box::new(move |count| {
                let start = ProcessTime::now();
                black_box(work(count));
                start.elapsed()
            }),
        }
    }

    /// As [`new`](Self::new), where one operation is large. What it makes is dropped, which counts.
    pub fn each<T>(name: &str, mut work: impl FnMut() -> T + 'static) -> Self {
        Self::new(name, move |count| {
            for _ in 0..count {
                black_box(work());
            }
        })
    }

    /// An operation that uses something up, which is made anew each time without being timed.
    pub fn prepared<P, T>(
        name: &str,
        mut prepare: impl FnMut() -> P + 'static,
        mut work: impl FnMut(P) -> T + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            turn: Box::new(move |count| {
                let mut spent = Duration::ZERO;
                for _ in 0..count {
                    let prepared = prepare();
                    let start = ProcessTime::now();
                    let made = black_box(work(prepared));
                    spent += start.elapsed();
                    drop(made);
                }
                spent
            }),
        }
    }

    /// The time that `count` operations take.
    pub fn turn(&mut self, count: usize) -> Duration {
        (self.turn)(count)
    }
}
