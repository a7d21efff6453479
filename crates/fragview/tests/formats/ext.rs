//! ext2, ext3 and ext4: the rules on small volumes, broken ones, and the corpus. `tests/test_formats_disk.py`
//! compares with e2fsprogs.

use crate::broken::no_checksums as verify;
use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, ext};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    ext::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    ext::open(bytes, Options::LENIENT)
}

/// Blocks of 1024 bytes.
struct Volume(Vec<u8>);

impl Volume {
    /// The superblock in block 1, a descriptor in block 2, inodes of 128 bytes from block 3 on, the root in
    /// block 5, and blocks full of their numbers.
    fn new(entries: &[(u32, &str)]) -> Self {
        let mut this = Self(vec![0; 1024 * 24]);
        for (at, value) in [(1024, 16), (1044, 1), (1056, 8192), (1064, 16), (2056, 3)] {
            this.put(at, &u32::to_le_bytes(value));
        }
        this.put(1080, b"\x53\xef");
        for block in 6..24 {
            this.0[block * 1024..][..1024].fill(u8::try_from(block).unwrap());
        }
        this.inode(2, 0x41ed, 1024, 0, &[5]);
        this.folder(5, entries);
        this
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn inode(&mut self, number: usize, mode: u16, size: u32, flags: u32, block: &[u32]) {
        let at = 3072 + (number - 1) * 128;
        self.put(at, &mode.to_le_bytes());
        self.put(at + 4, &size.to_le_bytes());
        self.put(at + 32, &flags.to_le_bytes());
        for (index, number) in block.iter().enumerate() {
            self.put(at + 40 + 4 * index, &number.to_le_bytes());
        }
    }

    fn folder(&mut self, block: usize, entries: &[(u32, &str)]) {
        self.0[block * 1024..][..1024].fill(0);
        let mut at = block * 1024;
        for (index, (inode, name)) in entries.iter().enumerate() {
            let length = (8 + name.len()).next_multiple_of(4).max(12);
            let length = if index + 1 == entries.len() {
                (block + 1) * 1024 - at
            } else {
                length
            };
            self.put(at, &inode.to_le_bytes());
            self.put(at + 4, &u16::try_from(length).unwrap().to_le_bytes());
            self.put(at + 6, &[u8::try_from(name.len()).unwrap(), 1]);
            self.put(at + 8, name.as_bytes());
            at += length;
        }
    }
}

const FILE: u16 = 0x81a4;
const EXTENTS: u32 = 0x8_0000;

fn sample() -> Vec<u8> {
    let mut volume = Volume::new(&[
        (2, "."),
        (2, ".."),
        (3, "map"),
        (4, "tree"),
        (5, "folder"),
        (3, "again"),
        (7, "inline"),
    ]);
    // Twelve blocks, of which one is there, and an indirect one.
    let mut map = [0; 15];
    map[1] = 8;
    map[12] = 9;
    volume.inode(3, FILE, 1024 * 14 + 10, 0, &map);
    let table: Vec<u8> = [10_u32, 0, 11]
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    volume.0[9 * 1024..10 * 1024].fill(0);
    volume.put(9 * 1024, &table);
    // A tree with a leaf: two blocks, one that was never written, and one after a hole.
    volume.inode(4, FILE, 5 * 1024 + 1, EXTENTS, &[0x1_f30a, 0x1_0004, 0, 0, 12, 0]);
    let leaf = [0x3_f30a_u32, 0x54, 0, 0, 2, 13, 2, 0x8001, 15, 5, 1, 16];
    let leaf: Vec<u8> = leaf.iter().flat_map(|number| number.to_le_bytes()).collect();
    volume.0[12 * 1024..13 * 1024].fill(0);
    volume.put(12 * 1024, &leaf);
    volume.inode(5, 0x41ed, 1024, 0, &[17]);
    volume.folder(17, &[(5, "."), (2, ".."), (6, "file")]);
    volume.inode(6, FILE, 100, EXTENTS, &[0x1_f30a, 4, 0, 0, 1, 18]);
    volume.inode(
        7,
        FILE,
        5,
        0x1000_0000,
        &[u32::from_le_bytes(*b"inli"), u32::from(b'n')],
    );
    volume.0
}

#[test]
fn files() {
    let file = sample();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        ["map", "tree", "again", "inline", "folder/file"]
    );
    let map = [
        vec![0; 1024],
        vec![8; 1024],
        vec![0; 10240],
        vec![10; 1024],
        vec![0; 1024],
        vec![11; 10],
    ]
    .concat();
    assert_eq!(named(&file, &container, "map"), map);
    assert_eq!(named(&file, &container, "again"), map);
    let tree = [vec![13; 1024], vec![14; 1024], vec![0; 3072], vec![16; 1]].concat();
    assert_eq!(named(&file, &container, "tree"), tree);
    assert_eq!(named(&file, &container, "inline"), b"inlin");
    assert_eq!(named(&file, &container, "folder/file"), [18; 100]);
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
}

#[test]
fn what_is_refused() {
    let with = |at: usize, bytes: &[u8]| {
        let mut file = sample();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let inode = |number: usize| 3072 + (number - 1) * 128;
    refused(open, &with(1080, &[0]), "no superblock");
    refused(open, &with(1048, &[7]), "block's size");
    refused(
        open,
        &with(
            1100,
            &[
                1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8,
            ],
        ),
        "not known",
    );
    refused(open, &with(inode(2), &[0, 0x81]), "not a folder");
    refused(open, &with(5 * 1024 + 24, &[99]), "number is out of range");
    refused(open, &with(5 * 1024 + 4, &[9]), "does not fit");
    refused(open, &with(inode(3) + 44, &[99]), "past the end");
    refused(open, &with(inode(4) + 40, &[0]), "no node");
    refused(open, &with(inode(4) + 46, &[2]), "another depth");
    refused(open, &with(12 * 1024 + 24, &[1]), "out of order");
    refused(open, &with(inode(4) + 56, &[9]), "two uses");
    refused(open, &with(17 * 1024 + 24, &[5]), "two names");
    let file = with(inode(3) + 44, &[99]);
    let container = lenient(&&file[..]).expect("lenient");
    assert_eq!(container.len(), 5);
    assert_eq!(container.faults[0].streams, ["map"]);
}

#[test]
fn broken_files() {
    let file = sample();
    for open in [open, lenient] {
        crate::broken::change(&file, 1024..1128, open, verify);
        crate::broken::change(&file, 2048..2064, open, verify);
        crate::broken::change(&file, 3200..3300, open, verify);
        crate::broken::change(&file, 3328..3440, open, verify);
        crate::broken::change(&file, 3456..3540, open, verify);
        crate::broken::change(&file, 5120..5200, open, verify);
        crate::broken::change(&file, 12 * 1024..12 * 1024 + 48, open, verify);
    }
    crate::broken::cut(&file, open, verify, |end, opened| {
        opened == (end >= 18 * 1024 + 100)
    });
}

#[test]
fn the_corpus() {
    crate::corpus::check("ext", "ext", Names::Same);
}
