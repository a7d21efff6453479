//! Memory that other threads may write, against memory that nobody writes.

use fragview::{FrozenView, SharedView};

use crate::layout::Layout;
use crate::row::Row;
use crate::side::Side;

pub fn rows(layout: &Layout, rows: &mut Vec<Row>) {
    let shared = SharedView::from_atomics(layout.atomics()).expect("a view");
    let frozen = FrozenView::from_slices(layout.pieces()).expect("a view");
    let [mut one, mut other] = std::array::from_fn(|_| vec![0; layout.length]);
    rows.push(
        Row::new(
            "shared",
            "copy out of shared memory",
            &layout.name,
            Side::each("fragview", move || {
                shared.copy_to_slice(&mut one).expect("as long");
            }),
        )
        .at_most(
            1.3,
            Side::each("frozen memory", move || {
                frozen.copy_to_slice(&mut other).expect("as long");
            }),
        ),
    );
}
