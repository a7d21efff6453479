//! All bytes at a time: copy out, copy in, compare, hash.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use buf_list::{BufList, Cursor};
use bytes::Buf;
use bytes_utils::SegmentedBuf;
use fragview::{ExclusiveView, FrozenView};
use opendal_core::Buffer;
use vm_memory::{Bytes, GuestAddress};

use crate::layout::Layout;
use crate::peers::{regions, volatile};
use crate::row::Row;
use crate::side::Side;

pub fn rows(layout: &Layout, rows: &mut Vec<Row>) {
    rows.push(copy_out(layout));
    rows.push(copy_in(layout));
    rows.push(compare(layout));
    rows.push(compare_views(layout));
    rows.push(hash(layout));
    if layout.key == "64KiB" {
        rows.push(halves(layout));
    }
}

fn copy_out(layout: &Layout) -> Row {
    let (length, pieces) = (layout.length, layout.pieces());
    let whole = layout.whole();
    let view = FrozenView::from_slices(pieces.iter().copied()).expect("a view");
    let parts = pieces.clone();
    let (list, buffer) = (
        layout.bytes().into_iter().collect::<BufList>(),
        Buffer::from(layout.bytes()),
    );
    let mut cursor = Cursor::new(list);
    let memory = regions(&volatile(layout));
    let ours = into(length, "fragview", move |target| {
        view.copy_to_slice(target).expect("as long");
    });
    Row::new("copy out", "copy out", &layout.name, ours)
        .at_most(
            1.05,
            into(length, "one `copy_from_slice` a fragment", move |target| {
                let mut at = 0;
                for piece in &pieces {
                    target[at..at + piece.len()].copy_from_slice(piece);
                    at += piece.len();
                }
            }),
        )
        .against(into(length, "contiguous slice", move |target| {
            target.copy_from_slice(&whole);
        }))
        .against(consume(length, "bytes-utils SegmentedBuf", move || {
            parts.iter().copied().collect::<SegmentedBuf<&[u8]>>()
        }))
        .against(into(length, "buf-list Cursor", move |target| {
            cursor.set_position(0);
            cursor.read_exact(target).expect("as long");
        }))
        .against(consume(length, "opendal Buffer", move || buffer.clone()))
        .against(into(length, "vm-memory regions", move |target| {
            memory.read_slice(target, GuestAddress(0)).expect("as long");
        }))
}

fn into(length: usize, name: &str, mut copy: impl FnMut(&mut [u8]) + 'static) -> Side {
    let mut target = vec![0; length];
    Side::each(name, move || copy(&mut target))
}

/// A buffer that its reader uses up.
fn consume<B: Buf>(length: usize, name: &str, make: impl FnMut() -> B + 'static) -> Side {
    let mut target = vec![0; length];
    Side::prepared(name, make, move |mut buffer| {
        buffer.copy_to_slice(&mut target);
        buffer
    })
}

fn copy_in(layout: &Layout) -> Row {
    let source: &'static [u8] = layout.whole().leak();
    let mut view = ExclusiveView::from_slices_mut(layout.pieces_mut()).expect("a view");
    let mut pieces = layout.pieces_mut();
    let mut whole = layout.whole();
    let memory = regions(&volatile(layout));
    let ours = Side::each("fragview", move || view.copy_from_slice(source).expect("as long"));
    Row::new("copy in", "copy in", &layout.name, ours)
        .at_most(
            1.05,
            Side::each("one `copy_from_slice` a fragment", move || {
                let mut at = 0;
                for piece in &mut pieces {
                    piece.copy_from_slice(&source[at..at + piece.len()]);
                    at += piece.len();
                }
            }),
        )
        .against(Side::each("contiguous slice", move || {
            whole.copy_from_slice(source);
        }))
        .against(Side::each("vm-memory regions", move || {
            memory.write_slice(source, GuestAddress(0)).expect("as long");
        }))
}

/// Equal bytes, so that all are looked at.
fn compare(layout: &Layout) -> Row {
    let pieces = layout.pieces();
    let view = FrozenView::from_slices(pieces.iter().copied()).expect("a view");
    let [one, other, third, fourth] = std::array::from_fn(|_| layout.whole());
    Row::new(
        "compare",
        "compare with a slice",
        &layout.name,
        Side::each("fragview", move || view == one[..]),
    )
    .against(Side::each("a comparison a fragment", move || {
        let mut at = 0;
        pieces.iter().all(|piece| {
            at += piece.len();
            other[at - piece.len()..at] == **piece
        })
    }))
    .against(Side::each("contiguous slice", move || third == fourth))
}

/// Another view of equal bytes, with other seams.
fn compare_views(layout: &Layout) -> Row {
    let view = FrozenView::from_slices(layout.pieces()).expect("a view");
    let [one, other, third] = std::array::from_fn(|_| layout.whole());
    let cut = FrozenView::from_slices(one.leak().chunks(1000)).expect("a view");
    Row::new(
        "compare views",
        "compare with a view cut into 1,000 B",
        &layout.name,
        Side::each("fragview", move || view == cut),
    )
    .against(Side::each("contiguous slice", move || other == third))
}

fn hash(layout: &Layout) -> Row {
    let (pieces, whole) = (layout.pieces(), layout.whole());
    let view = FrozenView::from_slices(pieces.iter().copied()).expect("a view");
    let hashed = |hash: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        hash(&mut hasher);
        hasher.finish()
    };
    let ours = Side::each("fragview", move || hashed(&|hasher| view.hash(hasher)));
    Row::new("hash", "hash (SipHash)", &layout.name, ours)
        .against(Side::each("a `write` a fragment", move || {
            hashed(&|hasher| pieces.iter().for_each(|piece| hasher.write(piece)))
        }))
        .against(Side::each("contiguous slice", move || {
            hashed(&|hasher| hasher.write(&whole))
        }))
}

/// `bytes::Chain` has its pieces in its type: two of them.
fn halves(layout: &Layout) -> Row {
    let length = layout.length;
    let (one, other): (&'static [u8], &'static [u8]) = (
        layout.whole()[..length / 2].to_vec().leak(),
        layout.whole()[length / 2..].to_vec().leak(),
    );
    let view = FrozenView::from_slices([one, other]).expect("a view");
    let ours = into(length, "fragview", move |target| {
        view.copy_to_slice(target).expect("as long");
    });
    Row::new("copy out", "copy out", "2 of 8 MiB", ours)
        .against(consume(length, "bytes Chain", move || Buf::chain(one, other)))
}
