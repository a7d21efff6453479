//! Scanning records against the loop one would write by hand.
//!
//! The records have 64 bytes of content in the mean and headers of 8 bytes with three fields. Both sides
//! collect the same: where each record and its content begin, the content's length, and a column for each
//! field.

use fragview::FrozenView;
use fragview::records::RecordLayout;

use crate::row::{Line, Row};
use crate::side::Side;

const RECORDS: u32 = 500_000;
const LAYOUT: &str = "500,000 records of 64 B";

fn file() -> Vec<u8> {
    let mut file = Vec::new();
    for index in 0..RECORDS {
        let length = 32 + index.wrapping_mul(7919) % 65;
        file.extend(length.to_le_bytes());
        file.extend(&index.to_le_bytes()[..2]);
        file.extend(1_u16.to_le_bytes());
        file.resize(file.len() + length as usize, 0);
    }
    file
}

/// What a table holds, in plain vectors.
type Columns = (Vec<i64>, Vec<i64>, Vec<i64>, Vec<u32>, Vec<u16>, Vec<u16>);

#[expect(clippy::cast_possible_wrap, reason = "a file's length fits")]
fn by_hand(file: &[u8]) -> Columns {
    let mut columns = Columns::default();
    let mut at = 0;
    while at < file.len() {
        let header: [u8; 8] = file[at..at + 8].try_into().expect("a whole header");
        let length = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        columns.0.push(at as i64);
        columns.1.push(at as i64 + 8);
        columns.2.push(i64::from(length));
        columns.3.push(length);
        columns.4.push(u16::from_le_bytes([header[4], header[5]]));
        columns.5.push(u16::from_le_bytes([header[6], header[7]]));
        at += 8 + length as usize;
        assert!(at <= file.len(), "a whole record");
    }
    columns
}

fn layout() -> RecordLayout {
    RecordLayout::new("<IHH", &["length", "kind", "flags"]).expect("a layout")
}

fn scan(view: &FrozenView<'static>) -> Side {
    let (layout, view) = (layout(), view.clone());
    assert_eq!(
        layout.scan(&view, 0..view.len()).expect("whole records").len(),
        RECORDS as usize
    );
    Side::each("fragview", move || {
        layout.scan(&view, 0..view.len()).expect("whole records")
    })
}

/// # Panics
/// Where the scan and the loop by hand differ.
pub fn rows(rows: &mut Vec<Row>) {
    let file: &'static [u8] = file().leak();
    let whole = FrozenView::from_slices([file]).expect("a view");
    let pieces = FrozenView::from_slices(file.chunks(4096)).expect("a view");
    let layout = layout();
    assert_eq!(
        layout
            .scan(&pieces, 0..pieces.len())
            .expect("whole records")
            .offsets(),
        by_hand(file).0
    );
    let hand = || Side::each("a loop by hand on a slice", move || by_hand(file));
    let slice = Side::each("fragview", move || {
        layout.scan(&file, 0..file.len()).expect("whole records")
    });
    rows.push(Row::new("scan", "scan a slice", LAYOUT, slice).at_most(1.2, hand()));
    rows.push(Row::new("scan", "scan a view of one fragment", LAYOUT, scan(&whole)).at_most(1.2, hand()));
    let mut one = scan(&whole);
    one.name = "scan of one fragment".into();
    rows.push(Row::new("scan", "scan fragments of 4 KiB", LAYOUT, scan(&pieces)).at_most(2.0, one));
}

/// Bytes a record of a table with two fields.
///
/// # Panics
/// Where the records are not whole.
#[expect(clippy::cast_precision_loss, reason = "a few bytes a record")]
pub fn memory() {
    let file = file();
    let layout = RecordLayout::new("<II", &["length", "kind"]).expect("a layout");
    let table = layout.scan(&&file[..], 0..file.len()).expect("whole records");
    let bytes = table.heap_size() as f64 / table.len() as f64;
    let line = Line {
        group: "scan",
        what: "memory of a table with two fields",
        layout: LAYOUT,
    };
    line.figure([bytes; 3], "B a record", Some(40.0), 1);
}
