//! Any layout on any bytes in any fragments: whole bytes and fragments give the same table and the same
//! fault.

use arbitrary::{Arbitrary, Unstructured};
use fragview::FrozenView;
use fragview::records::RecordLayout;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    code: u8,
    big: bool,
    constant: Option<u64>,
    bias: i64,
    scale: u64,
    trailer: usize,
    align: u8,
    block: Option<u16>,
    until: Option<i8>,
    cuts: Vec<u8>,
    start: usize,
    bytes: &'a [u8],
}

/// A layout, cuts, and the bytes to scan.
pub fn records(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let code = ["b", "B", "h", "H", "i", "I", "q", "Q"][usize::from(input.code % 8)];
    let header = format!("{}{code}b3s", if input.big { '>' } else { '<' });
    let Ok(mut layout) = RecordLayout::new(&header, &["length", "kind", "text"]) else {
        return;
    };
    layout = layout.bias(input.bias).scale(input.scale).trailer(input.trailer);
    if let Some(length) = input.constant {
        layout = layout.constant_length(length);
    }
    if let Ok(aligned) = layout.clone().align(input.align.into()) {
        layout = aligned;
    }
    if let Some(Ok(blocks)) = input.block.map(|block| layout.clone().block(block.into())) {
        layout = blocks;
    }
    if let Some(kind) = input.until {
        let Ok(until) = layout.until_number("kind", kind.into()) else {
            return;
        };
        layout = until;
    }
    let mut rest = input.bytes;
    let mut pieces = Vec::new();
    for cut in input.cuts {
        let (piece, tail) = rest.split_at(usize::from(cut).min(rest.len()));
        pieces.push(piece);
        rest = tail;
    }
    pieces.push(rest);
    let Ok(view) = FrozenView::from_slices(pieces) else {
        return;
    };
    let start = input.start % (input.bytes.len() + 2);
    let (whole, fault) = layout.scan_some(&input.bytes, start..usize::MAX);
    let (pieces, same) = layout.scan_some(&view, start..usize::MAX);
    assert_eq!(
        (whole.offsets(), whole.lengths(), fault),
        (pieces.offsets(), pieces.lengths(), same)
    );
    let Ok(joined) = whole.join() else {
        return;
    };
    assert!(joined.iter().all(|extent| {
        extent
            .offset
            .and_then(|offset| offset.checked_add(extent.length))
            .is_some_and(|end| end <= input.bytes.len())
    }));
}
