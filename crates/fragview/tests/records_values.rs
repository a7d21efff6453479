//! Values of fields: which records have one, by Python's `==`, and which layouts there are not.

use std::collections::BTreeSet;

use fragview::format::ScalarValue::{Bool, Byte, Float, Signed, Unsigned};
use fragview::format::{ScalarValue, Value, ValueRef};
use fragview::formats::Options;
use fragview::records::{FieldValue, LayoutError, RecordLayout, RecordTable};

/// Values at the limits of all types, and between them.
fn scalars() -> Vec<ScalarValue> {
    let two_to = |power| 2.0_f64.powi(power);
    let mut all = vec![
        Bool(false),
        Bool(true),
        Byte(0),
        Byte(1),
        Unsigned(u64::MAX),
        Unsigned(1 << 63),
    ];
    for number in [
        0,
        1,
        2,
        -1,
        127,
        128,
        -128,
        255,
        256,
        1 << 24,
        1 << 53,
        (1 << 53) + 1,
    ] {
        all.push(Signed(number));
    }
    all.extend([Signed(i64::MAX), Signed(i64::MIN)]);
    for number in [
        0.0,
        -0.0,
        1.0,
        -1.0,
        0.5,
        0.1,
        f64::from(0.1_f32),
        255.0,
        1e39,
        f64::NAN,
        f64::INFINITY,
    ] {
        all.push(Float(number));
    }
    all.extend([two_to(24), two_to(53), two_to(63), two_to(64), -two_to(63)].map(Float));
    all
}

/// One record for each bit pattern: what any of these values is in the field, and its neighbours.
fn table_of(code: &str) -> RecordTable {
    let layout = RecordLayout::new(&format!("<B{code}"), &["length", "value"]).unwrap();
    let width = layout.header_size() - 1;
    let mut file = Vec::new();
    for value in scalars() {
        let bits = match value {
            Signed(number) => number.cast_unsigned(),
            Unsigned(number) => number,
            Bool(truth) => truth.into(),
            Byte(byte) => byte.into(),
            #[expect(clippy::cast_possible_truncation, reason = "that is what is tested")]
            Float(number) if width == 4 => (number as f32).to_bits().into(),
            Float(number) => number.to_bits(),
        };
        file.push(0);
        file.extend_from_slice(&bits.to_le_bytes()[..width]);
    }
    layout.scan(&file[..], 0..file.len()).unwrap()
}

fn reference<'v>(value: &'v FieldValue<'v>) -> ValueRef<'v> {
    match value {
        FieldValue::Scalar(value) => ValueRef::Scalar(*value),
        FieldValue::Bytes(bytes) => ValueRef::Bytes(bytes),
    }
}

#[test]
fn values_are_found_where_they_are_equal() {
    for code in ["b", "B", "h", "H", "i", "I", "q", "Q", "e", "f", "d", "?", "c"] {
        let table = table_of(code);
        for scalar in scalars() {
            let value = Value::Scalar(scalar);
            let equal = |index: &usize| {
                let found = table.get(*index).unwrap().field("value").unwrap();
                reference(&found).equals(value.as_value_ref())
            };
            let wanted: Vec<usize> = (0..table.len()).filter(equal).collect();
            let found = table
                .where_("value", std::slice::from_ref(&value))
                .unwrap()
                .unwrap();
            let wanted: Vec<i64> = wanted.iter().map(|&index| table.offsets()[index]).collect();
            assert_eq!(found.offsets(), wanted, "{code}: {scalar:?}");
        }
    }
}

#[test]
fn groups_have_each_record_once() {
    for code in ["B", "i", "d", "?", "c"] {
        let table = table_of(code);
        let groups = table.group_by("value").unwrap().unwrap();
        let mut seen = BTreeSet::new();
        for (value, indices) in &groups {
            assert!(seen.insert(value));
            assert!(indices.is_sorted());
        }
        let mut all: Vec<usize> = groups.iter().flat_map(|(_, indices)| indices.clone()).collect();
        all.sort_unstable();
        assert_eq!(all, (0..table.len()).collect::<Vec<_>>());
        let firsts: Vec<usize> = groups.iter().map(|(_, indices)| indices[0]).collect();
        assert!(firsts.is_sorted(), "by first appearance");
    }
}

#[test]
fn last_records_compare_by_value() {
    let layout = |value: ScalarValue| {
        let layout = RecordLayout::new("<BI", &["length", "kind"]).unwrap();
        layout.until_value("kind", &value.into())
    };
    let file = [0, 7, 0, 0, 0, 0, 9, 0, 0, 0, 1, 1];
    for value in [Signed(7), Unsigned(7), Float(7.0)] {
        assert_eq!(layout(value).unwrap().scan(&file[..], 0..12).unwrap().len(), 1);
    }
    for value in [
        Float(7.5),
        Float(f64::NAN),
        Float(-1.0),
        Float(4_294_967_296.0),
        Byte(7),
    ] {
        let name = String::from("kind");
        assert_eq!(layout(value).unwrap_err(), LayoutError::ValueDoesNotFit { name });
    }
}

#[test]
fn layouts_that_are_none_say_why() {
    let layout = || RecordLayout::new("<HH", &["length", "kind"]).unwrap();
    let text = |error: LayoutError| error.to_string();
    assert_eq!(
        text(layout().align(0).unwrap_err()),
        "align must be 1 or more, not 0"
    );
    assert_eq!(
        text(layout().block(2).unwrap_err()),
        "block must be at least the header's 4 bytes, not 2"
    );
    assert!(layout().block(4).is_ok());
    let byte = RecordLayout::new("B", &["length"]).unwrap();
    assert_eq!(
        text(byte.block(0).unwrap_err()),
        "block must be at least the header's 1 byte, not 0"
    );
    let named = |names: &[&str]| text(RecordLayout::new("<HH", names).unwrap_err());
    assert_eq!(named(&["a"]), "the header has 2 values, 1 is named");
    assert_eq!(named(&["a", "b", "c"]), "the header has 2 values, 3 are named");
    assert_eq!(
        text(RecordLayout::new("H", &[]).unwrap_err()),
        "the header has 1 value, 0 are named"
    );
}

#[test]
fn formats_that_are_none_say_which_there_are() {
    let text = |bytes: &[u8], name| {
        fragview::formats::open(
            &bytes,
            name,
            Options {
                verify: false,
                ..Options::default()
            },
        )
        .unwrap_err()
        .what
    };
    let unknown = text(b"no\xffthing", None);
    assert!(
        unknown.starts_with(
            "unknown format: the file begins with b'no\\xffthing'; the formats are 'png', 'gif', "
        )
    );
    assert!(unknown.ends_with("; a RecordLayout describes records of other files"));
    assert!(text(b"", None).starts_with("unknown format: the file is empty"));
    assert!(text(b"", Some("PNG")).starts_with("no format is named 'PNG'; there are 'png', 'gif', "));
}
