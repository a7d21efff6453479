//! Finding bytes across seams, against slices.

mod support;
mod watchdog;

use std::sync::atomic::AtomicU8;

use fragview::geometry::Slice;
use fragview::memory::{Builder, Frozen, Kind, Shared};
use fragview::search::{Finder, Step};
use fragview::{ExclusiveView, FrozenView, MemoryRef, SharedView, View};
use proptest::prelude::*;
use support::{Page, cut, picked, slices, splits, texts};
use watchdog::watched;

/// Where the needle begins, overlapping or not.
fn everywhere(hay: &[u8], needle: &[u8]) -> Vec<usize> {
    if needle.is_empty() {
        return (0..=hay.len()).collect();
    }
    let at = hay.windows(needle.len()).enumerate();
    at.filter(|(_, window)| *window == needle)
        .map(|(at, _)| at)
        .collect()
}

/// Those of `places`, in their order, that do not overlap the one taken before.
fn apart(places: impl Iterator<Item = usize>, length: usize) -> Vec<usize> {
    let mut taken: Vec<usize> = Vec::new();
    for place in places {
        if taken.last().is_none_or(|&last| last.abs_diff(place) >= length) {
            taken.push(place);
        }
    }
    taken
}

fn check<K: Kind, R: MemoryRef>(view: &View<K, u8, R>, hay: &[u8], needle: &[u8]) {
    let all = everywhere(hay, needle);
    let forward = apart(all.iter().copied(), needle.len());
    let backward = apart(all.iter().rev().copied(), needle.len());
    assert_eq!(view.find(needle).unwrap(), all.first().copied());
    assert_eq!(view.rfind(needle).unwrap(), all.last().copied());
    assert_eq!(view.contains(needle).unwrap(), !all.is_empty());
    assert_eq!(view.count(needle).unwrap(), forward.len());
    assert_eq!(view.starts_with(needle), hay.starts_with(needle));
    assert_eq!(view.ends_with(needle), hay.ends_with(needle));
    let finder = Finder::new(needle);
    assert_eq!(finder.find_iter(view).unwrap().collect::<Vec<_>>(), forward);
    assert_eq!(finder.rfind_iter(view).unwrap().collect::<Vec<_>>(), backward);
    // In steps of no bytes, which pause as often as they can.
    let (mut steps, mut found) = (finder.find_iter(view).unwrap(), Vec::new());
    let (mut steps_back, mut found_back) = (finder.rfind_iter(view).unwrap(), Vec::new());
    let (mut counting, mut count) = (finder.find_iter(view).unwrap(), 0);
    loop {
        match steps.next_within(1) {
            Step::Found(at) => found.push(at),
            Step::End => break,
            Step::Paused => {}
        }
    }
    loop {
        match steps_back.next_within(1) {
            Step::Found(at) => found_back.push(at),
            Step::End => break,
            Step::Paused => {}
        }
    }
    loop {
        let (more, done) = counting.count_within(1);
        count += more;
        if done {
            break;
        }
    }
    assert_eq!(
        (found, found_back, count),
        (forward.clone(), backward, forward.len())
    );
    assert_eq!((steps.next(), steps_back.next()), (None, None));
}

#[test]
fn every_small_haystack_needle_and_split() {
    let needles: Vec<Vec<u8>> = texts(b"ab", 4).collect();
    let cuts: Vec<_> = (0..=7).map(splits).collect();
    for (number, hay) in texts(b"ab", 7).enumerate() {
        for (turn, sizes) in cuts[hay.len()].iter().enumerate() {
            // Each split sees a part of the haystacks, so that the test takes seconds; each haystack several
            // splits.
            if (turn + number) % 5 != 0 {
                continue;
            }
            let view = FrozenView::from_slices(cut(&hay, sizes)).unwrap();
            for needle in &needles {
                check(&view, &hay, needle);
            }
        }
    }
}

#[test]
fn shared_and_exclusive_memory_and_steps() {
    let hay = b"abracadabra abracadabra";
    let needles = [
        &b""[..],
        b"a",
        b"ab",
        b"bra",
        b"arb",
        b"adabra a",
        b"abracadabra",
        b"zz",
        b"r",
        b"aa",
    ];
    for sizes in [&[23][..], &[1; 23], &[5, 0, 1, 17], &[11, 12]] {
        let pages: Vec<Page> = cut(hay, sizes).iter().map(|part| Page::new(part, true)).collect();
        let shared = View::from_owners(pages).unwrap();
        let frozen = FrozenView::from_slices(cut(hay, sizes)).unwrap();
        let mut base = hay.to_vec();
        let mut rest = &mut base[..];
        let parts = sizes.iter().map(|&size| {
            let (part, tail) = std::mem::take(&mut rest).split_at_mut(size);
            rest = tail;
            part
        });
        let exclusive = ExclusiveView::from_slices_mut(parts.collect::<Vec<_>>()).unwrap();
        for needle in needles {
            check(&shared, hay, needle);
            check(&exclusive, hay, needle);
            check(&exclusive.as_frozen(), hay, needle);
            for slice in slices(hay.len()).step_by(41) {
                let part: Vec<u8> = picked(slice, hay.len()).iter().map(|&at| hay[at]).collect();
                check(&shared.slice_with_step(slice), &part, needle);
                check(&frozen.slice_with_step(slice), &part, needle);
            }
        }
    }
}

#[test]
fn into_bytes_keeps_gaps() {
    let view = FrozenView::from_slices([&b"a-b-c"[..], b"-d"]).unwrap();
    let every = Slice {
        start: None,
        stop: None,
        step: 2,
    };
    let untyped = view.untyped(1).unwrap().slice_with_step(every);
    let bytes = untyped.into_bytes().unwrap();
    assert_eq!(bytes.find(b"bcd").unwrap(), Some(1));
    assert!(view.slice(..6).unwrap().untyped(2).unwrap().into_bytes().is_err());
}

/// Bytes that hardly repeat, without `0xFF`.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let bytes = (0..length).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u8::try_from(state % 255).unwrap()
    });
    bytes.collect()
}

/// A fragment to lay out, and whether it is a hole.
type Part = (usize, bool);

/// Fragments and holes of these lengths, as frozen and as shared memory, and what they show.
fn laid_out(parts: &[Part], data: &mut [u8]) {
    let mut at = 0;
    for &(length, hole) in parts {
        if hole {
            data[at..at + length].fill(0);
        }
        at += length;
    }
}

fn frozen<'a>(parts: &[Part], data: &'a [u8]) -> FrozenView<'a> {
    let mut builder = Builder::<Frozen<'a>>::new();
    let mut at = 0;
    for &(length, hole) in parts {
        if hole {
            builder.push_hole(length).unwrap();
        } else {
            builder.push_slice(&data[at..at + length]).unwrap();
        }
        at += length;
    }
    builder.finish().into()
}

fn shared<'a>(parts: &[Part], data: &'a [AtomicU8]) -> SharedView<'a> {
    let mut builder = Builder::<Shared<'a>>::new();
    let mut at = 0;
    for &(length, hole) in parts {
        if hole {
            builder.push_hole(length).unwrap();
        } else {
            builder.push_slice(&data[at..at + length]).unwrap();
        }
        at += length;
    }
    builder.finish().into()
}

const LENGTHS: [usize; 9] = [1, 2, 64, 1000, 16_383, 16_384, 16_385, 33_000, 70_000];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    /// Needles cut from around the seams of fragments and holes that are small, large and in between.
    #[test]
    fn large_and_small_fragments_and_holes(
        parts in prop::collection::vec((prop::sample::select(&LENGTHS[..]), any::<bool>()), 1..7),
        seed in any::<u64>(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, 0_usize..5), 4),
    ) {
        let total = parts.iter().map(|part| part.0).sum();
        let mut data = noise(total, seed);
        laid_out(&parts, &mut data);
        let seams: Vec<usize> = parts.iter().scan(0, |at, part| { *at += part.0; Some(*at) }).collect();
        let atomics: Vec<AtomicU8> = data.iter().map(|&byte| AtomicU8::new(byte)).collect();
        let (frozen, shared) = (frozen(&parts, &data), shared(&parts, &atomics));
        for (pick, before, size) in picks {
            let seam = seams[pick.index(seams.len())];
            let length = [1, 3, 20, 3000, 40_000][size];
            let start = seam.saturating_sub(before.min(length));
            let end = total.min(start + length);
            let mut needle = data[start..end].to_vec();
            check_ends(&frozen, &shared, &data, &needle);
            needle.push(0xFF);
            check_ends(&frozen, &shared, &data, &needle);
        }
        for zeros in [1, 2, 3000, 20_000] {
            check_ends(&frozen, &shared, &data, &vec![0; zeros]);
        }
    }
}

/// As `check`, for long haystacks: an oracle that is not quadratic.
fn check_ends(frozen: &FrozenView<'_>, shared: &SharedView<'_>, hay: &[u8], needle: &[u8]) {
    let oracle = memchr::memmem::Finder::new(needle);
    let first = oracle.find(hay);
    let last = memchr::memmem::rfind(hay, needle);
    let count = oracle.find_iter(hay).count();
    assert_eq!(
        (frozen.find(needle).unwrap(), shared.find(needle).unwrap()),
        (first, first)
    );
    assert_eq!(
        (frozen.rfind(needle).unwrap(), shared.rfind(needle).unwrap()),
        (last, last)
    );
    assert_eq!(
        (frozen.count(needle).unwrap(), shared.count(needle).unwrap()),
        (count, count)
    );
    let back: Vec<usize> = memchr::memmem::rfind_iter(hay, needle).collect();
    let finder = Finder::new(needle);
    assert!(finder.find_iter(frozen).unwrap().eq(oracle.find_iter(hay)));
    assert!(finder.find_iter(shared).unwrap().eq(oracle.find_iter(hay)));
    assert!(finder.rfind_iter(frozen).unwrap().eq(back.iter().copied()));
    assert!(finder.rfind_iter(shared).unwrap().eq(back.iter().copied()));
}

#[test]
fn never_quadratic() {
    let length = 1 << 20;
    let hay = vec![b'a'; length];
    let single = FrozenView::from_slices(hay.chunks(1)).unwrap();
    let large = FrozenView::from_slices(hay.chunks(1 << 17)).unwrap();
    for size in [2, 1000, 30_000, length / 2, length - 1] {
        let mut needle = vec![b'a'; size];
        for view in [&single, &large] {
            assert_eq!(
                watched("a search that must not be quadratic", || view.count(&needle)).unwrap(),
                length / size
            );
            assert_eq!(view.rfind(&needle).unwrap(), Some(length - size));
        }
        needle[size / 2] = b'b';
        for view in [&single, &large] {
            assert_eq!(
                watched("a search that must not be quadratic", || view.find(&needle)).unwrap(),
                None
            );
            assert_eq!(
                watched("a search that must not be quadratic", || view.rfind(&needle)).unwrap(),
                None
            );
        }
    }
    // A needle as long as the view, and one longer.
    assert_eq!(single.find(&hay).unwrap(), Some(0));
    assert_eq!(single.find(&vec![b'a'; length + 1]).unwrap(), None);
}

#[test]
fn periodic_needles_across_seams() {
    for period in [&b"ab"[..], b"aab", b"abcabd"] {
        let hay: Vec<u8> = period.iter().copied().cycle().take(3000).collect();
        for size in [1, 7, 64, 1000] {
            let view = FrozenView::from_slices(hay.chunks(size)).unwrap();
            for length in [1, 2, 5, 50, 1500, 2999] {
                let needle = &hay[3000 - length..];
                check_first_and_last(&view, &hay, needle);
                let mut other = needle.to_vec();
                other[length / 2] ^= 1;
                check_first_and_last(&view, &hay, &other);
            }
        }
    }
}

fn check_first_and_last(view: &FrozenView<'_>, hay: &[u8], needle: &[u8]) {
    assert_eq!(view.find(needle).unwrap(), memchr::memmem::find(hay, needle));
    assert_eq!(view.rfind(needle).unwrap(), memchr::memmem::rfind(hay, needle));
    assert_eq!(
        view.count(needle).unwrap(),
        memchr::memmem::find_iter(hay, needle).count()
    );
}

#[test]
fn holes_cost_nothing() {
    let huge = 1 << 60;
    let mut builder = Builder::<Frozen<'_>>::new();
    for part in [&b"head"[..], b"middle", b"tail"] {
        builder.push_slice(part).unwrap();
        builder.push_hole(huge).unwrap();
    }
    builder.push_slice(b"end").unwrap();
    let view = FrozenView::from(builder.finish());
    let second = 4 + huge;
    assert_eq!(view.find(b"middle").unwrap(), Some(second));
    assert_eq!(view.find(b"\0middle\0").unwrap(), Some(second - 1));
    assert_eq!(view.find(b"end").unwrap(), Some(view.len() - 3));
    assert_eq!(view.rfind(b"d\0").unwrap(), Some(3));
    assert_eq!(view.rfind(b"dle\0\0\0").unwrap(), Some(second + 3));
    assert_eq!(view.find(b"\0x\0").unwrap(), None);
    assert_eq!(view.rfind(b"\0x\0").unwrap(), None);
    assert_eq!(view.find(&[0; 100]).unwrap(), Some(4));
    assert_eq!(view.rfind(&[0; 100]).unwrap(), Some(view.len() - 103));
    assert_eq!(view.count(b"\0").unwrap(), 3 * huge);
    assert_eq!(view.count(b"\0\0\0").unwrap(), 3 * (huge / 3));
    assert_eq!(view.count(b"").unwrap(), view.len() + 1);
    let finder = Finder::new(b"\0\0");
    assert_eq!(finder.find_iter(&view).unwrap().nth(3), Some(10));
    assert_eq!(finder.rfind_iter(&view).unwrap().nth(1), Some(view.len() - 7));
    let thin = view.slice_with_step(Slice {
        start: Some(1),
        stop: None,
        step: 2,
    });
    assert_eq!(thin.find(b"\0mdl").unwrap(), None);
    let backwards = view.reversed();
    assert_eq!(backwards.find(b"elddim").unwrap(), Some(3 + huge + 4 + huge));
    assert_eq!(backwards.rfind(b"daeh").unwrap(), Some(view.len() - 4));
}

#[test]
fn holes_in_shared_memory_cost_nothing() {
    let (huge, head) = (1 << 60, [const { AtomicU8::new(b'h') }; 3]);
    let mut builder = Builder::<Shared<'_>>::new();
    for _ in 0..3 {
        builder.push_slice(&head).unwrap();
        builder.push_hole(huge).unwrap();
    }
    builder.push_slice(&head).unwrap();
    let view = SharedView::from(builder.finish());
    assert_eq!(
        (view.find(b"h").unwrap(), view.rfind(b"h").unwrap()),
        (Some(0), Some(view.len() - 1))
    );
    assert_eq!(
        (view.find(b"x").unwrap(), view.rfind(b"x").unwrap()),
        (None, None)
    );
    assert_eq!(
        (view.find(b"\0").unwrap(), view.rfind(b"\0").unwrap()),
        (Some(3), Some(view.len() - 4))
    );
    assert_eq!(view.slice(3..).unwrap().find(b"h").unwrap(), Some(huge));
    assert_eq!(
        view.slice(..view.len() - 3).unwrap().rfind(b"h").unwrap(),
        Some(2 * huge + 8)
    );
    assert_eq!(
        (view.count(b"h").unwrap(), view.count(b"\0").unwrap()),
        (12, 3 * huge)
    );
    let finder = Finder::new(b"h");
    assert_eq!(finder.find_iter(&view).unwrap().count(), 12);
    assert_eq!(finder.find_iter(&view).unwrap().collect::<Vec<_>>().len(), 12);
    assert_eq!(finder.rfind_iter(&view).unwrap().collect::<Vec<_>>().len(), 12);
}

#[test]
fn an_empty_view() {
    let view = FrozenView::from_slices([]).unwrap();
    for needle in [&b""[..], b"a", b"ab"] {
        check(&view, b"", needle);
    }
}
