//! Every format on any bytes: an error or streams that lie in the file, never a panic, a hang, or memory out of
//! proportion.

#![no_main]

use fragview::{Bytes, formats};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    for name in formats::names().map(Some).chain([None]) {
        for verify in [false, true] {
            let Ok(container) = formats::open(&file, name, verify) else { continue };
            for stream in &container.streams {
                for extent in stream.extents.iter() {
                    let Some(offset) = extent.offset else { continue };
                    assert!(offset.checked_add(extent.length).is_some_and(|end| end <= file.length()), "{name:?}");
                }
            }
        }
    }
});
