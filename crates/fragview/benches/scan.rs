//! Scanning records against the loop one would write by hand, A B A B in one run; a line of JSON a row.
//!
//! The records have 64 bytes of content in the mean and headers of 8 bytes with three fields. Both sides collect the
//! same: where each record and its content begin, the content's length, and a column for each field.

use std::hint::black_box;
use std::time::{Duration, Instant};

use fragview::FrozenView;
use fragview::records::RecordLayout;

const RECORDS: u32 = 500_000;
const ROUNDS: usize = 41;

fn file() -> Vec<u8> {
    let mut file = Vec::new();
    for index in 0..RECORDS {
        let length = 32 + index.wrapping_mul(7919) % 65;
        file.extend(length.to_le_bytes());
        file.extend(index.to_le_bytes()[..2].iter());
        file.extend(1_u16.to_le_bytes());
        file.resize(file.len() + length as usize, 0);
    }
    file
}

#[expect(clippy::cast_possible_wrap, reason = "a file of a few megabytes")]
const fn signed(number: usize) -> i64 {
    number as i64
}

/// What a table holds, in plain vectors.
type Columns = (Vec<i64>, Vec<i64>, Vec<i64>, Vec<u32>, Vec<u16>, Vec<u16>);

fn by_hand(file: &[u8]) -> Columns {
    let mut columns = Columns::default();
    let mut at = 0;
    while at < file.len() {
        let header: [u8; 8] = file[at..at + 8].try_into().expect("a whole header");
        let length = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
        columns.0.push(signed(at));
        columns.1.push(signed(at) + 8);
        columns.2.push(i64::from(length));
        columns.3.push(length);
        columns.4.push(u16::from_le_bytes([header[4], header[5]]));
        columns.5.push(u16::from_le_bytes([header[6], header[7]]));
        at += 8 + length as usize;
        assert!(at <= file.len(), "a whole record");
    }
    columns
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// Median, lower and upper quartile of `one / other`, and the medians in nanoseconds a record.
fn compare(
    row: &str,
    against: &str,
    bar: f64,
    mut one: impl FnMut() -> Duration,
    mut other: impl FnMut() -> Duration,
) {
    let mut ratios = Vec::new();
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (a, b) = (one().as_secs_f64(), other().as_secs_f64());
        ratios.push(a / b);
        ones.push(a * 1e9 / f64::from(RECORDS));
        others.push(b * 1e9 / f64::from(RECORDS));
    }
    for numbers in [&mut ratios, &mut ones, &mut others] {
        numbers.sort_by(f64::total_cmp);
    }
    let quartile = |part: usize| ratios[ROUNDS * part / 4];
    println!(
        "{{\"row\": \"{row}\", \"against\": \"{against}\", \"bar\": {bar}, \"ratio\": {:.3}, \"low\": {:.3}, \"high\": \
         {:.3}, \"ours\": \"{:.1} ns a record\", \"theirs\": \"{:.1} ns a record\"}}",
        quartile(2),
        quartile(1),
        quartile(3),
        ones[ROUNDS / 2],
        others[ROUNDS / 2]
    );
}

fn main() {
    let file = file();
    let layout = RecordLayout::new("<IHH", &["length", "kind", "flags"]).expect("a layout");
    let whole = FrozenView::from_slices([&file[..]]).expect("a view");
    let pieces = FrozenView::from_slices(file.chunks(4096)).expect("a view");
    let scan = |view: &FrozenView<'_>| layout.scan(view, 0..view.len()).expect("whole records");
    assert_eq!(scan(&whole).offsets(), by_hand(&file).0);
    assert_eq!(scan(&pieces).offsets(), by_hand(&file).0);
    let hand = "a loop by hand over a slice";
    compare(
        "scan a slice",
        hand,
        1.2,
        || time(|| layout.scan(&&file[..], 0..file.len())),
        || time(|| by_hand(&file)),
    );
    compare(
        "scan a view of one fragment",
        hand,
        1.2,
        || time(|| scan(&whole)),
        || time(|| by_hand(&file)),
    );
    compare(
        "scan fragments of 4 KiB",
        "scan of one fragment",
        2.0,
        || time(|| scan(&pieces)),
        || time(|| scan(&whole)),
    );
    let two = RecordLayout::new("<II", &["length", "kind"]).expect("a layout");
    let table = two.scan(&&file[..], 0..file.len()).expect("whole records");
    #[expect(clippy::cast_precision_loss, reason = "a few bytes a record")]
    let bytes = table.heap_size() as f64 / table.len() as f64;
    println!(
        "{{\"row\": \"memory of a table with two fields\", \"against\": \"bytes a record\", \"bar\": 40, \"ratio\": \
         {bytes:.1}, \"low\": {bytes:.1}, \"high\": {bytes:.1}, \"ours\": \"{} records\", \"theirs\": \"\"}}",
        table.len()
    );
}
