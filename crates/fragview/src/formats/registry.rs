//! Which formats there are, and opening a file whose format is told by its magic.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Container, FormatError, biff8, dicom, elf_core, fortran, gif, jpeg, leveldb_log, mpegts, ogg, ole, pcap,
    png, qcow2, riff, tfrecord, tiff, tls,
};
use crate::bytes::Bytes;

/// A format: its name, how it is recognised, how it is read.
pub(super) struct Reader {
    pub(super) name: &'static str,
    pub(super) detect: fn(&dyn Bytes) -> bool,
    pub(super) open: fn(&dyn Bytes) -> Result<Container, FormatError>,
    /// Checks the checksums, where the format has any.
    pub(super) verify: Option<Verify>,
}

/// Checks the checksums of a file that was opened.
type Verify = fn(&dyn Bytes, &Container) -> Result<(), FormatError>;

/// The formats, in the order in which they are tried: those with a strong magic first.
const READERS: &[Reader] = &[
    Reader {
        name: png::NAME,
        detect: png::detect,
        open: png::open,
        verify: Some(png::verify),
    },
    Reader {
        name: gif::NAME,
        detect: gif::detect,
        open: gif::open,
        verify: None,
    },
    Reader {
        name: jpeg::NAME,
        detect: jpeg::detect,
        open: jpeg::open,
        verify: None,
    },
    Reader {
        name: dicom::NAME,
        detect: dicom::detect,
        open: dicom::open,
        verify: None,
    },
    Reader {
        name: tiff::NAME,
        detect: tiff::detect,
        open: tiff::open,
        verify: None,
    },
    Reader {
        name: riff::NAME,
        detect: riff::detect,
        open: riff::open,
        verify: None,
    },
    Reader {
        name: ogg::NAME,
        detect: ogg::detect,
        open: ogg::open,
        verify: Some(ogg::verify),
    },
    Reader {
        name: qcow2::NAME,
        detect: qcow2::detect,
        open: qcow2::open,
        verify: None,
    },
    Reader {
        name: elf_core::NAME,
        detect: elf_core::detect,
        open: elf_core::open,
        verify: None,
    },
    Reader {
        name: biff8::NAME,
        detect: biff8::detect,
        open: biff8::open,
        verify: None,
    },
    Reader {
        name: ole::NAME,
        detect: ole::detect,
        open: ole::open,
        verify: None,
    },
    Reader {
        name: tls::NAME,
        detect: tls::detect,
        open: tls::open,
        verify: None,
    },
    Reader {
        name: pcap::NAME,
        detect: pcap::detect,
        open: pcap::open,
        verify: None,
    },
    Reader {
        name: mpegts::NAME,
        detect: mpegts::detect,
        open: mpegts::open,
        verify: Some(mpegts::verify),
    },
    Reader {
        name: tfrecord::NAME,
        detect: tfrecord::detect,
        open: tfrecord::open,
        verify: Some(tfrecord::verify),
    },
    Reader {
        name: leveldb_log::NAME,
        detect: leveldb_log::detect,
        open: leveldb_log::open,
        verify: Some(leveldb_log::verify),
    },
    Reader {
        name: fortran::NAME,
        detect: fortran::detect,
        open: fortran::open,
        verify: None,
    },
];

/// The names that [`open`] takes.
///
/// ```
/// let names: Vec<_> = fragview::formats::names().collect();
/// assert!(names.iter().all(|name| !name.is_empty()));
/// ```
pub fn names() -> impl Iterator<Item = &'static str> {
    READERS.iter().map(|reader| reader.name)
}

/// What is told of a file that no format knows: how it begins.
fn unknown(bytes: &dyn Bytes) -> String {
    let mut first = [0; 8];
    let first = &mut first[..bytes.len().min(8)];
    if first.is_empty() {
        return String::from("the format is not known: the file is empty");
    }
    match bytes.read(0, first) {
        Some(()) => format!(
            "the format is not known: the file begins with b'{}'",
            first.escape_ascii()
        ),
        None => String::from("the format is not known"),
    }
}

/// The logical streams of a file.
///
/// Without a name the format is found by its magic. With `verify` the checksums that the format has are checked, which
/// reads the whole file; else only headers are read.
///
/// # Errors
/// [`FormatError`]: the file is not what its format demands, no format knows it, or none has this name.
pub fn open(
    bytes: &(impl Bytes + ?Sized),
    format: Option<&str>,
    verify: bool,
) -> Result<Container, FormatError> {
    let bytes: &dyn Bytes = &bytes;
    let reader = match format {
        Some(name) => READERS.iter().find(|reader| reader.name == name),
        None => READERS.iter().find(|reader| (reader.detect)(bytes)),
    };
    let Some(reader) = reader else {
        let what = match format {
            Some(name) => {
                let names: Vec<_> = names().collect();
                format!("no format is named '{name}'; there are '{}'", names.join("', '"))
            }
            None => unknown(bytes),
        };
        return Err(FormatError::new("formats", 0, what));
    };
    let container = (reader.open)(bytes)?;
    if let (true, Some(check)) = (verify, reader.verify) {
        check(bytes, &container)?;
    }
    Ok(container)
}
