//! What opening takes: at most 4 bytes of memory for each byte of the file, and 16 MiB, in every format; and
//! no more than there is, however large a file says that it is.
#![allow(
    clippy::cast_possible_truncation,
    clippy::vec_init_then_push,
    reason = "files of the tests' own, of known sizes"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use fragview::formats::{self, Options};
use fragview::geometry::Extents;
use fragview::{Bytes, Within};

/// Counts the bytes that are in use, and refuses what passes a limit.
struct Counting;

static USED: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// No single allocation may be larger.
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);
/// One test at a time: they share the counters.
static TURN: Mutex<()> = Mutex::new(());

// SAFETY: all is handed to the system's allocator; a null pointer says that memory is short.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LIMIT.load(Relaxed) {
            return std::ptr::null_mut();
        }
        let used = USED.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(used, Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        USED.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most that `work` had in use at once, besides what was in use before.
fn peak<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = USED.load(Relaxed);
    PEAK.store(before, Relaxed);
    let result = work();
    (result, PEAK.load(Relaxed) - before)
}

const MIB: usize = 1 << 20;

/// Opens a file, which must work, within the bar.
fn within_the_bar(format: &str, file: &[u8], streams: usize) {
    opens(format, file, streams, 16 * MIB);
}

/// As [`within_the_bar`], with a hundredth of what a file may take besides.
fn dense(format: &str, file: &[u8], streams: usize) {
    opens(format, file, streams, MIB / 6);
}

/// Opens a file, which must work, in 4 bytes of memory for each of its bytes, and `besides`.
fn opens(format: &str, file: &[u8], streams: usize, besides: usize) {
    let (container, peak) = peak(|| formats::open(file, Some(format), Options::default()));
    let container = container.unwrap_or_else(|error| panic!("{error}"));
    let bar = 4 * file.len() + besides;
    println!(
        "{format}: {} bytes, {} streams, peak {peak}, kept {}",
        file.len(),
        container.len(),
        container.heap_size()
    );
    assert!(
        container.len() >= streams,
        "{format}: {} streams",
        container.len()
    );
    let lenient = self::peak(|| formats::open(file, Some(format), Options::LENIENT)).1;
    assert!(
        peak <= bar && lenient <= bar,
        "{format}: {peak} bytes, in lenient {lenient}, for a file of {}, over {bar}",
        file.len()
    );
    // One stream may have as many extents as the file has bytes.
    assert!(
        streams == 1 || container.heap_size() <= 48 * container.len() + 4096,
        "{format}: {} bytes for {} streams",
        container.heap_size(),
        container.len()
    );
}

fn repeat(part: &[u8], count: usize) -> Vec<u8> {
    part.repeat(count)
}

#[test]
fn files_of_tiny_records() {
    let _turn = TURN.lock();
    // 500,001 strips of no bytes, of which offsets and lengths take 4 bytes together.
    let count = 500_001_u32;
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    for (tag, at) in [(273_u16, 38), (279, 38 + 2 * count)] {
        tiff.extend(tag.to_le_bytes());
        tiff.extend(3_u16.to_le_bytes());
        tiff.extend(count.to_le_bytes());
        tiff.extend(at.to_le_bytes());
    }
    tiff.extend([0; 4]);
    tiff.resize(38 + 4 * count as usize, 0);
    within_the_bar("tiff", &tiff, 500_001);

    within_the_bar("fortran", &repeat(b"\x01\0\0\0a\x01\0\0\0", 230_000), 230_000);
    // Records of many sizes are no stride.
    let mut fortran = Vec::new();
    for index in 0..200_000_u32 {
        let length = 1 + index.wrapping_mul(7919) % 3;
        fortran.extend(length.to_le_bytes());
        fortran.extend(&b"abc"[..length as usize]);
        fortran.extend(length.to_le_bytes());
    }
    within_the_bar("fortran", &fortran, 200_000);

    let riff = |chunks: Vec<u8>| {
        let mut file = b"RIFF".to_vec();
        file.extend((4 + chunks.len() as u32).to_le_bytes());
        file.extend(b"WAVE");
        file.extend(chunks);
        file
    };
    within_the_bar("riff", &riff(repeat(b"data\x01\0\0\0a\0", 200_000)), 200_000);
    let mut chunks = Vec::new();
    for index in 0..200_000_u32 {
        chunks.extend((index.wrapping_mul(2_654_435_761) | 0x8080_8080).to_be_bytes());
        chunks.extend(b"\x01\0\0\0a\0");
    }
    let (result, peak) = peak(|| formats::open(&riff(chunks)[..], Some("riff"), Options::default()));
    assert!(result.is_ok());
    println!("riff with a type a chunk: peak {peak}");

    let gif = |blocks: &[u8]| [&b"GIF89a\x01\0\x01\0\0\0\0"[..], blocks, b"\x3b"].concat();
    within_the_bar("gif", &gif(&repeat(b"\x21\xfe\x01a\0", 700_000)), 700_000);
    within_the_bar(
        "gif",
        &gif(&repeat(b"\x21\xfe\x01a\0\x21\x01\x01a\0", 350_000)),
        700_000,
    );
    let image = [
        b"\x2c\0\0\0\0\x01\0\x01\0\0\x02",
        &repeat(b"\x01a", 1_000_000)[..],
        b"\0",
    ]
    .concat();
    within_the_bar("gif", &gif(&image), 1);

    // 255 packets of no bytes and one of a byte a page.
    let mut ogg = Vec::new();
    for number in 0..8000_u32 {
        let flags = u8::from(number == 0) * 2;
        ogg.extend(b"OggS\0");
        ogg.push(flags);
        ogg.extend([0; 8]);
        ogg.extend(1_u32.to_le_bytes());
        ogg.extend(number.to_le_bytes());
        ogg.extend([0; 4]);
        ogg.push(255);
        ogg.extend((0..255).map(|index| u8::from(index % 3 == 0)));
        ogg.extend([0; 85]);
    }
    within_the_bar("ogg", &ogg, 2_000_000);

    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR.............crc!".to_vec();
    png.extend(repeat(b"\0\0\0\x01tEXtacrc!\0\0\0\x01zTXtacrc!", 80_000));
    png.extend(repeat(b"\0\0\0\x01IDATacrc!", 80_000));
    png.extend(b"\0\0\0\0IENDcrc!");
    within_the_bar("png", &png, 160_000);

    within_the_bar("leveldb_log", &leveldb(), 200_000);

    // Fragments of no bytes.
    let mut dicom = [&[0; 128][..], b"DICM\x02\0\x10\0UI\x16\x001.2.840.10008.1.2.4.50"].concat();
    dicom.extend(b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\0\0\0\0");
    dicom.extend(repeat(b"\xfe\xff\x00\xe0\0\0\0\0", 250_000));
    dicom.extend(b"\xfe\xff\xdd\xe0\0\0\0\0");
    within_the_bar("dicom", &dicom, 2);
}

#[test]
fn media_of_tiny_packets() {
    let _turn = TURN.lock();
    // 1,000,000 samples of 0 to 2 bytes in one chunk.
    let count = 1_000_000_u32;
    let mut sizes = Vec::new();
    let mut data = 0;
    for index in 0..count {
        let size = index.wrapping_mul(7919) % 3;
        sizes.extend(size.to_be_bytes());
        data += size as usize;
    }
    let part = |kind: &[u8; 4], content: &[u8]| {
        [&(content.len() as u32 + 8).to_be_bytes(), &kind[..], content].concat()
    };
    let sizes = [&[0; 8][..], &count.to_be_bytes(), &sizes].concat();
    let runs = [
        &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1][..],
        &count.to_be_bytes(),
        &[0, 0, 0, 1],
    ]
    .concat();
    let tables = [
        part(b"stsz", &sizes),
        part(b"stsc", &runs),
        part(b"stco", &[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 8]),
    ];
    let media = part(b"mdia", &part(b"minf", &part(b"stbl", &tables.concat())));
    let header = part(b"tkhd", &[[0; 12], [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]].concat());
    let movie = part(b"moov", &part(b"trak", &[header, media].concat()));
    within_the_bar("mp4", &[part(b"mdat", &vec![0; data]), movie].concat(), 1_000_000);

    // 256 frames a block, of no byte and of one in turn: Xiph's lacing has a byte for each size.
    let mut block = b"\xa3\x41\x83\x81\0\0\x02\xff".to_vec();
    block.extend((0..255).map(|index| index % 2));
    block.extend([0; 128]);
    assert_eq!(block.len(), 3 + 0x183 + 1);
    block[2] = 0x84;
    let mut file = b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff".to_vec();
    file.extend(b"\x16\x54\xae\x6b\x88\xae\x86\xd7\x81\x01\x83\x81\x02\x1f\x43\xb6\x75\xff");
    file.extend(repeat(&block, 4_000));
    within_the_bar("matroska", &file, 1_024_000);

    let tag = b"\x08\0\0\x01\0\0\0\0\0\0\0\x2f\0\0\0\x0c";
    let flv = [&b"FLV\x01\x04\0\0\0\x09\0\0\0\0"[..], &repeat(tag, 200_000)].concat();
    within_the_bar("flv", &flv, 200_000);

    let avro = [
        &b"Obj\x01\0"[..],
        &[7; 16],
        &repeat(&[&[2, 0][..], &[7; 16]].concat(), 200_000),
    ]
    .concat();
    within_the_bar("avro", &avro, 200_000);

    let stored = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x1f\0\x01\x01\0\xfe\xff....\x01\0\0\0";
    let mut stored = stored.to_vec();
    stored.insert(23, b'x');
    let end = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x1c\0\x4b\x04\0....\x01\0\0\0";
    within_the_bar("bgzf", &repeat(&[&stored[..], end].concat(), 100_000), 200_000);

    let http = repeat(b"GET / HTTP/1.1\nContent-Length:1\n\nx", 50_000);
    within_the_bar("http", &http, 100_000);
    let chunks = [
        &b"HTTP/1.1 200\nTransfer-Encoding: chunked\n\n"[..],
        &repeat(b"1\nx\n", 200_000),
        b"0\n\n",
    ];
    let chunks = chunks.concat();
    let (result, peak) = peak(|| formats::open(&chunks, Some("http"), Options::default()));
    assert!(result.is_ok());
    // No 4 bytes each: a body's extents are kept as those of a container.
    assert!(peak <= 2 * chunks.len(), "http: {peak}");
}

#[test]
fn archives_and_logs_of_tiny_records() {
    let _turn = TURN.lock();
    let warc = repeat(b"WARC/1.0\r\nContent-Length: 0\r\n\r\n\r\n\r\n", 15_000);
    dense("warc", &warc, 30_000);
    let http = b"Content-Type: application/http\r\n";
    let block = b"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n1\r\ny\r\n0\r\n\r\n";
    let head = format!("WARC/1.0\r\nContent-Length: {}\r\n", block.len());
    let record = [head.as_bytes(), http, b"\r\n", block, b"\r\n\r\n"].concat();
    dense("warc", &repeat(&record, 5_000), 15_000);

    dense("websocket", &repeat(b"\x81\x01a", 70_000), 140_000);
    dense("websocket", &repeat(b"\x81\0\x89\0", 50_000), 200_000);
    // One message of very many frames.
    let frames = [&b"\x01\x01a"[..], &repeat(b"\0\x01b", 100_000), b"\x80\x01c"].concat();
    dense("websocket", &frames, 1);

    dense("pg_wal", &pg_wal(50), 16_000);
    dense("regf", &regf(25_000, b""), 25_000);
    // Paths longer than the cells that they come from.
    dense("regf", &regf(25_000, &[b'k'; 40]), 25_000);
}

/// Pages of records without content.
fn pg_wal(pages: u64) -> Vec<u8> {
    const PAGE: usize = 8192;
    const BASE: u64 = 3 << 24;
    let (mut file, mut last) = (Vec::new(), 0_u64);
    for page in 0..pages {
        let at = BASE + page * PAGE as u64;
        file.extend([0x13, 0xd1, if page == 0 { 2 } else { 0 }, 0, 1, 0, 0, 0]);
        file.extend(at.to_le_bytes());
        file.extend([0; 8]);
        if page == 0 {
            file.extend([7; 8]);
            file.extend((1_u32 << 24).to_le_bytes());
            file.extend((PAGE as u32).to_le_bytes());
        }
        while !file.len().is_multiple_of(PAGE) {
            // The last one of a page fills it.
            let room = PAGE - file.len() % PAGE;
            let length = if room < 48 { room } else { 24 };
            let at = BASE + file.len() as u64;
            file.extend((length as u32).to_le_bytes());
            file.extend([9, 0, 0, 0]);
            file.extend(last.to_le_bytes());
            file.resize(file.len() + length - 16, 0);
            last = at;
        }
    }
    file
}

/// A hive of so many values of 4 bytes, in a key of this name if it has one.
fn regf(count: u32, name: &[u8]) -> Vec<u8> {
    let mut bins = b"hbin".to_vec();
    bins.resize(32, 0);
    let mut cell = |content: &[u8]| {
        let at = bins.len();
        let size = (content.len() + 4).next_multiple_of(8);
        bins.extend((-i32::try_from(size).unwrap()).to_le_bytes());
        bins.extend(content);
        bins.resize(at + size, 0);
        at as u32
    };
    let mut values = Vec::new();
    for index in 0..count {
        let name = index.to_le_bytes().map(|byte| b'0' + byte % 64);
        let value = [&b"vk\x04\0\x04\0\0\x80abcd\x03\0\0\0\x01\0\0\0"[..], &name].concat();
        values.extend(cell(&value).to_le_bytes());
    }
    let list = cell(&values);
    let mut key = |name: &[u8], keys: (u32, u32), values: (u32, u32)| {
        let mut key = vec![0; 76];
        key[..3].copy_from_slice(b"nk\x20");
        for (at, value) in [(20, keys.0), (28, keys.1), (36, values.0), (40, values.1)] {
            key[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        key[72] = name.len() as u8;
        key.extend(name);
        cell(&key)
    };
    let mut root = key(name, (0, 0), (count, list));
    if !name.is_empty() {
        let mut keys = b"li\x01\0".to_vec();
        keys.extend(root.to_le_bytes());
        let keys = cell(&keys);
        let mut key = vec![0; 76];
        key[..3].copy_from_slice(b"nk\x20");
        key[20] = 1;
        key[28..32].copy_from_slice(&keys.to_le_bytes());
        root = cell(&key);
    }
    let mut file = b"regf\x05\0\0\0\x05".to_vec();
    file.resize(4096, 0);
    (file[20], file[24]) = (1, 5);
    let end = bins.len().next_multiple_of(4096);
    file[36..40].copy_from_slice(&root.to_le_bytes());
    file[40..44].copy_from_slice(&(end as u32).to_le_bytes());
    file.extend(&bins);
    file.resize(4096 + end, 0);
    file
}

fn leveldb() -> Vec<u8> {
    let mut file = Vec::new();
    for _ in 0..200_000 {
        let left = 32768 - file.len() % 32768;
        if left < 7 {
            file.resize(file.len() + left, 0);
        }
        file.extend(b"\0\0\0\0\0\0\x01");
    }
    file
}

/// Bytes and then zeros, as many as one wants.
struct Endless {
    head: Vec<u8>,
    len: usize,
}

impl Bytes for Endless {
    fn len(&self) -> usize {
        self.len
    }

    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        let end = offset.checked_add(target.len()).filter(|&end| end <= self.len)?;
        target.fill(0);
        if let Some(head) = self.head.get(offset..end.min(self.head.len()).max(offset)) {
            target[..head.len()].copy_from_slice(head);
        }
        Some(())
    }
}

#[test]
fn a_hole_behind_the_header() {
    let _turn = TURN.lock();
    LIMIT.store(64 * MIB, Relaxed);
    let mut heads: Vec<(&str, Vec<u8>)> = Vec::new();
    heads.push(("ole", ole_header()));
    heads.push(("gif", b"GIF89a\x01\0\x01\0\0\0\0\x21\xfe".to_vec()));
    heads.push(("tiff", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec()));
    heads.push(("png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec()));
    heads.push(("riff", b"RIFF\x04\x10\0\0WAVE".to_vec()));
    heads.push(("ogg", b"OggS\0\x02".to_vec()));
    // DICOM's zeros are elements without content: they are walked, and a signal ends that.
    heads.push(("elf_core", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x04".to_vec()));
    heads.push(("tfrecord", Vec::new()));
    heads.push(("mp4", b"\0\0\0\x08ftyp\0\0\0\0moov".to_vec()));
    heads.push((
        "matroska",
        b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff\x16\x54\xae\x6b\xff".to_vec(),
    ));
    heads.push(("flv", b"FLV\x01\x04\0\0\0\x09".to_vec()));
    heads.push(("avro", [&b"Obj\x01\0"[..], &[7; 16]].concat()));
    heads.push((
        "asf",
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c".to_vec(),
    ));
    heads.push(("mpegps", b"\0\0\x01\xba\x44".to_vec()));
    heads.push(("woff", b"wOFF".to_vec()));
    heads.push(("bgzf", b"\x1f\x8b\x08\x04".to_vec()));
    heads.push(("netcdf3", b"CDF\x05\0\0\0\0\0\0\0\0\0\0\0\x0a".to_vec()));
    heads.push(("parquet", b"PAR1".to_vec()));
    heads.push((
        "http",
        b"HTTP/1.1 200\nTransfer-Encoding: chunked\n\n0\n".to_vec(),
    ));
    heads.push(("mpegts", vec![0x47; 188]));
    for (format, head) in heads {
        let file = Endless { head, len: 1 << 60 };
        let (result, peak) = peak(|| formats::open(&file, Some(format), Options::default()));
        println!("{format}: {:?}", result.map(|container| container.len()));
        assert!(peak <= 16 * MIB, "{format}: {peak}");
    }
    LIMIT.store(usize::MAX, Relaxed);
}

fn ole_header() -> Vec<u8> {
    let mut file = vec![0; 512];
    file[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    file[24..34].copy_from_slice(b"\x3E\0\x03\0\xFE\xFF\x09\0\x06\0");
    file[44..52].copy_from_slice(b"\x01\0\0\0\x01\0\0\0");
    file[56..76].copy_from_slice(b"\0\x10\0\0\xFE\xFF\xFF\xFF\0\0\0\0\xFE\xFF\xFF\xFF\0\0\0\0");
    file
}

/// A disk of 2^50 bytes in a QCOW2 image, whose first cluster is a compound file's header.
#[test]
fn a_vast_disk_opened_in_turn() {
    let _turn = TURN.lock();
    LIMIT.store(64 * MIB, Relaxed);
    let cluster = 1 << 21;
    let mut file = vec![0; 4 * cluster];
    file[..8].copy_from_slice(b"QFI\xfb\0\0\0\x02");
    file[20..24].copy_from_slice(&21_u32.to_be_bytes());
    file[24..32].copy_from_slice(&(1_u64 << 50).to_be_bytes());
    file[36..40].copy_from_slice(&2048_u32.to_be_bytes());
    file[40..48].copy_from_slice(&(cluster as u64).to_be_bytes());
    file[cluster..cluster + 8].copy_from_slice(&((1 << 63) | (2 * cluster as u64)).to_be_bytes());
    file[2 * cluster..2 * cluster + 8].copy_from_slice(&((1 << 63) | (3 * cluster as u64)).to_be_bytes());
    file[3 * cluster..3 * cluster + 512].copy_from_slice(&ole_header());
    let (result, peak) = peak(|| {
        let disk = formats::open(&file, Some("qcow2"), Options::default())?;
        let extents = disk.extents(0).unwrap_or_else(Extents::new);
        assert_eq!(extents.byte_len(), 1 << 50);
        formats::open(&Within::new(&file, &extents), Some("ole"), Options::default())
    });
    LIMIT.store(usize::MAX, Relaxed);
    println!("{result:?}");
    assert!(result.is_err());
    assert!(peak <= 16 * MIB, "{peak}");
}
