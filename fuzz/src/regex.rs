//! Regular expressions: against the engine of the crate `regex` on the joined bytes.

use std::ops::Range;

use bytes::Bytes;
use fragview::geometry::Slice;
use fragview::memory::Kind;
use fragview::regex::{Mode, Regex, RegexBuilder};
use fragview::search::Step;
use fragview::{MemoryRef, View};
use regex_automata::meta;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input as Search};

use crate::input::Input;
use crate::material::{Material, Of, Page};
use crate::search::haystack;

/// A pattern, fragments of its letters, and every way to search.
pub fn regex(data: &[u8]) {
    let mut input = Input::new(data);
    if input.yes() {
        run::<Page>(&mut input);
    } else {
        run::<Bytes>(&mut input);
    }
}

/// Where the groups of a match are, the whole match first.
type Found = Vec<Option<Range<usize>>>;

/// A pattern, ours and theirs; `whole` is theirs with the end behind it.
struct Both {
    ours: Regex,
    theirs: meta::Regex,
    whole: meta::Regex,
}

impl Both {
    fn new(pattern: &str, flags: [bool; 3]) -> Option<Self> {
        let [insensitive, lines, dot] = flags;
        let ours = RegexBuilder::new(pattern.as_bytes())
            .case_insensitive(insensitive)
            .multi_line(lines)
            .dot_matches_new_line(dot)
            .build();
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        let syntax = syntax
            .case_insensitive(insensitive)
            .multi_line(lines)
            .dot_matches_new_line(dot);
        let compile = |pattern: &str| {
            let config = meta::Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(10 << 20));
            meta::Builder::new()
                .configure(config)
                .syntax(syntax)
                .build(pattern)
                .map_err(Box::new)
        };
        let (theirs, whole) = (compile(pattern), compile(&format!("(?:{pattern})(?-m:\\z)")));
        match (ours, theirs, whole) {
            (Ok(ours), Ok(theirs), Ok(whole)) => Some(Self { ours, theirs, whole }),
            (Err(_), ..) => None,
            (Ok(_), theirs, _) => panic!("{pattern:?}: ours alone compiles: {:?}", theirs.err()),
        }
    }

    fn theirs(&self, hay: &[u8], from: usize, mode: Mode) -> Option<Found> {
        let anchored = if mode == Mode::Anywhere {
            Anchored::No
        } else {
            Anchored::Yes
        };
        let regex = if mode == Mode::Whole {
            &self.whole
        } else {
            &self.theirs
        };
        let mut captures = regex.create_captures();
        regex.search_captures(&Search::new(hay).range(from..).anchored(anchored), &mut captures);
        captures.is_match().then(|| {
            captures
                .iter()
                .map(|group| group.map(|span| span.range()))
                .collect()
        })
    }

    fn check<K: Kind, R: MemoryRef>(&self, view: &View<K, u8, R>, hay: &[u8], input: &mut Input<'_>) {
        let from = input.up_to(hay.len());
        let bytes = input.one(&[usize::MAX, 1, 10, 1000]);
        for mode in [Mode::Anywhere, Mode::Start, Mode::Whole] {
            for from in [0, from] {
                let mut search = self.ours.search(view, from, mode);
                assert_eq!(
                    next(&mut search, bytes),
                    self.theirs(hay, from, mode),
                    "{mode:?} from {from}"
                );
            }
        }
        assert!(
            self.ours
                .search(view, hay.len() + 1, Mode::Anywhere)
                .next()
                .is_none()
        );
        // One after the other: the next begins where this one ends, a byte later if it was empty.
        let (mut expected, mut at) = (Vec::new(), 0);
        while at <= hay.len() && expected.len() < 500 {
            let Some(found) = self.theirs(hay, at, Mode::Anywhere) else {
                break;
            };
            let range = found[0].clone().unwrap();
            at = range.end + usize::from(range.is_empty());
            expected.push(found);
        }
        let mut search = self.ours.find_iter(view);
        for found in &expected {
            assert_eq!(next(&mut search, bytes).as_ref(), Some(found));
        }
        if expected.len() < 500 {
            assert_eq!(next(&mut search, bytes), None);
            let mut start = 0;
            let mut parts = self.ours.split(view);
            for found in &expected {
                let range = found[0].clone().unwrap();
                assert_eq!(parts.next(), Some(start..range.start));
                start = range.end;
            }
            assert_eq!((parts.next(), parts.next()), (Some(start..hay.len()), None));
        }
        let whole = self
            .theirs(hay, 0, Mode::Whole)
            .and_then(|found| found[0].clone());
        assert_eq!(self.ours.match_whole(view).map(|found| found.range()), whole);
        let start = self
            .theirs(hay, 0, Mode::Start)
            .and_then(|found| found[0].clone());
        assert_eq!(self.ours.match_start(view).map(|found| found.range()), start);
    }
}

fn next<K: Kind, O>(search: &mut fragview::regex::Search<'_, K, O>, bytes: usize) -> Option<Found> {
    for _ in 0..2_000_000 {
        match search.next_within(bytes) {
            Step::Found(found) => {
                return Some((0..found.group_count()).map(|group| found.group(group)).collect());
            }
            Step::End => return None,
            Step::Paused => {}
        }
    }
    panic!("a search that does not end");
}

fn run<O: Material<Kind: fragview::memory::Many>>(input: &mut Input<'_>)
where
    Of<O, u8>: Clone,
    Of<O>: Clone,
{
    let mut pattern = String::new();
    let known = input.byte() < 230;
    if known {
        write(&mut pattern, 4, input);
    } else {
        pattern = (0..input.up_to(24))
            .map(|_| char::from(input.byte() % 127 + 1))
            .collect();
    }
    let flags = [input.byte() < 40, input.byte() < 40, input.byte() < 40];
    let Some(both) = Both::new(&pattern, flags) else {
        assert!(!known, "{pattern:?}");
        return;
    };
    let mut hay = Vec::new();
    let mut view = if input.byte() < 30 {
        haystack::<O>(&mut hay, input)
    } else {
        small::<O>(&mut hay, input)
    };
    // Long ones take their time.
    let most = if both.ours.group_names().len() > 1 {
        3000
    } else {
        40_000
    };
    if hay.len() > most {
        hay.truncate(most);
        view = view.slice(..most).unwrap();
    }
    both.check(&view, &hay, input);
    if input.yes() {
        let slice = Slice {
            start: None,
            stop: None,
            step: -1,
        };
        hay.reverse();
        both.check(&view.slice_with_step(slice), &hay, input);
    }
}

/// Few bytes in many fragments.
fn small<O: Material>(hay: &mut Vec<u8>, input: &mut Input<'_>) -> Of<O, u8> {
    let mut builder = fragview::memory::Builder::<O::Kind, O>::new();
    for _ in 0..input.up_to(12) {
        let length = input.up_to(4);
        let bytes: Vec<u8> = (0..length).map(|_| input.one(b"aabbc \n\r\0\xff_B")).collect();
        if input.byte() < 20 {
            O::push_hole(&mut builder, length).unwrap();
            hay.resize(hay.len() + length, 0);
            continue;
        }
        let source = builder.add_source(O::new(&bytes, true)).unwrap();
        builder.push(source, 0, length).unwrap();
        hay.extend(bytes);
    }
    View::from(builder.finish())
}

/// A pattern of what the syntax has, no larger than `depth` allows.
fn write(pattern: &mut String, depth: usize, input: &mut Input<'_>) {
    const ATOMS: [&str; 36] = [
        "a",
        "b",
        "c",
        "ab",
        "ba",
        ".",
        "[ab]",
        "[^a]",
        r"\w",
        r"\W",
        r"\s",
        r"\xff",
        r"\x00",
        r"\n",
        "^",
        "$",
        r"\b",
        r"\B",
        r"\A",
        r"\z",
        r"\b{start}",
        r"\b{end}",
        "(?m:^)",
        "(?m:$)",
        "(?s:.)",
        "(?i:B)",
        "",
        "a",
        "b",
        r"\d",
        "(?mR:^)",
        "(?mR:$)",
        "abc",
        r"\S",
        "[a-c]",
        r"[\x00-\x20]",
    ];
    const REPEATS: [&str; 12] = [
        "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{2,}", "{0}", "{0,1}",
    ];
    match if depth == 0 { 0 } else { input.up_to(6) } {
        0 | 1 => pattern.push_str(input.one(&ATOMS)),
        2 => {
            for _ in 0..=input.up_to(3) {
                write(pattern, depth - 1, input);
            }
        }
        3 => {
            let open = input.one(&["(", "(?:", "(?s:", "(?i:"]);
            pattern.push_str(open);
            write(pattern, depth - 1, input);
            for _ in 0..input.up_to(2) {
                pattern.push('|');
                write(pattern, depth - 1, input);
            }
            pattern.push(')');
        }
        _ => {
            pattern.push_str(input.one(&["(", "(?:"]));
            write(pattern, depth - 1, input);
            pattern.push(')');
            pattern.push_str(input.one(&REPEATS));
        }
    }
}
