//! Regular expressions across seams, against the crate `regex` on the same bytes in one piece.

mod support;
mod watchdog;

use std::ops::Range;
use std::sync::atomic::AtomicU8;

use fragview::geometry::Slice;
use fragview::memory::{Builder, Frozen, Kind, Shared};
use fragview::regex::{Mode, Regex, RegexBuilder};
use fragview::search::Step;
use fragview::{FrozenView, MemoryRef, SharedView, View};
use proptest::prelude::*;
use regex::bytes::{Regex as Oracle, RegexBuilder as OracleBuilder};
use support::{Page, cut, splits, texts};
use watchdog::watched;

const PATTERNS: [&str; 44] = [
    "",
    "a",
    "ab",
    "abc",
    "a*",
    "a+b",
    "a*?b",
    "(a)(b)?",
    "(a|ab)(c|bcd)?",
    "(a*)*",
    "(a|b)*c",
    "((a)|(b))+",
    "(?:a|b)+?c",
    "^a",
    "a$",
    "^$",
    "^a*$",
    r"\Aab",
    r"b\z",
    "(?m)^a",
    "(?m)b$",
    "(?m)^$",
    "(?mR)^.*$",
    "(?mR)^b|a$",
    r"\ba",
    r"a\b",
    r"\Ba",
    r"\b(\w+)\b",
    r"\b{start}a|b\b{end}",
    "(?i)AB",
    "[^a]",
    "[^a]+(b)?",
    ".",
    ".*",
    "(?s).*",
    "(?s)(.)(.)?$",
    "(?s).{3}",
    "a{2}|b{2,}",
    "(ab){2,3}",
    "(?P<x>a)|(?P<y>b)",
    "aab|aa|a",
    r"\xff|\n",
    "b.*a|b",
    "[ab]c?(?:a|$)",
];

fn oracle(pattern: &str) -> Oracle {
    OracleBuilder::new(pattern).unicode(false).build().unwrap()
}

/// A match and its groups.
type Found = Vec<Option<Range<usize>>>;

fn ours<K: Kind, R: MemoryRef>(
    regex: &Regex,
    view: &View<K, u8, R>,
    from: usize,
    mode: Mode,
    bytes: usize,
) -> Option<Found> {
    let mut search = regex.search(view, from, mode);
    loop {
        match search.next_within(bytes) {
            Step::Found(found) => {
                return Some((0..found.group_count()).map(|group| found.group(group)).collect());
            }
            Step::End => return None,
            Step::Paused => {}
        }
    }
}

fn theirs(oracle: &Oracle, hay: &[u8], from: usize) -> Option<Found> {
    let captures = oracle.captures_at(hay, from)?;
    Some(
        captures
            .iter()
            .map(|group| group.map(|group| group.range()))
            .collect(),
    )
}

/// A pattern with what the oracle searches with, in each mode.
struct Both {
    regex: Regex,
    oracle: Oracle,
    whole: Oracle,
}

impl Both {
    fn new(pattern: &str) -> Self {
        Self {
            regex: Regex::new(pattern.as_bytes()).unwrap(),
            oracle: oracle(pattern),
            whole: oracle(&format!(r"\A(?:{pattern})\z")),
        }
    }

    fn check<K: Kind, R: MemoryRef>(&self, view: &View<K, u8, R>, hay: &[u8]) {
        let pattern = self.regex.pattern().escape_ascii();
        for from in 0..=hay.len() {
            let expected = theirs(&self.oracle, hay, from);
            for bytes in [usize::MAX, 1] {
                let got = ours(&self.regex, view, from, Mode::Anywhere, bytes);
                assert_eq!(got, expected, "{pattern} in {:?} from {from}", hay.escape_ascii());
            }
        }
        assert_eq!(ours(&self.regex, view, hay.len() + 1, Mode::Anywhere, 1), None);
        let whole = theirs(&self.whole, hay, 0);
        assert_eq!(ours(&self.regex, view, 0, Mode::Whole, 1), whole, "{pattern}");
        // A match at the start is the leftmost one.
        let start =
            theirs(&self.oracle, hay, 0).filter(|found| found[0].clone().is_some_and(|all| all.start == 0));
        assert_eq!(ours(&self.regex, view, 0, Mode::Start, 1), start, "{pattern}");
    }
}

#[test]
fn every_small_haystack_and_some_splits() {
    let cuts: Vec<_> = (0..=5).map(splits).collect();
    for pattern in PATTERNS {
        let both = Both::new(pattern);
        for (number, hay) in texts(b"abc\n\r", 4).enumerate() {
            let cuts = &cuts[hay.len()];
            let view = FrozenView::from_slices(cut(&hay, &cuts[number % cuts.len()])).unwrap();
            both.check(&view, &hay);
        }
    }
}

#[test]
fn every_split_shared_memory_and_steps() {
    let hay = b"abcab\xff aab ";
    let each_other = Slice {
        start: None,
        stop: None,
        step: 2,
    };
    for pattern in PATTERNS {
        let both = Both::new(pattern);
        for sizes in splits(hay.len()).iter().step_by(17) {
            let pages: Vec<Page> = cut(hay, sizes).iter().map(|part| Page::new(part, true)).collect();
            let shared = View::from_owners(pages).unwrap();
            both.check(&shared, hay);
            let back: Vec<u8> = hay.iter().rev().copied().collect();
            both.check(&shared.reversed(), &back);
            let thin: Vec<u8> = hay.iter().step_by(2).copied().collect();
            both.check(&shared.slice_with_step(each_other), &thin);
        }
    }
}

#[test]
fn iteration_and_split() {
    let hay = b"one, two ,three";
    let view = FrozenView::from_slices(hay.chunks(4)).unwrap();
    let ranges = |pattern: &[u8]| -> Vec<Range<usize>> {
        let regex = Regex::new(pattern).unwrap();
        regex.find_iter(&view).map(|found| found.range()).collect()
    };
    assert_eq!(ranges(br"\w+"), [0..3, 5..8, 10..15]);
    // As `re` has it: an empty match may follow a match at once, but not an empty one.
    assert_eq!(
        ranges(b"e*"),
        [
            0..0,
            1..1,
            2..3,
            3..3,
            4..4,
            5..5,
            6..6,
            7..7,
            8..8,
            9..9,
            10..10,
            11..11,
            12..12,
            13..15,
            15..15
        ]
    );
    assert!(ranges(b"x").is_empty());
    let parts: Vec<_> = Regex::new(b" ?, ?").unwrap().split(&view).collect();
    assert_eq!(parts, [0..3, 5..8, 10..15]);
    let whole = Regex::new(b"x").unwrap().split(&view);
    assert!(whole.eq(std::iter::once(0..15)));
    let empty = FrozenView::from_slices([]).unwrap();
    assert_eq!(
        Regex::new(b"").unwrap().split(&empty).collect::<Vec<_>>(),
        [0..0, 0..0]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Fragments and holes around the sizes that are read in place, with matches that lie across many.
    #[test]
    fn large_fragments_and_holes(
        parts in prop::collection::vec((prop::sample::select(&[1, 100, 4095, 4096, 4097, 9000, 20_000][..]),
            prop::sample::select(&b"ab\0 "[..]), any::<bool>()), 1..8),
        pattern in prop::sample::select(&[
            r"a+b+", r"(a+)(b+)?", r"\x00+", r"(\x00*)b", r"(?s-u)^.*b", r"\b\w{3,}\b", r"[^a]+", r"a\x00", r"aaab",
            r"(?s).*", r"\x00{5}", r"(?:\x00\x00\x00)+", r"(?:aa)+$", r"(?m) $|^b", r"b\x00*a",
        ][..]),
        from in 0_usize..30_000,
    ) {
        let mut hay = Vec::new();
        for &(length, byte, hole) in &parts {
            hay.resize(hay.len() + length, if hole { 0 } else { byte });
        }
        let atomics: Vec<AtomicU8> = hay.iter().map(|&byte| AtomicU8::new(byte)).collect();
        let mut frozen = Builder::<Frozen<'_>>::new();
        let mut shared = Builder::<Shared<'_>>::new();
        let mut at = 0;
        for &(length, _, hole) in &parts {
            if hole {
                frozen.push_hole(length).unwrap();
                shared.push_hole(length).unwrap();
            } else {
                frozen.push_slice(&hay[at..at + length]).unwrap();
                shared.push_slice(&atomics[at..at + length]).unwrap();
            }
            at += length;
        }
        let (frozen, shared) = (FrozenView::from(frozen.finish()), SharedView::from(shared.finish()));
        let both = Both::new(pattern);
        for from in [0, from.min(hay.len())] {
            let expected = theirs(&both.oracle, &hay, from);
            for bytes in [usize::MAX, 1000] {
                prop_assert_eq!(ours(&both.regex, &frozen, from, Mode::Anywhere, bytes), expected.clone());
                prop_assert_eq!(ours(&both.regex, &shared, from, Mode::Anywhere, bytes), expected.clone());
            }
        }
        let backwards: Vec<u8> = hay.iter().rev().copied().collect();
        let expected = theirs(&both.oracle, &backwards, 0);
        prop_assert_eq!(ours(&both.regex, &frozen.reversed(), 0, Mode::Anywhere, 1000), expected);
    }
}

#[test]
fn holes_without_end() {
    let mut builder = Builder::<Frozen<'_>>::new();
    builder.push_slice(b"head").unwrap();
    builder.push_hole(1 << 60).unwrap();
    builder.push_slice(b"tail").unwrap();
    let view = FrozenView::from(builder.finish());
    let end = view.len();
    let find = |pattern: &[u8]| {
        Regex::new(pattern)
            .unwrap()
            .find(&view)
            .map(|found| found.range())
    };
    assert_eq!(find(b"tail$"), Some(end - 4..end));
    assert_eq!(find(br"\x00+"), Some(4..end - 4));
    assert_eq!(find(br"(?s)d.*t"), Some(3..end - 3));
    assert_eq!(find(br"\x00x"), None);
}

#[test]
fn linear() {
    watched("patterns that take others exponential time", || {
        let hay = vec![b'a'; 1 << 16];
        let view = FrozenView::from_slices(hay.chunks(3)).unwrap();
        for pattern in [
            &b"(a*)*b"[..],
            b"(a|a)*b",
            b"(?:a?){50}a{50}b",
            b"(x+x+)+y|a*?b",
            b"((((a*)*)*)*)c",
        ] {
            assert!(Regex::new(pattern).unwrap().find(&view).is_none());
        }
        assert!(Regex::new(b"((a*)*)*").unwrap().match_whole(&view).is_some());
    });
}

#[test]
fn patterns_that_are_none() {
    let error = |pattern: &[u8]| Regex::new(pattern).err().unwrap();
    assert_eq!(error(b"(a").position, Some(0));
    assert_eq!(error(b"\xe9\xff(?P<1>a)").position, Some(6));
    assert_eq!(error(br"a\1").position, Some(1));
    assert!(error(br"a\1").to_string().contains("backreferences"));
    assert!(error(b"(?=a)").to_string().contains("look-around"));
    assert_eq!(error(b"a{1000}{1000}{1000}").position, None);
    assert!(error(br"(?u)\bword").to_string().contains("nicode"));
    assert!(error(br"\pL").to_string().contains("nicode"));
    assert!(error(b"*").position.is_some());
    let nested = [[b'('; 1000], [b')'; 1000]].concat();
    assert!(error(&nested).to_string().contains("nest"));
}

#[test]
fn bytes_that_are_no_text() {
    let view = FrozenView::from_slices([&b"a\xe9\xff"[..], b"\xe9\x80"]).unwrap();
    let find = |pattern: &[u8]| {
        Regex::new(pattern)
            .unwrap()
            .find(&view)
            .map(|found| found.range())
    };
    assert_eq!(find(b"\xff\xe9"), Some(2..4));
    assert_eq!(find(b"[\x80-\x8f]+"), Some(4..5));
    assert_eq!(find(b"\\\xff"), Some(2..3));
    assert_eq!(find(b"\\\\\xff"), None);
    assert_eq!(find(br"\x80\Z"), Some(4..5));
}

#[test]
fn flags_and_names() {
    let view = FrozenView::from_slices([&b"one\nTw"[..], b"o"]).unwrap();
    let find = |builder: RegexBuilder<'_>| builder.build().unwrap().find(&view).map(|found| found.range());
    assert_eq!(find(RegexBuilder::new(b"two")), None);
    assert_eq!(find(RegexBuilder::new(b"two").case_insensitive(true)), Some(4..7));
    assert_eq!(find(RegexBuilder::new(b"^T").multi_line(true)), Some(4..5));
    assert_eq!(
        find(RegexBuilder::new(b"e.T").dot_matches_new_line(true)),
        Some(2..5)
    );
    assert_eq!(
        find(RegexBuilder::new(b"T w # a comment").ignore_whitespace(true)),
        Some(4..6)
    );
    let regex = Regex::new(b"(?P<first>.)(.)(?<third>.)").unwrap();
    assert_eq!(
        regex.group_names().collect::<Vec<_>>(),
        [None, Some("first"), None, Some("third")]
    );
}

#[test]
fn one_regex_in_many_threads() {
    let regex = Regex::new(br"(\w+)@(\w+)").unwrap();
    let view = FrozenView::from_slices([&b"mail to me@h"[..], b"ome or yo", b"u@work"]).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let found: Vec<_> = regex.find_iter(&view).map(|found| found.range()).collect();
                    assert_eq!(found, [8..15, 19..27]);
                }
            });
        }
    });
}

/// Python's syntax: what it refuses has a place, and an empty match is followed by what matches there, as in
/// `re`.
#[test]
fn python_syntax() {
    use fragview::regex::{RegexBuilder, Resume, Syntax};
    let build = |pattern: &'static [u8]| RegexBuilder::new(pattern).syntax(Syntax::Python).build();
    for (pattern, place) in [
        (&br"a\1"[..], 1),
        (br"a(?=b)", 1),
        (br"a$b", 1),
        (br"(a*)*", 4),
        (br"\u0040", 0),
        (br"\p", 0),
        (br"[a", 0),
        (br"a**", 2),
        (br"a{2,1}", 2),
        (br"a(?i)", 1),
    ] {
        let error = build(pattern).expect_err("the pattern is refused");
        assert_eq!(error.position, Some(place), "{}", pattern.escape_ascii());
    }
    for (text, pattern, expected) in [
        (&b"ab\n"[..], &br"b$"[..], &[(1, 2)][..]),
        (b"ab\n", br"\s*?$", &[(2, 2), (2, 3), (3, 3)]),
        (b"aa", br"a??", &[(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]),
        (b"a{,b", br"a{,", &[(0, 3)]),
        (b"\x08aA<", br"(?i)(?#x)[\b]\x61a\<", &[(0, 4)]),
    ] {
        let regex = build(pattern).unwrap();
        for cut in 0..=text.len() {
            let (head, tail) = text.split_at(cut);
            let view = FrozenView::from_slices([head, tail]).unwrap();
            let found: Vec<_> = regex
                .find_iter(&view)
                .map(|found| (found.start(), found.end()))
                .collect();
            assert_eq!(
                found,
                expected,
                "{} in {}",
                pattern.escape_ascii(),
                text.escape_ascii()
            );
            // A search that stops behind each match, and another one that goes on there.
            let (mut again, mut point) = (Vec::new(), Resume::new(0));
            loop {
                let mut search = regex.resume(&view, point);
                let mut matches = Vec::new();
                let step = search.collect_within(&mut matches, 1, usize::MAX).unwrap();
                again.extend(matches.iter().map(|found| (found.start(), found.end())));
                if step == Step::End {
                    break;
                }
                point = search.resume_point();
            }
            assert_eq!(again, expected);
        }
    }
}
