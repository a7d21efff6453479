//! Compound files, real ones and made ones.

#![allow(clippy::cast_possible_truncation, reason = "the files are small")]

use crate::broken::no_checksums;
use crate::compound_files::{Builder, END, FREE};
use crate::corpus::Names;
use fragview::formats::{FormatError, Options, ole};
use fragview::geometry::Extent;

fn open(file: &[u8]) -> Result<fragview::formats::Container, FormatError> {
    ole::open(&file, Options::default())
}

fn refused(file: &[u8], what: &str) {
    let error = open(file).expect_err(what);
    assert!(error.what.contains(what), "{error}, not {what}");
    assert!(error.offset <= file.len(), "{error}");
}

/// Two streams in sectors, interleaved; two in the mini stream; a storage in a storage.
fn sample(version: u16) -> Builder {
    let mut builder = Builder::new(version);
    let storage = builder.storage("Folder");
    let inner = builder.storage("Inner");
    builder.child(0, storage);
    builder.child(storage, inner);
    let big = builder.stream("Big", pattern(1, 9000));
    let small = builder.stream("Small", pattern(2, 100));
    let tiny = builder.stream("tiny", pattern(3, 64));
    let empty = builder.stream("Empty", Vec::new());
    builder.left(storage, big);
    builder.right(storage, small);
    builder.child(inner, tiny);
    builder.right(tiny, empty);
    builder
}

fn pattern(seed: u8, length: usize) -> Vec<u8> {
    (0..length)
        .map(|i| (i % 251) as u8 ^ seed.wrapping_mul(37))
        .collect()
}

#[test]
fn real_files() {
    crate::corpus::check("ole", "ole", Names::Same);
}

#[test]
fn both_versions() {
    for version in [3, 4] {
        let file = sample(version).build();
        let container = open(&file).unwrap();
        let names: Vec<_> = container.streams().map(|stream| stream.name).collect();
        assert_eq!(names, ["Big", "Folder/Inner/tiny", "Folder/Inner/Empty", "Small"]);
        for (name, content) in [
            ("Big", pattern(1, 9000)),
            ("Small", pattern(2, 100)),
            ("Folder/Inner/tiny", pattern(3, 64)),
            ("Folder/Inner/Empty", vec![]),
        ] {
            let stream = container.stream(name).unwrap();
            assert_eq!(
                crate::corpus::gather(&&file[..], &stream.extents),
                content,
                "{name}"
            );
        }
    }
}

#[test]
fn sizes_have_32_bits_in_version_3_only() {
    let mut builder = sample(3);
    builder.item(3).high_size = 0xDEAD;
    assert_eq!(
        open(&builder.build())
            .unwrap()
            .stream("Big")
            .unwrap()
            .extents
            .byte_len(),
        9000
    );
    let mut builder = sample(4);
    builder.item(3).high_size = 1;
    refused(&builder.build(), "shorter than the size");
}

#[test]
fn sectors_out_of_order_and_a_chain_longer_than_its_stream() {
    let mut builder = sample(3);
    builder.reverse = true;
    let file = builder.build();
    let stream = open(&file).unwrap().stream("Big").unwrap().extents;
    assert_eq!(crate::corpus::gather(&&file[..], &stream), pattern(1, 9000));
    assert!(stream.len() > 1);
    let mut builder = sample(3);
    builder.item(3).size = Some(4097);
    let file = builder.build();
    let stream = open(&file).unwrap().stream("Big").unwrap().extents;
    assert_eq!(crate::corpus::gather(&&file[..], &stream), pattern(1, 4097));
}

#[test]
fn the_last_sector_may_be_cut_where_the_stream_ends() {
    // The builder lays Big last: 9000 = 17 * 512 + 296.
    let file = sample(3).build();
    let cut = &file[..file.len() - (18 * 512 - 9000)];
    let stream = open(cut).unwrap().stream("Big").unwrap().extents;
    assert_eq!(crate::corpus::gather(&cut, &stream), pattern(1, 9000));
    refused(&cut[..cut.len() - 1], "shorter than the size");
}

#[test]
fn difat_sectors() {
    // 109 FAT sectors of 128 entries hold 13952 sectors; more need a DIFAT sector.
    let mut builder = Builder::new(3);
    let stream = builder.stream("Long", pattern(9, 512 * 14200));
    builder.child(0, stream);
    let mut file = builder.build();
    let container = open(&file).unwrap();
    let extents = &container.stream("Long").unwrap().extents;
    assert_eq!(
        crate::corpus::gather(&&file[..], extents),
        pattern(9, 512 * 14200)
    );
    assert_eq!(extents.len(), 1);
    // The DIFAT's first sector names itself as the next one, and too few tables.
    let first = u32::from_le_bytes(file[68..72].try_into().unwrap());
    let offset = (first as usize + 1) * 512;
    file[offset..offset + 508].fill(0xFF);
    file[offset + 508..offset + 512].copy_from_slice(&first.to_le_bytes());
    refused(&file, "loops");
    file[offset + 508..offset + 512].copy_from_slice(&END.to_le_bytes());
    refused(&file, "fewer FAT sectors");
}

#[test]
fn headers_that_are_not() {
    let file = sample(3).build();
    let with = |at: usize, bytes: &[u8]| {
        let mut file = file.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    refused(&with(0, b"PK"), "not a compound file");
    refused(&file[..511], "cut off");
    refused(&with(26, &[5]), "version");
    refused(&with(26, &[4]), "version");
    refused(&with(28, &[0xFF, 0xFE]), "byte order");
    refused(&with(30, &[31]), "sector size");
    refused(&with(32, &[40]), "mini sectors");
    refused(&with(56, &[1]), "limit");
    refused(&with(44, &[0xFF; 4]), "more FAT sectors");
    refused(&with(44, &[9, 0, 0, 0]), "fewer FAT sectors");
    refused(&with(48, &[0xFE, 0xFF, 0xFF, 0xFF]), "past the directory");
    refused(&with(48, &[0, 0, 0, 0x70]), "leaves the file");
}

#[test]
fn chains_that_loop_share_or_end() {
    let file = sample(3).build();
    let container = open(&file).unwrap();
    let big = container.stream("Big").unwrap().extents.iter().next().unwrap();
    let sector = big.offset.unwrap() / 512 - 1;
    let fat = (u32::from_le_bytes(file[76..80].try_into().unwrap()) as usize + 1) * 512;
    let with = |sector: usize, next: u32| {
        let mut file = file.clone();
        file[fat + sector * 4..][..4].copy_from_slice(&next.to_le_bytes());
        file
    };
    refused(&with(sector + 2, sector as u32), "loops");
    refused(&with(sector + 2, sector as u32 + 2), "loops");
    refused(&with(sector + 2, END), "shorter than the size");
    refused(&with(sector + 2, FREE), "leaves the file");
    refused(&with(sector + 2, 0x00FF_FFFF), "leaves the file");
    // Into the directory.
    let directory = u32::from_le_bytes(file[48..52].try_into().unwrap());
    refused(&with(sector + 2, directory), "two chains");
    // The directory's chain loops.
    refused(&with(directory as usize, directory), "loops");
}

#[test]
fn mini_chains_that_loop_share_or_end() {
    let file = sample(3).build();
    let mini_fat = (u32::from_le_bytes(file[60..64].try_into().unwrap()) as usize + 1) * 512;
    let with = |sector: usize, next: u32| {
        let mut file = file.clone();
        file[mini_fat + sector * 4..][..4].copy_from_slice(&next.to_le_bytes());
        file
    };
    // Small has mini sectors 0 and 1, tiny has 2.
    refused(&with(0, 0), "mini sector is in two chains");
    refused(&with(0, 2), "mini sector is in two chains");
    refused(&with(0, END), "shorter than the size");
    refused(&with(0, 1000), "leaves the mini stream");
    let mut builder = sample(3);
    builder.item(0).size = Some(64);
    refused(&builder.build(), "leaves the mini stream");
    builder.item(0).size = Some(100_000);
    refused(&builder.build(), "shorter than the size");
}

#[test]
fn trees_that_are_not() {
    // 0 root, 1 Folder, 2 Inner, 3 Big, 4 Small, 5 tiny, 6 Empty.
    let changed = |change: fn(&mut Builder)| {
        let mut builder = sample(3);
        change(&mut builder);
        builder.build()
    };
    refused(&changed(|b| b.item(6).right = 5), "twice");
    refused(&changed(|b| b.item(6).left = 6), "twice");
    refused(&changed(|b| b.item(2).child = 0), "twice");
    refused(&changed(|b| b.item(4).right = 3), "twice");
    refused(&changed(|b| b.item(4).right = 4000), "past the directory");
    refused(&changed(|b| b.item(4).kind = 0), "neither");
    refused(&changed(|b| b.item(4).kind = 5), "neither");
    refused(&changed(|b| b.item(0).kind = 1), "root");
    refused(&changed(|b| b.item(4).name_length = Some(0)), "name");
    refused(&changed(|b| b.item(4).name_length = Some(13)), "name");
    refused(&changed(|b| b.item(4).name_length = Some(68)), "name");
}

#[test]
fn names() {
    let mut builder = Builder::new(3);
    let mut before = 0;
    for _ in 0..5 {
        let stream = builder.stream("same", pattern(1, 10));
        if before == 0 {
            builder.child(0, stream);
        } else {
            builder.right(before, stream);
        }
        before = stream;
    }
    let other = builder.stream("same@1", pattern(1, 10));
    builder.right(before, other);
    let umlaut = builder.stream("\u{1}Ä𝄞", pattern(1, 10));
    builder.right(other, umlaut);
    let container = open(&builder.build()).unwrap();
    let names: Vec<_> = container.streams().map(|stream| stream.name).collect();
    assert_eq!(
        names,
        ["same", "same@1", "same@2", "same@3", "same@4", "same@1@1", "Ä𝄞"]
    );
}

#[test]
fn deep_storages_take_no_memory_out_of_proportion() {
    let mut builder = Builder::new(3);
    let mut parent = 0;
    for _ in 0..2000 {
        let storage = builder.storage("a name of thirty-one characters");
        builder.child(parent, storage);
        let stream = builder.stream("a stream of as many characters.", Vec::new());
        builder.right(storage, stream);
        parent = storage;
    }
    refused(&builder.build(), "paths");
}

#[test]
fn a_chain_of_100_000_siblings() {
    let mut builder = Builder::new(4);
    let mut before = 0;
    for number in 0..100_000 {
        let stream = builder.stream(&format!("{number}"), Vec::new());
        if before == 0 {
            builder.child(0, stream);
        } else {
            builder.left(before, stream);
        }
        before = stream;
    }
    assert_eq!(open(&builder.build()).unwrap().len(), 100_000);
}

#[test]
fn mutations() {
    let mut builder = Builder::new(3);
    let small = builder.stream("S", pattern(2, 70));
    let storage = builder.storage("F");
    let inner = builder.stream("T", pattern(2, 130));
    let big = builder.stream("B", pattern(2, 4500));
    builder.child(0, small);
    builder.right(small, storage);
    builder.child(storage, inner);
    builder.left(small, big);
    let file = builder.build();
    assert_eq!(open(&file).unwrap().len(), 3);
    // The tables come first in what the builder writes.
    crate::broken::cut(
        &file,
        |bytes| ole::open(bytes, Options::default()),
        no_checksums,
        |_, _| true,
    );
    crate::broken::change(
        &file,
        0..512 * 5,
        |bytes| ole::open(bytes, Options::default()),
        no_checksums,
    );
}

#[test]
fn extents_touch_where_sectors_do() {
    let file = sample(3).build();
    let stream = open(&file).unwrap().stream("Big").unwrap().extents;
    assert!(matches!(stream.iter().next(), Some(Extent { length: 9000, .. })));
}
