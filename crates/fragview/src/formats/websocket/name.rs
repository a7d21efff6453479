//! The name of the format.

/// The name, as `formats::open` takes it.
pub(crate) const NAME: &str = "websocket";
