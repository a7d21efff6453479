//! Regular expressions over fragments against the crate `regex` over the joined bytes.

use arbitrary::{Arbitrary, Unstructured};
use fragview::FrozenView;
use fragview::regex::RegexBuilder;

use crate::pieces;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    /// Characters of [`ALPHABET`], so that most patterns are patterns.
    pattern: Vec<u8>,
    case_insensitive: bool,
    multi_line: bool,
    dot_matches_new_line: bool,
    lengths: Vec<u8>,
    bytes: &'a [u8],
}

const ALPHABET: [&str; 32] = [
    "a", "b", "\\n", " ", "\\x00", "\\xff", "[ab]", "[^a]", ".", "*", "+", "?", "|", "(", ")", "(?:", "^",
    "$", "\\b", "\\B", "{2}", "{0,3}", "*?", "+?", "(?P<n>", "\\d", "\\w", "\\s", "A", "(?i)", "\\A", "\\z",
];

/// One input.
pub fn run(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    if input.pattern.len() > 24 {
        return;
    }
    let pattern: String = input
        .pattern
        .iter()
        .map(|&at| ALPHABET[usize::from(at) % ALPHABET.len()])
        .collect();
    let ours = RegexBuilder::new(pattern.as_bytes())
        .case_insensitive(input.case_insensitive)
        .multi_line(input.multi_line)
        .dot_matches_new_line(input.dot_matches_new_line)
        .build();
    let theirs = regex::bytes::RegexBuilder::new(&pattern)
        .unicode(false)
        .case_insensitive(input.case_insensitive)
        .multi_line(input.multi_line)
        .dot_matches_new_line(input.dot_matches_new_line)
        .build();
    // One refuses what is too large sooner than the other.
    let (Ok(ours), Ok(theirs)) = (ours, theirs) else {
        return;
    };
    let view = FrozenView::from_slices(pieces::split(input.bytes, &input.lengths)).expect("a view");
    let found: Vec<Vec<_>> = ours
        .find_iter(&view)
        .map(|found| (0..found.group_count()).map(|group| found.group(group)).collect())
        .collect();
    let expected: Vec<Vec<_>> = theirs
        .captures_iter(input.bytes)
        .map(|found| {
            found
                .iter()
                .map(|group| group.map(|group| group.range()))
                .collect()
        })
        .collect();
    assert_eq!(found, expected, "{pattern}");
    assert_eq!(
        ours.find(&view).map(|found| found.range()),
        theirs.find(input.bytes).map(|found| found.range())
    );
}
