//! Every error, from what makes it, and its text.

mod support;

use std::error::Error as _;

use fragview::memory::{Builder, Shared};
use fragview::{Error, FrozenView, SharedView, View};
use support::{Page, atomics};

fn text(error: Error) -> String {
    assert!(error.source().is_none());
    error.to_string()
}

#[test]
fn building() {
    let mut builder = Builder::<Shared<'static>, Page>::new();
    let source = builder.add_source(Page::new(&[1, 2, 3], true)).unwrap();
    builder.push_hole(1).unwrap();
    let too_long = builder.push_hole(isize::MAX.cast_unsigned()).unwrap_err();
    assert_eq!(too_long, Error::TooLong);
    assert_eq!(
        text(too_long),
        format!("the fragments together are longer than {} bytes", isize::MAX)
    );
    let outside = builder.push(source, 2, 5).unwrap_err();
    assert_eq!(
        text(outside),
        "extent 0: offset 2 + length 5 is out of range for a source of 3 bytes"
    );
    let memory = builder.reserve(usize::MAX).unwrap_err();
    assert_eq!(memory, Error::OutOfMemory);
    assert_eq!(text(memory), "out of memory");
    let mut other = Builder::<Shared<'static>, Page>::new();
    let unknown = other.push(source, 0, 1).unwrap_err();
    assert_eq!(unknown, Error::NoSuchSource { index: 0 });
    assert_eq!(text(unknown), "no source has the index 0");
    // 2^32 fragments take 64 GiB, so this one is made by hand.
    assert_eq!(text(Error::TooManyFragments), "more than 4294967294 fragments");
}

#[test]
fn seeing() {
    let view = FrozenView::from_slices([&[1, 2, 3][..], &[4, 5]]).unwrap();
    assert_eq!(
        text(view.slice(2..9).unwrap_err()),
        "range 2..9 is out of range for a view of 5 items"
    );
    assert_eq!(
        text(view.cast::<u16>().unwrap_err()),
        "5 bytes are not a whole number of items of 2 bytes"
    );
    assert_eq!(
        text(view.reversed().untyped(5).unwrap_err()),
        "the view's items have gaps; only a view with step 1 can be cast"
    );
    let (one, five) = (view.untyped(1).unwrap(), view.untyped(5).unwrap());
    assert_eq!(
        text(View::concat([&one, &five]).unwrap_err()),
        "items of 5 bytes given where items of 1 bytes are needed"
    );
}

#[test]
fn writing() {
    let base = atomics(&[1, 2, 3]);
    let mut builder = Builder::<Shared<'_>>::new();
    builder.push_slice(&base).unwrap();
    builder.push_hole(2).unwrap();
    let view = SharedView::from(builder.finish());
    assert_eq!(
        text(view.set(5, 1).unwrap_err()),
        "index 5 is out of range for a view of 5 items"
    );
    let hole = view.set(4, 1).unwrap_err();
    assert_eq!(
        (hole, text(hole)),
        (
            Error::ReadOnly,
            "the view touches read-only memory or a hole".into()
        )
    );
    let writable = view.slice(..3).unwrap();
    assert_eq!(
        text(writable.copy_from_slice(&[1; 4]).unwrap_err()),
        "4 bytes given where 3 are needed"
    );
    let seam = view
        .memory()
        .item_table(view.slice(..4).unwrap().window(), 2)
        .unwrap_err();
    assert_eq!(text(seam), "item 1 lies across a seam");
}

#[test]
fn as_errors_of_files() {
    use std::io::ErrorKind;
    let all = [
        (Error::OutOfMemory, ErrorKind::OutOfMemory),
        (Error::ReadOnly, ErrorKind::PermissionDenied),
        (Error::TooLong, ErrorKind::InvalidInput),
        (Error::ForeignOwner, ErrorKind::InvalidInput),
        (
            Error::NotEnoughData {
                needed: 2,
                available: 1,
            },
            ErrorKind::UnexpectedEof,
        ),
    ];
    for (error, kind) in all {
        let file = std::io::Error::from(error);
        assert_eq!((file.kind(), file.to_string()), (kind, text(error)));
        assert_eq!(file.downcast::<Error>().ok(), Some(error));
    }
}
