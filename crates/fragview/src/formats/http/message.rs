//! Messages one after the other: RFC 9112, 6.3 and 7.1.

use super::head::{Body, Codings, Head, MOST, chunk_size, fault, line};
use crate::error::Error;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{FormatError, FormatErrorKind};
use crate::geometry::{Span, Spans};

/// What is done with a message: whether it is a response, where its head lies, and its body.
pub(super) type Each<'a> =
    dyn FnMut(&Head, (usize, usize), Span, Option<usize>) -> Result<(), FormatError> + 'a;

/// Calls `each` for every message. `heads` says of each request, in order, whether it is `HEAD`, if the
/// requests are elsewhere; else they are those that come before in the buffer. The last message may be cut
/// off: `each` is told where, and the body goes that far.
pub(super) fn read(input: &Input, heads: Option<&[bool]>, each: &mut Each) -> Result<(), FormatError> {
    let mut own: alloc::collections::VecDeque<bool> = alloc::collections::VecDeque::new();
    let mut responses = 0;
    let mut at = 0;
    while at < input.len() {
        // An empty line before a message is passed over: RFC 9112, 2.2.
        if at > 0 && input.array(at) == Ok(*b"\r\n") {
            at += 2;
            continue;
        }
        let no_body = match heads {
            Some(heads) => heads.get(responses).copied().unwrap_or(false),
            None => own.front().copied().unwrap_or(false),
        };
        let head = Head::read(input, at, no_body)?;
        if head.is_response && !head.is_interim {
            responses += 1;
            own.pop_front();
        }
        if !head.is_response && heads.is_none() {
            own.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            own.push_back(head.is_head);
        }
        let mut body = Spans::new();
        body.begin()?;
        let (end, cut) = match body_at(input, &head, &mut body)? {
            Ok(end) => (end, None),
            Err(offset) => (input.len(), Some(offset)),
        };
        each(&head, (at, head.end - at), body.span(0), cut)?;
        at = end;
    }
    Ok(())
}

/// The one message at the start: where its head ends; its body is added to `body`. False where a chunked
/// body's chunks are invalid.
pub(in crate::formats) fn first(
    input: &Input,
    body: &mut Spans,
) -> Result<(usize, bool, Codings), FormatError> {
    let head = Head::read(input, 0, false)?;
    body.begin()?;
    let is_whole = match body_at(input, &head, body) {
        Err(error) if error.kind == FormatErrorKind::Malformed => false,
        // Not even one chunk.
        Ok(Err(_)) if head.body == Body::Chunked && body.span(0).byte_len() == 0 => false,
        result => result.map(|_| true)?,
    };
    Ok((head.end, is_whole, head.codings))
}

/// Where the body of a message ends, whose parts are added to `body`; `Err`: it is cut off, and where.
fn body_at(input: &Input, head: &Head, body: &mut Spans) -> Result<Result<usize, usize>, FormatError> {
    let start = head.end;
    match head.body {
        Body::Nothing => Ok(Ok(start)),
        Body::Rest => {
            body.push(Some(start), input.len() - start)?;
            Ok(Ok(input.len()))
        }
        Body::Length(length) => {
            if let Ok(end) = input.end(start, length, input.len()) {
                body.push(Some(start), end - start)?;
                Ok(Ok(end))
            } else {
                body.push(Some(start), input.len() - start)?;
                Ok(Err(start))
            }
        }
        Body::Chunked => chunks(input, start, body),
    }
}

/// As [`body_at`], of a body in chunks that begins at `at`.
fn chunks(input: &Input, mut at: usize, body: &mut Spans) -> Result<Result<usize, usize>, FormatError> {
    loop {
        let Ok((text, count, data)) = line(input, at, input.len().min(at.saturating_add(4096))) else {
            return if input.len() - at < 4096 {
                Ok(Err(at))
            } else {
                Err(fault(at, "a chunk's size is not a number"))
            };
        };
        let Some(size) = chunk_size(&text[..count]) else {
            return Err(fault(at, "a chunk's size is not a number"));
        };
        if size == 0 {
            return trailers(input, data);
        }
        let Ok(end) = input.end(data, size, input.len()) else {
            body.push(Some(data), input.len() - data)?;
            return Ok(Err(at));
        };
        body.push(Some(data), end - data)?;
        at = if input.array(end) == Ok(*b"\r\n") {
            end + 2
        } else if input.array(end) == Ok(*b"\n") {
            end + 1
        } else if input.len() - end < 2 {
            return Ok(Err(end));
        } else {
            return Err(fault(end, "no line end behind a chunk"));
        };
    }
}

/// Where the fields behind the last chunk end, and their empty line.
fn trailers(input: &Input, mut at: usize) -> Result<Result<usize, usize>, FormatError> {
    loop {
        let Ok((_, count, next)) = line(input, at, input.len().min(at.saturating_add(MOST))) else {
            return Ok(Err(at));
        };
        at = next;
        if count == 0 {
            return Ok(Ok(at));
        }
    }
}

/// Passes over the last message's missing end.
pub(super) fn pass_cut(faults: &Faults, cut: Option<usize>, name: &str) -> Result<(), FormatError> {
    match cut {
        Some(offset) => faults.pass_in(fault(offset, "a message that is cut off"), Some(name.into())),
        None => Ok(()),
    }
}
