//! Every list of a few extents, and the bytes it names.

#![allow(dead_code, reason = "each test file uses a part")]

use fragview::Error;
use fragview::geometry::Extent;

use crate::support::CANARY;

pub(crate) const SIZE: usize = 3;

/// The source's bytes with canaries around.
pub(crate) const BASE: [u8; 7] = [CANARY, CANARY, 1, 2, 3, CANARY, CANARY];

pub(crate) fn inner() -> std::ops::Range<usize> {
    2..2 + SIZE
}

/// Every list of up to three extents in and around a source of three bytes, holes and nothings among them.
pub(crate) fn lists() -> Vec<Vec<Extent>> {
    let offsets = (0..=SIZE + 1).map(Some).chain([None]);
    let all: Vec<Extent> = offsets
        .flat_map(|offset| (0..=SIZE + 1).map(move |length| Extent::from((offset, length))))
        .collect();
    let mut lists = vec![vec![]];
    for first in &all {
        lists.push(vec![*first]);
        for second in &all {
            lists.push(vec![*first, *second]);
            lists.extend(all.iter().map(|third| vec![*first, *second, *third]));
        }
    }
    lists
}

/// Where each byte lies in the source, `None` in a hole; or the fault.
pub(crate) fn expected(extents: &[Extent], size: usize) -> Result<Vec<Option<usize>>, Error> {
    let mut places = Vec::new();
    for (index, &Extent { offset, length }) in extents.iter().enumerate() {
        match offset {
            Some(offset) if offset + length > size => {
                return Err(Error::ExtentOutOfRange {
                    index,
                    offset,
                    length,
                    size,
                });
            }
            Some(offset) => places.extend((offset..offset + length).map(Some)),
            None => places.extend((0..length).map(|_| None)),
        }
    }
    Ok(places)
}

/// The bytes at these places, holes as zeros.
pub(crate) fn gathered(source: &[u8], places: &[Option<usize>]) -> Vec<u8> {
    places
        .iter()
        .map(|place| place.map_or(0, |place| source[place]))
        .collect()
}

/// Runs of places that follow each other, or are a hole.
pub(crate) fn runs(places: &[Option<usize>]) -> Vec<&[Option<usize>]> {
    places
        .chunk_by(|one, next| match (one, next) {
            (Some(one), Some(next)) => one + 1 == *next,
            (None, None) => true,
            _ => false,
        })
        .collect()
}
