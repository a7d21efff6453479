//! The segments of a JPEG file, one after the other.

use alloc::borrow::Cow;
use alloc::format;

use super::parts::{ExtendedXmp, Profile};
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, Family, FormatError, Options};
use crate::geometry::Extents;
use crate::{Bytes, array};

pub(crate) const NAME: &str = "jpeg";

const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const XMP_EXTENSION: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
const JPEG_LS_FRAME: u8 = 0xf7;

/// True if the file begins with JPEG's start marker and another marker.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some([0xff, START, 0xff])
}

/// The streams of a JPEG file. O(segments + bytes of the scans).
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, jpeg};
/// let profile = |number: u8, part: &[u8]| [b"\xff\xe2\0\x12ICC_PROFILE\0", &[number, 2][..], part].concat();
/// let file = [b"\xff\xd8", &profile(2, b"le")[..], &profile(1, b"fi"), b"\xff\xd9"].concat();
/// let container = jpeg::open(&file, Options::default())?;
/// let profile = container.stream("icc_profile").unwrap();
/// let runs: Vec<_> = profile.extents.iter().map(|run| run.offset).collect();
/// assert_eq!(runs, [Some(40), Some(20)]);
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    if input.array(0)? != [0xff, START] {
        return input.fault(0, "no start marker");
    }
    let faults = Faults::new(options);
    let mut container = Container::new(NAME);
    let mut reading = Reading {
        input,
        faults: &faults,
        scans: container.family("scan{}")?,
        container,
        profile: Ok(Profile::default()),
        extended: Ok(ExtendedXmp::default()),
        exif: Extents::new(),
        photoshop: Extents::new(),
        stuffing: None,
    };
    if let Err(error) = reading.segments() {
        faults.pass_last(error, &reading.container)?;
    }
    let mut container = reading.finish()?;
    faults.give(&mut container);
    Ok(container)
}

/// The code of the marker at `at`, and the offset after it. Any number of fill bytes 0xff may precede it.
fn marker(input: &Input, at: usize) -> Result<(u8, usize), FormatError> {
    if input.u8(at)? != 0xff {
        return input.fault(at, "no marker where one must be");
    }
    let mut after = at + 1;
    loop {
        let code = input.u8(after)?;
        after += 1;
        if code != 0xff {
            return Ok((code, after));
        }
    }
}

/// The state of the scan, up to a segment.
struct Reading<'a> {
    input: Input<'a>,
    faults: &'a Faults,
    container: Container,
    scans: Family,
    /// The profile, or what is wrong with its segments.
    profile: Result<Profile, FormatError>,
    extended: Result<ExtendedXmp, FormatError>,
    exif: Extents,
    photoshop: Extents,
    /// Since the first frame's header: the bytes after 0xff that mean data in the scans, which are fewer than
    /// this.
    stuffing: Option<u8>,
}

impl Reading<'_> {
    /// Takes all segments up to the end marker.
    fn segments(&mut self) -> Result<(), FormatError> {
        let mut at = 2;
        loop {
            let (code, after) = match marker(&self.input, at) {
                Err(error) if at < self.input.len() && self.faults.lenient() => {
                    self.faults.pass(error)?;
                    at = next_marker(&self.input, at)?;
                    continue;
                }
                result => result?,
            };
            let wrong = |what| self.faults.pass(FormatError::new(NAME, at, what));
            at = match code {
                END => return Ok(()),
                // TEM, of arithmetic coders, is a marker alone.
                0x01 => after,
                START | 0xd0..=0xd7 => wrong("a marker that is out of place").map(|()| after)?,
                0x00 | 0x02..=0xbf => wrong("a reserved marker").map(|()| after)?,
                _ => self.segment(code, after)?,
            };
        }
    }

    /// Takes the segment of the marker `code`, whose length stands at `at`, and the scan after it. If that
    /// ends.
    fn segment(&mut self, code: u8, at: usize) -> Result<usize, FormatError> {
        let length = self.input.u16(at)?;
        if length < 2 {
            let what = "a segment's length counts itself, and is under 2";
            self.faults.pass(FormatError::new(NAME, at, what))?;
            return Ok(at + 2);
        }
        let end = self.faults.end(&self.input, at, length, self.input.len())?;
        let start = at + 2;
        match code {
            0xe1 if self.is_named(start, end, EXIF) => {
                let content = start + EXIF.len();
                self.exif.try_push(Some(content), end - content)?;
            }
            0xe1 if self.is_named(start, end, XMP) => self.push("xmp", start + XMP.len(), end)?,
            0xe1 if self.is_named(start, end, XMP_EXTENSION) => {
                let add =
                    |packets: &mut ExtendedXmp| packets.add(&self.input, start + XMP_EXTENSION.len(), end);
                keep_fault(&mut self.extended, add);
            }
            0xe2 if self.is_named(start, end, ICC) => {
                let add = |profile: &mut Profile| profile.add(&self.input, start + ICC.len(), end);
                keep_fault(&mut self.profile, add);
            }
            0xed if self.is_named(start, end, PHOTOSHOP) => {
                let content = start + PHOTOSHOP.len();
                self.photoshop.try_push(Some(content), end - content)?;
            }
            _ => self.push(&segment_name(code), start, end)?,
        }
        match code {
            // SOF0 to SOF15, but for DHT, JPG and DAC, which have codes among theirs.
            0xc0..=0xcf if !matches!(code, 0xc4 | 0xc8 | 0xcc) => self.stuffing = Some(1),
            // After 0xff, JPEG-LS stuffs a bit, so a data byte is under 0x80.
            JPEG_LS_FRAME => self.stuffing = Some(0x80),
            SCAN => {
                if self.stuffing.is_none() {
                    let error = FormatError::new(NAME, at, "a scan without a frame");
                    self.faults.pass(error)?;
                }
                let scan_end = if let Some(scan_end) = scan_end(&self.input, end, self.stuffing.unwrap_or(1))?
                {
                    scan_end
                } else {
                    let error = FormatError::new(NAME, self.input.len(), "truncated in a scan");
                    self.faults.pass(error)?;
                    self.input.len()
                };
                self.container.push_in(self.scans, [(end, scan_end - end)])?;
                return Ok(scan_end);
            }
            _ => {}
        }
        Ok(end)
    }

    /// True if the content from `start` to `end` begins with `name`.
    fn is_named(&self, start: usize, end: usize, name: &[u8]) -> bool {
        let mut found = [0; 40];
        let found = &mut found[..name.len()];
        end - start >= name.len() && self.input.read(start, found).is_ok() && found == name
    }

    /// Adds a stream of the bytes from `start` to `end`, if any.
    fn push(&mut self, name: &str, start: usize, end: usize) -> Result<(), FormatError> {
        if start < end {
            self.container.push(name, [(start, end - start)])?;
        }
        Ok(())
    }

    /// All streams. A profile or a packet of XMP that is not whole is left out.
    fn finish(mut self) -> Result<Container, FormatError> {
        if !self.exif.is_empty() {
            self.container.push("exif", &self.exif)?;
        }
        match self.profile.and_then(|profile| profile.finish(&self.input)) {
            Ok(None) => {}
            Ok(Some(profile)) => self.container.push("icc_profile", &profile)?,
            Err(error) => self.faults.pass(error)?,
        }
        match self.extended.and_then(|packets| packets.finish(&self.input)) {
            Ok(packets) => {
                for packet in packets {
                    self.container.push("xmp_extended", &packet)?;
                }
            }
            Err(error) => self.faults.leave_out(error)?,
        }
        if !self.photoshop.is_empty() {
            self.container.push("photoshop", &self.photoshop)?;
        }
        Ok(self.container)
    }
}

/// Adds to what segments make together; the first fault takes its place.
fn keep_fault<T>(whole: &mut Result<T, FormatError>, add: impl FnOnce(&mut T) -> Result<(), FormatError>) {
    if let Ok(parts) = whole
        && let Err(error) = add(parts)
    {
        *whole = Err(error);
    }
}

/// Where the next marker is, from `at` on; the file's end if there is none.
fn next_marker(input: &Input, mut at: usize) -> Result<usize, FormatError> {
    let mut buffer = [0; 4096];
    let mut is_mark = false;
    while at < input.len() {
        let part = &mut buffer[..(input.len() - at).min(4096)];
        input.read(at, part)?;
        for (index, &byte) in part.iter().enumerate() {
            // What is reserved is data of a scan, or junk.
            if is_mark && matches!(byte, 0xc0..=0xfe) && !matches!(byte, 0xd0..=0xd8) {
                return Ok(at + index - 1);
            }
            is_mark = byte == 0xff;
        }
        at += part.len();
    }
    Ok(input.len())
}

/// Where the entropy-coded data from `at` on end: at the first marker that is no restart marker. `None` where
/// the file ends first.
fn scan_end(input: &Input, mut at: usize, stuffing: u8) -> Result<Option<usize>, FormatError> {
    let mut buffer = [0; 4096];
    // The place of the 0xff after which the next byte decides.
    let mut mark = None;
    while at < input.len() {
        let part = &mut buffer[..(input.len() - at).min(4096)];
        input.read(at, part)?;
        for (index, &byte) in part.iter().enumerate() {
            match (mark, byte) {
                // Another 0xff may be a fill byte before a marker.
                (None, 0xff) => mark = Some(at + index),
                (Some(_), 0xff) | (None, _) => {}
                (Some(_), 0xd0..=0xd7) => mark = None,
                (Some(_), byte) if byte < stuffing => mark = None,
                (Some(mark), _) => return Ok(Some(mark)),
            }
        }
        at += part.len();
    }
    Ok(None)
}

/// The name of the stream of a segment, which is its marker's (table B.1).
fn segment_name(code: u8) -> Cow<'static, str> {
    match code {
        0xc4 => "dht".into(),
        0xc8 => "jpg".into(),
        0xcc => "dac".into(),
        0xc0..=0xcf => format!("sof{}", code - 0xc0).into(),
        SCAN => "sos".into(),
        0xdb => "dqt".into(),
        0xdc => "dnl".into(),
        0xdd => "dri".into(),
        0xde => "dhp".into(),
        0xdf => "exp".into(),
        0xe0..=0xef => format!("app{}", code - 0xe0).into(),
        JPEG_LS_FRAME => "sof55".into(),
        0xf8 => "lse".into(),
        0xfe => "com".into(),
        _ => format!("jpg{}", code & 0x0f).into(),
    }
}
