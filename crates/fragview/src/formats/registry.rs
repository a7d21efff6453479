//! The list of formats; opening a file by its format's name or by its magic.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::parse::holes::HoleGuard;
use super::{
    Container, Fault, Format, FormatError, FormatErrorKind, Options, asf, avro, bgzf, biff8, dicom, elf_core,
    ext, fat, flv, fortran, gif, http, iso9660, jpeg, leveldb_log, matroska, minidump, mp4, mpegps, mpegts,
    netcdf3, ntfs, ogg, ole, parquet, pcap, pdb, pg_wal, png, qcow2, regf, riff, sqlite, tar, tfrecord, tiff,
    tls, vdi, vhd, vmdk, warc, websocket, woff, zip,
};
use crate::bytes::Bytes;
use crate::error::Error;

/// A format: its name, how it is recognised, how it is read.
struct Reader {
    name: &'static str,
    /// Whether the file looks like one; reads little.
    detect: fn(&dyn Bytes) -> bool,
    open: Open,
    /// What is called instead if the format was found by its magic: it also gives the format inside which
    /// this one is, if the file is that alone.
    found: Open,
    /// Whether a file that is not quite one may be; asked in a lenient reading, when no format knows the
    /// file.
    resembles: fn(&dyn Bytes) -> bool,
    /// Checks the checksums, if the format has any.
    verify: Option<Verify>,
}

impl Format for Reader {
    fn name(&self) -> &'static str {
        self.name
    }

    fn detect(&self, bytes: &dyn Bytes) -> bool {
        (self.detect)(bytes)
    }

    fn open(&self, bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
        (self.open)(bytes, options)
    }

    fn open_found(&self, bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
        (self.found)(bytes, options)
    }

    fn resembles(&self, bytes: &dyn Bytes) -> bool {
        (self.resembles)(bytes)
    }

    fn verify(&self, bytes: &dyn Bytes, container: &Container) -> Result<(), FormatError> {
        self.verify.map_or(Ok(()), |verify| verify(bytes, container))
    }
}

/// Opens a file.
type Open = fn(&dyn Bytes, Options) -> Result<Container, FormatError>;

/// Checks the checksums of a file that was opened.
type Verify = fn(&dyn Bytes, &Container) -> Result<(), FormatError>;

/// The readers of modules: a line for each, with the functions that it has besides `detect` and `open`:
/// `verify` if the format has checksums, `open_found` and `resembles` as the fields say.
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

/// Formats by which files are opened: those that were added, and the built-in ones.
///
/// ```
/// use fragview::formats::{Options, Registry};
/// let registry = Registry::built_in();
/// let container = registry.open(b"\x01\0\0\0a\x01\0\0\0", Some("fortran"), Options::default())?;
/// assert_eq!(container.format, "fortran");
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    added: Vec<Arc<dyn Format>>,
    built_in: &'static [Reader],
}

impl Registry {
    /// No formats.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            added: Vec::new(),
            built_in: &[],
        }
    }

    /// The formats of this crate.
    #[must_use]
    pub const fn built_in() -> Self {
        Self {
            added: Vec::new(),
            built_in: READERS,
        }
    }

    /// Adds a format. It is asked after those that were added before, and before the built-in ones; one of
    /// the same name that was added before hides it. Amortised O(1).
    ///
    /// # Errors
    /// Memory is short.
    pub fn add(&mut self, format: impl Format + 'static) -> Result<(), FormatError> {
        self.added.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.added.push(Arc::new(format));
        Ok(())
    }

    /// The formats, in the order in which they are asked.
    pub fn formats(&self) -> impl Iterator<Item = &dyn Format> {
        let added = self.added.iter().map(|format| &**format);
        added.chain(self.built_in.iter().map(|reader| reader as &dyn Format))
    }

    /// The names that [`open`](Self::open) takes.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.formats().map(Format::name)
    }

    /// Opens a file, as the function [`open`] does with the built-in formats.
    ///
    /// # Errors
    /// As [`open`].
    pub fn open(
        &self,
        bytes: &(impl Bytes + ?Sized),
        name: Option<&str>,
        options: Options,
    ) -> Result<Container, FormatError> {
        let whole: &dyn Bytes = &bytes;
        let holes = HoleGuard::new(whole);
        let bytes = holes.as_ref().map_or(whole, |holes| holes as &dyn Bytes);
        let found = |test: &dyn Fn(&dyn Format) -> bool| self.formats().find(|&format| test(format));
        let format = match name {
            Some(name) => found(&|format| format.name() == name),
            None => found(&|format| format.detect(bytes)).or_else(|| {
                let lenient = !options.strict;
                lenient
                    .then(|| found(&|format| format.resembles(bytes)))
                    .flatten()
            }),
        };
        let Some(format) = format else {
            let what = match name {
                Some(name) => format!("no format is named '{name}'; there are {}", self.listed()),
                None => self.unknown(bytes),
            };
            return Err(FormatError::new("formats", 0, what).of_kind(FormatErrorKind::Unknown));
        };
        let named = |error: FormatError| match error.kind {
            // The layers below know of no format.
            FormatErrorKind::OutOfMemory => FormatError {
                format: format.name(),
                ..error
            },
            _ => error,
        };
        let open = |options| match name {
            Some(_) => format.open(bytes, options),
            None => format.open_found(bytes, options),
        };
        let opened = open(options).map_err(|mut error| {
            if options.strict && error.kind == FormatErrorKind::Malformed && bytes.len() <= HINTED {
                // So that who reads the message knows whether it helps.
                let lenient = open(Options::LENIENT);
                error.lenient = lenient.ok().map(|container| container.len());
                error.lenient = error.lenient.filter(|&streams| streams > 0);
            }
            error
        });
        let ended = holes.as_ref().and_then(|holes| holes.error(format.name()));
        let mut container = match ended {
            Some(error) => return Err(error),
            None => opened.map_err(named)?,
        };
        if options.verify {
            match format.verify(whole, &container) {
                Err(error) if !options.strict && error.kind == FormatErrorKind::Malformed => {
                    container.faults.push(Fault::new(error.offset, error.what));
                }
                result => result.map_err(named)?,
            }
        }
        Ok(container)
    }

    fn listed(&self) -> String {
        let names: Vec<_> = self.names().collect();
        format!("'{}'", names.join("', '"))
    }

    /// The error for a file of no known format: it shows the first bytes.
    fn unknown(&self, bytes: &dyn Bytes) -> String {
        let mut first = [0; 8];
        let first = &mut first[..bytes.len().min(8)];
        if first.is_empty() {
            return String::from("unknown format: the file is empty");
        }
        let found = match bytes.read(0, first) {
            Some(()) => format!(": the file begins with b'{}'", first.escape_ascii()),
            None => String::new(),
        };
        format!(
            "unknown format{found}; the formats are {}; a RecordLayout describes records of other files",
            self.listed()
        )
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
    Registry::built_in().open(bytes, format, options)
}
