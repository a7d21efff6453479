//! The map against a naive walk over the sizes.

use fragview::Error;
use fragview::geometry::{Map, MapBuilder};

fn map(sizes: &[usize]) -> Map<usize> {
    let mut builder = MapBuilder::new();
    for (index, &size) in sizes.iter().enumerate() {
        builder.push(size, index).unwrap();
    }
    builder.finish()
}

fn check(sizes: &[usize], offsets: impl Iterator<Item = usize>) {
    let map = map(sizes);
    let total: usize = sizes.iter().sum();
    assert_eq!(map.length(), total);
    let (mut starts, mut start) = (Vec::new(), 0);
    for (index, &size) in sizes.iter().enumerate().filter(|&(_, &size)| size > 0) {
        starts.push((start, start + size, index));
        start += size;
    }
    assert_eq!(map.count(), starts.len());
    let mut hint = None;
    for offset in offsets {
        let naive = starts.partition_point(|&(_, end, _)| end <= offset);
        let expected = starts
            .get(naive)
            .map(|&(start, end, payload)| (naive, start, end, payload));
        let plain =
            |place: fragview::geometry::Place<usize>| (place.index, place.start, place.end, place.payload);
        assert_eq!(map.find_once(offset).map(plain), expected, "{offset}");
        assert_eq!(map.find(offset).map(plain), expected, "{offset}");
        if let Some(near) = hint {
            assert_eq!(map.find_near(near, offset).map(plain), expected, "{offset}");
        }
        hint = map.find(offset).or(hint);
    }
}

#[test]
fn every_offset_of_small_maps() {
    let shapes: [&[usize]; 14] = [
        &[],
        &[0, 0],
        &[1],
        &[7],
        &[0, 3, 0],
        &[4, 4],
        &[4, 4, 4, 2],
        &[4, 4, 4, 9],
        &[1; 40],
        &[2, 1, 2, 1, 2],
        &[1000, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        &[3; 12],
        &[5, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3],
        &[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 500],
    ];
    for sizes in shapes {
        check(sizes, 0..sizes.iter().sum::<usize>() + 3);
    }
}

#[test]
fn skewed_and_many() {
    // Nearly all tiny, few huge: many fragments fall into one bucket.
    let sizes: Vec<usize> = (0..5000)
        .map(|i| if i % 1000 == 7 { 100_000 } else { 1 + i % 3 })
        .collect();
    let total: usize = sizes.iter().sum();
    check(&sizes, (0..total + 2).step_by(37).chain(total - 500..total + 2));
    let sizes: Vec<usize> = (0..20_000).map(|i| 1 + (i * 7919) % 61).collect();
    let total: usize = sizes.iter().sum();
    check(&sizes, (0..total).step_by(11));
}

#[test]
fn as_long_as_an_index_can_tell() {
    let half = isize::MAX as usize / 2;
    let ends = [
        0,
        1,
        half - 1,
        half,
        half + 1,
        isize::MAX as usize - 1,
        isize::MAX as usize,
        usize::MAX,
    ];
    check(&[half, half, 1], ends.into_iter());
    check(&[1, isize::MAX as usize - 1], ends.into_iter());
    let mut builder = MapBuilder::new();
    builder.push(isize::MAX as usize, ()).unwrap();
    assert_eq!(builder.push(1, ()), Err(Error::TooLong));
    assert_eq!(builder.push(usize::MAX, ()), Err(Error::TooLong));
    assert_eq!(builder.finish().length(), isize::MAX as usize);
}

#[test]
fn runs_are_cut_to_the_range() {
    let map = map(&[3, 4, 5]);
    for start in 0..14 {
        for end in 0..14 {
            let bytes: Vec<usize> = map
                .runs(start..end)
                .flat_map(|(range, place)| {
                    assert!(place.start <= range.start && range.end <= place.end && !range.is_empty());
                    range
                })
                .collect();
            assert_eq!(bytes, (start..end.min(12)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn costs_sixteen_bytes_a_fragment_and_four_when_asked() {
    let sizes: Vec<usize> = (0..10_000).map(|i| 1 + i % 7).collect();
    let map = map(&sizes);
    let before = map.heap_size();
    assert!(before <= 16 * 10_001, "{before}");
    assert!(map.find(100).is_some());
    let after = map.heap_size();
    assert!(after > before, "the directory is built by the first lookup");
    assert!(after <= 20 * 10_001, "{after}");
}
