//! The messages in the TCP streams of a capture.

use alloc::format;
use alloc::vec::Vec;

use super::head::Head;
use super::message;
use super::name::NAME;
use crate::error::Error;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError, FormatErrorKind, Options, pcap};
use crate::geometry::{Extent, Span};
use crate::{Bytes, Within};

/// The messages of each connection, flattened to what lies in the file.
pub(super) fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let faults = Faults::new(options);
    let connections = pcap::connections_for(NAME, bytes, &faults)?;
    let mut container = Container::new(NAME);
    for (number, directions) in connections.finish().enumerate() {
        let directions = directions?;
        let streams = directions
            .each_ref()
            .map(|(_, _, stream)| Within::new(bytes, stream));
        let mut heads = Vec::new();
        for stream in &streams {
            let result = message::read(&Input::big(stream, NAME), Some(&[]), &mut |head, _, _, _| {
                if !head.is_response {
                    heads.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                    heads.push(head.is_head);
                }
                Ok(())
            });
            whole(result)?;
        }
        for ((_, _, extents), stream) in directions.iter().zip(&streams) {
            let mut counts = [0_usize; 2];
            let mut each = |head: &Head, (at, length): (usize, usize), body: Span, _| {
                let what = if head.is_response { "response" } else { "request" };
                let count = &mut counts[usize::from(head.is_response)];
                let name = format!("stream{number}/{what}{count}");
                *count += 1;
                container.push(&format!("{name}/head"), extents.runs(at..at + length))?;
                if body.byte_len() > 0 {
                    container.push(&format!("{name}/body"), [] as [Extent; 0])?;
                    container.codec_last(&head.codings.name())?;
                    for Extent { offset, length } in body {
                        let start = offset.unwrap_or(0);
                        container.extend(extents.runs(start..start + length))?;
                    }
                }
                Ok(())
            };
            let result = message::read(&Input::big(stream, NAME), Some(&heads), &mut each);
            whole(result)?;
        }
    }
    if container.is_empty() {
        return Err(FormatError::new(NAME, 0, "no HTTP in the capture"));
    }
    faults.give(&mut container);
    Ok(container)
}

/// A direction ends where no message begins.
fn whole(result: Result<(), FormatError>) -> Result<(), FormatError> {
    match result {
        Err(error) if error.kind != FormatErrorKind::Malformed => Err(error),
        _ => Ok(()),
    }
}
