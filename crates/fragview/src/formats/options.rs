//! `Options`: strict or lenient opening, with or without checksums.

/// Options of every format's `open`.
///
/// ```
/// use fragview::formats::Options;
/// assert_eq!(Options::default(), Options { strict: true, verify: false });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// If true, a file that breaks a rule of its format is an error. If false, all streams that the format's
    /// rules can find are opened, and the container's `faults` list the rest.
    pub strict: bool,
    /// The checksums that the format has are checked, which reads the whole file.
    pub verify: bool,
}

impl Options {
    /// Strict, without a look at checksums.
    pub const STRICT: Self = Self {
        strict: true,
        verify: false,
    };

    /// Lenient, without checksums.
    pub const LENIENT: Self = Self {
        strict: false,
        verify: false,
    };
}

impl Default for Options {
    /// [`STRICT`](Self::STRICT).
    fn default() -> Self {
        Self::STRICT
    }
}
