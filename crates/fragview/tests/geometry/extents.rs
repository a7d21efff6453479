//! Extents against the list of the bytes they name.

use crate::support::Numbers;
use fragview::geometry::{Extent, Extents};

/// Where each byte of the stream lies in the source.
fn bytes(extents: &Extents) -> Vec<Option<usize>> {
    extents
        .iter()
        .flat_map(|Extent { offset, length }| (0..length).map(move |byte| Some(offset? + byte)))
        .collect()
}

fn random(numbers: &mut Numbers) -> (Extents, Vec<Option<usize>>) {
    let (mut extents, mut list) = (Extents::new(), Vec::new());
    for _ in 0..numbers.below(7) {
        let length = numbers.below(5);
        let offset = (numbers.below(4) > 0).then(|| numbers.below(12));
        extents.push(offset, length);
        list.extend((0..length).map(|byte| Some(offset? + byte)));
    }
    (extents, list)
}

#[test]
fn extents_are_the_bytes_pushed() {
    let mut numbers = Numbers::new(3);
    for _ in 0..500 {
        let (extents, list) = random(&mut numbers);
        assert_eq!((bytes(&extents), extents.byte_len()), (list.clone(), list.len()));
        assert_eq!(extents.is_empty(), list.is_empty());
        assert_eq!(extents.iter().len(), extents.len());
        // Nothing empty, and nothing that could be one.
        let parts: Vec<Extent> = extents.iter().collect();
        assert!(parts.iter().all(|part| part.length > 0));
        assert!(
            parts
                .windows(2)
                .all(|pair| match (pair[0].offset, pair[1].offset) {
                    (Some(first), Some(next)) => first + pair[0].length != next,
                    (None, None) => false,
                    _ => true,
                })
        );
        for start in 0..list.len() + 2 {
            for end in 0..list.len() + 2 {
                let expected = list.get(start.min(end)..end.min(list.len())).unwrap_or(&[]);
                let expected = if start < end { expected } else { &[] };
                assert_eq!(bytes(&extents.slice(start..end)), expected, "{start}..{end}");
                let runs: usize = extents.runs(start..end).map(|run| run.length).sum();
                assert_eq!(runs, expected.len());
            }
        }
    }
}

#[test]
fn extents_of_extents() {
    let mut numbers = Numbers::new(4);
    for _ in 0..500 {
        let ((inner, inner_list), (outer, outer_list)) = (random(&mut numbers), random(&mut numbers));
        let expected: Vec<Option<usize>> = inner_list
            .into_iter()
            .filter_map(|byte| match byte {
                Some(byte) => outer_list.get(byte).copied(),
                None => Some(None),
            })
            .collect();
        assert_eq!(bytes(&inner.within(&outer)), expected);
        let mut both = inner.clone();
        both.append(&outer);
        assert_eq!(bytes(&both), [bytes(&inner), bytes(&outer)].concat());
    }
}

/// A file may name any offset and any length; arithmetic on them neither panics nor wraps.
#[test]
fn offsets_at_the_end_of_all_numbers() {
    let mut extents = Extents::new();
    extents.push(Some(usize::MAX - 1), 10);
    extents.push(Some(5), usize::MAX);
    assert_eq!(extents.byte_len(), usize::MAX);
    let late: Vec<Extent> = extents.runs(5..12).collect();
    assert_eq!(late.iter().map(|run| run.length).sum::<usize>(), 7);
    assert_eq!(late[0].offset, Some(usize::MAX));
    assert_eq!(extents.slice(0..usize::MAX).byte_len(), usize::MAX);
    let outer: Extents = [(0, 10)].into_iter().collect();
    assert_eq!(extents.within(&outer).byte_len(), 5);
    extents.push(None, usize::MAX);
    assert_eq!(extents.byte_len(), usize::MAX);
}
