//! Fragments of one arena, as a fuzzer likes to cut it, and where each byte of them lies.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use arbitrary::Arbitrary;
use fragview::memory::{Builder, Shared};
use fragview::{SharedView, View};

/// Bytes of an arena.
pub const ARENA: usize = 256;

/// A fragment: a part of the arena, perhaps one that others have too, or a hole.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Piece {
    Part { start: u8, length: u8 },
    Small { start: u8, length: u8 },
    Hole { length: u8 },
}

/// Memory to cut.
pub fn arena() -> Vec<AtomicU8> {
    (0..=u8::MAX).map(AtomicU8::new).collect()
}

/// What an arena holds.
pub fn content(arena: &[AtomicU8]) -> Vec<u8> {
    arena.iter().map(|byte| byte.load(Relaxed)).collect()
}

/// The fragments as a view, and for each byte of it the place in the arena, `None` in holes.
pub fn cut<'a>(arena: &'a [AtomicU8], pieces: &[Piece]) -> (SharedView<'a>, Vec<Option<usize>>) {
    let mut builder = Builder::<Shared<'a>>::new();
    let mut places = Vec::new();
    for &piece in pieces {
        let (start, length) = match piece {
            Piece::Part { start, length } => (usize::from(start), usize::from(length)),
            Piece::Small { start, length } => (usize::from(start), usize::from(length % 8)),
            Piece::Hole { length } => {
                builder.push_hole(length.into()).expect("a hole");
                places.extend(std::iter::repeat_n(None, length.into()));
                continue;
            }
        };
        let range = start..(start + length).min(arena.len());
        builder.push_slice(&arena[range.clone()]).expect("a fragment");
        places.extend(range.map(Some));
    }
    (View::from(builder.finish()), places)
}

/// The bytes at these places.
pub fn bytes(model: &[u8], places: &[Option<usize>]) -> Vec<u8> {
    places
        .iter()
        .map(|place| place.map_or(0, |place| model[place]))
        .collect()
}

/// Cuts bytes into fragments of these lengths, and a last one of the rest.
pub fn split<'a>(mut bytes: &'a [u8], lengths: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for &length in lengths {
        let (piece, rest) = bytes.split_at(usize::from(length).min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces.push(bytes);
    pieces
}
