//! Tracks' headers: RFC 9559, 5.1.4; and attached files, 5.1.6.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::elements::Element;
use super::name::NAME;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::tracks::Tracks;
use crate::formats::{Container, FormatError};

/// What header stripping took from each frame of a track: where it lies.
pub(super) type Stripped = BTreeMap<usize, (usize, usize)>;

/// Takes the headers of all tracks.
pub(super) fn read(
    input: &Input,
    faults: &Faults,
    all: Element,
    tracks: &mut Tracks,
    stripped: &mut Stripped,
    others: &mut Container,
) -> Result<(), FormatError> {
    all.children(input, faults, |track| {
        if track.id != 0xae {
            return Ok(());
        }
        let (mut number, mut kind, mut config) = (None, 0, None);
        let (mut codec, mut encodings) = (String::new(), Encodings::default());
        track.children(input, faults, |part| {
            match part.id {
                0xd7 => number = Some(part.unsigned(input)?),
                0x83 => kind = part.unsigned(input)?,
                0x63a2 => config = Some(part),
                0x86 => codec = text(input, part)?,
                0x6d80 => encodings = Encodings::read(input, faults, part)?,
                _ => {}
            }
            Ok(())
        })?;
        let kind = match kind {
            1 => "video",
            2 => "audio",
            3 => "complex",
            0x10 => "logo",
            0x11 => "subtitle",
            0x12 => "buttons",
            0x20 => "control",
            0x21 => "metadata",
            _ => "other",
        };
        let Some(number) = number else {
            return faults.pass(FormatError::new(NAME, track.offset, "a track without a number"));
        };
        let place = tracks.add(number, kind, track.offset)?;
        for name in encodings.names {
            codec.push_str(", ");
            codec.push_str(name);
        }
        tracks.set_codec(place, codec.trim_start_matches(", "));
        if let Some(header) = encodings.stripped {
            stripped.insert(place, header);
        }
        if let Some(config) = config {
            let name = format!("{}.config", tracks.name(place));
            others.push(&name, [(config.start, config.end - config.start)])?;
        }
        Ok(())
    })
}

/// A track's content encodings: 5.1.4.1.31.
#[derive(Default)]
struct Encodings {
    /// The bytes that were stripped from each frame, if stripping is the only encoding.
    stripped: Option<(usize, usize)>,
    /// Else the names of all encodings, in the order in which they were applied.
    names: Vec<&'static str>,
}

/// The most encodings of a track that are looked at.
const MOST: usize = 16;

impl Encodings {
    fn read(input: &Input, faults: &Faults, all: Element) -> Result<Self, FormatError> {
        let mut stripped = None;
        // With their orders, of which the lowest is the first that was applied.
        let mut all_encodings = Vec::new();
        all.children(input, faults, |encoding| {
            if encoding.id != 0x6240 || all_encodings.len() == MOST {
                return Ok(());
            }
            // All frames' contents, unless it says otherwise; zlib if it says nothing.
            let (mut order, mut scope, mut algorithm, mut settings) = (0, 1, None, None);
            let (mut is_compression, mut is_encryption) = (false, false);
            encoding.children(input, faults, |part| {
                match part.id {
                    0x5031 => order = part.unsigned(input)?,
                    0x5032 => scope = part.unsigned(input)?,
                    0x5033 => is_encryption = part.unsigned(input)? == 1,
                    0x5034 => {
                        is_compression = true;
                        part.children(input, faults, |part| {
                            match part.id {
                                0x4254 => algorithm = Some(part.unsigned(input)?),
                                0x4255 => settings = Some((part.start, part.end - part.start)),
                                _ => {}
                            }
                            Ok(())
                        })?;
                    }
                    _ => {}
                }
                Ok(())
            })?;
            let name = match algorithm {
                _ if is_encryption => "encrypted",
                None | Some(0) => "zlib",
                Some(1) => "bzip2",
                Some(2) => "lzo",
                Some(3) => "stripped",
                _ => "unknown",
            };
            if scope & 1 != 0 {
                if is_compression && algorithm == Some(3) {
                    stripped = settings;
                }
                all_encodings.push((order, name));
            }
            Ok(())
        })?;
        if all_encodings.len() == 1 && stripped.is_some() {
            return Ok(Self {
                stripped,
                names: Vec::new(),
            });
        }
        all_encodings.sort_by_key(|encoding| encoding.0);
        Ok(Self {
            stripped: None,
            names: all_encodings.into_iter().map(|encoding| encoding.1).collect(),
        })
    }
}

/// The text of an element, without the zeros behind it.
fn text(input: &Input, part: Element) -> Result<String, FormatError> {
    let mut bytes = [0; 64];
    let bytes = &mut bytes[..(part.end - part.start).min(64)];
    input.read(part.start, bytes)?;
    Ok(String::from_utf8_lossy(bytes).trim_end_matches('\0').into())
}

/// Adds the attached files.
pub(super) fn attachments(
    input: &Input,
    faults: &Faults,
    all: Element,
    others: &mut Container,
) -> Result<(), FormatError> {
    all.children(input, faults, |file| {
        if file.id != 0x61a7 {
            return Ok(());
        }
        let (mut name, mut data) = (String::new(), None);
        file.children(input, faults, |part| {
            match part.id {
                0x466e => {
                    let mut bytes = [0; 255];
                    let bytes = &mut bytes[..(part.end - part.start).min(255)];
                    input.read(part.start, bytes)?;
                    name = String::from_utf8_lossy(bytes).replace(['/', '\\', '\0'], "_");
                }
                0x465c => data = Some((part.start, part.end - part.start)),
                _ => {}
            }
            Ok(())
        })?;
        match data {
            Some(data) => others.push(&format!("attachment/{name}"), [data]),
            None => Ok(()),
        }
    })
}
