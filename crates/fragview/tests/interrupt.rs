//! Long work asks whether to go on: how often, what a no leaves behind, and that a yes changes nothing.
#![forbid(unsafe_code)]

use fragview::format::{ScalarValue, Value};
use fragview::geometry::Slice;
use fragview::memory::{Builder, Frozen};
use fragview::records::{RecordLayout, RecordTable, TrimError};
use fragview::{Error, FrozenView, Interrupt, SharedView, View};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU8;

/// Some turns more than three times [`Interrupt::EVERY`].
const MANY: usize = 3 * Interrupt::EVERY + 5;

/// Every other item.
const EVEN: Slice = Slice {
    start: None,
    stop: None,
    step: 2,
};

fn table() -> RecordTable {
    let layout = RecordLayout::new("B", &["a"])
        .unwrap()
        .constant_length(1)
        .trailer(1);
    let bytes: Vec<u8> = (0..MANY)
        .flat_map(|index| [u8::from(index % 3 == 0), 7, 8])
        .collect();
    layout.scan(&bytes, ..).unwrap()
}

/// What `work` gives if the answer is always yes, and how often it asks.
fn asked<R>(work: impl FnOnce(&mut Interrupt<'_>) -> R) -> (R, usize) {
    let mut count = 0;
    let mut ask = || {
        count += 1;
        true
    };
    let result = work(&mut Interrupt::new(&mut ask));
    (result, count)
}

/// What `work` gives if the answer is no from the question `left` on; it asks no more after that.
fn ended<R>(left: usize, work: impl FnOnce(&mut Interrupt<'_>) -> R) -> R {
    let mut count = 0;
    let mut ask = || {
        count += 1;
        assert!(count <= left + 1, "asked after a no");
        count <= left
    };
    work(&mut Interrupt::new(&mut ask))
}

/// Work that gives a number.
type Work<'a> = &'a dyn Fn(&mut Interrupt<'_>) -> Result<usize, Error>;

#[test]
fn tables() {
    let table = table();
    let all: Vec<usize> = (0..table.len()).collect();
    let values = [Value::Scalar(ScalarValue::Unsigned(1))];
    let works: [(Work<'_>, usize, usize); 6] = [
        // Offsets, starts, lengths and the column.
        (&|i| Ok(table.select_with(&all, i)?.len()), 4 * 3, MANY),
        (
            &|i| Ok(table.where_with("a", &values, i)?.unwrap().len()),
            3,
            MANY.div_ceil(3),
        ),
        (&|i| Ok(table.group_by_with("a", i)?.unwrap().len()), 3, 2),
        (&|i| Ok(table.join_with(i)?.byte_len()), 3, MANY),
        (&|i| Ok(table.trailers_with(i)?.byte_len()), 3, MANY),
        (
            &|i| Ok(table.messages_with(|index| index.is_multiple_of(2), i)?.len()),
            3,
            MANY.div_ceil(2),
        ),
    ];
    for (work, least, expected) in works {
        assert_eq!(work(&mut Interrupt::never()), Ok(expected));
        let (result, count) = asked(work);
        assert_eq!(result, Ok(expected));
        assert!((least..least + 8).contains(&count), "{count} questions");
        for left in [0, 1, count - 1] {
            assert_eq!(ended(left, work), Err(Error::Interrupted));
        }
    }
    let trim = |interrupt: &mut Interrupt<'_>| table.trim_with(|_| 1, |_| 0, interrupt);
    assert_eq!(asked(trim).1, 3);
    assert_eq!(ended(1, trim).unwrap_err(), TrimError::Interrupted);
    assert_eq!(table.lengths()[MANY - 1], 1);
}

#[test]
fn short_work_does_not_ask() {
    let layout = RecordLayout::new("B", &["a"]).unwrap().constant_length(0);
    let table = layout.scan(&[0; 100], ..).unwrap();
    assert_eq!(
        asked(|interrupt| table.join_with(interrupt).unwrap().byte_len()),
        (0, 0)
    );
}

#[test]
fn tables_of_pointers() {
    let memory: Vec<AtomicU8> = (0..2 * MANY).map(|_| AtomicU8::new(0)).collect();
    let view = SharedView::from_atomics([&memory[..5], &memory[5..]]).unwrap();
    for view in [view.slice(..MANY).unwrap(), view.slice_with_step(EVEN)] {
        let make = |interrupt: &mut Interrupt<'_>| view.memory().item_table_with(view.window(), 1, interrupt);
        let (made, count) = asked(make);
        assert_eq!((made.unwrap().pointers().len(), count), (MANY, 3));
        assert_eq!(ended(2, make).unwrap_err(), Error::Interrupted);
    }
}

#[test]
fn views_with_gaps() {
    let bytes = vec![7; 2 * MANY];
    let gappy = FrozenView::from_slices([&bytes[..6], &bytes[6..]]).unwrap();
    let gappy = gappy.slice_with_step(EVEN);
    let mut builder = Builder::<Frozen<'_>>::new();
    let (pushed, count) = asked(|interrupt| builder.push_view_with(&gappy, interrupt));
    assert_eq!((pushed, builder.len(), count), (Ok(()), MANY, 3));
    // A no, and a question that panics: what was pushed before is whole, and more can follow.
    for left in 0..3 {
        let mut builder = Builder::<Frozen<'_>>::new();
        builder.push_slice(b"ab").unwrap();
        let ended = ended(left, |interrupt| builder.push_view_with(&gappy, interrupt));
        assert_eq!(ended, Err(Error::Interrupted));
        let before = builder.len();
        assert!((2..2 + MANY).contains(&before));
        let mut count = 0;
        let mut ask = || {
            count += 1;
            assert!(count <= left, "no answer");
            true
        };
        let push = || builder.push_view_with(&gappy, &mut Interrupt::new(&mut ask));
        assert!(catch_unwind(AssertUnwindSafe(push)).is_err());
        builder.push_slice(b"cd").unwrap();
        let bytes = View::from(builder.finish()).to_vec().unwrap();
        assert!(bytes.starts_with(b"ab") && bytes.ends_with(b"cd"));
        assert!(bytes[2..bytes.len() - 2].iter().all(|&byte| byte == 7));
    }
}
