//! The messages in the TCP streams of a capture.

use alloc::format;

use super::frames::Frames;
use super::handshake::handshake;
use super::name::NAME;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError, Options, pcap};
use crate::{Bytes, Within};

/// The messages of each direction that begins with a handshake. One ends with its last whole frame: a capture
/// may end at any time.
pub(super) fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let faults = Faults::new(options);
    let connections = pcap::connections_for(NAME, bytes, &faults)?;
    let mut container = Container::new(NAME);
    for (number, directions) in connections.finish().enumerate() {
        for (_, _, extents) in directions? {
            let within = Within::new(bytes, &extents);
            let input = Input::big(&within, NAME);
            let Some((start, is_client)) = handshake(&input) else {
                continue;
            };
            let side = if is_client { "client" } else { "server" };
            let mut frames = Frames::default();
            match frames.read(&input, start) {
                Err(error) if error.kind != crate::formats::FormatErrorKind::Malformed => return Err(error),
                Err(error) => {
                    let mut runs = extents.runs(error.offset.min(input.len())..input.len());
                    let offset = runs.next().and_then(|extent| extent.offset).unwrap_or(0);
                    faults.note(offset, format!("stream{number}/{side}: {}", error.what))?;
                }
                Ok(()) => {}
            }
            frames.push(&mut container, &format!("stream{number}/{side}/"), Some(&extents))?;
        }
    }
    if container.is_empty() {
        return Err(FormatError::new(NAME, 0, "the capture has no WebSocket messages"));
    }
    faults.give(&mut container);
    Ok(container)
}
