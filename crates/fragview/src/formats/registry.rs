//! The list of formats; opening a file by its format's name or by its magic.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Container, FormatError, FormatErrorKind, Options, asf, avro, bgzf, biff8, dicom, elf_core, ext, fat, flv,
    fortran, gif, http, iso9660, jpeg, leveldb_log, matroska, minidump, mp4, mpegps, mpegts, netcdf3, ntfs,
    ogg, ole, parquet, pcap, pdb, png, qcow2, riff, sqlite, tar, tfrecord, tiff, tls, vdi, vhd, vmdk, woff,
    zip,
};
use crate::bytes::Bytes;

/// A format: its name, how it is recognised, how it is read.
struct Reader {
    name: &'static str,
    /// Whether the file looks like one; reads little.
    detect: fn(&dyn Bytes) -> bool,
    open: fn(&dyn Bytes, Options) -> Result<Container, FormatError>,
    /// Checks the checksums, where the format has any.
    verify: Option<Verify>,
}

/// Checks the checksums of a file that was opened.
type Verify = fn(&dyn Bytes, &Container) -> Result<(), FormatError>;

/// The readers of modules: a line for each, and `verify` where the format has checksums.
macro_rules! readers {
    ($($module:ident $($verify:ident)?;)*) => {
        &[$(Reader {
            name: $module::NAME,
            detect: $module::detect,
            open: $module::open,
            verify: readers!($module $($verify)?),
        },)*]
    };
    ($module:ident verify) => { Some($module::verify) };
    ($module:ident) => { None };
}

/// The formats, in the order in which they are tried: those with a strong magic first.
const READERS: &[Reader] = readers! {
    png verify;
    gif;
    jpeg;
    dicom;
    tiff;
    riff;
    ogg verify;
    qcow2;
    elf_core;
    sqlite;
    pdb;
    minidump;
    zip;
    vmdk;
    vdi;
    mp4;
    matroska;
    flv;
    asf;
    mpegps;
    woff;
    avro;
    bgzf verify;
    netcdf3;
    parquet verify;
    biff8;
    ole;
    tls;
    pcap;
    tar;
    iso9660;
    vhd;
    ntfs;
    ext;
    fat;
    http;
    mpegts verify;
    tfrecord verify;
    leveldb_log verify;
    fortran;
};

/// The names that [`open`] takes.
///
/// ```
/// let names: Vec<_> = fragview::formats::names().collect();
/// assert!(names.iter().all(|name| !name.is_empty()));
/// ```
pub fn names() -> impl Iterator<Item = &'static str> {
    READERS.iter().map(|reader| reader.name)
}

/// The error for a file of no known format: it shows the first bytes.
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
/// Without a name the format is found by its magic. With [`Options::verify`] the checksums that the format
/// has are checked, which reads the whole file; else only headers are read.
///
/// # Errors
/// [`FormatError`]: the file is not what its format demands, no format knows it, or none has this name.
pub fn open(
    bytes: &(impl Bytes + ?Sized),
    format: Option<&str>,
    options: Options,
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
        return Err(FormatError::new("formats", 0, what).of_kind(FormatErrorKind::Unknown));
    };
    let named = |error: FormatError| match error.kind {
        // The layers below know of no format.
        FormatErrorKind::OutOfMemory => FormatError {
            format: reader.name,
            ..error
        },
        _ => error,
    };
    let container = (reader.open)(bytes, options).map_err(named)?;
    if let (true, Some(check)) = (options.verify, reader.verify) {
        check(bytes, &container).map_err(named)?;
    }
    Ok(container)
}
