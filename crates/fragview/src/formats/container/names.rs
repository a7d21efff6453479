//! Names of streams: paths fit for a shell.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A number as names have it: decimal, without zeros before it.
pub(super) fn parse(digits: &str) -> Option<u32> {
    let is_plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    (is_plain && (digits == "0" || !digits.starts_with('0')))
        .then(|| digits.parse().ok())
        .flatten()
}

/// The name that a stream gets, if it is not this one.
pub(super) fn clean(name: &str) -> Option<String> {
    let is_reserved = |part: &str| matches!(part, "" | "." | "..");
    if !name.chars().any(char::is_control) && !name.split('/').any(is_reserved) {
        return None;
    }
    let printable: String = name.chars().filter(|letter| !letter.is_control()).collect();
    let parts: Vec<String> = printable
        .split('/')
        .map(|part| match part {
            "" | "." | ".." => format!("_{part}"),
            _ => part.to_string(),
        })
        .collect();
    Some(parts.join("/"))
}
