//! Views of memory that nobody else touches: what is written, where, and what is refused.

use fragview::geometry::Extent;
use fragview::{Error, ExclusiveView, FrozenView, MemoryRef, View, memory::Exclusive};

use crate::input::Input;
use crate::material::hash_of;
use crate::numbers::items;

/// A base, parts of it in any order, and writes to views of them.
pub fn exclusive(data: &[u8]) {
    let mut input = Input::new(data);
    let size = input.one(&[40, 0, 1, 300, 6000]);
    let mut base: Vec<u8> = (0..size).map(|index| (index * 11) as u8).collect();
    let mut expected = base.clone();
    for _ in 0..24 {
        if input.is_empty() {
            break;
        }
        // Where each byte of the view lies in the base.
        let mut places = Vec::new();
        let view = if input.yes() {
            cut(&mut base, &mut places, &mut input)
        } else {
            let Some(view) = extents(&mut base, &mut places, &mut input) else {
                continue;
            };
            view
        };
        narrow(view, places, &mut expected, &mut input);
        assert_eq!(base, expected);
    }
}

/// Pieces of the base in another order, with gaps between them.
fn cut<'b>(base: &'b mut [u8], places: &mut Vec<usize>, input: &mut Input<'_>) -> ExclusiveView<'b> {
    let (mut rest, mut at) = (base, 0);
    let mut pieces: Vec<(usize, &mut [u8])> = Vec::new();
    let longest = input.one(&[7, 2, 60, 4000]);
    while !rest.is_empty() && pieces.len() < 300 {
        let length = input.up_to(longest).min(rest.len());
        let (piece, tail) = rest.split_at_mut(length);
        let gap = input.up_to(3).min(tail.len());
        let place = input.up_to(pieces.len());
        pieces.insert(place, (at, piece));
        rest = &mut tail[gap..];
        at += length + gap;
    }
    places.extend(pieces.iter().flat_map(|(at, piece)| *at..at + piece.len()));
    ExclusiveView::from_slices_mut(pieces.into_iter().map(|(_, piece)| piece)).unwrap()
}

/// Extents of the base, of which no two may share a byte, and none is a hole.
fn extents<'b>(
    base: &'b mut Vec<u8>,
    places: &mut Vec<usize>,
    input: &mut Input<'_>,
) -> Option<ExclusiveView<'b>> {
    let mut extents: Vec<Extent> = Vec::new();
    let mut seen = vec![None; base.len()];
    let mut fault = None;
    let mut overlap = false;
    for index in 0..input.up_to(8) {
        let range = input.range(base.len());
        let length = range.end.saturating_sub(range.start);
        if input.byte() < 8 {
            extents.push(Extent { offset: None, length });
            if length > 0 {
                fault = fault.or(Some(index));
            }
            continue;
        }
        extents.push(Extent::from((range.start, length)));
        if range.start.checked_add(length).is_none_or(|end| end > base.len()) {
            fault = fault.or(Some(index));
            continue;
        }
        for place in &mut seen[range.start..range.start + length] {
            overlap |= place.replace(index).is_some();
        }
        places.extend(range.start..range.start + length);
    }
    match View::from_extents(base, extents) {
        Ok(view) => {
            assert!(fault.is_none() && !overlap);
            Some(view)
        }
        Err(Error::ExtentOutOfRange { index, .. } | Error::ExclusiveHole { index }) => {
            assert_eq!(Some(index), fault);
            None
        }
        Err(Error::ExtentsOverlap {
            first,
            second,
            offset,
        }) => {
            assert!(fault.is_none() && overlap && first != second && seen[offset].is_some());
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Makes the view smaller, or turns it, and does something to what is left.
fn narrow(mut view: ExclusiveView<'_>, mut places: Vec<usize>, bytes: &mut [u8], input: &mut Input<'_>) {
    for _ in 0..input.up_to(3) {
        match input.up_to(2) {
            0 => {
                let range = input.valid_range(places.len());
                view = view.into_slice(range.clone()).unwrap();
                places = places[range].to_vec();
            }
            1 => {
                view = view.into_reversed();
                places.reverse();
            }
            _ => {
                // Extents of a view, in which none overlaps.
                let (mut parts, mut kept, mut at) = (Vec::new(), Vec::new(), 0);
                while at < places.len() && parts.len() < 50 {
                    let length = input.up_to(9).min(places.len() - at);
                    let put = input.up_to(parts.len());
                    parts.insert(put, (at, length));
                    at += length + input.up_to(2);
                }
                kept.extend(
                    parts
                        .iter()
                        .flat_map(|&(at, length)| places[at..at + length].iter().copied()),
                );
                view = View::from_extents(view, parts).unwrap();
                places = kept;
            }
        }
    }
    let content: Vec<u8> = places.iter().map(|&place| bytes[place]).collect();
    assert_eq!(view, content);
    {
        let frozen = view.as_frozen();
        assert_eq!(frozen.chunks().collect::<Vec<_>>().concat(), content);
        assert_eq!(
            hash_of(&frozen),
            hash_of(&FrozenView::from_slices([&content[..]]).unwrap())
        );
        items(&frozen, &content, input);
    }
    for _ in 0..input.up_to(6) {
        write(&mut view, &places, bytes, input);
        let content: Vec<u8> = places.iter().map(|&place| bytes[place]).collect();
        assert_eq!(view, content);
    }
}

/// One write, to the whole or a part.
fn write<R: MemoryRef>(
    view: &mut View<Exclusive<'_>, u8, R>,
    places: &[usize],
    bytes: &mut [u8],
    input: &mut Input<'_>,
) {
    let range = input.range(places.len());
    let Ok(mut part) = view.slice_mut(range.clone()) else {
        assert!(range.start > range.end || range.end > places.len());
        return;
    };
    let places = &places[range];
    match input.up_to(6) {
        0 => {
            let byte = input.byte();
            part.fill(byte);
            places.iter().for_each(|&place| bytes[place] = byte);
        }
        1 => {
            let count = if input.byte() < 200 {
                places.len()
            } else {
                input.up_to(99)
            };
            let source = input.bytes(count);
            let result = part.copy_from_slice(&source);
            assert_eq!(result.is_ok(), count == places.len());
            if result.is_ok() {
                places
                    .iter()
                    .zip(source)
                    .for_each(|(&place, byte)| bytes[place] = byte);
            }
        }
        2 => {
            let (index, value) = (input.up_to(places.len()), input.byte());
            assert_eq!(part.set(index, value).is_ok(), index < places.len());
            if let Some(&place) = places.get(index) {
                bytes[place] = value;
            }
        }
        3 => {
            let (index, value) = (input.up_to(places.len() / 4), input.word() as u32);
            match part.into_cast::<u32>() {
                Ok(mut words) => {
                    assert_eq!(words.set(index, value).is_ok(), index < places.len() / 4);
                    if let Some(places) = places.chunks_exact(4).nth(index) {
                        places
                            .iter()
                            .zip(value.to_ne_bytes())
                            .for_each(|(&place, byte)| bytes[place] = byte);
                    }
                }
                Err(error) => assert!(match error {
                    Error::NotDivisible { .. } => !places.len().is_multiple_of(4),
                    error => error == Error::NotContiguous,
                }),
            }
        }
        4 => {
            let middle = input.up_to(places.len() + 1);
            let Ok((mut head, mut tail)) = part.split_at_mut(middle) else {
                return assert!(middle > places.len());
            };
            // The shorter one's bytes go to the other.
            let count = head.len().min(tail.len());
            if input.yes() {
                let from = tail.as_frozen().slice(..count).unwrap();
                head.slice_mut(..count).unwrap().copy_from_view(&from).unwrap();
                (0..count).for_each(|index| bytes[places[index]] = bytes[places[middle + index]]);
            } else {
                let from = head.as_frozen().slice(..count).unwrap();
                tail.slice_mut(..count).unwrap().copy_from_view(&from).unwrap();
                (0..count).for_each(|index| bytes[places[middle + index]] = bytes[places[index]]);
            }
        }
        5 => {
            let add = input.byte();
            for byte in part.chunks_mut().flatten() {
                *byte = byte.wrapping_add(add);
            }
            places
                .iter()
                .for_each(|&place| bytes[place] = bytes[place].wrapping_add(add));
        }
        _ => {
            let source = input.bytes(places.len());
            let at = input.up_to(source.len());
            let (head, tail) = source.split_at(at);
            part.copy_from_view(&FrozenView::from_slices([head, tail]).unwrap())
                .unwrap();
            places
                .iter()
                .zip(source)
                .for_each(|(&place, byte)| bytes[place] = byte);
        }
    }
}
