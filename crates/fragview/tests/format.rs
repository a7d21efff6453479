//! Formats against Python's `struct` module: what it gave for each line of `format_oracle.tsv`.
//!
//! A line is a request and its answer, between tabs:
//!
//! - `size`: formats, each with its `struct.calcsize` or `error`;
//! - `unpack`: a format, the bytes of an item, its values;
//! - `pack`: a format, the bytes of the item or `error` or `overflow` (Python's `OverflowError`), the values;
//! - `each`: a format of one value, and values, each with what `pack` has for it;
//! - `equal`: a value, and those of all values in such lines that equal it.
//!
//! Values: `i` an integer, `f` the bits of a double, `t` true, `n` false, `b` bytes in hexadecimal. What has
//! native sizes holds where C's `long` and pointers have 64 bits and the least significant byte is first.

use fragview::format::{Format, FormatError, PackError, ScalarValue, UnpackError, Value, ValueRef};
use proptest::prelude::*;

const ORACLE: &str = include_str!("format_oracle.tsv");

/// Whether the lines with native sizes hold here.
const NATIVE: bool = cfg!(all(
    target_pointer_width = "64",
    target_endian = "little",
    not(windows)
));

/// Whether what the table says of a format holds here.
fn holds(format: &str) -> bool {
    NATIVE || format.starts_with(['<', '>', '!'])
}

/// The lines of one kind, without the kind.
fn lines(kind: &str) -> impl Iterator<Item = Vec<&str>> {
    ORACLE.lines().filter_map(move |line| {
        let (first, rest) = line.split_once('\t')?;
        (first == kind).then(|| rest.split('\t').collect())
    })
}

/// Formats with their sizes.
fn sizes() -> impl Iterator<Item = (&'static str, &'static str)> {
    lines("size").flat_map(|line| line.chunks(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>())
}

fn from_hex(text: &str) -> Vec<u8> {
    let text = if text == "-" { "" } else { text };
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn value(text: &str) -> Value {
    let rest = &text[1..];
    match &text[..1] {
        "t" => ScalarValue::Bool(true).into(),
        "n" => ScalarValue::Bool(false).into(),
        "f" => ScalarValue::Float(f64::from_bits(u64::from_str_radix(rest, 16).unwrap())).into(),
        "b" => Value::Bytes(from_hex(rest)),
        _ => rest
            .parse()
            .map_or_else(
                |_| ScalarValue::Unsigned(rest.parse().unwrap()),
                ScalarValue::Signed,
            )
            .into(),
    }
}

/// Python's type and value, floats by their bits, so that -0.0 is not 0.0.
fn written(value: &Value) -> String {
    match value {
        Value::Scalar(ScalarValue::Signed(value)) => format!("i{value}"),
        Value::Scalar(ScalarValue::Unsigned(value)) => format!("i{value}"),
        Value::Scalar(ScalarValue::Float(value)) => format!("f{:016x}", value.to_bits()),
        Value::Scalar(ScalarValue::Bool(value)) => if *value { "t" } else { "n" }.to_owned(),
        Value::Scalar(ScalarValue::Byte(value)) => format!("b{value:02x}"),
        Value::Bytes(bytes) => bytes
            .iter()
            .fold("b".to_owned(), |text, byte| format!("{text}{byte:02x}")),
    }
}

#[test]
fn sizes_are_pythons() {
    assert!(sizes().count() > 300, "the table is read");
    for (text, answer) in sizes().filter(|(text, _)| holds(text)) {
        let size = Format::parse(text).map(|format| format.item_size());
        assert_eq!(size.ok(), answer.parse().ok(), "{text:?}");
    }
}

#[test]
fn items_unpack_to_pythons_values_and_pack_again() {
    for line in lines("unpack").filter(|line| holds(line[0])) {
        let format = Format::parse(line[0]).unwrap();
        let item = from_hex(line[1]);
        let values = format.unpack(&item).unwrap();
        assert_eq!(
            values.iter().map(written).collect::<Vec<_>>(),
            line[2..],
            "{line:?}"
        );
        assert_eq!(values.len(), format.value_count(), "{line:?}");
        assert!(Format::items_equal(&format, &item, &format, &item), "{line:?}");
        let mut again = vec![0xAA; item.len()];
        format.pack(&values, &mut again).unwrap();
        assert_eq!(format.unpack(&again).unwrap(), values, "{line:?}");
    }
}

#[test]
fn values_pack_to_pythons_items() {
    for line in lines("pack").filter(|line| holds(line[0])) {
        check_pack(line[0], &line[2..], line[1]);
    }
    for line in lines("each").filter(|line| holds(line[0])) {
        for pair in line[1..].chunks(2) {
            check_pack(line[0], &pair[..1], pair[1]);
        }
    }
}

fn check_pack(text: &str, values: &[&str], answer: &str) {
    let format = Format::parse(text).unwrap();
    let values: Vec<_> = values.iter().map(|text| value(text)).collect();
    let mut item = vec![0xAA; format.item_size()];
    let result = format.pack(&values, &mut item);
    let context = format!("{text:?} {values:?}: {result:?} {item:x?}");
    match answer {
        "overflow" => assert!(
            matches!(result, Err(PackError::FloatTooLarge { .. })),
            "{context}"
        ),
        // Python has another error for an integer that is too large for a float.
        "error" => assert!(
            match result {
                Err(PackError::FloatTooLarge { .. }) =>
                    !matches!(values[0], Value::Scalar(ScalarValue::Float(_))),
                other => other.is_err(),
            },
            "{context}"
        ),
        bytes => assert!(result.is_ok() && item == from_hex(bytes), "{context}"),
    }
    assert!(
        result.is_ok() || item.iter().all(|&byte| byte == 0xAA),
        "changed in spite of the error: {context}"
    );
}

#[test]
fn values_equal_what_they_equal_in_python() {
    let all: Vec<_> = lines("equal").map(|line| line[0]).collect();
    for line in lines("equal") {
        for other in &all {
            let equal = value(line[0]).equals(&value(other));
            assert_eq!(equal, line[1..].contains(other), "{} == {other}", line[0]);
        }
    }
}

#[test]
fn texts_are_kept_as_given() {
    for (text, _) in sizes() {
        if let Ok(format) = Format::parse(text) {
            assert_eq!((format.text(), format.clone().text()), (text, text));
            assert!(!format.is_opaque());
        }
    }
}

#[test]
fn only_single_native_codes_can_be_cast_to() {
    for code in b"cbB?hHiIlLqQnNefdP" {
        let code_text = char::from(*code).to_string();
        for prefix in ["", "@"] {
            let format = Format::parse(&format!("{prefix}{code_text}")).unwrap();
            assert_eq!(format.native_code(), Some(*code));
            assert_eq!(format.is_byte(), b"bBc".contains(code));
            assert_eq!(
                format.scalar().map(|scalar| (scalar.code(), scalar.native())),
                Some((*code, true))
            );
        }
        for text in [
            format!("={code_text}"),
            format!("1{code_text}"),
            format!("{code_text} "),
        ] {
            let format = Format::parse(&text);
            assert_eq!(
                format.ok().and_then(|format| format.native_code()),
                None,
                "{text}"
            );
        }
    }
    for text in ["", "@", "x", "s", "p", "@s", "BB"] {
        assert_eq!(Format::parse(text).unwrap().native_code(), None, "{text}");
    }
}

#[test]
fn a_native_float_overflows_in_silence_as_a_c_cast_does() {
    let large = ScalarValue::Float(-1e300);
    let mut item = [0; 4];
    Format::parse("@f")
        .unwrap()
        .scalar()
        .unwrap()
        .pack(large, &mut item)
        .unwrap();
    assert_eq!(f32::from_ne_bytes(item).to_bits(), f32::NEG_INFINITY.to_bits());
    let error = Format::parse("=f")
        .unwrap()
        .scalar()
        .unwrap()
        .pack(large, &mut item);
    assert_eq!(error, Err(PackError::FloatTooLarge { code: 'f' }));
    let error = Format::parse("e")
        .unwrap()
        .scalar()
        .unwrap()
        .pack(large, &mut item[..2]);
    assert_eq!(error, Err(PackError::FloatTooLarge { code: 'e' }));
}

#[test]
fn opaque_items_are_never_read_nor_equal() {
    let format = Format::opaque("T{<i:a:}", 4);
    assert_eq!(
        (format.text(), format.item_size(), format.value_count()),
        ("T{<i:a:}", 4, 0)
    );
    assert_eq!((format.scalar(), format.native_code()), (None, None));
    assert_eq!(format.unpack(&[0; 4]), Err(UnpackError::Opaque));
    assert_eq!(format.pack(&[], &mut [0; 4]), Err(PackError::Opaque));
    assert!(!Format::items_equal(&format, &[0; 4], &format, &[0; 4]));
}

#[test]
fn items_of_a_wrong_size_are_refused() {
    let format = Format::parse("<IHH").unwrap();
    assert_eq!(
        format.unpack(&[0; 7]),
        Err(UnpackError::WrongSize {
            expected: 8,
            actual: 7
        })
    );
    let values = vec![Value::from(ScalarValue::Signed(0)); 3];
    assert_eq!(
        format.pack(&values, &mut [0; 9]),
        Err(PackError::WrongSize {
            expected: 8,
            actual: 9
        })
    );
    assert_eq!(
        format.pack(&values[1..], &mut [0; 8]),
        Err(PackError::WrongCount {
            expected: 3,
            actual: 2
        })
    );
    assert!(!Format::items_equal(&format, &[0; 7], &format, &[0; 7]));
}

#[test]
fn items_compare_by_their_values() {
    let equal = |left: &str, a: &[u8], right: &str, b: &[u8]| {
        Format::items_equal(
            &Format::parse(left).unwrap(),
            a,
            &Format::parse(right).unwrap(),
            b,
        )
    };
    assert!(equal("<HB", &[1, 0, 2], ">BxH", &[1, 9, 0, 2]));
    assert!(equal("?", &[2], "?", &[1]) && equal("?", &[2], "B", &[1]));
    assert!(equal("c", b"a", "s", b"a") && equal("3p", b"\x01ab", "c", b"a"));
    assert!(!equal("c", b"a", "B", b"a") && !equal("2B", &[1, 1], "B", &[1]));
    assert!(equal("2x", &[1, 2], "0i", &[]), "no values equal no values");
    let nan = f32::NAN.to_le_bytes();
    assert!(!equal("<f", &nan, "<f", &nan));
}

#[test]
fn huge_counts_cost_nothing_before_they_are_used() {
    let format = Format::parse("1000000000B q").unwrap();
    assert_eq!(
        (format.value_count(), format.fields().len()),
        (1_000_000_001, 1_000_000_001)
    );
    assert!(format.fields().take(3).map(|field| field.offset).eq([0, 1, 2]));
    assert_eq!(
        Format::parse("9999999999999999999999B").unwrap_err(),
        FormatError::TooLarge
    );
}

fn any_scalar() -> impl Strategy<Value = ScalarValue> {
    prop_oneof![
        any::<i64>().prop_map(ScalarValue::Signed),
        any::<u64>().prop_map(ScalarValue::Unsigned),
        (-300_i64..300).prop_map(ScalarValue::Signed),
        any::<f64>().prop_map(ScalarValue::Float),
        any::<bool>().prop_map(ScalarValue::Bool),
        any::<u8>().prop_map(ScalarValue::Byte),
    ]
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(text in "\\PC*|[@=<>!]?([0-9]{0,20}[ xcbB?hHiIlLqQnNefdspP]){0,8}") {
        if let Ok(format) = Format::parse(&text) {
            prop_assert_eq!(format.text(), &text);
            prop_assert!(format.item_size() <= isize::MAX.unsigned_abs());
            let mut end = 0;
            for field in format.fields().take(1000) {
                prop_assert!(field.offset >= end);
                end = field.offset + field.kind.size();
            }
            prop_assert!(end <= format.item_size());
        }
    }

    #[test]
    fn what_is_packed_is_unpacked(
        text in "[@=<>!]?([0-3]?[xcbB?hHiIlLqQefdsp]){1,6}",
        bytes in prop::collection::vec(any::<u8>(), 200),
    ) {
        let format = Format::parse(&text).unwrap();
        let item = &bytes[..format.item_size()];
        let values = format.unpack(item).unwrap();
        let borrowed: Vec<_> = format.values(item).unwrap().map(ValueRef::to_value).collect();
        prop_assert!(borrowed.iter().map(written).eq(values.iter().map(written)));
        let mut again = vec![0xAA; item.len()];
        format.pack(&values, &mut again).unwrap();
        let is_nan = |value: &Value| !value.equals(value);
        prop_assert_eq!(Format::items_equal(&format, item, &format, &again), !values.iter().any(is_nan));
        for (value, again) in values.iter().zip(format.unpack(&again).unwrap()) {
            prop_assert!(value.equals(&again) || is_nan(value) && is_nan(&again));
        }
    }

    #[test]
    fn a_scalar_keeps_a_value_or_refuses_it(text in "[@=<>!]?[cbB?hHiIlLqQefd]", value in any_scalar()) {
        let scalar = Format::parse(&text).unwrap().scalar().unwrap();
        let mut item = vec![0xAA; scalar.size()];
        match scalar.pack(value, &mut item) {
            Ok(()) if scalar.is_integer() || scalar.code() == b'c' => {
                prop_assert!(scalar.unpack(&item).equals(value));
            }
            Ok(()) => {}
            Err(_) => prop_assert!(item.iter().all(|&byte| byte == 0xAA)),
        }
        let run = [&*item, &*item, &[0][..scalar.size().min(2) - 1]].concat();
        let written_item = written(&scalar.unpack(&item).into());
        let all: Vec<_> = scalar.unpack_run(&run).map(|value| written(&value.into())).collect();
        prop_assert_eq!(all, vec![written_item.clone(), written_item]);
    }

    #[test]
    fn equality_is_symmetric_and_exact(left in any_scalar(), right in any_scalar()) {
        prop_assert_eq!(left.equals(right), right.equals(left));
        if let (ScalarValue::Signed(integer), ScalarValue::Float(float)) = (left, right) {
            // The decimal text of a double is exact; adding 0.0 drops the sign of -0.0.
            let exact = float.fract() == 0.0 && format!("{:.0}", float + 0.0) == integer.to_string();
            prop_assert_eq!(left.equals(right), exact);
        }
    }
}
