//! Searching all bytes for what is not there.

use fragview::{FrozenView, SharedView};
use memchr::memmem::Finder;

use crate::layout::Layout;
use crate::row::Row;
use crate::side::Side;

pub fn rows(layout: &Layout, rows: &mut Vec<Row>) {
    let shared = SharedView::from_atomics(layout.atomics()).expect("a view");
    let frozen = || FrozenView::from_slices(layout.pieces()).expect("a view");
    let whole = layout.whole();
    let needle: &'static [u8] = Vec::leak([&whole[100..104], &[0; 8], &whole[200..204]].concat());
    let search = |view: FrozenView<'static>| move || view.find(needle).expect("memory enough").is_some();
    let finder = Finder::new(needle);
    rows.push(
        Row::new(
            "find",
            "find",
            &layout.name,
            Side::each("fragview", search(frozen())),
        )
        .against(Side::each("`memmem` on a contiguous slice", move || {
            finder.find(&whole).is_some()
        })),
    );
    rows.push(
        Row::new(
            "find",
            "find in shared memory",
            &layout.name,
            Side::each("fragview", move || {
                shared.find(needle).expect("memory enough").is_some()
            }),
        )
        .at_most(1.3, Side::each("frozen memory", search(frozen()))),
    );
}
