//! The order of a value's bytes.

/// Which byte of a value comes first. The native order is resolved when a format is parsed.
///
/// ```
/// use fragview::format::{Endian, Format};
///
/// assert_eq!(Format::parse(">I")?.scalar().map(|scalar| scalar.endian()), Some(Endian::Big));
/// assert_eq!(Format::parse("=I")?.scalar().map(|scalar| scalar.endian()), Some(Endian::NATIVE));
/// # Ok::<(), fragview::format::FormatError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Endian {
    /// The least significant byte first.
    Little,
    /// The most significant byte first.
    Big,
}

impl Endian {
    /// The order of the machine that the code is compiled for.
    pub const NATIVE: Self = if cfg!(target_endian = "big") {
        Self::Big
    } else {
        Self::Little
    };
}
