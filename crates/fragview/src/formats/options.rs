//! How a file is opened.

/// How a file is opened: what every format's `open` takes.
///
/// ```
/// use fragview::formats::Options;
/// assert_eq!(Options::default(), Options { strict: true, verify: false });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// A file that breaks a rule of its format is an error. Where it is false, each stream that the format's
    /// rules let one find is there, and the container's `faults` say what was wrong.
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

    /// What can be found, without a look at checksums.
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
