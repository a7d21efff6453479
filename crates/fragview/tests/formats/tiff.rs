//! TIFF: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names};
use fragview::formats::{Container, FormatError, Options, tiff};

/// A file in the making: classic or with 64-bit offsets, in either byte order.
#[derive(Clone)]
struct File {
    bytes: Vec<u8>,
    big_endian: bool,
    big: bool,
    /// Where the offset of the next directory goes.
    link: usize,
}

type Tag<'a> = (u16, u16, &'a [u64]);

impl File {
    fn new(big_endian: bool, big: bool) -> Self {
        let mut file = Self {
            bytes: if big_endian { b"MM" } else { b"II" }.to_vec(),
            big_endian,
            big,
            link: if big { 8 } else { 4 },
        };
        if big {
            for number in [43, 8, 0] {
                file.number(number, 2);
            }
        } else {
            file.number(42, 2);
        }
        file.number(0, if big { 8 } else { 4 });
        file
    }

    fn encoded(&self, number: u64, width: usize) -> Vec<u8> {
        let mut bytes = number.to_le_bytes()[..width].to_vec();
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    fn number(&mut self, number: u64, width: usize) {
        let bytes = self.encoded(number, width);
        self.bytes.extend(bytes);
    }

    fn word(&self) -> usize {
        if self.big { 8 } else { 4 }
    }

    fn set_link(&mut self, offset: usize) {
        let bytes = self.encoded(offset as u64, self.word());
        self.bytes[self.link..self.link + bytes.len()].copy_from_slice(&bytes);
    }

    fn data(&mut self, data: &[u8]) -> u64 {
        self.bytes.extend(data);
        (self.bytes.len() - data.len()) as u64
    }

    /// Appends a directory, and where it lies.
    fn directory(&mut self, tags: &[Tag]) -> u64 {
        let word = self.word();
        let mut entries = self.encoded(tags.len() as u64, if self.big { 8 } else { 2 });
        for &(tag, kind, values) in tags {
            let width = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8][usize::from(kind)];
            entries.extend(self.encoded(tag.into(), 2));
            entries.extend(self.encoded(kind.into(), 2));
            entries.extend(self.encoded(values.len() as u64, word));
            let mut all: Vec<u8> = (values.iter())
                .flat_map(|&value| self.encoded(value, width))
                .collect();
            if all.len() > word {
                let offset = self.data(&all);
                all = self.encoded(offset, word);
            }
            all.resize(word, 0);
            entries.extend(all);
        }
        let offset = self.data(&entries);
        self.number(0, word);
        offset
    }

    /// Appends a directory that the one before leads to.
    fn page(&mut self, tags: &[Tag]) -> u64 {
        let offset = self.directory(tags);
        self.set_link(usize::try_from(offset).expect("short"));
        self.link = self.bytes.len() - self.word();
        offset
    }
}

fn open(file: &File) -> Result<Container, FormatError> {
    tiff::open(&&file.bytes[..], Options::default())
}

#[track_caller]
fn refused(file: &File, what: &str) {
    let error = open(file).expect_err(what);
    assert!(error.what.contains(what), "{error}");
}

fn all_kinds() -> impl Iterator<Item = File> {
    [false, true]
        .into_iter()
        .flat_map(|big_endian| [false, true].map(|big| File::new(big_endian, big)))
}

/// Strips, tiles, a child with a child, and values.
fn complete(mut file: File) -> File {
    file.data(b"345012abcdef");
    let data = file.bytes.len() as u64 - 12;
    let grandchild = file.directory(&[(324, 4, &[data + 6]), (325, 3, &[3])]);
    let children = [
        file.directory(&[(273, 4, &[data + 9]), (279, 3, &[3]), (330, 13, &[grandchild])]),
        file.directory(&[(256, 3, &[1])]),
    ];
    file.page(&[
        (256, 3, &[1]),
        (273, 4, &[data + 3, data, data]),
        (279, 3, &[3, 3, 0]),
        (330, 4, &children),
        (700, 1, b"xmp packet".map(u64::from).as_slice()),
        (34675, 7, b"icc".map(u64::from).as_slice()),
    ]);
    file.page(&[(256, 3, &[1])]);
    file.page(&[
        (324, 4, &[data, data + 3]),
        (325, 4, &[1, 2]),
        (513, 4, &[data]),
        (514, 4, &[2]),
    ]);
    file
}

#[test]
fn strips_and_tiles_are_streams() {
    for file in all_kinds().map(complete) {
        let container = open(&file).expect("valid");
        let expected = [
            ("page0", "012345"),
            ("page0.strip0", "012"),
            ("page0.strip1", "345"),
            ("page0.strip2", ""),
            ("page0.xmp", "xmp packet"),
            ("page0.icc_profile", "icc"),
            ("page0.sub0", "def"),
            ("page0.sub0.sub0", "abc"),
            ("page2", "301"),
            ("page2.tile0", "3"),
            ("page2.tile1", "01"),
            ("page2.jpeg", "34"),
        ];
        assert_eq!(names(&container), expected.map(|(name, _)| name));
        for (name, content) in expected {
            assert_eq!(named(&file.bytes, &container, name), content.as_bytes(), "{name}");
        }
    }
}

#[test]
fn wide_offsets_are_read() {
    let mut file = File::new(false, true);
    let data = file.data(b"wide");
    file.page(&[(273, 16, &[data]), (279, 16, &[4])]);
    assert_eq!(named(&file.bytes, &open(&file).expect("valid"), "page0"), b"wide");
}

#[test]
fn loops_are_refused() {
    for mut file in all_kinds() {
        let first = file.page(&[(256, 3, &[1])]);
        file.page(&[(256, 3, &[1])]);
        file.set_link(usize::try_from(first).expect("short"));
        refused(&file, "comes twice");
    }
    let mut file = File::new(false, false);
    // The child is the page itself, which begins after the header.
    file.page(&[(330, 4, &[8])]);
    refused(&file, "comes twice");
}

#[test]
fn broken_structure_is_refused() {
    let error = tiff::open(&&b"IM*\0"[..], Options::default()).expect_err("no order");
    assert_eq!(&*error.what, "no TIFF byte order");
    assert_eq!(
        tiff::open(&&b"II\x2c\0\0\0\0\0"[..], Options::default())
            .expect_err("version")
            .offset,
        2
    );
    let mut odd = File::new(false, true);
    odd.bytes[4] = 4;
    refused(&odd, "not of 8 bytes");
    for file in all_kinds() {
        let with = |tags: &[Tag]| {
            let mut file = file.clone();
            file.page(tags);
            file
        };
        refused(&with(&[]), "without entries");
        refused(
            &with(&[(273, 4, &[0, 0]), (279, 4, &[1])]),
            "numbers of offsets and of lengths differ",
        );
        refused(&with(&[(273, 4, &[0])]), "without offsets or lengths");
        refused(&with(&[(325, 4, &[0])]), "without offsets or lengths");
        refused(&with(&[(273, 4, &[1000]), (279, 4, &[1])]), "past the end");
        refused(&with(&[(273, 4, &[0]), (279, 4, &[0xffff_ffff])]), "past the end");
        refused(
            &with(&[(273, 2, &[0]), (279, 4, &[1])]),
            "not an offset or a length",
        );
        refused(&with(&[(330, 4, &[0xffff_0000])]), "truncated");
        let both: [Tag; 4] = [(273, 4, &[0]), (279, 4, &[1]), (324, 4, &[0]), (325, 4, &[1])];
        refused(&with(&both), "both strips and tiles");
        let mut last = with(&[(256, 3, &[1])]);
        last.bytes.pop();
        refused(&last, "truncated");
        let mut far = file.clone();
        refused(&far, "no directory");
        far.set_link(1 << 30);
        refused(&far, "truncated");
    }
}

#[test]
fn deep_children_are_refused() {
    let mut file = File::new(false, false);
    let mut child = file.directory(&[(256, 3, &[1])]);
    for _ in 0..8 {
        child = file.directory(&[(330, 4, &[child])]);
    }
    let mut deeper = file.clone();
    file.page(&[(256, 3, &[1]), (330, 4, &[child])]);
    refused(&file, "nested");
    child = deeper.directory(&[(256, 3, &[1])]);
    deeper.page(&[(330, 4, &[child])]);
    assert!(open(&deeper).is_ok());
}

#[test]
fn tables_that_overlap_are_bounded() {
    // Each of many pages names the same table of many strips.
    let mut file = File::new(false, false);
    let table = file.data(&[0; 4096]);
    for _ in 0..100 {
        file.page(&[(273, 4, &[0]), (279, 4, &[0])]);
        let entries = file.bytes.len() - 28;
        for at in [entries, entries + 12] {
            file.bytes[at + 4..at + 8].copy_from_slice(&1024_u32.to_le_bytes());
            let table = u32::try_from(table).expect("short");
            file.bytes[at + 8..at + 12].copy_from_slice(&table.to_le_bytes());
        }
    }
    refused(&file, "overlap");
}

#[test]
fn a_count_of_everything_is_refused() {
    for mut file in all_kinds() {
        file.page(&[(273, 4, &[0]), (279, 4, &[0])]);
        let (size, count) = if file.big { (20, 8) } else { (12, 4) };
        let entries = file.link - 2 * size;
        for at in [entries, entries + size] {
            file.bytes[at + 4..at + 4 + count].fill(0xff);
        }
        refused(&file, "past the end");
    }
}

#[test]
fn broken_files_never_panic() {
    for file in all_kinds().map(complete) {
        crate::broken::cut(
            &file.bytes,
            |bytes| tiff::open(bytes, Options::default()),
            crate::broken::no_checksums,
            |_, opened| !opened,
        );
        crate::broken::change(
            &file.bytes,
            0..4096,
            |bytes| tiff::open(bytes, Options::default()),
            crate::broken::no_checksums,
        );
    }
}

#[test]
fn real_files() {
    crate::corpus::check("tiff", "tiff", Names::Own);
}
