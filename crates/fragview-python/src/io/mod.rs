//! Views as files, and to and from files, sockets and descriptors.
//!
//! Uses `search` and the folders below it.

#[cfg(unix)]
pub(crate) mod descriptor;
pub(crate) mod endpoint;
#[cfg(not(unix))]
pub(crate) mod endpoint_other;
pub(crate) mod file;
pub(crate) mod file_methods;
pub(crate) mod transfer;
#[cfg(unix)]
pub(crate) mod vectored;
