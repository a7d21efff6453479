//! Fuzz targets: each takes any bytes, makes of them memory and what is done to it, and compares with a plain
//! `Vec`.
//!
//! A target asserts; so it fails where the crate is wrong, and not only where it crashes.

mod buffer;
mod counting;
mod cursor;
mod edits;
mod exclusive;
mod formats;
mod input;
mod material;
mod model;
mod numbers;
mod open_over;
mod places;
mod records;
mod regex;
mod search;
mod view;

pub use buffer::buffer;
pub use counting::{Counting, peak};
pub use cursor::cursor;
pub use edits::edits;
pub use exclusive::exclusive;
pub use formats::formats;
pub use open_over::open_over;
pub use records::records;
pub use regex::regex;
pub use search::search;
pub use view::view;

/// A target's name, and what it does with the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All targets; the corpus of each is in the folder of its name.
pub const TARGETS: [Target; 10] = [
    ("buffer", buffer),
    ("cursor", cursor),
    ("edits", edits),
    ("exclusive", exclusive),
    ("formats", formats),
    ("open_over", open_over),
    ("records", records),
    ("regex", regex),
    ("search", search),
    ("view", view),
];
