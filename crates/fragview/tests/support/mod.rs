//! What the tests share: fragments laid out in one base with canaries around each, bytes cut into pieces,
//! naive slices, an owner of pages.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use fragview::geometry::Slice;
use fragview::memory::{Exclusive, Owner, Shared};
use fragview::{Error, ExclusiveView, FrozenView, MemoryRef, SharedView, View};

/// What lies between fragments, and never changes.
pub(crate) const CANARY: u8 = 0xEE;

/// Canaries between two fragments.
const GAP: usize = 3;

/// Where fragments lie in a base, in the order of the view.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    fragments: Vec<Range<usize>>,
    size: usize,
}

impl Layout {
    /// Fragments of these lengths with canaries around each, in an order of addresses that is not the view's.
    pub(crate) fn new(lengths: &[usize]) -> Self {
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by_key(|&index| (index % 2 == 0, Reverse(index)));
        let mut fragments = vec![0..0; lengths.len()];
        let mut at = GAP;
        for index in order {
            fragments[index] = at..at + lengths[index];
            at += lengths[index] + GAP;
        }
        Self { fragments, size: at }
    }

    /// Where in the base each byte of the view lies.
    pub(crate) fn positions(&self) -> Vec<usize> {
        self.fragments.iter().cloned().flatten().collect()
    }

    /// Where in the base each fragment lies.
    pub(crate) fn fragments(&self) -> &[Range<usize>] {
        &self.fragments
    }

    /// Byte `i` of the view is `i + 1`, what is around is canaries.
    pub(crate) fn base(&self) -> Vec<u8> {
        let mut base = vec![CANARY; self.size];
        for (byte, position) in (1..=u8::MAX).cycle().zip(self.positions()) {
            base[position] = byte;
        }
        base
    }

    /// As [`base`](Self::base), to share.
    pub(crate) fn atomics(&self) -> Vec<AtomicU8> {
        atomics(&self.base())
    }

    /// The bytes of the view.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let base = self.base();
        self.positions()
            .into_iter()
            .map(|position| base[position])
            .collect()
    }

    pub(crate) fn frozen<'a>(&self, base: &'a [u8]) -> FrozenView<'a> {
        FrozenView::from_slices(self.fragments.iter().map(|range| &base[range.clone()])).unwrap()
    }

    pub(crate) fn shared<'a>(&self, base: &'a [AtomicU8]) -> SharedView<'a> {
        SharedView::from_atomics(self.fragments.iter().map(|range| &base[range.clone()])).unwrap()
    }

    pub(crate) fn exclusive<'a>(&self, base: &'a mut [u8]) -> ExclusiveView<'a> {
        ExclusiveView::from_slices_mut(disjoint(base, &self.fragments)).unwrap()
    }
}

/// These ranges of a base, each to write to; they do not overlap.
fn disjoint<'a>(base: &'a mut [u8], ranges: &[Range<usize>]) -> Vec<&'a mut [u8]> {
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    order.sort_by_key(|&index| (ranges[index].start, ranges[index].end));
    let (mut rest, mut at) = (base, 0);
    let mut parts = Vec::new();
    for index in order {
        let (_, tail) = rest.split_at_mut(ranges[index].start - at);
        let (part, tail) = tail.split_at_mut(ranges[index].len());
        parts.push((index, part));
        (rest, at) = (tail, ranges[index].end);
    }
    parts.sort_by_key(|&(index, _)| index);
    parts.into_iter().map(|(_, part)| part).collect()
}

pub(crate) fn atomics(bytes: &[u8]) -> Vec<AtomicU8> {
    bytes.iter().copied().map(AtomicU8::new).collect()
}

pub(crate) fn loaded(atomics: &[AtomicU8]) -> Vec<u8> {
    atomics.iter().map(|byte| byte.load(Ordering::Relaxed)).collect()
}

/// The bytes 1, 2, 3, … `count`.
pub(crate) fn counting(count: u8) -> Vec<u8> {
    (1..=count).collect()
}

/// `data` cut into pieces of these lengths.
pub(crate) fn cut<'a>(data: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = data;
    lengths
        .iter()
        .map(|&length| {
            let (piece, tail) = rest.split_at(length);
            rest = tail;
            piece
        })
        .collect()
}

/// All ways to cut `total` bytes into fragments of 1, 2 and 5 bytes, each once as it is and once with empty
/// fragments between and around.
pub(crate) fn splits(total: usize) -> Vec<Vec<usize>> {
    fn extend(left: usize, split: &mut Vec<usize>, splits: &mut Vec<Vec<usize>>) {
        if left == 0 {
            splits.push(split.clone());
        }
        for length in [1, 2, 5] {
            if length <= left {
                split.push(length);
                extend(left - length, split, splits);
                split.pop();
            }
        }
    }
    let mut splits = Vec::new();
    extend(total, &mut Vec::new(), &mut splits);
    let with_empty = |split: &Vec<usize>| {
        std::iter::once(0)
            .chain(split.iter().flat_map(|&length| [length, 0]))
            .collect()
    };
    splits
        .iter()
        .flat_map(|split| [split.clone(), with_empty(split)])
        .collect()
}

/// All slices with bounds in and around a sequence of `length` items, and steps from -4 to 4.
pub(crate) fn slices(length: usize) -> impl Iterator<Item = Slice> {
    let reach = isize::try_from(length).unwrap() + 2;
    let bounds = move || std::iter::once(None).chain((-reach..=reach).map(Some));
    let steps = || (-4..=4).filter(|&step| step != 0);
    bounds().flat_map(move |start| {
        bounds().flat_map(move |stop| steps().map(move |step| Slice { start, stop, step }))
    })
}

/// The indices that a slice picks, as Python's reference tells it, one by one.
pub(crate) fn picked(slice: Slice, length: usize) -> Vec<usize> {
    let length = isize::try_from(length).unwrap();
    let bound = |index: Option<isize>, absent: isize| {
        let Some(index) = index else { return absent };
        let index = if index < 0 { index + length } else { index };
        if slice.step < 0 {
            index.clamp(-1, length - 1)
        } else {
            index.clamp(0, length)
        }
    };
    let (first, last) = if slice.step < 0 {
        (length - 1, -1)
    } else {
        (0, length)
    };
    let (mut at, stop) = (bound(slice.start, first), bound(slice.stop, last));
    let mut indices = Vec::new();
    while (slice.step > 0 && at < stop) || (slice.step < 0 && at > stop) {
        indices.push(usize::try_from(at).unwrap());
        at += slice.step;
    }
    indices
}

/// Numbers that look random: xorshift.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit`, which is not 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % limit as u64).unwrap()
    }
}

/// A page of memory that its clones share.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    bytes: Arc<[AtomicU8]>,
    writable: bool,
}

impl Page {
    pub(crate) fn new(bytes: &[u8], writable: bool) -> Self {
        Self {
            bytes: atomics(bytes).into(),
            writable,
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        loaded(&self.bytes)
    }

    /// How many clones of the page there are.
    pub(crate) fn clones(&self) -> usize {
        Arc::strong_count(&self.bytes)
    }
}

// SAFETY: an `Arc`'s bytes stay in place while a clone of it lives, and atomics may be read and written by
// anybody.
unsafe impl Owner for Page {
    type Kind = Shared<'static>;

    fn memory(&self) -> (*const u8, usize) {
        (self.bytes.as_ptr().cast(), self.bytes.len())
    }

    fn is_writable(&self) -> bool {
        self.writable
    }

    fn identity(&self) -> usize {
        self.bytes.as_ptr().addr()
    }
}

/// Exclusive and shared views alike: `fill` gives a result for one kind and none for the other.
pub(crate) trait Paint {
    fn paint(self, byte: u8) -> Result<(), Error>;
}

impl<T, R: MemoryRef> Paint for View<Exclusive<'_>, T, R> {
    fn paint(mut self, byte: u8) -> Result<(), Error> {
        self.fill(byte);
        Ok(())
    }
}

impl<T, R: MemoryRef> Paint for View<Shared<'_>, T, R> {
    fn paint(self, byte: u8) -> Result<(), Error> {
        self.fill(byte)
    }
}

/// All texts of up to `length` letters.
pub(crate) fn texts(letters: &[u8], length: u32) -> impl Iterator<Item = Vec<u8>> {
    (0..=length).flat_map(move |length| {
        (0..letters.len().pow(length)).map(move |mut number| {
            let text = (0..length).map(|_| {
                let letter = letters[number % letters.len()];
                number /= letters.len();
                letter
            });
            text.collect()
        })
    })
}
