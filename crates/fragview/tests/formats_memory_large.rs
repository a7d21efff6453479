//! The bar holds at every size: files that are as dense as their formats let them be take 4 bytes for each
//! byte of them without the 16 MiB that a file may take besides.

mod counting;

use counting::{MIB, opens_within};

/// The least size that a file is filled up to.
const SIZE: usize = 2 * MIB;

/// Opens a file, which may also be refused, with a hundredth of what it may take besides.
#[track_caller]
fn dense(format: &str, file: &[u8]) {
    let _ = opens_within(format, file, MIB / 6);
}

/// A number that looks random.
const fn mixed(index: u32) -> u32 {
    let mixed = (index ^ (index >> 16)).wrapping_mul(0x045d_9f3b);
    let mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x045d_9f3b);
    mixed ^ (mixed >> 16)
}

/// Parts, the next one made by its number, until the file is as large as it shall be.
fn filled(head: &[u8], tail: &[u8], mut part: impl FnMut(&mut Vec<u8>, u32)) -> Vec<u8> {
    let mut file = Vec::with_capacity(SIZE + 70_000);
    file.extend(head);
    for index in 0.. {
        if file.len() >= SIZE {
            break;
        }
        part(&mut file, index);
    }
    file.extend(tail);
    file
}

fn riff(part: impl FnMut(&mut Vec<u8>, u32)) -> Vec<u8> {
    let mut file = filled(b"RIFF\0\0\0\0WAVE", b"", part);
    let length = u32::try_from(file.len() - 8).unwrap();
    file[4..8].copy_from_slice(&length.to_le_bytes());
    file
}

#[test]
fn riff_with_many_types() {
    let one = b"\x01\0\0\0a\0";
    // Each chunk of a type of its own, that is told in hexadecimal.
    let file = riff(|file, index| {
        file.extend((mixed(index) | 0x8080_8080).to_be_bytes());
        file.extend(one);
    });
    dense("riff", &file);
    let file = riff(|file, index| {
        file.extend(if index % 2 == 0 {
            *b"data"
        } else {
            (mixed(index) | 0x8080_8080).to_be_bytes()
        });
        file.extend(one);
    });
    dense("riff", &file);
    // Each type three times, far from each other.
    let file = riff(|file, index| {
        file.extend((mixed(index % 70_000) | 0x8080_8080).to_be_bytes());
        file.extend(one);
    });
    dense("riff", &file);
    // Many types in any order.
    let file = riff(|file, index| {
        file.extend((mixed(mixed(index) % 1000) | 0x8080_8080).to_be_bytes());
        file.extend(one);
    });
    dense("riff", &file);
}

#[test]
fn gif_of_extensions() {
    let screen = b"GIF89a\x01\0\x01\0\0\0\0";
    let file = filled(screen, b"\x3b", |file, index| {
        file.extend([0x21, mixed(index).to_le_bytes()[0] | 1, 1, b'a', 0]);
    });
    dense("gif", &file);
    for empty in [false, true] {
        let file = filled(screen, b"\x3b", |file, index| {
            let label = [0xfe, 0x01][index as usize % 2];
            file.extend([0x21, label]);
            file.extend(if empty { &b"\0"[..] } else { b"\x01a\0" });
        });
        dense("gif", &file);
    }
}

#[test]
fn jpeg_of_segments() {
    let file = filled(
        b"\xff\xd8",
        b"\xff\xc0\0\x03a\xff\xda\0\x03a\0\xff\xd9",
        |file, index| {
            file.extend([0xff, 0xe3 + mixed(index).to_le_bytes()[0] % 8, 0, 3, b'a']);
        },
    );
    dense("jpeg", &file);
}

#[test]
fn png_of_chunks() {
    let head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR.............crc!";
    let tail = b"\0\0\0\x01IDAT.crc!\0\0\0\0IENDcrc!";
    let letters = |index: u32| {
        let number = mixed(index);
        [0, 5, 10, 15].map(|shift| b'a' + (number >> shift).to_le_bytes()[0] % 26)
    };
    for few in [u32::MAX, 50] {
        let file = filled(head, tail, |file, index| {
            let [one, two, _, four] = letters(index % few);
            file.extend(b"\0\0\0\x01");
            file.extend([one, two, b'A', four]);
            file.extend(b".crc!");
        });
        dense("png", &file);
    }
}

#[test]
fn tiff_of_strips_and_directories() {
    let entry = |file: &mut Vec<u8>, tag: u16, kind: u16, count: u32, value: u32| {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    };
    // Strips in any order.
    let count = 300_000_u32;
    let mut file = b"II*\0\x08\0\0\0\x02\0".to_vec();
    entry(&mut file, 273, 4, count, 38);
    entry(&mut file, 279, 3, count, 38 + 4 * count);
    file.extend([0; 4]);
    for index in 0..count {
        file.extend((mixed(index) % (6 * count)).to_le_bytes());
    }
    for index in 0..count {
        file.extend(((mixed(index) >> 7 & 3) as u16).to_le_bytes());
    }
    dense("tiff", &file);
    // Directories of one entry, one behind the other.
    let file = filled(b"II*\0\x08\0\0\0", b"", |file, index| {
        let next = u32::try_from(file.len() + 18).unwrap();
        file.extend(1_u16.to_le_bytes());
        entry(file, 34675, 1, 5, 8 + index % 1000);
        file.extend(if file.len() < SIZE - 4 { next } else { 0 }.to_le_bytes());
    });
    dense("tiff", &file);
}

#[test]
fn fortran_and_ogg() {
    let file = filled(b"", b"", |file, index| {
        let length = 1 + mixed(index) % 3;
        file.extend(length.to_le_bytes());
        file.extend(&b"abc"[..length as usize]);
        file.extend(length.to_le_bytes());
    });
    dense("fortran", &file);
    let page = |file: &mut Vec<u8>, flags: u8, serial: u32, number: u32, lengths: &[u8]| {
        file.extend(b"OggS\0");
        file.push(flags);
        file.extend([0; 8]);
        file.extend(serial.to_le_bytes());
        file.extend(number.to_le_bytes());
        file.extend([0; 4]);
        file.push(u8::try_from(lengths.len()).unwrap());
        file.extend(lengths);
        file.resize(
            file.len() + lengths.iter().map(|&length| usize::from(length)).sum::<usize>(),
            b'a',
        );
    };
    let file = filled(b"", b"", |file, number| {
        let lengths: Vec<u8> = (0..255)
            .map(|index| (mixed(number * 255 + index) & 1) as u8)
            .collect();
        page(file, u8::from(number == 0) * 2, 1, number, &lengths);
    });
    dense("ogg", &file);
    // A logical stream a page.
    let file = filled(b"", b"", |file, number| page(file, 6, mixed(number), 0, &[1]));
    dense("ogg", &file);
}

#[test]
fn elf_of_headers() {
    for bits in [32, 64] {
        let (header, size) = if bits == 64 { (64, 56) } else { (52, 32) };
        let mut head = vec![0; header];
        head[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', if bits == 64 { 2 } else { 1 }, 1, 1]);
        head[16] = 4;
        // The number of program headers is in section header 0, which lies in the first of them.
        let (table, sections) = if bits == 64 { (32, 40) } else { (28, 32) };
        head[table] = u8::try_from(header).unwrap();
        let fields = if bits == 64 { 54 } else { 42 };
        head[fields] = size;
        head[fields + 2..fields + 4].fill(0xff);
        let section = header + usize::from(size);
        head[sections] = u8::try_from(section).unwrap();
        let mut count = 0_u32;
        let mut file = filled(&head, b"", |file, index| {
            count = index + 1;
            let mut part = vec![0; usize::from(size)];
            part[0] = 1;
            // Two bytes each in the file, somewhere else in memory, in no order.
            let address = u64::from(mixed(index)) << 8;
            if bits == 64 {
                part[8] = mixed(index).to_le_bytes()[0];
                part[16..24].copy_from_slice(&address.to_le_bytes());
                part[32] = 1;
                part[40] = 1;
            } else {
                part[4] = mixed(index).to_le_bytes()[0];
                part[8..12].copy_from_slice(&(index * 300).to_le_bytes());
                part[16] = 1;
                part[20] = 1;
            }
            if index == 1 {
                part.fill(0);
            }
            file.extend(part);
        });
        let at = section + if bits == 64 { 44 } else { 28 };
        file[at..at + 4].copy_from_slice(&count.to_le_bytes());
        dense("elf_core", &file);
        // One segment of notes.
        let mut head = head.clone();
        head[fields + 2..fields + 4].copy_from_slice(&[1, 0]);
        let mut part = vec![0; usize::from(size)];
        part[0] = 4;
        let notes = section;
        let mut file = filled(&[head, part].concat(), b"", |file, index| {
            file.extend(4_u32.to_le_bytes());
            file.extend(1_u32.to_le_bytes());
            file.extend(mixed(index).to_le_bytes());
            file.extend(b"CORE");
            file.extend(b"a\0\0\0");
        });
        let length = u32::try_from(file.len() - notes).unwrap();
        let (offset_at, length_at) = if bits == 64 { (8, 32) } else { (4, 16) };
        file[header + offset_at] = u8::try_from(notes).unwrap();
        file[header + length_at..header + length_at + 4].copy_from_slice(&length.to_le_bytes());
        dense("elf_core", &file);
    }
}

/// The header of a QCOW2 image, version 3, with clusters of 16 KiB and extended entries.
fn extended_entries(file: &mut [u8], disk: usize, tables: usize) {
    file[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
    file[20..24].copy_from_slice(&14_u32.to_be_bytes());
    file[24..32].copy_from_slice(&(disk as u64).to_be_bytes());
    file[36..40].copy_from_slice(&u32::try_from(tables).unwrap().to_be_bytes());
    file[40..48].copy_from_slice(&(1_u64 << 14).to_be_bytes());
    file[72..80].copy_from_slice(&0x10_u64.to_be_bytes());
    file[100..104].copy_from_slice(&104_u32.to_be_bytes());
}

#[test]
fn qcow2_with_scattered_subclusters() {
    // Version 3, clusters of 16 KiB, extended entries: 32 subclusters of 512 bytes, every second one
    // allocated.
    let cluster = 1 << 14;
    let entries = cluster / 16;
    let data = 100_usize;
    let disk = data * 512 * 32;
    let tables = data.div_ceil(entries);
    let mut file = vec![0; cluster * (2 + tables + data)];
    extended_entries(&mut file, disk, tables);
    for table in 0..tables {
        let at = cluster + 8 * table;
        file[at..at + 8].copy_from_slice(&(1 << 63 | (cluster * (2 + table)) as u64).to_be_bytes());
    }
    for index in 0..data {
        let at = 2 * cluster + 16 * index;
        let to = cluster * (2 + tables + (index * 7) % data);
        file[at..at + 8].copy_from_slice(&(to as u64).to_be_bytes());
        file[at + 8..at + 16].copy_from_slice(&0x5555_5555_u64.to_be_bytes());
    }
    dense("qcow2", &file);

    // The same cluster again and again: data may be shared, so that entries of 16 bytes are all there is.
    let tables = 100;
    let disk = tables * entries * cluster;
    let mut file = vec![0; cluster * (3 + tables)];
    extended_entries(&mut file, disk, tables);
    for table in 0..tables {
        let at = cluster + 8 * table;
        file[at..at + 8].copy_from_slice(&(1 << 63 | (cluster * (3 + table)) as u64).to_be_bytes());
        for entry in 0..entries {
            let at = cluster * (3 + table) + 16 * entry;
            file[at..at + 8].copy_from_slice(&(2 * cluster as u64).to_be_bytes());
            file[at + 8..at + 16].copy_from_slice(&0x5555_5555_u64.to_be_bytes());
        }
    }
    dense("qcow2", &file);
}

/// A capture of raw IP packets.
fn pcap(packet: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    let head = b"\xA1\xB2\xC3\xD4\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\xFF\xFF\0\0\0\x65";
    filled(head, b"", |file, index| {
        let packet = packet(index);
        let length = u32::try_from(packet.len()).unwrap().to_be_bytes();
        file.extend([0; 8]);
        file.extend(length);
        file.extend(length);
        file.extend(packet);
    })
}

/// An IPv4 packet from an address and a port.
fn ipv4(from: u32, port: u16, more: [u8; 2], sequence: u32, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(40 + data.len()).unwrap().to_be_bytes();
    let mut packet = vec![0x45, 0, length[0], length[1], 0, 1, more[0], more[1], 64, 6, 0, 0];
    packet.extend(from.to_be_bytes());
    packet.extend([10, 0, 0, 2]);
    packet.extend(port.to_be_bytes());
    packet.extend([0x99, 25]);
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0]);
    packet.extend(data);
    packet
}

#[test]
fn pcap_of_connections() {
    // Connections without data, with a byte, with a byte that waits, with a record of TLS.
    dense("pcap", &pcap(|index| ipv4(mixed(index), 999, [0, 0], 7, b"")));
    dense("pcap", &pcap(|index| ipv4(mixed(index), 65000, [0, 0], 7, b"a")));
    let waits = pcap(|index| {
        let (number, data): (u32, &[u8]) = if index % 2 == 0 { (7, b"") } else { (9, b"a") };
        ipv4(mixed(index / 2), 65000, [0, 0], number, data)
    });
    dense("pcap", &waits);
    let tls = pcap(|index| ipv4(mixed(index), 65000, [0, 0], 7, b"\x17\x03\x03\0\x01a"));
    dense("tls", &tls);
    let tls = pcap(|index| ipv4(mixed(index), 65000, [0, 0], 7, b"\x16\x03\x01\0\x04\x01\0\0\0"));
    dense("tls", &tls);
}

#[test]
fn pcap_of_segments_and_fragments() {
    // One connection whose bytes come in any order.
    let segments = pcap(|index| ipv4(5, 999, [0, 0], 2 * (mixed(index) >> 4), b"a"));
    dense("pcap", &segments);
    // Fragments of which the rest never comes.
    let fragments = |more: [u8; 2], data: usize| {
        pcap(move |index| {
            let mut packet = ipv4(mixed(index), 1, more, 1, b"");
            packet.truncate(20 + data);
            packet[3] = u8::try_from(20 + data).unwrap();
            packet
        })
    };
    dense("pcap", &fragments([0x20, 0], 0));
    dense("pcap", &fragments([0x20, 0], 1));
    dense("pcap", &fragments([0x20, 1], 1));
}

#[test]
fn mpegts_of_packets() {
    let file = filled(b"", b"", |file, index| {
        let pid = mixed(index) % 8000 + 32;
        let [_, _, high, low] = pid.to_be_bytes();
        file.extend([0x47, high, low, 0x10 | (index % 16) as u8]);
        file.resize(file.len() + 184, b'a');
    });
    dense("mpegts", &file);
    // Each packet begins a packet of an elementary stream.
    let file = filled(b"", b"", |file, index| {
        file.extend([0x47, 0x41, 0, 0x30 | (index % 16) as u8, 175, 0]);
        file.resize(file.len() + 174, 0xff);
        file.extend(b"\0\0\x01\xe0\0\0\x80\0");
    });
    dense("mpegts", &file);
}

#[test]
fn dicom_of_fragments() {
    let mut head = [&[0; 128][..], b"DICM\x02\0\x10\0UI\x16\x001.2.840.10008.1.2.4.50"].concat();
    head.extend(b"\xe0\x7f\x10\0OB\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\0\0\0\0");
    let file = filled(&head, b"\xfe\xff\xdd\xe0\0\0\0\0", |file, index| {
        file.extend(b"\xfe\xff\x00\xe0");
        let length = 2 * (mixed(index) % 3);
        file.extend(length.to_le_bytes());
        file.resize(file.len() + length as usize, b'a');
    });
    dense("dicom", &file);
    // Sequences of undefined length, one in another.
    let mut head = [&[0; 128][..], b"DICM\x02\0\x10\0UI\x12\x001.2.840.10008.1.2"].concat();
    head.truncate(head.len());
    let file = filled(&head, b"", |file, _| {
        file.extend(b"\x08\0\x40\x11\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff");
    });
    dense("dicom", &file);
}

#[test]
fn logs_of_records() {
    let file = filled(b"", b"", |file, index| {
        let left = 32768 - file.len() % 32768;
        if left < 20 {
            file.resize(file.len() + left, 0);
        }
        let length = (mixed(index) % 3) as u8;
        file.extend([0, 0, 0, 0, length, 0, 1]);
        file.resize(file.len() + usize::from(length), b'a');
    });
    dense("leveldb_log", &file);
}
