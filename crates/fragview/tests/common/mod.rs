//! Helpers of the tests: every split of a small buffer, slices as Python makes them, an owner of shared memory.

#![allow(dead_code, reason = "each test binary uses some of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use fragview::geometry::Slice;
use fragview::memory::{Owner, Shared};

/// The bytes 1, 2, 3, … `count`.
pub(crate) fn bytes(count: u8) -> Vec<u8> {
    (1..=count).collect()
}

/// Every way to write `total` as a sum of 1, 2 and 5, with empty fragments between and around.
pub(crate) fn splits(total: usize) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    extend(total, &mut Vec::new(), &mut all);
    all.iter()
        .flat_map(|sizes: &Vec<usize>| [sizes.clone(), with_empty(sizes)])
        .collect()
}

fn extend(left: usize, sizes: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
    if left == 0 {
        all.push(sizes.clone());
    }
    for size in [1, 2, 5] {
        if size <= left {
            sizes.push(size);
            extend(left - size, sizes, all);
            sizes.pop();
        }
    }
}

fn with_empty(sizes: &[usize]) -> Vec<usize> {
    std::iter::once(0)
        .chain(sizes.iter().flat_map(|&size| [size, 0]))
        .collect()
}

/// `data` cut into pieces of these sizes.
pub(crate) fn cut<'a>(data: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = data;
    sizes
        .iter()
        .map(|&size| {
            let (piece, tail) = rest.split_at(size);
            rest = tail;
            piece
        })
        .collect()
}

/// Every slice with bounds around `length` and steps from -4 to 4.
pub(crate) fn slices(length: usize) -> impl Iterator<Item = Slice> {
    let far = length.cast_signed() + 2;
    let bounds: Vec<Option<isize>> = std::iter::once(None).chain((-far..=far).map(Some)).collect();
    let starts = bounds.clone();
    starts.into_iter().flat_map(move |start| {
        bounds.clone().into_iter().flat_map(move |stop| {
            [-4, -3, -2, -1, 1, 2, 3, 4]
                .into_iter()
                .map(move |step| Slice { start, stop, step })
        })
    })
}

/// The positions that a slice picks, worked out one by one as the language reference tells it.
pub(crate) fn positions(slice: Slice, length: usize) -> Vec<usize> {
    let length = length.cast_signed();
    let clip = |index: isize, low: isize, high: isize| {
        let index = if index < 0 { index + length } else { index };
        index.max(low).min(high)
    };
    let (mut index, stop) = if slice.step > 0 {
        (
            slice.start.map_or(0, |i| clip(i, 0, length)),
            slice.stop.map_or(length, |i| clip(i, 0, length)),
        )
    } else {
        (
            slice.start.map_or(length - 1, |i| clip(i, -1, length - 1)),
            slice.stop.map_or(-1, |i| clip(i, -1, length - 1)),
        )
    };
    let mut picked = Vec::new();
    while (slice.step > 0 && index < stop) || (slice.step < 0 && index > stop) {
        picked.push(index.cast_unsigned());
        index += slice.step;
    }
    picked
}

/// Memory that is shared and owned, writable or not; clones are the same memory.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) bytes: Arc<[AtomicU8]>,
    pub(crate) writable: bool,
}

impl Page {
    pub(crate) fn new(data: &[u8], writable: bool) -> Self {
        Self {
            bytes: data.iter().map(|&byte| AtomicU8::new(byte)).collect(),
            writable,
        }
    }

    pub(crate) fn read(&self) -> Vec<u8> {
        self.bytes.iter().map(|byte| byte.load(Relaxed)).collect()
    }
}

// SAFETY: the atomics stay where they are while a clone of the `Arc` lives, and are initialised.
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
