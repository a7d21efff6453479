//! Tape archives: the rules on small files, broken files, and the corpus. `tests/test_formats_disk.py`
//! compares with Python's `tarfile`.
#![allow(
    clippy::cast_possible_truncation,
    clippy::format_push_string,
    reason = "files of the tests' own, of known sizes"
)]

use crate::broken::no_checksums as verify;
use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, tar};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    tar::open(bytes, Options::STRICT)
}

fn lenient(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    tar::open(bytes, Options::LENIENT)
}

/// A member: its header, with more fields, and its bytes.
fn member(name: &str, kind: u8, fields: &[(usize, &str)], content: &[u8], size: usize) -> Vec<u8> {
    let mut file = vec![0; 512];
    file[..name.len()].copy_from_slice(name.as_bytes());
    file[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    file[156] = kind;
    file[257..263].copy_from_slice(b"ustar\0");
    for (at, text) in fields {
        file[*at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    let sum: u32 = file.iter().map(|&byte| u32::from(byte)).sum::<u32>() + 8 * 32;
    file[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    file.extend(content);
    file.resize(file.len().next_multiple_of(512), 0);
    file
}

fn plain(name: &str, content: &[u8]) -> Vec<u8> {
    member(name, b'0', &[], content, content.len())
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let mut content = String::new();
    for (keyword, value) in records {
        let length = keyword.len() + value.len() + 3;
        let total = length + (length + 2).to_string().len();
        content += &format!("{total} {keyword}={value}\n");
    }
    member("x", b'x', &[], content.as_bytes(), content.len())
}

#[test]
fn members() {
    let file = [
        plain("./a.txt", b"hello"),
        member("folder/", b'5', &[], b"", 0),
        member("b", b'0', &[(345, "long/prefix")], b"world", 5),
        member("L", b'L', &[], b"a long name\0", 12),
        plain("a lo", b"!"),
        pax(&[("path", "x/y")]),
        plain("z", b"?"),
        member("link", b'2', &[(157, "a.txt")], b"", 0),
        plain("a.txt", b"again"),
        vec![0; 1024],
        b"what follows".to_vec(),
    ]
    .concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(
        names(&container),
        ["a.txt", "long/prefix/b", "a long name", "x/y", "a.txt@1"]
    );
    assert_eq!(named(&file, &container, "long/prefix/b"), b"world");
    assert_eq!(named(&file, &container, "a.txt@1"), b"again");
    assert_eq!(lenient(&&file[..]).expect("valid"), container);
}

#[test]
fn sparse_files() {
    let map = [
        (386, "00000000002\x0000000000003\0"),
        (410, "00000000007\x0000000000001\0"),
        (483, "00000000012"),
    ];
    let old = member("old", b'S', &map, b"abcd", 4);
    let listed = [
        pax(&[
            ("GNU.sparse.map", "2,3,7,1"),
            ("GNU.sparse.size", "10"),
            ("GNU.sparse.name", "0.1"),
        ]),
        plain("stand-in", b"abcd"),
    ];
    let mut content = b"2\n2\n3\n7\n1\n".to_vec();
    content.resize(512, 0);
    content.extend(b"abcd");
    let first = [
        pax(&[
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.minor", "0"),
            ("GNU.sparse.name", "1.0"),
            ("GNU.sparse.realsize", "10"),
        ]),
        plain("stand-in", &content),
    ];
    let zero = [
        pax(&[
            ("GNU.sparse.size", "10"),
            ("GNU.sparse.numblocks", "2"),
            ("GNU.sparse.offset", "2"),
            ("GNU.sparse.numbytes", "3"),
            ("GNU.sparse.offset", "7"),
            ("GNU.sparse.numbytes", "1"),
        ]),
        plain("0.0", b"abcd"),
    ];
    let file = [old.clone(), listed.concat(), first.concat(), zero.concat()].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["old", "0.1", "1.0", "0.0"]);
    for name in ["old", "0.1", "1.0", "0.0"] {
        assert_eq!(named(&file, &container, name), b"\0\0abc\0\0d\0\0", "{name}");
    }
    for open in [open, lenient] {
        crate::broken::change(&old, 380..512, open, verify);
        crate::broken::change(&first.concat(), 512..560, open, verify);
        crate::broken::change(&first.concat(), 1536..1550, open, verify);
    }
    refused(
        open,
        &[
            pax(&[("GNU.sparse.map", "2,3,1,1"), ("GNU.sparse.size", "10")]),
            plain("a", b"abcd"),
        ]
        .concat(),
        "out of order",
    );
    refused(
        open,
        &[
            pax(&[("GNU.sparse.map", "2,9"), ("GNU.sparse.size", "20")]),
            plain("a", b"abcd"),
        ]
        .concat(),
        "longer than what is stored",
    );
}

#[test]
fn volumes() {
    // A file of 1300 bytes, of which 512 are in the first volume and 512 in the second one.
    let content: Vec<u8> = (0..1300_u32).map(|index| index as u8).collect();
    let first = member("a", b'0', &[], &content[..512], 1300);
    let second = member("a", b'M', &[(369, "00000001000")], &content[512..1024], 788);
    let third = member("a", b'M', &[(369, "00000002000")], &content[1024..], 276);
    let file = [first, second.clone(), third, plain("b", b"end"), vec![0; 1024]].concat();
    let container = open(&&file[..]).expect("valid");
    assert_eq!(names(&container), ["a", "b"]);
    assert_eq!(named(&file, &container, "a"), content);
    assert_eq!(named(&file, &container, "b"), b"end");
    refused(open, &file[..1024], "past the archive's end");
    let part = &file[..1024];
    let container = lenient(&part).expect("lenient");
    assert_eq!(named(part, &container, "a"), content[..512]);
    // A file of zeros looks like the archive's end.
    let zeros = [
        member("z", b'0', &[], &[0; 512], 1100),
        member("z", b'M', &[(369, "00000001000")], &[0; 588], 588),
        plain("b", b"end"),
    ]
    .concat();
    assert_eq!(names(&open(&&zeros[..]).expect("valid")), ["z", "b"]);
    // The second volume alone.
    let alone = member("a", b'M', &[(369, "00000001000")], b"abc", 3);
    refused(open, &alone, "not there");
    let container = lenient(&&alone[..]).expect("lenient");
    assert_eq!(
        named(&alone, &container, "a"),
        [vec![0; 512], b"abc".to_vec()].concat()
    );
    assert_eq!(second.len(), 1024);
}

#[test]
fn broken_files() {
    let file = [plain("a", b"hello"), plain("b", b"world"), vec![0; 1024]].concat();
    for open in [open, lenient] {
        crate::broken::change(&file, 100..160, open, verify);
    }
    // Cut behind a member's bytes, or within zeros, the archive is whole: GNU tar says so, too.
    crate::broken::cut(&file, open, verify, |end, opened| {
        let in_first = (1..517).contains(&end);
        let in_second = (1025..1541).contains(&end);
        opened != (in_first || in_second)
    });
    let mut broken = file.clone();
    broken[1024] = b'x';
    refused(open, &broken, "checksum");
    let container = lenient(&&broken[..]).expect("lenient");
    assert_eq!(
        (names(&container), container.faults.len()),
        (vec!["a".to_string()], 1)
    );
}

#[test]
fn the_corpus() {
    crate::corpus::check("tar_sparse", "tar", Names::Same);
    crate::corpus::check_joined("tar_multivolume", "tar", Names::Same);
}
