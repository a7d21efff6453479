//! Arrow's arrays share the columns of a table: no copy, however often it is exported.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use fragview::format::{ScalarValue, Value};
use fragview::records::{RecordLayout, RecordTable};

/// Counts the bytes that are asked for.
struct Counting;

static ASKED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all is handed to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.fetch_add(layout.size(), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const RECORDS: usize = 100_000;

fn table() -> RecordTable {
    let layout = RecordLayout::new("<HI3sd?", &["length", "number", "text", "float", "truth"]).unwrap();
    let record = b"\x01\0\x07\0\0\0abc\0\0\0\0\0\0\xf0\x3f\x01x";
    layout.scan(&record.repeat(RECORDS), ..).unwrap()
}

/// Where the values of each column lie: of the two that tell the places, and of the fields.
fn addresses(array: &arrow_data::ArrayData) -> Vec<*const u8> {
    array
        .child_data()
        .iter()
        .map(|child| child.buffers()[0].as_ptr())
        .collect()
}

// One test: the counter is the process's.
#[test]
fn columns_are_shared() {
    let table = table();
    let before = ASKED.load(Relaxed);
    let (one, other) = (table.to_arrow().unwrap(), table.to_arrow().unwrap());
    let asked = ASKED.load(Relaxed) - before;
    let truth = 2 * RECORDS.div_ceil(8);
    println!("two exports of {RECORDS} records ask for {asked} bytes, {truth} of them for truth values");
    assert!(asked < truth + 50_000, "{asked} bytes");

    // All but the truth values, which Arrow wants as bits.
    let (first, second) = (addresses(&one), addresses(&other));
    assert_eq!(first.len(), 7);
    assert_eq!(first[..6], second[..6]);
    assert_eq!(first[0], table.starts().as_ptr().cast());
    assert_eq!(first[1], table.lengths().as_ptr().cast());
    for (address, (_, column)) in first[2..6].iter().zip(table.columns()) {
        assert_eq!(*address, column.data().as_ptr());
    }

    // A clone shares them too; a table that was cut does not change them.
    let before = ASKED.load(Relaxed);
    let clone = table.clone();
    assert!(ASKED.load(Relaxed) - before < 50_000);
    let cut = table.trim(|_| 1, |_| 0).unwrap();
    assert_eq!(cut.lengths()[0], 0);
    assert_eq!((table.lengths()[0], clone.lengths()[0]), (1, 1));
    let found = table
        .where_("number", &[Value::Scalar(ScalarValue::Signed(7))])
        .unwrap()
        .unwrap();
    assert_eq!(found.len(), RECORDS);

    // The arrays outlive the table.
    drop((table, clone, cut, found));
    let lengths = one.child_data()[1].buffer::<i64>(0);
    assert!(lengths.iter().all(|&length| length == 1));
    let numbers = other.child_data()[3].buffer::<u32>(0);
    assert!(numbers.len() == RECORDS && numbers.iter().all(|&number| number == 7));
}
