//! Tracks' headers: RFC 9559, 5.1.4; and attached files, 5.1.6.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

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
        let (mut number, mut kind, mut config, mut header) = (None, 0, None, None);
        track.children(input, faults, |part| {
            match part.id {
                0xd7 => number = Some(part.unsigned(input)?),
                0x83 => kind = part.unsigned(input)?,
                0x63a2 => config = Some(part),
                0x6d80 => header = stripping(input, faults, part)?,
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
        if let Some(header) = header {
            stripped.insert(place, header);
        }
        if let Some(config) = config {
            let name = format!("{}.config", tracks.name(place));
            others.push(&name, [(config.start, config.end - config.start)])?;
        }
        Ok(())
    })
}

/// The bytes that a track's content encodings strip from its frames, if stripping is the only encoding.
fn stripping(input: &Input, faults: &Faults, all: Element) -> Result<Option<(usize, usize)>, FormatError> {
    let mut header = None;
    let mut others = 0;
    all.children(input, faults, |encoding| {
        if encoding.id != 0x6240 {
            return Ok(());
        }
        // All frames' contents, unless it says otherwise; zlib if it says nothing.
        let (mut scope, mut algorithm, mut settings, mut is_compression) = (1, None, None, false);
        encoding.children(input, faults, |part| {
            match part.id {
                0x5032 => scope = part.unsigned(input)?,
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
        match (is_compression && algorithm == Some(3), settings) {
            (true, Some(settings)) if scope & 1 != 0 && header.is_none() => header = Some(settings),
            _ if scope & 1 == 0 => {}
            _ => others += 1,
        }
        Ok(())
    })?;
    Ok(if others == 0 { header } else { None })
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
