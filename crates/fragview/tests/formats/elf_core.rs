//! ELF cores: the rules on small files, broken files, and the corpus.

use crate::corpus::{Names, named, names, refused};
use fragview::Bytes;
use fragview::formats::{Container, FormatError, Options, elf_core};

fn open(bytes: &dyn Bytes) -> Result<Container, FormatError> {
    elf_core::open(bytes, Options::default())
}

use crate::broken::no_checksums as verify;

const LOAD: u32 = 1;
const NOTE: u32 = 4;

/// A segment: type, address, size in memory, content.
type Segment<'a> = (u32, u64, u64, &'a [u8]);

/// A core of 32 or 64 bits in either byte order; physical addresses are virtual ones, plus `physical`.
fn core(wide: bool, big_endian: bool, physical: u64, segments: &[Segment]) -> Vec<u8> {
    let mut file = b"\x7fELF".to_vec();
    let put = |file: &mut Vec<u8>, width: usize, value: u64| {
        let bytes = value.to_le_bytes();
        let bytes = &bytes[..width];
        if big_endian {
            file.extend(bytes.iter().rev());
        } else {
            file.extend(bytes);
        }
    };
    let address = if wide { 8 } else { 4 };
    let (header, entry) = if wide { (64, 56) } else { (52, 32) };
    file.extend([1 + u8::from(wide), 1 + u8::from(big_endian), 1]);
    file.resize(16, 0);
    for (width, value) in [(2, 4), (2, 62), (4, 1)] {
        put(&mut file, width, value);
    }
    for value in [0, header, 0] {
        put(&mut file, address, value);
    }
    for (width, value) in [
        (4, 0),
        (2, header),
        (2, entry),
        (2, segments.len() as u64),
        (2, 0),
        (2, 0),
        (2, 0),
    ] {
        put(&mut file, width, value);
    }
    let mut offset = header + entry * segments.len() as u64;
    for &(kind, at, memory, content) in segments {
        put(&mut file, 4, kind.into());
        if wide {
            put(&mut file, 4, 6);
        }
        for value in [
            offset,
            at,
            at.wrapping_add(physical),
            content.len() as u64,
            memory,
        ] {
            put(&mut file, address, value);
        }
        if !wide {
            put(&mut file, 4, 6);
        }
        put(&mut file, address, 4);
        offset += content.len() as u64;
    }
    file.extend(segments.iter().flat_map(|(.., content)| content.iter()));
    file
}

#[test]
fn classes_and_byte_orders() {
    for (wide, big_endian) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut note = Vec::new();
        for value in [5_u32, 3, 1] {
            note.extend(if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            });
        }
        note.extend(b"CORE\0\0\0\0abc\0");
        let notes = [&note[..], &note].concat();
        let file = core(
            wide,
            big_endian,
            0,
            &[
                (NOTE, 0, 0, &notes),
                (LOAD, 0x2000, 4, b"2222"),
                (LOAD, 0x2004, 20, b"33"),
                (LOAD, 0x2020, 0, b""),
                (LOAD, 0x2018, 2, b"44"),
            ],
        );
        let container = open(&&file[..]).expect("valid");
        assert_eq!(
            names(&container),
            [
                "all_PT_LOAD_joined",
                "PT_LOAD[0]",
                "PT_LOAD[1]",
                "PT_LOAD[2]",
                "PT_LOAD[3]",
                "va_2000",
                "va_2018",
                "memory",
                "PT_NOTE[0]",
                "PT_NOTE[0].CORE.0x1",
                "PT_NOTE[0].CORE.0x1@1",
            ]
        );
        assert_eq!(named(&file, &container, "all_PT_LOAD_joined"), b"22223344");
        assert_eq!(named(&file, &container, "va_2000"), b"222233");
        let memory = [&b"222233"[..], &[0; 18], b"44"].concat();
        assert_eq!(named(&file, &container, "memory"), memory);
        assert_eq!(named(&file, &container, "PT_NOTE[0].CORE.0x1@1"), b"abc");
        crate::broken::cut(&file, open, verify, |_, opened| !opened);
        crate::broken::change(&file, 0..2048, open, verify);
    }
}

#[test]
fn an_address_space_is_mostly_holes() {
    let file = core(
        true,
        false,
        0,
        &[(LOAD, 0x40_0000, 1, b"a"), (LOAD, u64::MAX - 1, 2, b"bc")],
    );
    let container = open(&&file[..]).expect("valid");
    assert!(container.stream("memory").is_none());
    assert_eq!(named(&file, &container, "va_fffffffffffffffe"), b"bc");
}

#[test]
fn memory_without_paging_is_physical() {
    let mut file = core(
        true,
        false,
        0,
        &[(LOAD, 0x1000, 2, b"aa"), (LOAD, 0x1002, 2, b"bb")],
    );
    // Both virtual addresses are 0.
    for header in [64, 120] {
        file[header + 16..header + 24].fill(0);
    }
    let container = open(&&file[..]).expect("valid");
    assert_eq!(named(&file, &container, "pa_1000"), b"aabb");
    let file = core(
        true,
        false,
        8,
        &[(LOAD, 0x1000, 2, b"aa"), (LOAD, 0x1001, 2, b"bb")],
    );
    refused(open, &file, "overlap");
}

#[test]
fn many_segments_are_counted_by_a_section() {
    let mut file = core(true, false, 0, &[(LOAD, 0x1000, 2, b"aa")]);
    let section = file.len() as u64;
    file[40..48].copy_from_slice(&section.to_le_bytes());
    file[56..58].fill(0xff);
    refused(open, &file, "past the end");
    file.resize(file.len() + 64, 0);
    let at = file.len() - 20;
    file[at] = 1;
    assert_eq!(named(&file, &open(&&file[..]).expect("valid"), "va_1000"), b"aa");
    file[at..at + 4].fill(0xff);
    refused(open, &file, "past the end");
}

#[test]
fn what_is_refused() {
    let mut program = core(true, false, 0, &[]);
    assert_eq!(
        names(&open(&&program[..]).expect("valid")),
        ["all_PT_LOAD_joined"]
    );
    program[16] = 2;
    refused(open, &program, "not a core");
    refused(open, b"\x7fELF\x03\x01", "no ELF");
    refused(
        open,
        &core(true, false, 0, &[(LOAD, 0, 1, b"ab")]),
        "larger in the file",
    );
    refused(
        open,
        &core(true, false, 0, &[(LOAD, u64::MAX, 2, b"a")]),
        "past the address space",
    );
    refused(
        open,
        &core(false, false, 0, &[(LOAD, 0xffff_ffff, 2, b"a")]),
        "past the address space",
    );
    let mut small = core(false, false, 0, &[(LOAD, 0, 1, b"a")]);
    small[42] = 31;
    refused(open, &small, "too small");
    let note = [&[0xff; 12][..], b"CORE"].concat();
    refused(
        open,
        &core(true, false, 0, &[(NOTE, 0, 0, &note)]),
        "past the end",
    );
}

#[test]
fn the_corpus() {
    crate::corpus::check("elf_core", "elf_core", Names::Same);
}
