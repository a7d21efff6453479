//! Broken variants of a valid file: cut off at every byte, and with bytes of its headers changed.

#![allow(dead_code, reason = "each test file uses a part")]

use std::ops::Range;

use fragview::Bytes;
use fragview::formats::{Container, FormatError};

pub(crate) type Open = fn(&dyn Bytes) -> Result<Container, FormatError>;
pub(crate) type Verify = fn(&dyn Bytes, &Container) -> Result<(), FormatError>;

/// The check of a format that has no checksums.
#[allow(clippy::unnecessary_wraps, reason = "a `Verify` as all others")]
pub(crate) fn no_checksums(_bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    Ok(())
}

/// Opens the file cut at every byte: `right` says whether it is right that it opens, or does not.
pub(crate) fn cut(file: &[u8], open: Open, verify: Verify, right: impl Fn(usize, bool) -> bool) {
    let container = open(&file).expect("the file is valid");
    verify(&file, &container).expect("its checksums are right");
    for end in 0..file.len() {
        let opened = opens(&file[..end], open, verify);
        assert!(right(end, opened), "cut at {end}: {:?}", open(&&file[..end]));
    }
}

/// Opens the file with each byte of `headers` set to other values, and each number of 2, 4 and 8 bytes: what
/// opens is sound, and nothing panics or hangs.
pub(crate) fn change(file: &[u8], headers: Range<usize>, open: Open, verify: Verify) {
    let mut changed = file.to_vec();
    for at in headers.start..headers.end.min(file.len()) {
        let old = file[at];
        let flipped = [0x01, 0x02, 0x10, 0x20, 0x40, 0x80, 0xFF].map(|flip| old ^ flip);
        for new in flipped
            .into_iter()
            .chain([0, 1, 0x7F, old.wrapping_add(1), old.wrapping_sub(1)])
        {
            changed[at] = new;
            opens(&changed, open, verify);
        }
        changed[at] = old;
        for width in [2, 4, 8] {
            let end = (at + width).min(file.len());
            for fill in [0, 0xFF, 0x7F, 0x80] {
                changed[at..end].fill(fill);
                opens(&changed, open, verify);
            }
            // The greatest numbers with a sign, in both byte orders, and the last but one of those without.
            for (at, value) in [(end - 1, 0x7F), (at, 0x7F), (at, 0xFE)] {
                changed[at..end].fill(0xFF);
                changed[at] = value;
                opens(&changed, open, verify);
            }
            changed[at..end].copy_from_slice(&file[at..end]);
        }
    }
}

/// Whether the file opens. Its streams must be sound, and an error must say something.
fn opens(bytes: &[u8], open: Open, verify: Verify) -> bool {
    match open(&bytes) {
        Ok(container) => {
            sound(bytes, &container);
            let _ = verify(&bytes, &container);
            true
        }
        Err(error) => {
            assert!(!error.what.is_empty());
            false
        }
    }
}

/// Checks that all streams lie in the file, that no two have one name, and that they are no more than the
/// file can hold.
fn sound(bytes: &[u8], container: &Container) {
    let mut names: Vec<_> = container.streams().map(|stream| stream.name).collect();
    let count = names.len();
    assert!(count <= 16 + 2 * bytes.len(), "{count} streams");
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two streams have one name");
    for stream in container.streams() {
        assert!(stream.extents.len() <= 16 + bytes.len());
        for extent in &stream.extents {
            if let Some(offset) = extent.offset {
                let end = offset.checked_add(extent.length);
                assert!(
                    end.is_some_and(|end| end <= bytes.len()),
                    "{} goes past the end",
                    stream.name
                );
            }
        }
    }
}
