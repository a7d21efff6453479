//! What a layout expects of headers, lengths of odd sizes, and fields written in place, for Rust users.

use fragview::Error;
use fragview::format::{ScalarValue, Value};
use fragview::records::{LayoutError, PackIntoError, RecordFault, RecordLayout};

fn number(value: u64) -> Value {
    ScalarValue::Unsigned(value).into()
}

#[test]
fn the_first_header_that_is_not_as_expected_ends_the_scan() {
    let layout = RecordLayout::new("<2sB", &["magic", "length"]).unwrap();
    let layout = layout.expect("magic", b"RH").unwrap();
    let (table, error) = layout.scan_some(b"RH\x01aXX\x01b", ..);
    let error = error.unwrap();
    assert_eq!((table.len(), error.offset, error.index), (1, 4, 1));
    let RecordFault::Unexpected(unexpected) = error.fault else {
        panic!("another fault");
    };
    assert_eq!(
        (
            unexpected.field.as_str(),
            unexpected.found.as_str(),
            unexpected.expected.as_str()
        ),
        ("magic", "b'XX'", "b'RH'")
    );
    assert!(matches!(
        layout.expect("magi", b"RH"),
        Err(LayoutError::NoSuchField { .. })
    ));
}

#[test]
fn a_number_in_three_bytes() {
    for (text, header) in [(">3sB", [0, 0, 2, 7]), ("<3sB", [2, 0, 0, 7])] {
        let layout = RecordLayout::new(text, &["length", "kind"]).unwrap();
        let mut file = header.to_vec();
        file.extend(b"ab");
        let table = layout.scan(&file, ..).unwrap();
        assert_eq!(table.get(0).unwrap().number("length"), Some(2));
        assert_eq!(table.where_("length", &[number(2)]).unwrap().unwrap().len(), 1);
        layout
            .pack_header(&mut file, &[("length", number(0x0001_0203))])
            .unwrap();
        let expected = if text.starts_with('>') {
            [1, 2, 3]
        } else {
            [3, 2, 1]
        };
        assert_eq!(file[..3], expected);
        let too_large = layout.pack_header(&mut file, &[("length", number(1 << 24))]);
        assert!(matches!(
            too_large,
            Err(PackIntoError::Layout(LayoutError::ValueDoesNotFit { .. }))
        ));
        assert_eq!(file[..3], expected);
    }
}

#[test]
fn a_header_that_is_cut_off_is_not_written() {
    let layout = RecordLayout::new(">HB", &["length", "flags"]).unwrap();
    let mut short = [1, 2];
    let result = layout.pack_header(&mut short, &[("length", number(0))]);
    assert!(matches!(
        result,
        Err(PackIntoError::View(Error::RangeOutOfRange { .. }))
    ));
    assert_eq!(short, [1, 2]);
}

#[test]
fn parts_of_records_survive_a_trim() {
    let layout = RecordLayout::new("B", &["length"]).unwrap().trailer(2);
    let table = layout.scan(b"..\x03abc!!\x01d??", 2..).unwrap();
    let trimmed = table.trim(|_| 1, |_| 0).unwrap().select(&[1]).unwrap();
    let record = trimmed.get(0).unwrap();
    assert_eq!((record.offset(), record.end(), record.index()), (8, 12, 0));
    assert_eq!((record.header().offset, record.header().length), (Some(8), 1));
    assert_eq!((record.trailer().offset, record.trailer().length), (Some(10), 2));
    assert_eq!(table.trailers().unwrap().byte_len(), 4);
    assert_eq!((table.end(), table.select(&[]).unwrap().end()), (12, 2));
}
