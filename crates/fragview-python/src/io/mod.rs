//! Views as files, and to and from files, sockets and descriptors.
//!
//! Uses `search` and the folders below it.

pub(crate) mod classes;
#[cfg(unix)]
pub(crate) mod descriptor;
pub(crate) mod endpoint;
#[cfg(not(unix))]
pub(crate) mod endpoint_other;
#[cfg(unix)]
mod endpoint_unix;
pub(crate) mod file;
pub(crate) mod file_lifetime;
mod file_methods;
mod lines;
mod resolve;
pub(crate) mod transfer;
#[cfg(unix)]
pub(crate) mod vectored;
