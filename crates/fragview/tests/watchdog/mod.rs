//! Ends a test that hangs.

use std::process;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Far more than any of these tests takes on a busy machine, and far less than what it must not do would
/// take.
const HANGS: Duration = Duration::from_mins(30);

/// Runs `operation`. Where it hangs, says so and ends the process.
pub(crate) fn watched<T>(what: &'static str, operation: impl FnOnce() -> T) -> T {
    let (done, end) = mpsc::channel::<()>();
    let dog = thread::spawn(move || {
        if end.recv_timeout(HANGS) == Err(RecvTimeoutError::Timeout) {
            eprintln!("{what}: hangs");
            process::abort();
        }
    });
    let outcome = operation();
    drop(done);
    dog.join().expect("the watchdog does not panic");
    outcome
}
