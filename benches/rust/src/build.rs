//! From a list of slices to something that can be read.

use buf_list::BufList;
use bytes_utils::SegmentedBuf;
use fragview::{FrozenView, View};
use opendal_core::Buffer;

use crate::layout::Layout;
use crate::peers::{Prefix, regions, volatile};
use crate::row::Row;
use crate::side::Side;

pub fn rows(layout: &Layout, rows: &mut Vec<Row>) {
    let [pieces, copied, prefixed, segments] = std::array::from_fn(|_| layout.pieces());
    let [owned, listed, buffered] = std::array::from_fn(|_| layout.bytes());
    let slices = volatile(layout);
    let ours = Side::each("fragview", move || {
        FrozenView::from_slices(pieces.iter().copied()).expect("a view")
    });
    rows.push(
        Row::new("build", "build from slices", &layout.name, ours)
            .against(Side::each("contiguous copy", move || copied.concat()))
            .against(Side::each("prefix sum", move || Prefix::new(prefixed.clone())))
            .against(Side::each("bytes-utils SegmentedBuf", move || {
                segments.iter().copied().collect::<SegmentedBuf<&[u8]>>()
            }))
            .against(Side::each("vm-memory regions", move || regions(&slices))),
    );
    let ours = Side::each("fragview", move || {
        View::from_owners(owned.iter().cloned()).expect("a view")
    });
    rows.push(
        Row::new("build, owned", "build from `Bytes`", &layout.name, ours)
            .against(Side::each("buf-list", move || {
                listed.iter().cloned().collect::<BufList>()
            }))
            .against(Side::each("opendal Buffer", move || {
                Buffer::from(buffered.clone())
            })),
    );
}
