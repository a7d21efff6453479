//! Workbooks, real ones and made ones.

#![allow(clippy::cast_possible_truncation, reason = "the files are small")]

use crate::broken::no_checksums;
use crate::compound_files::Builder;
use crate::corpus::Names;
use fragview::formats::{Options, biff8, ole};

const SST: &str = "SST (record payload joined with its CONTINUE payloads)";

fn record(kind: u16, payload: &[u8]) -> Vec<u8> {
    [
        &kind.to_le_bytes(),
        &(payload.len() as u16).to_le_bytes(),
        payload,
    ]
    .concat()
}

fn bof(version: u16, kind: u16) -> Vec<u8> {
    let mut payload = [0; 16];
    payload[..2].copy_from_slice(&version.to_le_bytes());
    payload[2..4].copy_from_slice(&kind.to_le_bytes());
    record(0x0809, &payload)
}

fn file(name: &str, stream: Vec<u8>, reverse: bool) -> Vec<u8> {
    let mut builder = Builder::new(3);
    builder.reverse = reverse;
    let stream = builder.stream(name, stream);
    let other = builder.stream("\u{5}SummaryInformation", vec![7; 200]);
    builder.child(0, stream);
    builder.right(stream, other);
    builder.build()
}

fn refused(file: &[u8], what: &str) {
    let error = biff8::open(&file, Options::default()).expect_err(what);
    assert!(error.what.contains(what), "{error}, not {what}");
    assert!(error.offset <= file.len(), "{error}");
}

#[test]
fn real_files() {
    crate::corpus::check("xls_biff8", "biff8", Names::Own);
}

#[test]
fn a_view_in_a_view() {
    let parts: Vec<Vec<u8>> = [8224, 8224, 0, 100]
        .iter()
        .enumerate()
        .map(|(i, &n)| vec![i as u8 + 1; n])
        .collect();
    let mut stream = bof(0x0600, 5);
    stream.extend(record(0x00EB, &[9; 50]));
    // A CONTINUE of another record is no part of the strings.
    stream.extend(record(0x003C, &[9; 50]));
    stream.extend(record(0x00FC, &parts[0]));
    for part in &parts[1..] {
        stream.extend(record(0x003C, part));
    }
    stream.extend(record(0x00FF, &[8; 10]));
    stream.extend(record(0x003C, &[9; 10]));
    stream.extend(record(0x000A, &[]));
    // The sheets and the padding are not scanned.
    stream.extend(bof(0x0600, 0x10));
    stream.extend([0xFF; 1000]);
    for name in ["Workbook", "WORKBOOK", "workbook", "Book"] {
        for reverse in [false, true] {
            let file = file(name, stream.clone(), reverse);
            let container = biff8::open(&&file[..], Options::default()).unwrap();
            assert_eq!(container.format, "biff8");
            let workbook = format!("{name} (OLE stream)");
            let names: Vec<_> = container.streams().map(|stream| stream.name).collect();
            assert_eq!(names, [name, "SummaryInformation", &workbook, SST]);
            assert!(container.contains("\u{5}SummaryInformation"));
            let strings = &container.stream(SST).unwrap().extents;
            assert_eq!(crate::corpus::gather(&&file[..], strings), parts.concat());
            assert_eq!(
                crate::corpus::gather(&&file[..], &container.stream(&workbook).unwrap().extents),
                stream
            );
        }
    }
}

#[test]
fn without_strings() {
    let stream = [bof(0x0600, 5), record(0x000A, &[])].concat();
    let file = file("Workbook", stream, false);
    let container = biff8::open(&&file[..], Options::default()).unwrap();
    assert!(container.stream(SST).is_none());
    assert_eq!(container.len(), 3);
}

#[test]
fn refusals() {
    let end = record(0x000A, &[]);
    let with = |stream: &[&[u8]]| file("Workbook", stream.concat(), false);
    refused(
        &with(&[&bof(0x0600, 5), &record(0x002F, &[0; 54]), &end]),
        "encrypted",
    );
    refused(&with(&[&bof(0x0500, 5), &end]), "older");
    refused(&with(&[&record(0x0409, &[0; 6]), &end]), "older");
    refused(&with(&[&bof(0x0600, 0x10), &end]), "not the workbook's");
    refused(&with(&[&end]), "BOF");
    refused(&with(&[]), "BOF");
    refused(&with(&[&bof(0x0600, 5)]), "no end");
    refused(&with(&[&bof(0x0600, 5), &[0xFC, 0]]), "cut off");
    refused(&with(&[&bof(0x0600, 5), &[0xFC, 0, 9, 0, 1]]), "cut off");
    let strings = record(0x00FC, &[0; 8]);
    refused(&with(&[&bof(0x0600, 5), &strings, &strings, &end]), "two tables");
    refused(&file("Other", vec![1; 100], false), "no workbook");
    // As a compound file each of them opens.
    let encrypted = with(&[&bof(0x0600, 5), &record(0x002F, &[0; 54]), &end]);
    assert_eq!(ole::open(&&encrypted[..], Options::default()).unwrap().len(), 2);
}

#[test]
fn a_workbook_in_a_storage_does_not_count() {
    let mut builder = Builder::new(3);
    let storage = builder.storage("MBD0001");
    let stream = builder.stream("Workbook", [bof(0x0600, 5), record(0x000A, &[])].concat());
    builder.child(0, storage);
    builder.child(storage, stream);
    refused(&builder.build(), "no workbook");
}

#[test]
fn mutations() {
    let mut stream = bof(0x0600, 5);
    stream.extend(record(0x00FC, &[1; 300]));
    stream.extend(record(0x003C, &[2; 100]));
    stream.extend(record(0x000A, &[]));
    let file = file("Workbook", stream, false);
    let mini_stream = 512 * 4;
    crate::broken::cut(
        &file,
        |bytes| biff8::open(bytes, Options::default()),
        no_checksums,
        |_, _| true,
    );
    crate::broken::change(
        &file,
        512 * 2..mini_stream + 512,
        |bytes| biff8::open(bytes, Options::default()),
        no_checksums,
    );
}
