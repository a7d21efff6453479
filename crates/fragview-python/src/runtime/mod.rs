//! The interpreter: its GIL, its threads and signals.
//!
//! Uses nothing else of this crate.

pub(crate) mod attach;
pub(crate) mod critical;
pub(crate) mod gate;
#[cfg(Py_GIL_DISABLED)]
pub(crate) mod hazard;
#[cfg(all(Py_GIL_DISABLED, Py_3_14))]
pub(crate) mod immortal;
pub(crate) mod interruptible;
pub(crate) mod single;
