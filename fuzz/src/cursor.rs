//! Views as files: against `std::io::Cursor` on the joined bytes.

use std::io::{self, BufRead, IoSlice, IoSliceMut, Read, Seek, SeekFrom, Write};

use bytes::{Buf, BufMut, Bytes};
use fragview::geometry::Slice;
use fragview::io::Cursor;
use fragview::memory::{Exclusive, Kind};
use fragview::{ExclusiveView, MemoryRef};

use crate::input::Input;
use crate::material::{Material, Of, Page};
use crate::model::{Model, Pages, whole};

/// A file of one kind of memory or another: reads, seeks and writes.
pub fn cursor(data: &[u8]) {
    let mut input = Input::new(data);
    match input.up_to(2) {
        0 => frozen(&mut input),
        1 => shared(&mut input),
        _ => exclusive(&mut input),
    }
}

fn part<O: Material>(pages: &Pages<O>, input: &mut Input<'_>) -> (Of<O>, Model)
where
    Of<O>: Clone,
{
    let (view, model) = whole(pages, input);
    let step = input.one(&[1, 1, 1, -1, 3]);
    let slice = Slice {
        start: None,
        stop: None,
        step,
    };
    (view.slice_with_step(slice), model.pick(slice))
}

fn frozen(input: &mut Input<'_>) {
    let pages = Pages::<Bytes>::new(input);
    let (view, model) = part(&pages, input);
    let bytes = model.bytes(&pages);
    let mut file = Cursor::new(view.into_bytes().unwrap());
    while !input.is_empty() {
        read(&mut file, &bytes, input);
    }
}

fn shared(input: &mut Input<'_>) {
    let mut pages = Pages::<Page>::new(input);
    let (view, model) = part(&pages, input);
    let mut file = Cursor::new(view.into_bytes().unwrap());
    while !input.is_empty() {
        let bytes = model.bytes(&pages);
        if input.byte() < 160 {
            read(&mut file, &bytes, input);
            continue;
        }
        let (start, at) = (file.position(), at(&file, bytes.len()));
        let count = input.one(&[3, 0, 1, 20, 2000]);
        let source = input.bytes(count);
        let count = count.min(bytes.len() - at);
        let cells = &model.cells()[at..at + count];
        match file.write(&source) {
            Ok(written) => {
                assert_eq!(written, count);
                for (cell, &byte) in cells.iter().zip(&source) {
                    let (page, offset) = cell.unwrap();
                    assert!(pages.is_writable(*cell));
                    pages.bytes[page][offset] = byte;
                }
                assert_eq!(file.position(), start + count as u64);
            }
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
                assert!(!cells.iter().all(|&cell| pages.is_writable(cell)));
                assert_eq!(file.position(), start);
            }
        }
        file.flush().unwrap();
        pages.check();
    }
}

fn exclusive(input: &mut Input<'_>) {
    let size = input.one(&[50, 0, 1, 700]);
    let mut base: Vec<u8> = (0..size).map(|index| (index * 3) as u8).collect();
    let mut bytes = base.clone();
    let (mut rest, mut pieces) = (&mut base[..], Vec::new());
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at_mut(input.up_to(9).max(1).min(rest.len()));
        pieces.push(piece);
        rest = tail;
    }
    let mut view = ExclusiveView::from_slices_mut(pieces).unwrap();
    let turned = input.byte() < 60;
    if turned {
        view = view.into_reversed();
        bytes.reverse();
    }
    let mut file = Cursor::new(view);
    while !input.is_empty() {
        if input.byte() < 160 {
            read(&mut file, &bytes, input);
        } else {
            write(&mut file, &mut bytes, input);
        }
    }
    drop(file);
    if turned {
        bytes.reverse();
    }
    assert_eq!(base, bytes);
}

/// Where a read begins: the position, or the end.
fn at<K: Kind, R: MemoryRef>(file: &Cursor<K, R>, length: usize) -> usize {
    usize::try_from(file.position()).map_or(length, |position| position.min(length))
}

fn write<R: MemoryRef>(file: &mut Cursor<Exclusive<'_>, R>, bytes: &mut [u8], input: &mut Input<'_>) {
    let start = at(file, bytes.len());
    let count = input.one(&[3, 0, 1, 20, 900]);
    let source = input.bytes(count);
    let count = source.len().min(bytes.len() - start);
    match input.up_to(2) {
        0 => assert_eq!(file.write(&source).unwrap(), count),
        1 => {
            let (head, tail) = source.split_at(source.len() / 2);
            let written = file
                .write_vectored(&[IoSlice::new(head), IoSlice::new(tail)])
                .unwrap();
            assert!(written <= count && (written > 0 || count == 0));
            bytes[start..start + written].copy_from_slice(&source[..written]);
            return;
        }
        _ => {
            assert_eq!(file.remaining_mut(), bytes.len() - start);
            if !file.has_remaining_mut() {
                return;
            }
            assert!(file.chunk_mut().len() > 0);
            file.put_slice(&source[..count]);
        }
    }
    bytes[start..start + count].copy_from_slice(&source[..count]);
}

/// One read or seek, and the same on a plain vector.
fn read<K: Kind, R: MemoryRef>(file: &mut Cursor<K, R>, bytes: &[u8], input: &mut Input<'_>) {
    let mut same = io::Cursor::new(bytes);
    same.set_position(file.position());
    let left = bytes.len() - at(file, bytes.len());
    let count = input.one(&[1, 0, 2, 7, 64, 600, 9000]);
    let (mut target, mut expected) = (vec![0; count], vec![0; count]);
    match input.up_to(12) {
        0 => {
            assert_eq!(file.read(&mut target).unwrap(), same.read(&mut expected).unwrap());
            assert_eq!(target, expected);
        }
        1 => {
            let half = count / 2;
            let (head, tail) = target.split_at_mut(half);
            let read = file
                .read_vectored(&mut [IoSliceMut::new(head), IoSliceMut::new(tail)])
                .unwrap();
            assert_eq!(read, same.read(&mut expected).unwrap());
            assert_eq!(target, expected);
        }
        2 => {
            let (mut target, mut expected) = (vec![9], vec![9]);
            assert_eq!(
                file.read_to_end(&mut target).unwrap(),
                same.read_to_end(&mut expected).unwrap()
            );
            assert_eq!(target, expected);
        }
        3 => {
            let (ours, theirs) = (file.read_exact(&mut target), same.read_exact(&mut expected));
            assert_eq!(
                ours.map_err(|error| error.kind()),
                theirs.map_err(|error| error.kind())
            );
            assert!(count > left || target == expected);
            if count > left && left == 0 {
                // From past the end, `std` goes back to it; a failed read leaves this one where it is.
                same.set_position(file.position());
            }
        }
        4 => {
            let byte = input.byte();
            target.clear();
            expected.clear();
            let ours = file.read_until(byte, &mut target).unwrap();
            assert_eq!(ours, same.read_until(byte, &mut expected).unwrap());
            assert_eq!(target, expected);
        }
        5 => {
            let chunk = file.fill_buf().unwrap().to_vec();
            assert!(same.fill_buf().unwrap().starts_with(&chunk) && chunk.is_empty() == (left == 0));
            let step = input.up_to(chunk.len() + 1);
            file.consume(step);
            same.consume(step.min(left));
        }
        6 | 7 => {
            let offset = input.up_to(2 * bytes.len() + 9) as i64 - bytes.len() as i64 - 4;
            let offset = input.one(&[offset, offset, offset, i64::MAX, i64::MIN]);
            let target = match input.up_to(2) {
                0 => SeekFrom::Start(offset.unsigned_abs()),
                1 => SeekFrom::End(offset),
                _ => SeekFrom::Current(offset),
            };
            let (ours, theirs) = (file.seek(target), same.seek(target));
            assert_eq!(
                ours.map_err(|error| error.kind()),
                theirs.map_err(|error| error.kind())
            );
            assert_eq!(file.stream_position().unwrap(), same.position());
        }
        8 => {
            let result = file.read_slice(&mut target);
            assert_eq!(result.is_some(), count <= left);
            if result.is_some() {
                same.read_exact(&mut expected).unwrap();
                assert_eq!(target, expected);
            }
        }
        9 => {
            assert_eq!(Buf::remaining(file), left);
            let step = input.up_to(left);
            file.advance(step);
            if left > 0 {
                same.set_position(same.position() + step as u64);
            }
        }
        10 => {
            assert_eq!(file.try_copy_to_slice(&mut target).is_ok(), count <= left);
            if count <= left {
                same.read_exact(&mut expected).unwrap();
                assert_eq!(target, expected);
            }
        }
        11 => {
            let mut slices = [IoSlice::new(&[]); 4];
            let filled = file.chunks_vectored(&mut slices);
            let lent: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
            assert!(bytes[bytes.len() - left..].starts_with(&lent));
            assert!(slices[..filled].iter().all(|slice| !slice.is_empty()) && (filled > 0) == (left > 0));
        }
        _ => {
            if left >= 4 {
                assert_eq!(file.get_u32(), same.get_u32());
            } else {
                file.set_position(input.up_to(bytes.len() + 3) as u64);
                same.set_position(file.position());
            }
        }
    }
    assert_eq!(file.position(), same.position());
}
