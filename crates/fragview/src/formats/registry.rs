//! The list of formats; opening a file by its format's name or by its magic.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::parse::holes::HoleGuard;
use super::{
    Container, Fault, FormatError, FormatErrorKind, Options, asf, avro, bgzf, biff8, dicom, elf_core, ext,
    fat, flv, fortran, gif, http, iso9660, jpeg, leveldb_log, matroska, minidump, mp4, mpegps, mpegts,
    netcdf3, ntfs, ogg, ole, parquet, pcap, pdb, pg_wal, png, qcow2, regf, riff, sqlite, tar, tfrecord, tiff,
    tls, vdi, vhd, vmdk, warc, websocket, woff, zip,
};
use crate::bytes::Bytes;

/// Whether a file looks like one of the format; reads little.
type Detect = fn(&dyn Bytes) -> bool;

/// A format: its name, how it is recognised, how it is read.
struct Reader {
    name: &'static str,
    /// Whether the file looks like one; reads little.
    detect: fn(&dyn Bytes) -> bool,
    open: Open,
    /// What is called instead where the format was found by its magic: it also gives the format inside which
    /// this one is, where the file is that alone.
    found: Open,
    /// Whether a file that is not quite one may be; asked in a lenient reading, when no format knows the
    /// file.
    resembles: fn(&dyn Bytes) -> bool,
    /// Checks the checksums, where the format has any.
    verify: Option<Verify>,
}

/// Opens a file.
type Open = fn(&dyn Bytes, Options) -> Result<Container, FormatError>;

/// Checks the checksums of a file that was opened.
type Verify = fn(&dyn Bytes, &Container) -> Result<(), FormatError>;

/// The readers of modules: a line for each, with the functions that it has besides `detect` and `open`:
/// `verify` where the format has checksums, `open_found` and `resembles` as the fields say.
macro_rules! readers {
    ($($module:ident $($extra:ident)*;)*) => {
        &[$({
            #[allow(unused_mut, reason = "most formats have no more")]
            let mut reader = Reader {
                name: $module::NAME,
                detect: $module::detect,
                open: $module::open,
                found: $module::open,
                resembles: |_| false,
                verify: None,
            };
            $(readers!(@ reader $module $extra);)*
            reader
        },)*]
    };
    (@ $reader:ident $module:ident verify) => { $reader.verify = Some($module::verify); };
    (@ $reader:ident $module:ident open_found) => { $reader.found = $module::open_found; };
    (@ $reader:ident $module:ident resembles) => { $reader.resembles = $module::resembles; };
}

/// The formats, in the order in which they are tried: those with a strong magic first.
const READERS: &[Reader] = readers! {
    png verify;
    gif;
    jpeg;
    dicom resembles;
    tiff;
    riff;
    ogg verify;
    qcow2;
    elf_core;
    sqlite;
    pdb;
    minidump;
    regf verify;
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
    biff8 open_found;
    ole;
    tls open_found;
    pcap;
    tar;
    iso9660;
    vhd;
    ntfs;
    ext;
    fat;
    warc;
    websocket;
    http;
    pg_wal verify;
    mpegts verify resembles;
    tfrecord verify;
    leveldb_log verify;
    fortran resembles;
};

/// Of larger files an error does not say what a lenient reading gives: that takes a second reading, and may
/// take one of the whole file.
const HINTED: usize = 64 << 20;

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
        return String::from("unknown format: the file is empty");
    }
    match bytes.read(0, first) {
        Some(()) => format!("unknown format: the file begins with b'{}'", first.escape_ascii()),
        None => String::from("unknown format"),
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
    let whole: &dyn Bytes = &bytes;
    let holes = HoleGuard::new(whole);
    let bytes = holes.as_ref().map_or(whole, |holes| holes as &dyn Bytes);
    let found = |test: fn(&Reader) -> Detect| READERS.iter().find(|reader| test(reader)(bytes));
    let reader = match format {
        Some(name) => READERS.iter().find(|reader| reader.name == name),
        None => found(|reader| reader.detect).or_else(|| {
            let lenient = !options.strict;
            lenient.then(|| found(|reader| reader.resembles)).flatten()
        }),
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
    let open = if format.is_none() {
        reader.found
    } else {
        reader.open
    };
    let opened = open(bytes, options).map_err(|mut error| {
        if options.strict && error.kind == FormatErrorKind::Malformed && bytes.len() <= HINTED {
            // So that who reads the message knows whether it helps.
            let lenient = open(bytes, Options::LENIENT);
            error.lenient = lenient.ok().map(|container| container.len());
            error.lenient = error.lenient.filter(|&streams| streams > 0);
        }
        error
    });
    let ended = holes.as_ref().and_then(|holes| holes.error(reader.name));
    let mut container = match ended {
        Some(error) => return Err(error),
        None => opened.map_err(named)?,
    };
    if let (true, Some(check)) = (options.verify, reader.verify) {
        match check(whole, &container) {
            Err(error) if !options.strict && error.kind == FormatErrorKind::Malformed => {
                container.faults.push(Fault::new(error.offset, error.what));
            }
            result => result.map_err(named)?,
        }
    }
    Ok(container)
}
