//! Registry hives: the rules on small hives, and broken ones.

use crate::corpus::{faulty, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, regf};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    regf::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    regf::open(bytes, Options::LENIENT)
}

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap().to_le_bytes()
}

/// A hive that is built cell by cell.
struct Hive(Vec<u8>);

impl Hive {
    fn new() -> Self {
        let mut bin = b"hbin".to_vec();
        bin.resize(32, 0);
        Self(bin)
    }

    /// Adds a cell; its offset.
    fn cell(&mut self, content: &[u8]) -> usize {
        let at = self.0.len();
        let size = (content.len() + 4).next_multiple_of(8);
        self.0.extend((-i32::try_from(size).unwrap()).to_le_bytes());
        self.0.extend(content);
        self.0.resize(at + size, 0);
        at
    }

    fn list(&mut self, head: &[u8], step: usize, cells: &[usize]) -> usize {
        let mut content = head.to_vec();
        for &cell in cells {
            content.extend(number(cell));
            content.resize(content.len() + step - 4, 0);
        }
        self.cell(&content)
    }

    fn key(&mut self, name: &[u8], flags: u8, keys: (usize, usize), values: (usize, usize)) -> usize {
        let mut key = vec![0; 76];
        key[..3].copy_from_slice(&[b'n', b'k', flags]);
        for (at, value) in [(20, keys.0), (28, keys.1), (36, values.0), (40, values.1)] {
            key[at..at + 4].copy_from_slice(&number(value));
        }
        key[72] = u8::try_from(name.len()).unwrap();
        key.extend(name);
        self.cell(&key)
    }

    /// A value: `size` as it stands, and the cell of its data or the data.
    fn value(&mut self, name: &[u8], size: usize, data: [u8; 4]) -> usize {
        let mut value = b"vk".to_vec();
        value.extend([u8::try_from(name.len()).unwrap(), 0]);
        value.extend([number(size), data, [3, 0, 0, 0], [1, 0, 0, 0]].concat());
        value.extend(name);
        self.cell(&value)
    }

    /// The file, with the root in this cell.
    fn file(&self, root: usize) -> Vec<u8> {
        let mut file = b"regf\x05\0\0\0\x05".to_vec();
        file.resize(4096, 0);
        file[20] = 1;
        file[24] = 5;
        let bins = self.0.len().next_multiple_of(4096);
        file[36..40].copy_from_slice(&number(root));
        file[40..44].copy_from_slice(&number(bins));
        let sum = file[..508]
            .chunks(4)
            .fold(0, |sum, four| sum ^ u32::from_le_bytes(four.try_into().unwrap()));
        file[508..512].copy_from_slice(&sum.to_le_bytes());
        file.extend(&self.0);
        file.resize(4096 + bins, 0);
        file
    }
}

/// Keys in lists of each kind, values of each kind.
fn sample() -> (Vec<u8>, Vec<u8>) {
    let mut hive = Hive::new();
    let data: Vec<u8> = (0..40_000_u32).map(|index| (index % 251) as u8).collect();
    let parts: Vec<_> = data.chunks(16_344).map(|part| hive.cell(part)).collect();
    let list = hive.list(b"", 4, &parts);
    let big = hive.cell(&[&b"db\x03\0"[..], &number(list)].concat());
    let big = hive.value(b"big", data.len(), number(big));
    let text = hive.cell(b"plain text");
    let text = hive.value(b"", 10, number(text));
    let small = hive.value(b"a/b\\c", 0x8000_0003, *b"abc\0");
    let none = hive.value(b"none", 0, [0xff; 4]);
    let values = hive.list(b"", 4, &[big, text, small, none]);
    let leaf = hive.key(
        "\u{e4}b"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<_>>()
            .as_slice(),
        0,
        (0, 0),
        (4, values),
    );
    let one = hive.value(b"one", 0x8000_0004, *b"1234");
    let ones = hive.list(b"", 4, &[one]);
    let other = hive.key(b"other", 0x20, (0, 0), (1, ones));
    let hashed = hive.list(b"lh\x01\0", 8, &[leaf]);
    let plain = hive.list(b"li\x01\0", 4, &[other]);
    let both = hive.list(b"ri\x02\0", 4, &[hashed, plain]);
    let root = hive.key(b"ROOT", 0x20, (2, both), (0, 0xffff_ffff));
    (hive.file(root), data)
}

#[test]
fn values() {
    let (file, data) = sample();
    let container = open(&file).expect("valid");
    assert_eq!(lenient(&file).expect("valid"), container);
    regf::verify(&file, &container).expect("its checksum is right");
    let expected = [
        "other/one",
        "\u{e4}b/big",
        "\u{e4}b/(default)",
        "\u{e4}b/a_b\\c",
        "\u{e4}b/none",
    ];
    assert_eq!(names(&container), expected);
    assert_eq!(named(&file, &container, "\u{e4}b/big"), data);
    assert_eq!(container.extents(1).expect("big").len(), 3);
    assert_eq!(named(&file, &container, "\u{e4}b/(default)"), b"plain text");
    assert_eq!(named(&file, &container, "\u{e4}b/a_b\\c"), b"abc");
    assert_eq!(named(&file, &container, "other/one"), b"1234");
    let found = fragview::formats::open(&file, None, Options::STRICT);
    assert_eq!(found.expect("valid").format, "regf");
    let mut wrong = file.clone();
    wrong[100] = 1;
    assert!(regf::verify(&wrong, &container).is_err());
    let mut dirty = file;
    dirty[8] = 4;
    faulty(open, &dirty, "logs");
}

#[test]
fn what_is_refused() {
    let (file, data) = sample();
    let mut changed = file.clone();
    changed[20] = 2;
    refused(open, &changed, "a version");
    let at = |what: &[u8]| {
        file.windows(what.len())
            .position(|part| part == what)
            .expect("it is there")
    };
    let change = |what: &[u8], skip: usize, new: &[u8]| {
        let mut changed = file.clone();
        let at = at(what) + skip;
        changed[at..at + new.len()].copy_from_slice(new);
        changed
    };
    refused(open, &change(b"nk\x20", 0, b"xx"), "no key");
    refused(open, &change(b"lh\x01", 0, b"xx"), "no list");
    refused(open, &change(b"ri\x02", 2, b"\xff\xff"), "longer than its cell");
    refused(open, &change(b"db\x03", 0, b"xx"), "no big data");
    refused(open, &change(b"db\x03", 2, b"\x02"), "data shorter");
    refused(
        open,
        &change(b"vk\x03\0\x04\0\0\x80", 4, b"\x05"),
        "more than 4 bytes",
    );
    // A free cell, and one that two lists name.
    let mut changed = file.clone();
    let leaf = at(b"nk\0");
    changed[leaf - 4..leaf].copy_from_slice(&[0x60, 0, 0, 0]);
    refused(open, &changed, "free");
    assert_eq!(names(&lenient(&changed).expect("the other key")), ["other/one"]);
    let mut changed = file.clone();
    let other = at(b"li\x01\0") + 4;
    changed.copy_within(other..other + 4, at(b"lh\x01\0") + 4);
    refused(open, &changed, "two uses");
    // The bins end within big data.
    let cut = &file[..4096 + 32 + 2000];
    refused(open, cut, "past the end");
    let mut hive = Hive::new();
    let value = hive.value(b"big", 2000, number(400));
    let list = hive.list(b"", 4, &[value]);
    let root = hive.key(b"ROOT", 0x20, (0, 0), (1, list));
    hive.0.resize(400, 0);
    assert_eq!(hive.cell(&data[..2000]), 400);
    let mut file = hive.file(root);
    file.truncate(4096 + 404 + 500);
    refused(open, &file, "past the end");
    let container = lenient(&file).expect("a part");
    assert_eq!(named(&file, &container, "big"), data[..500]);
}

#[test]
fn broken_files() {
    let mut hive = Hive::new();
    let one = hive.value(b"one", 0x8000_0004, *b"1234");
    let ones = hive.list(b"", 4, &[one]);
    let leaf = hive.key(b"leaf", 0x20, (0, 0), (1, ones));
    let list = hive.list(b"lf\x01\0", 8, &[leaf]);
    let root = hive.key(b"ROOT", 0x20, (1, list), (0, 0));
    let mut file = hive.file(root);
    for open in [open, lenient] {
        crate::broken::change(&file, 20..44, open, |_, _| Ok(()));
        crate::broken::change(&file, 4096..4500, open, regf::verify);
    }
    file.truncate(4096 + hive.0.len());
    file[40..44].copy_from_slice(&number(hive.0.len()));
    for end in 0..file.len() {
        assert!(open(&&file[..end]).is_err(), "cut at {end}");
        let _ = lenient(&&file[..end]);
    }
}
