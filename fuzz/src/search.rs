//! Bytes in bytes: against `memmem` on the joined bytes.

use bytes::Bytes;
use fragview::geometry::Slice;
use fragview::memory::{Builder, Kind};
use fragview::search::{Finder, Step};
use fragview::{FragBuffer, MemoryRef, View};
use memchr::memmem;

use crate::input::Input;
use crate::material::{Material, Of, Page};

/// Fragments and holes of sizes around those at which the search changes its ways, and needles.
pub fn search(data: &[u8]) {
    let mut input = Input::new(data);
    if input.yes() {
        run::<Page>(&mut input);
    } else {
        run::<Bytes>(&mut input);
    }
}

fn run<O: Material<Kind: fragview::memory::Many>>(input: &mut Input<'_>)
where
    Of<O, u8>: Clone,
    Of<O>: Clone,
{
    let mut all = Vec::new();
    let view = haystack::<O>(&mut all, input);
    for _ in 0..4 {
        let range = input.valid_range(all.len());
        let step = input.one(&[1, 1, 1, -1, 2, -3]);
        let part = &all[range.clone()];
        let slice = Slice {
            start: None,
            stop: None,
            step,
        };
        let mut hay: Vec<u8> = part.iter().step_by(step.unsigned_abs()).copied().collect();
        if step < 0 {
            hay = part.iter().rev().step_by(step.unsigned_abs()).copied().collect();
        }
        let view = view.slice(range).unwrap().slice_with_step(slice);
        let needle = needle(&hay, input);
        find(&view, &hay, &needle, input);
        // A needle that is a view is its bytes; a buffer of the same fragments finds the same.
        let mut buffer = FragBuffer::<O::Kind, O>::new();
        buffer.append_view(&view).unwrap();
        let from = input.up_to(hay.len() + 1);
        let expected = hay
            .get(from..)
            .and_then(|rest| memmem::find(rest, &needle))
            .map(|at| at + from);
        assert_eq!(buffer.find(&needle, from).unwrap(), expected);
        if input.is_empty() {
            break;
        }
    }
}

/// Fragments of few letters, so that needles are there, and begin in one and end in another.
pub(crate) fn haystack<O: Material>(all: &mut Vec<u8>, input: &mut Input<'_>) -> Of<O, u8> {
    let mut builder = Builder::<O::Kind, O>::new();
    for _ in 0..input.up_to(24) {
        let length = match input.one(&[0, 1, 2, 3]) {
            0 => input.up_to(8),
            1 => 100 + input.up_to(500),
            2 => input.one(&[511, 513, 4095, 4096, 511, 513, 16_383, 16_384, 32_768]),
            _ => input.up_to(2),
        };
        if all.len() + length > 70_000 {
            break;
        }
        let mut bytes = match input.up_to(4) {
            0 => {
                O::push_hole(&mut builder, length).unwrap();
                all.resize(all.len() + length, 0);
                continue;
            }
            1 => vec![input.one(b"ab\0c"); length],
            2 => b"ab".iter().copied().cycle().take(length).collect(),
            3 => b"aab\0".iter().copied().cycle().take(length).collect(),
            _ => (0..length)
                .map(|index| {
                    if index < 64 {
                        input.one(b"ab\0cd \n_")
                    } else {
                        b'b'
                    }
                })
                .collect(),
        };
        if let Some(byte) = bytes.last_mut() {
            *byte = input.one(b"aabc\0");
        }
        let source = builder.add_source(O::new(&bytes, true)).unwrap();
        builder.push(source, 0, length).unwrap();
        all.extend(bytes);
    }
    View::from(builder.finish())
}

/// A part of the haystack, perhaps with a byte changed; or other bytes.
fn needle(hay: &[u8], input: &mut Input<'_>) -> Vec<u8> {
    let mut needle = match input.up_to(3) {
        0 | 1 => {
            let start = input.up_to(hay.len());
            let longest = input.one(&[4, 1, 2, 30, 3000, 60_000]);
            let length = input.up_to(longest).min(hay.len() - start);
            hay[start..start + length].to_vec()
        }
        2 => {
            let length = input.one(&[1, 0, 2, 3, 17, 600]);
            vec![input.one(b"ab\0"); length]
        }
        _ => (0..input.up_to(6)).map(|_| input.one(b"ab\0c")).collect(),
    };
    if input.byte() < 80 && !needle.is_empty() {
        let at = input.up_to(needle.len() - 1);
        needle[at] = input.one(b"abcz\0");
    }
    needle
}

fn find<K: Kind, R: MemoryRef>(view: &View<K, u8, R>, hay: &[u8], needle: &[u8], input: &mut Input<'_>) {
    assert_eq!(view.find(needle).unwrap(), memmem::find(hay, needle));
    assert_eq!(view.rfind(needle).unwrap(), memmem::rfind(hay, needle));
    assert_eq!(
        view.contains(needle).unwrap(),
        memmem::find(hay, needle).is_some()
    );
    assert_eq!(
        (view.starts_with(needle), view.ends_with(needle)),
        (hay.starts_with(needle), hay.ends_with(needle))
    );
    let finder = Finder::new(needle);
    let forward: Vec<usize> = memmem::find_iter(hay, needle).collect();
    assert_eq!(view.count(needle).unwrap(), forward.len());
    assert_eq!(finder.find_iter(view).unwrap().collect::<Vec<_>>(), forward);
    // Backwards, a match ends before the one found before it; the one after an empty one is a byte further
    // on.
    let mut backward = Vec::new();
    let mut end = Some(hay.len());
    while let Some(at) = end.and_then(|end| memmem::rfind(&hay[..end], needle)) {
        backward.push(at);
        end = if needle.is_empty() {
            at.checked_sub(1)
        } else {
            Some(at)
        };
    }
    assert_eq!(finder.rfind_iter(view).unwrap().collect::<Vec<_>>(), backward);
    // In steps.
    let most = input.one(&[1000, 1, 100, 20_000, usize::MAX]);
    if hay.len() / most < 300 {
        let mut steps = finder.find_iter(view).unwrap();
        assert_eq!(stepped(|| steps.next_within(most)), forward);
        let mut steps = finder.rfind_iter(view).unwrap();
        assert_eq!(stepped(|| steps.next_within(most)), backward);
        let (mut steps, mut count) = (finder.find_iter(view).unwrap(), 0);
        // Some are taken one by one, the rest is counted.
        let first = input.up_to(3);
        count += steps.by_ref().take(first).count();
        loop {
            let (more, done) = steps.count_within(most);
            count += more;
            if done {
                break;
            }
        }
        assert_eq!(count, forward.len());
    }
}

fn stepped(mut step: impl FnMut() -> Step) -> Vec<usize> {
    let (mut found, mut pauses) = (Vec::new(), 0);
    loop {
        match step() {
            Step::Found(at) => found.push(at),
            Step::End => return found,
            Step::Paused => pauses += 1,
        }
        assert!(pauses < 1_000_000, "a search that does not end");
    }
}
