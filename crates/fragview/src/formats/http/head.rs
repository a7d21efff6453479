//! A message's start line and fields: RFC 9112, 2 to 6.

use alloc::borrow::Cow;
use alloc::string::String;

use super::name::NAME;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;

/// The most bytes of a head.
pub(super) const MOST: usize = 1 << 16;
/// The bytes of a line that are looked at.
pub(in crate::formats) const LINE: usize = 256;

/// How long a message's body is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Body {
    Nothing,
    Length(u64),
    Chunked,
    /// To the end of the connection.
    Rest,
}

/// A message's head.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_field_names, reason = "HEAD is the request's name")]
pub(super) struct Head {
    pub(super) is_response: bool,
    /// A response that another one follows, to the same request.
    pub(super) is_interim: bool,
    /// A request to which the response has no body.
    pub(super) is_head: bool,
    pub(super) body: Body,
    pub(super) codings: Codings,
    pub(super) end: usize,
}

/// The codings of a body besides chunks, in the order in which they were applied: RFC 9110, 8.4, RFC 9112, 7.
#[derive(Clone, Copy, Debug)]
pub(in crate::formats) struct Codings {
    text: [u8; 64],
    length: usize,
}

impl Codings {
    const NONE: Self = Self {
        text: [0; 64],
        length: 0,
    };

    /// Adds the codings of a field; those that find no room are left out.
    fn add(&mut self, field: &[u8]) {
        for coding in field.split(|&byte| byte == b',') {
            let coding = coding.trim_ascii();
            let is_none = [&b""[..], b"chunked", b"identity"]
                .iter()
                .any(|none| coding.eq_ignore_ascii_case(none));
            let comma: &[u8] = if self.length > 0 { b", " } else { b"" };
            let bytes = comma.iter().chain(coding);
            let end = self.length + comma.len() + coding.len();
            if let (false, Some(room)) = (is_none, self.text.get_mut(self.length..end)) {
                for (slot, byte) in room.iter_mut().zip(bytes) {
                    *slot = byte.to_ascii_lowercase();
                }
                self.length = end;
            }
        }
    }

    pub(in crate::formats) fn name(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.text[..self.length])
    }
}

/// The line at `at` without its end: its first bytes, how many they are, and where the next line begins.
pub(in crate::formats) fn line(
    input: &Input,
    at: usize,
    limit: usize,
) -> Result<([u8; LINE], usize, usize), FormatError> {
    let mut first = [0; LINE];
    let mut length = 0;
    let mut piece = [0; 64];
    let mut from = at;
    while from < limit {
        let piece = &mut piece[..(limit - from).min(64)];
        input.read(from, piece)?;
        let end = piece.iter().position(|&byte| byte == b'\n');
        for &byte in &piece[..end.unwrap_or(piece.len())] {
            if let Some(slot) = first.get_mut(length) {
                *slot = byte;
            }
            length += 1;
        }
        if let Some(end) = end {
            let is_whole = length <= LINE;
            if is_whole && length > 0 && first[length - 1] == b'\r' {
                length -= 1;
            }
            return Ok((first, length.min(LINE), from + end + 1));
        }
        from += piece.len();
    }
    input.fault(at, "a line that does not end")
}

/// Whether this is the start line of a message: a request's or a response's.
pub(super) fn is_start(line: &[u8]) -> bool {
    is_status(line) || is_request(line)
}

/// Whether this is a status line: `HTTP/1.1 200 OK`.
fn is_status(line: &[u8]) -> bool {
    matches!(line, [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', a, b, c, rest @ ..]
        if [a, b, c].iter().all(|digit| digit.is_ascii_digit()) && matches!(rest, [] | [b' ', ..]))
}

/// Whether this is a request line, as far as it is there: `GET / HTTP/1.1`.
fn is_request(line: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_');
    let method = line.iter().take_while(|byte| is_token(byte)).count();
    let is_long = line.len() == LINE;
    (1..=20).contains(&method)
        && line.get(method) == Some(&b' ')
        && (is_long || line.ends_with(b" HTTP/1.1") || line.ends_with(b" HTTP/1.0"))
}

impl Head {
    /// The head at `at`. `no_body`: the response is one to `HEAD`.
    pub(super) fn read(input: &Input, at: usize, no_body: bool) -> Result<Self, FormatError> {
        let limit = input.len().min(at.saturating_add(MOST));
        let (first, length, mut next) = line(input, at, limit)?;
        let start = &first[..length];
        if !is_start(start) {
            return input.fault(at, "no start line of a message");
        }
        let is_response = is_status(start);
        let status = &start[start.len().min(9)..start.len().min(12)];
        let is_interim = is_response && status.starts_with(b"1") && status != b"101";
        let (mut length, mut is_chunked, mut has_coding) = (None, false, false);
        let (mut codings, mut transfer) = (Codings::NONE, Codings::NONE);
        let end = loop {
            let (text, count, end) = line(input, next, limit)?;
            let text = &text[..count];
            if text.is_empty() {
                break end;
            }
            // A line that begins with a space goes on with the field before.
            let colon = text.iter().position(|&byte| byte == b':');
            match (text.first(), colon) {
                (Some(b' ' | b'\t'), _) => {}
                (_, Some(colon)) => {
                    let value = text[colon + 1..].trim_ascii();
                    if text[..colon].eq_ignore_ascii_case(b"content-length") {
                        let number = decimal(value);
                        if number.is_none() || length.is_some_and(|length| Some(length) != number) {
                            return input.fault(next, "lengths that differ or are invalid");
                        }
                        length = number;
                    } else if text[..colon].eq_ignore_ascii_case(b"content-encoding") {
                        codings.add(value);
                    } else if text[..colon].eq_ignore_ascii_case(b"transfer-encoding") {
                        has_coding = true;
                        transfer.add(value);
                        let last = value.rsplit(|&byte| byte == b',').next().unwrap_or_default();
                        is_chunked = last.trim_ascii().eq_ignore_ascii_case(b"chunked");
                    }
                }
                _ => return input.fault(next, "a field without a colon"),
            }
            next = end;
        };
        // The transfer's are applied to what the content's give.
        codings.add(&transfer.text[..transfer.length]);
        let body = if is_response && (no_body || is_interim || matches!(status, b"101" | b"204" | b"304")) {
            Body::Nothing
        } else if is_chunked {
            Body::Chunked
        } else if has_coding {
            Body::Rest
        } else if let Some(length) = length {
            Body::Length(length)
        } else if is_response {
            Body::Rest
        } else {
            Body::Nothing
        };
        Ok(Self {
            is_response,
            is_interim,
            is_head: start.starts_with(b"HEAD "),
            body,
            codings,
            end,
        })
    }
}

/// A decimal number.
pub(in crate::formats) fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, &digit| {
        let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// The size with which a chunk begins: hexadecimal, and perhaps extensions.
pub(super) fn chunk_size(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if !(1..=16).contains(&digits) || !matches!(text[digits..].trim_ascii_start(), [] | [b';', ..]) {
        return None;
    }
    text[..digits].iter().try_fold(0_u64, |number, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(number << 4 | u64::from(digit))
    })
}

/// The error of a message that does not go on as it should.
pub(super) fn fault(offset: usize, what: &'static str) -> FormatError {
    FormatError::new(NAME, offset, what)
}
