//! How the bytes are cut, and memory that is cut so. Memory is leaked: the sides share it to the end.

use std::ops::Range;
use std::sync::atomic::AtomicU8;

use bytes::Bytes;
use fastrand::Rng;

/// All of them together, but for the largest.
const BYTES: usize = 16 << 20;

/// Bytes between two fragments at most, so that they do not touch.
const GAP: usize = 16;

/// Fragments of one arena, in order and with gaps.
pub struct Layout {
    pub name: String,
    pub key: &'static str,
    /// Where the fragments lie in the arena.
    pub ranges: Vec<Range<usize>>,
    /// Bytes of all fragments together.
    pub length: usize,
    arena: usize,
    bytes: &'static Bytes,
}

impl Layout {
    fn new(key: &'static str, name: &str, sizes: impl IntoIterator<Item = usize>) -> Self {
        let mut random = Rng::with_seed(1);
        let (mut ranges, mut at, mut length) = (Vec::new(), 0, 0);
        for size in sizes {
            at += random.usize(1..=GAP);
            ranges.push(at..at + size);
            at += size;
            length += size;
        }
        let arena = at + GAP;
        let mut bytes = vec![0; arena];
        random.fill(&mut bytes);
        Self {
            name: format!("{} of {name}", thousands(ranges.len())),
            key,
            ranges,
            length,
            arena,
            bytes: Box::leak(Box::new(bytes.into())),
        }
    }

    /// Fragments of random sizes up to twice the mean, or all of the mean.
    pub fn mean(key: &'static str, name: &str, mean: usize, total: usize, equal: bool) -> Self {
        let mut random = Rng::with_seed(2);
        Self::new(
            key,
            name,
            up_to(
                total,
                move || if equal { mean } else { random.usize(1..2 * mean) },
            ),
        )
    }

    /// 99.9 % of the fragments tiny, and few huge, which have most of the bytes.
    pub fn skewed(key: &'static str, total: usize) -> Self {
        let mut random = Rng::with_seed(3);
        Self::new(
            key,
            "skewed sizes",
            up_to(total, move || {
                if random.usize(0..1000) == 0 {
                    random.usize(32 << 10..96 << 10)
                } else {
                    random.usize(1..32)
                }
            }),
        )
    }

    /// The fragments, read-only.
    pub fn pieces(&self) -> Vec<&'static [u8]> {
        self.ranges
            .iter()
            .map(|range| &self.bytes[range.clone()])
            .collect()
    }

    /// The fragments, each with a count of the arena's users.
    pub fn bytes(&self) -> Vec<Bytes> {
        self.ranges
            .iter()
            .map(|range| self.bytes.slice(range.clone()))
            .collect()
    }

    /// The same fragments in an arena of their own, to write to.
    pub fn pieces_mut(&self) -> Vec<&'static mut [u8]> {
        let mut rest: &'static mut [u8] = self.bytes.to_vec().leak();
        let mut at = 0;
        let mut pieces = Vec::with_capacity(self.ranges.len());
        for range in &self.ranges {
            let (_, tail) = rest.split_at_mut(range.start - at);
            let (piece, tail) = tail.split_at_mut(range.len());
            pieces.push(piece);
            (rest, at) = (tail, range.end);
        }
        pieces
    }

    /// The same fragments in an arena of their own, which any thread may write.
    pub fn atomics(&self) -> Vec<&'static [AtomicU8]> {
        let arena: Vec<AtomicU8> = self.bytes.iter().map(|&byte| AtomicU8::new(byte)).collect();
        let arena: &'static [AtomicU8] = arena.leak();
        assert_eq!(arena.len(), self.arena, "one arena");
        self.ranges.iter().map(|range| &arena[range.clone()]).collect()
    }

    /// The same bytes in one piece.
    pub fn whole(&self) -> Vec<u8> {
        self.pieces().concat()
    }

    /// Random offsets at which `width` bytes can be read.
    pub fn offsets(&self, count: usize, width: usize) -> Vec<usize> {
        let mut random = Rng::with_seed(4);
        (0..count)
            .map(|_| random.usize(0..=self.length - width))
            .collect()
    }

    /// Random offsets at which `width` bytes lie in one fragment, any fragment as likely.
    pub fn inside(&self, count: usize, width: usize) -> Vec<usize> {
        let starts = self.starts();
        let mut random = Rng::with_seed(5);
        let mut offsets = Vec::with_capacity(count);
        while offsets.len() < count {
            let index = random.usize(0..starts.len());
            if let Some(room) = self.ranges[index].len().checked_sub(width) {
                offsets.push(starts[index] + random.usize(0..=room));
            }
        }
        offsets
    }

    /// Random offsets at which `width` bytes lie across a seam.
    pub fn across(&self, count: usize, width: usize) -> Vec<usize> {
        let starts = self.starts();
        let mut random = Rng::with_seed(6);
        let mut offsets = Vec::with_capacity(count);
        while offsets.len() < count {
            let seam = starts[random.usize(1..starts.len())];
            let offset = (seam + 1).saturating_sub(random.usize(2..=width));
            if offset + width <= self.length {
                offsets.push(offset);
            }
        }
        offsets
    }

    fn starts(&self) -> Vec<usize> {
        let mut at = 0;
        let start = |range: &Range<usize>| {
            at += range.len();
            at - range.len()
        };
        self.ranges.iter().map(start).collect()
    }
}

/// Sizes until they make `total`, to which the last one is cut.
fn up_to(total: usize, mut size: impl FnMut() -> usize) -> impl Iterator<Item = usize> {
    let mut left = total;
    std::iter::from_fn(move || {
        let next = size().min(left);
        left -= next;
        (next > 0).then_some(next)
    })
}

/// The layouts of 16 MiB.
pub fn all() -> Vec<Layout> {
    vec![
        Layout::mean("64B", "64 B in the mean", 64, BYTES, false),
        Layout::mean("equal", "64 B", 64, BYTES, true),
        Layout::mean("1KiB", "1 KiB in the mean", 1 << 10, BYTES, false),
        Layout::mean("64KiB", "64 KiB in the mean", 64 << 10, BYTES, false),
        Layout::skewed("skewed", BYTES),
    ]
}

/// About 10,000,000 fragments of skewed sizes.
pub fn skewed_millions() -> Layout {
    let mean = 16 * 999 / 1000 + 64 * 1024 / 1000;
    Layout::skewed("skewed10M", 10_000_000 * mean)
}

/// A number as people read it.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
