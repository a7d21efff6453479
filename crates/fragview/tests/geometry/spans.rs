//! Packed extents against plain lists of them.

use fragview::geometry::{Extent, Extents, Spans};

/// Numbers that look random; the same ones each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit).expect("a small number")
    }
}

/// Packs the streams, and compares every way to read them.
fn check(streams: &[Vec<(Option<usize>, usize)>]) {
    let mut spans = Spans::new();
    for (index, stream) in streams.iter().enumerate() {
        assert_eq!(spans.begin(), Ok(index));
        for &(offset, length) in stream {
            spans.push(offset, length).expect("there is memory");
        }
        // Also while the stream is the last one.
        assert_eq!(joined(spans.span(index)), of(stream));
    }
    assert_eq!(spans.len(), streams.len());
    for first in [0, 1, 63, 64, 65, streams.len() / 2, streams.len()] {
        let read: Vec<Extents> = spans.spans(first).map(joined).collect();
        let expected: Vec<Extents> = streams.iter().skip(first).map(|stream| of(stream)).collect();
        assert_eq!(read, expected, "from {first}");
    }
    for (index, stream) in streams.iter().enumerate() {
        assert_eq!(joined(spans.span(index)), of(stream), "stream {index}");
        assert_eq!(spans.span(index).byte_len(), of(stream).byte_len());
    }
    assert_eq!(spans.span(streams.len()).next(), None);
    let copy = spans.clone();
    drop(spans);
    assert_eq!(copy.spans(0).count(), streams.len());
}

fn joined(span: impl Iterator<Item = Extent>) -> Extents {
    span.collect()
}

fn of(stream: &[(Option<usize>, usize)]) -> Extents {
    stream.iter().copied().collect()
}

#[test]
fn small_ones() {
    check(&[]);
    check(&[vec![]]);
    check(&[vec![(Some(0), 1)]]);
    check(&[
        vec![],
        vec![(None, 3)],
        vec![],
        vec![(Some(5), 2), (Some(7), 1), (None, 1), (None, 2)],
    ]);
    let far = usize::MAX / 2;
    check(&[vec![(Some(far), far)], vec![(Some(0), 1)], vec![(Some(far), 7)]]);
}

#[test]
fn regular_ones() {
    for count in [1, 63, 64, 65, 127, 128, 129, 1000] {
        for (step, length) in [(0, 1), (1, 1), (88, 80), (40, 80), (1 << 40, 1 << 20)] {
            check(
                &(0..count)
                    .map(|index| vec![(Some(index * step), length)])
                    .collect::<Vec<_>>(),
            );
        }
        check(&vec![Vec::new(); count]);
        check(&vec![vec![(None, 9)]; count]);
        let pairs = |index: usize| vec![(Some(index * 100), 10), (Some(index * 100 + 50), 10)];
        check(&(0..count).map(pairs).collect::<Vec<_>>());
    }
}

#[test]
fn random_ones() {
    let mut random = Random(7);
    for round in 0..60 {
        let count = random.below(400);
        let bits = 1 << random.below(40);
        let streams: Vec<_> = (0..count)
            .map(|_| {
                let extents = if round % 2 == 0 { random.below(3) } else { 1 };
                (0..extents)
                    .map(|_| {
                        let offset = random.below(8) > 0 || round % 3 == 0;
                        (offset.then(|| random.below(bits)), random.below(300))
                    })
                    .collect()
            })
            .collect();
        check(&streams);
    }
}

#[test]
fn many_extents_cross_chunks() {
    let stream: Vec<_> = (0..100_000)
        .map(|index| (Some(index * 1000), index % 900 + 1))
        .collect();
    let mut streams = vec![vec![(Some(1), 1)]; 100];
    streams.push(stream);
    streams.extend(vec![vec![(Some(1 << 30), 5)]; 100]);
    check(&streams);
}

#[test]
fn memory() {
    let heap = |step: &dyn Fn(usize) -> usize| {
        let mut spans = Spans::new();
        let mut at = 0;
        for index in 0..1_000_000 {
            spans.begin().expect("there is memory");
            spans.push(Some(at), step(index) - 1).expect("there is memory");
            at += step(index);
        }
        spans.heap_size()
    };
    // Records of one size take a quarter of a byte each, of any small size a few bytes.
    assert!(heap(&|_| 88) < 700_000);
    assert!(heap(&|index| 2 + index * 7919 % 5000) < 5_500_000);
}
