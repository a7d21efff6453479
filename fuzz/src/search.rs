//! Finding bytes in fragments against `memmem` in the joined bytes, lent and copied.

use arbitrary::{Arbitrary, Unstructured};
use fragview::FrozenView;
use fragview::search::{Finder, Step};
use memchr::memmem;

use crate::pieces::{self, Piece};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    lengths: Vec<u8>,
    /// So many times over, so that blocks end in it.
    repeat: u8,
    needle: Needle<'a>,
    pause: u16,
    pieces: Vec<Piece>,
    bytes: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Needle<'a> {
    Any(&'a [u8]),
    /// A part of what is searched.
    Part {
        start: u16,
        length: u8,
    },
    Zeros(u8),
}

/// One input.
pub fn run(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let bytes = input.bytes.repeat(usize::from(input.repeat).max(1));
    let needle = match input.needle {
        Needle::Any(needle) => needle.to_vec(),
        Needle::Part { start, length } => {
            let start = usize::from(start).min(bytes.len());
            bytes[start..(start + usize::from(length)).min(bytes.len())].to_vec()
        }
        Needle::Zeros(count) => vec![0; count.into()],
    };
    let frozen = FrozenView::from_slices(pieces::split(&bytes, &input.lengths)).expect("a view");
    check(&frozen, &bytes, &needle, input.pause.into());
    check(
        &frozen.reversed(),
        &bytes.iter().rev().copied().collect::<Vec<_>>(),
        &needle,
        1,
    );
    let arena = pieces::arena();
    let (shared, places) = pieces::cut(&arena, &input.pieces);
    check(
        &shared,
        &pieces::bytes(&pieces::content(&arena), &places),
        &needle,
        input.pause.into(),
    );
}

fn check<K, R>(view: &fragview::View<K, u8, R>, bytes: &[u8], needle: &[u8], pause: usize)
where
    K: fragview::memory::Kind,
    R: fragview::MemoryRef,
{
    assert_eq!(view.find(needle).expect("short"), memmem::find(bytes, needle));
    assert_eq!(view.rfind(needle).expect("short"), memmem::rfind(bytes, needle));
    assert_eq!(
        view.contains(needle).expect("short"),
        memmem::find(bytes, needle).is_some()
    );
    assert_eq!(view.starts_with(needle), bytes.starts_with(needle));
    assert_eq!(view.ends_with(needle), bytes.ends_with(needle));
    let all: Vec<usize> = memmem::find_iter(bytes, needle).collect();
    assert_eq!(view.count(needle).expect("short"), all.len());
    let finder = Finder::new(needle);
    let mut matches = finder.find_iter(view).expect("short");
    let mut found = Vec::new();
    loop {
        match matches.next_within(pause.max(1)) {
            Step::Found(at) => found.push(at),
            Step::Paused => {}
            Step::End => break,
        }
    }
    assert_eq!(found, all);
    let back: Vec<usize> = finder.rfind_iter(view).expect("short").collect();
    let expected: Vec<usize> = memmem::rfind_iter(bytes, needle).collect();
    assert_eq!(back, expected);
}
