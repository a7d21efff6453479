//! Every format on any bytes: an error or streams that lie in the file, never a panic, a hang, or memory out
//! of proportion.

use fragview::{Error, View, formats as known};

/// Each format on the bytes of a file.
pub fn formats(file: &[u8]) {
    for name in known::names().map(Some).chain([None]) {
        for (strict, verify) in [(true, false), (true, true), (false, false), (false, true)] {
            let Ok(container) = known::open(file, name, known::Options { strict, verify }) else {
                continue;
            };
            for stream in container.streams() {
                let view = View::from_extents(file, &stream.extents);
                assert!(!matches!(view, Err(Error::ExtentOutOfRange { .. })), "{name:?}");
            }
        }
    }
}
