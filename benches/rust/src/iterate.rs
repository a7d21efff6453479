//! All bytes in order: by byte, by chunk.

use bytes::Buf;
use bytes_utils::SegmentedBuf;
use fragview::FrozenView;
use opendal_core::Buffer;

use crate::layout::Layout;
use crate::row::Row;
use crate::side::Side;

/// A checksum that needs each byte in turn, as parsers do; compilers can't make it wide.
#[inline]
const fn mix(sum: u32, byte: u8) -> u32 {
    sum.rotate_left(5) ^ byte as u32
}

fn each(bytes: &[u8], mut sum: u32) -> u32 {
    for &byte in bytes {
        sum = mix(sum, byte);
    }
    sum
}

pub fn rows(layout: &Layout, rows: &mut Vec<Row>) {
    rows.push(by_byte(layout));
    rows.push(sum(layout));
    rows.push(by_chunk(layout));
}

/// By a `for` loop.
fn by_byte(layout: &Layout) -> Row {
    let (pieces, whole) = (layout.pieces(), layout.whole());
    let view = FrozenView::from_slices(pieces.iter().copied()).expect("a view");
    let buffer = Buffer::from(layout.bytes());
    let parts = pieces.clone();
    let ours = Side::each("fragview", move || {
        let mut sum = 0;
        for byte in &view {
            sum = mix(sum, byte);
        }
        sum
    });
    Row::new("by byte", "iterate by byte, a checksum", &layout.name, ours)
        .at_most(1.3, Side::each("contiguous slice", move || each(&whole, 0)))
        .against(Side::each("iterator `flatten`", move || {
            let mut sum = 0;
            for &byte in pieces.iter().copied().flatten() {
                sum = mix(sum, byte);
            }
            sum
        }))
        .against(get_u8("bytes-utils SegmentedBuf", move || {
            parts.iter().copied().collect::<SegmentedBuf<&[u8]>>()
        }))
        .against(get_u8("opendal Buffer", move || buffer.clone()))
}

fn get_u8<B: Buf>(name: &str, make: impl FnMut() -> B + 'static) -> Side {
    Side::prepared(name, make, |mut buffer| {
        let mut sum = 0;
        while buffer.has_remaining() {
            sum = mix(sum, buffer.get_u8());
        }
        (sum, buffer)
    })
}

/// By the iterator's own `fold`, with work that compilers make wide.
fn sum(layout: &Layout) -> Row {
    let (pieces, whole) = (layout.pieces(), layout.whole());
    let view = FrozenView::from_slices(pieces.iter().copied()).expect("a view");
    let ours = Side::each("fragview", move || view.iter().map(u64::from).sum::<u64>());
    Row::new("sum", "`iter().sum()`", &layout.name, ours)
        .against(Side::each("contiguous slice", move || {
            whole.iter().copied().map(u64::from).sum::<u64>()
        }))
        .against(Side::each("iterator `flatten`", move || {
            pieces
                .iter()
                .copied()
                .flatten()
                .copied()
                .map(u64::from)
                .sum::<u64>()
        }))
}

fn by_chunk(layout: &Layout) -> Row {
    let (pieces, whole) = (layout.pieces(), layout.whole());
    let view = FrozenView::from_slices(pieces.iter().copied()).expect("a view");
    let (parts, buffer) = (pieces.clone(), Buffer::from(layout.bytes()));
    let ours = Side::each("fragview", move || {
        view.chunks().fold(0, |sum, chunk| each(chunk, sum))
    });
    Row::new("by chunk", "iterate by chunk, a checksum", &layout.name, ours)
        .at_most(1.05, Side::each("contiguous slice", move || each(&whole, 0)))
        .against(Side::each("a loop over the pieces", move || {
            pieces.iter().fold(0, |sum, piece| each(piece, sum))
        }))
        .against(chunks("bytes-utils SegmentedBuf", move || {
            parts.iter().copied().collect::<SegmentedBuf<&[u8]>>()
        }))
        .against(chunks("opendal Buffer", move || buffer.clone()))
}

fn chunks<B: Buf>(name: &str, make: impl FnMut() -> B + 'static) -> Side {
    Side::prepared(name, make, |mut buffer| {
        let mut sum = 0;
        while buffer.has_remaining() {
            sum = each(buffer.chunk(), sum);
            buffer.advance(buffer.chunk().len());
        }
        (sum, buffer)
    })
}
