//! `Format`: a file format, as a registry opens it.

use super::{Container, FormatError, Options};
use crate::bytes::Bytes;

/// A file format: its name, how it is recognised, how it is read. A [`Registry`](super::Registry) opens files
/// by several of them.
///
/// ```
/// use fragview::formats::{Container, Format, FormatError, Options, Registry};
/// use fragview::{Bytes, array};
///
/// /// A magic, and then contents, each after its length in a byte.
/// struct Notes;
///
/// impl Format for Notes {
///     fn name(&self) -> &'static str {
///         "notes"
///     }
///
///     fn detect(&self, bytes: &dyn Bytes) -> bool {
///         array(bytes, 0) == Some(*b"NOTE")
///     }
///
///     fn open(&self, bytes: &dyn Bytes, _options: Options) -> Result<Container, FormatError> {
///         let mut container = Container::new("notes");
///         let notes = container.family("note[{}]")?;
///         let mut at = 4;
///         while let Some([length]) = array(bytes, at) {
///             let length = usize::from(length);
///             if at + 1 + length > bytes.len() {
///                 return Err(FormatError::new("notes", at, "the note is cut off"));
///             }
///             container.push_in(notes, [(at + 1, length)])?;
///             at += 1 + length;
///         }
///         Ok(container)
///     }
/// }
///
/// let mut registry = Registry::built_in();
/// registry.add(Notes)?;
/// let container = registry.open(b"NOTE\x03one\x02be", None, Options::default())?;
/// assert_eq!((container.format, container.len()), ("notes", 2));
/// # Ok::<(), FormatError>(())
/// ```
pub trait Format: Send + Sync {
    /// The format's name, as [`Registry::open`](super::Registry::open) takes it.
    fn name(&self) -> &'static str;

    /// Whether the file looks like one of the format; reads little.
    fn detect(&self, bytes: &dyn Bytes) -> bool;

    /// Opens a file. Of a file that breaks the format's rules, with `options.strict` off, it gives the
    /// streams that can be found, and the faults.
    ///
    /// # Errors
    /// [`FormatError`]: the file is not what the format demands, or memory is short.
    fn open(&self, bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError>;

    /// Opens a file that was found by [`detect`](Self::detect). It may give the format inside which this one
    /// is, if the file is that alone. It is [`open`](Self::open) by default.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    fn open_found(&self, bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
        self.open(bytes, options)
    }

    /// Whether a file that is not quite one of the format may be. It is asked with `options.strict` off, when
    /// no format knows the file. False by default.
    fn resembles(&self, _bytes: &dyn Bytes) -> bool {
        false
    }

    /// Checks the checksums of a file that was opened. A format without checksums does nothing.
    ///
    /// # Errors
    /// [`FormatError`]: a checksum is wrong.
    fn verify(&self, _bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
        Ok(())
    }
}
