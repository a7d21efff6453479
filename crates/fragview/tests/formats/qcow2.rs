//! QCOW2: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, qcow2};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    qcow2::open(bytes, Options::default())
}

use crate::broken::no_checksums as verify;

const COPIED: u64 = 1 << 63;
const CLUSTER: usize = 512;

fn put(file: &mut [u8], at: usize, value: u64) {
    file[at..at + 8].copy_from_slice(&value.to_be_bytes());
}

/// An image with clusters of 512 bytes: the header, the L1 table in cluster 1, an L2 table in cluster 2 with
/// these entries, and as many clusters of data from cluster 3 on, each full of its number.
fn image(version: u8, size: u64, entries: &[u64], data: u8) -> Vec<u8> {
    let mut file = vec![0; CLUSTER * (3 + usize::from(data))];
    file[..8].copy_from_slice(&[b'Q', b'F', b'I', 0xfb, 0, 0, 0, version]);
    file[23] = 9;
    put(&mut file, 24, size);
    file[39] = 2;
    put(&mut file, 40, 512);
    if version == 3 {
        file[99] = 4;
        file[103] = 104;
    }
    put(&mut file, 512, 1024 | COPIED);
    for (index, &entry) in entries.iter().enumerate() {
        put(&mut file, 1024 + 8 * index, entry);
    }
    for (index, cluster) in file.chunks_mut(CLUSTER).enumerate().skip(3) {
        cluster.fill(u8::try_from(index).expect("few"));
    }
    file
}

const SECOND_L2: u64 = 64 * 512;

#[test]
fn clusters_and_holes() {
    let entries = [(4 * 512) | COPIED, 0, (3 * 512) | COPIED, 1, (3 * 512) | 1];
    let file = image(3, SECOND_L2 + 700, &entries, 2);
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["raw_disk"]);
    let mut disk = vec![0; 64 * 512 + 700];
    disk[..512].fill(4);
    disk[1024..1536].fill(3);
    assert_eq!(named(&file, &container, "raw_disk"), disk);
    let extents = container.extents(0).unwrap();
    assert_eq!(extents.len(), 4);
    assert_eq!(extents.iter().filter(|extent| extent.offset.is_none()).count(), 2);
    let version2 = image(2, 1024, &[0, (3 * 512) | COPIED], 1);
    let disk = named(&version2, &open(&&version2[..]).expect("valid"), "raw_disk");
    assert_eq!((disk.len(), disk[511], disk[512]), (1024, 0, 3));
}

#[test]
fn a_disk_may_end_within_a_cluster_and_the_file_with_it() {
    let mut file = image(3, 700, &[(3 * 512) | COPIED, (4 * 512) | COPIED], 2);
    file.truncate(4 * 512 + 188);
    let disk = named(&file, &open(&&file[..]).expect("valid"), "raw_disk");
    assert_eq!((disk.len(), disk[699]), (700, 4));
    file.truncate(4 * 512 + 187);
    refused(open, &file, "past the end");
}

#[test]
fn extended_entries() {
    let mut file = vec![0; 5 << 14];
    file[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
    file[23] = 14;
    put(&mut file, 24, 2 << 14);
    file[39] = 1;
    put(&mut file, 40, 1 << 14);
    file[79] = 0x10;
    file[103] = 104;
    put(&mut file, 1 << 14, 2 << 14 | COPIED);
    let table = 2 << 14;
    put(&mut file, table, 3 << 14 | COPIED);
    put(&mut file, table + 8, 1 << 35 | 0b101);
    put(&mut file, table + 24, 0xffff_ffff << 32);
    file[3 << 14..4 << 14].fill(7);
    let container = open(&&file[..]).expect("valid");
    let disk = named(&file, &container, "raw_disk");
    let mut expected = vec![0; 2 << 14];
    expected[..512].fill(7);
    expected[1024..1536].fill(7);
    assert_eq!(disk, expected);
    put(&mut file, table + 8, 1 << 32 | 1);
    refused(open, &file, "subcluster");
    put(&mut file, table + 8, 0);
    put(&mut file, table + 24, 1);
    refused(open, &file, "subcluster");
    put(&mut file, table + 24, 0);
    put(&mut file, table, 1);
    refused(open, &file, "zero cluster");
    file[23] = 13;
    refused(open, &file, "size is out of range");
}

#[test]
fn shared_clusters() {
    // Data may be shared where no entry says that it is not.
    let file = image(3, 1024, &[3 * 512, 3 * 512], 1);
    assert_eq!(
        named(&file, &open(&&file[..]).expect("valid"), "raw_disk"),
        [3; 1024]
    );
    refused(
        open,
        &image(3, 1024, &[3 * 512, (3 * 512) | COPIED], 1),
        "two uses",
    );
    refused(
        open,
        &image(3, 1024, &[(3 * 512) | COPIED, 3 * 512], 1),
        "two uses",
    );
    refused(open, &image(3, 1024, &[2 * 512], 1), "two uses");
    refused(open, &image(3, 1024, &[512], 1), "two uses");
    let mut twice = image(3, 128 * 512, &[3 * 512], 1);
    put(&mut twice, 520, 1024);
    refused(open, &twice, "two uses");
    put(&mut twice, 520, 512);
    refused(open, &twice, "two uses");
}

#[test]
fn a_huge_disk_is_a_hole() {
    // 2^60 bytes with clusters of 2 MiB need 2^21 entries of the L1 table.
    let mut file = vec![0; (2 << 20) + (16 << 20)];
    file[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
    file[23] = 21;
    put(&mut file, 24, 1 << 60);
    file[37] = 0x20;
    put(&mut file, 40, 2 << 20);
    file[103] = 104;
    let container = open(&&file[..]).expect("valid");
    let extents = container.extents(0).unwrap();
    assert_eq!((extents.len(), extents.byte_len()), (1, 1 << 60));
    file[37] = 0x1f;
    refused(open, &file, "too small");
    file[37] = 0xff;
    file.truncate(4 << 20);
    refused(open, &file, "past the end");
    put(&mut file, 24, u64::MAX);
    refused(open, &file, "longer than memory");
}

#[test]
fn what_is_refused() {
    let valid = image(3, 1024, &[(3 * 512) | COPIED], 1);
    let with = |at: usize, byte: u8| {
        let mut file = valid.clone();
        file[at] = byte;
        file
    };
    for (at, byte, what) in [
        (3, 0, "magic"),
        (7, 1, "version"),
        (7, 4, "version"),
        (15, 104, "backing file"),
        (35, 1, "encrypted"),
        (35, 2, "encrypted"),
        (79, 4, "external file"),
        (79, 0x20, "not known"),
        (72, 0x80, "not known"),
        (103, 72, "shorter than its fields"),
        (23, 8, "size is out of range"),
        (23, 22, "size is out of range"),
        (39, 0, "too small"),
        (47, 1, "does not begin with a cluster"),
        (42, 1, "past the end"),
        (519, 1, "L1 entry"),
        (512, 0x81, "L1 entry"),
        (515, 1, "past the end"),
        (1024, 0xc0, "compressed"),
        (1024, 0x81, "L2 entry"),
        (1031, 2, "L2 entry"),
        (1027, 1, "past the end"),
    ] {
        refused(open, &with(at, byte), what);
    }
    // Dirty, corrupt, and another compression: the disk is there.
    for features in [1, 2, 8] {
        assert!(open(&&with(79, features)[..]).is_ok());
    }
    refused(open, &image(2, 1024, &[1], 0), "zero cluster");
    let mut unaligned = image(3, 1024, &[0], 4);
    unaligned[23] = 10;
    refused(open, &unaligned, "does not begin");
}

#[test]
fn broken_files() {
    let file = image(3, 1500, &[(3 * 512) | COPIED, 0, 4 * 512], 2);
    crate::broken::cut(&file, open, verify, |end, opened| {
        opened == (end >= 4 * 512 + 476)
    });
    crate::broken::change(&file, 0..2048, open, verify);
}

#[test]
fn the_corpus() {
    crate::corpus::check("qcow2", "qcow2", Names::Same);
}
