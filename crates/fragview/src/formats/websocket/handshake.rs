//! The handshake before the frames: RFC 6455, 4.

use crate::formats::http;
use crate::formats::parse::input::Input;

/// Where the frames begin behind the handshake of one side; whether that is the client.
pub(super) fn handshake(input: &Input) -> Option<(usize, bool)> {
    let limit = input.len().min(1 << 16);
    let (line, length, mut at) = http::line(input, 0, limit).ok()?;
    let is_client = line.starts_with(b"GET ");
    if !(is_client || line[..length].starts_with(b"HTTP/1.1 101")) {
        return None;
    }
    let mut is_websocket = false;
    loop {
        let (line, length, end) = http::line(input, at, limit).ok()?;
        let line = &line[..length];
        at = end;
        if line.is_empty() {
            return is_websocket.then_some((at, is_client));
        }
        let colon = line.iter().position(|&byte| byte == b':')?;
        is_websocket |= line[..colon].eq_ignore_ascii_case(b"upgrade")
            && line[colon + 1..].trim_ascii().eq_ignore_ascii_case(b"websocket");
    }
}
