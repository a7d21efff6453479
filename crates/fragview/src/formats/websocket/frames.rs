//! Frames one after the other: RFC 6455, 5.2 to 5.5.

use alloc::format;

use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError};
use crate::geometry::{Extents, Span, Spans};

const CONTINUATION: u8 = 0;
const CLOSE: u8 = 8;

/// The frames of one direction: payloads and headers of messages and of control frames.
#[derive(Default)]
pub(super) struct Frames {
    messages: Spans,
    headers: Spans,
    controls: Spans,
    control_headers: Spans,
    is_masked: Option<bool>,
}

/// The header of a frame.
struct Header {
    opcode: u8,
    is_last: bool,
    is_masked: bool,
    /// Where the payload begins.
    start: usize,
    length: u64,
}

impl Header {
    fn read(input: &Input, at: usize) -> Result<Self, FormatError> {
        let [first, second] = input.array(at)?;
        let opcode = first & 15;
        let (is_last, is_masked) = (first & 0x80 != 0, second & 0x80 != 0);
        if !matches!(opcode, 0..=2 | 8..=10) {
            return input.fault(at, "an opcode that is not known");
        }
        // The first reserved bit says that the message that begins here is compressed.
        if first & 0x30 != 0 || (first & 0x40 != 0 && !matches!(opcode, 1 | 2)) {
            return input.fault(at, "a flag that is not known");
        }
        let (size, length, least) = match second & 0x7f {
            126 => (4, u64::from(input.u16(at + 2)?), 126),
            127 => (10, input.u64(at + 2)?, 1 << 16),
            length => (2, u64::from(length), 0),
        };
        if length < least || length >> 63 != 0 {
            return input.fault(at + 1, "a length in more bytes than it needs, or a negative one");
        }
        if opcode >= CLOSE && (!is_last || length > 125) {
            return input.fault(at, "a control frame in parts, or of more than 125 bytes");
        }
        let start = at + size + if is_masked { 4 } else { 0 };
        if start > input.len() {
            return input.fault(at, "a frame that is cut off");
        }
        Ok(Self {
            opcode,
            is_last,
            is_masked,
            start,
            length,
        })
    }
}

impl Frames {
    /// Reads the frames from `at` on, up to the first error, if there is any.
    pub(super) fn read(&mut self, input: &Input, mut at: usize) -> Result<(), FormatError> {
        let mut open = None;
        let mut is_closed = false;
        while at < input.len() {
            if is_closed {
                return input.fault(at, "bytes behind a close");
            }
            let header = Header::read(input, at)?;
            if *self.is_masked.get_or_insert(header.is_masked) != header.is_masked {
                return input.fault(at, "masked frames among others");
            }
            let is_control = header.opcode >= CLOSE;
            match (header.opcode, open) {
                (CONTINUATION, None) => return input.fault(at, "a part of no message"),
                (1 | 2, Some(_)) => return input.fault(at, "a message within another"),
                _ => {}
            }
            let (payloads, headers) = if is_control {
                (&mut self.controls, &mut self.control_headers)
            } else {
                (&mut self.messages, &mut self.headers)
            };
            if header.opcode != CONTINUATION {
                payloads.begin()?;
                headers.begin()?;
            }
            let end = input.end(header.start, header.length, usize::MAX);
            let there = *end.as_ref().unwrap_or(&input.len());
            payloads.push(Some(header.start), there - header.start)?;
            headers.push(Some(at), header.start - at)?;
            if end.is_err() {
                return input.fault(at, "a frame that is cut off");
            }
            if !is_control {
                open = (!header.is_last).then_some(at);
            }
            is_closed = header.opcode == CLOSE;
            at = there;
        }
        match open {
            Some(at) => input.fault(at, "a message that does not end"),
            None => Ok(()),
        }
    }

    /// Adds the streams, under a prefix; `within`: what the frames lie in, if it is not the file.
    pub(super) fn push(
        &self,
        container: &mut Container,
        prefix: &str,
        within: Option<&Extents>,
    ) -> Result<(), FormatError> {
        let masked = if self.is_masked == Some(true) {
            ".masked"
        } else {
            ""
        };
        for (spans, pattern) in [
            (&self.messages, format!("{prefix}message[{{}}]{masked}")),
            (&self.headers, format!("{prefix}header[{{}}]")),
            (&self.controls, format!("{prefix}control[{{}}]{masked}")),
            (&self.control_headers, format!("{prefix}control_header[{{}}]")),
        ] {
            if spans.is_empty() {
                continue;
            }
            let family = container.family(&pattern)?;
            for span in spans.spans(0) {
                match within {
                    None => container.push_in(family, span)?,
                    Some(extents) => {
                        container.push_in(family, [] as [crate::geometry::Extent; 0])?;
                        extend(container, span, extents)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Adds a span of a stream in `extents` to the last stream.
fn extend(container: &mut Container, span: Span<'_>, extents: &Extents) -> Result<(), FormatError> {
    for extent in span {
        let start = extent.offset.unwrap_or(0);
        container.extend(extents.runs(start..start + extent.length))?;
    }
    Ok(())
}
