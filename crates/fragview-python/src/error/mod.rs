//! Exceptions: the core's errors as Python's, their classes and their wording.
//!
//! Uses `runtime`.

pub(crate) mod classes;
pub(crate) mod exception;
pub(crate) mod os;
pub(crate) mod wording;
