//! Every format on any bytes: an error or streams that lie in the file, never a panic, a hang, or memory out
//! of proportion.

use fragview::{Error, View, formats as known};

use crate::counting::peak;

/// The most memory that opening takes: 4 bytes for each byte of the file, and 16 MiB.
const fn bar(file: &[u8]) -> usize {
    4 * file.len() + (16 << 20)
}

/// Each format on the bytes of a file.
pub fn formats(file: &[u8]) {
    for name in known::names().map(Some).chain([None]) {
        for (strict, verify) in [(true, false), (true, true), (false, false), (false, true)] {
            let options = known::Options { strict, verify };
            let (opened, peak) = peak(|| known::open(file, name, options));
            assert!(
                peak <= bar(file),
                "{name:?}: {peak} bytes for a file of {}",
                file.len()
            );
            let Ok(container) = opened else {
                continue;
            };
            for stream in container.streams() {
                let view = View::from_extents(file, &stream.extents);
                assert!(!matches!(view, Err(Error::ExtentOutOfRange { .. })), "{name:?}");
            }
        }
    }
}
