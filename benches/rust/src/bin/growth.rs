//! How cost grows with the number of fragments: a line of JSON a size, nanoseconds and bytes.

use std::hint::black_box;
use std::time::Instant;

use fragview::FrozenView;
use fragview_benches::layout::{Layout, skewed_millions};
use fragview_benches::peers::Prefix;
use fragview_benches::row::Line;
use fragview_benches::side::Side;
use fragview_benches::timer::{Effort, QUICK, alone, quartiles};
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const LOOKUPS: usize = 1 << 17;

fn median(side: &mut Side, effort: Effort) -> f64 {
    quartiles(alone(side, effort).into_iter().map(|seconds| seconds * 1e9))[1]
}

/// Work at random offsets, in nanoseconds.
fn each(offsets: &[usize], effort: Effort, mut work: impl FnMut(usize) -> usize + 'static) -> f64 {
    let (offsets, mut at) = (offsets.to_vec(), 0_usize);
    let mask = offsets.len() - 1;
    let mut side = Side::new("", move |count| {
        let mut sum = 0_usize;
        for _ in 0..count {
            sum = sum.wrapping_add(work(offsets[at & mask]));
            at += 1;
        }
        sum
    });
    median(&mut side, effort)
}

#[expect(clippy::cast_precision_loss, reason = "bytes and nanoseconds a fragment")]
fn main() {
    let effort = Effort { rounds: 15, ..QUICK };
    for power in 1..=7 {
        let count = 10_usize.pow(power);
        let layout = Layout::mean("growth", "64 B in the mean", 64, 64 * count, false);
        let offsets = layout.offsets(LOOKUPS, 64);
        let pieces = layout.pieces();
        let fragments = pieces.len() as f64;

        let mut spent = Vec::new();
        for _ in 0..5 {
            let start = Instant::now();
            let view = black_box(FrozenView::from_slices(pieces.iter().copied()).expect("a view"));
            spent.push(start.elapsed().as_secs_f64() * 1e9 / fragments);
            drop(view);
        }
        let build = quartiles(spent)[1];
        let (entries, whole) = bytes(&layout);
        let view = FrozenView::from_slices(pieces.iter().copied()).expect("a view");
        // The first lookup builds the directory; all that come after it find it there.
        let first = Instant::now();
        black_box(view.get(offsets[0]));
        let first = first.elapsed().as_secs_f64() * 1e9 / fragments;

        let [one, other, third] = std::array::from_fn(|_| view.clone());
        let prefix = Prefix::new(pieces.clone());
        let get = each(&offsets, effort, move |offset| {
            one.get(offset).expect("within").into()
        });
        let slice = each(&offsets, effort, move |offset| {
            other.slice(offset..offset + 32).expect("within").len()
        });
        let read = each(&offsets, effort, move |offset| {
            third.read_at::<u32>(offset).expect("within") as usize
        });
        let searched = each(&offsets, effort, move |offset| prefix.get(offset).into());
        println!(
            "{{\"growth\": \"rust\", \"fragments\": {count}, \"get\": {get:.2}, \"slice\": {slice:.2}, \"read\": {read:.2}, \
             \"prefix\": {searched:.2}, \"build\": {build:.3}, \"directory\": {first:.3}, \"entries\": {entries:.3}, \
             \"bytes\": {whole:.3}}}"
        );
        if power == 7 {
            memory(&layout);
        }
    }
    memory(&skewed_millions());
}

/// Bytes of heap a fragment, counted by the allocator: of a view just made, and after its first lookup.
#[expect(clippy::cast_precision_loss, reason = "bytes a fragment")]
fn bytes(layout: &Layout) -> (f64, f64) {
    let (pieces, offset) = (layout.pieces(), layout.length / 3);
    let before = HEAP.current_usage();
    let view = FrozenView::from_slices(pieces.iter().copied()).expect("a view");
    let made = HEAP.current_usage() - before;
    black_box(view.get(offset));
    let looked = HEAP.current_usage() - before;
    let fragments = pieces.len() as f64;
    let said = view.memory().heap_size();
    assert!(
        said.abs_diff(looked) < 256,
        "heap_size says {said}, the allocator {looked}"
    );
    (made as f64 / fragments, looked as f64 / fragments)
}

fn memory(layout: &Layout) {
    let (entries, whole) = bytes(layout);
    for (what, bytes, bar) in [
        ("heap of a view", entries, 16.0),
        ("heap of a view with its directory", whole, 20.0),
    ] {
        let line = Line {
            group: "memory",
            what,
            layout: &layout.name,
        };
        line.figure(
            [(bytes * 1000.0).round() / 1000.0; 3],
            "B a fragment",
            Some(bar),
            1,
        );
    }
}
