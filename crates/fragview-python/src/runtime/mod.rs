//! The interpreter: its GIL, its threads and signals.
//!
//! Uses nothing else of this crate.

pub(crate) mod attach;
pub(crate) mod critical;
pub(crate) mod deferred;
#[cfg(Py_GIL_DISABLED)]
pub(crate) mod hazard;
pub(crate) mod interruptible;
pub(crate) mod lengths;
pub(crate) mod release_guard;
pub(crate) mod startup;
pub(crate) mod steps;
pub(crate) mod turns;
