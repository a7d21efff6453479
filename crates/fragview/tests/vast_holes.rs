//! Holes on both sides take no time to compare, however vast they are: a test that looked at each byte would
//! not end.

use fragview::format::Format;
use fragview::geometry::Slice;
use fragview::memory::{Builder, Frozen};
use fragview::{FrozenView, ItemComparison, equal_items};

const VAST: usize = 1 << 60;

/// A hole between two slices.
fn holed(head: &'static [u8], hole: usize, tail: &'static [u8]) -> FrozenView<'static> {
    let mut builder = Builder::<Frozen<'static>>::new();
    builder.push_slice(head).unwrap();
    builder.push_hole(hole).unwrap();
    builder.push_slice(tail).unwrap();
    FrozenView::from(builder.finish())
}

fn stepped(view: &FrozenView<'static>, step: isize) -> FrozenView<'static> {
    view.slice_with_step(Slice {
        start: None,
        stop: None,
        step,
    })
}

#[test]
fn bytes() {
    let (left, same) = (holed(b"head", VAST, b"tail"), holed(b"head", VAST, b"tail"));
    assert!(left == same);
    assert!(left != holed(b"head", VAST, b"tall"));
    assert!(left < holed(b"head", VAST, b"tall"));
    assert!(left < holed(b"head", VAST, b"tails"));
    assert!(left != holed(b"heap", VAST, b"tail"));
    // The holes need not lie alike.
    assert!(holed(b"head\0\0", VAST - 2, b"tail") == left);
    assert!(holed(b"head\0\x01", VAST - 2, b"tail") > left);
    assert!(holed(b"head", VAST - 3, b"\0\0\0tail") == left);
}

#[test]
fn steps_and_widths() {
    let (left, same) = (holed(b"head", VAST, b"tail"), holed(b"head", VAST, b"tail"));
    for step in [2, 3, -1, -5] {
        assert!(stepped(&left, step) == stepped(&same, step), "{step}");
        assert!(
            stepped(&left, step) != stepped(&holed(b"xead", VAST, b"taix"), step),
            "{step}"
        );
    }
    // With gaps on one side: every second byte of the one is the other.
    assert!(stepped(&holed(b"h-e-a-d-", 2 * VAST, b"t-a-i-l-"), 2) == left);
    assert!(left != stepped(&holed(b"h-e-a-d-", 2 * VAST, b"t-a-i-x-"), 2));
}

#[test]
fn items_of_formats() {
    let format = |text: &str| Format::parse(text).unwrap();
    let zeros = |bytes: usize| holed(b"", bytes, b"");
    for (left, right, equal) in [
        ("d", "d", true),
        ("<d", "q", true),
        ("?", "I", true),
        ("B", "c", false),
        ("<HH", ">HH", true),
    ] {
        let (left, right) = (format(left), format(right));
        let (one, other) = (
            zeros((VAST >> 4) * left.item_size()),
            zeros((VAST >> 4) * right.item_size()),
        );
        assert_eq!(equal_items(&one, &left, &other, &right), Ok(equal));
    }
    // An opaque format equals nothing, zeros included.
    let opaque = Format::opaque("?!", 4);
    assert_eq!(
        equal_items(&zeros(VAST), &opaque, &zeros(VAST), &opaque),
        Ok(false)
    );
    // A number behind the hole counts.
    let (left, right) = (holed(b"", VAST, &[0, 0, 0, 1]), holed(b"", VAST, &[0, 0, 0, 2]));
    assert_eq!(
        equal_items(&left, &format(">I"), &right, &format(">I")),
        Ok(false)
    );
    assert_eq!(equal_items(&left, &format(">I"), &left, &format("<I")), Ok(false));
}

/// Rows with gaps between them, of several items each.
#[test]
fn rows_with_gaps() {
    let rows = |tail: &'static [u8]| {
        let rows = holed(b"\0\0\0\x01\0\0\0\0", 1 << 58, tail).untyped(8).unwrap();
        rows.slice_with_step(Slice {
            start: None,
            stop: None,
            step: 2,
        })
    };
    let (number, float) = (Format::parse(">I").unwrap(), Format::parse(">f").unwrap());
    let tail = &[0; 8];
    assert_eq!(equal_items(&rows(tail), &number, &rows(tail), &number), Ok(true));
    assert_eq!(equal_items(&rows(tail), &number, &rows(tail), &float), Ok(false));
    let other = &[
        0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3,
    ];
    assert_eq!(
        equal_items(&rows(other), &number, &rows(tail), &number),
        Ok(false)
    );
}

/// In steps the answer is the same, whatever the steps' size, and each makes progress.
#[test]
fn in_steps() {
    let bytes: &[u8] = &[7; 300];
    let views = [
        FrozenView::from_slices([&bytes[..100], &bytes[100..]]).unwrap(),
        FrozenView::from_slices([&bytes[..1], &bytes[1..]]).unwrap(),
    ];
    let mut different = bytes.to_vec();
    different[299] = 8;
    let different = FrozenView::from_slices([&different[..]]).unwrap();
    for (left, right, equal) in [(&views[0], &views[1], true), (&views[0], &different, false)] {
        for formats in [("B", "B"), ("<H", ">H"), ("3s", "3s"), ("b", "B")] {
            let (one, other) = (
                Format::parse(formats.0).unwrap(),
                Format::parse(formats.1).unwrap(),
            );
            for step in [0, 1, 64, 1000, usize::MAX] {
                let mut comparison = ItemComparison::new(left, &one, right, &other);
                let mut steps = 0;
                let found = loop {
                    steps += 1;
                    match comparison.equal_within(step).unwrap() {
                        Some(found) => break found,
                        None => assert!(steps <= 300),
                    }
                };
                assert_eq!(found, equal, "{formats:?} {step}");
            }
        }
    }
    let fragments = (0..100_000).map(|_| &bytes[..3]);
    let (left, right) = (
        FrozenView::from_slices(fragments.clone()).unwrap(),
        FrozenView::from_slices(fragments).unwrap(),
    );
    let mut comparison = ItemComparison::new(&left, &Format::BYTE, &right, &Format::BYTE);
    assert_eq!(comparison.equal_within(1), Ok(None));
    assert_eq!(comparison.equal_within(usize::MAX), Ok(Some(true)));
}
