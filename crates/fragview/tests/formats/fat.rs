//! FAT: the rules on small volumes, broken ones, and the corpus. `tests/test_formats_disk.py` compares with
//! mtools.

use crate::broken::no_checksums as verify;
use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, fat};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    fat::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    fat::open(bytes, Options::LENIENT)
}

fn entry(name: &[u8; 11], attributes: u8, first: u8, size: u32) -> [u8; 32] {
    let mut entry = [0; 32];
    entry[..11].copy_from_slice(name);
    entry[11] = attributes;
    entry[26] = first;
    entry[28..].copy_from_slice(&size.to_le_bytes());
    entry
}

/// The boot sector, a FAT of 12 bits, a root of 16 entries, and clusters of 512 bytes full of their numbers.
fn volume(chain: &[u16], root: &[[u8; 32]], clusters: u8) -> Vec<u8> {
    let mut file = vec![0; 512 * (3 + usize::from(clusters))];
    file[..3].copy_from_slice(b"\xeb\x3c\x90");
    file[11..24].copy_from_slice(b"\0\x02\x01\x01\0\x01\x10\0\0\0\xf8\x01\0");
    file[19] = 3 + clusters;
    file[510..512].copy_from_slice(b"\x55\xaa");
    for (index, &next) in [0xff8, 0xfff].iter().chain(chain).enumerate() {
        let at = 512 + index + index / 2;
        let pair = u16::from_le_bytes([file[at], file[at + 1]]);
        let pair = if index % 2 == 0 {
            pair | next
        } else {
            pair | next << 4
        };
        file[at..at + 2].copy_from_slice(&pair.to_le_bytes());
    }
    for (index, entry) in root.iter().enumerate() {
        file[1024 + 32 * index..1056 + 32 * index].copy_from_slice(entry);
    }
    for (index, cluster) in file[1536..].chunks_mut(512).enumerate() {
        cluster.fill(u8::try_from(index + 2).unwrap());
    }
    file
}

/// The parts of a long name, the last one first.
fn long(name: &str, short: &[u8; 11]) -> Vec<[u8; 32]> {
    let sum = short
        .iter()
        .fold(0_u8, |sum, &byte| sum.rotate_right(1).wrapping_add(byte));
    let mut units: Vec<u16> = name.encode_utf16().chain([0]).collect();
    units.resize(units.len().next_multiple_of(13), 0xffff);
    let mut parts: Vec<_> = units.chunks(13).enumerate().collect();
    parts.reverse();
    let last = parts.len();
    parts
        .into_iter()
        .map(|(index, part)| {
            let mut entry = [0; 32];
            entry[0] = u8::try_from(index + 1).unwrap() | if index + 1 == last { 0x40 } else { 0 };
            entry[11] = 0x0f;
            entry[13] = sum;
            for (unit, at) in part
                .iter()
                .zip((1..11).step_by(2).chain((14..26).step_by(2)).chain([28, 30]))
            {
                entry[at..at + 2].copy_from_slice(&unit.to_le_bytes());
            }
            entry
        })
        .collect()
}

fn sample() -> Vec<u8> {
    let mut deleted = entry(b"\xe5ONE    TXT", 0x20, 9, 5);
    deleted[0] = 0xe5;
    let mut lower = entry(b"LOWER   TXT", 0x20, 0, 0);
    lower[12] = 0x18;
    let mut root = vec![
        entry(b"VOLUME     ", 8, 0, 0),
        entry(b"A       TXT", 0x20, 2, 1100),
        deleted,
        entry(b"FOLDER     ", 0x10, 5, 0),
        lower,
    ];
    let mut file = {
        root.extend(long("A long näme.bin", b"ALONGN~1BIN"));
        root.push(entry(b"ALONGN~1BIN", 0x20, 3, 3));
        volume(&[4, 0xfff, 6, 0xfff, 0xfff, 0xfff], &root, 6)
    };
    let folder = 1536 + 3 * 512;
    file[folder..folder + 512].fill(0);
    file[folder..folder + 32].copy_from_slice(&entry(b".          ", 0x10, 5, 0));
    file[folder + 32..folder + 64].copy_from_slice(&entry(b"..         ", 0x10, 0, 0));
    file[folder + 64..folder + 96].copy_from_slice(&entry(b"B       \x81  ", 0x20, 7, 512));
    file
}

#[test]
fn files() {
    let file = sample();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        ["A.TXT", "lower.txt", "A long näme.bin", "FOLDER/B.ü"]
    );
    let a = [vec![2; 512], vec![4; 512], vec![6; 76]].concat();
    assert_eq!(named(&file, &container, "A.TXT"), a);
    assert_eq!(named(&file, &container, "A long näme.bin"), [3; 3]);
    assert_eq!(named(&file, &container, "FOLDER/B.ü"), [7; 512]);
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
}

#[test]
fn exfat() {
    // The boot region in sector 0, the FAT in sector 1, clusters of a sector from sector 2 on; the root in 2.
    let mut file = vec![0; 512 * 8];
    file[3..11].copy_from_slice(b"EXFAT   ");
    for (at, value) in [(80, 1), (84, 1), (88, 2), (92, 6), (96, 2)] {
        file[at..at + 4].copy_from_slice(&u32::to_le_bytes(value));
    }
    file[108] = 9;
    for (index, next) in [u32::MAX, u32::MAX, u32::MAX, 5, 0, u32::MAX]
        .into_iter()
        .enumerate()
    {
        file[512 + 4 * index..516 + 4 * index].copy_from_slice(&next.to_le_bytes());
    }
    let mut set = |at: usize, name: &str, flags: u8, attributes: u8, first: u8, written: u16, length: u16| {
        file[at] = 0x85;
        file[at + 1] = 2;
        file[at + 4] = attributes;
        file[at + 32] = 0xc0;
        file[at + 33] = flags;
        file[at + 35] = u8::try_from(name.len()).unwrap();
        file[at + 40..at + 42].copy_from_slice(&written.to_le_bytes());
        file[at + 52] = first;
        file[at + 56..at + 58].copy_from_slice(&length.to_le_bytes());
        file[at + 64] = 0xc1;
        for (index, unit) in name.encode_utf16().enumerate() {
            file[at + 66 + 2 * index..at + 68 + 2 * index].copy_from_slice(&unit.to_le_bytes());
        }
    };
    set(1024, "chain", 1, 0, 3, 600, 700);
    set(1120, "folder", 3, 0x10, 6, 512, 512);
    set(3072, "two", 3, 0, 7, 0, 300);
    file[1536..2048].fill(3);
    file[2560..3072].fill(5);
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["chain", "folder/two"]);
    assert_eq!(
        named(&file, &container, "chain"),
        [vec![3; 512], vec![5; 88], vec![0; 100]].concat()
    );
    assert_eq!(named(&file, &container, "folder/two"), [0; 300]);
    for open in [open, lenient] {
        crate::broken::change(&file, 80..112, open, verify);
        crate::broken::change(&file, 512..540, open, verify);
        crate::broken::change(&file, 1024..1220, open, verify);
    }
}

#[test]
fn what_is_refused() {
    let root = [entry(b"A       TXT", 0x20, 2, 1100)];
    refused(open, &volume(&[3, 2], &root, 3), "two uses");
    refused(open, &volume(&[3, 0xfff], &root, 3), "ends before");
    refused(open, &volume(&[3, 9], &root, 3), "leaves the volume");
    refused(open, &volume(&[3, 0], &root, 3), "leaves the volume");
    let twice = [
        entry(b"A          ", 0x20, 2, 5),
        entry(b"B          ", 0x20, 2, 5),
    ];
    refused(open, &volume(&[0xfff], &twice, 1), "two uses");
    let itself = [entry(b"A          ", 0x10, 2, 0)];
    let mut file = volume(&[0xfff], &itself, 1);
    file[1536..].fill(0);
    file[1536..1568].copy_from_slice(&itself[0]);
    refused(open, &file, "two uses");
    let file = volume(&[3, 9], &root, 3);
    let container = lenient(&&file[..]).expect("lenient");
    assert_eq!(
        named(&file, &container, "A.TXT"),
        [vec![2; 512], vec![3; 512]].concat()
    );
    assert_eq!(container.faults[0].streams, ["A.TXT"]);
}

#[test]
fn broken_files() {
    let file = sample();
    for open in [open, lenient] {
        crate::broken::change(&file, 0..48, open, verify);
        crate::broken::change(&file, 512..530, open, verify);
        crate::broken::change(&file, 1024..1260, open, verify);
        crate::broken::change(&file, 1536 + 3 * 512..1536 + 3 * 512 + 100, open, verify);
    }
    crate::broken::cut(&file, open, verify, |end, opened| {
        opened == (end >= 1536 + 6 * 512)
    });
}

#[test]
fn the_corpus() {
    crate::corpus::check("fat", "fat", Names::Same);
}
