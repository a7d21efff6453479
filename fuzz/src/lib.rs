//! What the fuzzer runs, and what a replay of its corpus runs without it: a module a target, each with `run`.

pub mod buffer;
pub mod edits;
pub mod formats;
pub mod pieces;
pub mod records;
pub mod regex;
pub mod search;
pub mod view;

/// All targets by name.
pub const TARGETS: [(&str, fn(&[u8])); 7] = [
    ("buffer", buffer::run),
    ("edits", edits::run),
    ("formats", formats::run),
    ("records", records::run),
    ("regex", regex::run),
    ("search", search::run),
    ("view", view::run),
];
